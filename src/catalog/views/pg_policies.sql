-- oid: 12018
SELECT NULL::name AS schemaname, NULL::name AS tablename, NULL::name AS policyname, NULL::text AS permissive,
  NULL::name[] AS roles, NULL::text AS cmd, NULL::text AS qual, NULL::text AS with_check
WHERE false
