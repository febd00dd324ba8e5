-- oid: 12285
SELECT 0::bigint AS archived_count, NULL::text AS last_archived_wal, NULL::timestamptz AS last_archived_time, 0::bigint AS failed_count,
  NULL::text AS last_failed_wal, NULL::timestamptz AS last_failed_time, s.stats_reset
FROM pg_stat_wal AS s
