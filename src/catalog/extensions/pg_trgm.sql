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
