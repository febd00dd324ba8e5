-- oid: 15090
SELECT row_number() OVER ()::int4 AS bufferid, r.relfilenode, r.reltablespace, r.reldatabase, r.relforknumber,
  (b.file_offset / 8192)::int8 AS relblocknumber, false AS isdirty, 1::int2 AS usagecount, b.pins AS pinning_backends
FROM aegis.buffers AS b
LEFT JOIN (
  SELECT s.file, c.relfilenode, 1663::oid AS reltablespace, d.oid AS reldatabase, 0::int2 AS relforknumber
  FROM (SELECT x.schemaname, x.tablename AS relname, x.file FROM aegis.segments AS x
        UNION ALL SELECT y.schemaname, y.indexname, y.file FROM aegis.sst_files AS y) AS s
  JOIN pg_namespace AS n ON n.nspname = s.schemaname
  JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.relname
  CROSS JOIN pg_database AS d
  WHERE d.datname = current_database()
) AS r ON r.file = b.file
