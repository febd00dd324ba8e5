-- oid: 13511
SELECT NULL::name AS foreign_data_wrapper_catalog, NULL::name AS foreign_data_wrapper_name, NULL::name AS option_name,
  NULL::varchar AS option_value
WHERE false
