-- oid: 12336
SELECT oid AS subid, subname, 0::bigint AS apply_error_count, 0::bigint AS sync_error_count, NULL::timestamptz AS stats_reset
FROM pg_subscription
