#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "numeric/big.h"

namespace aegis::types::numeric {

using Kind = Numeric::Kind;

void throw_overflow() { throw SqlError(Sqlstate::NumericValueOutOfRange, "value overflows numeric format"); }

Numeric special(Kind kind) {
  Numeric n = Numeric::of(0);
  n.kind = kind;
  return n;
}

mpz_class power_of_10(unsigned long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, exponent);
  return power;
}

namespace {

bool is_special(const Numeric& value) { return !value.is_finite(); }

bool is_infinite(const Numeric& value) {
  return value.kind == Kind::PositiveInfinity || value.kind == Kind::NegativeInfinity;
}

Numeric infinity(int sign) { return special(sign > 0 ? Kind::PositiveInfinity : Kind::NegativeInfinity); }

}  // namespace

mpz_class coefficient_of(const Numeric& value) {
  mpz_class result;
  if (value.is_small()) {
    static_assert(sizeof(long) == 8);
    result = static_cast<long>(value.small);
    return result;
  }
  AEGIS_CHECK(value.kind == Kind::Big);
  mpz_import(result.get_mpz_t(), value.size, -1, 1, 0, 0, value.big);
  if (value.negative) result = -result;
  return result;
}

int digit_count(const mpz_class& coefficient) {
  size_t estimate = mpz_sizeinbase(coefficient.get_mpz_t(), 10);
  if (estimate <= 1) return 1;
  mpz_class bound = power_of_10(estimate - 1);
  return static_cast<int>(mpz_cmpabs(coefficient.get_mpz_t(), bound.get_mpz_t()) < 0 ? estimate - 1 : estimate);
}

int decimal_exponent(const Big& value) { return digit_count(value.coefficient) - 1 - value.scale; }

BaseDigits base_digits(const Big& value) {
  if (value.coefficient == 0) return {0, 0};
  int exponent = decimal_exponent(value);
  int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  int leading = exponent - 4 * weight + 1;
  int digits = digit_count(value.coefficient);
  mpz_class first = abs(value.coefficient);
  if (digits > leading) {
    first /= power_of_10(digits - leading);
  } else {
    first *= power_of_10(leading - digits);
  }
  return {weight, static_cast<int>(first.get_si())};
}

Numeric from_big(const mpz_class& coefficient, int scale, Arena& arena) {
  if (scale < 0) return from_big(coefficient * power_of_10(-scale), 0, arena);
  if (scale > kMaxScale) return from_big(rescale(coefficient, scale, kMaxScale), kMaxScale, arena);
  if (mpz_fits_slong_p(coefficient.get_mpz_t())) {
    return Numeric::of(coefficient.get_si(), static_cast<uint16_t>(scale));
  }
  size_t bytes = (mpz_sizeinbase(coefficient.get_mpz_t(), 2) + 7) / 8;
  if (bytes > 50000 && digit_count(coefficient) - scale > 131072) throw_overflow();
  Numeric n;
  n.kind = Kind::Big;
  n.negative = coefficient < 0;
  n.scale = static_cast<uint16_t>(scale);
  auto* data = static_cast<uint8_t*>(arena.allocate(bytes, 1));
  size_t written = 0;
  mpz_export(data, &written, -1, 1, 0, 0, coefficient.get_mpz_t());
  n.size = static_cast<uint32_t>(written);
  n.big = data;
  return n;
}

Numeric from_int128(int128 coefficient, uint16_t scale, Arena& arena) {
  if (coefficient == static_cast<int64_t>(coefficient)) return Numeric::of(static_cast<int64_t>(coefficient), scale);
  unsigned __int128 magnitude =
      coefficient < 0 ? -static_cast<unsigned __int128>(coefficient) : static_cast<unsigned __int128>(coefficient);
  auto* data = static_cast<uint8_t*>(arena.allocate(16, 1));
  std::memcpy(data, &magnitude, 16);
  Numeric n;
  n.kind = Kind::Big;
  n.negative = coefficient < 0;
  n.scale = scale;
  n.size = 16;
  while (data[n.size - 1] == 0) --n.size;
  n.big = data;
  return n;
}

mpz_class rescale(const mpz_class& coefficient, int from, int to) {
  if (to >= from) return coefficient * power_of_10(to - from);
  mpz_class divisor = power_of_10(from - to);
  mpz_class quotient;
  mpz_class remainder;
  mpz_tdiv_qr(quotient.get_mpz_t(), remainder.get_mpz_t(), coefficient.get_mpz_t(), divisor.get_mpz_t());
  remainder *= 2;
  if (mpz_cmpabs(remainder.get_mpz_t(), divisor.get_mpz_t()) >= 0) quotient += coefficient < 0 ? -1 : 1;
  return quotient;
}

int sign(const Numeric& value) {
  switch (value.kind) {
    case Kind::Small: return value.small < 0 ? -1 : value.small > 0;
    case Kind::Big: return value.negative ? -1 : 1;
    case Kind::NaN: return 0;
    case Kind::PositiveInfinity: return 1;
    case Kind::NegativeInfinity: return -1;
  }
  return 0;
}

namespace {

// Order of the kinds: -infinity, finite, infinity, NaN.
int kind_rank(const Numeric& value) {
  switch (value.kind) {
    case Kind::NegativeInfinity: return 0;
    case Kind::Small:
    case Kind::Big: return 1;
    case Kind::PositiveInfinity: return 2;
    case Kind::NaN: return 3;
  }
  return 0;
}

// Both are finite and small and at most 18 digits apart in scale: exact 128-bit coefficients of one scale.
bool align(const Numeric& a, const Numeric& b, int128& x, int128& y, int& scale) {
  if (!a.is_small() || !b.is_small()) return false;
  int difference = int{a.scale} - int{b.scale};
  if (difference > 18 || difference < -18) return false;
  x = a.small;
  y = b.small;
  if (difference > 0) y *= kPowersOf10[difference];
  if (difference < 0) x *= kPowersOf10[-difference];
  scale = std::max(a.scale, b.scale);
  return true;
}

}  // namespace

namespace detail {

int compare_slow(const Numeric& a, const Numeric& b) {
  int rank_a = kind_rank(a);
  int rank_b = kind_rank(b);
  if (rank_a != rank_b || rank_a != 1) return rank_a - rank_b;
  int128 x;
  int128 y;
  int scale;
  if (align(a, b, x, y, scale)) return x < y ? -1 : x > y;
  Big ba = big_of(a);
  Big bb = big_of(b);
  if (ba.scale < bb.scale) ba.coefficient *= power_of_10(bb.scale - ba.scale);
  if (bb.scale < ba.scale) bb.coefficient *= power_of_10(ba.scale - bb.scale);
  return cmp(ba.coefficient, bb.coefficient);
}

Numeric add_slow(const Numeric& a, const Numeric& b, Arena& arena) {
  if (is_special(a) || is_special(b)) {
    if (a.kind == Kind::NaN || b.kind == Kind::NaN) return special(Kind::NaN);
    if (is_infinite(a)) return is_infinite(b) && a.kind != b.kind ? special(Kind::NaN) : a;
    return b;
  }
  int128 x;
  int128 y;
  int scale;
  if (align(a, b, x, y, scale)) return from_int128(x + y, static_cast<uint16_t>(scale), arena);
  Big ba = big_of(a);
  Big bb = big_of(b);
  scale = std::max(ba.scale, bb.scale);
  return from_big(rescale(ba.coefficient, ba.scale, scale) + rescale(bb.coefficient, bb.scale, scale), scale, arena);
}

Numeric subtract_slow(const Numeric& a, const Numeric& b, Arena& arena) { return add_slow(a, negate(b, arena), arena); }

Numeric multiply_slow(const Numeric& a, const Numeric& b, Arena& arena) {
  if (is_special(a) || is_special(b)) {
    if (a.kind == Kind::NaN || b.kind == Kind::NaN) return special(Kind::NaN);
    int s = sign(a) * sign(b);
    return s == 0 ? special(Kind::NaN) : infinity(s);
  }
  if (a.is_small() && b.is_small() && a.scale + b.scale <= kMaxScale) {
    return from_int128(int128{a.small} * b.small, static_cast<uint16_t>(a.scale + b.scale), arena);
  }
  return from_big(coefficient_of(a) * coefficient_of(b), a.scale + b.scale, arena);
}

}  // namespace detail

Numeric negate(const Numeric& value, Arena& arena) {
  switch (value.kind) {
    case Kind::Small:
      if (value.small == INT64_MIN) return from_int128(-int128{value.small}, value.scale, arena);
      return Numeric::of(-value.small, value.scale);
    case Kind::Big: {
      if (!value.negative && value.size == 8) return from_big(-coefficient_of(value), value.scale, arena);
      Numeric n = value;
      n.negative = !n.negative;
      return n;
    }
    case Kind::NaN: return value;
    case Kind::PositiveInfinity: return special(Kind::NegativeInfinity);
    case Kind::NegativeInfinity: return special(Kind::PositiveInfinity);
  }
  return value;
}

Numeric absolute(const Numeric& value, Arena& arena) { return sign(value) < 0 ? negate(value, arena) : value; }

uint64_t hash(const Numeric& value) {
  if (value.is_small()) {
    int64_t coefficient = value.small;
    int scale = value.scale;
    if (coefficient == 0) return hash_int(0);
    while (scale > 0 && coefficient % 10 == 0) {
      coefficient /= 10;
      --scale;
    }
    return hash_combine(hash_int(static_cast<uint64_t>(coefficient)), scale);
  }
  if (is_special(value)) return hash_int(0x5eed0000 + static_cast<uint64_t>(value.kind));
  // The smallest scale decides: the same value may be small there.
  Arena arena(256);
  Numeric trimmed = trim_scale(value, arena);
  if (trimmed.is_small()) return hash(trimmed);
  uint64_t h = hash_bytes(trimmed.big, trimmed.size);
  return hash_combine(h + trimmed.negative, trimmed.scale);
}

namespace {

[[noreturn]] void throw_division_by_zero() { throw SqlError(Sqlstate::DivisionByZero, "division by zero"); }

// Quotients with a NaN or an infinity on either side.
Numeric divide_special(const Numeric& a, const Numeric& b) {
  if (a.kind == Kind::NaN || b.kind == Kind::NaN) return special(Kind::NaN);
  if (is_infinite(a)) {
    if (is_infinite(b)) return special(Kind::NaN);
    if (sign(b) == 0) throw_division_by_zero();
    return infinity(sign(a) * sign(b));
  }
  return Numeric::of(0);
}

int divide_scale(const BaseDigits& a, const BaseDigits& b, int scale_a, int scale_b) {
  int weight = a.weight - b.weight;
  if (a.first <= b.first) --weight;
  int scale = kMinSignificantDigits - weight * 4;
  scale = std::max({scale, scale_a, scale_b, 0});
  return std::min(scale, kMaxDisplayScale);
}

BaseDigits base_digits_small(int64_t coefficient, int scale) {
  if (coefficient == 0) return {0, 0};
  uint64_t magnitude = coefficient < 0 ? 0 - static_cast<uint64_t>(coefficient) : static_cast<uint64_t>(coefficient);
  int digits = 1;
  while (digits < 19 && magnitude >= static_cast<uint64_t>(kPowersOf10[digits])) ++digits;
  int exponent = digits - 1 - scale;
  int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  int leading = exponent - 4 * weight + 1;
  uint64_t first = digits > leading ? magnitude / kPowersOf10[digits - leading] : magnitude * kPowersOf10[leading - digits];
  return {weight, static_cast<int>(first)};
}

// a / b at `scale` when everything fits 128 bits.
bool divide_small(const Numeric& a, const Numeric& b, int scale, Arena& arena, Numeric& result) {
  int shift = scale + b.scale - a.scale;
  if (shift < 0 || shift > 36) return false;
  int128 dividend = a.small;
  for (int left = shift; left > 0; left -= 18) {
    if (__builtin_mul_overflow(dividend, int128{kPowersOf10[std::min(left, 18)]}, &dividend)) return false;
  }
  int128 quotient = dividend / b.small;
  int128 remainder = dividend % b.small;
  if (remainder < 0) remainder = -remainder;
  int128 divisor = b.small < 0 ? -int128{b.small} : int128{b.small};
  if (remainder * 2 >= divisor) quotient += ((a.small < 0) != (b.small < 0)) ? -1 : 1;
  result = from_int128(quotient, static_cast<uint16_t>(scale), arena);
  return true;
}

}  // namespace

Numeric divide(const Numeric& a, const Numeric& b, Arena& arena) {
  if (is_special(a) || is_special(b)) return divide_special(a, b);
  if (is_zero(b)) throw_division_by_zero();
  if (a.is_small() && b.is_small()) {
    int scale = divide_scale(base_digits_small(a.small, a.scale), base_digits_small(b.small, b.scale), a.scale, b.scale);
    Numeric result;
    if (divide_small(a, b, scale, arena, result)) return result;
  }
  Big x = big_of(a);
  Big y = big_of(b);
  int scale = divide_scale(base_digits(x), base_digits(y), a.scale, b.scale);
  // One more digit is exact enough for rounding only with the remainder: keep it in integers.
  int shift = scale + y.scale - x.scale;
  if (shift >= 0) {
    x.coefficient *= power_of_10(shift);
  } else {
    y.coefficient *= power_of_10(-shift);
  }
  mpz_class quotient;
  mpz_class remainder;
  mpz_tdiv_qr(quotient.get_mpz_t(), remainder.get_mpz_t(), x.coefficient.get_mpz_t(), y.coefficient.get_mpz_t());
  bool negative = (x.coefficient < 0) != (y.coefficient < 0);
  remainder *= 2;
  if (mpz_cmpabs(remainder.get_mpz_t(), y.coefficient.get_mpz_t()) >= 0) quotient += negative ? -1 : 1;
  return from_big(quotient, scale, arena);
}

Numeric divide_truncated(const Numeric& a, const Numeric& b, Arena& arena) {
  if (is_special(a) || is_special(b)) return divide_special(a, b);
  if (is_zero(b)) throw_division_by_zero();
  Big x = big_of(a);
  Big y = big_of(b);
  int scale = std::max(x.scale, y.scale);
  mpz_class quotient = rescale(x.coefficient, x.scale, scale) / rescale(y.coefficient, y.scale, scale);
  return from_big(quotient, 0, arena);
}

Numeric modulo(const Numeric& a, const Numeric& b, Arena& arena) {
  if (is_special(a) || is_special(b)) {
    if (a.kind == Kind::NaN || b.kind == Kind::NaN) return special(Kind::NaN);
    if (is_infinite(a)) {
      if (is_zero(b)) throw_division_by_zero();
      return special(Kind::NaN);
    }
    return a;  // of an infinite divisor
  }
  if (is_zero(b)) throw_division_by_zero();
  int128 x;
  int128 y;
  int scale;
  if (align(a, b, x, y, scale)) return from_int128(x % y, static_cast<uint16_t>(scale), arena);
  Big ba = big_of(a);
  Big bb = big_of(b);
  scale = std::max(ba.scale, bb.scale);
  mpz_class remainder = rescale(ba.coefficient, ba.scale, scale) % rescale(bb.coefficient, bb.scale, scale);
  return from_big(remainder, scale, arena);
}

Numeric round(const Numeric& value, int scale, Arena& arena) {
  if (is_special(value)) return value;
  scale = std::clamp(scale, -2000 * 100, kMaxScale);
  if (scale == value.scale) return value;
  if (value.is_small() && scale >= 0) {
    int difference = scale - value.scale;
    int64_t result;
    if (difference > 0 && difference <= 18 &&
        !__builtin_mul_overflow(value.small, kPowersOf10[difference], &result)) {
      return Numeric::of(result, static_cast<uint16_t>(scale));
    }
    if (difference < 0 && difference >= -18) {
      int64_t divisor = kPowersOf10[-difference];
      int64_t quotient = value.small / divisor;
      int64_t remainder = std::llabs(value.small % divisor);
      if (remainder >= divisor - remainder) quotient += value.small < 0 ? -1 : 1;
      return Numeric::of(quotient, static_cast<uint16_t>(scale));
    }
  }
  Big big = big_of(value);
  if (scale < 0) {
    if (-scale > digit_count(big.coefficient)) return Numeric::of(0);
    return from_big(rescale(big.coefficient, big.scale, scale) * power_of_10(-scale), 0, arena);
  }
  return from_big(rescale(big.coefficient, big.scale, scale), scale, arena);
}

Numeric truncate(const Numeric& value, int scale, Arena& arena) {
  if (is_special(value)) return value;
  scale = std::clamp(scale, -2000 * 100, kMaxScale);
  if (scale >= value.scale) return round(value, scale, arena);
  Big big = big_of(value);
  if (scale < 0 && -scale > digit_count(big.coefficient)) return Numeric::of(0);
  mpz_class kept = big.coefficient / power_of_10(big.scale - scale);
  if (scale < 0) return from_big(kept * power_of_10(-scale), 0, arena);
  return from_big(kept, scale, arena);
}

Numeric ceil(const Numeric& value, Arena& arena) {
  if (is_special(value) || value.scale == 0) return value;
  Big big = big_of(value);
  mpz_class result;
  mpz_cdiv_q(result.get_mpz_t(), big.coefficient.get_mpz_t(), power_of_10(big.scale).get_mpz_t());
  return from_big(result, 0, arena);
}

Numeric floor(const Numeric& value, Arena& arena) {
  if (is_special(value) || value.scale == 0) return value;
  Big big = big_of(value);
  mpz_class result;
  mpz_fdiv_q(result.get_mpz_t(), big.coefficient.get_mpz_t(), power_of_10(big.scale).get_mpz_t());
  return from_big(result, 0, arena);
}

int min_scale(const Numeric& value) {
  if (is_special(value) || is_zero(value)) return 0;
  int scale = value.scale;
  if (value.is_small()) {
    for (int64_t c = value.small; scale > 0 && c % 10 == 0; c /= 10) --scale;
    return scale;
  }
  mpz_class coefficient = coefficient_of(value);
  mpz_class ten = 10;
  mpz_class left;
  unsigned long zeros = 0;
  while (scale > 0 && mpz_divisible_ui_p(coefficient.get_mpz_t(), 10)) {
    // Divide by large powers first, so that thousands of zeros are not thousands of divisions.
    unsigned long step = std::min<unsigned long>(scale, 64);
    while (step > 1 && !mpz_divisible_p(coefficient.get_mpz_t(), power_of_10(step).get_mpz_t())) step /= 2;
    coefficient /= power_of_10(step);
    scale -= static_cast<int>(step);
    zeros += step;
  }
  return scale;
}

Numeric trim_scale(const Numeric& value, Arena& arena) {
  if (is_special(value)) return value;
  return round(value, min_scale(value), arena);
}

Numeric gcd(const Numeric& a, const Numeric& b, Arena& arena) {
  if (is_special(a) || is_special(b)) return special(Kind::NaN);
  Big x = big_of(a);
  Big y = big_of(b);
  int scale = std::max(x.scale, y.scale);
  return from_big(::gcd(rescale(x.coefficient, x.scale, scale), rescale(y.coefficient, y.scale, scale)), scale, arena);
}

Numeric lcm(const Numeric& a, const Numeric& b, Arena& arena) {
  if (is_special(a) || is_special(b)) return special(Kind::NaN);
  Big x = big_of(a);
  Big y = big_of(b);
  int scale = std::max(x.scale, y.scale);
  return from_big(::lcm(rescale(x.coefficient, x.scale, scale), rescale(y.coefficient, y.scale, scale)), scale, arena);
}

Numeric factorial(int64_t n, Arena& arena) {
  if (n < 0) throw SqlError(Sqlstate::NumericValueOutOfRange, "factorial of a negative number is undefined");
  if (n > 32177) throw_overflow();
  mpz_class result;
  mpz_fac_ui(result.get_mpz_t(), static_cast<unsigned long>(n));
  return from_big(result, 0, arena);
}

Numeric apply_typmod(const Numeric& value, int32_t typmod, Arena& arena) {
  if (typmod < 4) return value;
  int precision = typmod_precision(typmod);
  int scale = typmod_scale(typmod);
  int whole_digits = precision - scale;
  if (value.kind == Kind::NaN) return value;
  auto overflow = [&](std::string what) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "numeric field overflow")
        .detail("A field with precision " + std::to_string(precision) + ", scale " + std::to_string(scale) + " " + what);
  };
  if (is_infinite(value)) overflow("cannot hold an infinite value.");
  Numeric rounded = round(value, scale, arena);
  if (rounded.is_small() && whole_digits + rounded.scale <= 18 && whole_digits + rounded.scale >= 0) {
    int64_t bound = kPowersOf10[whole_digits + rounded.scale];
    if (rounded.small < bound && rounded.small > -bound) return rounded;
  } else if (is_zero(rounded) || decimal_exponent(big_of(rounded)) < whole_digits) {
    return rounded;
  }
  if (is_zero(rounded)) return rounded;
  overflow("must round to an absolute value less than " + (whole_digits ? "10^" + std::to_string(whole_digits) : "1") + ".");
  return rounded;
}

void Sum::spill(Arena& arena) {
  spilled = numeric::add(spilled, from_int128(small, scale, arena), arena);
  small = 0;
}

void Sum::add_slow(const Numeric& value, Arena& arena) {
  switch (value.kind) {
    case Kind::NaN: ++nan_count; return;
    case Kind::PositiveInfinity: ++positive_infinity_count; return;
    case Kind::NegativeInfinity: ++negative_infinity_count; return;
    case Kind::Big:
      if (value.size >= 16) {
        spill(arena);
        scale = std::max(scale, value.scale);
        spilled = numeric::add(spilled, value, arena);
        return;
      }
      break;
    case Kind::Small: break;
  }
  int128 coefficient = value.small;
  if (value.kind == Kind::Big) {
    unsigned __int128 magnitude = 0;
    std::memcpy(&magnitude, value.big, value.size);
    coefficient = static_cast<int128>(value.negative ? -magnitude : magnitude);
  }
  auto scaled = [](int128& number, int digits) {
    for (; digits > 0; digits -= 18) {
      if (__builtin_mul_overflow(number, int128{kPowersOf10[std::min(digits, 18)]}, &number)) return false;
    }
    return true;
  };
  int128 sum = small;
  int from = scale;
  int to = std::max(scale, value.scale);
  if (!scaled(sum, to - from) || !scaled(coefficient, to - value.scale) ||
      __builtin_add_overflow(sum, coefficient, &sum)) {
    spill(arena);
    scale = static_cast<uint16_t>(to);
    spilled = numeric::add(spilled, value, arena);
    return;
  }
  small = sum;
  scale = static_cast<uint16_t>(to);
}

void Sum::merge(const Sum& other, Arena& arena) {
  int64_t other_finite = other.count - other.nan_count - other.positive_infinity_count - other.negative_infinity_count;
  if (other_finite > 0) {
    Numeric part = from_int128(other.small, other.scale, arena);
    add_slow(part, arena);
    Numeric copy = other.spilled;
    if (copy.kind == Kind::Big) {
      copy.big = reinterpret_cast<const uint8_t*>(
          arena.copy(std::string_view(reinterpret_cast<const char*>(copy.big), copy.size)).data());
    }
    spilled = numeric::add(spilled, copy, arena);
  }
  count += other.count;
  nan_count += other.nan_count;
  positive_infinity_count += other.positive_infinity_count;
  negative_infinity_count += other.negative_infinity_count;
}

Numeric Sum::total(Arena& arena) const {
  if (nan_count > 0 || (positive_infinity_count > 0 && negative_infinity_count > 0)) return special(Kind::NaN);
  if (positive_infinity_count > 0) return special(Kind::PositiveInfinity);
  if (negative_infinity_count > 0) return special(Kind::NegativeInfinity);
  Numeric low = from_int128(small, scale, arena);
  return is_zero(spilled) ? low : numeric::add(low, spilled, arena);
}

Numeric Sum::average(Arena& arena) const { return divide(total(arena), Numeric::of(count), arena); }

}  // namespace aegis::types::numeric
