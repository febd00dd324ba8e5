-- version: 1.1
-- comment: determine similarities and distance between strings
-- trusted: true
CREATE FUNCTION levenshtein(text, text) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_levenshtein';
CREATE FUNCTION levenshtein(text, text, int4, int4, int4) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_levenshtein_costs';
CREATE FUNCTION levenshtein_less_equal(text, text, int4) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_levenshtein_less_equal';
CREATE FUNCTION levenshtein_less_equal(text, text, int4, int4, int4, int4) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_levenshtein_less_equal_costs';
CREATE FUNCTION soundex(text) RETURNS text LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_soundex';
CREATE FUNCTION text_soundex(text) RETURNS text LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_soundex';
CREATE FUNCTION difference(text, text) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_difference';
CREATE FUNCTION metaphone(text, int4) RETURNS text LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'fuzzy_metaphone';
