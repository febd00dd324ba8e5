#include "aegis/types/collation.h"

#include <doctest/doctest.h>

#include "aegis/base/error.h"

namespace aegis::types {
namespace {

Oid collation_named(std::string_view name) {
  for (const auto& info : built_in_collations()) {
    if (info.name == name) return info.oid;
  }
  return kInvalidOid;
}

TEST_CASE("sort keys order as comparisons do") {
  TypeContext context;
  const Collator* english = collator(collation_named("en-x-icu"), context);
  REQUIRE(english != nullptr);
  const std::string_view texts[] = {"", "a", "A", "ä", "b", "B", "ba", "b a", "z", "Zebra", "zebra", "\xf0\x9f\x98\x80", "a\xcc\x88"};
  auto key = [&](std::string_view text) {
    std::string out;
    english->append_sort_key(text, out);
    return out;
  };
  for (auto a : texts) {
    for (auto b : texts) {
      CAPTURE(a);
      CAPTURE(b);
      int order = english->compare(a, b);
      int keys = key(a).compare(key(b));
      CHECK((order < 0) == (keys < 0));
      CHECK((order == 0) == (a == b));
      CHECK((order == 0) == (keys == 0));
    }
  }
  CHECK(english->compare("a", "B") < 0);
}

TEST_CASE("a nondeterministic collation calls different bytes equal") {
  CollationInfo info{20000, "ci", 'i', false, -1, "", "", "und-u-ks-level2"};
  auto ci = open_collator(info);
  CHECK(ci->compare("Abc", "aBC") == 0);
  std::string a, b;
  ci->append_sort_key("Abc", a);
  ci->append_sort_key("aBC", b);
  CHECK(a == b);
}

TEST_CASE("which collations are the order of bytes") {
  TypeContext context;
  CHECK(orders_by_bytes(kCCollation, context));
  CHECK(orders_by_bytes(kDefaultCollation, context));
  CHECK(!orders_by_bytes(collation_named("de-x-icu"), context));
  CHECK(!orders_by_bytes(kIndeterminateCollation, context));
  context.database_collation = database_collation('i', "C.UTF-8", "de");
  CHECK(!orders_by_bytes(kDefaultCollation, context));
  CHECK_THROWS_AS(collator(kIndeterminateCollation, context), SqlError);
}

TEST_CASE("letters change case in the locale's way") {
  TypeContext context;
  const Collator* turkish = collator(collation_named("tr-x-icu"), context);
  CHECK(turkish->upper("i") == "\xc4\xb0");
  CHECK(turkish->lower("I") == "\xc4\xb1");
  CHECK(collator(collation_named("de-x-icu"), context)->capitalize("hello wORLD") == "Hello World");
}

TEST_CASE("a locale that is none is an error") {
  CHECK_THROWS_AS(open_collator({0, "", 'c', true, -1, "nonsense", "nonsense", ""}), SqlError);
}

}  // namespace
}  // namespace aegis::types
