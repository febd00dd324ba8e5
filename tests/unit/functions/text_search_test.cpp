// The default parser's tokens, and ranks against PostgreSQL's numbers.
#include <doctest/doctest.h>

#include "text_search/parser.h"
#include "text_search/rank.h"

namespace aegis::functions::text_search {
namespace {

std::string tokens(std::string_view text) {
  TextParser parser(text);
  Token type;
  std::string_view token;
  std::string out;
  while (parser.next(type, token)) out += (out.empty() ? "" : " ") + std::to_string(type) + ":" + std::string(token);
  return out;
}

TEST_CASE("words, numbers and what stands between them") {
  CHECK(tokens("cat 3rd 12 -7 1.5e3") == "1:cat 12:  3:3rd 12:  22:12 12:  21:-7 12:  7:1.5e3");
  CHECK(tokens("") == "");
  CHECK(tokens("1.2.3") == "8:1.2.3");
}

TEST_CASE("hyphenated words come whole and in parts") { CHECK(tokens("foo-bar") == "16:foo-bar 11:foo 12:- 11:bar"); }

TEST_CASE("addresses") {
  CHECK(tokens("http://ex.com/a?b") == "14:http:// 5:ex.com/a?b 6:ex.com 18:/a?b");
  CHECK(tokens("j.doe@mail.ex.org") == "4:j.doe@mail.ex.org");
  CHECK(tokens("/usr/lib/x.c") == "19:/usr/lib/x.c");
}

TEST_CASE("tags and entities") { CHECK(tokens("<b>x</b>&amp;") == "13:<b> 1:x 13:</b> 23:&amp;"); }

std::string vector_of(std::initializer_list<std::pair<const char*, std::vector<int>>> words) {
  types::TsVector vector;
  for (const auto& [word, places] : words) {
    vector.push_back({word, {}});
    for (int place : places) vector.back().positions.push_back(types::ts_position(place, 0));
  }
  types::normalize_tsvector(vector);
  return types::tsvector_bytes(vector);
}

TEST_CASE("ranks are PostgreSQL's") {
  std::string vector = vector_of({{"a", {1, 4}}, {"b", {2}}});
  auto a = types::make_ts_word("a", 0, false), b = types::make_ts_word("b", 0, false);
  CHECK(rank(kRankWeights, vector, a.get(), 0) == doctest::Approx(0.07599089));
  auto both = types::make_ts_operator(types::TsNodeKind::And, std::move(a), std::move(b));
  CHECK(rank(kRankWeights, vector, both.get(), 0) == doctest::Approx(0.18784232));
  CHECK(rank_by_covers(kRankWeights, vector, both.get(), 0) == doctest::Approx(0.15));
  CHECK(rank(kRankWeights, vector, nullptr, 0) == 0);
}

}  // namespace
}  // namespace aegis::functions::text_search
