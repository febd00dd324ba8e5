-- version: 1.3
-- comment: support for indexing common datatypes in GIN
-- trusted: true
CREATE FUNCTION gin_extract_value_int2(int2, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS int2_ops DEFAULT FOR TYPE int2 USING gin AS
  OPERATOR 1 < (int2, int2), OPERATOR 2 <= (int2, int2), OPERATOR 3 = (int2, int2), OPERATOR 4 >= (int2, int2), OPERATOR 5 > (int2, int2), FUNCTION 2 (int2, int2) gin_extract_value_int2(int2, internal);
CREATE FUNCTION gin_extract_value_int4(int4, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS int4_ops DEFAULT FOR TYPE int4 USING gin AS
  OPERATOR 1 < (int4, int4), OPERATOR 2 <= (int4, int4), OPERATOR 3 = (int4, int4), OPERATOR 4 >= (int4, int4), OPERATOR 5 > (int4, int4), FUNCTION 2 (int4, int4) gin_extract_value_int4(int4, internal);
CREATE FUNCTION gin_extract_value_int8(int8, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS int8_ops DEFAULT FOR TYPE int8 USING gin AS
  OPERATOR 1 < (int8, int8), OPERATOR 2 <= (int8, int8), OPERATOR 3 = (int8, int8), OPERATOR 4 >= (int8, int8), OPERATOR 5 > (int8, int8), FUNCTION 2 (int8, int8) gin_extract_value_int8(int8, internal);
CREATE FUNCTION gin_extract_value_float4(float4, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS float4_ops DEFAULT FOR TYPE float4 USING gin AS
  OPERATOR 1 < (float4, float4), OPERATOR 2 <= (float4, float4), OPERATOR 3 = (float4, float4), OPERATOR 4 >= (float4, float4), OPERATOR 5 > (float4, float4), FUNCTION 2 (float4, float4) gin_extract_value_float4(float4, internal);
CREATE FUNCTION gin_extract_value_float8(float8, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS float8_ops DEFAULT FOR TYPE float8 USING gin AS
  OPERATOR 1 < (float8, float8), OPERATOR 2 <= (float8, float8), OPERATOR 3 = (float8, float8), OPERATOR 4 >= (float8, float8), OPERATOR 5 > (float8, float8), FUNCTION 2 (float8, float8) gin_extract_value_float8(float8, internal);
CREATE FUNCTION gin_extract_value_money(money, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS money_ops DEFAULT FOR TYPE money USING gin AS
  OPERATOR 1 < (money, money), OPERATOR 2 <= (money, money), OPERATOR 3 = (money, money), OPERATOR 4 >= (money, money), OPERATOR 5 > (money, money), FUNCTION 2 (money, money) gin_extract_value_money(money, internal);
CREATE FUNCTION gin_extract_value_oid(oid, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS oid_ops DEFAULT FOR TYPE oid USING gin AS
  OPERATOR 1 < (oid, oid), OPERATOR 2 <= (oid, oid), OPERATOR 3 = (oid, oid), OPERATOR 4 >= (oid, oid), OPERATOR 5 > (oid, oid), FUNCTION 2 (oid, oid) gin_extract_value_oid(oid, internal);
CREATE FUNCTION gin_extract_value_timestamp(timestamp, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS timestamp_ops DEFAULT FOR TYPE timestamp USING gin AS
  OPERATOR 1 < (timestamp, timestamp), OPERATOR 2 <= (timestamp, timestamp), OPERATOR 3 = (timestamp, timestamp), OPERATOR 4 >= (timestamp, timestamp), OPERATOR 5 > (timestamp, timestamp), FUNCTION 2 (timestamp, timestamp) gin_extract_value_timestamp(timestamp, internal);
CREATE FUNCTION gin_extract_value_timestamptz(timestamptz, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS timestamptz_ops DEFAULT FOR TYPE timestamptz USING gin AS
  OPERATOR 1 < (timestamptz, timestamptz), OPERATOR 2 <= (timestamptz, timestamptz), OPERATOR 3 = (timestamptz, timestamptz), OPERATOR 4 >= (timestamptz, timestamptz), OPERATOR 5 > (timestamptz, timestamptz), FUNCTION 2 (timestamptz, timestamptz) gin_extract_value_timestamptz(timestamptz, internal);
CREATE FUNCTION gin_extract_value_time(time, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS time_ops DEFAULT FOR TYPE time USING gin AS
  OPERATOR 1 < (time, time), OPERATOR 2 <= (time, time), OPERATOR 3 = (time, time), OPERATOR 4 >= (time, time), OPERATOR 5 > (time, time), FUNCTION 2 (time, time) gin_extract_value_time(time, internal);
CREATE FUNCTION gin_extract_value_timetz(timetz, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS timetz_ops DEFAULT FOR TYPE timetz USING gin AS
  OPERATOR 1 < (timetz, timetz), OPERATOR 2 <= (timetz, timetz), OPERATOR 3 = (timetz, timetz), OPERATOR 4 >= (timetz, timetz), OPERATOR 5 > (timetz, timetz), FUNCTION 2 (timetz, timetz) gin_extract_value_timetz(timetz, internal);
CREATE FUNCTION gin_extract_value_date(date, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS date_ops DEFAULT FOR TYPE date USING gin AS
  OPERATOR 1 < (date, date), OPERATOR 2 <= (date, date), OPERATOR 3 = (date, date), OPERATOR 4 >= (date, date), OPERATOR 5 > (date, date), FUNCTION 2 (date, date) gin_extract_value_date(date, internal);
CREATE FUNCTION gin_extract_value_interval(interval, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS interval_ops DEFAULT FOR TYPE interval USING gin AS
  OPERATOR 1 < (interval, interval), OPERATOR 2 <= (interval, interval), OPERATOR 3 = (interval, interval), OPERATOR 4 >= (interval, interval), OPERATOR 5 > (interval, interval), FUNCTION 2 (interval, interval) gin_extract_value_interval(interval, internal);
CREATE FUNCTION gin_extract_value_macaddr(macaddr, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS macaddr_ops DEFAULT FOR TYPE macaddr USING gin AS
  OPERATOR 1 < (macaddr, macaddr), OPERATOR 2 <= (macaddr, macaddr), OPERATOR 3 = (macaddr, macaddr), OPERATOR 4 >= (macaddr, macaddr), OPERATOR 5 > (macaddr, macaddr), FUNCTION 2 (macaddr, macaddr) gin_extract_value_macaddr(macaddr, internal);
CREATE FUNCTION gin_extract_value_inet(inet, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS inet_ops DEFAULT FOR TYPE inet USING gin AS
  OPERATOR 1 < (inet, inet), OPERATOR 2 <= (inet, inet), OPERATOR 3 = (inet, inet), OPERATOR 4 >= (inet, inet), OPERATOR 5 > (inet, inet), FUNCTION 2 (inet, inet) gin_extract_value_inet(inet, internal);
CREATE FUNCTION gin_extract_value_cidr(cidr, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS cidr_ops DEFAULT FOR TYPE cidr USING gin AS
  OPERATOR 1 < (inet, inet), OPERATOR 2 <= (inet, inet), OPERATOR 3 = (inet, inet), OPERATOR 4 >= (inet, inet), OPERATOR 5 > (inet, inet), FUNCTION 2 (cidr, cidr) gin_extract_value_cidr(cidr, internal);
CREATE FUNCTION gin_extract_value_text(text, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS text_ops DEFAULT FOR TYPE text USING gin AS
  OPERATOR 1 < (text, text), OPERATOR 2 <= (text, text), OPERATOR 3 = (text, text), OPERATOR 4 >= (text, text), OPERATOR 5 > (text, text), FUNCTION 2 (text, text) gin_extract_value_text(text, internal);
CREATE FUNCTION gin_extract_value_varchar(varchar, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS varchar_ops DEFAULT FOR TYPE varchar USING gin AS
  OPERATOR 1 < (text, text), OPERATOR 2 <= (text, text), OPERATOR 3 = (text, text), OPERATOR 4 >= (text, text), OPERATOR 5 > (text, text), FUNCTION 2 (varchar, varchar) gin_extract_value_varchar(varchar, internal);
CREATE FUNCTION gin_extract_value_char("char", internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS char_ops DEFAULT FOR TYPE "char" USING gin AS
  OPERATOR 1 < ("char", "char"), OPERATOR 2 <= ("char", "char"), OPERATOR 3 = ("char", "char"), OPERATOR 4 >= ("char", "char"), OPERATOR 5 > ("char", "char"), FUNCTION 2 ("char", "char") gin_extract_value_char("char", internal);
CREATE FUNCTION gin_extract_value_bytea(bytea, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS bytea_ops DEFAULT FOR TYPE bytea USING gin AS
  OPERATOR 1 < (bytea, bytea), OPERATOR 2 <= (bytea, bytea), OPERATOR 3 = (bytea, bytea), OPERATOR 4 >= (bytea, bytea), OPERATOR 5 > (bytea, bytea), FUNCTION 2 (bytea, bytea) gin_extract_value_bytea(bytea, internal);
CREATE FUNCTION gin_extract_value_bit(bit, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS bit_ops DEFAULT FOR TYPE bit USING gin AS
  OPERATOR 1 < (bit, bit), OPERATOR 2 <= (bit, bit), OPERATOR 3 = (bit, bit), OPERATOR 4 >= (bit, bit), OPERATOR 5 > (bit, bit), FUNCTION 2 (bit, bit) gin_extract_value_bit(bit, internal);
CREATE FUNCTION gin_extract_value_varbit(varbit, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS varbit_ops DEFAULT FOR TYPE varbit USING gin AS
  OPERATOR 1 < (varbit, varbit), OPERATOR 2 <= (varbit, varbit), OPERATOR 3 = (varbit, varbit), OPERATOR 4 >= (varbit, varbit), OPERATOR 5 > (varbit, varbit), FUNCTION 2 (varbit, varbit) gin_extract_value_varbit(varbit, internal);
CREATE FUNCTION gin_extract_value_numeric(numeric, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS numeric_ops DEFAULT FOR TYPE numeric USING gin AS
  OPERATOR 1 < (numeric, numeric), OPERATOR 2 <= (numeric, numeric), OPERATOR 3 = (numeric, numeric), OPERATOR 4 >= (numeric, numeric), OPERATOR 5 > (numeric, numeric), FUNCTION 2 (numeric, numeric) gin_extract_value_numeric(numeric, internal);
CREATE FUNCTION gin_extract_value_enum(anyenum, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS enum_ops DEFAULT FOR TYPE anyenum USING gin AS
  OPERATOR 1 < (anyenum, anyenum), OPERATOR 2 <= (anyenum, anyenum), OPERATOR 3 = (anyenum, anyenum), OPERATOR 4 >= (anyenum, anyenum), OPERATOR 5 > (anyenum, anyenum), FUNCTION 2 (anyenum, anyenum) gin_extract_value_enum(anyenum, internal);
CREATE FUNCTION gin_extract_value_uuid(uuid, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS uuid_ops DEFAULT FOR TYPE uuid USING gin AS
  OPERATOR 1 < (uuid, uuid), OPERATOR 2 <= (uuid, uuid), OPERATOR 3 = (uuid, uuid), OPERATOR 4 >= (uuid, uuid), OPERATOR 5 > (uuid, uuid), FUNCTION 2 (uuid, uuid) gin_extract_value_uuid(uuid, internal);
CREATE FUNCTION gin_extract_value_name(name, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS name_ops DEFAULT FOR TYPE name USING gin AS
  OPERATOR 1 < (name, name), OPERATOR 2 <= (name, name), OPERATOR 3 = (name, name), OPERATOR 4 >= (name, name), OPERATOR 5 > (name, name), FUNCTION 2 (name, name) gin_extract_value_name(name, internal);
CREATE FUNCTION gin_extract_value_bool(bool, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS bool_ops DEFAULT FOR TYPE bool USING gin AS
  OPERATOR 1 < (bool, bool), OPERATOR 2 <= (bool, bool), OPERATOR 3 = (bool, bool), OPERATOR 4 >= (bool, bool), OPERATOR 5 > (bool, bool), FUNCTION 2 (bool, bool) gin_extract_value_bool(bool, internal);
CREATE FUNCTION gin_extract_value_bpchar(bpchar, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS bpchar_ops DEFAULT FOR TYPE bpchar USING gin AS
  OPERATOR 1 < (bpchar, bpchar), OPERATOR 2 <= (bpchar, bpchar), OPERATOR 3 = (bpchar, bpchar), OPERATOR 4 >= (bpchar, bpchar), OPERATOR 5 > (bpchar, bpchar), FUNCTION 2 (bpchar, bpchar) gin_extract_value_bpchar(bpchar, internal);
CREATE FUNCTION gin_extract_value_macaddr8(macaddr8, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS macaddr8_ops DEFAULT FOR TYPE macaddr8 USING gin AS
  OPERATOR 1 < (macaddr8, macaddr8), OPERATOR 2 <= (macaddr8, macaddr8), OPERATOR 3 = (macaddr8, macaddr8), OPERATOR 4 >= (macaddr8, macaddr8), OPERATOR 5 > (macaddr8, macaddr8), FUNCTION 2 (macaddr8, macaddr8) gin_extract_value_macaddr8(macaddr8, internal);
