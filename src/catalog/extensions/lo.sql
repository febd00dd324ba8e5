-- version: 1.1
-- comment: Large Object maintenance
-- trusted: true
CREATE DOMAIN lo AS pg_catalog.oid;
CREATE FUNCTION lo_oid(lo) RETURNS pg_catalog.oid AS 'SELECT $1::pg_catalog.oid' LANGUAGE SQL STRICT IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION lo_manage() RETURNS pg_catalog.trigger LANGUAGE plpgsql AS $manage$
DECLARE
  before pg_catalog.oid;
  after pg_catalog.oid;
BEGIN
  IF TG_LEVEL <> 'ROW' THEN
    RAISE EXCEPTION '%: must be fired for row', TG_NAME USING ERRCODE = 'XX000';
  END IF;
  IF TG_NARGS < 1 THEN
    RAISE EXCEPTION '%: no column name provided in the trigger definition', TG_NAME USING ERRCODE = 'XX000';
  END IF;
  IF TG_OP = 'UPDATE' OR TG_OP = 'DELETE' THEN
    before := pg_catalog.to_jsonb(OLD) ->> TG_ARGV[0];
  END IF;
  IF TG_OP = 'UPDATE' THEN
    after := pg_catalog.to_jsonb(NEW) ->> TG_ARGV[0];
  END IF;
  IF before IS NOT NULL AND before IS DISTINCT FROM after THEN
    PERFORM pg_catalog.lo_unlink(before);
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END
$manage$;
