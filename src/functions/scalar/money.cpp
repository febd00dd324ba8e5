#include <cmath>

#include "aegis/types/numeric.h"
#include "binding.h"
#include "compare.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

// PostgreSQL says int8 of money's arithmetic.
int64_t plus(int64_t a, int64_t b) {
  int64_t r;
  if (__builtin_add_overflow(a, b, &r)) throw_out_of_range("money");
  return r;
}
int64_t minus(int64_t a, int64_t b) {
  int64_t r;
  if (__builtin_sub_overflow(a, b, &r)) throw_out_of_range("money");
  return r;
}
int64_t times(int64_t a, int64_t b) {
  int64_t r;
  if (__builtin_mul_overflow(a, b, &r)) throw_out_of_range("money");
  return r;
}
int64_t divided(int64_t a, int64_t b) {
  if (b == 0) throw_division_by_zero();
  if (b == -1) return minus(0, a);
  return a / b;
}
int64_t rounded(double value) {
  if (std::isnan(value) || !(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) throw_out_of_range("money");
  return static_cast<int64_t>(std::rint(value));
}
int64_t scaled(int64_t cents, double factor) { return rounded(static_cast<double>(cents) * factor); }
int64_t divided_by(int64_t cents, double divisor) {
  if (divisor == 0) throw_division_by_zero();
  return rounded(static_cast<double>(cents) / divisor);
}

constexpr const char* kSmall[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
                                  "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr const char* kTens[] = {"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};

std::string below_thousand(uint64_t value) {
  uint64_t rest = value % 100;
  std::string tail;
  if (value <= 20) return value == 20 ? kTens[2] : kSmall[value];
  if (rest == 0) return std::string(kSmall[value / 100]) + " hundred";
  if (value > 99) {
    std::string text = std::string(kSmall[value / 100]) + " hundred ";
    if (value % 10 == 0 && rest > 10) return text + kTens[rest / 10];
    if (rest < 20) return text + "and " + kSmall[rest];
    return text + kTens[rest / 10] + " " + kSmall[rest % 10];
  }
  if (value % 10 == 0 && rest > 10) return kTens[rest / 10];
  if (rest < 20) return kSmall[rest];
  return std::string(kTens[rest / 10]) + " " + kSmall[rest % 10];
}

std::string words(int64_t cents) {
  std::string out;
  auto value = static_cast<uint64_t>(cents);
  if (cents < 0) {
    value = uint64_t{0} - value;
    out = "minus ";
  }
  uint64_t dollars = value / 100;
  struct Unit {
    uint64_t size;
    const char* name;
  };
  for (auto [size, name] : {Unit{1000000000000000ULL, " quadrillion "}, {1000000000000ULL, " trillion "}, {1000000000ULL, " billion "},
                            {1000000ULL, " million "}, {1000ULL, " thousand "}}) {
    uint64_t part = dollars / size % 1000;
    if (part != 0) out += below_thousand(part) + name;
  }
  uint64_t rest = dollars % 1000;
  if (rest != 0) out += below_thousand(rest);
  if (dollars == 0) out += "zero";
  out += dollars == 1 ? " dollar and " : " dollars and ";
  out += below_thousand(value % 100);
  out += value % 100 == 1 ? " cent" : " cents";
  out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

constexpr ScalarBinding kBindings[] = {
    {"cash_eq", kernel<is_equal<int64_t, int64_t>>}, {"cash_ne", kernel<is_unequal<int64_t, int64_t>>},
    {"cash_lt", kernel<is_less<int64_t, int64_t>>}, {"cash_le", kernel<is_less_or_equal<int64_t, int64_t>>},
    {"cash_gt", kernel<is_greater<int64_t, int64_t>>}, {"cash_ge", kernel<is_greater_or_equal<int64_t, int64_t>>},
    {"cash_cmp", kernel<order_of<int64_t, int64_t>>},
    {"cashlarger", kernel<larger<int64_t>>}, {"cashsmaller", kernel<smaller<int64_t>>},
    {"cash_pl", kernel<plus>}, {"cash_mi", kernel<minus>},
    {"cash_mul_int8", kernel<times>}, {"int8_mul_cash", kernel<times>}, {"cash_div_int8", kernel<divided>},
    {"cash_mul_int4", kernel<[](int64_t a, int32_t b) { return times(a, b); }>},
    {"int4_mul_cash", kernel<[](int32_t a, int64_t b) { return times(b, a); }>},
    {"cash_div_int4", kernel<[](int64_t a, int32_t b) { return divided(a, b); }>},
    {"cash_mul_int2", kernel<[](int64_t a, int16_t b) { return times(a, b); }>},
    {"int2_mul_cash", kernel<[](int16_t a, int64_t b) { return times(b, a); }>},
    {"cash_div_int2", kernel<[](int64_t a, int16_t b) { return divided(a, b); }>},
    {"cash_mul_flt8", kernel<scaled>},
    {"flt8_mul_cash", kernel<[](double a, int64_t b) { return scaled(b, a); }>},
    {"cash_div_flt8", kernel<divided_by>},
    {"cash_mul_flt4", kernel<[](int64_t a, float b) { return scaled(a, b); }>},
    {"flt4_mul_cash", kernel<[](float a, int64_t b) { return scaled(b, a); }>},
    {"cash_div_flt4", kernel<[](int64_t a, float b) { return divided_by(a, b); }>},
    {"cash_div_cash", kernel<[](int64_t a, int64_t b) {
       if (b == 0) throw_division_by_zero();
       return static_cast<double>(a) / static_cast<double>(b);
     }>},
    {"cash_words", kernel<words>},
    {"int4_cash", kernel<[](int32_t a) { return times(a, 100); }>},
    {"int8_cash", kernel<[](int64_t a) { return times(a, 100); }>},
    {"cash_numeric", kernel<[](int64_t a) { return Numeric::of(a, 2); }>},
    {"numeric_cash", kernel<[](Call& c, const Numeric& a) {
       if (!a.is_finite()) throw SqlError(Sqlstate::FeatureNotSupported, a.kind == Numeric::Kind::NaN ? "cannot convert NaN to bigint" : "cannot convert infinity to bigint");
       return numeric::to_int64(numeric::multiply(a, Numeric::of(100), c.arena()));
     }>},
};

}  // namespace

std::span<const ScalarBinding> money_bindings() { return kBindings; }

}  // namespace aegis::functions
