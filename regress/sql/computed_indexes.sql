-- Indexes on expressions and partial indexes: what reads them, and that answers are the same with and without.
create table ci_people (id int, name text, age int, status varchar(10), note text, active boolean);
insert into ci_people
  select i, case when i % 50 = 0 then null else 'Name' || (i % 700) end, i % 90,
         (array['open','closed','new'])[1 + i % 3], 'note ' || i, i % 4 = 0
  from generate_series(1, 5000) i;
create index ci_lower on ci_people (lower(name));
create index ci_sum on ci_people ((id + age));
create index ci_two on ci_people (upper(status), age desc);
create index ci_open on ci_people (age) where status = 'open';
create index ci_old on ci_people (id) where age > 80;
create index ci_named on ci_people (age) where name is not null and age < 5;
create index ci_active on ci_people (id) where active;
create unique index ci_unique on ci_people (id) where age between 10 and 20;
analyze ci_people;
set enable_bitmapscan = off;
set enable_seqscan = off;
-- Which
explain (costs off) select * from ci_people where lower(name) = 'name77';
explain (costs off) select * from ci_people where id + age = 77;
explain (costs off) select * from ci_people where id + age > 5050 and note like '%9';
explain (costs off) select * from ci_people where upper(status) = 'NEW' and age = 40;
explain (costs off) select id from ci_people where status = 'open' and age = 7;
explain (costs off) select note from ci_people where age > 80 and id < 20;
explain (costs off) select note from ci_people where age >= 85 and id < 20;
explain (costs off) select note from ci_people where age = 3 and name = 'Name3';
explain (costs off) select note from ci_people where active and id < 10;
-- Answers
select count(*), sum(id) from ci_people where lower(name) = 'name77';
select count(*), sum(id) from ci_people where lower(name) >= 'name695' and lower(name) < 'name7';
select count(*), sum(id) from ci_people where id + age = 77;
select count(*), sum(id) from ci_people where 5000 < id + age;
select count(*), sum(id) from ci_people where upper(status) = 'NEW' and age > 87;
select count(*), sum(id) from ci_people where status = 'open' and age = 7;
select count(*), sum(id) from ci_people where status in ('open') and age between 7 and 9;
select count(*), sum(id) from ci_people where status = 'open';
select count(*), sum(id) from ci_people where age > 80 and id < 2000;
select count(*), sum(id) from ci_people where age >= 80 and id < 2000;
select count(*), sum(id) from ci_people where age > 79 and id < 2000;
select count(*), sum(id) from ci_people where age = 85 or age = 88;
select count(*), sum(id) from ci_people where age in (85, 88) and id < 3000;
select count(*), sum(id) from ci_people where age in (85, 8) and id < 3000;
select count(*), sum(id) from ci_people where age < 3 and name > 'Name5';
select count(*), sum(id) from ci_people where age < 3;
select count(*), sum(id) from ci_people where active and id < 100;
select count(*), sum(id) from ci_people where active is true and id < 100;
select count(*), sum(id) from ci_people where active is not false and id < 100;
select count(*), sum(id) from ci_people where not active and id < 100;
select count(*), sum(id) from ci_people where age = 15 and id = 15;
select count(*), sum(id) from ci_people where age between 12 and 14 and id between 100 and 200;
select name from ci_people where lower(name) < 'name12' order by lower(name), name, id limit 5;
select id from ci_people order by id + age limit 3;
select id from ci_people order by id + age desc limit 3;
select id, age from ci_people where status = 'open' order by age desc, id limit 3;
-- Joins
create table ci_words (word text, n int);
insert into ci_words values ('name1', 1), ('name2', 2), ('name699', 3), ('nobody', 4), (null, 5);
select w.word, count(p.id), sum(p.id) from ci_words w left join ci_people p on lower(p.name) = w.word group by w.word, w.n order by w.n;
select w.word, p.id from ci_words w join ci_people p on p.id = w.n * 100 and p.active order by 1, 2;
select w.n from ci_words w where exists (select 1 from ci_people p where p.id + p.age = w.n * 2) order by 1;
select w.n from ci_words w where not exists (select 1 from ci_people p where p.status = 'open' and p.age = w.n) order by 1;
-- Rows that change
update ci_people set name = 'Other' where lower(name) = 'name77';
select count(*) from ci_people where lower(name) = 'name77';
select count(*), sum(id) from ci_people where lower(name) = 'other';
update ci_people set status = 'closed' where status = 'open' and age = 7;
select count(*) from ci_people where status = 'open' and age = 7;
update ci_people set status = 'open' where id in (1, 2, 3);
select id from ci_people where status = 'open' and age < 4 and id < 10 order by id;
delete from ci_people where age > 80 and id < 100;
select count(*), sum(id) from ci_people where age > 80 and id < 2000;
begin;
update ci_people set age = 200 where id + age = 1010;
select count(*) from ci_people where age > 80 and id between 900 and 1010;
rollback;
select count(*) from ci_people where age > 80 and id between 900 and 1010;
-- Parameters prove nothing
prepare ci_by_status (text, int) as select count(*), sum(id) from ci_people where status = $1 and age = $2;
execute ci_by_status('open', 8);
execute ci_by_status('closed', 8);
execute ci_by_status('new', 8);
execute ci_by_status('open', 9);
execute ci_by_status('closed', 9);
execute ci_by_status('new', 9);
execute ci_by_status('nothing', 9);
-- Keys that fail are errors of whoever writes the row, unless the predicate leaves it out
create table ci_parts (a int, b int);
create index ci_quotient on ci_parts ((100 / a)) where b > 0;
insert into ci_parts values (1, 1), (0, 0), (5, 5), (0, -3);
insert into ci_parts values (0, 1);
update ci_parts set b = 1 where a = 0;
insert into ci_parts select g, 1 from generate_series(1, 2000) g;
select count(*) from ci_parts where b > 0 and 100 / a = 1;
create index ci_fails on ci_parts ((1 / a));
select count(*) from ci_parts;
delete from ci_parts where a = 0;
create index ci_fails_not on ci_parts ((1 / a));
-- jsonb keys
create table ci_json (j jsonb, n int);
insert into ci_json select j::jsonb, n from unnest(array['null', '"a"', '"ab"', '""', '1', '1.0', '-3.5', '10', 'true', 'false', '[]', '[1]', '[null]',
  '[1, 2]', '["a"]', '{}', '{"a": 1}', '{"a": 2}', '{"b": 1}', '{"a": 1, "b": 2}', '{"aa": 1}', '[[]]', '[{}]', '[[], 1]', null, '"é"', '1e20', '{"a": []}']) with ordinality x(j, n);
select j, n from ci_json order by j, n;
create index ci_json_key on ci_json (j);
select n from ci_json where j = '{"b": 2, "a": 1}';
select n from ci_json where j = '1.00' order by n;
select n from ci_json where j > '[1]' and j <= '[1, 2]' order by j, n;
select n from ci_json where j < '"ab"' order by j, n;
select j from ci_json order by j desc limit 5;
reset enable_seqscan;
reset enable_bitmapscan;
drop table ci_people, ci_words, ci_parts, ci_json;
