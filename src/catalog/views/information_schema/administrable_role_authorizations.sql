-- oid: 13241
SELECT r.grantee, r.role_name, r.is_grantable
FROM information_schema.applicable_roles AS r
WHERE r.is_grantable = 'YES'
