-- oid: 13290
SELECT CAST(current_database() AS name) AS udt_catalog, CAST(coalesce(nb.nspname, nt.nspname) AS name) AS udt_schema,
  CAST(coalesce(bt.typname, t.typname) AS name) AS udt_name, CAST(current_database() AS name) AS table_catalog,
  CAST(n.nspname AS name) AS table_schema, CAST(c.relname AS name) AS table_name, CAST(a.attname AS name) AS column_name
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_namespace AS nt ON nt.oid = t.typnamespace
LEFT JOIN (pg_type AS bt JOIN pg_namespace AS nb ON nb.oid = bt.typnamespace) ON t.typtype = 'd' AND bt.oid = t.typbasetype
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p') AND pg_has_role(coalesce(bt.typowner, t.typowner), 'USAGE')
