-- oid: 13473
SELECT NULL::name AS table_catalog, NULL::name AS table_schema, NULL::name AS table_name,
  NULL::name AS specific_catalog, NULL::name AS specific_schema, NULL::name AS specific_name
WHERE false
