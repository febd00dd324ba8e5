-- Rules
create table rt(a int, b text default 'dd', c int); create table rlog(what text, a int, b text, at int default 7);
create rule r_ins as on insert to rt do also insert into rlog values ('ins', new.a, new.b);
insert into rt values (1,'x',10); insert into rt(a) values (2); insert into rt select g, 'm'||g from generate_series(3,5) g; insert into rt values (6,'s'),(7,'t');
select * from rt order by a; select * from rlog order by 2;
create rule r_upd as on update to rt where old.b <> new.b do also insert into rlog values ('upd', new.a, old.b || '>' || new.b);
update rt set b = b || '!' where a in (1,3); update rt set c = 5 where a = 2;
select * from rlog where what='upd' order by a;
create rule r_del as on delete to rt do also insert into rlog values ('del', old.a, old.b);
delete from rt where a > 5; select * from rlog where what = 'del' order by a;
create rule r_no as on delete to rt where old.a = 1 do instead nothing;
delete from rt where a < 3; select * from rt order by a;
create view rv as select a, b from rt where a > 2;
create rule rv_ins as on insert to rv do instead insert into rt values (new.a, new.b || '-v', 99) returning a, b;
create rule rv_upd as on update to rv do instead update rt set b = new.b where a = old.a returning a, b;
create rule rv_del as on delete to rv do instead delete from rt where a = old.a;
insert into rv values (20, 'v') returning *; insert into rv values (21,'w'); 
update rv set b = 'changed' where a = 20 returning b, a; update rv set b = upper(b) where a < 5;
delete from rv where a = 4; select * from rt order by a; 
delete from rv where a = 3 returning *;
\d rt
\d+ rv
select rulename, definition from pg_rules where tablename in ('rt','rv') order by 1;
alter table rt disable rule r_ins; insert into rt values (50); select count(*) from rlog where a = 50; alter table rt enable rule r_ins;
prepare pi(int, text) as insert into rv values ($1, $2) returning a; execute pi(60, 'p'); execute pi(61,'q');
do $$ begin insert into rv values (70, 'pl'); update rv set b = 'plu' where a = 70; end $$; select * from rt where a >= 60 order by 1;
create rule bad as on insert to rt do also insert into rlog values (old.a); create rule r_ins as on insert to rt do instead nothing; 
create or replace rule r_ins as on insert to rt do instead nothing; insert into rt values (99); select count(*) from rt where a = 99;
alter rule r_ins on rt rename to r_ins2; drop rule r_ins on rt; drop rule r_ins2 on rt; drop rule if exists nope on rt;
create rule multi as on insert to rt do also (insert into rlog values ('m1', new.a); update rlog set b = 'seen' where what = 'm1' and rlog.a = new.a);
insert into rt values (100, 'z'); select * from rlog where a = 100 order by what;
create table ra(i int); create table rb(i int); create rule loop1 as on insert to ra do also insert into rb values (new.i); create rule loop2 as on insert to rb do also insert into ra values (new.i); insert into ra values (1);
create table rn(i int); create rule n as on insert to rn do also notify ch; insert into rn values (1);
explain (costs off) delete from ra;
drop view rv; drop table rt, rlog, ra, rb, rn cascade;
create role dp1; create role dp2; create schema dps;
alter default privileges grant select on tables to dp1;
alter default privileges in schema dps grant execute on functions to dp2;
alter default privileges revoke execute on functions from public;
create table dpt(a int); create function dps.dpf() returns int language sql as 'select 1';
select relacl from pg_class where relname = 'dpt';
select proacl from pg_proc where proname = 'dpf';
\ddp
alter default privileges revoke select on tables from dp1; alter default privileges grant execute on functions to public; alter default privileges in schema dps revoke execute on functions from dp2;
select count(*) from pg_default_acl;
drop table dpt; drop schema dps cascade; drop role dp1, dp2;
