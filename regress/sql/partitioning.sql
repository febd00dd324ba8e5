-- Declarative partitioning: CREATE, ATTACH, DETACH, ALTER, DROP, catalogs and psql.
CREATE SCHEMA part;
SET search_path = part;
CREATE TABLE measurement (city int NOT NULL, day date NOT NULL, peak int) PARTITION BY RANGE (day);
CREATE TABLE m2020 PARTITION OF measurement FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE m2021 PARTITION OF measurement FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (city);
CREATE TABLE m2021_a PARTITION OF m2021 FOR VALUES IN (1, 2, 3);
CREATE TABLE m2021_rest PARTITION OF m2021 DEFAULT;
CREATE TABLE m_rest PARTITION OF measurement (peak DEFAULT 5, CHECK (peak < 100)) DEFAULT;
\d+ measurement
\d+ m2021
\d m2021_a
\d+ m_rest
\dP
SELECT relid, parentrelid, isleaf, level FROM pg_partition_tree('measurement');
SELECT pg_partition_root('m2021_a'), pg_partition_root('pg_class');
SELECT * FROM pg_partition_ancestors('m2021_a');
SELECT pg_get_partkeydef('m2021'::regclass), pg_get_partition_constraintdef('m2021_a'::regclass);
SELECT relname, relkind, relispartition, relhassubclass, pg_get_expr(relpartbound, oid) FROM pg_class WHERE relnamespace = 'part'::regnamespace ORDER BY relname;
SELECT partrelid::regclass, partstrat, partnatts, partattrs, partdefid::regclass FROM pg_partitioned_table ORDER BY partrelid::regclass::text;
-- Bounds that are wrong.
CREATE TABLE bad PARTITION OF measurement FOR VALUES FROM ('2020-06-01') TO ('2020-07-01');
CREATE TABLE bad PARTITION OF measurement FOR VALUES FROM ('2023-06-01') TO ('2023-06-01');
CREATE TABLE bad PARTITION OF measurement FOR VALUES IN ('2023-06-01');
CREATE TABLE bad PARTITION OF measurement FOR VALUES FROM ('2023-06-01', 1) TO ('2023-07-01', 2);
CREATE TABLE bad PARTITION OF measurement FOR VALUES FROM (NULL) TO ('2023-07-01');
CREATE TABLE bad PARTITION OF measurement DEFAULT;
CREATE TABLE bad PARTITION OF m2021 FOR VALUES IN (3, 4);
CREATE TABLE bad PARTITION OF m2021_a FOR VALUES IN (9);
CREATE TABLE bad (a int) PARTITION BY RANGE (b);
CREATE TABLE bad (a int) PARTITION BY MAGIC (a);
CREATE TABLE bad (a int, b int) PARTITION BY LIST (a, b);
CREATE TABLE bad (a int, b int GENERATED ALWAYS AS (a + 1) STORED) PARTITION BY RANGE (b);
CREATE TABLE bad (a json) PARTITION BY LIST (a);
CREATE TABLE bad (a int) PARTITION BY RANGE ((random()));
CREATE TABLE bad () INHERITS (measurement);
CREATE TABLE bad () INHERITS (m2020);
-- Hash.
CREATE TABLE hashed (id int, name text) PARTITION BY HASH (id);
CREATE TABLE h0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h1 PARTITION OF hashed FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE h2 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE h2 PARTITION OF hashed FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE h2 PARTITION OF hashed FOR VALUES WITH (MODULUS 4, REMAINDER 5);
CREATE TABLE h2 PARTITION OF hashed DEFAULT;
CREATE TABLE h3 PARTITION OF hashed FOR VALUES WITH (MODULUS 4, REMAINDER 3);
INSERT INTO hashed SELECT i, 'n' || i FROM generate_series(1, 20) i;
SELECT tableoid::regclass, array_agg(id ORDER BY id) FROM hashed GROUP BY 1 ORDER BY 1;
-- Keys of several columns and of expressions.
CREATE TABLE multi (a int, b text, c int) PARTITION BY RANGE (a, lower(b), (c + 1));
CREATE TABLE multi1 PARTITION OF multi FOR VALUES FROM (MINVALUE, MINVALUE, MINVALUE) TO (1, 'm', 5);
CREATE TABLE multi2 PARTITION OF multi FOR VALUES FROM (1, 'm', 5) TO (10, MAXVALUE, MAXVALUE);
\d+ multi1
\d+ multi2
INSERT INTO multi VALUES (1, 'A', 1), (1, 'M', 3), (1, 'M', 4), (9, 'z', 0) RETURNING tableoid::regclass, *;
INSERT INTO multi VALUES (11, 'x', 0);
INSERT INTO multi VALUES (NULL, 'x', 0);
-- ATTACH and DETACH.
CREATE TABLE m2022 (peak int, city int NOT NULL, day date NOT NULL);
INSERT INTO m2022 VALUES (1, 1, '2022-05-05'), (2, 2, '2023-01-01');
ALTER TABLE measurement ATTACH PARTITION m2022 FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
DELETE FROM m2022 WHERE day >= '2023-01-01';
ALTER TABLE measurement ATTACH PARTITION m2022 FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
ALTER TABLE measurement ATTACH PARTITION m2022 FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
INSERT INTO measurement VALUES (7, '2030-01-01', 1);
CREATE TABLE m2030 PARTITION OF measurement FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE TABLE wrong (city int NOT NULL, day date NOT NULL);
ALTER TABLE measurement ATTACH PARTITION wrong FOR VALUES FROM ('2040-01-01') TO ('2041-01-01');
ALTER TABLE wrong ADD peak text;
ALTER TABLE measurement ATTACH PARTITION wrong FOR VALUES FROM ('2040-01-01') TO ('2041-01-01');
ALTER TABLE wrong ALTER peak TYPE int USING 1, ADD extra int;
ALTER TABLE measurement ATTACH PARTITION wrong FOR VALUES FROM ('2040-01-01') TO ('2041-01-01');
SELECT tableoid::regclass, * FROM measurement ORDER BY day;
ALTER TABLE measurement DETACH PARTITION m2022;
ALTER TABLE measurement DETACH PARTITION m2022;
SELECT relispartition, relpartbound FROM pg_class WHERE oid = 'm2022'::regclass;
SELECT count(*) FROM measurement;
ALTER TABLE wrong ATTACH PARTITION m2022 DEFAULT;
-- ALTER TABLE goes to the partitions.
ALTER TABLE measurement ADD COLUMN note text DEFAULT 'none';
ALTER TABLE m2020 ADD COLUMN x int;
ALTER TABLE m2020 DROP COLUMN note;
ALTER TABLE measurement DROP COLUMN day;
ALTER TABLE measurement ALTER COLUMN day TYPE text;
ALTER TABLE measurement RENAME COLUMN note TO remark;
ALTER TABLE measurement ADD CONSTRAINT peak_ok CHECK (peak > 0);
ALTER TABLE ONLY measurement DROP CONSTRAINT peak_ok;
ALTER TABLE m2020 DROP CONSTRAINT peak_ok;
ALTER TABLE measurement DROP CONSTRAINT peak_ok;
\d m2021_a
-- Keys and indexes.
ALTER TABLE measurement ADD PRIMARY KEY (city);
ALTER TABLE measurement ADD PRIMARY KEY (city, day);
CREATE INDEX measurement_peak ON measurement (peak);
CREATE INDEX only_city ON ONLY measurement (city);
SELECT indexrelid::regclass, indrelid::regclass, indisvalid FROM pg_index WHERE indrelid::regclass::text IN ('measurement', 'm2020', 'm2021', 'm2021_a') ORDER BY 2, 1;
SELECT conname, conrelid::regclass, contype, conislocal, coninhcount, conparentid <> 0 AS child FROM pg_constraint WHERE conrelid::regclass::text IN ('measurement', 'm2020', 'm2021_rest') ORDER BY 2, 1;
DROP INDEX m2020_peak_idx;
CREATE INDEX m2020_city ON m2020 (city);
ALTER INDEX only_city ATTACH PARTITION m2020_city;
ALTER INDEX only_city ATTACH PARTITION m2020_peak_idx;
DROP INDEX measurement_peak;
\d measurement
CREATE UNIQUE INDEX ON multi (a);
DROP TABLE measurement;
SELECT relname FROM pg_class WHERE relnamespace = 'part'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1;
DROP SCHEMA part CASCADE;
