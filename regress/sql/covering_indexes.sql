-- GiST and SP-GiST indexes: each condition with the index and without it
CREATE TABLE covered (id int, r int4range, n numrange, m int4multirange, t tstzrange, b box, p point, g polygon, c circle, i inet, v tsvector, q tsquery, s text);
INSERT INTO covered SELECT k,
  CASE WHEN k % 50 = 0 THEN 'empty' WHEN k % 41 = 0 THEN int4range(NULL, k % 1000) WHEN k % 43 = 0 THEN int4range(k % 1000, NULL) WHEN k % 97 = 0 THEN NULL ELSE int4range(k % 1000, k % 1000 + k % 37 + 1) END,
  numrange((k % 500)::numeric / 7, (k % 500)::numeric / 7 + k % 11, CASE WHEN k % 2 = 0 THEN '[]' ELSE '(]' END),
  CASE WHEN k % 19 = 0 THEN '{}' ELSE int4multirange(int4range(k % 300, k % 300 + 5), int4range(k % 300 + 20, k % 300 + 20 + k % 13)) END,
  tstzrange('2020-01-01 00:00:00+00'::timestamptz + k * interval '1 hour', '2020-01-01 00:00:00+00'::timestamptz + (k + k % 5) * interval '1 hour'),
  box(point(k % 100 - 50, k % 77 - 30), point(k % 100 - 50 + k % 9, k % 77 - 30 + k % 5)),
  point((k % 211) / 3.0 - 30, (k % 173) / 7.0 - 10),
  polygon(box(point(k % 90, k % 60), point(k % 90 + 3, k % 60 + k % 4))),
  circle(point(k % 80, k % 70), k % 6),
  ('10.' || k % 4 || '.' || k % 200 || '.' || k % 250)::inet,
  to_tsvector('simple', 'w' || k % 53 || ' x' || k % 7), to_tsquery('simple', 'w' || k % 31 || ' & ' || 'x' || k % 5), 'text ' || md5(k::text)
FROM generate_series(1, 3000) k;
UPDATE covered SET i = set_masklen(network(set_masklen(i, 8 + id % 25))::inet, 8 + id % 25) WHERE id % 3 = 0;
INSERT INTO covered (id, p, b) VALUES (9001, '(NaN,1)', '(7,1),(1,-7)'), (9002, '(1e30,-1e30)', '(0,0),(-0,0)'), (9003, NULL, NULL);
INSERT INTO covered (id, i) VALUES (9004, '::1'), (9005, '2001:db8::/32'), (9006, '2001:db8:1::5/48'), (9007, '0.0.0.0/0');
CREATE INDEX covered_ranges ON covered USING gist (r, n, m, t);
CREATE INDEX covered_box ON covered USING gist (b);
CREATE INDEX covered_shapes ON covered USING gist (p, g, c);
CREATE INDEX covered_inet ON covered USING gist (i inet_ops);
CREATE INDEX covered_text ON covered USING gist (v, q);
CREATE INDEX covered_sp_range ON covered USING spgist (r);
CREATE INDEX covered_sp_text ON covered USING spgist (s);
CREATE INDEX covered_sp_point ON covered USING spgist (p kd_point_ops);
CREATE INDEX ON covered USING gist (id);
CREATE INDEX ON covered USING gist (i);
CREATE INDEX ON covered USING spgist (b, p);
CREATE UNIQUE INDEX ON covered USING gist (r);
CREATE INDEX ON covered USING gist (r DESC);
CREATE INDEX ON covered USING spgist (r) INCLUDE (id);
CREATE INDEX ON covered USING gist (r box_ops);
CREATE INDEX ON covered USING nothing (r);
SELECT indexdef FROM pg_indexes WHERE tablename = 'covered' ORDER BY indexname;
SELECT indexrelid::regclass, array_agg(opcname ORDER BY k) FROM pg_index, unnest(indclass) WITH ORDINALITY u(c, k) JOIN pg_opclass o ON o.oid = c WHERE indrelid = 'covered'::regclass GROUP BY 1 ORDER BY 1::text;
CREATE FUNCTION covered_both_ways(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE with_index text; without text;
BEGIN
  SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = on; SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on;
  EXECUTE 'SELECT count(*) || '' '' || coalesce(sum(id), 0) FROM covered WHERE ' || condition INTO with_index;
  SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off;
  EXECUTE 'SELECT count(*) || '' '' || coalesce(sum(id), 0) FROM covered WHERE ' || condition INTO without;
  RETURN CASE WHEN with_index = without THEN with_index ELSE 'with index ' || with_index || ', without ' || without END;
END $$;
SELECT 'r ' || op || ' ' || quote_literal(value) || '::int4range' AS condition, covered_both_ways('r ' || op || ' ' || quote_literal(value) || '::int4range')
  FROM unnest(ARRAY['&&', '@>', '<@', '=', '<<', '>>', '-|-', '&<', '&>']) op, unnest(ARRAY['[100,110)', '[5,6)', 'empty', '(,20)', '[990,)', '(,)', '[0,1000)', '[512,513)']) value ORDER BY 1;
SELECT op, value, covered_both_ways('m ' || op || ' ' || quote_literal(value)) FROM unnest(ARRAY['&&', '@>', '<@', '=', '<<', '>>', '-|-', '&<', '&>']) op, unnest(ARRAY['{[100,110)}', '{}', '{[3,5),[290,295)}']) value ORDER BY 1, 2;
SELECT c, covered_both_ways(c) FROM unnest(ARRAY['r @> 17', 'r @> 999', '17 <@ r', 'n @> 10.5', 'n && numrange(3.14, 3.15)', 'n << numrange(2, 3)', 'm @> 25', 'm && int4range(40,41)', 'r && m', 'r <@ int4multirange(int4range(1,30), int4range(500,520))',
  't && tstzrange(''2020-01-03'', ''2020-01-04'')', 't @> ''2020-02-01 12:00+00''::timestamptz', 'int4range(100,110) && r', 'int4range(100,105) << r', 'int4range(100,105) <@ r', 'r && ''[10,20)'' AND n @> 3.0', 'r IS NULL']) c ORDER BY 1;
SELECT op, value, covered_both_ways('b ' || op || ' ' || quote_literal(value) || '::box') FROM unnest(ARRAY['&&', '@>', '<@', '~=', '<<', '>>', '&<', '&>', '<<|', '|>>', '&<|', '|&>']) op,
  unnest(ARRAY['(0,0),(5,5)', '(-50,-30),(-50,-30)', '(1e9,1e9),(-1e9,-1e9)', '(0,0),(0,0)', '(12,7),(10,6)']) value ORDER BY 1, 2;
SELECT op, value, covered_both_ways('p ' || op || ' ' || value) FROM unnest(ARRAY['<<', '>>', '<<|', '|>>', '~=']) op, unnest(ARRAY['''(0,0)''::point', '''(3,-2)''::point', '''(1e30,-1e30)''::point']) value ORDER BY 1, 2;
SELECT c, covered_both_ways(c) FROM unnest(ARRAY['p <@ box ''(0,0),(10,10)''', 'p <@ polygon ''(0,0),(10,0),(5,8)''', 'p <@ circle ''<(2,2),3>''', 'box ''(0,0),(1,1)'' @> p', 'g && polygon ''(0,0),(10,0),(5,8)''', 'g @> polygon ''(4,4),(5,5)''', 'g << polygon ''(40,4),(45,5)''',
  'g ~= polygon ''(1,1),(1,2),(4,2),(4,1)''', 'c && circle ''<(10,10),3>''', 'c @> circle ''<(10,10),1>''', 'c <@ circle ''<(10,10),9>''', 'c |>> circle ''<(10,60),1>''', 'c &< circle ''<(10,60),1>''']) c ORDER BY 1;
SELECT op, value, covered_both_ways('i ' || op || ' ' || quote_literal(value)) FROM unnest(ARRAY['&&', '>>', '>>=', '<<', '<<=', '=', '<>', '<', '<=', '>', '>=']) op, unnest(ARRAY['10.1.0.0/16', '10.2.34.17', '0.0.0.0/0', '::1', '2001:db8:1::/48', '10.0.0.0/9']) value ORDER BY 1, 2;
SELECT c, covered_both_ways(c) FROM unnest(ARRAY['v @@ ''w5 & x3''', 'v @@ ''w5:* | x1''', 'v @@ ''!x1''', 'q @> ''w5''', 'q <@ ''w5 & x1 & x2 & x3 & x4 & x0''', 's = ''text c4ca4238a0b923820dcc509a6f75849b''', 's < ''text 1''', 's >= ''text f''', 's ^@ ''text ab''', 's ~<~ ''text 2''']) c ORDER BY 1;
-- What the index is told: rows change, come and go
UPDATE covered SET r = int4range(id + 5000, id + 5002), b = box(point(id, id), point(id + 1, id + 1)) WHERE id % 10 = 1;
DELETE FROM covered WHERE id % 10 = 2;
SELECT c, covered_both_ways(c) FROM unnest(ARRAY['r && int4range(5001, 5500)', 'r @> 20', 'b && box ''(100,100),(200,200)''', 'b && box ''(0,0),(5,5)''']) c ORDER BY 1;
SET enable_seqscan = off; SET enable_indexscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM covered WHERE b && box '(0,0),(1,1)' AND id > 5;
RESET enable_seqscan; RESET enable_indexscan;
CREATE TABLE covered_more (LIKE covered INCLUDING INDEXES);
SELECT indexdef FROM pg_indexes WHERE tablename = 'covered_more' AND indexname NOT LIKE '%_r_i%' ORDER BY indexname;
DROP TABLE covered, covered_more;
DROP FUNCTION covered_both_ways;
