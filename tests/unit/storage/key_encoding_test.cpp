#include "aegis/storage/key_encoding.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace aegis::storage {
namespace {

using types::Interval;
using types::Numeric;
using types::PhysicalType;
using types::TimeTz;
using types::Value;

std::string key(PhysicalType type, KeyKind kind, const Value& value, bool descending = false, bool nulls_first = false) {
  std::string out;
  append_key(out, {0, type, kind, descending, nulls_first}, value);
  return out;
}

// Values in ascending order; equal neighbours are given in one inner list.
void check_order(PhysicalType type, KeyKind kind, const std::vector<std::vector<Value>>& groups) {
  for (bool descending : {false, true}) {
    for (bool nulls_first : {false, true}) {
      std::string null = key(type, kind, Value::null(), descending, nulls_first);
      std::string last;
      for (const auto& group : groups) {
        std::string first = key(type, kind, group[0], descending, nulls_first);
        for (const Value& same : group) CHECK(key(type, kind, same, descending, nulls_first) == first);
        if (!last.empty()) CHECK((descending ? first < last : last < first));
        CHECK((nulls_first ? null < first : first < null));
        last = first;
      }
    }
  }
}

TEST_CASE("integers and bools") {
  check_order(PhysicalType::Int32, KeyKind::Signed,
              {{Value::of_i32(std::numeric_limits<int32_t>::min())}, {Value::of_i32(-1)}, {Value::of_i32(0)},
               {Value::of_i32(255)}, {Value::of_i32(256)}, {Value::of_i32(std::numeric_limits<int32_t>::max())}});
  check_order(PhysicalType::Int64, KeyKind::Signed, {{Value::of_i64(-5)}, {Value::of_i64(3)}});
  check_order(PhysicalType::Int16, KeyKind::Signed, {{Value::of_i16(-5)}, {Value::of_i16(3)}});
  check_order(PhysicalType::Int32, KeyKind::Unsigned, {{Value::of_oid(1)}, {Value::of_oid(4000000000u)}});
  check_order(PhysicalType::Bool, KeyKind::Bool, {{Value::of_bool(false)}, {Value::of_bool(true)}});
}

TEST_CASE("floats have PostgreSQL's order") {
  double inf = std::numeric_limits<double>::infinity();
  double nan = std::numeric_limits<double>::quiet_NaN();
  check_order(PhysicalType::Float64, KeyKind::Float,
              {{Value::of_f64(-inf)}, {Value::of_f64(-2)}, {Value::of_f64(-1e-300)}, {Value::of_f64(0), Value::of_f64(-0.0)},
               {Value::of_f64(1e-300)}, {Value::of_f64(3)}, {Value::of_f64(inf)}, {Value::of_f64(nan), Value::of_f64(-nan)}});
  check_order(PhysicalType::Float32, KeyKind::Float, {{Value::of_f32(-1)}, {Value::of_f32(0), Value::of_f32(-0.0f)},
                                                      {Value::of_f32(2)}, {Value::of_f32(std::nanf(""))}});
}

TEST_CASE("texts compare by bytes, also with zeros inside") {
  using namespace std::string_literals;
  static const std::string strings[] = {""s, "\0"s, "\0\0"s, "\0a"s, "a"s, "a\0"s, "a\0b"s, "aa"s, "ab"s, "b"s, "\xff"s, "\xff\xff"s};
  std::vector<std::vector<Value>> groups;
  for (const auto& s : strings) groups.push_back({Value::of_string(s)});
  check_order(PhysicalType::String, KeyKind::Bytes, groups);
  check_order(PhysicalType::String, KeyKind::PaddedText,
              {{Value::of_string(""), Value::of_string("  ")}, {Value::of_string("a"), Value::of_string("a ")}, {Value::of_string("b")}});
}

TEST_CASE("numerics of every size and scale") {
  auto special = [](Numeric::Kind kind) {
    Numeric n = Numeric::of(0);
    n.kind = kind;
    return Value::of_numeric(n);
  };
  static const uint8_t big[] = {0, 0, 0, 0, 0, 0, 0, 0, 1};  // 2^64
  auto two_to_64 = [&](bool negative, uint16_t scale) {
    Numeric n = Numeric::of(0, scale);
    n.kind = Numeric::Kind::Big;
    n.negative = negative;
    n.size = sizeof big;
    n.big = big;
    return Value::of_numeric(n);
  };
  auto num = [](int64_t coefficient, uint16_t scale) { return Value::of_numeric(Numeric::of(coefficient, scale)); };
  check_order(PhysicalType::Numeric, KeyKind::Numeric,
              {{special(Numeric::Kind::NegativeInfinity)}, {two_to_64(true, 0)}, {num(std::numeric_limits<int64_t>::min(), 0)},
               {num(-100, 0), num(-10000, 2)}, {num(-123, 1)}, {num(-12, 0)}, {num(-1, 5)}, {num(0, 0), num(0, 3)},
               {num(1, 10)}, {num(99, 2)}, {num(1, 0), num(10, 1), num(100, 2)}, {num(101, 2)}, {num(2, 0)}, {num(10, 0)},
               {num(100, 0)}, {num(1001, 1)}, {two_to_64(false, 3)}, {two_to_64(false, 0)},
               {special(Numeric::Kind::PositiveInfinity)}, {special(Numeric::Kind::NaN)}});
}

TEST_CASE("intervals and times with zones") {
  check_order(PhysicalType::Interval, KeyKind::Interval,
              {{Value::of_interval(Interval{0, 0, -1}), Value::of_interval(Interval{0, -30, 0})},
               {Value::of_interval(Interval{0, 0, 0})}, {Value::of_interval(Interval{86'400'000'000, 0, 0}), Value::of_interval(Interval{0, 1, 0})},
               {Value::of_interval(Interval{0, 31, 0})}, {Value::of_interval(Interval{0, 0, 12}), Value::of_interval(Interval{0, 360, 0})}});
  check_order(PhysicalType::TimeTz, KeyKind::TimeTz,
              {{Value::of_timetz(TimeTz{0, -3600, 0})}, {Value::of_timetz(TimeTz{3600'000'000, -3600, 0})},
               {Value::of_timetz(TimeTz{0, 0, 0})}, {Value::of_timetz(TimeTz{1, 0, 0})}});
}

TEST_CASE("the successor of a prefix bounds everything it begins") {
  std::string k = "ab\xff";
  CHECK(prefix_successor(k));
  CHECK(k == "ac");
  k = "\xff\xff";
  CHECK_FALSE(prefix_successor(k));
}

}  // namespace
}  // namespace aegis::storage
