create schema routine_keys;
set search_path = routine_keys;
-- Unique indexes, exclusion constraints and inverted indexes whose keys functions of users compute.
create function half(int) returns int language sql immutable as 'select $1 / 2';
create function fold(t text) returns text language plpgsql immutable as $$ begin
  if t = 'bad' then raise exception 'a bad text'; end if;
  return lower(trim(t));
end $$;
create function wanted(int) returns boolean language sql immutable as 'select $1 > 0';
create table t (id int primary key, n int, s text);
create unique index t_half on t (half(n));
create unique index t_fold on t (fold(s), (n % 2)) where wanted(n);
insert into t values (1, 10, 'One'), (2, 12, 'Two');
insert into t values (3, 11, 'Three');
insert into t values (3, 14, ' TWO ');
insert into t values (3, 15, ' TWO ');
insert into t values (4, 16, 'bad');
insert into t values (4, null, 'Two'), (5, null, null), (6, 20, null), (7, 22, null);
insert into t values (8, -10, 'Two'), (9, -20, 'Two');
select * from t order by id;
-- ON CONFLICT, in one statement too.
insert into t values (10, 13, 'x') on conflict do nothing;
insert into t values (10, 13, 'x') on conflict (half(n)) do update set s = t.s || '!' returning *;
insert into t values (10, 30, 'a'), (11, 31, 'b'), (12, 32, 'c') on conflict do nothing;
insert into t values (13, 40, 'a');
insert into t values (14, 42, 'n'), (15, 43, 'o');
select id, n, s from t where id >= 10 order by id;
-- Changes.
update t set n = 11 where id = 2;
update t set n = 13 where id = 2;
update t set s = 'one' where id = 6;
update t set s = upper(s) where s is not null;
update t set n = 21 where id = 6 returning half(n);
update t set n = 100 where id = 6;
insert into t values (20, 21, 'free again');
delete from t where id = 20;
insert into t values (20, 20, 'and again');
-- What is undone is not there.
begin;
insert into t values (30, 60, 'thirty');
savepoint s;
insert into t values (31, 62, 'thirty one');
rollback to s;
insert into t values (32, 63, 'thirty two');
rollback;
insert into t values (33, 60, 'thirty three');
-- Queries are right with such an index, whatever they do.
set enable_seqscan = off;
select id from t where half(n) = 30;
select id from t where fold(s) = 'thirty three' and n % 2 = 0 and wanted(n);
reset enable_seqscan;
select count(*) from t;
-- Indexes of rows that are there.
create table u as select g as id, g * 2 as n, 'text ' || g as s from generate_series(1, 3000) g;
create unique index u_half on u (half(n));
create unique index u_fold on u (fold(s));
insert into u values (0, 4001, 'new');
insert into u values (0, 8000, 'TEXT 77 ');
insert into u select g, g * 2, 'text ' || g from generate_series(3001, 15000) g;
insert into u select g, g * 2, 'text ' || g from generate_series(15000, 30000) g;
select count(*) from u;
update u set s = 'text 5' where id = 4;
drop index u_fold;
update u set s = 'Text 5' where id = 4;
create unique index u_fold on u (fold(s));
create unique index u_fold on u (fold(s)) where id <> 4;
insert into u values (-1, -1, 'bad');
update u set s = 'bad' where id = 4;
update u set s = 'good' where id = 4;
create index on u (fold(s));
reindex table u;
insert into u values (-2, 3, 'twice');
alter table u alter column n type bigint;
create unique index u_n on u (half(n::int));
insert into u values (-2, 3, 'twice');
truncate u;
insert into u values (-2, 3, 'once');
insert into u values (-3, 2, 'twice');
\copy u from stdin
1	50	fifty
2	51	fifty one
\.
select * from u order by id;
-- NULLS NOT DISTINCT, partitions, and concurrently.
create function nothing(int) returns int language sql immutable as 'select nullif($1, 0)';
create table nd (a int);
create unique index nd_a on nd (nothing(a)) nulls not distinct;
insert into nd values (0), (1);
insert into nd values (0);
insert into nd values (null);
create table p (a int, b int) partition by range (a);
create table p1 partition of p for values from (0) to (100);
create table p2 partition of p for values from (100) to (200);
create unique index p1_b on p1 (half(b));
insert into p values (1, 2), (101, 2);
insert into p values (2, 3);
create table c (a int);
insert into c values (1), (4);
create unique index concurrently c_half on c (half(a));
insert into c values (5);
-- Exclusion constraints and inverted indexes.
create function span(int, int) returns int4range language sql immutable as 'select int4range($1, $2)';
create table e (a int, b int, exclude using gist (span(a, b) with &&));
insert into e values (1, 5), (5, 9);
insert into e values (8, 10);
update e set b = 7 where a = 1;
select * from e order by a;
create table x (a int, exclude using btree (half(a) with =));
insert into x values (1), (2);
insert into x values (3);
create function words(text) returns text[] language sql immutable as $$ select string_to_array($1, ' ') $$;
create table w (s text);
create index on w using gin (words(s));
insert into w values ('a b c'), ('b c d'), ('x');
set enable_seqscan = off;
select s from w where words(s) @> array['b', 'c'] order by s;
reset enable_seqscan;
create table ready (id int);
create index on ready (half(id));
set enable_seqscan = off;
prepare found as select id from ready where half(id) = 3 order by id;
execute found;
insert into ready values (6), (7), (8);
execute found;
deallocate found;
reset enable_seqscan;
-- Details name expressions of built-in functions as well.
create table low (s text);
create unique index low_s on low (lower(s), (length(s) + 1));
insert into low values ('a');
insert into low values ('A');
set client_min_messages = warning;
drop schema routine_keys cascade;
