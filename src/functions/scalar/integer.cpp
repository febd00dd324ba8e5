#include <limits>
#include <numeric>

#include "binding.h"
#include "compare.h"

namespace aegis::functions {

namespace {

using i16 = int16_t;
using i32 = int32_t;
using i64 = int64_t;

template <typename R>
constexpr const char* kIntegerName = sizeof(R) == 2 ? "smallint" : sizeof(R) == 4 ? "integer" : "bigint";

template <typename A, typename B, typename R>
R add(A a, B b) {
  R result;
  if (__builtin_add_overflow(a, b, &result)) throw_out_of_range(kIntegerName<R>);
  return result;
}
template <typename A, typename B, typename R>
R subtract(A a, B b) {
  R result;
  if (__builtin_sub_overflow(a, b, &result)) throw_out_of_range(kIntegerName<R>);
  return result;
}
template <typename A, typename B, typename R>
R multiply(A a, B b) {
  R result;
  if (__builtin_mul_overflow(a, b, &result)) throw_out_of_range(kIntegerName<R>);
  return result;
}
template <typename R>
R negate(R a) {
  return subtract<R, R, R>(0, a);
}
template <typename A, typename B, typename R>
R divide(A a, B b) {
  if (b == 0) throw_division_by_zero();
  if (b == -1) return negate<R>(a);
  return static_cast<R>(a / b);
}
template <typename R>
R modulo(R a, R b) {
  if (b == 0) throw_division_by_zero();
  return b == -1 ? R{0} : static_cast<R>(a % b);
}
template <typename R>
R absolute(R a) {
  return a < 0 ? negate<R>(a) : a;
}
template <typename R>
R identity(R a) {
  return a;
}
template <typename R>
R bit_and(R a, R b) {
  return static_cast<R>(a & b);
}
template <typename R>
R bit_or(R a, R b) {
  return static_cast<R>(a | b);
}
template <typename R>
R bit_xor(R a, R b) {
  return static_cast<R>(a ^ b);
}
template <typename R>
R bit_not(R a) {
  return static_cast<R>(~a);
}
// The processor's shift counts, which wrap around; a smallint is shifted as an int.
template <typename R>
R shift_left(R a, i32 b) {
  if constexpr (sizeof(R) == 8) return static_cast<R>(static_cast<uint64_t>(a) << (b & 63));
  return static_cast<R>(static_cast<uint32_t>(a) << (b & 31));
}
template <typename R>
R shift_right(R a, i32 b) {
  if constexpr (sizeof(R) == 8) return a >> (b & 63);
  return static_cast<R>(i32{static_cast<i32>(a)} >> (b & 31));
}
template <typename R>
R greatest_divisor(R a, R b) {
  // On negative numbers, whose range is the wider one.
  R x = a > 0 ? static_cast<R>(-a) : a;
  R y = b > 0 ? static_cast<R>(-b) : b;
  while (y != 0) {
    R rest = y == -1 ? R{0} : static_cast<R>(x % y);
    x = y;
    y = rest;
  }
  return negate<R>(x);
}
template <typename R>
R least_multiple(R a, R b) {
  if (a == 0 || b == 0) return 0;
  R divisor = greatest_divisor<R>(a, b);
  return absolute<R>(multiply<R, R, R>(divide<R, R, R>(a, divisor), b));
}

constexpr ScalarBinding kBindings[] = {
    {"int2pl", kernel<add<i16, i16, i16>>},
    {"int4pl", kernel<add<i32, i32, i32>>},
    {"int8pl", kernel<add<i64, i64, i64>>},
    {"int24pl", kernel<add<i16, i32, i32>>},
    {"int42pl", kernel<add<i32, i16, i32>>},
    {"int28pl", kernel<add<i16, i64, i64>>},
    {"int82pl", kernel<add<i64, i16, i64>>},
    {"int48pl", kernel<add<i32, i64, i64>>},
    {"int84pl", kernel<add<i64, i32, i64>>},
    {"int2mi", kernel<subtract<i16, i16, i16>>},
    {"int4mi", kernel<subtract<i32, i32, i32>>},
    {"int8mi", kernel<subtract<i64, i64, i64>>},
    {"int24mi", kernel<subtract<i16, i32, i32>>},
    {"int42mi", kernel<subtract<i32, i16, i32>>},
    {"int28mi", kernel<subtract<i16, i64, i64>>},
    {"int82mi", kernel<subtract<i64, i16, i64>>},
    {"int48mi", kernel<subtract<i32, i64, i64>>},
    {"int84mi", kernel<subtract<i64, i32, i64>>},
    {"int2mul", kernel<multiply<i16, i16, i16>>},
    {"int4mul", kernel<multiply<i32, i32, i32>>},
    {"int8mul", kernel<multiply<i64, i64, i64>>},
    {"int24mul", kernel<multiply<i16, i32, i32>>},
    {"int42mul", kernel<multiply<i32, i16, i32>>},
    {"int28mul", kernel<multiply<i16, i64, i64>>},
    {"int82mul", kernel<multiply<i64, i16, i64>>},
    {"int48mul", kernel<multiply<i32, i64, i64>>},
    {"int84mul", kernel<multiply<i64, i32, i64>>},
    {"int2div", kernel<divide<i16, i16, i16>>},
    {"int4div", kernel<divide<i32, i32, i32>>},
    {"int8div", kernel<divide<i64, i64, i64>>},
    {"int24div", kernel<divide<i16, i32, i32>>},
    {"int42div", kernel<divide<i32, i16, i32>>},
    {"int28div", kernel<divide<i16, i64, i64>>},
    {"int82div", kernel<divide<i64, i16, i64>>},
    {"int48div", kernel<divide<i32, i64, i64>>},
    {"int84div", kernel<divide<i64, i32, i64>>},
    {"int2mod", kernel<modulo<i16>>},
    {"int4mod", kernel<modulo<i32>>},
    {"int8mod", kernel<modulo<i64>>},
    {"int2um", kernel<negate<i16>>},
    {"int4um", kernel<negate<i32>>},
    {"int8um", kernel<negate<i64>>},
    {"int2up", kernel<identity<i16>>},
    {"int4up", kernel<identity<i32>>},
    {"int8up", kernel<identity<i64>>},
    {"int2abs", kernel<absolute<i16>>},
    {"int4abs", kernel<absolute<i32>>},
    {"int8abs", kernel<absolute<i64>>},
    {"int2and", kernel<bit_and<i16>>},
    {"int4and", kernel<bit_and<i32>>},
    {"int8and", kernel<bit_and<i64>>},
    {"int2or", kernel<bit_or<i16>>},
    {"int4or", kernel<bit_or<i32>>},
    {"int8or", kernel<bit_or<i64>>},
    {"int2xor", kernel<bit_xor<i16>>},
    {"int4xor", kernel<bit_xor<i32>>},
    {"int8xor", kernel<bit_xor<i64>>},
    {"int2not", kernel<bit_not<i16>>},
    {"int4not", kernel<bit_not<i32>>},
    {"int8not", kernel<bit_not<i64>>},
    {"int2shl", kernel<shift_left<i16>>},
    {"int4shl", kernel<shift_left<i32>>},
    {"int8shl", kernel<shift_left<i64>>},
    {"int2shr", kernel<shift_right<i16>>},
    {"int4shr", kernel<shift_right<i32>>},
    {"int8shr", kernel<shift_right<i64>>},
    {"int4gcd", kernel<greatest_divisor<i32>>},
    {"int8gcd", kernel<greatest_divisor<i64>>},
    {"int4lcm", kernel<least_multiple<i32>>},
    {"int8lcm", kernel<least_multiple<i64>>},
    {"int2larger", kernel<larger<i16>>},
    {"int4larger", kernel<larger<i32>>},
    {"int8larger", kernel<larger<i64>>},
    {"int2smaller", kernel<smaller<i16>>},
    {"int4smaller", kernel<smaller<i32>>},
    {"int8smaller", kernel<smaller<i64>>},
    {"oidlarger", kernel<larger<uint32_t>>},
    {"oidsmaller", kernel<smaller<uint32_t>>},
    {"int4inc", kernel<[](i32 a) { return add<i32, i32, i32>(a, 1); }>},
    {"int8inc", kernel<[](i64 a) { return add<i64, i64, i64>(a, 1); }>},
    {"int8dec", kernel<[](i64 a) { return subtract<i64, i64, i64>(a, 1); }>},
};

}  // namespace

std::span<const ScalarBinding> integer_bindings() { return kBindings; }

}  // namespace aegis::functions
