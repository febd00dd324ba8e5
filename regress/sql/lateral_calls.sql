-- A function in FROM is called once for each row it is joined to, whatever it does on the side.
create schema lateral_calls;
set search_path to lateral_calls;
create sequence calls;
create function counted(int) returns int volatile language plpgsql as $$begin perform nextval('calls'); return $1 * 2; end$$;
create function counted_set(int) returns setof int volatile language plpgsql as $$begin perform nextval('calls'); return next $1; return next -$1; end$$;
create table t as select g from generate_series(1, 5) g;
select t.g, f from t, counted(t.g) f order by 1;
select last_value from calls;
select setval('calls', 100);
select t.g, f from t, counted_set(counted(t.g)) f order by 1, 2;
select last_value from calls;
select setval('calls', 200);
select g, counted_set(counted(g)) from t order by 1, 2;
select last_value from calls;
select count(*) from pg_show_all_settings() s, pg_settings_get_flags(s.name) f where f is null;
select pg_filenode_relation(0, pg_relation_filenode('t'))::text, pg_filenode_relation(0, 1) is null;
drop schema lateral_calls cascade;
