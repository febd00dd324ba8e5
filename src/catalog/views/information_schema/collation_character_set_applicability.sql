-- oid: 13270
SELECT CAST(current_database() AS name) AS collation_catalog, CAST(n.nspname AS name) AS collation_schema,
  CAST(c.collname AS name) AS collation_name, NULL::name AS character_set_catalog,
  NULL::name AS character_set_schema, CAST('UTF8' AS name) AS character_set_name
FROM pg_collation AS c
JOIN pg_namespace AS n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, 6)
