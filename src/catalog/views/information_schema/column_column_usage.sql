-- oid: 13275
SELECT NULL::name AS table_catalog, NULL::name AS table_schema, NULL::name AS table_name, NULL::name AS column_name,
  NULL::name AS dependent_column
WHERE false
