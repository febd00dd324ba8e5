-- oid: 13265
SELECT CAST(current_database() AS name) AS collation_catalog, CAST(n.nspname AS name) AS collation_schema,
  CAST(c.collname AS name) AS collation_name, CAST('NO PAD' AS varchar) AS pad_attribute
FROM pg_collation AS c
JOIN pg_namespace AS n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, 6)
