SET client_min_messages = warning;
DROP EXTENSION IF EXISTS pg_trgm CASCADE;
RESET client_min_messages;
-- Indexes of pg_trgm and btree_gin
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gin;
CREATE TABLE trgm_data (id int, t text, n int);
INSERT INTO trgm_data SELECT i, CASE WHEN i % 3 = 0 THEN 'The ' ELSE 'a ' END || md5((i % 300)::text) || CASE WHEN i % 7 = 0 THEN ' Quick-fox jumps' WHEN i % 11 = 0 THEN ' 100% sure_thing' ELSE '' END, i % 50 FROM generate_series(1, 2000) i;
CREATE INDEX trgm_gin ON trgm_data USING gin (t gin_trgm_ops, n);
CREATE FUNCTION trgm_both(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE with_index text; without text;
BEGIN
  SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = on;
  EXECUTE 'SELECT count(*) || '' '' || coalesce(sum(id), 0) FROM trgm_data WHERE ' || condition INTO with_index;
  SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexscan = off;
  EXECUTE 'SELECT count(*) || '' '' || coalesce(sum(id), 0) FROM trgm_data WHERE ' || condition INTO without;
  RETURN CASE WHEN with_index = without THEN with_index ELSE 'with index ' || with_index || ', without ' || without END;
END $$;
SELECT c, trgm_both(c) FROM unnest(ARRAY['t LIKE ''%fox%''', 't LIKE ''The c4%''', 't LIKE ''%jumps''', 't ILIKE ''%QUICK-F%''', 't LIKE ''%100\%%''', 't LIKE ''%sure\_thing''', 't LIKE ''%a_b%''', 't LIKE ''a%''', 't ~ ''quick.fox''', 't ~ ''Quick.fox''',
  't ~* ''quick[-]fox +jum''', 't ~ ''ju?mps$''', 't ~ ''c4ca|c81e''', 't ~ ''(fox|sure)''', 't ~ ''fo{1,2}x''', 't ~ ''\mfox\M''', 't % ''quick fox jumps''', 't %> ''jumps''', 't = ''a c4ca4238a0b923820dcc509a6f75849b''', 'n = 7', 'n < 3 AND t LIKE ''%fox%''', 'n BETWEEN 10 AND 12', 't NOT LIKE ''%fox%''']) c;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM trgm_data WHERE t LIKE '%fox%';
RESET enable_seqscan;
SELECT indexdef FROM pg_indexes WHERE tablename = 'trgm_data';
DROP INDEX trgm_gin;
CREATE INDEX trgm_gist ON trgm_data USING gist (t gist_trgm_ops);
SELECT c, trgm_both(c) FROM unnest(ARRAY['t LIKE ''%fox%''', 't % ''quick fox jumps''', 't ~ ''Quick.fox''']) c;
DROP TABLE trgm_data;
DROP FUNCTION trgm_both;
DROP EXTENSION pg_trgm, btree_gin;
