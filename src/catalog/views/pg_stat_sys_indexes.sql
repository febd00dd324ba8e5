-- oid: 12188
SELECT s.relid, s.indexrelid, s.schemaname, s.relname, s.indexrelname, s.idx_scan, s.idx_tup_read, s.idx_tup_fetch
FROM pg_stat_all_indexes AS s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname ~ '^pg_toast')
