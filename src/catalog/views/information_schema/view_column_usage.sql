-- oid: 13468
SELECT DISTINCT CAST(current_database() AS name) AS view_catalog, CAST(nv.nspname AS name) AS view_schema,
  CAST(v.relname AS name) AS view_name, CAST(current_database() AS name) AS table_catalog,
  CAST(nt.nspname AS name) AS table_schema, CAST(t.relname AS name) AS table_name,
  CAST(a.attname AS name) AS column_name
FROM pg_depend AS d
JOIN pg_rewrite AS w ON d.classid = 2618 AND w.oid = d.objid
JOIN pg_class AS v ON v.oid = w.ev_class
JOIN pg_namespace AS nv ON nv.oid = v.relnamespace
JOIN pg_class AS t ON d.refclassid = 1259 AND t.oid = d.refobjid AND t.oid <> v.oid
JOIN pg_namespace AS nt ON nt.oid = t.relnamespace
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE v.relkind = 'v' AND t.relkind IN ('r', 'v', 'f', 'p') AND d.deptype = 'n' AND pg_has_role(t.relowner, 'USAGE')
