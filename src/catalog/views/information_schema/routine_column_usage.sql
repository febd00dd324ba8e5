-- oid: 13348
SELECT NULL::name AS specific_catalog, NULL::name AS specific_schema, NULL::name AS specific_name,
  NULL::name AS routine_catalog, NULL::name AS routine_schema, NULL::name AS routine_name,
  NULL::name AS table_catalog, NULL::name AS table_schema, NULL::name AS table_name, NULL::name AS column_name
WHERE false
