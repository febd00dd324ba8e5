-- oid: 13515
SELECT CAST(current_database() AS name) AS foreign_data_wrapper_catalog, w.fdwname AS foreign_data_wrapper_name,
  u.rolname AS authorization_identifier, NULL::varchar AS library_name, CAST('c' AS varchar) AS foreign_data_wrapper_language
FROM pg_foreign_data_wrapper AS w
JOIN pg_authid AS u ON u.oid = w.fdwowner
WHERE pg_has_role(w.fdwowner, 'USAGE') OR has_foreign_data_wrapper_privilege(w.oid, 'USAGE')
