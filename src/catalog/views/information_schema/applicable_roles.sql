-- oid: 13236
SELECT CAST(a.rolname AS name) AS grantee, CAST(b.rolname AS name) AS role_name,
  CAST(CASE WHEN m.admin_option THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_grantable
FROM pg_auth_members AS m
JOIN pg_authid AS a ON a.oid = m.member
JOIN pg_authid AS b ON b.oid = m.roleid
WHERE pg_has_role(a.oid, 'USAGE')
