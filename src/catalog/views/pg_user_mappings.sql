-- oid: 12327
SELECT NULL::oid AS umid, NULL::oid AS srvid, NULL::name AS srvname, NULL::oid AS umuser, NULL::name AS usename,
  NULL::text[] AS umoptions
WHERE false
