-- oid: 13310
SELECT CAST(current_database() AS name) AS constraint_catalog, CAST(nc.nspname AS name) AS constraint_schema,
  CAST(c.conname AS name) AS constraint_name, CAST(current_database() AS name) AS domain_catalog,
  CAST(n.nspname AS name) AS domain_schema, CAST(t.typname AS name) AS domain_name,
  CAST(CASE WHEN c.condeferrable THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_deferrable,
  CAST(CASE WHEN c.condeferred THEN 'YES' ELSE 'NO' END AS varchar(3)) AS initially_deferred
FROM pg_constraint AS c
JOIN pg_type AS t ON t.oid = c.contypid
JOIN pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_namespace AS nc ON nc.oid = c.connamespace
WHERE pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE')
