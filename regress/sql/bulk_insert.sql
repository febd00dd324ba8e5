create schema bulk_insert;
set search_path = bulk_insert;
-- Statements that write many rows go straight to segments; nobody notices but by the time.
create table parent (id int primary key, other int unique);
insert into parent select g, -g from generate_series(0, 99) g;
create table child (id bigint primary key, p int references parent, o int, s text, foreign key (o) references parent (other));
insert into child select g, g % 100, -(g % 50), 'text ' || g from generate_series(1, 40000) g;
select count(*), sum(id), count(distinct p), count(distinct o) from child;
-- One row in the middle: nothing is left.
insert into child select g, case when g = 70000 then 1000 else 5 end, null, 'x' from generate_series(50001, 90000) g;
insert into child select g, 1, -50, 'x' from generate_series(50001, 90000) g where g <> 70000 union all select 70000, 1, 50, 'y';
insert into child select case when g = 80000 then 17 else g end, 1, null, 'x' from generate_series(50001, 90000) g;
insert into child select g, 1, null, (1000 / (70000 - g))::text from generate_series(50001, 90000) g;
select count(*), max(id) from child;
-- Keys that are written by the same statement.
create table tree (id int primary key, up int references tree);
insert into tree select g, nullif(g / 2, 0) from generate_series(1, 30000) g;
insert into tree select g, g + 1 from generate_series(40001, 70000) g;
insert into tree select g, g + 1 from generate_series(40001, 70000) g union all select 70001, null;
select count(*), count(up) from tree;
with added as (insert into parent select g, -g from generate_series(100, 199) g returning id)
insert into child select 100000 + g, g % 200, null, 'both' from generate_series(1, 20000) g, (select count(*) from added) a;
select count(*), max(p) from child where s = 'both';
-- Keys that are checked at the end of the transaction, and MATCH FULL.
create table late (id int, p int references parent deferrable initially deferred, a int, b int);
begin;
insert into late select g, 200 + g % 3 from generate_series(1, 20000) g;
insert into parent values (200, -200), (201, -201);
commit;
begin;
insert into late select g, 200 + g % 3 from generate_series(1, 20000) g;
insert into parent values (200, -200), (201, -201), (202, -202);
commit;
select count(*) from late;
create table pair (a int, b int, primary key (a, b));
insert into pair select g, g from generate_series(1, 10) g;
create table of_pair (a int, b int, foreign key (a, b) references pair match full);
insert into of_pair select g % 10 + 1, g % 10 + 1 from generate_series(1, 20000) g;
insert into of_pair select null, null from generate_series(1, 20000) g;
insert into of_pair select g % 10 + 1, case when g < 15000 then g % 10 + 1 end from generate_series(1, 20000) g;
select count(*), count(a) from of_pair;
-- Tables that are made of queries.
create table made as select g, g % 7 as r, md5(g::text) as t from generate_series(1, 30000) g;
select count(*), sum(r) from made;
create materialized view seen as select r, t from made;
select count(*), min(t) from seen;
select g into chosen from generate_series(1, 20000) g;
select sum(g) from chosen;
-- An expression index is of use after a statement that failed for a key, too.
create table logs (id int, n int);
create index logs_ln on logs (ln(n));
insert into logs select g, g from generate_series(1, 1000) g;
insert into logs select g, 30000 - g from generate_series(1, 40000) g;
\copy logs from program 'seq 1 100000 | awk ''{ print $1 "\t" 29000 - $1 }'''
analyze logs;
set enable_seqscan = off;
explain (costs off) select id from logs where ln(n) = ln(10);
select id from logs where ln(n) = ln(10);
reset enable_seqscan;
drop schema bulk_insert cascade;
