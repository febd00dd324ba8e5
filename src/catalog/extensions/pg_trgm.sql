-- version: 1.6
-- comment: text similarity measurement and index searching based on trigrams
-- trusted: true
CREATE FUNCTION set_limit(float4) RETURNS float4 LANGUAGE internal VOLATILE STRICT  AS 'trgm_set_limit';
CREATE FUNCTION show_limit() RETURNS float4 LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'trgm_show_limit';
CREATE FUNCTION show_trgm(text) RETURNS text[] LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_show';
CREATE FUNCTION similarity(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_similarity';
CREATE FUNCTION similarity_op(text, text) RETURNS bool LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'trgm_similarity_op';
CREATE FUNCTION similarity_dist(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_distance';
CREATE FUNCTION word_similarity(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_word_similarity';
CREATE FUNCTION word_similarity_op(text, text) RETURNS bool LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'trgm_word_op';
CREATE FUNCTION word_similarity_commutator_op(text, text) RETURNS bool LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'trgm_word_commutator_op';
CREATE FUNCTION word_similarity_dist_op(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_word_distance';
CREATE FUNCTION word_similarity_dist_commutator_op(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_word_commutator_distance';
CREATE FUNCTION strict_word_similarity(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_strict_word_similarity';
CREATE FUNCTION strict_word_similarity_op(text, text) RETURNS bool LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'trgm_strict_word_op';
CREATE FUNCTION strict_word_similarity_commutator_op(text, text) RETURNS bool LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'trgm_strict_word_commutator_op';
CREATE FUNCTION strict_word_similarity_dist_op(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_strict_word_distance';
CREATE FUNCTION strict_word_similarity_dist_commutator_op(text, text) RETURNS float4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_strict_word_commutator_distance';
CREATE OPERATOR % (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_op, COMMUTATOR = %, RESTRICT = matchingsel, JOIN = matchingjoinsel);
CREATE OPERATOR <-> (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_dist, COMMUTATOR = <->);
CREATE OPERATOR <% (LEFTARG = text, RIGHTARG = text, FUNCTION = word_similarity_op, COMMUTATOR = %>, RESTRICT = matchingsel, JOIN = matchingjoinsel);
CREATE OPERATOR %> (LEFTARG = text, RIGHTARG = text, FUNCTION = word_similarity_commutator_op, COMMUTATOR = <%, RESTRICT = matchingsel, JOIN = matchingjoinsel);
CREATE OPERATOR <<-> (LEFTARG = text, RIGHTARG = text, FUNCTION = word_similarity_dist_op, COMMUTATOR = <->>);
CREATE OPERATOR <->> (LEFTARG = text, RIGHTARG = text, FUNCTION = word_similarity_dist_commutator_op, COMMUTATOR = <<->);
CREATE OPERATOR <<% (LEFTARG = text, RIGHTARG = text, FUNCTION = strict_word_similarity_op, COMMUTATOR = %>>, RESTRICT = matchingsel, JOIN = matchingjoinsel);
CREATE OPERATOR %>> (LEFTARG = text, RIGHTARG = text, FUNCTION = strict_word_similarity_commutator_op, COMMUTATOR = <<%, RESTRICT = matchingsel, JOIN = matchingjoinsel);
CREATE OPERATOR <<<-> (LEFTARG = text, RIGHTARG = text, FUNCTION = strict_word_similarity_dist_op, COMMUTATOR = <->>>);
CREATE OPERATOR <->>> (LEFTARG = text, RIGHTARG = text, FUNCTION = strict_word_similarity_dist_commutator_op, COMMUTATOR = <<<->);
CREATE FUNCTION gin_extract_value_trgm(text, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_keys';
CREATE FUNCTION gtrgm_consistent(internal, text, int2, oid, internal) RETURNS bool LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'trgm_keys';
CREATE OPERATOR CLASS gist_trgm_ops FOR TYPE text USING gist AS
  OPERATOR 1 %, OPERATOR 2 <-> FOR ORDER BY pg_catalog.float_ops, OPERATOR 3 ~~, OPERATOR 4 ~~*, OPERATOR 5 ~, OPERATOR 6 ~*, OPERATOR 7 %>, OPERATOR 8 <->> FOR ORDER BY pg_catalog.float_ops, OPERATOR 9 %>>, OPERATOR 10 <->>> FOR ORDER BY pg_catalog.float_ops, OPERATOR 11 =,
  FUNCTION 1 gtrgm_consistent(internal, text, int2, oid, internal);
CREATE OPERATOR CLASS gin_trgm_ops FOR TYPE text USING gin AS
  OPERATOR 1 %, OPERATOR 3 ~~, OPERATOR 4 ~~*, OPERATOR 5 ~, OPERATOR 6 ~*, OPERATOR 7 %>, OPERATOR 9 %>>, OPERATOR 11 =,
  FUNCTION 2 (text, text) gin_extract_value_trgm(text, internal);
