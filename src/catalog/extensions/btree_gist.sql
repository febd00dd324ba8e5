-- version: 1.7
-- comment: support for indexing common datatypes in GiST
-- trusted: true
CREATE FUNCTION cash_dist(money, money) RETURNS money LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_cash_dist';
CREATE OPERATOR <-> (LEFTARG = money, RIGHTARG = money, FUNCTION = cash_dist, COMMUTATOR = <->);
CREATE FUNCTION date_dist(date, date) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_date_dist';
CREATE OPERATOR <-> (LEFTARG = date, RIGHTARG = date, FUNCTION = date_dist, COMMUTATOR = <->);
CREATE FUNCTION float4_dist(float4, float4) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_float4_dist';
CREATE OPERATOR <-> (LEFTARG = float4, RIGHTARG = float4, FUNCTION = float4_dist, COMMUTATOR = <->);
CREATE FUNCTION float8_dist(float8, float8) RETURNS float8 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_float8_dist';
CREATE OPERATOR <-> (LEFTARG = float8, RIGHTARG = float8, FUNCTION = float8_dist, COMMUTATOR = <->);
CREATE FUNCTION int2_dist(int2, int2) RETURNS int2 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_int2_dist';
CREATE OPERATOR <-> (LEFTARG = int2, RIGHTARG = int2, FUNCTION = int2_dist, COMMUTATOR = <->);
CREATE FUNCTION int4_dist(int4, int4) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_int4_dist';
CREATE OPERATOR <-> (LEFTARG = int4, RIGHTARG = int4, FUNCTION = int4_dist, COMMUTATOR = <->);
CREATE FUNCTION int8_dist(int8, int8) RETURNS int8 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_int8_dist';
CREATE OPERATOR <-> (LEFTARG = int8, RIGHTARG = int8, FUNCTION = int8_dist, COMMUTATOR = <->);
CREATE FUNCTION interval_dist(interval, interval) RETURNS interval LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_interval_dist';
CREATE OPERATOR <-> (LEFTARG = interval, RIGHTARG = interval, FUNCTION = interval_dist, COMMUTATOR = <->);
CREATE FUNCTION oid_dist(oid, oid) RETURNS oid LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_oid_dist';
CREATE OPERATOR <-> (LEFTARG = oid, RIGHTARG = oid, FUNCTION = oid_dist, COMMUTATOR = <->);
CREATE FUNCTION time_dist(time, time) RETURNS interval LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_time_dist';
CREATE OPERATOR <-> (LEFTARG = time, RIGHTARG = time, FUNCTION = time_dist, COMMUTATOR = <->);
CREATE FUNCTION ts_dist(timestamp, timestamp) RETURNS interval LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_ts_dist';
CREATE OPERATOR <-> (LEFTARG = timestamp, RIGHTARG = timestamp, FUNCTION = ts_dist, COMMUTATOR = <->);
CREATE FUNCTION tstz_dist(timestamptz, timestamptz) RETURNS interval LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'gist_tstz_dist';
CREATE OPERATOR <-> (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = tstz_dist, COMMUTATOR = <->);
CREATE FUNCTION gbt_oid_consistent(internal, oid, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_oid_ops DEFAULT FOR TYPE oid USING gist AS
  OPERATOR 1 < (oid, oid), OPERATOR 2 <= (oid, oid), OPERATOR 3 = (oid, oid), OPERATOR 4 >= (oid, oid), OPERATOR 5 > (oid, oid), OPERATOR 6 <> (oid, oid), OPERATOR 15 <-> (oid, oid) FOR ORDER BY pg_catalog.oid_ops, FUNCTION 1 (oid, oid) gbt_oid_consistent(internal, oid, int2, oid, internal);
CREATE FUNCTION gbt_int2_consistent(internal, int2, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_int2_ops DEFAULT FOR TYPE int2 USING gist AS
  OPERATOR 1 < (int2, int2), OPERATOR 2 <= (int2, int2), OPERATOR 3 = (int2, int2), OPERATOR 4 >= (int2, int2), OPERATOR 5 > (int2, int2), OPERATOR 6 <> (int2, int2), OPERATOR 15 <-> (int2, int2) FOR ORDER BY pg_catalog.integer_ops, FUNCTION 1 (int2, int2) gbt_int2_consistent(internal, int2, int2, oid, internal);
CREATE FUNCTION gbt_int4_consistent(internal, int4, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_int4_ops DEFAULT FOR TYPE int4 USING gist AS
  OPERATOR 1 < (int4, int4), OPERATOR 2 <= (int4, int4), OPERATOR 3 = (int4, int4), OPERATOR 4 >= (int4, int4), OPERATOR 5 > (int4, int4), OPERATOR 6 <> (int4, int4), OPERATOR 15 <-> (int4, int4) FOR ORDER BY pg_catalog.integer_ops, FUNCTION 1 (int4, int4) gbt_int4_consistent(internal, int4, int2, oid, internal);
CREATE FUNCTION gbt_int8_consistent(internal, int8, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_int8_ops DEFAULT FOR TYPE int8 USING gist AS
  OPERATOR 1 < (int8, int8), OPERATOR 2 <= (int8, int8), OPERATOR 3 = (int8, int8), OPERATOR 4 >= (int8, int8), OPERATOR 5 > (int8, int8), OPERATOR 6 <> (int8, int8), OPERATOR 15 <-> (int8, int8) FOR ORDER BY pg_catalog.integer_ops, FUNCTION 1 (int8, int8) gbt_int8_consistent(internal, int8, int2, oid, internal);
CREATE FUNCTION gbt_float4_consistent(internal, float4, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_float4_ops DEFAULT FOR TYPE float4 USING gist AS
  OPERATOR 1 < (float4, float4), OPERATOR 2 <= (float4, float4), OPERATOR 3 = (float4, float4), OPERATOR 4 >= (float4, float4), OPERATOR 5 > (float4, float4), OPERATOR 6 <> (float4, float4), OPERATOR 15 <-> (float4, float4) FOR ORDER BY pg_catalog.float_ops, FUNCTION 1 (float4, float4) gbt_float4_consistent(internal, float4, int2, oid, internal);
CREATE FUNCTION gbt_float8_consistent(internal, float8, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_float8_ops DEFAULT FOR TYPE float8 USING gist AS
  OPERATOR 1 < (float8, float8), OPERATOR 2 <= (float8, float8), OPERATOR 3 = (float8, float8), OPERATOR 4 >= (float8, float8), OPERATOR 5 > (float8, float8), OPERATOR 6 <> (float8, float8), OPERATOR 15 <-> (float8, float8) FOR ORDER BY pg_catalog.float_ops, FUNCTION 1 (float8, float8) gbt_float8_consistent(internal, float8, int2, oid, internal);
CREATE FUNCTION gbt_timestamp_consistent(internal, timestamp, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_timestamp_ops DEFAULT FOR TYPE timestamp USING gist AS
  OPERATOR 1 < (timestamp, timestamp), OPERATOR 2 <= (timestamp, timestamp), OPERATOR 3 = (timestamp, timestamp), OPERATOR 4 >= (timestamp, timestamp), OPERATOR 5 > (timestamp, timestamp), OPERATOR 6 <> (timestamp, timestamp), OPERATOR 15 <-> (timestamp, timestamp) FOR ORDER BY pg_catalog.interval_ops, FUNCTION 1 (timestamp, timestamp) gbt_timestamp_consistent(internal, timestamp, int2, oid, internal);
CREATE FUNCTION gbt_timestamptz_consistent(internal, timestamptz, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_timestamptz_ops DEFAULT FOR TYPE timestamptz USING gist AS
  OPERATOR 1 < (timestamptz, timestamptz), OPERATOR 2 <= (timestamptz, timestamptz), OPERATOR 3 = (timestamptz, timestamptz), OPERATOR 4 >= (timestamptz, timestamptz), OPERATOR 5 > (timestamptz, timestamptz), OPERATOR 6 <> (timestamptz, timestamptz), OPERATOR 15 <-> (timestamptz, timestamptz) FOR ORDER BY pg_catalog.interval_ops, FUNCTION 1 (timestamptz, timestamptz) gbt_timestamptz_consistent(internal, timestamptz, int2, oid, internal);
CREATE FUNCTION gbt_time_consistent(internal, time, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_time_ops DEFAULT FOR TYPE time USING gist AS
  OPERATOR 1 < (time, time), OPERATOR 2 <= (time, time), OPERATOR 3 = (time, time), OPERATOR 4 >= (time, time), OPERATOR 5 > (time, time), OPERATOR 6 <> (time, time), OPERATOR 15 <-> (time, time) FOR ORDER BY pg_catalog.interval_ops, FUNCTION 1 (time, time) gbt_time_consistent(internal, time, int2, oid, internal);
CREATE FUNCTION gbt_timetz_consistent(internal, timetz, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_timetz_ops DEFAULT FOR TYPE timetz USING gist AS
  OPERATOR 1 < (timetz, timetz), OPERATOR 2 <= (timetz, timetz), OPERATOR 3 = (timetz, timetz), OPERATOR 4 >= (timetz, timetz), OPERATOR 5 > (timetz, timetz), OPERATOR 6 <> (timetz, timetz), FUNCTION 1 (timetz, timetz) gbt_timetz_consistent(internal, timetz, int2, oid, internal);
CREATE FUNCTION gbt_date_consistent(internal, date, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_date_ops DEFAULT FOR TYPE date USING gist AS
  OPERATOR 1 < (date, date), OPERATOR 2 <= (date, date), OPERATOR 3 = (date, date), OPERATOR 4 >= (date, date), OPERATOR 5 > (date, date), OPERATOR 6 <> (date, date), OPERATOR 15 <-> (date, date) FOR ORDER BY pg_catalog.integer_ops, FUNCTION 1 (date, date) gbt_date_consistent(internal, date, int2, oid, internal);
CREATE FUNCTION gbt_interval_consistent(internal, interval, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_interval_ops DEFAULT FOR TYPE interval USING gist AS
  OPERATOR 1 < (interval, interval), OPERATOR 2 <= (interval, interval), OPERATOR 3 = (interval, interval), OPERATOR 4 >= (interval, interval), OPERATOR 5 > (interval, interval), OPERATOR 6 <> (interval, interval), OPERATOR 15 <-> (interval, interval) FOR ORDER BY pg_catalog.interval_ops, FUNCTION 1 (interval, interval) gbt_interval_consistent(internal, interval, int2, oid, internal);
CREATE FUNCTION gbt_cash_consistent(internal, money, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_cash_ops DEFAULT FOR TYPE money USING gist AS
  OPERATOR 1 < (money, money), OPERATOR 2 <= (money, money), OPERATOR 3 = (money, money), OPERATOR 4 >= (money, money), OPERATOR 5 > (money, money), OPERATOR 6 <> (money, money), OPERATOR 15 <-> (money, money) FOR ORDER BY pg_catalog.money_ops, FUNCTION 1 (money, money) gbt_cash_consistent(internal, money, int2, oid, internal);
CREATE FUNCTION gbt_macaddr_consistent(internal, macaddr, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_macaddr_ops DEFAULT FOR TYPE macaddr USING gist AS
  OPERATOR 1 < (macaddr, macaddr), OPERATOR 2 <= (macaddr, macaddr), OPERATOR 3 = (macaddr, macaddr), OPERATOR 4 >= (macaddr, macaddr), OPERATOR 5 > (macaddr, macaddr), OPERATOR 6 <> (macaddr, macaddr), FUNCTION 1 (macaddr, macaddr) gbt_macaddr_consistent(internal, macaddr, int2, oid, internal);
CREATE FUNCTION gbt_text_consistent(internal, text, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_text_ops DEFAULT FOR TYPE text USING gist AS
  OPERATOR 1 < (text, text), OPERATOR 2 <= (text, text), OPERATOR 3 = (text, text), OPERATOR 4 >= (text, text), OPERATOR 5 > (text, text), OPERATOR 6 <> (text, text), FUNCTION 1 (text, text) gbt_text_consistent(internal, text, int2, oid, internal);
CREATE FUNCTION gbt_bpchar_consistent(internal, bpchar, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_bpchar_ops DEFAULT FOR TYPE bpchar USING gist AS
  OPERATOR 1 < (bpchar, bpchar), OPERATOR 2 <= (bpchar, bpchar), OPERATOR 3 = (bpchar, bpchar), OPERATOR 4 >= (bpchar, bpchar), OPERATOR 5 > (bpchar, bpchar), OPERATOR 6 <> (bpchar, bpchar), FUNCTION 1 (bpchar, bpchar) gbt_bpchar_consistent(internal, bpchar, int2, oid, internal);
CREATE FUNCTION gbt_bytea_consistent(internal, bytea, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_bytea_ops DEFAULT FOR TYPE bytea USING gist AS
  OPERATOR 1 < (bytea, bytea), OPERATOR 2 <= (bytea, bytea), OPERATOR 3 = (bytea, bytea), OPERATOR 4 >= (bytea, bytea), OPERATOR 5 > (bytea, bytea), OPERATOR 6 <> (bytea, bytea), FUNCTION 1 (bytea, bytea) gbt_bytea_consistent(internal, bytea, int2, oid, internal);
CREATE FUNCTION gbt_numeric_consistent(internal, numeric, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_numeric_ops DEFAULT FOR TYPE numeric USING gist AS
  OPERATOR 1 < (numeric, numeric), OPERATOR 2 <= (numeric, numeric), OPERATOR 3 = (numeric, numeric), OPERATOR 4 >= (numeric, numeric), OPERATOR 5 > (numeric, numeric), OPERATOR 6 <> (numeric, numeric), FUNCTION 1 (numeric, numeric) gbt_numeric_consistent(internal, numeric, int2, oid, internal);
CREATE FUNCTION gbt_bit_consistent(internal, bit, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_bit_ops DEFAULT FOR TYPE bit USING gist AS
  OPERATOR 1 < (bit, bit), OPERATOR 2 <= (bit, bit), OPERATOR 3 = (bit, bit), OPERATOR 4 >= (bit, bit), OPERATOR 5 > (bit, bit), OPERATOR 6 <> (bit, bit), FUNCTION 1 (bit, bit) gbt_bit_consistent(internal, bit, int2, oid, internal);
CREATE FUNCTION gbt_vbit_consistent(internal, varbit, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_vbit_ops DEFAULT FOR TYPE varbit USING gist AS
  OPERATOR 1 < (varbit, varbit), OPERATOR 2 <= (varbit, varbit), OPERATOR 3 = (varbit, varbit), OPERATOR 4 >= (varbit, varbit), OPERATOR 5 > (varbit, varbit), OPERATOR 6 <> (varbit, varbit), FUNCTION 1 (varbit, varbit) gbt_vbit_consistent(internal, varbit, int2, oid, internal);
CREATE FUNCTION gbt_inet_consistent(internal, inet, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_inet_ops DEFAULT FOR TYPE inet USING gist AS
  OPERATOR 1 < (inet, inet), OPERATOR 2 <= (inet, inet), OPERATOR 3 = (inet, inet), OPERATOR 4 >= (inet, inet), OPERATOR 5 > (inet, inet), OPERATOR 6 <> (inet, inet), FUNCTION 1 (inet, inet) gbt_inet_consistent(internal, inet, int2, oid, internal);
CREATE FUNCTION gbt_cidr_consistent(internal, cidr, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_cidr_ops DEFAULT FOR TYPE cidr USING gist AS
  OPERATOR 1 < (inet, inet), OPERATOR 2 <= (inet, inet), OPERATOR 3 = (inet, inet), OPERATOR 4 >= (inet, inet), OPERATOR 5 > (inet, inet), OPERATOR 6 <> (inet, inet), FUNCTION 1 (cidr, cidr) gbt_cidr_consistent(internal, cidr, int2, oid, internal);
CREATE FUNCTION gbt_uuid_consistent(internal, uuid, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_uuid_ops DEFAULT FOR TYPE uuid USING gist AS
  OPERATOR 1 < (uuid, uuid), OPERATOR 2 <= (uuid, uuid), OPERATOR 3 = (uuid, uuid), OPERATOR 4 >= (uuid, uuid), OPERATOR 5 > (uuid, uuid), OPERATOR 6 <> (uuid, uuid), FUNCTION 1 (uuid, uuid) gbt_uuid_consistent(internal, uuid, int2, oid, internal);
CREATE FUNCTION gbt_macaddr8_consistent(internal, macaddr8, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_macaddr8_ops DEFAULT FOR TYPE macaddr8 USING gist AS
  OPERATOR 1 < (macaddr8, macaddr8), OPERATOR 2 <= (macaddr8, macaddr8), OPERATOR 3 = (macaddr8, macaddr8), OPERATOR 4 >= (macaddr8, macaddr8), OPERATOR 5 > (macaddr8, macaddr8), OPERATOR 6 <> (macaddr8, macaddr8), FUNCTION 1 (macaddr8, macaddr8) gbt_macaddr8_consistent(internal, macaddr8, int2, oid, internal);
CREATE FUNCTION gbt_enum_consistent(internal, anyenum, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_enum_ops DEFAULT FOR TYPE anyenum USING gist AS
  OPERATOR 1 < (anyenum, anyenum), OPERATOR 2 <= (anyenum, anyenum), OPERATOR 3 = (anyenum, anyenum), OPERATOR 4 >= (anyenum, anyenum), OPERATOR 5 > (anyenum, anyenum), OPERATOR 6 <> (anyenum, anyenum), FUNCTION 1 (anyenum, anyenum) gbt_enum_consistent(internal, anyenum, int2, oid, internal);
CREATE FUNCTION gbt_bool_consistent(internal, bool, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btree_scalar';
CREATE OPERATOR CLASS gist_bool_ops DEFAULT FOR TYPE bool USING gist AS
  OPERATOR 1 < (bool, bool), OPERATOR 2 <= (bool, bool), OPERATOR 3 = (bool, bool), OPERATOR 4 >= (bool, bool), OPERATOR 5 > (bool, bool), OPERATOR 6 <> (bool, bool), FUNCTION 1 (bool, bool) gbt_bool_consistent(internal, bool, int2, oid, internal);
