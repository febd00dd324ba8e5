-- oid: 13555
SELECT COALESCE(u.rolname, 'PUBLIC') AS authorization_identifier, CAST(current_database() AS name) AS foreign_server_catalog,
  s.srvname AS foreign_server_name
FROM pg_user_mapping AS m
JOIN pg_foreign_server AS s ON s.oid = m.umserver
LEFT JOIN pg_authid AS u ON u.oid = m.umuser
WHERE pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')
