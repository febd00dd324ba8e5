-- WHERE CURRENT OF, TABLESAMPLE, EXPLAIN EXECUTE, materialized views
create table cu(a int, b text); insert into cu select g, 'x'||g from generate_series(1,5) g;
begin; declare c cursor for select * from cu; fetch 2 from c; update cu set b='upd' where current of c; delete from cu where current of c; fetch c; update cu set b = 'three' where current of c; select * from cu order by a; 
savepoint s; delete from cu where current of nope; rollback to s; fetch all from c; update cu set b='e' where current of c; rollback;
begin; declare c scroll cursor for select * from cu order by a for update; fetch last from c; update cu set b='L' where current of c; fetch prior from c; update cu set b='P' where current of c; select * from cu order by a; rollback;
begin; declare c cursor for select * from cu order by a; fetch c; update cu set b='L' where current of c; rollback;
do $$ declare c cursor for select * from cu for update; r record; begin open c; loop fetch c into r; exit when not found; update cu set b = r.b || '!' where current of c; end loop; end $$;
select * from cu order by a;
select count(*) from cu tablesample bernoulli (100); select count(*) from cu tablesample system (0); select count(*) from cu tablesample system (101); select * from cu tablesample foo (1);
select (select count(*) from generate_series(1,1) ) ; create table big as select g from generate_series(1,20000) g;
select count(*) between 1500 and 2500 from big tablesample bernoulli (10) repeatable (3);
select (select count(*) from big tablesample bernoulli (10) repeatable (3)) = (select count(*) from big tablesample bernoulli (10) repeatable (3));
select count(*) between 200 and 6000 from big tablesample system (10);
create view sv as select * from cu tablesample system (50) repeatable (2); select pg_get_viewdef('sv');
prepare q(int) as select * from cu where a = $1; explain (costs off) execute q(3); explain (costs off) create table zz as select * from cu; 
create materialized view mv as select a, count(*) from cu group by a; select * from mv order by 1; create unique index on mv(a); insert into cu values (9,'n'); refresh materialized view concurrently mv; select * from mv order by 1; refresh materialized view mv with no data; select * from mv; \d+ mv
drop table cu cascade;
drop table big;
