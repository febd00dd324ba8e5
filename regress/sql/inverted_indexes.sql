-- GIN indexes: each query with the index and without it
CREATE TABLE inverted (id int PRIMARY KEY, body text, vector tsvector, tags text[], numbers int[], doc jsonb);
INSERT INTO inverted SELECT i, 'word' || i % 97 || ' common ' || CASE WHEN i % 50 = 0 THEN 'rare words' ELSE '' END, to_tsvector('simple', 'w' || i % 97 || ' c ' || i),
  ARRAY['t' || i % 13, 't' || i % 101, CASE WHEN i % 7 = 0 THEN NULL ELSE 'x' END], CASE WHEN i % 20 = 0 THEN '{}' ELSE ARRAY[i % 31, i % 17] END,
  jsonb_build_object('k' || i % 11, i % 29, 'list', jsonb_build_array(i % 5, 's' || i % 41), 'n', CASE WHEN i % 3 = 0 THEN 1.50 ELSE i % 3 END) FROM generate_series(1, 3000) i;
CREATE INDEX inverted_vector ON inverted USING gin (vector);
CREATE INDEX inverted_body ON inverted USING gin (to_tsvector('english', body));
CREATE INDEX inverted_arrays ON inverted USING gin (tags, numbers);
CREATE INDEX inverted_doc ON inverted USING gin (doc);
CREATE INDEX inverted_path ON inverted USING gin (doc jsonb_path_ops) WITH (fastupdate = off);
CREATE UNIQUE INDEX ON inverted USING gin (tags);
CREATE INDEX ON inverted USING gin (id);
CREATE INDEX ON inverted USING gin (tags DESC);
CREATE INDEX ON inverted USING gin (tags nothing_ops);
CREATE INDEX ON inverted USING gin (tags jsonb_path_ops);
SELECT indexdef FROM pg_indexes WHERE tablename = 'inverted' ORDER BY 1;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM inverted WHERE vector @@ 'w5 & c' AND id > 100;
EXPLAIN (COSTS OFF) SELECT id FROM inverted WHERE to_tsvector('english', body) @@ 'rare';
EXPLAIN (COSTS OFF) SELECT id FROM inverted WHERE tags @> '{t3,t4}' AND numbers && '{5}';
EXPLAIN (COSTS OFF) SELECT id FROM inverted WHERE doc ? 'k3';
CREATE FUNCTION both_ways(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE with_index text; without text;
BEGIN
  SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = on;
  EXECUTE 'SELECT count(*) || '' '' || coalesce(sum(id), 0) FROM inverted WHERE ' || condition INTO with_index;
  SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexscan = off;
  EXECUTE 'SELECT count(*) || '' '' || coalesce(sum(id), 0) FROM inverted WHERE ' || condition INTO without;
  RETURN CASE WHEN with_index = without THEN with_index ELSE 'with index ' || with_index || ', without ' || without END;
END $$;
CREATE TABLE conditions (number int, condition text);
INSERT INTO conditions VALUES (1, $$vector @@ 'w5'$$), (2, $$vector @@ 'w5 & 102'$$), (3, $$vector @@ 'w5 | w6'$$), (4, $$vector @@ '!c'$$), (5, $$vector @@ 'c & !w5'$$),
  (6, $$vector @@ 'w1:*'$$), (7, $$vector @@ 'w5 <-> c'$$), (8, $$vector @@ 'c <-> w5'$$), (9, $$vector @@ (!!('a'::tsquery) && 'w5')$$), (10, $$vector @@ '!w1:* & 99'$$), (11, $$to_tsquery('w7') @@ vector$$),
  (12, $$to_tsvector('english', body) @@ 'rare & word'$$), (13, $$tags @> '{t3}'$$), (14, $$tags @> '{}'$$), (15, $$tags && '{t3,t5,none}'$$), (16, $$tags <@ '{t1,t2,t3,x}'$$),
  (17, $$numbers = '{}'$$), (18, $$numbers <@ '{1,2,3}'$$), (19, $$numbers = '{3,3}'$$), (20, $$tags @> '{t3,NULL}'$$), (21, $$'{t1,x,t1}' <@ tags$$), (22, $$numbers && '{}'$$),
  (23, $$doc @> '{"k3": 4}'$$), (24, $$doc ? 'k3'$$), (25, $$doc ?| '{k1,k2}'$$), (26, $$doc ?& '{k1,list}'$$), (27, $$doc @> '{"n": 1.5}'$$), (28, $$doc @> '{"list": ["s7"]}'$$),
  (29, $$doc @> '{}'$$), (30, $$doc ? 's7'$$), (31, $$doc @> '{"list": [2, "s7"], "n": 2.0}'$$), (32, $$tags @> NULL$$), (33, $$tags @> '{t3}' AND numbers && '{5,7}'$$);
SELECT number, condition, both_ways(condition) FROM conditions ORDER BY number;
-- changes, and what is rolled back
UPDATE inverted SET vector = vector || 'fresh', tags = tags || 'fresh'::text WHERE id % 10 = 0;
DELETE FROM inverted WHERE id % 15 = 0;
BEGIN;
INSERT INTO inverted (id, vector, tags) VALUES (10001, 'ghost', '{ghost}');
SELECT both_ways($$vector @@ 'ghost'$$), both_ways($$tags @> '{ghost}'$$);
ROLLBACK;
SELECT both_ways($$vector @@ 'ghost'$$), both_ways($$tags @> '{ghost}'$$), both_ways($$vector @@ 'fresh'$$), both_ways($$vector @@ 'c'$$), both_ways($$tags && '{fresh,t3}'$$);
UPDATE inverted SET vector = 'other' WHERE id < 100;
SELECT both_ways($$vector @@ 'fresh'$$), both_ways($$vector @@ 'other'$$), both_ways($$vector @@ 'w5'$$);
VACUUM inverted;
SELECT number, both_ways(condition) FROM conditions WHERE number IN (1, 4, 6, 13, 17, 24, 28) ORDER BY number;
DROP INDEX inverted_doc;
SELECT both_ways($$doc @> '{"k3": 4}'$$), both_ways($$doc @> '{"list": ["s7"], "n": 1.5}'$$);
REINDEX INDEX inverted_arrays;
SELECT both_ways($$tags && '{fresh,t3}'$$);
DROP TABLE conditions, inverted;
DROP FUNCTION both_ways;
