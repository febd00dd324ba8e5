-- oid: 13280
SELECT CAST(current_database() AS name) AS domain_catalog, CAST(nt.nspname AS name) AS domain_schema, CAST(t.typname AS name) AS domain_name,
  CAST(current_database() AS name) AS table_catalog, CAST(n.nspname AS name) AS table_schema, CAST(c.relname AS name) AS table_name,
  CAST(a.attname AS name) AS column_name
FROM pg_type AS t
JOIN pg_namespace AS nt ON nt.oid = t.typnamespace
JOIN pg_attribute AS a ON a.atttypid = t.oid
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE t.typtype = 'd' AND c.relkind IN ('r', 'v', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND pg_has_role(t.typowner, 'USAGE')
