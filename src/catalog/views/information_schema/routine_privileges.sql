-- oid: 13353
SELECT CAST(g.rolname AS name) AS grantor, CAST(e.rolname AS name) AS grantee, CAST(current_database() AS name) AS specific_catalog,
  CAST(n.nspname AS name) AS specific_schema, CAST(o.proname || '_' || o.oid::text AS name) AS specific_name,
  CAST(current_database() AS name) AS routine_catalog, CAST(n.nspname AS name) AS routine_schema, CAST(o.proname AS name) AS routine_name,
  CAST('EXECUTE' AS varchar) AS privilege_type,
  CAST(CASE WHEN o.is_grantable OR (e.oid <> 0 AND pg_has_role(nullif(e.oid, 0), o.proowner, 'USAGE')) THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_grantable
FROM (
  SELECT p.oid, p.proname, p.proowner, p.pronamespace, x.grantor, x.grantee, x.privilege_type, x.is_grantable
  FROM pg_proc AS p
  CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS x
) AS o
JOIN pg_namespace AS n ON n.oid = o.pronamespace
JOIN pg_authid AS g ON g.oid = o.grantor
JOIN (SELECT a.oid, a.rolname FROM pg_authid AS a UNION ALL SELECT 0::oid, 'PUBLIC') AS e(oid, rolname) ON e.oid = o.grantee
WHERE o.privilege_type = 'EXECUTE' AND (pg_has_role(g.oid, 'USAGE') OR e.rolname = 'PUBLIC' OR pg_has_role(nullif(e.oid, 0), 'USAGE'))
