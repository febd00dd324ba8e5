// Exact decimals, as PostgreSQL's numeric to the last digit. Values are Numeric (value.h); results that need more
// than 64 bits put their magnitude into the arena given. Everything throws SqlError with PostgreSQL's texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aegis/base/arena.h"
#include "aegis/types/value.h"

namespace aegis::types::numeric {

using int128 = __int128;

inline constexpr int kMaxScale = 16383;        // of any value
inline constexpr int kMaxDisplayScale = 1000;  // that an operation chooses
inline constexpr int kMinSignificantDigits = 16;

inline constexpr int64_t kPowersOf10[19] = {1LL,
                                            10LL,
                                            100LL,
                                            1000LL,
                                            10000LL,
                                            100000LL,
                                            1000000LL,
                                            10000000LL,
                                            100000000LL,
                                            1000000000LL,
                                            10000000000LL,
                                            100000000000LL,
                                            1000000000000LL,
                                            10000000000000LL,
                                            100000000000000LL,
                                            1000000000000000LL,
                                            10000000000000000LL,
                                            100000000000000000LL,
                                            1000000000000000000LL};

Numeric special(Numeric::Kind kind);
inline Numeric from_int64(int64_t value) { return Numeric::of(value); }
Numeric from_int128(int128 coefficient, uint16_t scale, Arena& arena);
// Shortest digits that PostgreSQL keeps of a float: 15 for float8, 6 for float4.
Numeric from_double(double value, Arena& arena);
Numeric from_float(float value, Arena& arena);
// Text as numeric_in takes it (surrounding space allowed); throws 22P02.
Numeric from_string(std::string_view text, Arena& arena);
void append(const Numeric& value, std::string& out);
std::string to_string(const Numeric& value);

double to_double(const Numeric& value);
float to_float(const Numeric& value);
// Rounds half away from zero; `type_name` is for the message ("bigint out of range").
int64_t to_int64(const Numeric& value, std::string_view type_name = "bigint");
// Whether the value is an integer that fits; `result` is set then.
bool exact_int64(const Numeric& value, int64_t& result);

namespace detail {
int compare_slow(const Numeric& a, const Numeric& b);
Numeric add_slow(const Numeric& a, const Numeric& b, Arena& arena);
Numeric subtract_slow(const Numeric& a, const Numeric& b, Arena& arena);
Numeric multiply_slow(const Numeric& a, const Numeric& b, Arena& arena);
}  // namespace detail

// NaN equals NaN and is greater than everything else.
inline int compare(const Numeric& a, const Numeric& b) {
  if (a.is_small() && b.is_small() && a.scale == b.scale) return a.small < b.small ? -1 : a.small > b.small;
  return detail::compare_slow(a, b);
}
inline bool equal(const Numeric& a, const Numeric& b) {
  if (a.is_small() && b.is_small() && a.scale == b.scale) return a.small == b.small;
  return detail::compare_slow(a, b) == 0;
}
uint64_t hash(const Numeric& value);

inline Numeric add(const Numeric& a, const Numeric& b, Arena& arena) {
  int64_t sum;
  if (a.is_small() && b.is_small() && a.scale == b.scale && !__builtin_add_overflow(a.small, b.small, &sum)) {
    return Numeric::of(sum, a.scale);
  }
  return detail::add_slow(a, b, arena);
}
inline Numeric subtract(const Numeric& a, const Numeric& b, Arena& arena) {
  int64_t difference;
  if (a.is_small() && b.is_small() && a.scale == b.scale && !__builtin_sub_overflow(a.small, b.small, &difference)) {
    return Numeric::of(difference, a.scale);
  }
  return detail::subtract_slow(a, b, arena);
}
inline Numeric multiply(const Numeric& a, const Numeric& b, Arena& arena) {
  int64_t product;
  if (a.is_small() && b.is_small() && a.scale + b.scale <= kMaxScale &&
      !__builtin_mul_overflow(a.small, b.small, &product)) {
    return Numeric::of(product, static_cast<uint16_t>(a.scale + b.scale));
  }
  return detail::multiply_slow(a, b, arena);
}
// The scale is PostgreSQL's choice: at least 16 significant digits.
Numeric divide(const Numeric& a, const Numeric& b, Arena& arena);
// div(): the quotient truncated to an integer.
Numeric divide_truncated(const Numeric& a, const Numeric& b, Arena& arena);
Numeric modulo(const Numeric& a, const Numeric& b, Arena& arena);

Numeric negate(const Numeric& value, Arena& arena);
Numeric absolute(const Numeric& value, Arena& arena);
int sign(const Numeric& value);  // of NaN: 0
inline bool is_zero(const Numeric& value) { return value.is_small() && value.small == 0; }

// To `scale` digits after the point (negative: before it), half away from zero.
Numeric round(const Numeric& value, int scale, Arena& arena);
Numeric truncate(const Numeric& value, int scale, Arena& arena);
Numeric ceil(const Numeric& value, Arena& arena);
Numeric floor(const Numeric& value, Arena& arena);
int min_scale(const Numeric& value);
Numeric trim_scale(const Numeric& value, Arena& arena);

Numeric sqrt(const Numeric& value, Arena& arena);
Numeric sqrt_at(const Numeric& value, int scale, Arena& arena);  // finite, not negative
Numeric exp(const Numeric& value, Arena& arena);
Numeric ln(const Numeric& value, Arena& arena);
Numeric log(const Numeric& base, const Numeric& value, Arena& arena);
Numeric power(const Numeric& base, const Numeric& exponent, Arena& arena);
Numeric factorial(int64_t n, Arena& arena);
Numeric gcd(const Numeric& a, const Numeric& b, Arena& arena);
Numeric lcm(const Numeric& a, const Numeric& b, Arena& arena);

// numeric(precision, scale): rounds and throws 22003 when the value has more digits. typmod -1: unchanged.
Numeric apply_typmod(const Numeric& value, int32_t typmod, Arena& arena);
constexpr int typmod_precision(int32_t typmod) { return ((typmod - 4) >> 16) & 0xffff; }
constexpr int typmod_scale(int32_t typmod) { return (((typmod - 4) & 0x7ff) ^ 1024) - 1024; }

void send(const Numeric& value, std::string& out);
Numeric receive(std::string_view bytes, Arena& arena);

// A running sum: exact, of any number of values, allocation only past 128 bits. Trivially relocatable.
struct Sum {
  int128 small;        // coefficient at `scale`
  Numeric spilled;     // what overflowed 128 bits; zero at first
  int64_t count;       // values added, special ones too
  int64_t nan_count;
  int64_t positive_infinity_count;
  int64_t negative_infinity_count;
  uint16_t scale;      // the largest seen

  void init() {
    small = 0;
    spilled = Numeric::of(0);
    count = nan_count = positive_infinity_count = negative_infinity_count = 0;
    scale = 0;
  }
  void add(const Numeric& value, Arena& arena) {
    ++count;
    int128 sum;
    if (value.is_small() && value.scale == scale && !__builtin_add_overflow(small, int128{value.small}, &sum)) {
      small = sum;
      return;
    }
    add_slow(value, arena);
  }
  void merge(const Sum& other, Arena& arena);
  Numeric total(Arena& arena) const;
  Numeric average(Arena& arena) const;

 private:
  void add_slow(const Numeric& value, Arena& arena);
  void spill(Arena& arena);
};

}  // namespace aegis::types::numeric
