#include <cmath>

#include "binding.h"
#include "compare.h"

namespace aegis::functions {

namespace {

[[noreturn]] void throw_overflow() {
  throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: overflow");
}
[[noreturn]] void throw_underflow() {
  throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: underflow");
}

// An infinity that did not come from an infinity is an overflow.
template <typename R, typename A, typename B>
R add(A a, B b) {
  R result = static_cast<R>(a) + static_cast<R>(b);
  if (__builtin_expect(std::isinf(result), 0) && !std::isinf(a) && !std::isinf(b)) throw_overflow();
  return result;
}
template <typename R, typename A, typename B>
R subtract(A a, B b) {
  R result = static_cast<R>(a) - static_cast<R>(b);
  if (__builtin_expect(std::isinf(result), 0) && !std::isinf(a) && !std::isinf(b)) throw_overflow();
  return result;
}
template <typename R, typename A, typename B>
R multiply(A a, B b) {
  R result = static_cast<R>(a) * static_cast<R>(b);
  if (__builtin_expect(std::isinf(result), 0) && !std::isinf(a) && !std::isinf(b)) throw_overflow();
  if (__builtin_expect(result == 0, 0) && a != 0 && b != 0) throw_underflow();
  return result;
}
template <typename R, typename A, typename B>
R divide(A a, B b) {
  if (b == 0 && !std::isnan(a)) throw_division_by_zero();
  R result = static_cast<R>(a) / static_cast<R>(b);
  if (__builtin_expect(std::isinf(result), 0) && !std::isinf(a)) throw_overflow();
  if (__builtin_expect(result == 0, 0) && a != 0 && !std::isinf(b)) throw_underflow();
  return result;
}
template <typename R>
R negate(R a) {
  return -a;
}
template <typename R>
R identity(R a) {
  return a;
}
template <typename R>
R absolute(R a) {
  return std::fabs(a);
}

template <typename A, typename B>
int order(const A& a, const B& b) {
  return order_doubles(a, b);
}
template <typename A, typename B>
bool equal(A a, B b) {
  return a == b || order<A, B>(a, b) == 0;
}
template <typename A, typename B>
bool unequal(A a, B b) {
  return !equal<A, B>(a, b);
}
// a < b is false for a NaN on the left, but also for one on the right, which is greater.
template <typename A, typename B>
bool less(A a, B b) {
  return std::isnan(b) ? !std::isnan(a) : a < b;
}
template <typename A, typename B>
bool less_or_equal(A a, B b) {
  return std::isnan(b) || a <= b;
}
template <typename A, typename B>
bool greater(A a, B b) {
  return std::isnan(a) ? !std::isnan(b) : a > b;
}
template <typename A, typename B>
bool greater_or_equal(A a, B b) {
  return std::isnan(a) || a >= b;
}
template <typename A>
A larger_of(A a, A b) {
  return greater_or_equal<A, A>(a, b) ? a : b;
}
template <typename A>
A smaller_of(A a, A b) {
  return less_or_equal<A, A>(a, b) ? a : b;
}

constexpr ScalarBinding kBindings[] = {
    {"float4pl", kernel<add<float, float, float>>},
    {"float4mi", kernel<subtract<float, float, float>>},
    {"float4mul", kernel<multiply<float, float, float>>},
    {"float4div", kernel<divide<float, float, float>>},
    {"float4eq", kernel<equal<float, float>>},
    {"float4ne", kernel<unequal<float, float>>},
    {"float4lt", kernel<less<float, float>>},
    {"float4le", kernel<less_or_equal<float, float>>},
    {"float4gt", kernel<greater<float, float>>},
    {"float4ge", kernel<greater_or_equal<float, float>>},
    {"btfloat4cmp", kernel<[](float a, float b) -> int32_t { return order_doubles(a, b); }>},
    {"float8pl", kernel<add<double, double, double>>},
    {"float8mi", kernel<subtract<double, double, double>>},
    {"float8mul", kernel<multiply<double, double, double>>},
    {"float8div", kernel<divide<double, double, double>>},
    {"float8eq", kernel<equal<double, double>>},
    {"float8ne", kernel<unequal<double, double>>},
    {"float8lt", kernel<less<double, double>>},
    {"float8le", kernel<less_or_equal<double, double>>},
    {"float8gt", kernel<greater<double, double>>},
    {"float8ge", kernel<greater_or_equal<double, double>>},
    {"btfloat8cmp", kernel<[](double a, double b) -> int32_t { return order_doubles(a, b); }>},
    {"float48pl", kernel<add<double, float, double>>},
    {"float48mi", kernel<subtract<double, float, double>>},
    {"float48mul", kernel<multiply<double, float, double>>},
    {"float48div", kernel<divide<double, float, double>>},
    {"float48eq", kernel<equal<float, double>>},
    {"float48ne", kernel<unequal<float, double>>},
    {"float48lt", kernel<less<float, double>>},
    {"float48le", kernel<less_or_equal<float, double>>},
    {"float48gt", kernel<greater<float, double>>},
    {"float48ge", kernel<greater_or_equal<float, double>>},
    {"btfloat48cmp", kernel<[](float a, double b) -> int32_t { return order_doubles(a, b); }>},
    {"float84pl", kernel<add<double, double, float>>},
    {"float84mi", kernel<subtract<double, double, float>>},
    {"float84mul", kernel<multiply<double, double, float>>},
    {"float84div", kernel<divide<double, double, float>>},
    {"float84eq", kernel<equal<double, float>>},
    {"float84ne", kernel<unequal<double, float>>},
    {"float84lt", kernel<less<double, float>>},
    {"float84le", kernel<less_or_equal<double, float>>},
    {"float84gt", kernel<greater<double, float>>},
    {"float84ge", kernel<greater_or_equal<double, float>>},
    {"btfloat84cmp", kernel<[](double a, float b) -> int32_t { return order_doubles(a, b); }>},
    {"float4um", kernel<negate<float>>},
    {"float4up", kernel<identity<float>>},
    {"float4abs", kernel<absolute<float>>},
    {"float4larger", kernel<larger_of<float>>},
    {"float4smaller", kernel<smaller_of<float>>},
    {"float8um", kernel<negate<double>>},
    {"float8up", kernel<identity<double>>},
    {"float8abs", kernel<absolute<double>>},
    {"float8larger", kernel<larger_of<double>>},
    {"float8smaller", kernel<smaller_of<double>>},
};

}  // namespace

std::span<const ScalarBinding> floating_bindings() { return kBindings; }

}  // namespace aegis::functions
