-- tsvector and tsquery
SELECT '''a b'' c:3A,1 d:2B c:9 \\e'::tsvector, ' a & (b | !c) <-> d:*AB '::tsquery, 'a <2> b'::tsquery;
SELECT 'a:'::tsvector;
SELECT 'a b'::tsquery;
SELECT '!'::tsquery;
SELECT 'a <-1> b'::tsquery;
SELECT strip('a:1 b:2A'::tsvector), setweight('a:1 b:2A'::tsvector, 'c'), setweight('a:1 b:2'::tsvector, 'a', '{b}'), length('a b'::tsvector);
SELECT 'a:1 b:3A'::tsvector || 'c:2 a:1'::tsvector, ts_delete('a b c'::tsvector, '{a,c}'::text[]), ts_filter('a:1A b:2B'::tsvector, '{a}');
SELECT array_to_tsvector('{b,a,b}'), tsvector_to_array('b a'::tsvector), array_to_tsvector('{a,NULL}');
SELECT * FROM unnest('a:1,2A b'::tsvector);
SELECT 'a' && 'b'::tsquery, 'a'::tsquery || 'b & c', !!'a | b'::tsquery, 'a'::tsquery <-> 'b'::tsquery, tsquery_phrase('a', 'b', 3), numnode('a & !b'), querytree('a & !b'), querytree('!b');
SELECT 'a & b'::tsquery @> 'a', 'a'::tsquery <@ 'a | c', 'a'::tsquery = 'a:A', 'a'::tsquery < 'b'::tsquery, 'a b'::tsvector > 'c'::tsvector;
SELECT ts_rewrite('a & b & c', 'b & a', 'x | y') , ts_rewrite('a & b', 'SELECT ''a''::tsquery, ''z''::tsquery');
-- matching
SELECT v @@ 'a <-> b' AS phrase, v @@ 'a <2> c', v @@ '!a', v @@ 'b:B', v @@ 'b:A', v @@ 'ca:*', v @@ '!d <-> b', v @@ 'a <-> (b & !c)' FROM (VALUES ('a:1 b:2A c:3 cab:9'::tsvector)) t(v);
SELECT 'a b'::tsvector @@ 'a <-> b', 'a b'::tsvector @@ 'a:B';
-- configurations
SELECT to_tsvector('english', 'The dogs'' barking kept waking the neighbours; running, ran, runs'), to_tsvector('simple', 'The Dogs');
SELECT to_tsvector('german', 'Die Häuser der Städte'), to_tsvector('russian', 'быстрые running машины'), to_tsvector('french', 'les chevaux mangeaient'), to_tsvector('nepali', 'foo');
SELECT to_tsquery('english', 'fat & (rats | !cats:*b)'), plainto_tsquery('english', 'The Fat Rats'), phraseto_tsquery('english', 'cats ate the rats'), websearch_to_tsquery('english', '"supernovae stars" -crab or "the" web');
SELECT to_tsquery('english', 'the & of'), to_tsquery('simple', '');
SELECT to_tsvector('english', '{"a": "The fat rats", "b": ["cats", 1, true]}'::jsonb), json_to_tsvector('english', '{"a": "The fat rats", "b": ["cats", 12, true]}'::json, '["key", "numeric", "boolean"]');
SELECT jsonb_to_tsvector('english', '{}'::jsonb, '"other"');
SHOW default_text_search_config;
SET default_text_search_config = 'simple';
SELECT get_current_ts_config(), to_tsvector('The rats');
SET default_text_search_config = 'nothing';
RESET default_text_search_config;
-- the parser
SELECT * FROM ts_parse('default', 'John''s e-mail <b class="x">is</b> j.doe@mail.example.com, see http://www.example.com:80/a/b.html?q=1&r#f /usr/local/x.c -12.5e3 +7 1.2.3 &amp; foo-bar-baz2 ünïcode-wörd 3D');
SELECT alias, token, dictionaries, lexemes FROM ts_debug('english', 'The Running-shoes of 2nd');
SELECT count(*), min(alias), max(description) FROM ts_token_type('default');
SELECT ts_lexize('english_stem', 'stars'), ts_lexize('english_stem', 'a'), ts_lexize('simple', 'A');
-- ranking and headlines
SELECT ts_rank(v, q), ts_rank_cd(v, q), ts_rank(v, q, 1), ts_rank_cd(v, q, 4 | 16), ts_rank('{0.2, 0.3, 0.5, 0.9}', v, q), ts_rank_cd('{0.2, 0.3, 0.5, 0.9}', v, q, 32)
FROM (VALUES (setweight(to_tsvector('english', 'a new paradise lost'), 'A') || to_tsvector('english', 'paradise of the lost and lonely paradises')::tsvector, 'paradise & lost'::tsquery), (to_tsvector('simple', 'x y z x'), 'x | z'), ('a b', 'a & b'), ('a:1', '!b')) t(v, q);
SELECT ts_headline('english', 'The most common type of search is to find all documents containing given query terms and return them in order of their similarity to the query.', to_tsquery('english', 'query & similarity'));
SELECT ts_headline('english', 'The most common type of search is to find all documents containing given query terms and return them in order of their similarity to the query.', to_tsquery('english', 'query & documents'), 'MaxFragments=2, MaxWords=7, MinWords=3, StartSel=<<, StopSel=>>, FragmentDelimiter = " | "');
SELECT ts_headline('english', 'one <i>two</i> three', 'two'::tsquery, 'HighlightAll=true'), ts_headline('english', '{"a": "the cats", "b": [1, "dog"]}'::jsonb, 'cat'::tsquery), ts_headline('english', 'a', 'a'::tsquery, 'Words=3');
-- what a query finds
CREATE TABLE documents (id int, body text, config regconfig DEFAULT 'english', vector tsvector);
CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(vector, 'pg_catalog.english', body);
INSERT INTO documents (id, body) VALUES (1, 'Cats and dogs'), (2, 'A dog barks'), (3, NULL);
SELECT id, vector FROM documents ORDER BY id;
UPDATE documents SET body = 'birds sing' WHERE id = 2;
SELECT id, vector FROM documents ORDER BY id;
SELECT * FROM ts_stat('SELECT vector FROM documents') ORDER BY word;
SELECT * FROM ts_stat('SELECT id FROM documents');
-- objects of one's own
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH DICTIONARY bad (TEMPLATE = simple, LANGUAGE = english);
CREATE TEXT SEARCH DICTIONARY bad (TEMPLATE = snowball, LANGUAGE = klingon);
CREATE TEXT SEARCH CONFIGURATION mine (COPY = english);
ALTER TEXT SEARCH CONFIGURATION mine ALTER MAPPING FOR asciiword, word WITH plain, simple;
ALTER TEXT SEARCH CONFIGURATION mine DROP MAPPING FOR url, email;
ALTER TEXT SEARCH CONFIGURATION mine DROP MAPPING FOR url;
ALTER TEXT SEARCH CONFIGURATION mine DROP MAPPING IF EXISTS FOR url;
ALTER TEXT SEARCH CONFIGURATION mine ADD MAPPING FOR nothing WITH simple;
SELECT to_tsvector('mine', 'The Cats a@b.c'), ts_lexize('plain', 'the'), ts_lexize('plain', 'cat');
DROP TEXT SEARCH DICTIONARY plain;
BEGIN;
ALTER TEXT SEARCH DICTIONARY plain (ACCEPT = true);
SELECT ts_lexize('plain', 'Cat');
ROLLBACK;
SELECT ts_lexize('plain', 'Cat');
SELECT dictname, dictinitoption FROM pg_ts_dict WHERE dictname IN ('plain', 'danish_stem') ORDER BY 1;
SELECT maptokentype, mapseqno, mapdict::regdictionary FROM pg_ts_config_map WHERE mapcfg = 'mine'::regconfig ORDER BY 1, 2;
ALTER TEXT SEARCH CONFIGURATION mine RENAME TO yours;
\dF+ yours
\dFd danish*
DROP TEXT SEARCH DICTIONARY plain CASCADE;
DROP TEXT SEARCH CONFIGURATION IF EXISTS yours;
SELECT 'yours'::regconfig;
DROP TABLE documents;
