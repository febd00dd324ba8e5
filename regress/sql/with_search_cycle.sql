-- SEARCH and CYCLE of WITH RECURSIVE
CREATE SCHEMA search_cycle;
SET search_path TO search_cycle;
CREATE TABLE edge (f int, t int, label text);
INSERT INTO edge VALUES (1, 2, 'a'), (1, 3, 'b'), (2, 3, 'c'), (1, 4, 'd'), (4, 5, 'e'), (5, 1, 'f');

WITH RECURSIVE g(f, t) AS (
  SELECT f, t FROM edge WHERE label < 'f' AND f = 1
  UNION ALL
  SELECT e.f, e.t FROM edge e, g WHERE e.f = g.t AND e.label < 'f'
) SEARCH DEPTH FIRST BY f, t SET ord
SELECT * FROM g ORDER BY ord;
WITH RECURSIVE g(f, t) AS (
  SELECT f, t FROM edge WHERE label < 'f' AND f = 1
  UNION ALL
  SELECT e.f, e.t FROM edge e JOIN g ON e.f = g.t AND e.label < 'f'
) SEARCH BREADTH FIRST BY f, t SET ord
SELECT * FROM g ORDER BY ord;
WITH RECURSIVE g(f, t, label) AS (
  SELECT * FROM edge
  UNION
  SELECT e.* FROM edge e, g WHERE e.f = g.t
) CYCLE f, t SET is_cycle USING path
SELECT f, t, is_cycle, path FROM g ORDER BY path;
WITH RECURSIVE g(n) AS (
  SELECT 0 UNION ALL SELECT (n + 1) % 3 FROM g
) SEARCH DEPTH FIRST BY n SET ord CYCLE n SET mark TO 'yes' DEFAULT 'no' USING path
SELECT * FROM g ORDER BY ord;
-- the columns are there for the recursive term, but * leaves them out
WITH RECURSIVE g AS (
  SELECT 1 AS n UNION ALL SELECT * FROM g WHERE NOT again
) CYCLE n SET again USING path
SELECT * FROM g;

CREATE VIEW walk AS
WITH RECURSIVE g(f, t) AS (
  SELECT f, t FROM edge WHERE f = 1
  UNION ALL
  SELECT e.f, e.t FROM edge e, g WHERE e.f = g.t
) SEARCH BREADTH FIRST BY f, t SET ord CYCLE f, t SET c TO 'Y' DEFAULT 'N' USING p
SELECT f, t, c FROM g;
SELECT pg_get_viewdef('walk', true);
SELECT count(*), count(*) FILTER (WHERE c = 'Y') FROM walk;

-- errors
WITH g(n) AS (SELECT 1) SEARCH DEPTH FIRST BY n SET o SELECT * FROM g;
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n FROM g) SEARCH DEPTH FIRST BY m SET o SELECT * FROM g;
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n FROM g) SEARCH DEPTH FIRST BY n, n SET o SELECT * FROM g;
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n FROM g) SEARCH DEPTH FIRST BY n SET n SELECT * FROM g;
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n FROM g) CYCLE n SET c TO 1 DEFAULT 'x' USING p SELECT * FROM g;
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n FROM g) CYCLE n SET c USING c SELECT * FROM g;
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n FROM (SELECT * FROM g) s) CYCLE n SET c USING p SELECT * FROM g;
RESET search_path;
DROP SCHEMA search_cycle CASCADE;
