-- oid: 13430
SELECT NULL::name AS udt_catalog, NULL::name AS udt_schema, NULL::name AS udt_name, NULL::name AS specific_catalog,
  NULL::name AS specific_schema, NULL::name AS specific_name, NULL::name AS group_name,
  NULL::varchar AS transform_type
WHERE false
