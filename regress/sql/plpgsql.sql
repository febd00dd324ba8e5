-- PL/pgSQL
create schema pl;
set search_path = pl;
create function fib(n int) returns int language plpgsql as $$
begin
  if n < 2 then
    return n;
  end if;
  return fib(n - 1) + fib(n - 2);
end $$;
select fib(15);
create function control(n int) returns text language plpgsql as $$
declare
  result text := '';
  i int;
  kind text;
begin
  for i in 1..n loop
    continue when i % 2 = 0;
    result := result || i || ',';
    exit when i > 6;
  end loop;
  for i in reverse 5..1 by 2 loop
    result := result || 'r' || i || ',';
  end loop;
  i := 0;
  while i < 3 loop
    i := i + 1;
  end loop;
  result := result || 'w' || i;
  case n
    when 1, 2 then kind := 'small';
    when 10 then kind := 'ten';
    else kind := 'other';
  end case;
  case when n > 5 then kind := kind || '!'; else null; end case;
  <<outer>>
  loop
    loop
      exit outer;
    end loop;
  end loop;
  return result || ' ' || kind;
end $$;
select control(10);
select control(2);
create table t (id int primary key, name text, n int);
insert into t select i, 'name' || i, i * 10 from generate_series(1, 5) i;
create function rows_demo() returns text language plpgsql as $$
declare
  r record;
  x t%rowtype;
  who t.name%type;
  out_text text := '';
  total int;
begin
  for r in select * from t order by id loop
    out_text := out_text || r.id || '=' || r.name || ' ';
  end loop;
  select * into x from t where id = 3;
  select name into strict who from t where id = 4;
  select sum(n) into total from t;
  out_text := out_text || '|' || x.name || '|' || who || '|' || total;
  select name into who from t where id = 99;
  out_text := out_text || '|' || coalesce(who, 'null') || '|' || found;
  return out_text;
end $$;
select rows_demo();
create function set_demo(lim int) returns setof t language plpgsql as $$
declare r t;
begin
  for r in select * from t where id <= lim order by id loop
    r.n := r.n + 1;
    return next r;
  end loop;
  return query select 100, 'last', 0;
  return;
end $$;
select * from set_demo(2);
create function table_demo() returns table (a int, b text) language plpgsql as $$
begin
  a := 1; b := 'one';
  return next;
  a := 2; b := 'two';
  return next;
  return query execute 'select id, name from pl.t where id = $1' using 5;
end $$;
select * from table_demo();
create function out_demo(x int, out y int, inout z text) language plpgsql as $$
begin
  y := x * 2;
  z := z || '!';
end $$;
select * from out_demo(4, 'hi');
create function div(a int, b int) returns text language plpgsql as $$
declare
  msg text; detail text; state text;
begin
  return a / b;
exception
  when division_by_zero then
    get stacked diagnostics msg = message_text, state = returned_sqlstate;
    return msg || ' ' || state || ' ' || sqlstate || ' ' || sqlerrm;
end $$;
select div(6, 3), div(1, 0);
create function undo() returns int language plpgsql as $$
declare c int;
begin
  insert into t values (50, 'kept', 0);
  begin
    insert into t values (51, 'undone', 0);
    insert into t values (1, 'duplicate', 0);
  exception when unique_violation then
    raise notice 'caught: %', sqlerrm;
  end;
  select count(*) into c from t where id >= 50;
  return c;
end $$;
select undo();
select id, name from t where id >= 50;
create function raises(kind int) returns void language plpgsql as $$
begin
  raise notice 'plain % and %%', kind;
  raise warning 'look';
  if kind = 1 then raise exception 'failed with %', kind using detail = 'the detail', hint = 'the hint', errcode = '22012'; end if;
  if kind = 2 then raise division_by_zero; end if;
  if kind = 3 then raise sqlstate 'U1234' using message = 'mine'; end if;
  if kind = 4 then raise exception using errcode = 'unique_violation', message = 'dup'; end if;
  assert kind < 5, 'kind is too large';
end $$;
select raises(0);
select raises(1);
select raises(2);
select raises(3);
select raises(4);
select raises(5);
create function dyn(tab text, lim int) returns bigint language plpgsql as $$
declare c bigint; rc int;
begin
  execute format('select count(*) from %I where id <= $1', tab) into c using lim;
  execute 'update pl.t set n = n + 1 where id < 3';
  get diagnostics rc = row_count;
  return c * 100 + rc;
end $$;
select dyn('t', 3);
create function cursors() returns text language plpgsql as $$
declare
  c cursor (low int) for select id, name from t where id >= low order by id;
  rc refcursor;
  r record; a int; b text; result text := '';
begin
  open c(3);
  fetch c into r;
  result := result || r.id;
  fetch next from c into a, b;
  result := result || b;
  move c;
  fetch c into r;
  result := result || coalesce(r.id, -1);
  close c;
  for r in c(4) loop result := result || '<' || r.name || '>'; end loop;
  open rc for execute 'select 7 as seven';
  fetch rc into a;
  close rc;
  return result || a;
end $$;
select cursors();
create function arrays() returns text language plpgsql as $$
declare a int[] := '{1,2,3}'; x int; s int := 0; m int[][] := array[[1,2],[3,4]]; row_ int[]; result text := '';
begin
  a[2] := 20;
  a[5] := 50;
  foreach x in array a loop s := s + coalesce(x, 0); end loop;
  foreach row_ slice 1 in array m loop result := result || row_::text; end loop;
  return a::text || s || result;
end $$;
select arrays();
do $$
declare n int := 0;
begin
  for i in 1..3 loop n := n + i; end loop;
  raise notice 'sum %', n;
end $$;
create procedure pr(a int, inout b int) language plpgsql as $$
begin
  b := a + b;
  commit;
  insert into t values (60, 'from procedure', 0);
  rollback;
  insert into t values (61, 'kept', 0);
end $$;
call pr(1, 2);
select id from t where id >= 60;
begin;
call pr(1, 2);
rollback;
-- errors
create function bad() returns int language plpgsql as $$ begin return 1 $$;
create function bad() returns int language plpgsql as $$ begin x := 1; end $$;
create function bad() returns int language plpgsql as $$ declare a int; a int; begin end $$;
create function noreturn() returns int language plpgsql as $$ begin null; end $$;
select noreturn();
create function badcolumn() returns int language plpgsql as $$ declare r record; begin select 1 as a into r; return r.b; end $$;
select badcolumn();
create function ambiguous(id int) returns text language plpgsql as $$ begin return (select name from t where id = 1); end $$;
select ambiguous(1);
create function nested() returns int language plpgsql as $$ begin return div2(); end $$;
create function div2() returns int language plpgsql as $$ declare x int; begin x := 0; return 1 / x; end $$;
select nested();
create function nodest() returns void language plpgsql as $$ begin select 1; end $$;
select nodest();
create function strictly() returns void language plpgsql as $$ declare x int; begin select id into strict x from t; end $$;
select strictly();
create function constant() returns void language plpgsql as $$ declare c constant int := 1; begin c := 2; end $$;
create function notnull() returns void language plpgsql as $$ declare c int not null := 1; begin c := null; end $$;
select notnull();
\set VERBOSITY terse
drop schema pl cascade;
