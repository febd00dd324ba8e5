-- oid: 13528
SELECT CAST(current_database() AS name) AS foreign_server_catalog, s.srvname AS foreign_server_name,
  CAST(current_database() AS name) AS foreign_data_wrapper_catalog, w.fdwname AS foreign_data_wrapper_name,
  CAST(s.srvtype AS varchar) AS foreign_server_type, CAST(s.srvversion AS varchar) AS foreign_server_version,
  u.rolname AS authorization_identifier
FROM pg_foreign_server AS s
JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
JOIN pg_authid AS u ON u.oid = s.srvowner
WHERE pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')
