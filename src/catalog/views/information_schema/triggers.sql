-- oid: 13440
SELECT CAST(current_database() AS name) AS trigger_catalog, CAST(n.nspname AS name) AS trigger_schema, CAST(t.tgname AS name) AS trigger_name,
  CAST(e.name AS varchar) AS event_manipulation, CAST(current_database() AS name) AS event_object_catalog,
  CAST(n.nspname AS name) AS event_object_schema, CAST(c.relname AS name) AS event_object_table,
  CAST(rank() OVER (PARTITION BY n.oid, c.oid, e.bit, t.tgtype & 1, t.tgtype & 66 ORDER BY t.tgname) AS integer) AS action_order,
  CAST(CASE WHEN pg_has_role(c.relowner, 'USAGE') THEN substring(pg_get_triggerdef(t.oid) FROM ' WHEN \((.+)\) EXECUTE FUNCTION ') END AS varchar) AS action_condition,
  CAST(substring(pg_get_triggerdef(t.oid) FROM '^.* (EXECUTE FUNCTION .*)$') AS varchar) AS action_statement,
  CAST(CASE WHEN t.tgtype & 1 = 1 THEN 'ROW' ELSE 'STATEMENT' END AS varchar) AS action_orientation,
  CAST(CASE t.tgtype & 66 WHEN 2 THEN 'BEFORE' WHEN 64 THEN 'INSTEAD OF' ELSE 'AFTER' END AS varchar) AS action_timing,
  CAST(t.tgoldtable AS name) AS action_reference_old_table, CAST(t.tgnewtable AS name) AS action_reference_new_table,
  NULL::name AS action_reference_old_row, NULL::name AS action_reference_new_row, NULL::timestamptz(2) AS created
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN (VALUES (4, 'INSERT'), (8, 'DELETE'), (16, 'UPDATE')) AS e (bit, name) ON t.tgtype & e.bit <> 0
WHERE NOT t.tgisinternal AND NOT pg_is_other_temp_schema(n.oid)
  AND (pg_has_role(c.relowner, 'USAGE') OR has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    OR has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))
