-- oid: 13386
SELECT CAST(current_database() AS name) AS sequence_catalog, CAST(n.nspname AS name) AS sequence_schema,
  CAST(c.relname AS name) AS sequence_name, CAST(format_type(s.seqtypid, NULL) AS varchar) AS data_type,
  CAST(CASE s.seqtypid WHEN 21 THEN 16 WHEN 23 THEN 32 ELSE 64 END AS integer) AS numeric_precision,
  CAST(2 AS integer) AS numeric_precision_radix, CAST(0 AS integer) AS numeric_scale,
  CAST(s.seqstart AS varchar) AS start_value, CAST(s.seqmin AS varchar) AS minimum_value,
  CAST(s.seqmax AS varchar) AS maximum_value, CAST(s.seqincrement AS varchar) AS "increment",
  CAST(CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END AS varchar(3)) AS cycle_option
FROM pg_sequence AS s
JOIN pg_class AS c ON c.oid = s.seqrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND NOT pg_is_other_temp_schema(n.oid)
  AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 1259 AND d.objid = c.oid AND d.deptype = 'i')
  AND (pg_has_role(c.relowner, 'USAGE') OR has_sequence_privilege(c.oid, 'SELECT, UPDATE, USAGE'))
