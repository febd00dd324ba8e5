-- Writing to partitioned tables: routing, moving, conflicts, triggers, foreign keys, COPY, MERGE.
CREATE SCHEMA pdml;
SET search_path = pdml;
CREATE TABLE t (id int, kind text, v numeric DEFAULT 1.5, CHECK (v > 0)) PARTITION BY LIST (kind);
CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a');
-- Columns in another order, and one that was dropped.
CREATE TABLE tb (v numeric DEFAULT 1.5, gone int, kind text, id int, CONSTRAINT t_v_check CHECK (v > 0));
ALTER TABLE tb DROP COLUMN gone;
ALTER TABLE t ATTACH PARTITION tb FOR VALUES IN ('b', 'B');
CREATE TABLE tc PARTITION OF t FOR VALUES IN ('c', NULL) PARTITION BY RANGE (id);
CREATE TABLE tc1 PARTITION OF tc FOR VALUES FROM (0) TO (10);
INSERT INTO t VALUES (1, 'a', DEFAULT), (2, 'b', 2), (3, NULL, 3), (4, 'a', 4), (5, 'B', 5) RETURNING tableoid::regclass, *;
INSERT INTO t VALUES (1, 'z');
INSERT INTO t VALUES (11, 'c');
INSERT INTO t VALUES (1, 'b', -1);
INSERT INTO tb (kind, id) VALUES ('a', 1);
INSERT INTO ta VALUES (9, 'b');
INSERT INTO tc1 VALUES (9, 'a');
SELECT tableoid::regclass, * FROM t ORDER BY id;
UPDATE t SET v = v * 2 WHERE id < 3 RETURNING tableoid::regclass, *;
-- Rows move.
UPDATE t SET kind = 'b' WHERE id = 1 RETURNING tableoid::regclass, *;
UPDATE t SET kind = 'c', id = id + 4 WHERE kind = 'a' RETURNING tableoid::regclass, *;
UPDATE t SET kind = 'zz' WHERE id = 2;
UPDATE ta SET kind = 'b';
INSERT INTO ta VALUES (20, 'a');
UPDATE ta SET kind = 'b';
UPDATE tc SET kind = 'a' WHERE id = 3;
SELECT tableoid::regclass, * FROM t ORDER BY id, kind;
DELETE FROM t USING (VALUES (1), (8)) x(i) WHERE id = x.i RETURNING tableoid::regclass, t.*;
-- Joined updates.
UPDATE t SET v = s.n FROM (VALUES (2, 22), (3, 33)) s(i, n) WHERE t.id = s.i RETURNING t.*, s.n;
-- COPY.
COPY t FROM stdin;
30	a	1
31	b	2
32	c	3
\.
COPY t (id, kind) FROM stdin;
6	c
7	q
\.
COPY (SELECT * FROM t ORDER BY id, kind) TO stdout;
COPY t TO stdout;
-- ON CONFLICT.
CREATE TABLE u (id int, part int, n int DEFAULT 0, PRIMARY KEY (id, part)) PARTITION BY RANGE (part);
CREATE TABLE u1 PARTITION OF u FOR VALUES FROM (0) TO (10);
CREATE TABLE u2 PARTITION OF u FOR VALUES FROM (10) TO (20);
INSERT INTO u VALUES (1, 1), (1, 11), (2, 2) ON CONFLICT DO NOTHING;
INSERT INTO u VALUES (1, 1), (1, 12), (1, 11) ON CONFLICT (id, part) DO UPDATE SET n = u.n + 1 RETURNING tableoid::regclass, *;
INSERT INTO u VALUES (1, 1) ON CONFLICT (id, part) DO UPDATE SET part = 15;
INSERT INTO u VALUES (1, 1);
UPDATE u SET part = 11 WHERE id = 1 AND part = 1;
SELECT tableoid::regclass, * FROM u ORDER BY id, part;
-- MERGE.
MERGE INTO u USING (VALUES (1, 1, 100), (5, 5, 500), (6, 16, 600), (2, 2, 0)) s (id, part, n) ON u.id = s.id AND u.part = s.part
  WHEN MATCHED AND s.n = 0 THEN DELETE
  WHEN MATCHED THEN UPDATE SET n = s.n
  WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.part, s.n);
SELECT tableoid::regclass, * FROM u ORDER BY id, part;
-- Triggers.
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE '% % % on %: % %', TG_NAME, TG_WHEN, TG_OP, TG_TABLE_NAME, CASE WHEN TG_OP <> 'INSERT' AND TG_LEVEL = 'ROW' THEN OLD END, CASE WHEN TG_OP <> 'DELETE' AND TG_LEVEL = 'ROW' THEN NEW END;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER row_after AFTER INSERT OR UPDATE OR DELETE ON u FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER row_before BEFORE INSERT OR UPDATE OR DELETE ON u FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER stmt AFTER INSERT OR UPDATE OR DELETE ON u FOR EACH STATEMENT EXECUTE FUNCTION note();
SELECT tgname, tgrelid::regclass, tgparentid <> 0 AS child FROM pg_trigger WHERE tgrelid::regclass::text IN ('u', 'u1', 'u2') ORDER BY 2, 1;
INSERT INTO u VALUES (8, 8), (8, 18);
UPDATE u SET n = 1 WHERE id = 8;
UPDATE u SET part = 19 WHERE id = 8 AND part = 8;
DELETE FROM u WHERE id = 8;
DROP TRIGGER row_after ON u1;
DROP TRIGGER row_after ON u;
DROP TRIGGER row_before ON u;
DROP TRIGGER stmt ON u;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'u1'::regclass AND NOT tgisinternal;
-- Foreign keys from and to partitioned tables.
CREATE TABLE ref (id int PRIMARY KEY);
INSERT INTO ref VALUES (1), (2);
CREATE TABLE f (id int REFERENCES ref ON DELETE CASCADE, k int) PARTITION BY LIST (k);
CREATE TABLE f1 PARTITION OF f FOR VALUES IN (1);
CREATE TABLE f2 PARTITION OF f FOR VALUES IN (2);
INSERT INTO f VALUES (1, 1), (2, 2);
INSERT INTO f VALUES (3, 1);
DELETE FROM ref WHERE id = 1;
SELECT * FROM f;
ALTER TABLE u ADD COLUMN extra int;
CREATE TABLE g (id int, part int, FOREIGN KEY (id, part) REFERENCES u);
INSERT INTO g VALUES (5, 5), (6, 16);
INSERT INTO g VALUES (5, 6);
UPDATE u SET n = 5 WHERE id = 5;
DROP TABLE g;
DROP SCHEMA pdml CASCADE;
