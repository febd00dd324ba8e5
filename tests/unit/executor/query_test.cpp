#include <doctest/doctest.h>

#include "database.h"

using aegis::test::Database;
namespace oid = aegis::types::oid;

namespace {

struct Fixture {
  Database db;
  Fixture() {
    db.create_table("t", {{"a", oid::kInt4}, {"b", oid::kText}, {"c", oid::kNumeric}}, {0});
    db.create_table("u", {{"a", oid::kInt4}, {"d", oid::kText}});
    db.run("insert into t values (1,'one',1.5),(2,'two',2.25),(3,'three',null),(4,null,4)");
    db.run("insert into u values (1,'x'),(1,'y'),(3,'z'),(5,'w'),(null,'n')");
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "constants and expressions") {
  CHECK(db.query("select 1") == "1");
  CHECK(db.query("select 1+2*3, 'a'||'b', 7/2, 7/2.0") == "7|ab|3|3.5000000000000000");
  CHECK(db.query("select case when a > 2 then 'big' else b end from t order by a", ",") == "one,two,big,big");
  CHECK(db.query("select a from t where a in (1,3,9)") == "1 3");
  CHECK(db.query("select a from t where b like 't%' order by 1 desc") == "3 2");
  CHECK(db.query("select coalesce(b, 'none'), nullif(a, 4) from t where a = 4") == "none|NULL");
  CHECK(db.query("select array[1,2,3], (array[4,5,6])[2], row(1,'a')") == "{1,2,3}|5|(1,a)");
}

TEST_CASE_FIXTURE(Fixture, "joins of every kind") {
  CHECK(db.query("select t.a, d from t join u on t.a = u.a order by 1, 2") == "1|x 1|y 3|z");
  CHECK(db.query("select t.a, d from t left join u on t.a = u.a order by 1, 2") == "1|x 1|y 2|NULL 3|z 4|NULL");
  CHECK(db.query("select t.a, d from t right join u on t.a = u.a order by 2") == "NULL|n NULL|w 1|x 1|y 3|z");
  CHECK(db.query("select t.a, d from t full join u on t.a = u.a order by 1, 2") == "1|x 1|y 2|NULL 3|z 4|NULL NULL|n NULL|w");
  CHECK(db.query("select count(*) from t, u") == "20");
  CHECK(db.query("select t.a, u.a from t left join u on t.a < u.a and d = 'w' where t.a > 2 order by 1") == "3|5 4|5");
  CHECK(db.query("select a, d from t join u using (a) order by 2") == "1|x 1|y 3|z");
}

TEST_CASE_FIXTURE(Fixture, "subqueries of every form") {
  CHECK(db.query("select a from t where exists (select 1 from u where u.a = t.a) order by a") == "1 3");
  CHECK(db.query("select a from t where not exists (select 1 from u where u.a = t.a) order by a") == "2 4");
  CHECK(db.query("select a from t where a in (select a from u) order by a") == "1 3");
  CHECK(db.query("select a from t where a not in (select a from u)") == "");
  CHECK(db.query("select a from t where a not in (select a from u where a is not null) order by a") == "2 4");
  CHECK(db.query("select a, (select count(*) from u where u.a = t.a) from t order by a") == "1|2 2|0 3|1 4|0");
  CHECK(db.query("select a, (select max(d) from u where u.a = t.a) from t order by a") == "1|y 2|NULL 3|z 4|NULL");
  CHECK(db.query("select (select max(a) from u)") == "5");
  CHECK(db.query("select a from t where a > all (select a from u where a < 3)") == "2 3 4");
  CHECK(db.query("select a, array(select d from u where u.a = t.a order by d) from t order by a") == "1|{x,y} 2|{} 3|{z} 4|{}");
  CHECK(db.query("select t.a, s.d from t, lateral (select d from u where u.a = t.a order by d limit 1) s order by 1") == "1|x 3|z");
  CHECK(db.error("select (select a from t)") == "21000 more than one row returned by a subquery used as an expression");
}

TEST_CASE_FIXTURE(Fixture, "grouping") {
  CHECK(db.query("select count(*), sum(a), avg(a), min(b), max(c) from t") == "4|10|2.5000000000000000|one|4");
  CHECK(db.query("select a, count(*) from u group by a having count(*) > 1") == "1|2");
  CHECK(db.query("select count(distinct a), string_agg(d, ',' order by d desc) from u") == "3|z,y,x,w,n");
  CHECK(db.query("select a, d, count(*) from u where a = 1 group by grouping sets ((a), (d), ()) order by 1, 2") == "1|NULL|2 NULL|x|1 NULL|y|1 NULL|NULL|2");
  CHECK(db.query("select count(*) filter (where a > 2) from t") == "2");
  CHECK(db.query("select b from t group by a order by a limit 1") == "one");
  CHECK(db.error("select a, b from u") == "42703 column \"b\" does not exist");
  CHECK(db.error("select a, d from u group by a") == "42803 column \"u.d\" must appear in the GROUP BY clause or be used in an aggregate function");
}

TEST_CASE_FIXTURE(Fixture, "ordering, limits, distinct, set operations") {
  CHECK(db.query("select a from u order by a nulls first limit 2 offset 1") == "1 1");
  CHECK(db.query("select distinct a from u order by a") == "1 3 5 NULL");
  CHECK(db.query("select distinct on (a) a, d from u order by a, d desc") == "1|y 3|z 5|w NULL|n");
  CHECK(db.query("select a from t union select a from u order by 1") == "1 2 3 4 5 NULL");
  CHECK(db.query("select a from t intersect select a from u order by 1") == "1 3");
  CHECK(db.query("select a from t except select a from u order by 1") == "2 4");
  CHECK(db.query("select a from u order by a fetch first 1 rows with ties") == "1 1");
  CHECK(db.query("values (1,'a'),(2,'b') order by 1 desc") == "2|b 1|a");
}

TEST_CASE_FIXTURE(Fixture, "WITH") {
  CHECK(db.query("with x as (select a from t where a < 3) select * from x x1, x x2 order by 1, 2") == "1|1 1|2 2|1 2|2");
  CHECK(db.query("with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select sum(i) from n") == "15");
  CHECK(db.query("with d as (delete from u where a = 1 returning d) select count(*) from d") == "2");
  CHECK(db.query("select count(*) from u") == "3");
}

TEST_CASE_FIXTURE(Fixture, "windows") {
  CHECK(db.query("select a, row_number() over (order by a desc), sum(a) over (order by a) from t order by a") == "1|4|1 2|3|3 3|2|6 4|1|10");
  CHECK(db.query("select d, rank() over (partition by a order by d), lag(d) over (order by d) from u order by d") == "n|1|NULL w|1|n x|1|w y|2|x z|1|y");
  CHECK(db.query("select a, sum(a) over (order by a rows between 1 preceding and current row) from t order by a") == "1|1 2|3 3|5 4|7");
}

TEST_CASE_FIXTURE(Fixture, "writing") {
  CHECK(db.query("update t set c = c + 1, b = upper(b) where a <= 2 returning a, b, c") == "1|ONE|2.5 2|TWO|3.25");
  CHECK(db.query("delete from t where a = 4") == "1");
  CHECK(db.error("insert into t values (1)") == "23505 duplicate key value violates unique constraint \"t_pkey\"");
  CHECK(db.query("insert into t values (1,'again',0),(9,'nine',9) on conflict (a) do update set b = excluded.b returning a, b") == "1|again 9|nine");
  CHECK(db.query("insert into t values (1,'no',0) on conflict do nothing") == "0");
  CHECK(db.query("update t set c = u.a from u where u.a = t.a and d = 'z' returning t.a, c, d") == "3|3|z");
  CHECK(db.query("select a, b, c from t order by a") == "1|again|2.5 2|TWO|3.25 3|three|3 9|nine|9");
  const char* merge = "merge into t using u on t.a = u.a when matched then update set b = d when not matched and u.a is not null then insert values (u.a, d)";
  CHECK(db.error(merge) == "21000 MERGE command cannot affect row a second time");
  db.run("delete from u where d = 'y'");
  CHECK(db.query(merge) == "3");
  CHECK(db.query("select a, b from t order by a") == "1|x 2|TWO 3|z 5|w 9|nine");
}

TEST_CASE_FIXTURE(Fixture, "index access") {
  CHECK(db.query("select b from t where a = 2") == "two");
  CHECK(db.query("select a from t where a > 1 and a <= 3 order by a") == "2 3");
  CHECK(db.query("select a from t order by a desc limit 2") == "4 3");
  CHECK(db.run("select b from t where a = $1", {"3"}) == std::vector<std::string>{"three"});
  db.run("update t set a = 30 where a = 3");
  CHECK(db.query("select a, b from t where a >= 3 order by a") == "4|NULL 30|three");
}

TEST_CASE_FIXTURE(Fixture, "set-returning functions") {
  CHECK(db.query("select * from generate_series(1, 3)") == "1 2 3");
  CHECK(db.query("select a, generate_series(1, a) from t where a < 3") == "1|1 2|1 2|2");
  CHECK(db.query("select * from unnest(array['p','q']) with ordinality") == "p|1 q|2");
  CHECK(db.query("select t.a, g from t, generate_series(1, t.a) g where t.a = 2") == "2|1 2|2");
}

TEST_CASE("many rows, several threads") {
  Database db(3);
  db.create_table("big", {{"k", oid::kInt4}, {"g", oid::kInt4}, {"s", oid::kText}}, {0});
  db.run("insert into big select i, i % 7, 'row ' || i from generate_series(1, 300000) i");
  CHECK(db.query("select count(*), sum(k), count(distinct g), max(s) from big") == "300000|45000150000|7|row 99999");
  CHECK(db.query("select g, count(*) from big group by g order by g", ",") == "0|42857,1|42858,2|42857,3|42857,4|42857,5|42857,6|42857");
  CHECK(db.query("select count(*) from big a join big b on a.k = b.k where b.g = 3") == "42857");
  CHECK(db.query("select k from big order by s desc limit 3") == "99999 99998 99997");
  CHECK(db.query("select count(*) from (select distinct g, k % 3 from big) x") == "21");
}
