-- What goes with what it uses: expressions, policies, rules, partition keys, primary keys that a GROUP BY rests on.
create schema expression_uses;
set search_path = expression_uses;
create table art (id int primary key, title text, body text);
create table art2 (id int primary key, k int unique not null);
create view artv as select id, title, body from art group by id;
alter table art drop constraint art_pkey;
create view artv3 as select * from artv;
create view artv2 as select a.id, a.title, b.k from art a join art2 b using (id) group by a.id, b.id;
alter table art2 drop constraint art2_pkey;
create view uv as select 1 as x union select x.id from (select a.id, title from art a group by a.id) x;
create materialized view mvart as select id, title from art group by id;
create view explicit as select id, title from art group by id, title;
alter table art drop constraint art_pkey;
alter table art drop constraint art_pkey cascade;
select * from explicit;
\d art2
-- policies
create table base (a int, b text, c int, d int);
create table allowed (u text, lvl int, other int);
create function fn(int) returns bool language sql as 'select $1 > 0';
create type en as enum ('x', 'y');
create role regress_uses;
create view seen as select 1 as z;
create policy pol1 on base using (exists (select 1 from allowed p where p.u = b and p.lvl > c));
create policy pol2 on base to regress_uses using (fn(a)) with check (fn(c));
create policy pol3 on base using (b::en = 'x');
create policy pol4 on base for insert with check (c in (select z from seen));
drop table allowed;
alter table allowed drop column lvl;
alter table allowed drop column other;
alter table allowed alter column lvl type bigint;
drop function fn(int);
drop type en;
drop view seen;
alter table base drop column a;
alter table base alter column a type bigint;
alter table base alter column d type bigint;
drop view seen cascade;
alter table base drop column b cascade;
drop function fn(int) cascade;
drop table allowed cascade;
\d base
drop table base;
-- rules
create table t (a int, b int);
create table log (a int, c int, d int);
create function lf(int) returns int language sql as 'select 1';
create rule r as on insert to t do also insert into log values (new.a, lf(new.b));
create view tv as select a from t;
create rule rv as on delete to tv do instead delete from log where d = old.a;
drop table log;
drop function lf(int);
alter table log drop column c;
alter table log drop column d;
alter table t drop column b;
alter table t alter column b type bigint;
alter table log alter column c type bigint;
alter table log drop column d cascade;
drop table log cascade;
insert into t values (1, 2);
select * from tv;
-- types in views
create view v as select 'x'::en = 'x'::en as q;
drop type en;
create domain dd as int;
create view v2 as select 1::dd as x;
drop domain dd;
drop type en cascade;
-- functions in expressions of every kind
create function imm(int) returns int language sql immutable as 'select $1';
create table tt (a int default imm(1), b int check (imm(b) > 0), c int generated always as (imm(1) + b) stored, d int);
create index on tt ((imm(a)));
create index on tt (a) where imm(b) > 0;
create function trigf() returns trigger language plpgsql as 'begin return new; end';
create trigger tg before insert on tt for each row when (imm(new.a) > 0 and new.d > 1) execute function trigf();
create domain dom as int check (imm(value) > 0);
create domain dom2 as int default imm(1);
create function other(a int default imm(3)) returns int language sql as 'select $1';
create statistics st on (imm(d)), a from tt;
create table part (a int, b int) partition by range (imm(a), b);
drop function imm(int);
alter table tt drop column d;
alter table tt alter column d type bigint;
drop function imm(int) cascade;
\d tt
select 3::dom;
-- partition keys
create domain kd as int;
create table partd (a kd, b text) partition by range (a);
drop domain kd;
drop domain kd cascade;
create collation pcoll (locale = 'C');
create table partc (a text, b text) partition by range (a collate pcoll);
drop collation pcoll;
create type row_key as (x int, y int);
create table partt (a row_key) partition by list (a);
alter type row_key add attribute z int;
drop type row_key;
\d
set client_min_messages = warning;
drop schema expression_uses cascade;
drop role regress_uses;
