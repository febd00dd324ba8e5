-- oid: 13315
SELECT CAST(current_database() AS name) AS udt_catalog, CAST(nb.nspname AS name) AS udt_schema, CAST(b.typname AS name) AS udt_name,
  CAST(current_database() AS name) AS domain_catalog, CAST(n.nspname AS name) AS domain_schema, CAST(t.typname AS name) AS domain_name
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_type AS b ON b.oid = t.typbasetype
JOIN pg_namespace AS nb ON nb.oid = b.typnamespace
WHERE t.typtype = 'd' AND pg_has_role(b.typowner, 'USAGE')
