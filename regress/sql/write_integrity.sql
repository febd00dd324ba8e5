-- What must be refused, though it takes a closer look to see why.
create schema write_integrity;
set search_path = write_integrity;
-- nulls that are not distinct, in an index over rows that are there
create table keys (i int, t text);
insert into keys values (1, 'a'), (null, 'b'), (null, 'c');
create unique index keys_i on keys (i) nulls not distinct;
delete from keys where t = 'c';
create unique index keys_i on keys (i) nulls not distinct;
insert into keys values (null, 'd');
-- deferrable keys of partitions
create table parted (i int unique deferrable) partition by range (i);
create table parted_1 partition of parted for values from (0) to (10);
begin;
insert into parted values (1);
savepoint s;
insert into parted values (1);
rollback to s;
set constraints parted_i_key deferred;
insert into parted values (1);
commit;
select * from parted;
-- SET DEFAULT to the key that goes
create table defp (f1 int primary key);
insert into defp values (0), (1);
create table defc (f1 int default 0 references defp on delete set default);
insert into defc values (0), (1);
delete from defp where f1 = 1;
table defc;
delete from defp where f1 = 0;
alter table defc alter column f1 set default 1;
delete from defp where f1 = 0;
-- what BEFORE triggers do to the row itself
create table parent (aid int not null, val1 text, val2 text, bcnt int not null default 0);
create table child (bid int not null, aid int not null, val1 text);
create function parent_upd() returns trigger language plpgsql as $$
begin
  if old.val1 <> new.val1 then
    new.val2 = new.val1;
    delete from child where child.aid = new.aid and child.val1 = new.val1;
  end if;
  return new;
end $$;
create trigger parent_upd before update on parent for each row execute function parent_upd();
create function parent_del() returns trigger language plpgsql as $$
begin
  delete from child where aid = old.aid;
  return old;
end $$;
create trigger parent_del before delete on parent for each row execute function parent_del();
create function child_count() returns trigger language plpgsql as $$
begin
  update parent set bcnt = bcnt + case tg_op when 'INSERT' then 1 else -1 end where aid = case tg_op when 'INSERT' then new.aid else old.aid end;
  return null;
end $$;
create trigger child_count after insert or delete on child for each row execute function child_count();
insert into parent values (1, 'a', 'a', 0);
insert into child values (10, 1, 'b');
update parent set val1 = 'b' where aid = 1;
merge into parent p using (values (1)) as v(id) on p.aid = v.id when matched then update set val1 = 'b';
delete from parent where aid = 1;
merge into parent p using (values (1)) as v(id) on p.aid = v.id when matched then delete;
table parent;
table child;
-- domains of new columns
create domain filled as text not null;
create domain no_foo as text check (value <> 'foo') default 'foo';
create table columns (a int);
alter table columns add column b filled;
insert into columns values (1, 'x');
alter table columns add column c filled;
alter table columns add column d no_foo;
select * from columns;
-- tables in use keep their form
begin;
declare c cursor for select * from keys;
fetch 1 from c;
alter table keys add column z int;
rollback;
create function grow() returns trigger language plpgsql as $$
begin
  alter table grown add primary key (a);
  return new;
end $$;
create table grown (a int);
create trigger grow before insert on grown for each row execute function grow();
insert into grown values (1);
drop trigger grow on grown;
create function index_it() returns int language plpgsql as $$
begin
  create index on keys (t);
  return 1;
end $$;
select index_it() from keys;
-- a star that was written before the column
create view starred as select 1 as one, keys.* from keys;
alter table keys add column more int default 5;
select * from starred;
create view joined as select * from keys natural join defp;
alter table defp add column i int;
select * from joined;
select pg_get_viewdef('joined');
-- INTO where there is nothing to put into
select * from (select 1 into x) y;
insert into keys select 1 into x;
-- grouping by a system column
select tableoid::regclass, count(*) from keys group by tableoid order by tableoid::regclass::text;
-- types of columns with foreign keys
create table wide (a int primary key);
create table narrow (a int references wide);
insert into wide values (1);
insert into narrow values (1);
alter table wide alter column a type bigint;
alter table narrow alter column a type bigint;
alter table narrow alter column a type text;
insert into narrow values (2);
delete from wide;
create function two(anyelement) returns anyrange language sql as 'select null::int4range';
create function three(x int, out a anyelement) language sql as 'select 1';
set client_min_messages = warning;
drop schema write_integrity cascade;
