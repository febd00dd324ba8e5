-- Roles, membership, grants as psql shows them.
create schema rol;
create role reg_owner login;
create role reg_reader login password 'secret' valid until '2030-01-01';
create role reg_group nologin;
create role reg_owner;
create user reg_user in role reg_group connection limit 5;
alter role reg_reader createdb;
grant reg_group to reg_reader;
grant usage, create on schema rol to reg_owner;
grant usage on schema rol to reg_group;
select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolconnlimit, rolvaliduntil at time zone 'UTC' as until from pg_roles where rolname like 'reg\_%' order by 1;
select r.rolname, m.rolname from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member where r.rolname like 'reg\_%' order by 1, 2;
\du reg_*
create table rol.t (id int primary key, open text);
create sequence rol.s;
create view rol.v as select id, open from rol.t;
grant select, update on rol.t to reg_group;
grant select on rol.v to public;
grant usage on sequence rol.s to reg_user with grant option;
\dp rol.*
select has_table_privilege('reg_reader', 'rol.t', 'select'), has_table_privilege('reg_reader', 'rol.t', 'delete'), has_schema_privilege('reg_user', 'rol', 'usage'), has_schema_privilege('reg_user', 'rol', 'create'), pg_has_role('reg_user', 'reg_group', 'member'), has_sequence_privilege('reg_user', 'rol.s', 'usage');
revoke update on rol.t from reg_group;
revoke all on rol.v from public;
\z rol.t
alter table rol.t owner to reg_reader;
\dt rol.t
grant select on rol.t to nosuch_role;
grant nosuch on rol.t to reg_user;
revoke reg_group from reg_reader;
alter role reg_user set work_mem = '8MB';
\drds reg_user
alter role reg_user rename to reg_user2;
drop role nosuch_role;
drop role if exists nosuch_role;
set client_min_messages = warning;
drop schema rol cascade;
drop role reg_owner, reg_reader, reg_user2, reg_group;
