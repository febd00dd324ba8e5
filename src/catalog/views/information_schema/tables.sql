-- oid: 13425
SELECT CAST(current_database() AS name) AS table_catalog, CAST(n.nspname AS name) AS table_schema,
  CAST(c.relname AS name) AS table_name,
  CAST(CASE WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY' WHEN c.relkind = 'v' THEN 'VIEW' WHEN c.relkind = 'f' THEN 'FOREIGN' ELSE 'BASE TABLE' END AS varchar) AS table_type,
  NULL::name AS self_referencing_column_name, NULL::varchar AS reference_generation,
  NULL::name AS user_defined_type_catalog, NULL::name AS user_defined_type_schema,
  NULL::name AS user_defined_type_name,
  CAST(CASE WHEN c.relkind IN ('r', 'p') OR (c.relkind IN ('v', 'f') AND pg_relation_is_updatable(c.oid::regclass, false) & 8 = 8) THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_insertable_into,
  CAST('NO' AS varchar(3)) AS is_typed, NULL::varchar AS commit_action
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'f', 'p') AND NOT pg_is_other_temp_schema(n.oid)
  AND (pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
