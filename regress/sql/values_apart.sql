create schema values_apart;
set search_path = values_apart;
-- Long values lie apart from the rows of segments, which nobody who asks for them notices.
CREATE TABLE apart (id int PRIMARY KEY, n int DEFAULT 0, body text, doc jsonb, raw bytea);
INSERT INTO apart SELECT g, 0,
    CASE WHEN g % 4 = 0 THEN NULL WHEN g % 4 = 1 THEN 'short ' || g ELSE repeat(md5(g::text), 50 + g % 70) END,
    jsonb_build_object('n', g, 'filler', repeat('x', CASE WHEN g % 3 = 0 THEN 6000 ELSE 3 END)),
    decode(repeat(md5((g * 3)::text), 100), 'hex')
  FROM generate_series(1, 400) g;
CREATE TABLE answers AS SELECT id, md5(body) AS body, md5(doc::text) AS doc, md5(raw) AS raw FROM apart;
CREATE FUNCTION wrong() RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM apart a FULL JOIN answers w ON a.id = w.id
   WHERE (md5(a.body), md5(a.doc::text), md5(a.raw)) IS DISTINCT FROM (w.body, w.doc, w.raw) $$;
CHECKPOINT;
SELECT wrong();
SELECT id, length(body), left(body, 8), (doc->>'n')::int AS n, length(raw) FROM apart WHERE id IN (1, 2, 3, 4, 399) ORDER BY id;
SELECT count(*) FROM apart WHERE body = repeat(md5('7'), 57);
SELECT id FROM apart WHERE doc @> '{"n": 77}';
-- Other columns change, the values stay.
UPDATE apart SET n = n + 1;
SELECT wrong(), sum(n) FROM apart;
CHECKPOINT;
SELECT wrong(), sum(n) FROM apart;
-- Read late, for rows that have passed.
SELECT count(*), sum(length(body)), sum(length(raw)) FROM apart WHERE n = 1 AND id % 5 = 2;
SELECT id, length(body), length(doc::text), id::text || left(body, 3) FROM apart WHERE n = 1 AND id % 90 = 7 ORDER BY id;
SELECT sum(length(body)) FROM apart WHERE n = 1;
SELECT count(*) FROM apart WHERE n = 2 AND body IS NOT NULL;
-- In a transaction that does not come to be, and in one that does.
BEGIN;
UPDATE apart SET body = repeat('lost', 2000) WHERE id % 2 = 0;
SAVEPOINT s;
DELETE FROM apart WHERE id % 3 = 0;
ROLLBACK TO s;
SELECT count(DISTINCT body), max(length(body)) FROM apart;
ROLLBACK;
SELECT wrong();
UPDATE apart SET body = body || ' and more' WHERE id % 10 = 3;
UPDATE answers SET body = (SELECT md5(body) FROM apart WHERE apart.id = answers.id) WHERE id % 10 = 3;
DELETE FROM apart WHERE id % 7 = 0;
DELETE FROM answers WHERE id % 7 = 0;
CHECKPOINT;
VACUUM apart;
CHECKPOINT;
SELECT wrong();
-- An index over such a column.
CREATE INDEX apart_raw ON apart (md5(body));
SELECT id FROM apart WHERE md5(body) = md5(repeat(md5('22'), 72));
ALTER TABLE apart ADD COLUMN extra text DEFAULT repeat('e', 3000);
SELECT min(length(extra)), max(length(extra)), count(*) FROM apart;
UPDATE apart SET extra = repeat('f', 4000) WHERE id = 5;
ALTER TABLE apart DROP COLUMN raw;
CHECKPOINT;
SELECT id, length(extra), left(extra, 1) FROM apart WHERE id IN (5, 6) ORDER BY id;
-- Loads, and tables made of others.
CREATE TABLE copy_of_apart AS SELECT * FROM apart;
CHECKPOINT;
SELECT count(*) FROM (SELECT * FROM apart EXCEPT SELECT * FROM copy_of_apart) d;
INSERT INTO copy_of_apart SELECT * FROM apart;
SELECT count(*), count(DISTINCT body) = (SELECT count(DISTINCT body) FROM apart) AS same FROM copy_of_apart;
-- Emptied.
TRUNCATE apart;
SELECT count(*) FROM apart;
DROP TABLE apart, copy_of_apart, answers;
DROP FUNCTION wrong;
drop schema values_apart cascade;
