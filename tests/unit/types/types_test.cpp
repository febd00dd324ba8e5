#include "aegis/types/type.h"

#include <doctest/doctest.h>

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "aegis/types/numeric.h"
#include "aegis/types/time_zone.h"

namespace aegis::types {

namespace {

std::string round_trip(std::string_view type, std::string_view text, int32_t typmod = -1) {
  TypeContext context;
  context.time_zone = TimeZone::find("America/New_York");
  Arena arena;
  const TypeInfo* info = find_type_by_name(type);
  REQUIRE(info != nullptr);
  std::string out;
  try {
    Value value = info->input(context, text, {info->oid, typmod}, arena);
    std::string bytes;
    info->send(context, value, info->oid, bytes);
    value = info->receive(context, bytes, {info->oid, typmod}, arena);
    info->output(context, value, info->oid, out);
  } catch (const SqlError& error) {
    return error.what();
  }
  return out;
}

}  // namespace

TEST_CASE("every listed type has its attributes and operations") {
  CHECK(all_types().size() > 180);
  for (const TypeInfo& type : all_types()) {
    CHECK((type.input != nullptr));
    CHECK((type.output != nullptr));
    CHECK(find_type(type.oid) == &type);
  }
  CHECK(format_type({oid::kVarchar, 14}) == "character varying(10)");
  CHECK(format_type({oid::kInt4Array, -1}) == "integer[]");
  CHECK(format_type({oid::kNumeric, ((15 << 16) | 2) + 4}) == "numeric(15,2)");
  CHECK(format_type({oid::kTimestamptz, 3}) == "timestamp(3) with time zone");
}

TEST_CASE("text forms are PostgreSQL's") {
  CHECK(round_trip("bool", " tRu ") == "t");
  CHECK(round_trip("int4", "2147483648") == "value \"2147483648\" is out of range for type integer");
  CHECK(round_trip("float8", "1e23") == "9.999999999999999e+22");
  CHECK(round_trip("float8", "0.1") == "0.1");
  CHECK(round_trip("numeric", "-1234567890123456789012345.6700") == "-1234567890123456789012345.6700");
  CHECK(round_trip("date", "Jan 8, 99 BC") == "0099-01-08 BC");
  CHECK(round_trip("timestamptz", "2024-07-01 12:00 Europe/Berlin") == "2024-07-01 06:00:00-04");
  CHECK(round_trip("timestamp", "20011227T040506.789") == "2001-12-27 04:05:06.789");
  CHECK(round_trip("interval", "1 year 2 mons -3 days 04:05:06.7") == "1 year 2 mons -3 days +04:05:06.7");
  CHECK(round_trip("timetz", "04:05:06-08") == "04:05:06-08");
  CHECK(round_trip("bytea", "\\xDEADbeef") == "\\xdeadbeef");
  CHECK(round_trip("uuid", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}") == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  CHECK(round_trip("_text", "{a,\"b c\",NULL,\"NULL\",\"\"}") == "{a,\"b c\",NULL,\"NULL\",\"\"}");
  CHECK(round_trip("_numeric", "[2:3]={1.50,99999999999999999999999}") == "[2:3]={1.50,99999999999999999999999}");
  CHECK(round_trip("pg_lsn", "16/B374D848") == "16/B374D848");
}

TEST_CASE("typmods fit values") {
  CHECK(round_trip("varchar", "abc  ", 7) == "abc");
  CHECK(round_trip("varchar", "abcd", 7) == "value too long for type character varying(3)");
  CHECK(round_trip("bpchar", "ab", 8) == "ab  ");
  CHECK(round_trip("numeric", "12.345", ((4 << 16) | 2) + 4) == "12.35");
  CHECK(round_trip("numeric", "123.45", ((4 << 16) | 2) + 4) == "numeric field overflow");
  CHECK(round_trip("timestamp", "2000-01-01 00:00:00.999999", 3) == "2000-01-01 00:00:01");
}

TEST_CASE("numeric results have PostgreSQL's scales") {
  Arena arena;
  auto n = [&](std::string_view text) { return numeric::from_string(text, arena); };
  auto text = [](const Numeric& value) { return numeric::to_string(value); };
  CHECK(text(numeric::divide(n("1"), n("3"), arena)) == "0.33333333333333333333");
  CHECK(text(numeric::divide(n("10.00"), n("4"), arena)) == "2.5000000000000000");
  CHECK(text(numeric::sqrt(n("2"), arena)) == "1.414213562373095");
  CHECK(text(numeric::ln(n("2"), arena)) == "0.6931471805599453");
  CHECK(text(numeric::exp(n("1"), arena)) == "2.7182818284590452");
  CHECK(text(numeric::power(n("2"), n("0.5"), arena)) == "1.4142135623730950");
  CHECK(text(numeric::multiply(n("9223372036854775807"), n("10.5"), arena)) == "96845406386975145973.5");
  CHECK(text(numeric::round(n("-2.5"), 0, arena)) == "-3");
  CHECK(numeric::hash(n("1.10")) == numeric::hash(n("1.1000000000000000000000000000000")));
  numeric::Sum sum;
  sum.init();
  for (int i = 0; i < 100; ++i) sum.add(n("99999999999999999999999999999999999999.9"), arena);
  CHECK(text(sum.total(arena)) == "9999999999999999999999999999999999999990.0");
  sum.init();
  sum.add(n("7"), arena);
  sum.add(n("152415787532388367504942236884722755800.955129"), arena);
  CHECK(text(sum.total(arena)) == "152415787532388367504942236884722755807.955129");
}

}  // namespace aegis::types
