-- oid: 13339
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(nc.nspname AS name) AS constraint_schema,
  CAST(c.conname AS name) AS constraint_name,
  CAST(CASE WHEN nu.nspname IS NOT NULL THEN current_database() END AS name) AS unique_constraint_catalog,
  CAST(nu.nspname AS name) AS unique_constraint_schema, CAST(u.conname AS name) AS unique_constraint_name,
  CAST(CASE c.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' WHEN 's' THEN 'NONE' END AS varchar) AS match_option,
  CAST(CASE c.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END AS varchar) AS update_rule,
  CAST(CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END AS varchar) AS delete_rule
FROM pg_constraint AS c
JOIN pg_namespace AS nc ON nc.oid = c.connamespace
JOIN pg_class AS r ON r.oid = c.conrelid
LEFT JOIN pg_constraint AS u ON u.conindid = c.conindid AND u.contype IN ('p', 'u')
LEFT JOIN pg_namespace AS nu ON nu.oid = u.connamespace
WHERE c.contype = 'f'
  AND (pg_has_role(r.relowner, 'USAGE') OR has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'))
