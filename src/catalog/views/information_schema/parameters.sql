-- oid: 13334
SELECT CAST(current_database() AS name) AS specific_catalog, CAST(n.nspname AS name) AS specific_schema,
  CAST(p.proname || '_' || p.oid::text AS name) AS specific_name, CAST(k.n AS integer) AS ordinal_position,
  CAST(CASE p.proargmodes[k.n] WHEN 'o' THEN 'OUT' WHEN 'b' THEN 'INOUT' WHEN 't' THEN 'OUT' ELSE 'IN' END AS varchar) AS parameter_mode,
  CAST('NO' AS varchar(3)) AS is_result, CAST('NO' AS varchar(3)) AS as_locator,
  CAST(nullif(p.proargnames[k.n], '') AS name) AS parameter_name,
  CAST(CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY' WHEN nt.nspname = 'pg_catalog' THEN format_type(t.oid, NULL) ELSE 'USER-DEFINED' END AS varchar) AS data_type,
  NULL::integer AS character_maximum_length, NULL::integer AS character_octet_length,
  NULL::name AS character_set_catalog, NULL::name AS character_set_schema, NULL::name AS character_set_name,
  NULL::name AS collation_catalog, NULL::name AS collation_schema, NULL::name AS collation_name,
  NULL::integer AS numeric_precision, NULL::integer AS numeric_precision_radix, NULL::integer AS numeric_scale,
  NULL::integer AS datetime_precision, NULL::varchar AS interval_type, NULL::integer AS interval_precision,
  CAST(current_database() AS name) AS udt_catalog, CAST(nt.nspname AS name) AS udt_schema,
  CAST(t.typname AS name) AS udt_name, NULL::name AS scope_catalog, NULL::name AS scope_schema,
  NULL::name AS scope_name, NULL::integer AS maximum_cardinality, CAST(k.n AS name) AS dtd_identifier,
  NULL::varchar AS parameter_default
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
CROSS JOIN generate_series(1, 100) AS k(n)
JOIN pg_type AS t ON t.oid = coalesce(p.proallargtypes[k.n], p.proargtypes[k.n - 1])
JOIN pg_namespace AS nt ON nt.oid = t.typnamespace
WHERE k.n <= coalesce(cardinality(p.proallargtypes), p.pronargs)
  AND (pg_has_role(p.proowner, 'USAGE') OR has_function_privilege(p.oid, 'EXECUTE'))
