-- oid: 13511
SELECT CAST(current_database() AS name) AS foreign_data_wrapper_catalog, w.fdwname AS foreign_data_wrapper_name,
  CAST(o.option_name AS name) AS option_name, CAST(o.option_value AS varchar) AS option_value
FROM pg_foreign_data_wrapper AS w
CROSS JOIN LATERAL pg_options_to_table(w.fdwoptions) AS o
WHERE pg_has_role(w.fdwowner, 'USAGE') OR has_foreign_data_wrapper_privilege(w.oid, 'USAGE')
