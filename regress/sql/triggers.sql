-- triggers
create schema tr;
set search_path = tr;
create table items (id int primary key, name text, price int, changed int default 0);
create table log (n serial, what text);
create function note() returns trigger language plpgsql as $$
begin
  insert into log (what) values (tg_name || ' ' || tg_when || ' ' || tg_level || ' ' || tg_op || ' ' || tg_relname || ' ' || tg_nargs || ' ' ||
    coalesce(tg_argv[0], '-') || ' old=' || coalesce(old::text, 'null') || ' new=' || coalesce(new::text, 'null'));
  if tg_op = 'DELETE' then return old; end if;
  return new;
end $$;
create function shape() returns trigger language plpgsql as $$
begin
  if new.price < 0 then return null; end if;
  new.name := upper(new.name);
  if tg_op = 'UPDATE' then new.changed := old.changed + 1; end if;
  return new;
end $$;
create trigger a_shape before insert or update on items for each row execute function shape();
create trigger b_note after insert or update or delete on items for each row execute function note('x');
create trigger c_stmt after insert or update or delete on items execute function note();
create trigger d_before before insert on items for each statement execute function note();
insert into items values (1, 'pen', 10), (2, 'bad', -1), (3, 'book', 30);
select id, name, price, changed from items order by id;
update items set price = price + 1 where id < 3 returning id, name, changed;
delete from items where id = 3;
select what from log order by n;
truncate log;
-- WHEN and UPDATE OF
create trigger e_when after update of price on items for each row when (old.price is distinct from new.price) execute function note('when');
update items set name = 'same' where id = 1;
update items set price = price where id = 1;
update items set price = 99 where id = 1;
select what from log where what like 'e_when%' order by n;
-- upserts, MERGE, COPY
truncate log;
insert into items values (1, 'again', 5) on conflict (id) do update set price = excluded.price;
merge into items using (values (1, 7), (9, 70)) v(id, price) on items.id = v.id
  when matched then update set price = v.price when not matched then insert values (v.id, 'merged', v.price);
copy items (id, name, price) from stdin;
20	copied	1
21	dropped	-5
\.
select id, name, price, changed from items order by id;
select what from log where what not like 'e_when%' order by n;
-- a trigger that raises
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no % on %', tg_op, tg_table_name; end $$;
create trigger z_refuse before delete on items for each row execute function refuse();
delete from items where id = 1;
select count(*) from items where id = 1;
alter table items disable trigger z_refuse;
delete from items where id = 1;
select count(*) from items where id = 1;
alter table items enable trigger z_refuse;
-- cascades fire too
create table child (id int primary key, item int references items on delete cascade);
create trigger child_note after delete on child for each row execute function note();
create trigger child_before before delete on child for each row execute function note('before');
create trigger child_stmt after delete on child for each statement execute function note();
insert into child values (1, 9);
drop trigger z_refuse on items;
truncate log;
delete from items where id = 9;
select what from log where what like 'child%' order by n;
-- in the catalog
select tgname, tgtype, tgenabled, tgnargs, pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'items'::regclass and not tgisinternal order by tgname;
\d items
alter trigger e_when on items rename to f_when;
comment on trigger f_when on items is 'renamed';
select obj_description(oid, 'pg_trigger') from pg_trigger where tgname = 'f_when';
-- errors
create trigger a_shape before insert on items for each row execute function shape();
create trigger bad before insert on items for each row execute function nosuch();
create trigger bad before insert on nosuch for each row execute function shape();
create trigger bad instead of insert on items for each row execute function shape();
create trigger bad before insert on items for each row when (old.id = 1) execute function shape();
create trigger bad after insert on items for each statement when (new.id = 1) execute function shape();
create trigger bad before update of nosuch on items for each row execute function shape();
create function notrigger() returns int language sql as 'select 1';
create trigger bad before insert on items for each row execute function notrigger();
drop trigger nosuch on items;
drop trigger if exists nosuch on items;
select shape();
drop function shape();
\set VERBOSITY terse
drop schema tr cascade;
