#include <mpfr.h>

#include <algorithm>
#include <cmath>

#include "aegis/base/error.h"
#include "numeric/big.h"

namespace aegis::types::numeric {

using Kind = Numeric::Kind;

namespace {

constexpr double kLog10OfE = 0.434294481903252;
constexpr double kLnOf10 = 2.302585092994046;
constexpr int kMaxResultScale = 2000;

// MPFR keeps constants for each thread, which end with it.
struct ThreadCache {
  ~ThreadCache() { mpfr_free_cache(); }
};

class Real {
 public:
  explicit Real(mpfr_prec_t bits) {
    thread_local ThreadCache cache;
    static_cast<void>(&cache);
    mpfr_init2(value_, bits);
  }
  ~Real() { mpfr_clear(value_); }
  Real(const Real&) = delete;
  Real& operator=(const Real&) = delete;
  mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

mpfr_prec_t bits_for(int decimal_digits) { return static_cast<mpfr_prec_t>(std::max(decimal_digits, 1) * 3.33) + 128; }

void assign(Real& target, const Big& value) {
  mpfr_set_z(target.get(), value.coefficient.get_mpz_t(), MPFR_RNDN);
  if (value.scale > 0) mpfr_div_z(target.get(), target.get(), power_of_10(value.scale).get_mpz_t(), MPFR_RNDN);
}

// The value rounded half away from zero to `scale` digits after the point.
Numeric rounded(Real& value, int scale, Arena& arena) {
  mpfr_mul_z(value.get(), value.get(), power_of_10(scale).get_mpz_t(), MPFR_RNDN);
  mpfr_round(value.get(), value.get());
  mpz_class coefficient;
  mpfr_get_z(coefficient.get_mpz_t(), value.get(), MPFR_RNDN);
  return from_big(coefficient, scale, arena);
}

double to_double_lossy(const Big& value) {
  Real real(64);
  assign(real, value);
  return mpfr_get_d(real.get(), MPFR_RNDN);
}

int result_scale(int scale, std::initializer_list<int> input_scales) {
  for (int s : input_scales) scale = std::max(scale, s);
  return std::clamp(scale, 0, kMaxDisplayScale);
}

// PostgreSQL's estimate of the decimal weight of ln(value).
int ln_weight(const Big& value) {
  if (value.coefficient <= 0) return 0;
  mpz_class one = power_of_10(value.scale);
  if (value.coefficient * 10 >= one * 9 && value.coefficient * 10 <= one * 11) {
    Big difference{value.coefficient - one, value.scale};
    if (difference.coefficient == 0) return 0;
    BaseDigits digits = base_digits(difference);
    return digits.weight * 4 + static_cast<int>(std::log10(digits.first));
  }
  BaseDigits digits = base_digits(value);
  double leading = digits.first;
  int exponent = digits.weight * 4;
  // A second base-10000 digit takes part unless there is none.
  int count = digit_count(value.coefficient);
  int used = decimal_exponent(value) - 4 * digits.weight + 1;
  mpz_class stripped = value.coefficient;
  bool more = count > used && !mpz_divisible_p(stripped.get_mpz_t(), power_of_10(count - used).get_mpz_t());
  if (more) {
    mpz_class first_two = count >= used + 4 ? mpz_class(stripped / power_of_10(count - used - 4))
                                            : mpz_class(stripped * power_of_10(used + 4 - count));
    leading = first_two.get_d();
    exponent -= 4;
  }
  double ln = std::log(leading) + exponent * kLnOf10;
  return static_cast<int>(std::log10(std::fabs(ln)));
}

Numeric ln_at(const Big& value, int scale, Arena& arena) {
  Real real(bits_for(scale + digit_count(value.coefficient) + 16));
  assign(real, value);
  mpfr_log(real.get(), real.get(), MPFR_RNDN);
  return rounded(real, scale, arena);
}

void check_ln_argument(const Numeric& value) {
  if (sign(value) < 0) {
    throw SqlError(Sqlstate::InvalidArgumentForLog, "cannot take logarithm of a negative number");
  }
  if (is_zero(value)) throw SqlError(Sqlstate::InvalidArgumentForLog, "cannot take logarithm of zero");
}

}  // namespace

Numeric sqrt(const Numeric& value, Arena& arena) {
  if (value.kind == Kind::NaN || value.kind == Kind::PositiveInfinity) return value;
  if (sign(value) < 0) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
  }
  Big big = big_of(value);
  int weight = (base_digits(big).weight + 1) * 4 / 2 - 1;
  return sqrt_at(value, result_scale(kMinSignificantDigits - weight, {big.scale}), arena);
}

Numeric sqrt_at(const Numeric& value, int scale, Arena& arena) {
  Big big = big_of(value);
  if (big.coefficient == 0) return Numeric::of(0, static_cast<uint16_t>(scale));
  // floor(sqrt(x * 10^2(scale+1))) has one digit more; dropping it rounds right since it is a floor.
  int shift = 2 * (scale + 1) - big.scale;
  mpz_class scaled = shift >= 0 ? mpz_class(big.coefficient * power_of_10(shift))
                                : mpz_class(big.coefficient / power_of_10(-shift));
  mpz_class root = ::sqrt(scaled);
  return from_big((root + 5) / 10, scale, arena);
}

Numeric exp(const Numeric& value, Arena& arena) {
  if (value.kind == Kind::NegativeInfinity) return Numeric::of(0);
  if (!value.is_finite()) return value;
  Big big = big_of(value);
  double estimate = to_double_lossy(big);
  double weight = std::clamp(estimate * kLog10OfE, double{-kMaxResultScale}, double{kMaxResultScale});
  int scale = result_scale(kMinSignificantDigits - static_cast<int>(weight), {big.scale});
  if (std::fabs(estimate) >= kMaxResultScale * 3) {
    if (estimate > 0) throw_overflow();
    return Numeric::of(0, static_cast<uint16_t>(scale));
  }
  Real real(bits_for(scale + static_cast<int>(std::fabs(estimate) * kLog10OfE) + 32));
  assign(real, big);
  mpfr_exp(real.get(), real.get(), MPFR_RNDN);
  return rounded(real, scale, arena);
}

Numeric ln(const Numeric& value, Arena& arena) {
  if (value.kind == Kind::NaN) return value;
  check_ln_argument(value);
  if (!value.is_finite()) return value;
  Big big = big_of(value);
  return ln_at(big, result_scale(kMinSignificantDigits - ln_weight(big), {big.scale}), arena);
}

Numeric log(const Numeric& base, const Numeric& value, Arena& arena) {
  if (base.kind == Kind::NaN || value.kind == Kind::NaN) return special(Kind::NaN);
  check_ln_argument(base);
  check_ln_argument(value);
  if (!base.is_finite() || !value.is_finite()) {
    if (!base.is_finite() && !value.is_finite()) return special(Kind::NaN);
    return base.is_finite() ? value : Numeric::of(0);
  }
  Big b = big_of(base);
  Big v = big_of(value);
  int scale = result_scale(kMinSignificantDigits - (ln_weight(v) - ln_weight(b)), {b.scale, v.scale});
  int digits = scale + digit_count(b.coefficient) + digit_count(v.coefficient) + 32;
  Real x(bits_for(digits));
  Real y(bits_for(digits));
  assign(x, v);
  assign(y, b);
  mpfr_log(x.get(), x.get(), MPFR_RNDN);
  mpfr_log(y.get(), y.get(), MPFR_RNDN);
  if (mpfr_zero_p(y.get())) throw SqlError(Sqlstate::DivisionByZero, "division by zero");
  mpfr_div(x.get(), x.get(), y.get(), MPFR_RNDN);
  return rounded(x, scale, arena);
}

namespace {

// base ^ exponent for an int exponent; PostgreSQL's choice of scale.
Numeric integer_power(const Big& base, int exponent, Arena& arena) {
  int scale = result_scale(kMinSignificantDigits, {base.scale});
  if (exponent == 0) return from_big(power_of_10(scale), scale, arena);
  if (base.coefficient == 0) {
    if (exponent < 0) throw SqlError(Sqlstate::DivisionByZero, "division by zero");
    return Numeric::of(0, static_cast<uint16_t>(scale));
  }
  int digits = digit_count(base.coefficient);
  mpz_class leading = abs(base.coefficient);
  int dropped = std::max(digits - 17, 0);
  if (dropped > 0) leading /= power_of_10(dropped);
  double weight = exponent * (std::log10(leading.get_d()) + dropped - base.scale);
  if (weight > 3.0 * 32767 * 4) throw_overflow();
  if (weight + 1 < -scale) return Numeric::of(0, static_cast<uint16_t>(scale));
  unsigned long count = exponent < 0 ? 0UL - static_cast<long>(exponent) : static_cast<unsigned long>(exponent);
  if (exponent > 0 && static_cast<double>(digits) * static_cast<double>(count) < 20000) {
    mpz_class power;
    mpz_pow_ui(power.get_mpz_t(), base.coefficient.get_mpz_t(), count);
    return from_big(rescale(power, static_cast<int>(base.scale * count), scale), scale, arena);
  }
  Real real(bits_for(scale + static_cast<int>(std::max(weight, 0.0)) + 44));
  assign(real, base);
  mpfr_pow_si(real.get(), real.get(), exponent, MPFR_RNDN);
  return rounded(real, scale, arena);
}

Numeric power_special(const Numeric& base, const Numeric& exponent) {
  auto is_one = [](const Numeric& n) { return n.is_finite() && compare(n, Numeric::of(1)) == 0; };
  if (base.kind == Kind::NaN || exponent.kind == Kind::NaN) {
    if (is_one(base) || (exponent.is_finite() && is_zero(exponent))) return Numeric::of(1);
    return special(Kind::NaN);
  }
  if (sign(base) == 0 && sign(exponent) < 0) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
  }
  int64_t whole = 0;
  bool infinite_exponent = !exponent.is_finite();
  if (sign(base) < 0 && !infinite_exponent && min_scale(exponent) != 0) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  if (is_one(base) || (exponent.is_finite() && is_zero(exponent))) return Numeric::of(1);
  if (base.is_finite() && is_zero(base)) return Numeric::of(0);
  if (infinite_exponent) {
    Arena scratch(64);
    int magnitude = base.is_finite() ? compare(absolute(base, scratch), Numeric::of(1)) : 1;
    if (magnitude == 0) return Numeric::of(1);
    bool grows = (magnitude > 0) == (exponent.kind == Kind::PositiveInfinity);
    return grows ? special(Kind::PositiveInfinity) : Numeric::of(0);
  }
  if (sign(exponent) < 0) return Numeric::of(0);
  bool odd = exact_int64(exponent, whole) && (whole & 1) != 0;
  return special(sign(base) < 0 && odd ? Kind::NegativeInfinity : Kind::PositiveInfinity);
}

}  // namespace

Numeric power(const Numeric& base, const Numeric& exponent, Arena& arena) {
  if (!base.is_finite() || !exponent.is_finite()) return power_special(base, exponent);
  if (is_zero(base) && sign(exponent) < 0) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
  }
  bool whole_exponent = min_scale(exponent) == 0;
  if (sign(base) < 0 && !whole_exponent) {
    throw SqlError(Sqlstate::InvalidArgumentForPowerFunction,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  Big b = big_of(base);
  int64_t whole = 0;
  if (exact_int64(exponent, whole) && whole >= INT32_MIN && whole <= INT32_MAX) {
    return integer_power(b, static_cast<int>(whole), arena);
  }
  if (is_zero(base)) return Numeric::of(0, kMinSignificantDigits);
  bool negative = false;
  if (b.coefficient < 0) {
    negative = mpz_odd_p(coefficient_of(round(exponent, 0, arena)).get_mpz_t());
    b.coefficient = -b.coefficient;
  }
  Big e = big_of(exponent);
  Real logarithm(bits_for(digit_count(b.coefficient) + 64));
  assign(logarithm, b);
  mpfr_log(logarithm.get(), logarithm.get(), MPFR_RNDN);
  Real factor(128);
  assign(factor, e);
  mpfr_mul(factor.get(), factor.get(), logarithm.get(), MPFR_RNDN);
  double estimate = mpfr_get_d(factor.get(), MPFR_RNDN);
  if (std::fabs(estimate) > kMaxResultScale * 3.01) {
    if (estimate > 0) throw_overflow();
    return Numeric::of(0, kMaxDisplayScale);
  }
  double weight = estimate * kLog10OfE;
  int scale = result_scale(kMinSignificantDigits - static_cast<int>(weight), {b.scale, e.scale});
  mpfr_prec_t bits = bits_for(scale + static_cast<int>(std::fabs(weight)) + digit_count(e.coefficient) +
                              digit_count(b.coefficient) + 32);
  Real x(bits);
  Real y(bits);
  assign(x, b);
  assign(y, e);
  mpfr_log(x.get(), x.get(), MPFR_RNDN);
  mpfr_mul(x.get(), x.get(), y.get(), MPFR_RNDN);
  if (mpfr_cmp_d(x.get(), kMaxResultScale * 3) >= 0) throw_overflow();
  mpfr_exp(x.get(), x.get(), MPFR_RNDN);
  Numeric result = rounded(x, scale, arena);
  return negative ? negate(result, arena) : result;
}

}  // namespace aegis::types::numeric
