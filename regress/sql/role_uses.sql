create role regress_use_x; create role regress_use_y; create table use_tt(i int); grant select on use_tt to regress_use_x; grant insert(i) on use_tt to regress_use_x; create function use_ff() returns int language sql as 'select 1'; grant execute on function use_ff() to regress_use_x; create schema use_ss; grant usage on schema use_ss to regress_use_x;
create policy pp on use_tt to regress_use_x using (true); 
drop role regress_use_x;
select count(*) from pg_roles where rolname = $$regress_use_x$$;
alter role regress_use_x rename to regress_use_z; \dp use_tt
set role regress_use_z; select * from use_tt; reset role;
drop owned by regress_use_z;
\dp use_tt
drop role regress_use_z;
create table use_t2(i int); alter table use_t2 owner to regress_use_y; drop role regress_use_y; reassign owned by regress_use_y to postgres; drop role regress_use_y; 
create role regress_use_w; 
drop table use_tt, use_t2; drop schema use_ss; drop function use_ff(); drop role regress_use_w;
