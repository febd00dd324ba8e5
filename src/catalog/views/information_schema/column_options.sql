-- oid: 13503
SELECT CAST(current_database() AS name) AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, a.attname AS column_name,
  CAST(o.option_name AS name) AS option_name, CAST(o.option_value AS varchar) AS option_value
FROM pg_foreign_table AS t
JOIN pg_class AS c ON c.oid = t.ftrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid
CROSS JOIN LATERAL pg_options_to_table(a.attfdwoptions) AS o
WHERE a.attnum > 0 AND (pg_has_role(c.relowner, 'USAGE') OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
