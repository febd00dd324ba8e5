#include <doctest/doctest.h>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "support/fake_services.h"

namespace aegis::functions {

namespace {

// Calls the first implemented function of these argument types on texts.
std::string call(std::string_view name, std::vector<std::pair<Oid, std::string>> given) {
  types::TypeContext context;
  test::FakeServices services;
  Arena arena;
  std::vector<Type> types;
  std::vector<Vector> vectors;
  for (const auto& [type, text] : given) {
    types.push_back({type, -1});
    vectors.emplace_back(type);
    vectors.back().reset();
    for (size_t i = 0; i < 2; ++i) {
      vectors.back().set(i, types::type_info(type).input(context, text, {type, -1}, arena));
    }
  }
  for (const Function* function : find_functions(name)) {
    bool fits = function->arguments.size() == types.size() && function->kernel != nullptr;
    for (size_t i = 0; fits && i < types.size(); ++i) fits = function->arguments[i] == types[i].oid;
    if (!fits) continue;
    std::vector<const Vector*> arguments;
    for (const Vector& v : vectors) arguments.push_back(&v);
    CallSite site{types, {function->result, -1}};
    std::shared_ptr<void> cache;
    CallContext calling{context, services, site, cache};
    Vector result(function->result);
    try {
      function->kernel(calling, arguments, 2, result);
    } catch (const SqlError& error) {
      return error.what();
    }
    std::string out;
    Value value = result.get(1);
    if (value.is_null) return "NULL";
    types::type_info(function->result).output(context, value, function->result, out);
    return out;
  }
  return "no such function";
}

using namespace types::oid;  // NOLINT: names of types

}  // namespace

TEST_CASE("the registry lists PostgreSQL's catalog") {
  CHECK(all_functions().size() > 3000);
  CHECK(all_operators().size() > 700);
  CHECK(all_casts().size() > 200);
  const Function* lpad = find_function(873);
  REQUIRE((lpad != nullptr));
  CHECK(lpad->name == "lpad");
  CHECK(lpad->arguments.size() == 3);
  CHECK((find_cast(kInt4, kInt8) != nullptr));
  CHECK(find_operators("+").size() > 20);
}

TEST_CASE("every operator and cast has its function") {
  for (const Operator* op : all_operators()) {
    if (op->function != kInvalidOid) CHECK((find_function(op->function) != nullptr));
  }
  for (const Cast& cast : all_casts()) {
    if (cast.method == CastMethod::Function) CHECK((find_function(cast.function) != nullptr));
  }
}

TEST_CASE("scalar functions") {
  CHECK(call("int4pl", {{kInt4, "1"}, {kInt4, "2"}}) == "3");
  CHECK(call("int4pl", {{kInt4, "2147483647"}, {kInt4, "2"}}) == "integer out of range");
  CHECK(call("lpad", {{kText, "hé"}, {kInt4, "5"}, {kText, "xy"}}) == "xyxhé");
  CHECK(call("textlike", {{kText, "special packages"}, {kText, "%al%ack__es"}}) == "t");
  CHECK(call("textregexeq", {{kText, "abc123"}, {kText, "^[a-z]+\\d+$"}}) == "t");
  CHECK(call("regexp_replace", {{kText, "foobar"}, {kText, "(o+)(b)"}, {kText, "<\\2\\1>"}}) == "f<boo>ar");
  CHECK(call("date_part", {{kText, "year"}, {kTimestamp, "2020-02-29"}}) == "2020");
  CHECK(call("extract", {{kText, "second"}, {kTimestamp, "2020-02-29 01:02:03.5"}}) == "3.500000");
  CHECK(call("date_trunc", {{kText, "quarter"}, {kTimestamp, "2020-05-29 01:02"}}) == "2020-04-01 00:00:00");
  CHECK(call("age", {{kTimestamp, "2020-03-01"}, {kTimestamp, "2019-12-31"}}) == "2 mons 1 day");
  CHECK(call("md5", {{kText, "abc"}}) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(call("hashtext", {{kText, "abc"}}) == "-785388649");
}

}  // namespace aegis::functions
