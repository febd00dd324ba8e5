#include <doctest/doctest.h>

#include "aegis/base/error.h"
#include "aegis/parser/parser.h"
#include "show.h"

namespace aegis::parser {
namespace {

std::string expr(std::string_view sql) { return ast::show(parse_expression(sql).expression); }
std::string type(std::string_view sql) { return ast::show_type(parse_type_name(sql).type_name); }

int error_position(std::string_view sql) {
  try {
    parse_expression(sql);
  } catch (const SqlError& error) {
    return error.fields().position;
  }
  return 0;
}

}  // namespace

TEST_CASE("operators bind as in PostgreSQL") {
  CHECK(expr("1 + 2 * 3 - 4") == "((1 + (2 * 3)) - 4)");
  CHECK(expr("2 ^ 3 ^ 4") == "((2 ^ 3) ^ 4)");
  CHECK(expr("- 2 ^ 2") == "(-2 ^ 2)");
  CHECK(expr("- a ^ 2") == "((- a) ^ 2)");
  CHECK(expr("- a::int") == "(- a::pg_catalog.int4)");
  CHECK(expr("a || b + c") == "(a || (b + c))");
  CHECK(expr("@ a + b") == "(@ (a + b))");
  CHECK(expr("a @> b = c") == "((a @> b) = c)");
  CHECK(expr("not a = b") == "not((a = b))");
  CHECK(expr("a = not b = c") == "(a = not((b = c)))");
  CHECK(expr("a or b and c or d") == "or(a, and(b, c), d)");
  CHECK(expr("a and b and c") == "and(a, b, c)");
  CHECK(expr("a and not b or c") == "or(and(a, not(b)), c)");
  CHECK(expr("a < b is null") == "((a < b) is null)");
  CHECK(expr("a is null is null") == "((a is null) is null)");
  CHECK(expr("a is not null < b") == "((a is not null) < b)");
  CHECK(expr("a is distinct from b = c") == "(a distinct (b = c))");
  CHECK(expr("a || b collate \"C\"") == "(a || (b collate C))");
  CHECK(expr("a at time zone 'UTC' = b") == "(pg_catalog.timezone('UTC', a) = b)");
  CHECK(expr("a operator(pg_catalog.+) b * c") == "(a pg_catalog.+ (b * c))");
  CHECK(expr("a like b = c") == "((a ~~ b) = c)");
  CHECK(expr("a not like b escape 'x'") == "(a !~~ pg_catalog.like_escape(b, 'x'))");
  CHECK(expr("a similar to b") == "(a ~ pg_catalog.similar_to_escape(b))");
  CHECK(expr("a <> b") == expr("a != b"));
}

TEST_CASE("BETWEEN takes its own AND") {
  CHECK(expr("a between 1 and 2 and b") == "and((a BETWEEN [1, 2]), b)");
  CHECK(expr("a not between symmetric 1 + 1 and 2 or b") == "or((a NOT BETWEEN SYMMETRIC [(1 + 1), 2]), b)");
  CHECK(expr("not a between 1 and 2") == "not((a BETWEEN [1, 2]))");
}

TEST_CASE("comparisons do not associate") {
  CHECK(error_position("a < b < c") == 7);
  CHECK(error_position("a = b = c") == 7);
  CHECK(error_position("a like b like c") == 10);
  CHECK(expr("(a < b) < c") == "((a < b) < c)");
}

TEST_CASE("IN, ANY and sublinks") {
  CHECK(expr("a in (1, 2)") == "(a = [1, 2])");
  CHECK(expr("a not in (1)") == "(a <> [1])");
  CHECK(expr("a in (select 1)") == "any-sublink");
  CHECK(expr("a not in (select 1)") == "not(any-sublink)");
  CHECK(expr("a = any (b)") == "(a = any(b))");
  CHECK(expr("a < all (select 1)") == "all-sublink");
  CHECK(expr("a like any (array['x'])") == "(a ~~ any(array['x']))");
  CHECK(expr("exists (select 1)") == "exists-sublink");
  CHECK(expr("array(select 1)") == "array-sublink");
  CHECK(expr("((select 1)) + 1") == "(expr-sublink + 1)");
  CHECK(expr("((select 1) union (select 2))") == "expr-sublink");
  CHECK(expr("((select 1) + 1)") == "(expr-sublink + 1)");
}

TEST_CASE("operands") {
  CHECK(expr("a.b.c") == "a.b.c");
  CHECK(expr("a.*") == "a.*");
  CHECK(expr("a[1]") == "(a)->[1]");
  CHECK(expr("a.b[1:2][:]") == "(a.b)->[1:2], [nothing:nothing]");
  CHECK(expr("(a).b.*") == "(a)->b, *");
  CHECK(expr("$1 + $22") == "($1 + $22)");
  CHECK(expr("(1, 2)") == "row(1, 2)");
  CHECK(expr("row()") == "row()");
  CHECK(expr("array[[1, 2], [3]]") == "array[array[1, 2], array[3]]");
  CHECK(expr("value") == "value");
  CHECK(expr("2147483647") == "2147483647");
  CHECK(expr("2147483648") == "2147483648");
  CHECK(expr("-2147483648") == "-2147483648");
  CHECK(expr("1.5e10") == "1.5e10");
  CHECK(expr("b'101'") == "bits:b101");
  CHECK(expr("null") == "null");
}

TEST_CASE("typed constants") {
  CHECK(expr("date '2020-01-01'") == "'2020-01-01'::date");
  CHECK(expr("int '5'") == "'5'::pg_catalog.int4");
  CHECK(expr("interval '1' day to second(3)") == "'1'::pg_catalog.interval(7176, 3)");
  CHECK(expr("interval(2) '1'") == "'1'::pg_catalog.interval(32767, 2)");
  CHECK(expr("timestamp with time zone 'now'") == "'now'::pg_catalog.timestamptz");
  CHECK(expr("char 'x'") == "'x'::pg_catalog.bpchar");
  CHECK(expr("n'x'") == "'x'::pg_catalog.bpchar");
  CHECK(expr("a.b 'x'") == "'x'::a.b");
  CHECK(expr("numeric(3, 1) '2.5'") == "'2.5'::pg_catalog.numeric(3, 1)");
}

TEST_CASE("functions and their special syntaxes") {
  CHECK(expr("f(a, b => 1, c := 2)") == "f(a, b => 1, c => 2)");
  CHECK(expr("s.f(distinct a order by b)") == "s.f(distinct a order by b)");
  CHECK(expr("count(*) filter (where a) over w") == "count(*) filter a over w");
  CHECK(expr("left('abc', 1)") == "left('abc', 1)");
  CHECK(expr("extract(year from a)") == "pg_catalog.extract('year', a)");
  CHECK(expr("position(a in b)") == "pg_catalog.position(b, a)");
  CHECK(expr("substring(a from 1 for 2)") == "pg_catalog.substring(a, 1, 2)");
  CHECK(expr("substring(a for 2)") == "pg_catalog.substring(a, 1, 2::pg_catalog.int4)");
  CHECK(expr("substring(a similar b escape c)") == "pg_catalog.substring(a, b, c)");
  CHECK(expr("substring(a, 1)") == "substring(a, 1)");
  CHECK(expr("overlay(a placing b from 1)") == "pg_catalog.overlay(a, b, 1)");
  CHECK(expr("trim(both 'x' from a)") == "pg_catalog.btrim(a, 'x')");
  CHECK(expr("trim(leading from a)") == "pg_catalog.ltrim(a)");
  CHECK(expr("nullif(a, b)") == "nullif(a, b)");
  CHECK(expr("coalesce(a, b)") == "coalesce(a, b)");
  CHECK(expr("collation for (a)") == "pg_catalog.pg_collation_for(a)");
  CHECK(expr("normalize(a, nfc)") == "pg_catalog.normalize(a, 'NFC')");
  CHECK(expr("(a, b) overlaps (c, d)") == "pg_catalog.overlaps(a, b, c, d)");
  CHECK(expr("cast(a as text)") == "a::text");
  CHECK(expr("treat(a as int)") == "pg_catalog.int4(a)");
}

TEST_CASE("type names") {
  CHECK(type("int") == "pg_catalog.int4");
  CHECK(type("double precision") == "pg_catalog.float8");
  CHECK(type("float(24)") == "pg_catalog.float4");
  CHECK(type("numeric(10, 2)[]") == "pg_catalog.numeric(10, 2)[]");
  CHECK(type("varchar(5)[3][]") == "pg_catalog.varchar(5)[3][]");
  CHECK(type("char") == "pg_catalog.bpchar(1)");
  CHECK(type("bit varying") == "pg_catalog.varbit");
  CHECK(type("time(3) with time zone") == "pg_catalog.timetz(3)");
  CHECK(type("interval year to month") == "pg_catalog.interval(6)");
  CHECK(type("setof my.type array") == "setof my.type[]");
  CHECK_THROWS_AS(type("float(54)"), SqlError);
}

}  // namespace aegis::parser
