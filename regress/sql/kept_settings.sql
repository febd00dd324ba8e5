-- ALTER ROLE … SET for all roles and in one database; what can be kept.
CREATE ROLE kept_settings_role;
CREATE DATABASE kept_settings_db;
ALTER ROLE kept_settings_role SET work_mem = '5MB';
ALTER ROLE kept_settings_role SET no_such_setting = '5MB';
ALTER ROLE kept_settings_role SET work_mem = 'many';
ALTER ROLE kept_settings_role SET enable_seqscan = 'perhaps';
ALTER ROLE kept_settings_role SET max_connections = 5;
ALTER ROLE kept_settings_role SET server_version = '1';
ALTER ROLE kept_settings_role SET my.own = 'x';
ALTER ROLE kept_settings_role IN DATABASE kept_settings_db SET work_mem = '7MB';
ALTER ROLE kept_settings_role IN DATABASE kept_settings_db SET search_path = a, b;
ALTER ROLE kept_settings_role IN DATABASE no_such_db SET work_mem = '7MB';
ALTER ROLE ALL IN DATABASE kept_settings_db SET work_mem = '8MB';
ALTER DATABASE kept_settings_db SET default_transaction_isolation = 'none';
ALTER DATABASE kept_settings_db SET enable_hashjoin = off;
SELECT datname, rolname, setconfig FROM pg_db_role_setting AS s
  LEFT JOIN pg_database AS d ON d.oid = setdatabase LEFT JOIN pg_roles AS r ON r.oid = setrole
  WHERE datname = 'kept_settings_db' OR rolname = 'kept_settings_role' ORDER BY 1, 2;
ALTER ROLE kept_settings_role IN DATABASE kept_settings_db RESET work_mem;
ALTER ROLE kept_settings_role IN DATABASE kept_settings_db RESET ALL;
ALTER ROLE ALL IN DATABASE kept_settings_db RESET work_mem;
ALTER ROLE ALL SET my.everybody = 'y';
SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = 0 AND setrole = 0 AND 'my.everybody=y' = ANY (setconfig);
ALTER ROLE ALL RESET my.everybody;
SELECT count(*) FROM pg_db_role_setting WHERE 'my.everybody=y' = ANY (setconfig);
SELECT datname, rolname, setconfig FROM pg_db_role_setting AS s
  LEFT JOIN pg_database AS d ON d.oid = setdatabase LEFT JOIN pg_roles AS r ON r.oid = setrole
  WHERE datname = 'kept_settings_db' OR rolname = 'kept_settings_role' ORDER BY 1, 2;
ALTER ROLE kept_settings_role IN DATABASE kept_settings_db SET work_mem = '7MB';
SET ROLE kept_settings_role;
ALTER ROLE ALL SET work_mem = '1MB';
ALTER ROLE kept_settings_role SET log_statement = 'all';
ALTER ROLE kept_settings_role SET work_mem = '3MB';
ALTER ROLE ALL IN DATABASE kept_settings_db SET work_mem = '1MB';
RESET ROLE;
DROP ROLE kept_settings_role;
SELECT setconfig FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = setdatabase WHERE datname = 'kept_settings_db';
DROP DATABASE kept_settings_db;
