-- oid: 12152
SELECT s.relid, s.schemaname, s.relname, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch, s.n_tup_ins,
  s.n_tup_upd, s.n_tup_del, s.n_tup_hot_upd, s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze,
  s.n_ins_since_vacuum, s.last_vacuum, s.last_autovacuum, s.last_analyze, s.last_autoanalyze, s.vacuum_count,
  s.autovacuum_count, s.analyze_count, s.autoanalyze_count
FROM pg_stat_all_tables AS s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname ~ '^pg_toast')
