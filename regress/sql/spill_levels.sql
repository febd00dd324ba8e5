-- Hash joins and aggregates whose parts are larger than work_mem, so that they are divided again; and keys that can't be divided.
create schema spill_levels;
set search_path to spill_levels;
set work_mem = '64kB';
set hash_mem_multiplier = 1;
create table big as select g, ((g::int8 * 7919) % 100003)::int as k, repeat('p', 20) || g as t from generate_series(1, 120000) g;
create table dim as select g as k, 'd' || g as d from generate_series(0, 100002, 2) g;
analyze big;
analyze dim;
select count(*), sum(length(t)), sum(length(d)) from big join dim using (k);
select count(*), sum(length(t)), sum(length(d)) from big left join dim using (k);
select count(*), sum(length(t)), sum(length(d)), sum(k) from big full join dim using (k);
select count(*), sum(b.g) from big b where exists (select 1 from dim d where d.k = b.k);
select count(*), sum(b.g) from big b where not exists (select 1 from dim d where d.k = b.k);
select count(*), sum(n), sum(l) from (select k, count(*) n, max(length(t)) l from (select k, t from big union all select k, t from big) x group by k) y;
select count(*), sum(a), sum(b), min(t), max(t) from (select t, sum(k) a, count(*) b from big group by t) x;
select count(*) from (select distinct k, t from big) x;
-- One key for all rows, with and without others beside it.
create table same as select 1 as k, g from generate_series(1, 20000) g;
select count(*) from same a join (select 1 as k, g from generate_series(1, 50) g) b using (k);
insert into same select g, g from generate_series(2, 3000) g;
select count(*), sum(a.g) from same a join same b using (k) where a.g < 5 and b.g < 300;
select count(*), sum(s) from (select k, sum(g) s from same group by k) x;
drop schema spill_levels cascade;
