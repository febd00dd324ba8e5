-- CREATE STATISTICS
CREATE SCHEMA stx;
SET search_path TO stx;
CREATE TABLE t (a int, b int, c text, p point);
INSERT INTO t SELECT i % 10, i % 5, (i % 2)::text FROM generate_series(1, 100) i;
CREATE STATISTICS s1 ON a, b, c FROM t;
CREATE STATISTICS s2 (ndistinct) ON b, a FROM t;
CREATE STATISTICS s3 ON (a + b) FROM t;
CREATE STATISTICS s4 (mcv) ON b, lower(c), (a * 2) FROM t;
CREATE STATISTICS s1 ON a, b FROM t;
CREATE STATISTICS IF NOT EXISTS s1 ON a, b FROM t;
CREATE STATISTICS s5 ON a FROM t;
CREATE STATISTICS s5 ON a, a FROM t;
CREATE STATISTICS s5 ON a, z FROM t;
CREATE STATISTICS s5 ON a, p FROM t;
CREATE STATISTICS s5 (wrong) ON a, b FROM t;
CREATE STATISTICS s5 ON a, b FROM none;
CREATE STATISTICS s5 ON a, b FROM (SELECT 1 a, 2 b) q;
SELECT stxname, stxkeys, stxkind, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = 't'::regclass ORDER BY 1;
ANALYZE t;
SELECT statistics_name, attnames, exprs, n_distinct, dependencies FROM pg_stats_ext WHERE tablename = 't' ORDER BY 1;
SELECT count(*), round(sum(m.frequency)::numeric, 3) FROM pg_statistic_ext s JOIN pg_statistic_ext_data d ON d.stxoid = s.oid,
  pg_mcv_list_items(d.stxdmcv) m WHERE s.stxname = 's1';
\d t
ALTER STATISTICS s2 RENAME TO s2x;
ALTER STATISTICS s2x SET STATISTICS 50;
COMMENT ON STATISTICS s2x IS 'two';
SELECT obj_description(oid, 'pg_statistic_ext'), stxstattarget FROM pg_statistic_ext WHERE stxname = 's2x';
ALTER TABLE t RENAME COLUMN a TO aa;
SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxname = 's4';
ALTER TABLE t DROP COLUMN b;
SELECT stxname FROM pg_statistic_ext WHERE stxrelid = 't'::regclass ORDER BY 1;
DROP STATISTICS s2x;
DROP STATISTICS IF EXISTS s2x;
DROP TABLE t;
SELECT count(*) FROM pg_statistic_ext WHERE stxnamespace = 'stx'::regnamespace;
RESET search_path;
DROP SCHEMA stx CASCADE;
