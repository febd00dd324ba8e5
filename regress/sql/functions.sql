-- functions and procedures in SQL
create schema fn;
set search_path = fn;
create function add(a int, b int) returns int language sql immutable as 'select a + b';
select add(1, 2), add(b => 10, a => 5);
select add(x, x) from generate_series(1, 3) x;
create function add(text, text) returns text language sql as $$select $1 || $2$$;
select add('a'::text, 'b');
create function with_default(a int, b int default 10, c text default 'x') returns text language sql as $$select a || '/' || b || '/' || c$$;
select with_default(1), with_default(1, 2), with_default(1, c => 'y');
create table items (id int primary key, name text, price numeric(10,2));
insert into items values (1, 'pen', 1.50), (2, 'book', 12.00), (3, 'lamp', 30.00);
create function cheap(lim numeric) returns setof items language sql stable as 'select * from items where price < lim order by id';
select * from cheap(20);
select name from cheap(100) where id > 1;
create function price_of(item text, out p numeric, out found bool) language sql as 'select price, true from items where name = item';
select * from price_of('book');
select price_of('pen');
create function expensive() returns table (label text, cost numeric) language sql as 'select upper(name), price from items order by price desc';
select * from expensive() limit 2;
select count(*), sum(cost) from expensive();
create function raise_all(pct numeric) returns void language sql as 'update items set price = price * (1 + pct / 100)';
select raise_all(10);
select * from items order by id;
create function new_item(n text, p numeric) returns int language sql as 'insert into items select max(id) + 1, n, p from items returning id';
select new_item('desk', 99);
create function twice(anyelement) returns anyelement language sql as 'select $1';
select twice(1), twice('a'::text), twice(1.5);
create function total(variadic nums int[]) returns bigint language sql as 'select sum(n) from unnest(nums) n';
select total(1, 2, 3), total(variadic array[4, 5]);
create function has_default(variadic nums int[] default array[7]) returns int language sql as 'select nums[1]';
select has_default(), has_default(3);
create function strict_one(int) returns int language sql strict as 'select $1 + 1';
select strict_one(null), strict_one(1);
-- standard bodies
create function sq(x int) returns int return x * x;
select sq(7);
create procedure add_item(n text, p numeric) begin atomic insert into items values (100, n, p); insert into items values (101, n || '2', p); end;
call add_item('chair', 5);
select id, name from items where id >= 100 order by id;
-- errors
create function add(int, int) returns int language sql as 'select 1';
create function bad() returns int language sql as 'select nosuch';
create function bad() returns int language sql as 'select 1, 2';
create function bad() returns int language sql as 'selec 1';
create function bad() returns nosuch language sql as 'select 1';
create function bad(a int, a int) returns int language sql as 'select 1';
create function bad() returns int as 'select 1';
create function bad() returns int language nosuch as 'select 1';
select nosuch(1);
select add(1);
create or replace function add(a int, b int) returns text language sql as 'select 1::text';
create or replace function add(a int, c int) returns int language sql as 'select 1';
create or replace function add(a int, b int) returns int language sql as 'select a + b + 1000';
select add(1, 2);
drop function nosuch(int);
drop function if exists nosuch(int);
drop function add;
drop function add(text, text);
select add('a', 'b');
create view uses_sq as select sq(3) as nine;
drop function sq(int);
select * from uses_sq;
drop function sq(int) cascade;
-- in the catalog
\df fn.*
select proname, pronargs, prorettype::regtype, provolatile, proretset from pg_proc where pronamespace = 'fn'::regnamespace order by proname;
select pg_get_functiondef('fn.with_default'::regproc);
select pg_get_function_arguments('fn.with_default'::regproc), pg_get_function_result('fn.cheap'::regproc);
alter function add(int, int) strict;
select proisstrict from pg_proc where oid = 'add(int,int)'::regprocedure;
\sf fn.total
-- records of one column
create function one_column() returns record language sql as 'select 7';
select * from one_column() as t(a int);
select * from json_to_record('{"a":7}') as t(a int);
\set VERBOSITY terse
drop schema fn cascade;
