create schema statistics_views;
set search_path = statistics_views;
create table s (i int primary key, word text, few int, empty int);
select reltuples, relpages from pg_class where oid = 's'::regclass;
select count(*) from pg_stats where schemaname = 'statistics_views';
insert into s select i, case when i % 3 = 0 then null else 'word ' || i % 7 end, case when i % 10 < 8 then 1 else i end, null
  from generate_series(1, 1000) i;
analyze s;
select reltuples, relpages > 0 as pages from pg_class where oid = 's'::regclass;
select reltuples, relpages > 0 as pages from pg_class where oid = 's_pkey'::regclass;
select attname, inherited, null_frac, avg_width, n_distinct from pg_stats where schemaname = 'statistics_views' order by attname;
select attname, array_length(most_common_vals::text::text[], 1) as common, most_common_freqs[1] as most,
       array_length(histogram_bounds::text::text[], 1) as bounds, correlation
  from pg_stats where schemaname = 'statistics_views' order by attname;
select most_common_vals, most_common_freqs from pg_stats where schemaname = 'statistics_views' and attname = 'few';
-- one column has arrays of several types: it cannot be sorted or grouped
create table two (a int, b text);
insert into two select i, 'A000' || i from generate_series(1, 100) i;
analyze two;
select attname from pg_stats where tablename = 'two' order by histogram_bounds;
select row_number() over (order by most_common_vals) from pg_stats where tablename = 'two';
select distinct histogram_bounds from pg_stats where tablename = 'two';
select count(*) from pg_stats where tablename = 'two' group by histogram_bounds;
-- only whoever may read the values
create role statistics_reader;
set role statistics_reader;
select count(*) from pg_stats where schemaname = 'statistics_views';
reset role;
drop role statistics_reader;
drop schema statistics_views cascade;
