#include "aegis/parser/parser.h"

#include <doctest/doctest.h>

#include "aegis/base/error.h"
#include "aegis/parser/ast.h"

namespace aegis::parser {

TEST_CASE("a simple query becomes PostgreSQL's raw tree") {
  ParseResult result = parse("select a, b as c from t where x = 1; ; select 2");
  REQUIRE(result.statements.size() == 2);
  auto* select = ast::node_cast<ast::SelectStmt>(result.statements[0].stmt);
  REQUIRE(select != nullptr);
  CHECK(select->target_list.size() == 2);
  CHECK(select->target_list[1]->name == "c");
  CHECK(select->from_clause.size() == 1);
  CHECK(result.statements[1].stmt_location == 39);
  CHECK(result.statements[1].stmt_len == 8);
}

}  // namespace aegis::parser
