-- oid: 13524
SELECT NULL::name AS foreign_server_catalog, NULL::name AS foreign_server_name, NULL::name AS option_name,
  NULL::varchar AS option_value
WHERE false
