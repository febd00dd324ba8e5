-- version: 1.1
-- comment: text search dictionary that removes accents
-- trusted: true
CREATE FUNCTION unaccent(text) RETURNS text LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'unaccent_text';
