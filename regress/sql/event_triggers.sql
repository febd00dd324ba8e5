-- Event triggers, and how objects are identified
CREATE SCHEMA evt;
SET search_path TO evt;
CREATE FUNCTION say() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE '% %', tg_event, tg_tag;
END $$;
CREATE FUNCTION made() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
    RAISE NOTICE 'made: % % %', r.command_tag, r.object_type, r.object_identity;
  END LOOP;
END $$;
CREATE FUNCTION gone() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
    IF r.original OR r.normal THEN
      RAISE NOTICE 'gone: % % % % %', r.original, r.object_type, r.object_identity, r.address_names, r.address_args;
    END IF;
  END LOOP;
END $$;
SELECT say();
CREATE FUNCTION wrong(a int) RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER e ON nothing EXECUTE FUNCTION say();
CREATE EVENT TRIGGER e ON sql_drop WHEN tag IN ('make table') EXECUTE FUNCTION say();
CREATE EVENT TRIGGER e ON sql_drop WHEN tag IN ('create role') EXECUTE FUNCTION say();
CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION pg_backend_pid();
CREATE EVENT TRIGGER evt_start ON ddl_command_start WHEN tag IN ('create table', 'drop table') EXECUTE FUNCTION say();
CREATE EVENT TRIGGER evt_made ON ddl_command_end EXECUTE FUNCTION made();
CREATE EVENT TRIGGER evt_gone ON sql_drop EXECUTE FUNCTION gone();
CREATE TABLE t (a serial PRIMARY KEY, b text DEFAULT 'x', CHECK (a > 0));
CREATE INDEX t_b ON t (b);
CREATE VIEW v AS SELECT b FROM t;
CREATE TABLE u (a int REFERENCES t);
CREATE TYPE pair AS (x int, y int);
CREATE POLICY p ON t USING (a > 1);
COMMENT ON TABLE t IS 'c';
GRANT SELECT ON t TO PUBLIC;
ALTER TABLE t ADD COLUMN c int;
ALTER TABLE t RENAME COLUMN c TO d;
ALTER EVENT TRIGGER evt_start DISABLE;
ALTER TABLE t DROP COLUMN d;
DROP POLICY p ON t;
DROP TABLE t CASCADE;
DROP TYPE pair;
DO $$ BEGIN CREATE TABLE inside (a int); DROP TABLE inside; END $$;
ALTER EVENT TRIGGER evt_made RENAME TO evt_done;
SELECT evtname, evtevent, evtenabled, evttags FROM pg_event_trigger WHERE evtname LIKE 'evt%' ORDER BY 1;
SELECT pg_describe_object('pg_event_trigger'::regclass, oid, 0), (pg_identify_object('pg_event_trigger'::regclass, oid, 0)).identity
  FROM pg_event_trigger WHERE evtname = 'evt_done';
DROP EVENT TRIGGER evt_start;
DROP EVENT TRIGGER evt_done;
DROP EVENT TRIGGER evt_gone;
DROP EVENT TRIGGER evt_gone;
DROP EVENT TRIGGER IF EXISTS evt_gone;
-- an error in a trigger's function undoes the command
CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no %', tg_tag; END $$;
CREATE EVENT TRIGGER evt_stop ON ddl_command_end WHEN tag IN ('create sequence') EXECUTE FUNCTION stop();
CREATE SEQUENCE s;
DROP EVENT TRIGGER evt_stop;
SELECT to_regclass('s');
CREATE FUNCTION rewritten() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE '% %', pg_event_trigger_table_rewrite_oid()::regclass, pg_event_trigger_table_rewrite_reason();
END $$;
CREATE EVENT TRIGGER evt_rewrite ON table_rewrite EXECUTE FUNCTION rewritten();
ALTER TABLE u ALTER a TYPE bigint;
ALTER TABLE u ADD b int DEFAULT 1;
DROP EVENT TRIGGER evt_rewrite;
SELECT pg_event_trigger_table_rewrite_oid();
SELECT * FROM pg_event_trigger_dropped_objects();

-- names of objects
SELECT type, name, identity FROM pg_identify_object('pg_class'::regclass, 'u'::regclass, 0);
SELECT * FROM pg_identify_object_as_address('pg_class'::regclass, 'u'::regclass, 1);
SELECT classid::regclass, objid::regclass, objsubid FROM pg_get_object_address('table column', '{evt,u,a}', '{}');
SELECT (pg_identify_object('pg_proc'::regclass, 'say'::regproc, 0)).*;
SELECT pg_describe_object('pg_proc'::regclass, 'say'::regproc, 0), pg_describe_object('pg_class'::regclass, 'u'::regclass, 1);
SELECT pg_get_object_address('stone', '{}', '{}');
SELECT pg_get_object_address('table', '{evt,none}', '{}');
SELECT pg_identify_object('pg_opclass'::regclass, oid, 0) FROM pg_opclass WHERE opcname = 'int4_ops' AND opcmethod = 403;
RESET search_path;
DROP SCHEMA evt CASCADE;
