-- oid: 13227
SELECT CAST(current_database() AS name) AS catalog_name

