-- oid: 13285
SELECT CAST(g.rolname AS name) AS grantor, CAST(e.rolname AS name) AS grantee,
  CAST(current_database() AS name) AS table_catalog, CAST(n.nspname AS name) AS table_schema,
  CAST(c.relname AS name) AS table_name, CAST(a.attname AS name) AS column_name,
  CAST(c.privilege_type AS varchar) AS privilege_type,
  CAST(CASE WHEN e.oid = c.relowner OR c.is_grantable THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_grantable
FROM (
  SELECT r.oid, r.relname, r.relnamespace, r.relowner, x.grantor, x.grantee, x.privilege_type, x.is_grantable
  FROM pg_class AS r
  CROSS JOIN LATERAL aclexplode(coalesce(r.relacl, acldefault('r', r.relowner))) AS x
  WHERE r.relkind IN ('r', 'v', 'f', 'p', 'm')
) AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_authid AS g ON g.oid = c.grantor
JOIN (SELECT a.oid, a.rolname FROM pg_authid AS a UNION ALL SELECT 0::oid, 'PUBLIC') AS e(oid, rolname) ON e.oid = c.grantee
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'REFERENCES')
  AND (pg_has_role(g.oid, 'USAGE') OR e.rolname = 'PUBLIC' OR pg_has_role(nullif(e.oid, 0), 'USAGE'))
