-- Deferrable constraints, constraint triggers, transition tables, TRUNCATE triggers, pg_get_viewdef
create table p(id int primary key deferrable initially deferred, v text);
begin; insert into p values (1,'a'),(2,'b'); insert into p values (1,'c'); delete from p where v='c'; commit;
begin; insert into p values (1,'c'); commit;
update p set id = id+1;
select * from p order by 1;
create table u(i int unique deferrable, t text);
insert into u values (0,'a'),(1,'b'),(2,'c');
begin; update u set i = i+1; select * from u; commit;
insert into u values (1,'x');
begin; set constraints all deferred; insert into u values (1,'x'); select * from u; set constraints u_i_key immediate; rollback;
create table q(i int primary key);
create table c(qid int references q deferrable initially deferred);
begin; insert into c values (5); insert into q values (5); commit;
begin; insert into c values (6); commit;
begin; insert into c values (6); savepoint s; insert into c values (7); rollback to s; insert into q values (6); commit;
begin; delete from q where i=5; insert into q values(5); commit;
begin; delete from q where i=5; commit;
insert into c values (9);
create function tf() returns trigger language plpgsql as $$ begin raise notice '% % % % old=% new=%', tg_name, tg_when, tg_level, tg_op, (select count(*) from o), (select string_agg(n::text, ',') from n); return null; end $$;
create trigger tt after update on p referencing old table as o new table as n for each statement execute function tf();
update p set v = v || 'x';
create function tf2() returns trigger language plpgsql as $$ begin raise notice '% % % %', tg_name, tg_when, tg_level, tg_op; return null; end $$;
create trigger t1 before truncate on u execute function tf2();
create trigger t2 after truncate on u execute function tf2();
truncate u;
create constraint trigger ct after insert on u deferrable initially deferred for each row execute function tf2();
begin; insert into u values (1,'q'); select 'before'; set constraints ct immediate; select 'after'; commit;
begin; insert into u values (2,'q'); alter table u add column z int; rollback;
create trigger w after update on u for each row when (old.* is distinct from new.*) execute function tf2();
update u set t = t; update u set t = 'zz';
\d u
\d p
create view v as select a.i, a.t, count(*) over w as cnt, case a.i when 1 then 'x' else 'y' end as z from u a join q on q.i = a.i left join c on c.qid = q.i where a.i > 0 and exists (select 1 from p where p.id = a.i) window w as (partition by a.t order by a.i) order by a.t desc limit 10;
select pg_get_viewdef('v'::regclass);
select pg_get_viewdef('v'::regclass, true);
drop view v;
drop table p, u, c, q cascade;
drop function tf, tf2;
