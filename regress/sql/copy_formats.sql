create table cp (a int, b text, c numeric(8,2), d date default '2001-01-01');
copy cp from stdin;
1	one	1.50	2020-02-03
2	t\two\n	-2	\N
3	\N	1e2	2021-12-31
\.
select * from cp;
copy cp (a, b) from stdin with (format csv, header);
a,b
4,"quoted, ""x"""
5,
6,""
"7","multi
line"
\.
copy cp to stdout;
copy cp to stdout (format csv, header);
copy cp (b, a) to stdout with csv force quote b;
copy (select a, c from cp where a < 3 order by a) to stdout (delimiter '|', null 'nil');
copy cp from stdin;
x	y	1	\N
\.
copy cp from stdin;
1	y	1
\.
copy cp from stdin;
1	y	1	2020-01-01	extra
\.
copy cp from stdin;
1	y	1	2020-13-01
\.
copy cp from stdin (format csv);
1,"y
\.
copy cp from '/dev/null' (delimiter 'ab');
copy cp from '/dev/null' (format nosuch);
copy cp (nosuch) from '/dev/null';
copy nosuch from '/dev/null';
copy cp from stdin where a > 10;
9	nine	9	\N
11	eleven	11	\N
\.
select a from cp where a > 8;
create table cu (a int primary key, b int not null check (b > 0));
copy cu from stdin;
1	1
2	2
1	3
\.
copy cu from stdin;
1	1
2	\N
\.
copy cu from stdin;
1	1
2	0
\.
select * from cu;
copy cu from stdin delimiter '|';
1|1
2|2
\.
copy cu to stdout with delimiter ',';
create view cv as select * from cu;
copy cv to stdout;
drop table cu cascade;
drop table cp;
