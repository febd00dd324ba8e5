-- oid: 12322
SELECT NULL::integer AS pid, NULL::oid AS datid, NULL::name AS datname, NULL::oid AS relid,
  NULL::text AS command, NULL::text AS type, NULL::bigint AS bytes_processed, NULL::bigint AS bytes_total,
  NULL::bigint AS tuples_processed, NULL::bigint AS tuples_excluded
WHERE false
