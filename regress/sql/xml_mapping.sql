-- Tables, queries, cursors, schemas and databases as XML.
CREATE SCHEMA xmlmap;
CREATE DOMAIN xmlmap.short AS varchar(20);
CREATE TABLE xmlmap.a (i int, t text, "odd name" numeric(10,2), v varchar(12), c char(4));
INSERT INTO xmlmap.a VALUES (1, 'one & <two>', 1.5, 'v', 'c'), (NULL, NULL, NULL, NULL, NULL);
CREATE TABLE xmlmap.b (b bool, d date, ts timestamp, tz timestamptz, tm time(2), ttz timetz, f4 real, f8 float8, s smallint, l bigint, x xml, by bytea,
  s2 xmlmap.short, arr int[], u uuid);
INSERT INTO xmlmap.b VALUES (true, '2020-02-03', '2020-02-03 04:05:06', '2020-02-03 04:05:06+00', '01:02:03.45', '01:02:03+02', 1.5, 2.5, 3, 4, '<a/>', '\x0102ff',
  'dom', '{1,2,NULL}', '00000000-0000-0000-0000-000000000001');
SET timezone = 'UTC';
SELECT table_to_xml('xmlmap.a', false, false, '');
SELECT table_to_xml('xmlmap.a', true, true, 'urn:x');
SELECT table_to_xml('xmlmap.b', false, true, '');
SELECT table_to_xmlschema('xmlmap.a', false, false, '');
SELECT table_to_xmlschema('xmlmap.b', true, true, 'urn:x');
SELECT table_to_xml_and_xmlschema('xmlmap.a', true, false, '');
SELECT table_to_xml_and_xmlschema('xmlmap.a', true, true, 'urn:x');
SELECT query_to_xml('SELECT i + 1 AS n, t FROM xmlmap.a WHERE i > 0', false, false, '');
SELECT query_to_xmlschema('SELECT i + 1 AS n, now() AS t FROM xmlmap.a', false, true, '');
SELECT query_to_xml_and_xmlschema('SELECT 1 AS one', false, false, '');
SELECT query_to_xml('SELECT nothing', false, false, '');
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT * FROM generate_series(1, 5) AS g;
SELECT cursor_to_xml('c', 2, false, false, '');
SELECT cursor_to_xml('c', 2, false, true, '');
SELECT cursor_to_xmlschema('c', false, true, '');
FETCH c;
SELECT cursor_to_xml('nothing', 2, false, true, '');
ROLLBACK;
SELECT schema_to_xml('xmlmap', false, false, '');
SELECT schema_to_xml('xmlmap', true, true, 'urn:x');
SELECT schema_to_xmlschema('xmlmap', false, false, '');
SELECT schema_to_xmlschema('xmlmap', true, true, 'urn:x');
SELECT schema_to_xml_and_xmlschema('xmlmap', false, false, '');
SELECT schema_to_xml('nothing', false, false, '');
SELECT length(database_to_xml(false, false, '')::text) > 100, database_to_xmlschema(true, true, '')::text ~ 'CatalogType';
DROP SCHEMA xmlmap CASCADE;
