-- oid: 13454
SELECT CAST(g.rolname AS name) AS grantor, CAST(e.rolname AS name) AS grantee, CAST(current_database() AS name) AS object_catalog,
  CAST(o.schema_name AS name) AS object_schema, CAST(o.object_name AS name) AS object_name, CAST(o.object_type AS varchar) AS object_type,
  CAST('USAGE' AS varchar) AS privilege_type,
  CAST(CASE WHEN o.is_grantable OR (e.oid <> 0 AND pg_has_role(e.oid, o.owner, 'USAGE')) THEN 'YES' ELSE 'NO' END AS varchar(3)) AS is_grantable
FROM (
  SELECT n.nspname AS schema_name, t.typname AS object_name, 'DOMAIN' AS object_type, t.typowner AS owner, x.grantor, x.grantee, x.privilege_type, x.is_grantable
  FROM pg_type AS t
  JOIN pg_namespace AS n ON n.oid = t.typnamespace
  CROSS JOIN LATERAL aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) AS x
  WHERE t.typtype = 'd'
  UNION ALL
  SELECT '', w.fdwname, 'FOREIGN DATA WRAPPER', w.fdwowner, x.grantor, x.grantee, x.privilege_type, x.is_grantable
  FROM pg_foreign_data_wrapper AS w
  CROSS JOIN LATERAL aclexplode(coalesce(w.fdwacl, acldefault('F', w.fdwowner))) AS x
  UNION ALL
  SELECT '', s.srvname, 'FOREIGN SERVER', s.srvowner, x.grantor, x.grantee, x.privilege_type, x.is_grantable
  FROM pg_foreign_server AS s
  CROSS JOIN LATERAL aclexplode(coalesce(s.srvacl, acldefault('S', s.srvowner))) AS x
  UNION ALL
  SELECT n.nspname, c.relname, 'SEQUENCE', c.relowner, x.grantor, x.grantee, x.privilege_type, x.is_grantable
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x
  WHERE c.relkind = 'S'
) AS o
JOIN pg_authid AS g ON g.oid = o.grantor
JOIN (SELECT a.oid, a.rolname FROM pg_authid AS a UNION ALL SELECT 0::oid, 'PUBLIC') AS e(oid, rolname) ON e.oid = o.grantee
WHERE o.privilege_type = 'USAGE' AND (pg_has_role(g.oid, 'USAGE') OR e.rolname = 'PUBLIC' OR pg_has_role(nullif(e.oid, 0), 'USAGE'))
UNION ALL
SELECT CAST(u.rolname AS name), CAST('PUBLIC' AS name), CAST(current_database() AS name), CAST(n.nspname AS name), CAST(c.collname AS name),
  CAST('COLLATION' AS varchar), CAST('USAGE' AS varchar), CAST('NO' AS varchar(3))
FROM pg_collation AS c
JOIN pg_authid AS u ON u.oid = c.collowner
JOIN pg_namespace AS n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
