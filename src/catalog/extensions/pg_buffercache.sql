-- version: 1.3
-- comment: examine the shared buffer cache
-- trusted: false
CREATE FUNCTION pg_buffercache_pages() RETURNS SETOF record LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT * FROM pg_catalog.pg_buffercache';
REVOKE ALL ON FUNCTION pg_buffercache_pages() FROM PUBLIC;
