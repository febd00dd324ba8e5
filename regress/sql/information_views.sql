-- information_schema: domains, triggers, composite types, privileges of routines and types, element types.
CREATE SCHEMA information_views;
SET search_path = information_views;
CREATE DOMAIN d1 AS varchar(10) DEFAULT 'x' NOT NULL CHECK (value <> '');
CREATE DOMAIN d2 AS numeric(8, 2);
CREATE DOMAIN d3 AS int[];
CREATE TYPE comp AS (a int, b text, c d1, e int[], iv interval day to second(2));
CREATE TABLE t (i int PRIMARY KEY, d d1, n d2, ar d3, c comp, ta text[], iv interval year to month, ts timestamp(3), b bit(4), ch char(5) COLLATE "C");
CREATE FUNCTION f(a int, b text[]) RETURNS text[] LANGUAGE sql AS 'SELECT b';
CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER t1 BEFORE INSERT OR UPDATE OF d, n ON t FOR EACH ROW WHEN (new.i > 0) EXECUTE FUNCTION tg();
CREATE TRIGGER t0 BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tg('a', 'b');
CREATE TRIGGER t2 AFTER UPDATE ON t REFERENCING OLD TABLE AS o FOR EACH STATEMENT EXECUTE FUNCTION tg();
SELECT domain_name, data_type, character_maximum_length, numeric_precision, numeric_scale, domain_default, udt_schema, udt_name
  FROM information_schema.domains WHERE domain_schema = 'information_views' ORDER BY 1;
SELECT constraint_name, domain_name, is_deferrable, initially_deferred FROM information_schema.domain_constraints WHERE domain_schema = 'information_views';
SELECT udt_name, domain_name FROM information_schema.domain_udt_usage WHERE domain_schema = 'information_views' ORDER BY 2;
SELECT domain_name, column_name FROM information_schema.column_domain_usage WHERE table_schema = 'information_views' ORDER BY 2;
SELECT udt_schema, udt_name, column_name FROM information_schema.column_udt_usage WHERE table_schema = 'information_views' ORDER BY 3;
SELECT column_name, is_nullable, data_type, character_maximum_length, character_octet_length, numeric_precision, datetime_precision, interval_type,
  domain_schema, domain_name, udt_schema, udt_name FROM information_schema.columns WHERE table_schema = 'information_views' ORDER BY ordinal_position;
SELECT attribute_name, ordinal_position, is_nullable, data_type, character_maximum_length, interval_type, attribute_udt_name
  FROM information_schema.attributes WHERE udt_schema = 'information_views' ORDER BY 2;
SELECT user_defined_type_name, user_defined_type_category FROM information_schema.user_defined_types WHERE user_defined_type_schema = 'information_views';
SELECT trigger_name, event_manipulation, action_order, action_condition, action_statement, action_orientation, action_timing, action_reference_old_table
  FROM information_schema.triggers WHERE trigger_schema = 'information_views' ORDER BY 1, 2;
SELECT trigger_name, event_object_column FROM information_schema.triggered_update_columns WHERE trigger_schema = 'information_views' ORDER BY 2;
SELECT grantee, routine_name, privilege_type, is_grantable FROM information_schema.routine_privileges
  WHERE routine_schema = 'information_views' AND grantee = 'PUBLIC' ORDER BY 2;
SELECT routine_name FROM information_schema.role_routine_grants WHERE routine_schema = 'information_views' AND grantee = 'PUBLIC' ORDER BY 1;
SELECT udt_name, privilege_type FROM information_schema.udt_privileges WHERE udt_schema = 'information_views' AND grantee = 'PUBLIC' ORDER BY 1;
SELECT udt_name FROM information_schema.role_udt_grants WHERE udt_schema = 'information_views' AND grantee = 'PUBLIC' ORDER BY 1;
SELECT object_type, count(*) FROM information_schema.data_type_privileges WHERE object_schema = 'information_views' GROUP BY 1 ORDER BY 1;
SELECT object_type, collection_type_identifier, data_type, udt_name, dtd_identifier FROM information_schema.element_types
  WHERE object_schema = 'information_views' ORDER BY 1, 2;
-- statistics views of what is not here
SELECT * FROM pg_stat_progress_vacuum;
SELECT * FROM pg_stat_wal_receiver;
SELECT * FROM pg_replication_origin_status;
SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = current_database();
DROP SCHEMA information_views CASCADE;
