-- oid: 12327
SELECT m.oid AS umid, s.oid AS srvid, s.srvname, m.umuser, CASE WHEN m.umuser = 0 THEN 'public'::name ELSE u.rolname END AS usename,
  CASE WHEN (m.umuser <> 0 AND u.rolname = current_user AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')))
    OR (m.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE')) OR (SELECT rolsuper FROM pg_authid WHERE rolname = current_user)
    THEN m.umoptions END AS umoptions
FROM pg_user_mapping AS m
JOIN pg_foreign_server AS s ON s.oid = m.umserver
LEFT JOIN pg_authid AS u ON u.oid = m.umuser
