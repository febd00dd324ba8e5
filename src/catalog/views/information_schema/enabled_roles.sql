-- oid: 13325
SELECT CAST(a.rolname AS name) AS role_name
FROM pg_authid AS a
WHERE pg_has_role(a.oid, 'USAGE')
