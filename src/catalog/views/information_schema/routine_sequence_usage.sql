-- oid: 13367
SELECT NULL::name AS specific_catalog, NULL::name AS specific_schema, NULL::name AS specific_name,
  NULL::name AS routine_catalog, NULL::name AS routine_schema, NULL::name AS routine_name,
  NULL::name AS sequence_catalog, NULL::name AS sequence_schema, NULL::name AS sequence_name
WHERE false
