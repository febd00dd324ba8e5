#include "aegis/parser/normalize.h"

#include <doctest/doctest.h>

#include "aegis/parser/parser.h"

namespace aegis::parser {
namespace {

// "text | literal, literal", or "none".
std::string normal(std::string_view sql) {
  auto result = normalize(sql);
  if (!result.has_value()) return "none";
  CHECK(parse(result->text).statements.size() == 1);
  std::string out = result->text + " |";
  for (const NormalizedLiteral& literal : result->literals) {
    CHECK(sql.find(literal.text.substr(0, 1), static_cast<size_t>(literal.location)) !=
          std::string_view::npos);
    out += (&literal == &result->literals[0] ? " " : ", ") + literal.text;
  }
  return out;
}

}  // namespace

TEST_CASE("literals of conditions, assignments and rows become parameters") {
  CHECK(normal("SELECT abalance FROM pgbench_accounts WHERE aid = 42;") ==
        "select abalance from pgbench_accounts where aid = $1 | 42");
  CHECK(normal("update t set a = a + -5, b='x' where c in (1, 2.5, 'it''s')") ==
        "update t set a = a + - $1 , b = $2 where c in ( $3 , $4 , $5 ) | 5, x, 1, 2.5, it's");
  CHECK(normal("INSERT INTO t (a, b) VALUES (1, 'x'), (-2, null)") ==
        "insert into t ( a , b ) values ( $1 , $2 ) , ( - $3 , null ) | 1, x, 2");
  CHECK(normal("delete from t where a between 1 and 2 or b like 'x%'") ==
        "delete from t where a between $1 and $2 or b like $3 | 1, 2, x%");
  CHECK(normal("select * from t limit 5 offset 6") == "select * from t limit $1 offset $2 | 5, 6");
  CHECK(normal("select 1 from a join b on a.x = 3 where y") ==
        "select 1 from a join b on a . x = $1 where y | 3");
  CHECK(normal("select a from t where b = $$x$$ /* why */ -- so\n") == "select a from t where b = $1 | x");
  CHECK(normal("select a from \"T\" where \"b\"\"c\" is distinct from 1") ==
        "select a from \"T\" where \"b\"\"c\" is distinct from 1 |");
}

TEST_CASE("a statement has one normal form") {
  CHECK(normal("select A from T where B=1") == normal("SELECT  a\nFROM t WHERE b = 1"));
  CHECK(normalize("select a from t where b = 1")->text == normalize("select a from t where b = 77")->text);
}

TEST_CASE("literals that must be constants stay") {
  CHECK(normal("select a + 1 from t group by a + 1 having a > 2 order by 1") ==
        "select a + 1 from t group by a + 1 having a > 2 order by 1 |");
  CHECK(normal("select a from t where d > date '2020-01-01' - interval '1' day and x = 5") ==
        "select a from t where d > date '2020-01-01' - interval '1' day and x = $1 | 5");
  CHECK(normal("select a from t where b::numeric(10, 2) = 5 and cast(c as varchar(3)) = 'x'") ==
        "select a from t where b :: numeric ( 10 , 2 ) = $1 and cast ( c as varchar ( 3 ) ) = $2 | 5, x");
  CHECK(normal("select a from t where b = '{}'::int[3] and c = 1") ==
        "select a from t where b = $1 :: int [ 3 ] and c = $2 | {}, 1");
  CHECK(normal("select a from t where extract('year' from b) = 2020") ==
        "select a from t where extract ( 'year' from b ) = $1 | 2020");
  CHECK(normal("select a from t where b = -2147483648") == "select a from t where b = - 2147483648 |");
  CHECK(normal("select a from t where b in (select c + 1 from u where d = 2 order by 1) and e = 3") ==
        "select a from t where b in ( select c + 1 from u where d = $1 order by 1 ) and e = $2 | 2, 3");
  CHECK(normal("insert into t values (1) on conflict (a) where b = 1 do update set c = 2 where t.d = 3 "
               "returning 4") ==
        "insert into t values ( $1 ) on conflict ( a ) where b = 1 do update set c = $2 where t . d = $3 "
        "returning 4 | 1, 2, 3");
  CHECK(normal("select * from (values (1, 'a')) v where x = 1") ==
        "select * from ( values ( 1 , 'a' ) ) v where x = $1 | 1");
  CHECK(normal("select a from t where b = b'101' and c like 'x' escape '!'") ==
        "select a from t where b = b'101' and c like $1 escape '!' | x");
}

TEST_CASE("statements that are left alone") {
  CHECK(normal("create table t (a int default 1)") == "none");
  CHECK(normal("select a from t where b = $1") == "none");
  CHECK(normal("select 1; select 2") == "none");
  CHECK(normal("select a into u from t where b = 1") == "none");
  CHECK(normal("select 'unterminated") == "none");
  CHECK(normal("set x to 1") == "none");
  CHECK(normal("explain select 1") == "none");
  CHECK(normal("select a from t where b = mytype(1) 'x'") == "none");
  CHECK(normal("") == "none");
}

}  // namespace aegis::parser
