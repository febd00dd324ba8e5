#include <doctest/doctest.h>

#include "aegis/protocol/messages.h"
#include "aegis/protocol/row_encoder.h"
#include "aegis/protocol/scram.h"

using namespace aegis;
using namespace aegis::protocol;
using namespace std::string_literals;

TEST_CASE("frames are whole messages") {
  std::string input = "Q\0\0\0\x0dselect 1\0S\0\0\0\x04"s;
  auto first = next_frame(input, kMaxMessageBytes);
  REQUIRE(first);
  CHECK(first->type == 'Q');
  CHECK(parse_string(first->body) == "select 1");
  CHECK_FALSE(next_frame(input.substr(0, 10), kMaxMessageBytes));
  auto second = next_frame(std::string_view(input).substr(first->size), kMaxMessageBytes);
  REQUIRE(second);
  CHECK(second->type == 'S');
  CHECK_THROWS_AS(next_frame("Q\0\0\0\x03"s, kMaxMessageBytes), SqlError);
  CHECK_THROWS_AS(next_frame("Q\x7f\xff\xff\xff"s, kMaxMessageBytes), SqlError);
}

TEST_CASE("malformed bodies are refused") {
  CHECK_THROWS_AS(parse_string("no end"), SqlError);
  CHECK_THROWS_AS(parse_bind("p\0s\0\0\1"s), SqlError);
  CHECK_THROWS_AS(parse_parse("s\0q\0\xff\xff"s), SqlError);
  std::string body = "p\0s\0\0\0\0\2\0\0\0\1x\xff\xff\xff\xff\0\1\0\1"s;
  BindMessage bind = parse_bind(body);
  CHECK(bind.portal == "p");
  REQUIRE(bind.values.size() == 2);
  CHECK(*bind.values[0] == "x");
  CHECK_FALSE(bind.values[1].has_value());
  CHECK(bind.result_formats == std::vector<int16_t>{1});
}

TEST_CASE("rows are encoded as text and binary") {
  std::vector<Oid> types = {types::oid::kInt4, types::oid::kText};
  vector::Chunk chunk{std::span<const Oid>(types)};
  chunk.reset();
  chunk.column(0).set(0, types::Value::of_i32(42));
  chunk.column(1).set_null(0);
  chunk.set_size(1);
  std::vector<types::Type> columns = {{types::oid::kInt4, -1}, {types::oid::kText, -1}};
  std::string out;
  RowEncoder(columns, {0, 0}).encode(chunk, 0, 1, types::TypeContext(), out);
  CHECK(out == "D\0\0\0\x10\0\2\0\0\0\x02\x34\x32\xff\xff\xff\xff"s);
  out.clear();
  RowEncoder(columns, {1, 1}).encode(chunk, 0, 1, types::TypeContext(), out);
  CHECK(out == "D\0\0\0\x12\0\2\0\0\0\4\0\0\0\x2a\xff\xff\xff\xff"s);
}

TEST_CASE("SCRAM verifiers") {
  std::string verifier = make_scram_verifier("secret");
  CHECK(is_scram_verifier(verifier));
  CHECK(check_password(verifier, "secret"));
  CHECK_FALSE(check_password(verifier, "Secret"));
  CHECK_FALSE(is_scram_verifier("md5abc"));
}
