-- CREATE, ALTER and DROP OPERATOR FAMILY and CREATE OPERATOR CLASS
create schema of_one;
create schema of_two;
create role of_role;
create operator family of_one.fam using btree;
create operator family of_one.fam using btree;
create operator family of_one.fam using hash;
create operator family of_one.fam using nosuch;
-- members
alter operator family of_one.fam using btree add
  operator 1 < (int4, int2), operator 2 <= (int4, int2), operator 3 = (int4, int2),
  operator 4 >= (int4, int2), operator 5 > (int4, int2),
  function 1 btint42cmp(int4, int2);
select amopstrategy, amopopr::regoperator from pg_amop a join pg_opfamily f on amopfamily = f.oid
 where opfname = 'fam' order by 1;
select amprocnum, amproc from pg_amproc a join pg_opfamily f on amprocfamily = f.oid where opfname = 'fam' order by 1;
alter operator family of_one.fam using btree add operator 1 < (int4, int2);
alter operator family of_one.fam using btree add function 1 btint42cmp(int4, int2);
alter operator family of_one.fam using btree add operator 0 < (int4, int2);
alter operator family of_one.fam using btree add operator 1 <;
alter operator family of_one.fam using btree drop operator 5 (int4, int2);
alter operator family of_one.fam using btree drop operator 5 (int4, int2);
alter operator family of_one.fam using btree drop function 2 (int4, int2);
alter operator family of_one.nosuch using btree drop function 2 (int4, int2);
-- names, owners, schemas
alter operator family of_one.fam using btree rename to kin;
alter operator family of_one.kin using btree owner to of_role;
alter operator family of_one.kin using btree set schema of_two;
select opfname, opfnamespace::regnamespace, opfowner::regrole from pg_opfamily where opfname in ('fam', 'kin') order by 1, 2;
comment on operator family of_two.kin using btree is 'relatives';
select obj_description(oid, 'pg_opfamily') from pg_opfamily where opfname = 'kin';
select (pg_identify_object('pg_opfamily'::regclass, oid, 0)).* from pg_opfamily where opfname = 'kin';
-- classes
create operator class of_two.cls for type int4 using hash family of_one.fam as operator 1 =, function 1 hashint4(int4);
select opcname, opcnamespace::regnamespace, opcdefault, opcintype::regtype from pg_opclass where opcname = 'cls';
comment on operator class of_two.cls using hash is 'one class';
alter operator class of_two.cls using hash rename to klass;
drop operator class of_two.cls using hash;
drop operator class of_two.klass using hash;
-- comments on the constraints of domains
create domain of_dom as int constraint small check (value < 10);
comment on constraint small on domain of_dom is 'below ten';
comment on constraint large on domain of_dom is 'no';
select obj_description(oid, 'pg_constraint') from pg_constraint where conname = 'small';
drop domain of_dom;
-- dropping
drop operator family of_one.fam using btree;
drop operator family if exists of_one.fam using btree;
drop operator family of_one.fam using hash;
drop schema of_two;
drop schema of_two cascade;
drop schema of_one;
drop role of_role;
