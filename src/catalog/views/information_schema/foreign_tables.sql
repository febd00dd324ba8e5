-- oid: 13541
SELECT NULL::name AS foreign_table_catalog, NULL::name AS foreign_table_schema, NULL::name AS foreign_table_name,
  NULL::name AS foreign_server_catalog, NULL::name AS foreign_server_name
WHERE false
