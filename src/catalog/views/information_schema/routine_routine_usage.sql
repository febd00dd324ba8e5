-- oid: 13362
SELECT NULL::name AS specific_catalog, NULL::name AS specific_schema, NULL::name AS specific_name,
  NULL::name AS routine_catalog, NULL::name AS routine_schema, NULL::name AS routine_name
WHERE false
