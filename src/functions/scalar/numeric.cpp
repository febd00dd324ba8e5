#include <cmath>

#include "aegis/types/numeric.h"
#include "binding.h"
#include "compare.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

using Order = Ordered<numeric::compare, Numeric>;

int32_t width_bucket(Call& call, const Numeric& operand, const Numeric& low, const Numeric& high, int32_t count) {
  auto fail = [](const char* text) { throw SqlError(Sqlstate::InvalidArgumentForWidthBucketFunction, text); };
  if (count <= 0) fail("count must be greater than zero");
  using Kind = Numeric::Kind;
  if (operand.kind == Kind::NaN || low.kind == Kind::NaN || high.kind == Kind::NaN) {
    fail("operand, lower bound, and upper bound cannot be NaN");
  }
  if (!low.is_finite() || !high.is_finite()) fail("lower and upper bounds must be finite");
  int direction = numeric::compare(low, high);
  if (direction == 0) fail("lower bound cannot equal upper bound");
  auto past_end = [&] {
    if (count == INT32_MAX) throw_out_of_range("integer");
    return count + 1;
  };
  const Numeric& from = low;
  int below = numeric::compare(operand, low);
  int above = numeric::compare(operand, high);
  if (direction < 0 ? below < 0 : below > 0) return 0;
  if (direction < 0 ? above >= 0 : above <= 0) return past_end();
  Arena& arena = call.arena();
  Numeric distance = direction < 0 ? numeric::subtract(operand, from, arena) : numeric::subtract(from, operand, arena);
  Numeric width = direction < 0 ? numeric::subtract(high, low, arena) : numeric::subtract(low, high, arena);
  Numeric bucket = numeric::floor(numeric::divide(numeric::multiply(distance, Numeric::of(count), arena), width, arena), arena);
  return static_cast<int32_t>(numeric::to_int64(bucket)) + 1;
}

template <typename T>
T to_integer(const Numeric& value, const char* name) {
  int64_t whole = numeric::to_int64(value, name);
  if (whole < std::numeric_limits<T>::min() || whole > std::numeric_limits<T>::max()) throw_out_of_range(name);
  return static_cast<T>(whole);
}

constexpr ScalarBinding kBindings[] = {
    {"numeric_eq", kernel<[](const Numeric& a, const Numeric& b) { return numeric::equal(a, b); }>},
    {"numeric_ne", kernel<[](const Numeric& a, const Numeric& b) { return !numeric::equal(a, b); }>},
    {"numeric_lt", kernel<Order::less>},
    {"numeric_le", kernel<Order::less_or_equal>},
    {"numeric_gt", kernel<Order::greater>},
    {"numeric_ge", kernel<Order::greater_or_equal>},
    {"numeric_cmp", kernel<Order::order>},
    {"numeric_larger", kernel<Order::larger>},
    {"numeric_smaller", kernel<Order::smaller>},
    {"numeric_add", kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::add(a, b, c.arena()); }>},
    {"numeric_sub",
     kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::subtract(a, b, c.arena()); }>},
    {"numeric_mul",
     kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::multiply(a, b, c.arena()); }>},
    {"numeric_div", kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::divide(a, b, c.arena()); }>},
    {"numeric_div_trunc",
     kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::divide_truncated(a, b, c.arena()); }>},
    {"numeric_mod", kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::modulo(a, b, c.arena()); }>},
    {"numeric_power",
     kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::power(a, b, c.arena()); }>},
    {"numeric_log", kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::log(a, b, c.arena()); }>},
    {"numeric_gcd", kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::gcd(a, b, c.arena()); }>},
    {"numeric_lcm", kernel<[](Call& c, const Numeric& a, const Numeric& b) { return numeric::lcm(a, b, c.arena()); }>},
    {"log(numeric)",
     kernel<[](Call& c, const Numeric& a) { return numeric::log(Numeric::of(10), a, c.arena()); }>},
    {"log10(numeric)",
     kernel<[](Call& c, const Numeric& a) { return numeric::log(Numeric::of(10), a, c.arena()); }>},
    {"numeric_uminus", kernel<[](Call& c, const Numeric& a) { return numeric::negate(a, c.arena()); }>},
    {"numeric_uplus", kernel<[](const Numeric& a) { return a; }>},
    {"numeric_abs", kernel<[](Call& c, const Numeric& a) { return numeric::absolute(a, c.arena()); }>},
    {"numeric_sign", kernel<[](const Numeric& a) {
       return a.kind == Numeric::Kind::NaN ? a : Numeric::of(numeric::sign(a));
     }>},
    {"numeric_ceil", kernel<[](Call& c, const Numeric& a) { return numeric::ceil(a, c.arena()); }>},
    {"numeric_floor", kernel<[](Call& c, const Numeric& a) { return numeric::floor(a, c.arena()); }>},
    {"numeric_round", kernel<[](Call& c, const Numeric& a, int32_t scale) {
       return numeric::round(a, std::clamp(scale, -131073, numeric::kMaxScale), c.arena());
     }>},
    {"round(numeric)", kernel<[](Call& c, const Numeric& a) { return numeric::round(a, 0, c.arena()); }>},
    {"numeric_trunc", kernel<[](Call& c, const Numeric& a, int32_t scale) {
       return numeric::truncate(a, std::clamp(scale, -131073, numeric::kMaxScale), c.arena());
     }>},
    {"trunc(numeric)", kernel<[](Call& c, const Numeric& a) { return numeric::truncate(a, 0, c.arena()); }>},
    {"numeric_sqrt", kernel<[](Call& c, const Numeric& a) { return numeric::sqrt(a, c.arena()); }>},
    {"numeric_exp", kernel<[](Call& c, const Numeric& a) { return numeric::exp(a, c.arena()); }>},
    {"numeric_ln", kernel<[](Call& c, const Numeric& a) { return numeric::ln(a, c.arena()); }>},
    {"numeric_fac", kernel<[](Call& c, int64_t n) { return numeric::factorial(n, c.arena()); }>},
    {"numeric_inc", kernel<[](Call& c, const Numeric& a) { return numeric::add(a, Numeric::of(1), c.arena()); }>},
    {"numeric_scale", kernel<[](const Numeric& a) {
       return a.is_finite() ? std::optional<int32_t>(a.scale) : std::nullopt;
     }>},
    {"numeric_min_scale", kernel<[](const Numeric& a) {
       return a.is_finite() ? std::optional<int32_t>(numeric::min_scale(a)) : std::nullopt;
     }>},
    {"numeric_trim_scale", kernel<[](Call& c, const Numeric& a) { return numeric::trim_scale(a, c.arena()); }>},
    {"width_bucket_numeric", kernel<width_bucket>},
    {"int2_numeric", kernel<[](int16_t a) { return Numeric::of(a); }>},
    {"int4_numeric", kernel<[](int32_t a) { return Numeric::of(a); }>},
    {"int8_numeric", kernel<[](int64_t a) { return Numeric::of(a); }>},
    {"float4_numeric", kernel<[](Call& c, float a) { return numeric::from_float(a, c.arena()); }>},
    {"float8_numeric", kernel<[](Call& c, double a) { return numeric::from_double(a, c.arena()); }>},
    {"numeric_int2", kernel<[](const Numeric& a) { return to_integer<int16_t>(a, "smallint"); }>},
    {"numeric_int4", kernel<[](const Numeric& a) { return to_integer<int32_t>(a, "integer"); }>},
    {"numeric_int8", kernel<[](const Numeric& a) { return numeric::to_int64(a); }>},
    {"numeric_float4", kernel<[](const Numeric& a) { return numeric::to_float(a); }>},
    {"numeric_float8", kernel<[](const Numeric& a) { return numeric::to_double(a); }>},
    {"numeric",
     kernel<[](Call& c, const Numeric& a, int32_t typmod) { return numeric::apply_typmod(a, typmod, c.arena()); }>},
};

}  // namespace

std::span<const ScalarBinding> numeric_bindings() { return kBindings; }

}  // namespace aegis::functions
