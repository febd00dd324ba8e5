-- oid: 13315
SELECT NULL::name AS udt_catalog, NULL::name AS udt_schema, NULL::name AS udt_name, NULL::name AS domain_catalog,
  NULL::name AS domain_schema, NULL::name AS domain_name
WHERE false
