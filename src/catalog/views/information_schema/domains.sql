-- oid: 13320
SELECT NULL::name AS domain_catalog, NULL::name AS domain_schema, NULL::name AS domain_name,
  NULL::varchar AS data_type, NULL::integer AS character_maximum_length,
  NULL::integer AS character_octet_length, NULL::name AS character_set_catalog,
  NULL::name AS character_set_schema, NULL::name AS character_set_name, NULL::name AS collation_catalog,
  NULL::name AS collation_schema, NULL::name AS collation_name, NULL::integer AS numeric_precision,
  NULL::integer AS numeric_precision_radix, NULL::integer AS numeric_scale, NULL::integer AS datetime_precision,
  NULL::varchar AS interval_type, NULL::integer AS interval_precision, NULL::varchar AS domain_default,
  NULL::name AS udt_catalog, NULL::name AS udt_schema, NULL::name AS udt_name, NULL::name AS scope_catalog,
  NULL::name AS scope_schema, NULL::name AS scope_name, NULL::integer AS maximum_cardinality,
  NULL::name AS dtd_identifier
WHERE false
