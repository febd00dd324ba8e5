-- oid: 13255
SELECT NULL::name AS constraint_catalog, NULL::name AS constraint_schema, NULL::name AS constraint_name,
  NULL::name AS specific_catalog, NULL::name AS specific_schema, NULL::name AS specific_name
WHERE false
