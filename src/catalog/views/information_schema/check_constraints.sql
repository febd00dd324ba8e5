-- oid: 13260
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(k.schema_name AS name) AS constraint_schema,
  CAST(k.name AS name) AS constraint_name, CAST(k.clause AS varchar) AS check_clause
FROM (
  SELECT n.nspname AS schema_name, c.conname::text AS name, substring(pg_get_constraintdef(c.oid) FROM 7) AS clause, r.relowner
  FROM pg_constraint AS c
  JOIN pg_namespace AS n ON n.oid = c.connamespace
  JOIN pg_class AS r ON r.oid = c.conrelid
  WHERE c.contype = 'c'
  UNION ALL
  SELECT n.nspname, n.oid::text || '_' || r.oid::text || '_' || a.attnum::text || '_not_null', a.attname || ' IS NOT NULL', r.relowner
  FROM pg_attribute AS a
  JOIN pg_class AS r ON r.oid = a.attrelid
  JOIN pg_namespace AS n ON n.oid = r.relnamespace
  WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND r.relkind IN ('r', 'p')
) AS k
WHERE pg_has_role(k.relowner, 'USAGE')
