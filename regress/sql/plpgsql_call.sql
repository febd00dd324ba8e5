-- CALL in PL/pgSQL: variables as arguments, values given back; cursor variables by number.
create procedure triple(inout x int) language plpgsql as $$ begin x := x * 3; end $$;
create procedure pc_split(a int, out half int, inout rest int) language plpgsql as $$ begin half := a / 2; rest := rest + a - half; end $$;
do $$
declare v int := 5; h int; r record;
begin
  call triple(v);
  raise notice 'v = %', v;
  call pc_split(v, h, v);
  raise notice 'h = %, v = %', h, v;
  call pc_split(rest => v, a => 10, half => h);
  raise notice 'h = %, v = %', h, v;
  select 1 as a, 2 as b into r;
  call triple(r.b);
  raise notice 'r = %', r;
end $$;
do $$ begin call triple(4); end $$;
do $$ declare c constant int := 4; begin call triple(c); end $$;
create function pc_nested(n int) returns int language plpgsql as $$ begin call triple(n); return n + $1; end $$;
select pc_nested(7);
create function pc_cursor(refcursor) returns int language plpgsql as $$
declare a int; b int;
begin
  open $1 for select g from generate_series(1, 5) g;
  fetch $1 into a; move next from $1; fetch $1 into b; close $1;
  return a * 10 + b;
end $$;
select pc_cursor('c');
create function pc_absent(absent_type) returns int language sql as 'select 1';
-- Subqueries in ON with and without correlation; checks of views and policies below partitions.
create table pc_a (x int, y int); create table pc_b (x int); insert into pc_a select g, g % 3 from generate_series(1, 9) g; insert into pc_b values (1), (2), (3);
select count(*) from pc_a a join pc_b b on a.x = b.x and ((select max(x) from pc_b) > a.x or exists (select 1 from pc_a c where c.y = b.x))
  and (select min(x) from pc_b) < 2;
create table pc_part (a int, b text) partition by list (a);
create table pc_part1 partition of pc_part for values in (1); create table pc_part2 partition of pc_part for values in (2);
alter table pc_part enable row level security;
create role pc_user; grant all on pc_part to pc_user; grant select on pc_b to pc_user;
create policy pc_policy on pc_part with check (a <= (select min(x) from pc_b));
create policy pc_read on pc_part for select using (true);
set role pc_user;
insert into pc_part values (1, 'fits');
insert into pc_part values (2, 'does not');
reset role;
select * from pc_part;
drop table pc_part; drop role pc_user;
create table pc_conflict (a int, b text) partition by list (a);
create table pc_conflict1 partition of pc_conflict for values in (1) partition by list (a);
create table pc_conflict11 partition of pc_conflict1 for values in (1);
create unique index on only pc_conflict1 (a);
insert into pc_conflict1 values (1, 'x') on conflict (a) do update set b = excluded.b;
