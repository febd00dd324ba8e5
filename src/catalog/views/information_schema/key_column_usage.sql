-- oid: 13329
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(nc.nspname AS name) AS constraint_schema,
  CAST(c.conname AS name) AS constraint_name, CAST(current_database() AS name) AS table_catalog,
  CAST(nr.nspname AS name) AS table_schema, CAST(r.relname AS name) AS table_name,
  CAST(a.attname AS name) AS column_name, CAST(k.n AS integer) AS ordinal_position,
  CAST(CASE WHEN c.contype = 'f' THEN array_position(u.conkey, c.confkey[k.n]) END AS integer) AS position_in_unique_constraint
FROM pg_constraint AS c
JOIN pg_class AS r ON r.oid = c.conrelid
JOIN pg_namespace AS nr ON nr.oid = r.relnamespace
JOIN pg_namespace AS nc ON nc.oid = c.connamespace
CROSS JOIN generate_series(1, 32) AS k(n)
JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum = c.conkey[k.n]
LEFT JOIN pg_constraint AS u ON c.contype = 'f' AND u.conindid = c.conindid AND u.contype IN ('p', 'u')
WHERE c.contype IN ('p', 'u', 'f') AND r.relkind IN ('r', 'p') AND k.n <= cardinality(c.conkey) AND NOT pg_is_other_temp_schema(nr.oid)
  AND (pg_has_role(r.relowner, 'USAGE') OR has_column_privilege(r.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
