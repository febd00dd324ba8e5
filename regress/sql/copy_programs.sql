-- COPY with programs and encodings.
CREATE SCHEMA copy_programs;
SET search_path = copy_programs;
CREATE TABLE t (a int, b text);
COPY t FROM PROGRAM 'printf "1,one\n2,two\n"' (FORMAT csv);
COPY t FROM PROGRAM 'printf "3\tthree\n"';
SELECT * FROM t ORDER BY a;
COPY t TO PROGRAM 'cat > /dev/null';
COPY (SELECT repeat('x', 1000) FROM generate_series(1, 5000)) TO PROGRAM 'wc -c > /dev/null';
-- failures
COPY t FROM PROGRAM 'false';
COPY t FROM PROGRAM 'printf "9\tx\n"; exit 3';
COPY t TO PROGRAM 'cat > /dev/null; exit 2';
COPY t FROM PROGRAM '/nonexistent/program';
COPY t FROM PROGRAM 'kill -9 $$';
SELECT count(*) FROM t;
-- what the program still has to say after the end is not read
COPY t FROM PROGRAM 'printf "4\tfour\n"; printf "%s\n" "\\."; yes 2> /dev/null';
SELECT * FROM t ORDER BY a;
COPY t FROM PROGRAM 'printf "x\ty\n"';
-- a program is not for everybody
CREATE ROLE copy_programs_user;
GRANT ALL ON SCHEMA copy_programs TO copy_programs_user;
GRANT ALL ON t TO copy_programs_user;
SET ROLE copy_programs_user;
COPY t FROM PROGRAM 'true';
COPY t TO PROGRAM 'true';
COPY t TO '/tmp/copy_programs_refused';
RESET ROLE;
GRANT pg_execute_server_program TO copy_programs_user;
SET ROLE copy_programs_user;
COPY t FROM PROGRAM 'printf "5\tfive\n"';
COPY t FROM '/nonexistent';
RESET ROLE;
GRANT pg_read_server_files TO copy_programs_user;
SET ROLE copy_programs_user;
COPY t FROM '/nonexistent';
RESET ROLE;
-- encodings
CREATE TABLE e (a text);
COPY e FROM PROGRAM 'printf "gr\374n\nbla\337\n"' (ENCODING 'latin1');
SELECT * FROM e;
COPY e TO STDOUT;
COPY e TO PROGRAM 'test "$(od -An -tx1 | tr -d \\n)" = " 67 72 fc 6e 0a 62 6c 61 df 0a"' (ENCODING 'LATIN1');
COPY e FROM PROGRAM 'printf "\202\240\203\134,\202\242\n"' (FORMAT csv, ENCODING 'SJIS', DELIMITER ';');
SELECT a, length(a) FROM e WHERE a !~ '^[a-z]' ;
INSERT INTO e VALUES ('あ');
COPY e TO PROGRAM 'cat > /dev/null' (ENCODING 'latin1');
DROP ROLE copy_programs_user;
REVOKE ALL ON SCHEMA copy_programs FROM copy_programs_user;
REVOKE ALL ON t FROM copy_programs_user;
DROP ROLE copy_programs_user;
DROP SCHEMA copy_programs CASCADE;
