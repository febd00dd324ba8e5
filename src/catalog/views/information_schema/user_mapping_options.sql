-- oid: 13550
SELECT COALESCE(u.rolname, 'PUBLIC') AS authorization_identifier, CAST(current_database() AS name) AS foreign_server_catalog,
  s.srvname AS foreign_server_name, CAST(o.option_name AS name) AS option_name,
  CAST(CASE WHEN (m.umuser <> 0 AND u.rolname = current_user) OR (m.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE'))
    OR (SELECT rolsuper FROM pg_authid WHERE rolname = current_user) THEN o.option_value END AS varchar) AS option_value
FROM pg_user_mapping AS m
JOIN pg_foreign_server AS s ON s.oid = m.umserver
LEFT JOIN pg_authid AS u ON u.oid = m.umuser
CROSS JOIN LATERAL pg_options_to_table(m.umoptions) AS o
WHERE pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')
