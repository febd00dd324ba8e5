-- oid: 13382
SELECT CAST(current_database() AS name) AS catalog_name, CAST(n.nspname AS name) AS schema_name,
  CAST(u.rolname AS name) AS schema_owner, NULL::name AS default_character_set_catalog,
  NULL::name AS default_character_set_schema, NULL::name AS default_character_set_name,
  NULL::varchar AS sql_path
FROM pg_namespace AS n
JOIN pg_authid AS u ON u.oid = n.nspowner
WHERE pg_has_role(n.nspowner, 'USAGE') OR has_schema_privilege(n.oid, 'CREATE, USAGE')
