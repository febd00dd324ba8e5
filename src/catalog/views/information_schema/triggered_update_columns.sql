-- oid: 13435
SELECT CAST(current_database() AS name) AS trigger_catalog, CAST(n.nspname AS name) AS trigger_schema, CAST(t.tgname AS name) AS trigger_name,
  CAST(current_database() AS name) AS event_object_catalog, CAST(n.nspname AS name) AS event_object_schema,
  CAST(c.relname AS name) AS event_object_table, CAST(a.attname AS name) AS event_object_column
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (t.tgattr)
WHERE t.tgtype & 16 <> 0 AND NOT t.tgisinternal AND NOT pg_is_other_temp_schema(n.oid)
  AND (pg_has_role(c.relowner, 'USAGE') OR has_column_privilege(c.oid, a.attnum, 'INSERT, UPDATE, REFERENCES'))
