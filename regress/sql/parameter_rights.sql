-- GRANT … ON PARAMETER, access methods of tables, comments on what the catalog has no rows of its own for.
CREATE ROLE regress_par;
GRANT SET ON PARAMETER allow_in_place_tablespaces, Log_Duration TO regress_par;
GRANT ALTER SYSTEM ON PARAMETER work_mem TO regress_par WITH GRANT OPTION;
GRANT SET ON PARAMETER my.own TO regress_par;
GRANT SELECT ON PARAMETER work_mem TO regress_par;
SELECT parname, paracl FROM pg_parameter_acl WHERE parname IN ('allow_in_place_tablespaces', 'log_duration', 'work_mem', 'my.own') ORDER BY 1;
SELECT has_parameter_privilege('regress_par', 'log_duration', 'SET'), has_parameter_privilege('regress_par', 'work_mem', 'ALTER SYSTEM'),
  has_parameter_privilege('regress_par', 'work_mem', 'SET'), has_parameter_privilege('regress_par', 'log_statement', 'SET');
SET ROLE regress_par;
SET log_duration = off;
SET log_statement = 'none';
SELECT set_config('allow_in_place_tablespaces', 'off', false);
ALTER SYSTEM SET log_statement = 'none';
RESET ROLE;
DROP ROLE regress_par;
REVOKE ALL ON PARAMETER allow_in_place_tablespaces, log_duration, work_mem, my.own FROM regress_par;
DROP ROLE regress_par;
-- access methods
CREATE ACCESS METHOD regress_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD regress_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD regress_bad TYPE TABLE HANDLER int4in;
CREATE ACCESS METHOD regress_bad TYPE TABLE HANDLER bthandler;
COMMENT ON ACCESS METHOD regress_heap IS 'another heap';
SELECT amname, amhandler, amtype, obj_description(oid, 'pg_am') FROM pg_am WHERE amname ~ 'heap' AND oid > 16384;
CREATE TABLE par_t (a int) USING regress_heap;
CREATE TABLE par_u (a int) USING no_such;
CREATE TABLE par_u (a int) USING btree;
INSERT INTO par_t SELECT generate_series(1, 3);
SELECT relname, amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE relname = 'par_t';
ALTER TABLE par_t SET ACCESS METHOD heap;
SELECT relname, amname, (SELECT sum(a) FROM par_t) FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE relname = 'par_t';
ALTER TABLE par_t SET ACCESS METHOD regress_heap;
SET default_table_access_method = '';
SET default_table_access_method = 'no_such';
SET default_table_access_method = 'btree';
SET default_table_access_method = 'regress_heap';
CREATE TABLE par_v AS SELECT 1 AS x;
RESET default_table_access_method;
SELECT relname, amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE relname ~ '^par_' ORDER BY 1;
DROP ACCESS METHOD regress_heap;
DROP TABLE par_t;
DROP ACCESS METHOD regress_heap CASCADE;
DROP ACCESS METHOD IF EXISTS regress_heap;
DROP ACCESS METHOD regress_heap;
-- comments
COMMENT ON LANGUAGE plpgsql IS 'the language';
SELECT obj_description(oid, 'pg_language') FROM pg_language WHERE lanname = 'plpgsql';
COMMENT ON LANGUAGE no_such IS 'none';
-- transactions by their numbers
BEGIN;
SELECT pg_current_xact_id_if_assigned() IS NULL;
SELECT pg_current_xact_id() AS x \gset
SELECT pg_current_xact_id_if_assigned() = :'x'::xid8, pg_xact_status(:'x'::xid8);
COMMIT;
SELECT pg_xact_status(:'x'::xid8), pg_xact_status('1'), pg_xact_status('2');
BEGIN;
SELECT txid_current() AS y \gset
ROLLBACK;
SELECT txid_status(:y);
