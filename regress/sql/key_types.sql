create schema key_types;
set search_path = key_types;
-- Every type with a default operator class of btree can be a key, unique, and gives the order of its values.
create type row_type as (a int, b text);
create type nested as (r row_type, n numeric[]);
create domain row_domain as row_type check ((value).a is distinct from 13);
create function check_key(type text, vals text[]) returns table (shown text) language plpgsql as $$
declare v text; failures int := 0;
begin
  execute format('create table keyed (k %s, n int)', type);
  execute 'create unique index on keyed (k)';
  execute 'create index on keyed (k desc nulls last, n)';
  for i in 1 .. array_length(vals, 1) loop
    execute format('insert into keyed values ($1::%s, $2)', type) using vals[i], i;
    begin
      execute format('insert into keyed values ($1::%s, $2)', type) using vals[i], i;
      failures := failures + 1;
    exception when unique_violation then null;
    end;
  end loop;
  insert into keyed values (null, 0), (null, -1);
  analyze keyed;
  set local enable_seqscan = off; set local enable_sort = off; set local enable_bitmapscan = off;
  return query execute 'select string_agg(coalesce(k::text, ''null''), '' < '') from (select k from keyed order by k) o';
  return query execute 'select string_agg(coalesce(k::text, ''null''), '' > '') from (select k from keyed order by k desc nulls last) o';
  set local enable_indexscan = off; set local enable_seqscan = on; set local enable_sort = on;
  return query execute 'select string_agg(coalesce(k::text, ''null''), '' < '') from (select k from keyed order by k) o';
  return query execute 'select count(*)::text || '' not unique, '' || (select count(*) from keyed a join keyed b on a.k = b.k) || '' equal'' from generate_series(1, $1)' using failures;
  drop table keyed;
end $$;
select * from check_key('row_type', '{"(2,b)","(1,z)","(1,)","(,)","(,a)","(2,\"\")","(-5,x)","(1,a)"}') as c (shown);
select * from check_key('row_domain', '{"(2,b)","(1,z)","(1,)"}') as c (shown);
select * from check_key('nested', array['("(1,a)","{1,2}")', '("(1,a)","{1}")', '("(1,)","{1}")', '(,"{1,NULL}")', '("(0,zz)",)']) as c (shown);
select * from check_key('row_type[]', array['{"(1,a)"}', '{"(1,a)","(0,b)"}', '{"(1,)"}', '{NULL}', '{}']) as c (shown);
select * from check_key('tsvector', array['', 'a', 'b', 'a b', 'a:1 b', 'a:1,2', 'a:2', 'a:1A', 'ab', 'a:1 b:2', 'zebra:3B']) as c (shown);
select * from check_key('tsquery', array['a', 'b', 'a & b', 'a | b', 'a <-> b', 'a <2> b', '!a', 'b & a', 'ab', '!(a & b)', 'a & b & c']) as c (shown);
select * from check_key('int2vector', array['', '1', '2 1', '1 2', '5', '-3']) as c (shown);
select * from check_key('oidvector', array['', '1', '2 1', '1 2', '5', '4294967295']) as c (shown);
select * from check_key('pg_lsn', array['0/0', '1/0', 'FFFFFFFF/0']) as c (shown);
select * from check_key('tid', array['(0,1)', '(1,0)', '(0,2)', '(100000,65535)']) as c (shown);
select * from check_key('xid8', array['0', '1', '18446744073709551615']) as c (shown);
select * from check_key('money', array['-1.50', '0', '12.30']) as c (shown);
select * from check_key('bit varying', array['', '0', '1', '01', '10']) as c (shown);
select * from check_key('macaddr8', array['08:00:2b:01:02:03:04:05', '00:00:00:00:00:00:00:00']) as c (shown);
select * from check_key('int4range', array['empty', '[1,5)', '(,5)', '[1,)', '[2,3)']) as c (shown);
select * from check_key('nummultirange', array['{}', '{[1,5)}', '{[1,2),[3,4)}']) as c (shown);
-- Fields may be added later; rows from before have nulls there.
create table grows (r row_type primary key);
insert into grows values ('(1,a)'), ('(2,)');
alter type row_type add attribute c int;
insert into grows values ('(1,a,)');
insert into grows values ('(1,a,5)'), ('(2,,)');
insert into grows values ('(1,a,5)');
-- Not all can.
create type with_point as (a int, p point);
create table points (w with_point);
insert into points values ('(1,"(1,2)")'), ('(1,"(1,3)")');
create table vectors (v int2vector, i int, j json, p point);
create index on vectors (v);
create index on vectors (j);
create index on vectors (p);
-- Operator classes by name.
create index on grows (r record_ops);
create index on vectors (i record_ops);
create index on vectors (i text_ops);
create index on vectors (i int4_ops);
create index on vectors (i no_such_ops);
create index on vectors using hash (i int4_ops);
create index on vectors using hash (i int4_minmax_ops);
create table classes (t text, v varchar, b bpchar, a int[], r int4range, c cidr);
create index on classes (t text_pattern_ops, v varchar_pattern_ops, b bpchar_pattern_ops, a array_ops, r range_ops, c inet_ops);
create index on classes (v text_ops, v varchar_ops, c cidr_ops);
select indexrelid::regclass, indclass[0] = (select oid from pg_opclass where opcname = 'record_ops' and opcmethod = 403) as record
  from pg_index where indrelid = 'grows'::regclass order by 1;
set client_min_messages = warning;
drop schema key_types cascade;
