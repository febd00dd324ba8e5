-- EXCLUDE constraints
CREATE EXTENSION btree_gist;
CREATE TABLE booking (room int, during int4range, note text DEFAULT 'x', EXCLUDE USING gist (room WITH =, during WITH &&));
INSERT INTO booking VALUES (1, '[1,5)'), (1, '[5,8)'), (2, '[1,5)');
INSERT INTO booking VALUES (1, '[4,6)');
INSERT INTO booking VALUES (3, '[1,2)'), (3, '[1,9)');
INSERT INTO booking VALUES (NULL, '[1,5)'), (NULL, '[1,5)'), (1, NULL), (1, 'empty'), (1, 'empty');
UPDATE booking SET during = '[2,6)' WHERE room = 1 AND during = '[1,5)';
UPDATE booking SET room = 1 WHERE room = 2;
UPDATE booking SET note = 'y' WHERE room = 2;
UPDATE booking SET during = '[0,5)' WHERE room = 1 AND during = '[1,5)';
INSERT INTO booking VALUES (1, '[4,6)') ON CONFLICT DO NOTHING;
INSERT INTO booking VALUES (1, '[4,6)') ON CONFLICT ON CONSTRAINT booking_room_during_excl DO NOTHING;
INSERT INTO booking VALUES (1, '[4,6)') ON CONFLICT ON CONSTRAINT booking_room_during_excl DO UPDATE SET note = 'z';
INSERT INTO booking VALUES (1, '[40,60)') ON CONFLICT DO NOTHING RETURNING *;
SELECT * FROM booking ORDER BY room, during, note;
SELECT conname, contype, conkey, conexclop::regoperator[], pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'booking'::regclass;
SELECT indisexclusion, indisunique, indimmediate, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'booking'::regclass;
\d booking
BEGIN;
INSERT INTO booking VALUES (7, '[1,5)');
SAVEPOINT s;
INSERT INTO booking VALUES (7, '[3,5)');
ROLLBACK TO s;
DELETE FROM booking WHERE room = 7;
INSERT INTO booking VALUES (7, '[3,5)');
COMMIT;
\set VERBOSITY terse
ALTER TABLE booking ADD EXCLUDE USING gist (during WITH &&);
ALTER TABLE booking ADD CONSTRAINT early EXCLUDE USING gist (int4range(lower(during), lower(during) + 1) WITH &&) WHERE (room > 6);
INSERT INTO booking VALUES (8, '[3,9)');
\set VERBOSITY default
INSERT INTO booking VALUES (8, '[4,9)');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'early';
DROP INDEX early;
ALTER TABLE booking RENAME CONSTRAINT early TO late;
ALTER TABLE booking DROP CONSTRAINT late;
CREATE TABLE copied (LIKE booking INCLUDING INDEXES);
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'copied'::regclass;
COPY copied FROM stdin;
1	[1,5)	a
1	[5,6)	a
1	[5,9)	a
\.
-- Others than GiST
CREATE TABLE other (a int, b text, c box, EXCLUDE (a WITH =), EXCLUDE USING hash (b WITH =) WHERE (a > 0), EXCLUDE USING gist (c WITH &&));
INSERT INTO other VALUES (1, 'x', '(0,0),(1,1)'), (2, 'y', '(5,5),(6,6)');
INSERT INTO other VALUES (1, 'z', NULL);
INSERT INTO other VALUES (3, 'x', NULL);
INSERT INTO other VALUES (-3, 'x', NULL);
INSERT INTO other VALUES (4, 'w', '(5,5),(5,5)');
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'other'::regclass ORDER BY 1;
-- What is no exclusion constraint
CREATE TABLE bad (a int, r int4range, EXCLUDE USING gist (r WITH <<));
CREATE TABLE bad (a int, r int4range, EXCLUDE USING btree (a WITH <>));
CREATE TABLE bad (a int, r int[], EXCLUDE USING gin (r WITH &&));
CREATE TABLE bad (a int, r int[], EXCLUDE USING gist (r WITH &&));
CREATE TABLE bad (a int, r int4range, EXCLUDE USING gist (r WITH &&)) PARTITION BY LIST (a);
-- Deferrable
CREATE TABLE later (k int, r int4range, CONSTRAINT later_ok EXCLUDE USING gist (k WITH =, r WITH &&) DEFERRABLE INITIALLY DEFERRED);
BEGIN;
INSERT INTO later VALUES (1, '[1,5)'), (1, '[2,7)');
UPDATE later SET r = '[5,7)' WHERE r = '[2,7)';
COMMIT;
BEGIN;
INSERT INTO later VALUES (1, '[6,9)');
SELECT count(*) FROM later;
COMMIT;
BEGIN;
SET CONSTRAINTS later_ok IMMEDIATE;
INSERT INTO later VALUES (1, '[6,9)');
ROLLBACK;
INSERT INTO later VALUES (1, '[6,9)') ON CONFLICT DO NOTHING;
SELECT pg_get_constraintdef(oid), condeferrable, condeferred FROM pg_constraint WHERE conname = 'later_ok';
UPDATE later SET r = int4range(lower(r) + 2, upper(r) + 2);
SELECT * FROM later ORDER BY r;
DROP EXTENSION btree_gist;
DROP TABLE booking, copied, later, other;
DROP EXTENSION btree_gist;
