-- Geometric types.
SELECT '(1,2)'::point, ' 1 , 2'::point, '[(0,0),(6,6)]'::lseg, '(1,1),(0,3)'::box, '{1,-1,2}'::line, '(0,0),(1,1)'::line;
SELECT '((0,0),(1,1),(2,0))'::path, '[(0,0),(1,1)]'::path, '((0,0),(0,4),(4,4),(4,0))'::polygon, '<(1,2),3>'::circle, '((1,2),3)'::circle;
SELECT '(1,2'::point;
SELECT '{0,0,1}'::line;
SELECT '<(1,2),-3>'::circle;
SELECT '(1,2)'::point + '(3,4)', '(1,2)'::point * '(0,1)', '(3,4)'::point <-> '(0,0)', '(1,2)'::point ~= '(1,2)', '(1,2)'::point << '(2,0)';
SELECT '(0,0),(2,2)'::box && '(1,1),(3,3)'::box, '(0,0),(2,2)'::box # '(1,1),(3,3)'::box, area('(0,0),(2,3)'::box), center('(0,0),(2,3)'::box), '(0,0),(2,2)'::box @> '(1,1)'::point;
SELECT '[(0,0),(2,2)]'::lseg # '[(0,2),(2,0)]'::lseg, '[(0,0),(2,2)]'::lseg ?# '[(0,2),(2,0)]'::lseg, length('[(0,0),(3,4)]'::lseg), '(0,1)'::point ## '[(0,0),(2,2)]'::lseg;
SELECT '((0,0),(0,4),(4,4),(4,0))'::polygon @> '(2,2)'::point, '((0,0),(0,4),(4,4),(4,0))'::polygon && '((2,2),(2,8),(8,8))'::polygon, npoints('((0,0),(0,4),(4,4))'::polygon);
SELECT area('<(0,0),2>'::circle), '<(0,0),2>'::circle && '<(3,0),1>'::circle, '<(0,0),2>'::circle <-> '<(5,0),1>'::circle, radius('<(0,0),2>'::circle), diameter('<(0,0),2>'::circle);
SELECT box('(0,0)'::point, '(1,1)'::point), circle('(0,0),(2,2)'::box), polygon('(0,0),(2,2)'::box), path('((0,0),(1,1),(2,0))'::polygon), point(1, 2);
SELECT isclosed('[(0,0),(1,1)]'::path), pclose('[(0,0),(1,1)]'::path), area('((0,0),(1,1),(2,0))'::path), '[(0,0)]'::path + '[(1,1)]'::path;
CREATE TABLE g (p point, b box, c circle);
INSERT INTO g VALUES ('(1,2)', '(0,0),(1,1)', '<(0,0),1>'), ('(0,0)', NULL, '<(9,9),2>');
SELECT * FROM g WHERE p <@ '<(0,0),1>'::circle;
SELECT p FROM g ORDER BY p <-> '(1,1)'::point;
DROP TABLE g;
