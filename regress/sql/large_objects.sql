-- Large objects: descriptors, pages, transactions, rights, comments.
SET bytea_output TO escape;
SELECT lo_create(4242);
SELECT lo_create(4242);
SELECT lo_from_bytea(4243, 'hello large world');
SELECT lo_get(4243), lo_get(4243, 6, 5), lo_get(4243, 100, 5);
SELECT lo_put(4243, 6, 'LARGE');
SELECT lo_get(4243);
SELECT lo_put(4243, 5000, 'far');
SELECT length(lo_get(4243)), md5(lo_get(4243));
SELECT loid, pageno, length(data) FROM pg_largeobject WHERE loid IN (4242, 4243) ORDER BY 1, 2;
SELECT lo_get(99);
SELECT lo_get(4243, 0, -1);
SELECT lo_put(4243, -1, 'x');
-- descriptors
BEGIN;
SELECT lo_open(4243, x'20000'::int | x'40000'::int);
SELECT lo_open(4243, x'40000'::int);
SELECT loread(0, 5), loread(0, 6), lo_tell(0), lo_tell64(1);
SELECT lo_lseek(0, -3, 2);
SELECT loread(0, 10);
SELECT lo_lseek64(0, 0, 0), lowrite(0, 'J'), lo_tell(0);
SELECT lo_truncate(0, 11);
SELECT lo_lseek(0, 0, 2), lo_lseek(0, 0, 0), loread(0, 100);
SELECT lo_close(1);
SAVEPOINT s;
SELECT lowrite(1, 'x');
ROLLBACK TO s;
SELECT lo_open(4243, x'40000'::int);
SAVEPOINT t;
SELECT lowrite(1, 'x');
ROLLBACK TO t;
SELECT lo_open(4243, 0);
ROLLBACK TO t;
SELECT lo_lseek(0, -1, 0);
ROLLBACK TO t;
SELECT lo_lseek(0, 1, 7);
ROLLBACK TO t;
SELECT lo_truncate64(0, 5000000000), lo_lseek64(0, 0, 2);
SELECT lo_lseek(0, 0, 2);
ROLLBACK TO t;
SELECT lo_truncate(0, 3), lo_get(4243);
ROLLBACK TO s;
SELECT lo_get(4243);
COMMIT;
SELECT lo_get(4243);
SELECT lo_close(0);
-- a rolled back object is gone, a rolled back removal is not
BEGIN;
SELECT lo_create(4244);
SELECT lo_unlink(4243);
SELECT count(*) FROM pg_largeobject WHERE loid = 4243;
ROLLBACK;
SELECT lo_unlink(4244);
SELECT count(*) FROM pg_largeobject WHERE loid = 4243;
SELECT length(lo_get(4243));
-- rights
CREATE ROLE regress_lo_a;
CREATE ROLE regress_lo_b;
ALTER LARGE OBJECT 4242 OWNER TO regress_lo_a;
GRANT SELECT ON LARGE OBJECT 4242, 4243 TO regress_lo_b WITH GRANT OPTION;
COMMENT ON LARGE OBJECT 4243 IS 'a greeting';
SELECT oid, lomowner::regrole, lomacl FROM pg_largeobject_metadata WHERE oid IN (4242, 4243) ORDER BY 1;
SELECT obj_description(4243, 'pg_largeobject');
SET ROLE regress_lo_b;
SELECT lo_get(4243);
SELECT lo_put(4243, 0, 'x');
SELECT lo_unlink(4243);
SELECT lo_import('/tmp/nothing');
REVOKE SELECT ON LARGE OBJECT 4243 FROM public;
COMMENT ON LARGE OBJECT 4243 IS 'mine';
SELECT count(*) FROM pg_largeobject;
RESET ROLE;
SET lo_compat_privileges = on;
SET ROLE regress_lo_b;
SELECT lo_put(4243, 0, 'x');
RESET ROLE;
RESET lo_compat_privileges;
REVOKE ALL ON LARGE OBJECT 4243 FROM regress_lo_b;
SET ROLE regress_lo_b;
SELECT lo_get(4243);
RESET ROLE;
GRANT USAGE ON LARGE OBJECT 4243 TO regress_lo_b;
ALTER LARGE OBJECT 99 OWNER TO regress_lo_a;
DROP ROLE regress_lo_a;
REASSIGN OWNED BY regress_lo_a TO regress_lo_b;
SELECT oid, lomowner::regrole FROM pg_largeobject_metadata WHERE oid = 4242;
DROP OWNED BY regress_lo_b;
SELECT count(*) FROM pg_largeobject_metadata WHERE oid = 4242;
DROP ROLE regress_lo_a, regress_lo_b;
-- psql's commands go through the protocol's function calls
\lo_list
SELECT lo_export(4243, '/tmp/regress_lo_export');
\lo_import '/tmp/regress_lo_export' 'from psql'
SELECT lo_get(:LASTOID) = lo_get(4243), obj_description(:LASTOID, 'pg_largeobject');
\lo_export :LASTOID '/tmp/regress_lo_export2'
\lo_unlink :LASTOID
SELECT lo_import('/tmp/regress_lo_export', 4245);
SELECT lo_get(4245) = lo_get(4243);
SELECT lo_import('/tmp/nothing/at/all');
SELECT lo_export(4243, '/tmp/nothing/at/all');
-- holes
SELECT lo_from_bytea(4260, 'start');
SELECT lo_put(4260, 10000, 'end');
SELECT length(lo_get(4260)), lo_get(4260, 3, 6), lo_get(4260, 3000, 4), lo_get(4260, 9998, 10), lo_get(4260, 20000, 5);
BEGIN;
SELECT lo_open(4260, x'40000'::int), lo_lseek(0, 5, 0), loread(0, 3), loread(0, 9000) = decode(repeat('00', 9000), 'hex'), lo_tell(0);
COMMIT;
SELECT lo_unlink(4260);
-- many pages
SELECT lo_from_bytea(4246, convert_to(repeat('0123456789abcdef', 100000), 'UTF8'));
SELECT length(lo_get(4246)), md5(lo_get(4246)), lo_get(4246, 1599990, 20);
SELECT count(*), min(pageno), max(pageno) FROM pg_largeobject WHERE loid = 4246;
DO $$
DECLARE fd int; total bigint := 0; part bytea;
BEGIN
  fd := lo_open(4246, x'40000'::int);
  LOOP
    part := loread(fd, 10000);
    EXIT WHEN length(part) = 0;
    total := total + length(part);
  END LOOP;
  RAISE NOTICE 'read %', total;
END $$;
SELECT lo_unlink(l) FROM unnest(ARRAY[4243, 4245, 4246]::oid[]) AS l;
SELECT count(*) FROM pg_largeobject WHERE loid IN (4243, 4245, 4246);
-- the extension
CREATE EXTENSION lo;
CREATE TABLE lo_pictures (title text, raster lo);
CREATE TRIGGER t_raster BEFORE UPDATE OR DELETE ON lo_pictures FOR EACH ROW EXECUTE FUNCTION lo_manage(raster);
SELECT lo_create(4251), lo_create(4252);
INSERT INTO lo_pictures VALUES ('one', 4251);
UPDATE lo_pictures SET title = 'first';
SELECT count(*) FROM pg_largeobject_metadata WHERE oid IN (4251, 4252);
UPDATE lo_pictures SET raster = 4252;
SELECT oid FROM pg_largeobject_metadata WHERE oid IN (4251, 4252);
DELETE FROM lo_pictures;
SELECT oid FROM pg_largeobject_metadata WHERE oid IN (4251, 4252);
DROP TABLE lo_pictures;
DROP EXTENSION lo;
