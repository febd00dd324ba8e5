-- oid: 12068
SELECT p.pubname, n.nspname AS schemaname, c.relname AS tablename,
  (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute AS a
   WHERE a.attrelid = t.relid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attnum = ANY (CAST(t.attrs AS smallint[])) OR t.attrs IS NULL)) AS attnames,
  pg_get_expr(t.qual, t.relid) AS rowfilter
FROM pg_publication AS p
CROSS JOIN LATERAL pg_get_publication_tables(CAST(p.pubname AS text)) AS t
JOIN pg_class AS c ON c.oid = t.relid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
