-- What the catalog keeps of expressions means the same whatever the search path is and whatever names change.
create schema stored_names;
create schema stored_names_b;
create function stored_names.f(int) returns int language sql immutable as 'select 1';
create function stored_names.h(int) returns int language plpgsql immutable as 'begin return $1; end';
create type stored_names.en as enum ('a', 'b');
create operator stored_names.@+@ (leftarg = int, rightarg = int, function = int4pl);
set search_path = stored_names_b, stored_names;
create table t (a int default f(1), b text check (b::en = 'a'), c int default 1 @+@ 2, d int generated always as (f(2) + 10) stored, e en default 'b');
create index t_f on t (f(a)) where f(c) = 1;
create statistics st on (f(c)), a from t;
create function trigf() returns trigger language plpgsql as 'begin new.c = new.c + 100; return new; end';
create trigger tg before insert on t for each row when (f(new.a) = 1 and new.b::en = 'a') execute function trigf();
create domain dom as int default f(3) check (f(value) = 1);
create function g(x int default f(5), y en default 'a') returns text language sql as $$ select x || y::text $$;
create table part (a int) partition by range (h(a));
\d t
select pg_get_triggerdef(oid) from pg_trigger where tgname = 'tg';
select pg_get_partkeydef('part'::regclass);
select pg_get_function_arguments('g'::regproc);
select pg_get_constraintdef(oid) from pg_constraint where conname = 'dom_check';
-- another function of that name does not take its place
create function f(int) returns int language sql immutable as 'select 2';
insert into t (b) values ('a');
select * from t;
\d t
set search_path = '';
insert into stored_names_b.t (b) values ('a');
select * from stored_names_b.t;
select stored_names_b.g(), 4::stored_names_b.dom;
select attname, pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum where adrelid = 'stored_names_b.t'::regclass order by attnum;
select pg_get_indexdef('stored_names_b.t_f'::regclass);
select pg_get_triggerdef(oid) from pg_trigger where tgname = 'tg';
select pg_get_partkeydef('stored_names_b.part'::regclass);
-- the schema gets another name
alter schema stored_names rename to stored_names_c;
insert into stored_names_b.t (b) values ('a');
select * from stored_names_b.t;
select 4::stored_names_b.dom, stored_names_b.g();
select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'stored_names_b.t'::regclass;
-- what is used gets another name, or another schema
set search_path = stored_names_b, stored_names_c;
drop trigger tg on t;
drop domain dom;
drop function g;
drop function stored_names_b.f(int);
alter function f(int) rename to f2;
alter type en rename to en2;
insert into t (b) values ('a');
alter function f2(int) set schema stored_names_b;
alter type en2 set schema stored_names_b;
insert into t (b) values ('a');
select * from t;
\d t
set client_min_messages = warning;
drop schema stored_names_b, stored_names_c cascade;
