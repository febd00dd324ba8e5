-- oid: 13493
SELECT CAST(current_database() AS name) AS object_catalog, CAST(n.nspname AS name) AS object_schema, CAST(x.name AS name) AS object_name,
  CAST(x.kind AS varchar) AS object_type, CAST(x.dtd_identifier AS name) AS collection_type_identifier,
  CAST(CASE WHEN b.typelem <> 0 AND b.typlen = -1 AND b.typcategory = 'A' THEN 'ARRAY' WHEN nb.nspname = 'pg_catalog' THEN format_type(b.oid, NULL) ELSE 'USER-DEFINED' END AS varchar) AS data_type,
  NULL::integer AS character_maximum_length, NULL::integer AS character_octet_length,
  NULL::name AS character_set_catalog, NULL::name AS character_set_schema, NULL::name AS character_set_name,
  CAST(CASE WHEN nc.nspname IS NOT NULL THEN current_database() END AS name) AS collation_catalog,
  CAST(nc.nspname AS name) AS collation_schema, CAST(co.collname AS name) AS collation_name,
  NULL::integer AS numeric_precision, NULL::integer AS numeric_precision_radix, NULL::integer AS numeric_scale,
  NULL::integer AS datetime_precision, NULL::varchar AS interval_type, NULL::integer AS interval_precision, NULL::varchar AS domain_default,
  CAST(current_database() AS name) AS udt_catalog, CAST(nb.nspname AS name) AS udt_schema, CAST(b.typname AS name) AS udt_name,
  NULL::name AS scope_catalog, NULL::name AS scope_schema, NULL::name AS scope_name, NULL::integer AS maximum_cardinality,
  CAST('a' || x.dtd_identifier AS name) AS dtd_identifier
FROM (
  SELECT c.relnamespace, c.relname, CASE WHEN c.relkind = 'c' THEN 'USER-DEFINED TYPE' ELSE 'TABLE' END, a.attnum::text, a.atttypid, a.attcollation
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'v', 'f', 'c', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT t.typnamespace, t.typname, 'DOMAIN', '1', t.typbasetype, t.typcollation
  FROM pg_type AS t
  WHERE t.typtype = 'd'
  UNION ALL
  SELECT p.pronamespace, p.proname || '_' || p.oid::text, 'ROUTINE', k.n::text, coalesce(p.proallargtypes[k.n], p.proargtypes[k.n - 1]), 0::oid
  FROM pg_proc AS p
  CROSS JOIN generate_series(1, 100) AS k(n)
  WHERE k.n <= coalesce(cardinality(p.proallargtypes), p.pronargs)
  UNION ALL
  SELECT p.pronamespace, p.proname || '_' || p.oid::text, 'ROUTINE', '0', p.prorettype, 0::oid
  FROM pg_proc AS p
) AS x (schema, name, kind, dtd_identifier, type, text_order)
JOIN pg_namespace AS n ON n.oid = x.schema
JOIN pg_type AS t ON t.oid = x.type AND t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A'
JOIN pg_type AS b ON b.oid = t.typelem
JOIN pg_namespace AS nb ON nb.oid = b.typnamespace
LEFT JOIN pg_collation AS co ON co.oid = x.text_order AND co.collname <> 'default'
LEFT JOIN pg_namespace AS nc ON nc.oid = co.collnamespace
JOIN information_schema.data_type_privileges AS v ON v.object_schema::text = n.nspname::text AND v.object_name::text = x.name::text
  AND v.object_type::text = x.kind AND v.dtd_identifier::text = x.dtd_identifier
