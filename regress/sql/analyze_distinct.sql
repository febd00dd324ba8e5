-- What ANALYZE says of columns of a table larger than its sample.
create table analyze_distinct as select g as single, g / 2 as pairs, g % 7 as few, null::int as never from generate_series(1, 120000) g;
analyze analyze_distinct;
select attname, n_distinct < -0.9 as all_distinct, n_distinct between -0.7 and -0.3 as half, n_distinct = 7 as seven, null_frac
  from pg_stats where tablename = 'analyze_distinct' order by attname;
drop table analyze_distinct;
