-- Domains: constraints, defaults, casts, ALTER DOMAIN.
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN small_positive AS positive CONSTRAINT below_ten CHECK (VALUE < 10);
CREATE DOMAIN word AS varchar(5) NOT NULL DEFAULT 'none';
SELECT 5::positive + 1, pg_typeof(5::positive), pg_typeof(5::positive + 1);
SELECT 0::positive;
SELECT 12::small_positive;
SELECT (-1)::small_positive;
SELECT NULL::positive, NULL::word;
SELECT 'toolong'::word, 'abc'::word || 'd';
CREATE TABLE t (a positive, b small_positive DEFAULT 3, c word);
INSERT INTO t VALUES (1);
INSERT INTO t VALUES (0);
INSERT INTO t VALUES (1, 10);
INSERT INTO t VALUES (1, 2, NULL);
INSERT INTO t VALUES (1, 2, 'sixsix');
INSERT INTO t SELECT g, g FROM generate_series(1, 3) g;
UPDATE t SET a = a - 1 WHERE a = 1;
SELECT * FROM t ORDER BY a, b;
COPY t FROM stdin;
4	5	x
\.
COPY t FROM stdin;
-4	5	x
\.
SELECT sum(a), max(b), array_agg(c ORDER BY c) FROM t;
ALTER DOMAIN positive ADD CONSTRAINT under_four CHECK (VALUE < 4);
ALTER DOMAIN positive ADD CONSTRAINT under_five CHECK (VALUE < 5);
SELECT 6::positive;
ALTER DOMAIN positive RENAME CONSTRAINT under_five TO few;
SELECT 6::positive;
ALTER DOMAIN positive DROP CONSTRAINT few;
ALTER DOMAIN positive DROP CONSTRAINT few;
ALTER DOMAIN positive DROP CONSTRAINT IF EXISTS few;
INSERT INTO t VALUES (NULL);
ALTER DOMAIN positive SET NOT NULL;
DELETE FROM t WHERE a IS NULL;
ALTER DOMAIN positive SET NOT NULL;
INSERT INTO t VALUES (NULL);
ALTER DOMAIN positive DROP NOT NULL;
ALTER DOMAIN word SET DEFAULT 'some';
INSERT INTO t (a) VALUES (2) RETURNING c;
ALTER DOMAIN word DROP DEFAULT;
CREATE DOMAIN ints AS int[] CHECK (array_length(VALUE, 1) = 2);
SELECT '{1,2}'::ints, ('{1,2}'::ints)[2], '{1}'::ints;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid <> 0 AND connamespace = 'public'::regnamespace ORDER BY 1;
DROP DOMAIN positive;
DROP TABLE t;
DROP DOMAIN small_positive, positive, word, ints;
