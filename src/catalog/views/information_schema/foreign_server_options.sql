-- oid: 13524
SELECT CAST(current_database() AS name) AS foreign_server_catalog, s.srvname AS foreign_server_name,
  CAST(o.option_name AS name) AS option_name, CAST(o.option_value AS varchar) AS option_value
FROM pg_foreign_server AS s
CROSS JOIN LATERAL pg_options_to_table(s.srvoptions) AS o
WHERE pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')
