-- suppress_redundant_updates_trigger, the call stack in PG_CONTEXT, reading the server's files.
CREATE SCHEMA trigger_functions;
SET search_path = trigger_functions;
CREATE TABLE t (a int PRIMARY KEY, b text, c numeric, d int GENERATED ALWAYS AS (a * 2) STORED);
CREATE TRIGGER z BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
INSERT INTO t VALUES (1, 'x', 1.0), (2, NULL, NULL);
UPDATE t SET b = b;
UPDATE t SET b = 'x';
UPDATE t SET c = 1.0 WHERE a = 1;
UPDATE t SET c = 1.00 WHERE a = 1;
UPDATE t SET b = NULL WHERE a = 2;
UPDATE t SET a = 3 WHERE a = 2;
SELECT * FROM t ORDER BY a;
CREATE TRIGGER wrong BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
INSERT INTO t VALUES (9, 'x', 1.0);
DROP TRIGGER wrong ON t;
CREATE FUNCTION inner_func() RETURNS integer AS $$
DECLARE
  stack text;
BEGIN
  GET DIAGNOSTICS stack = PG_CONTEXT;
  RAISE NOTICE E'--- Call Stack ---\n%', stack;
  RETURN 1;
END;
$$ LANGUAGE plpgsql;
CREATE FUNCTION outer_func() RETURNS integer AS $$
BEGIN
  RETURN inner_func();
END;
$$ LANGUAGE plpgsql;
CREATE FUNCTION outermost_func() RETURNS integer AS $$
DECLARE n int;
BEGIN
  n := outer_func() + 1;
  RETURN n;
END;
$$ LANGUAGE plpgsql;
SELECT outermost_func();
SELECT inner_func();
SELECT pg_read_file('no_such_file');
SELECT pg_read_file('no_such_file', 0, 10, true);
SELECT pg_read_binary_file('/no/such/file');
SELECT length(pg_read_file('/etc/passwd', 0, 4)), pg_read_file('/etc/passwd', 0, 4) = convert_from(pg_read_binary_file('/etc/passwd', 0, 4), 'UTF8');
SELECT pg_read_file('/etc/passwd', 0, -4);
CREATE ROLE trigger_functions_user;
SET ROLE trigger_functions_user;
SELECT pg_read_file('/etc/passwd');
RESET ROLE;
DROP ROLE trigger_functions_user;
DROP SCHEMA trigger_functions CASCADE;
