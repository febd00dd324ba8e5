-- oid: 13488
SELECT CAST(current_database() AS name) AS object_catalog, x.object_schema, x.object_name, CAST(x.object_type AS varchar) AS object_type, x.dtd_identifier
FROM (
  SELECT udt_schema, udt_name, 'USER-DEFINED TYPE', dtd_identifier FROM information_schema.attributes
  UNION ALL
  SELECT table_schema, table_name, 'TABLE', dtd_identifier FROM information_schema.columns
  UNION ALL
  SELECT domain_schema, domain_name, 'DOMAIN', dtd_identifier FROM information_schema.domains
  UNION ALL
  SELECT specific_schema, specific_name, 'ROUTINE', dtd_identifier FROM information_schema.parameters
  UNION ALL
  SELECT specific_schema, specific_name, 'ROUTINE', dtd_identifier FROM information_schema.routines
) AS x (object_schema, object_name, object_type, dtd_identifier)
