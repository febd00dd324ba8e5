-- oid: 12236
SELECT NULL::integer AS pid, NULL::text AS status, NULL::pg_lsn AS receive_start_lsn,
  NULL::integer AS receive_start_tli, NULL::pg_lsn AS written_lsn, NULL::pg_lsn AS flushed_lsn,
  NULL::integer AS received_tli, NULL::timestamp with time zone AS last_msg_send_time,
  NULL::timestamp with time zone AS last_msg_receipt_time, NULL::pg_lsn AS latest_end_lsn,
  NULL::timestamp with time zone AS latest_end_time, NULL::text AS slot_name, NULL::text AS sender_host,
  NULL::integer AS sender_port, NULL::text AS conninfo
WHERE false
