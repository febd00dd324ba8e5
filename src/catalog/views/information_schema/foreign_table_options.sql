-- oid: 13537
SELECT CAST(current_database() AS name) AS foreign_table_catalog, n.nspname AS foreign_table_schema, c.relname AS foreign_table_name,
  CAST(o.option_name AS name) AS option_name, CAST(o.option_value AS varchar) AS option_value
FROM pg_foreign_table AS t
JOIN pg_class AS c ON c.oid = t.ftrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_options_to_table(t.ftoptions) AS o
WHERE pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
  OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
