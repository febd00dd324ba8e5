#include <doctest/doctest.h>

#include <random>
#include <string>

#include "aegis/os/memory_allocator.h"
#include "aegis/parser/parser.h"

namespace aegis::parser {
namespace {

// Expressions of shapes that do not come twice.
class Shapes {
 public:
  std::string expression(int depth) {
    if (depth == 0) return pick() % 2 == 0 ? "a.b" : "cast(null as int4)";
    switch (pick() % 6) {
      case 0:
        return "case when " + expression(depth - 1) + " < " + expression(depth - 1) + " then " + expression(depth - 1) + " end";
      case 1:
        return "(select " + expression(depth - 1) + " from s.t as r where " + expression(depth - 1) + " limit 1 offset 4)";
      case 2:
        return "f.g(cast(" + expression(depth - 1) + " as money), (" + expression(depth - 1) + "))";
      case 3:
        return "((" + expression(depth - 1) + ") is not null or (" + expression(depth - 1) + "))";
      case 4:
        return "coalesce(" + expression(depth - 1) + ", nullif(" + expression(depth - 1) + ", " + expression(depth - 1) + "))";
      default:
        return "exists ((select " + expression(depth - 1) + " from a) union (select " + expression(depth - 1) + "))";
    }
  }

 private:
  unsigned pick() { return static_cast<unsigned>(random_()); }

  std::mt19937 random_{7};
};

}  // namespace

TEST_CASE("statements of ever new shapes do not fill the memory") {
  Shapes shapes;
  auto before = static_cast<int64_t>(os::allocated_bytes());
  for (int i = 0; i < 1500; ++i) CHECK(parse("with w as (select " + shapes.expression(6) + ") select 1").statements.size() == 1);
  int64_t grown = static_cast<int64_t>(os::allocated_bytes()) - before;
  MESSAGE("grown by " << (grown >> 20) << " MB");
  CHECK(grown < (int64_t{200} << 20));
}

}  // namespace aegis::parser
