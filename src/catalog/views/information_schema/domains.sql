-- oid: 13320
SELECT CAST(current_database() AS name) AS domain_catalog, CAST(nt.nspname AS name) AS domain_schema,
  CAST(t.typname AS name) AS domain_name,
  CAST(CASE WHEN nb.nspname = 'pg_catalog' THEN format_type(b.oid, NULL) ELSE 'USER-DEFINED' END AS varchar) AS data_type,
  CAST(CASE WHEN t.typtypmod = -1 THEN NULL WHEN t.typbasetype IN (1042, 1043) THEN t.typtypmod - 4 WHEN t.typbasetype IN (1560, 1562) THEN t.typtypmod END AS integer) AS character_maximum_length,
  CAST(CASE WHEN t.typbasetype IN (25, 1042, 1043) THEN CASE WHEN t.typtypmod = -1 THEN 1073741824 ELSE (t.typtypmod - 4) * 4 END END AS integer) AS character_octet_length,
  NULL::name AS character_set_catalog, NULL::name AS character_set_schema, NULL::name AS character_set_name,
  CAST(CASE WHEN nc.nspname IS NOT NULL THEN current_database() END AS name) AS collation_catalog,
  CAST(nc.nspname AS name) AS collation_schema, CAST(co.collname AS name) AS collation_name,
  CAST(CASE t.typbasetype WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN t.typtypmod <> -1 THEN ((t.typtypmod - 4) >> 16) & 65535 END END AS integer) AS numeric_precision,
  CAST(CASE WHEN t.typbasetype IN (20, 21, 23, 700, 701) THEN 2 WHEN t.typbasetype = 1700 THEN 10 END AS integer) AS numeric_precision_radix,
  CAST(CASE WHEN t.typbasetype IN (20, 21, 23) THEN 0 WHEN t.typbasetype = 1700 AND t.typtypmod <> -1 THEN (t.typtypmod - 4) & 65535 END AS integer) AS numeric_scale,
  CAST(CASE WHEN t.typbasetype = 1082 THEN 0 WHEN t.typbasetype IN (1083, 1114, 1184, 1266) THEN CASE WHEN t.typtypmod < 0 THEN 6 ELSE t.typtypmod END WHEN t.typbasetype = 1186 THEN CASE WHEN t.typtypmod < 0 OR t.typtypmod & 65535 = 65535 THEN 6 ELSE t.typtypmod & 65535 END END AS integer) AS datetime_precision,
  CAST(CASE WHEN t.typbasetype = 1186 THEN upper(substring(format_type(t.typbasetype, t.typtypmod) FROM 'interval[()0-9]* (.*)$')) END AS varchar) AS interval_type,
  NULL::integer AS interval_precision,
  CAST(t.typdefault AS varchar) AS domain_default, CAST(current_database() AS name) AS udt_catalog,
  CAST(nb.nspname AS name) AS udt_schema, CAST(b.typname AS name) AS udt_name, NULL::name AS scope_catalog,
  NULL::name AS scope_schema, NULL::name AS scope_name, NULL::integer AS maximum_cardinality, CAST(1 AS name) AS dtd_identifier
FROM pg_type AS t
JOIN pg_namespace AS nt ON nt.oid = t.typnamespace
JOIN pg_type AS b ON b.oid = t.typbasetype
JOIN pg_namespace AS nb ON nb.oid = b.typnamespace
LEFT JOIN pg_collation AS co ON co.oid = t.typcollation AND co.collname <> 'default'
LEFT JOIN pg_namespace AS nc ON nc.oid = co.collnamespace
WHERE t.typtype = 'd' AND (pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE'))
