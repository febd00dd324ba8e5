-- oid: 12244
SELECT oid AS subid, subname, NULL::integer AS pid, NULL::oid AS relid, NULL::pg_lsn AS received_lsn, NULL::timestamptz AS last_msg_send_time,
  NULL::timestamptz AS last_msg_receipt_time, NULL::pg_lsn AS latest_end_lsn, NULL::timestamptz AS latest_end_time
FROM pg_subscription
