-- oid: 13305
SELECT CAST(current_database() AS name) AS table_catalog, CAST(nr.nspname AS name) AS table_schema,
  CAST(r.relname AS name) AS table_name, CAST(current_database() AS name) AS constraint_catalog,
  CAST(nc.nspname AS name) AS constraint_schema, CAST(c.conname AS name) AS constraint_name
FROM pg_constraint AS c
JOIN pg_namespace AS nc ON nc.oid = c.connamespace
JOIN pg_class AS r ON r.oid = CASE WHEN c.contype = 'f' THEN c.confrelid ELSE c.conrelid END
JOIN pg_namespace AS nr ON nr.oid = r.relnamespace
WHERE c.contype IN ('p', 'u', 'f') AND r.relkind IN ('r', 'p') AND pg_has_role(r.relowner, 'USAGE')
