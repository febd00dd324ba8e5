-- EXPLAIN's forms and SETTINGS.
-- PostgreSQL's defaults, whatever the configuration the tests run under.
SET max_parallel_workers = 8;
SET max_parallel_workers_per_gather = 2;
SET work_mem = '4MB';
CREATE SCHEMA explain_forms;
CREATE TABLE explain_forms.t (a int PRIMARY KEY, b text);
EXPLAIN (FORMAT xml, COSTS off) SELECT 1;
EXPLAIN (FORMAT yaml, COSTS off) SELECT 1;
EXPLAIN (FORMAT xml, COSTS off) SELECT * FROM explain_forms.t WHERE b < '<&>';
EXPLAIN (FORMAT yaml, COSTS off) SELECT * FROM explain_forms.t WHERE b = '"x' ;
EXPLAIN (FORMAT json, COSTS off) SELECT * FROM explain_forms.t WHERE b = 'x';
EXPLAIN (SETTINGS, COSTS off) SELECT 1;
SET work_mem = '1MB';
SET enable_mergejoin = off;
EXPLAIN (SETTINGS, COSTS off) SELECT 1;
EXPLAIN (SETTINGS, COSTS off, FORMAT json) SELECT 1;
EXPLAIN (SETTINGS, COSTS off, FORMAT yaml) SELECT 1;
EXPLAIN (SETTINGS, COSTS off, FORMAT xml) SELECT 1;
SET work_mem = '4MB';
RESET enable_mergejoin;
EXPLAIN (FORMAT none) SELECT 1;
EXPLAIN REFRESH MATERIALIZED VIEW explain_forms.m;
DROP SCHEMA explain_forms CASCADE;
