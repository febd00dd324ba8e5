-- oid: 13245
SELECT CAST(current_database() AS name) AS udt_catalog, CAST(n.nspname AS name) AS udt_schema, CAST(c.relname AS name) AS udt_name,
  CAST(a.attname AS name) AS attribute_name, CAST(a.attnum AS integer) AS ordinal_position,
  CAST(pg_get_expr(d.adbin, d.adrelid) AS varchar) AS attribute_default,
  CAST(CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'NO' ELSE 'YES' END AS varchar(3)) AS is_nullable,
  CAST(CASE WHEN t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A' THEN 'ARRAY' WHEN nt.nspname = 'pg_catalog' THEN format_type(t.oid, NULL) ELSE 'USER-DEFINED' END AS varchar) AS data_type,
  CAST(CASE WHEN m.typmod = -1 THEN NULL WHEN m.oid IN (1042, 1043) THEN m.typmod - 4 WHEN m.oid IN (1560, 1562) THEN m.typmod END AS integer) AS character_maximum_length,
  CAST(CASE WHEN m.oid IN (25, 1042, 1043) THEN CASE WHEN m.typmod = -1 THEN 1073741824 ELSE (m.typmod - 4) * 4 END END AS integer) AS character_octet_length,
  NULL::name AS character_set_catalog, NULL::name AS character_set_schema, NULL::name AS character_set_name,
  CAST(CASE WHEN nc.nspname IS NOT NULL THEN current_database() END AS name) AS collation_catalog,
  CAST(nc.nspname AS name) AS collation_schema, CAST(co.collname AS name) AS collation_name,
  CAST(CASE m.oid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN m.typmod <> -1 THEN ((m.typmod - 4) >> 16) & 65535 END END AS integer) AS numeric_precision,
  CAST(CASE WHEN m.oid IN (20, 21, 23, 700, 701) THEN 2 WHEN m.oid = 1700 THEN 10 END AS integer) AS numeric_precision_radix,
  CAST(CASE WHEN m.oid IN (20, 21, 23) THEN 0 WHEN m.oid = 1700 AND m.typmod <> -1 THEN (m.typmod - 4) & 65535 END AS integer) AS numeric_scale,
  CAST(CASE WHEN m.oid = 1082 THEN 0 WHEN m.oid IN (1083, 1114, 1184, 1266) THEN CASE WHEN m.typmod < 0 THEN 6 ELSE m.typmod END WHEN m.oid = 1186 THEN CASE WHEN m.typmod < 0 OR m.typmod & 65535 = 65535 THEN 6 ELSE m.typmod & 65535 END END AS integer) AS datetime_precision,
  CAST(CASE WHEN m.oid = 1186 THEN upper(substring(format_type(m.oid, m.typmod) FROM 'interval[()0-9]* (.*)$')) END AS varchar) AS interval_type,
  NULL::integer AS interval_precision,
  CAST(current_database() AS name) AS attribute_udt_catalog, CAST(nt.nspname AS name) AS attribute_udt_schema,
  CAST(t.typname AS name) AS attribute_udt_name, NULL::name AS scope_catalog, NULL::name AS scope_schema,
  NULL::name AS scope_name, NULL::integer AS maximum_cardinality, CAST(a.attnum AS name) AS dtd_identifier,
  CAST('NO' AS varchar(3)) AS is_derived_reference_attribute
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_namespace AS nt ON nt.oid = t.typnamespace
CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod) AS m
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation AS co ON co.oid = a.attcollation AND co.collname <> 'default'
LEFT JOIN pg_namespace AS nc ON nc.oid = co.collnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'c'
  AND (pg_has_role(c.relowner, 'USAGE') OR has_type_privilege(c.reltype, 'USAGE'))
