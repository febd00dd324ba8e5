-- oid: 13411
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(r.constraint_schema AS name) AS constraint_schema,
  CAST(r.constraint_name AS name) AS constraint_name, CAST(current_database() AS name) AS table_catalog,
  CAST(r.table_schema AS name) AS table_schema, CAST(r.relname AS name) AS table_name,
  CAST(CASE r.contype WHEN 'c' THEN 'CHECK' WHEN 'n' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END AS varchar) AS constraint_type,
  CAST(CASE WHEN r.condeferrable THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_deferrable,
  CAST(CASE WHEN r.condeferred THEN 'YES' ELSE 'NO' END AS varchar(3)) AS initially_deferred,
  CAST('YES' AS varchar(3)) AS "enforced", CAST(r.nulls AS varchar(3)) AS nulls_distinct
FROM (
  SELECT nc.nspname AS constraint_schema, c.conname AS constraint_name, r.oid, r.relowner, nr.nspname AS table_schema,
    r.relname, c.contype, c.condeferrable, c.condeferred,
    CASE WHEN c.contype = 'u' THEN (SELECT CASE WHEN i.indnullsnotdistinct THEN 'NO' ELSE 'YES' END FROM pg_index AS i WHERE i.indexrelid = c.conindid) END AS nulls
  FROM pg_constraint AS c
  JOIN pg_namespace AS nc ON nc.oid = c.connamespace
  JOIN pg_class AS r ON r.oid = c.conrelid
  JOIN pg_namespace AS nr ON nr.oid = r.relnamespace
  WHERE c.contype NOT IN ('t', 'x') AND r.relkind IN ('r', 'p') AND NOT pg_is_other_temp_schema(nr.oid)
  UNION ALL
  SELECT nr.nspname, nr.oid::text || '_' || r.oid::text || '_' || a.attnum::text || '_not_null', r.oid, r.relowner, nr.nspname,
    r.relname, 'n', false, false, NULL
  FROM pg_attribute AS a
  JOIN pg_class AS r ON r.oid = a.attrelid
  JOIN pg_namespace AS nr ON nr.oid = r.relnamespace
  WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p') AND NOT pg_is_other_temp_schema(nr.oid)
) AS r
WHERE (pg_has_role(r.relowner, 'USAGE') OR has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    OR has_any_column_privilege(r.oid, 'INSERT, UPDATE, REFERENCES'))
