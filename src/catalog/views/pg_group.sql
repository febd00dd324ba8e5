-- oid: 12010
SELECT r.rolname AS groname, r.oid AS grosysid,
  ARRAY(SELECT m.member FROM pg_auth_members AS m WHERE m.roleid = r.oid) AS grolist
FROM pg_authid AS r
WHERE NOT r.rolcanlogin
