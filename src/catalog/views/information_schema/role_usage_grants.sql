-- oid: 13459
SELECT p.grantor, p.grantee, p.object_catalog, p.object_schema, p.object_name, p.object_type, p.privilege_type, p.is_grantable
FROM information_schema.usage_privileges AS p
WHERE p.grantor IN (SELECT role_name FROM information_schema.enabled_roles)
  OR p.grantee IN (SELECT role_name FROM information_schema.enabled_roles)
