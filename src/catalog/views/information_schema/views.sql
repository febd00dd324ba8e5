-- oid: 13483
SELECT CAST(current_database() AS name) AS table_catalog, CAST(n.nspname AS name) AS table_schema,
  CAST(c.relname AS name) AS table_name,
  CAST(CASE WHEN pg_has_role(c.relowner, 'USAGE') THEN pg_get_viewdef(c.oid) END AS varchar) AS view_definition,
  CAST(CASE WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED' WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL' ELSE 'NONE' END AS varchar) AS check_option,
  CAST(CASE WHEN pg_relation_is_updatable(c.oid::regclass, false) & 20 = 20 THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_updatable,
  CAST(CASE WHEN pg_relation_is_updatable(c.oid::regclass, false) & 8 = 8 THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_insertable_into,
  CAST('NO' AS varchar(3)) AS is_trigger_updatable, CAST('NO' AS varchar(3)) AS is_trigger_deletable,
  CAST('NO' AS varchar(3)) AS is_trigger_insertable_into
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND NOT pg_is_other_temp_schema(n.oid)
  AND (pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
