-- PL/pgSQL: strictness, cursors with names, domains, arrays and records.
create schema plpgsql_strict;
set search_path = plpgsql_strict;
create table t (a int, b text);
insert into t values (1, 'x'), (2, 'y'), (3, 'y');
create function f_out(out int, out int) returns setof record language plpgsql as $$
begin
  $1 := -1;
  $2 := -2;
  return next;
  return query select x, x * 10 from generate_series(1, 2) x;
end $$;
select * from f_out();
create function f_mixed(out o int, i int) language plpgsql as $$ begin o := $2 + 1; $1 := $1 + 1; end $$;
select f_mixed(4);
-- bound cursors have the name of their variable
create function f_names() returns text language plpgsql as $$
declare
  c cursor (p int, q text) for select a from t where a >= p and b = q;
  r record;
  s text = '';
begin
  for r in c (q := 'y', p := 1) loop s := s || c || r.a || ' '; end loop;
  open c (2, 'y');
  fetch c into r;
  s := s || c || ' ' || r.a;
  close c;
  return s;
end $$;
select f_names();
create function f_bad() returns void language plpgsql as $$
declare c cursor (p int, q int) for select 1;
begin
  open c (p := 1, p := 2);
end $$;
create function f_bad() returns void language plpgsql as $$
declare c cursor (p int, q int) for select 1;
begin
  open c (1);
end $$;
create function f_bad() returns void language plpgsql as $$
declare c cursor (p int, q int) for select 1;
begin
  open c (1, 2, 3);
end $$;
create function f_bad() returns void language plpgsql as $$
declare c cursor for select 1;
begin
  open c (1);
end $$;
do $$ declare c constant refcursor; begin open c for select 1; end $$;
-- names that come later are not seen
do $$ declare x int := x + 1; begin raise notice '%', x; end $$;
do $$ declare y int := x + 1; x int := 42; begin raise notice '%', x; end $$;
do $$ declare x int := 42; y int := x + 1; begin raise notice '% %', x, y; end $$;
-- domains
create domain pos as int not null check (value > 0);
create function f_pos(p pos) returns pos language plpgsql as $$ declare v pos; begin v := p; return v; end $$;
select f_pos(3);
create function f_pos2(p pos) returns pos language plpgsql as $$ declare v pos := p - 2; begin return v - 1; end $$;
select f_pos2(2);
select f_pos2(3);
select f_pos2(5);
create domain nums as numeric(4,2)[] check (value[1] > 0);
create function f_nums(n numeric) returns numeric language plpgsql as $$
declare x nums := '{1,2}'; y numeric(4,2)[];
begin
  y[1] := n;
  x[2] := n;
  return x[2] + y[1];
end $$;
select f_nums(1.23456);
select f_nums(121.00);
create function f_nums2(n numeric) returns nums language plpgsql as $$ declare x nums := '{1,2}'; begin x[1] := n; return x; end $$;
select f_nums2(2);
select f_nums2(-2);
-- composite values
create type pair as (x int, y text);
create function f_pair() returns pair language plpgsql as $$ begin return (1, 'hello')::pair; end $$;
select f_pair();
select * from f_pair();
create function f_pairs() returns setof pair language plpgsql as $$
declare r pair := (3, 'three');
begin
  return next (1, 'one')::pair;
  return next r;
  return next null;
  return query select a, b from t where a = 2;
end $$;
select * from f_pairs();
do $$ declare r record; p pair; begin p := (5, 'five')::pair; r := p; raise notice '% %', r, p.y; r := (6, 'six')::pair; raise notice '%', r; end $$;
-- INTO STRICT
create function f_strict(p1 int, p3 text) returns void language plpgsql as $$
#print_strict_params on
declare x record;
begin
  select * from t where a > p1 and b = p3 into strict x;
end $$;
select f_strict(5, 'it''s');
select f_strict(0, 'y');
select f_strict(0, null);
set plpgsql.print_strict_params = on;
do $$ declare x record; begin execute 'select * from t where a > $1 or b = $2' using 0, 'y' into strict x; end $$;
do $$ declare x record; begin execute 'select * from t where a > $1' using 100 into strict x; end $$;
reset plpgsql.print_strict_params;
set plpgsql.extra_warnings = 'too_many_rows, strict_multi_assignment';
do $$ declare x int; y int; begin select a from t into x; select 1 into x, y; select 1, 2 into x, y; end $$;
set plpgsql.extra_warnings = 'none';
set plpgsql.extra_errors = 'all';
do $$ declare x int; begin select a from t into x; end $$;
do $$ declare x int; y int; begin select 1, 2, 3 into x, y; end $$;
do $$ declare p pair; begin select 1 into p; end $$;
reset plpgsql.extra_errors;
set client_min_messages = warning;
drop schema plpgsql_strict cascade;
