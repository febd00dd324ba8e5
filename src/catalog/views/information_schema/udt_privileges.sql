-- oid: 13445
SELECT CAST(g.rolname AS name) AS grantor, CAST(e.rolname AS name) AS grantee, CAST(current_database() AS name) AS udt_catalog,
  CAST(n.nspname AS name) AS udt_schema, CAST(o.typname AS name) AS udt_name, CAST('TYPE USAGE' AS varchar) AS privilege_type,
  CAST(CASE WHEN o.is_grantable OR (e.oid <> 0 AND pg_has_role(nullif(e.oid, 0), o.typowner, 'USAGE')) THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_grantable
FROM (
  SELECT t.oid, t.typname, t.typowner, t.typnamespace, x.grantor, x.grantee, x.privilege_type, x.is_grantable
  FROM pg_type AS t
  CROSS JOIN LATERAL aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) AS x
  WHERE t.typtype = 'c'
) AS o
JOIN pg_namespace AS n ON n.oid = o.typnamespace
JOIN pg_authid AS g ON g.oid = o.grantor
JOIN (SELECT a.oid, a.rolname FROM pg_authid AS a UNION ALL SELECT 0::oid, 'PUBLIC') AS e(oid, rolname) ON e.oid = o.grantee
WHERE o.privilege_type = 'USAGE' AND (pg_has_role(g.oid, 'USAGE') OR e.rolname = 'PUBLIC' OR pg_has_role(nullif(e.oid, 0), 'USAGE'))
