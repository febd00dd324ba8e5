-- ltree
CREATE EXTENSION ltree;
CREATE TABLE tree (path ltree);
INSERT INTO tree SELECT unnest(ARRAY['Top', 'Top.Science', 'Top.Science.Astronomy', 'Top.Science.Astronomy.Astrophysics', 'Top.Science.Astronomy.Cosmology', 'Top.Hobbies', 'Top.Hobbies.Amateurs_Astronomy',
  'Top.Collections', 'Top.Collections.Pictures', 'Top.Collections.Pictures.Astronomy', 'Top.Collections.Pictures.Astronomy.Stars', 'Top.Collections.Pictures.Astronomy.Galaxies',
  'Top.Collections.Pictures.Astronomy.Astronauts'])::ltree;
CREATE INDEX path_gist_idx ON tree USING gist (path);
CREATE INDEX path_idx ON tree USING btree (path);
SELECT path FROM tree WHERE path <@ 'Top.Science' ORDER BY path;
SELECT path FROM tree WHERE path @> 'Top.Science.Astronomy' ORDER BY path;
SELECT path FROM tree WHERE path ~ '*.Astronomy.*' ORDER BY path;
SELECT path FROM tree WHERE path ~ '*.!pictures@.Astronomy.*' ORDER BY path;
SELECT path FROM tree WHERE path @ 'Astro*% & !pictures@' ORDER BY path;
SELECT path FROM tree WHERE path @ 'Astro* & !pictures@' ORDER BY path;
SELECT subpath(path, 0, 2) || 'Space' || subpath(path, 2) FROM tree WHERE path <@ 'Top.Science.Astronomy' ORDER BY 1;
SET enable_seqscan = off; SET enable_indexscan = off;
SELECT path FROM tree WHERE path <@ 'Top.Science' ORDER BY path;
SELECT path FROM tree WHERE path @> 'Top.Science.Astronomy' ORDER BY path;
SELECT path FROM tree WHERE path ~ 'Top.Collections.*{1}' ORDER BY path;
RESET enable_seqscan; RESET enable_indexscan;
SELECT subltree('Top.Child1.Child2', 1, 2), subpath('Top.Child1.Child2', 0, 2), subpath('Top.Child1.Child2', 1), subpath('a.b.c', -2, 1), nlevel('Top.Child1.Child2'), index('0.1.2.3.5.4.5.6.8.5.6.8', '5.6'), index('0.1.2.3.5.4.5.6.8.5.6.8', '5.6', -4);
SELECT text2ltree('a.b'), ltree2text('a.b'), lca('1.2.3', '1.2.3.4.5.6'), lca(ARRAY['1.2.3'::ltree, '1.2.3.4']), lca('a', 'a.b'), lca(''::ltree, 'a');
SELECT 'a.b'::ltree < 'a.c', 'a.b'::ltree = 'a.b', 'a'::ltree || 'b.c', 'a'::ltree || 'b'::text, 'x'::text || 'a.b'::ltree, ''::ltree || 'a.b';
SELECT 'a.b.c'::ltree ~ 'a.*{1}.c', 'a.b.c'::ltree ~ 'a.*{2,}', 'a.b.c'::ltree ~ 'a|x.b.!d', 'foo_bar_baz'::ltree ~ 'foo_bar%', 'foo_barbaz'::ltree ~ 'foo_bar%*', 'a.a.b'::ltree ~ 'a{2}.b', 'A.B'::ltree ~ 'a@.b@', 'a.b'::ltree ? ARRAY['q', 'a.*']::lquery[];
SELECT ARRAY['a.b', 'c.d']::ltree[] @> 'a.b.c', ARRAY['a.b', 'c.d']::ltree[] ?@> 'a.b.c', ARRAY['a.b.c', 'c']::ltree[] ?<@ 'a', ARRAY['a.b', 'c.d']::ltree[] ?~ 'c.*', ARRAY['a.b', 'c.d']::ltree[] ?@ 'd & c';
SELECT 'a.!b@*|c%.*{2,}.d{,3}.*{0}.*{3}.q{,}'::lquery, 'a.b'::lquery, '(a | b@*) & !c% & !(d|e)'::ltxtquery, 'a | (b & c) | !(!d)'::ltxtquery;
SELECT 'a..b'::ltree;
SELECT 'a.'::ltree;
SELECT repeat('x', 300)::ltree;
SELECT 'a.*{2,1}'::lquery;
SELECT 'a|'::lquery;
SELECT 'a.{2}'::lquery;
SELECT 'a{70000}'::lquery;
SELECT '(a'::ltxtquery;
SELECT subltree('a.b.c', 3, 4);
DROP TABLE tree;
DROP EXTENSION ltree;
