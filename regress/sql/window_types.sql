-- Windows over types without an order, and over aggregates.
select count(*) over (partition by b) from (values (box '(1,1),(0,0)'), (box '(2,2),(0,0)')) v(b);
select count(*) over (order by p) from (values (point '(1,1)')) v(p);
select sum(x) over (partition by a order by x), string_agg(x::text, ',') over (order by x) from (values (array[1], 1), (array[1], 2), (array[2], 3)) v(a, x) order by 1, 2;
