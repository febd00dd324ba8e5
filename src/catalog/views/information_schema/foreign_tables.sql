-- oid: 13541
SELECT CAST(current_database() AS name) AS foreign_table_catalog, n.nspname AS foreign_table_schema, c.relname AS foreign_table_name,
  CAST(current_database() AS name) AS foreign_server_catalog, s.srvname AS foreign_server_name
FROM pg_foreign_table AS t
JOIN pg_class AS c ON c.oid = t.ftrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_foreign_server AS s ON s.oid = t.ftserver
WHERE pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
  OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
