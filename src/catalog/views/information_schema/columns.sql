-- oid: 13295
SELECT CAST(current_database() AS name) AS table_catalog, CAST(n.nspname AS name) AS table_schema,
  CAST(c.relname AS name) AS table_name, CAST(a.attname AS name) AS column_name,
  CAST(a.attnum AS integer) AS ordinal_position,
  CAST(CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS varchar) AS column_default,
  CAST(CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'NO' ELSE 'YES' END AS varchar(3)) AS is_nullable,
  CAST(CASE WHEN t.typtype = 'd' THEN CASE WHEN bt.typelem <> 0 AND bt.typlen = -1 AND bt.typcategory = 'A' THEN 'ARRAY' WHEN nb.nspname = 'pg_catalog' THEN format_type(bt.oid, NULL) ELSE 'USER-DEFINED' END ELSE CASE WHEN t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A' THEN 'ARRAY' WHEN nt.nspname = 'pg_catalog' THEN format_type(t.oid, NULL) ELSE 'USER-DEFINED' END END AS varchar) AS data_type,
  CAST(CASE WHEN m.typmod = -1 THEN NULL WHEN m.oid IN (1042, 1043) THEN m.typmod - 4 WHEN m.oid IN (1560, 1562) THEN m.typmod END AS integer) AS character_maximum_length,
  CAST(CASE WHEN m.oid IN (25, 1042, 1043) THEN CASE WHEN m.typmod = -1 THEN 1073741824 ELSE (m.typmod - 4) * 4 END END AS integer) AS character_octet_length,
  CAST(CASE m.oid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN m.typmod <> -1 THEN ((m.typmod - 4) >> 16) & 65535 END END AS integer) AS numeric_precision,
  CAST(CASE WHEN m.oid IN (20, 21, 23, 700, 701) THEN 2 WHEN m.oid = 1700 THEN 10 END AS integer) AS numeric_precision_radix,
  CAST(CASE WHEN m.oid IN (20, 21, 23) THEN 0 WHEN m.oid = 1700 AND m.typmod <> -1 THEN (m.typmod - 4) & 65535 END AS integer) AS numeric_scale,
  CAST(CASE WHEN m.oid = 1082 THEN 0 WHEN m.oid IN (1083, 1114, 1184, 1266) THEN CASE WHEN m.typmod < 0 THEN 6 ELSE m.typmod END WHEN m.oid = 1186 THEN CASE WHEN m.typmod < 0 OR m.typmod & 65535 = 65535 THEN 6 ELSE m.typmod & 65535 END END AS integer) AS datetime_precision,
  CAST(CASE WHEN m.oid = 1186 THEN upper(substring(format_type(m.oid, m.typmod) FROM 'interval[()0-9]* (.*)$')) END AS varchar) AS interval_type,
  NULL::integer AS interval_precision,
  NULL::name AS character_set_catalog, NULL::name AS character_set_schema, NULL::name AS character_set_name,
  CAST(CASE WHEN nc.nspname IS NOT NULL THEN current_database() END AS name) AS collation_catalog,
  CAST(nc.nspname AS name) AS collation_schema, CAST(co.collname AS name) AS collation_name,
  CAST(CASE WHEN t.typtype = 'd' THEN current_database() END AS name) AS domain_catalog,
  CAST(CASE WHEN t.typtype = 'd' THEN nt.nspname END AS name) AS domain_schema,
  CAST(CASE WHEN t.typtype = 'd' THEN t.typname END AS name) AS domain_name,
  CAST(current_database() AS name) AS udt_catalog, CAST(coalesce(nb.nspname, nt.nspname) AS name) AS udt_schema,
  CAST(coalesce(bt.typname, t.typname) AS name) AS udt_name, NULL::name AS scope_catalog, NULL::name AS scope_schema,
  NULL::name AS scope_name, NULL::integer AS maximum_cardinality, CAST(a.attnum AS name) AS dtd_identifier,
  CAST('NO' AS varchar(3)) AS is_self_referencing,
  CAST(CASE WHEN a.attidentity IN ('a', 'd') THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_identity,
  CAST(CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS varchar) AS identity_generation,
  CAST(s.seqstart AS varchar) AS identity_start, CAST(s.seqincrement AS varchar) AS identity_increment,
  CAST(s.seqmax AS varchar) AS identity_maximum, CAST(s.seqmin AS varchar) AS identity_minimum,
  CAST(CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END AS varchar(3)) AS identity_cycle,
  CAST(CASE WHEN a.attgenerated <> '' THEN 'ALWAYS' ELSE 'NEVER' END AS varchar) AS is_generated,
  CAST(CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS varchar) AS generation_expression,
  CAST(CASE WHEN c.relkind IN ('r', 'p') OR (c.relkind IN ('v', 'f') AND pg_column_is_updatable(c.oid::regclass, a.attnum, false)) THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_updatable
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_namespace AS nt ON nt.oid = t.typnamespace
CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod) AS m
LEFT JOIN (pg_type AS bt JOIN pg_namespace AS nb ON nb.oid = bt.typnamespace) ON t.typtype = 'd' AND bt.oid = t.typbasetype
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation AS co ON co.oid = a.attcollation AND co.collname <> 'default'
LEFT JOIN pg_namespace AS nc ON nc.oid = co.collnamespace
LEFT JOIN (pg_depend AS dep JOIN pg_sequence AS s ON dep.classid = 1259 AND dep.objid = s.seqrelid AND dep.deptype = 'i')
  ON a.attidentity <> '' AND dep.refclassid = 1259 AND dep.refobjid = c.oid AND dep.refobjsubid = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p') AND NOT pg_is_other_temp_schema(n.oid)
  AND (pg_has_role(c.relowner, 'USAGE') OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
