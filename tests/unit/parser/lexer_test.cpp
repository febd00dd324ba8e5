#include "aegis/parser/keywords.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/parser/parser.h"
#include "show.h"

namespace aegis::parser {
namespace {

std::string expr(std::string_view sql) { return ast::show(parse_expression(sql).expression); }

struct Failure {
  std::string message;
  int position = 0;
  std::string sqlstate;
};

Failure failure(std::string_view sql) {
  try {
    parse(sql);
  } catch (const SqlError& error) {
    return {error.fields().message, error.fields().position,
            std::string(sqlstate_code(error.fields().sqlstate))};
  }
  return {};
}

}  // namespace

TEST_CASE("string literals") {
  CHECK(expr("'it''s'") == "'it's'");
  CHECK(expr(R"('a\n')") == R"('a\n')");
  CHECK(expr(R"(e'a\n\x41\101\u0042\'')") == "'a\nAAB''");
  CHECK(expr(R"(e'\uD83D\uDE00')") == "'\xF0\x9F\x98\x80'");
  CHECK(expr("'a'\n  'b' -- more\n 'c'") == "'abc'");
  CHECK(expr("$$it's$$") == "'it's'");
  CHECK(expr("$a$x$$y$a$") == "'x$$y'");
  CHECK(expr(R"(U&'d\0061t\+000061')") == "'data'");
  CHECK(expr("U&'d!0061' uescape '!'") == "'da'");
  CHECK(expr("''") == "''");
  CHECK(expr("X'1F'") == "bits:x1F");
}

TEST_CASE("identifiers") {
  CHECK(expr("AbC") == "abc");
  CHECK(expr("\"AbC\"") == "AbC");
  CHECK(expr("\"a\"\"b\"") == "a\"b");
  CHECK(expr(R"(U&"\0061b")") == "ab");
  CHECK(expr("größe") == "größe");
  CHECK(expr("a$1") == "a$1");
  std::string long_name(70, 'x');
  CHECK(expr(long_name) == std::string(63, 'x'));
  CHECK(parse("select " + long_name).notices.size() == 1);
}

TEST_CASE("operators end where PostgreSQL ends them") {
  CHECK(expr("a*-b") == "(a * (- b))");
  CHECK(expr("a@-b") == "(a @- b)");
  CHECK(expr("a<-1") == "(a < -1)");
  CHECK(expr("a+--comment\nb") == "(a + b)");
  CHECK(expr("a/*c*/+b") == "(a + b)");
  CHECK(expr("a*/*c*/b") == "(a * b)");
  CHECK(expr("a /* x /* nested */ y */ + b") == "(a + b)");
  CHECK(expr("a<=b") == "(a <= b)");
  CHECK(expr("a->>b") == "(a ->> b)");
  CHECK(expr("a%%b") == "(a %% b)");
}

TEST_CASE("lexical errors") {
  CHECK(failure("select 'abc").message == "unterminated quoted string at or near \"'abc\"");
  CHECK(failure("select 'abc").position == 8);
  CHECK(failure("select \"abc").message == "unterminated quoted identifier at or near \"\"abc\"");
  CHECK(failure("select \"\"").message == "zero-length delimited identifier at or near \"\"\"\"");
  CHECK(failure("select /* x").message == "unterminated /* comment at or near \"/* x\"");
  CHECK(failure("select $a$ x").message == "unterminated dollar-quoted string at or near \"$a$ x\"");
  CHECK(failure("select 1a").message == "trailing junk after numeric literal at or near \"1a\"");
  CHECK(failure("select e'\\u12'").message == "invalid Unicode escape");
  CHECK(failure("select e'\\u12'").sqlstate == "22025");
  CHECK(failure("select U&'\\00'").message == "invalid Unicode escape");
  CHECK(failure("select b'01").message == "unterminated bit string literal at or near \"b'01\"");
  // A syntax error in front of it comes first.
  CHECK(failure("select 1 1 'abc").message == "syntax error at or near \"1\"");
  CHECK(failure("selec 'abc").message == "syntax error at or near \"selec\"");
}

TEST_CASE("syntax errors point at the token") {
  CHECK(failure("selekt 1").message == "syntax error at or near \"selekt\"");
  CHECK(failure("selekt 1").position == 1);
  CHECK(failure("select 1 from").message == "syntax error at end of input");
  CHECK(failure("select 1 from").position == 14);
  CHECK(failure("select 'ä', from t").position == 13);
  CHECK(failure("select 1 from t where a = 1 and").message == "syntax error at end of input");
  CHECK(failure("select (1 + ) from t").message == "syntax error at or near \")\"");
  CHECK(failure("create table foo (with baz)").message == "syntax error at or near \"with\"");
  CHECK(failure("select 1; selekt 2").position == 11);
  CHECK(failure("select 1").sqlstate == "");
  CHECK(failure("select * from a.b.c.d").message ==
        "improper qualified name (too many dotted names): a.b.c.d");
}

TEST_CASE("nesting is bounded") {
  CHECK(failure("select " + std::string(1000, '(') + "1" + std::string(1000, ')')).message.empty());
  CHECK(failure("select " + std::string(50000, '(') + "1" + std::string(50000, ')')).sqlstate == "54001");
  std::string minuses;
  for (int i = 0; i < 50000; ++i) minuses += "- ";
  CHECK(failure("select " + minuses + "1").sqlstate == "54001");
}

TEST_CASE("keywords") {
  CHECK(keywords().size() == 460);
  CHECK(find_keyword("select")->category == KeywordCategory::Reserved);
  CHECK(find_keyword("value")->category == KeywordCategory::Unreserved);
  CHECK(find_keyword("coalesce")->category == KeywordCategory::ColumnName);
  CHECK(find_keyword("left")->category == KeywordCategory::TypeFuncName);
  CHECK(find_keyword("Select") == nullptr);
  CHECK(find_keyword("selec") == nullptr);
  CHECK(quote_identifier("abc") == "abc");
  CHECK(quote_identifier("Abc") == "\"Abc\"");
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(quote_identifier("select") == "\"select\"");
  CHECK(quote_identifier("value") == "value");
  CHECK(quote_identifier("") == "\"\"");
}

TEST_CASE("threads parse side by side") {
  std::vector<std::thread> threads;
  std::vector<int> good(4, 0);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i, &good] {
      for (int round = 0; round < 200; ++round) {
        std::string sql =
            "select a" + std::to_string(round) + ", case when b then c end from t" + std::to_string(i) +
            " left join u using (x) where y in (select z from w group by rollup (z)) order by 1 limit " +
            std::to_string(round);
        good[static_cast<size_t>(i)] += parse(sql).statements.size() == 1;
        good[static_cast<size_t>(i)] += failure(sql + " frm").message == "syntax error at or near \"frm\"";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int count : good) CHECK(count == 400);
}

}  // namespace aegis::parser
