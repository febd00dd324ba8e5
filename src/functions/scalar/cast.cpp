#include <cmath>
#include <limits>

#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace {

template <typename R>
constexpr const char* kIntegerName = sizeof(R) == 2 ? "smallint" : sizeof(R) == 4 ? "integer" : "bigint";

template <typename A, typename R>
R narrow(A a) {
  if (a < std::numeric_limits<R>::min() || a > std::numeric_limits<R>::max()) throw_out_of_range(kIntegerName<R>);
  return static_cast<R>(a);
}
template <typename A, typename R>
R widen(A a) {
  return static_cast<R>(a);
}
// Half goes to even.
template <typename A, typename R>
R round_to_integer(A a) {
  A rounded = std::rint(a);
  A limit = -static_cast<A>(std::numeric_limits<R>::min());
  if (std::isnan(rounded) || rounded < -limit || rounded >= limit) throw_out_of_range(kIntegerName<R>);
  return static_cast<R>(rounded);
}
float narrow_float(double a) {
  float result = static_cast<float>(a);
  if (std::isinf(result) && !std::isinf(a)) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: overflow");
  }
  if (result == 0 && a != 0) throw SqlError(Sqlstate::NumericValueOutOfRange, "value out of range: underflow");
  return result;
}

types::CastKind kind_of(bool is_explicit) { return is_explicit ? types::CastKind::Explicit : types::CastKind::Implicit; }

StringView fit(Call& call, Oid type, const StringView& text, int32_t typmod, bool is_explicit) {
  Value value;
  value.is_null = false;
  value.string = text;
  return types::apply_typmod(value, {type, typmod}, kind_of(is_explicit), call.arena()).string;
}

std::string char_text(int8_t c) {
  std::string out;
  types::type_info(types::oid::kChar).output({}, Value::of_i8(c), types::oid::kChar, out);
  return out;
}
int8_t text_char(Text text) {
  Arena arena(16);
  return types::type_info(types::oid::kChar).input({}, text, {types::oid::kChar, -1}, arena).i8;
}

uint32_t int64_to_oid(int64_t a) {
  if (a < 0 || a > UINT32_MAX) throw SqlError(Sqlstate::NumericValueOutOfRange, "OID out of range");
  return static_cast<uint32_t>(a);
}
int8_t int32_to_char(int32_t a) {
  if (a < -128 || a > 127) throw SqlError(Sqlstate::NumericValueOutOfRange, "\"char\" out of range");
  return static_cast<int8_t>(a);
}

constexpr ScalarBinding kBindings[] = {
    {"i2toi4", kernel<widen<int16_t, int32_t>>},
    {"i4toi2", kernel<narrow<int32_t, int16_t>>},
    {"int28", kernel<widen<int16_t, int64_t>>},
    {"int82", kernel<narrow<int64_t, int16_t>>},
    {"int48", kernel<widen<int32_t, int64_t>>},
    {"int84", kernel<narrow<int64_t, int32_t>>},
    {"i8tooid", kernel<int64_to_oid>},
    {"oidtoi8", kernel<widen<uint32_t, int64_t>>},
    {"i2tof", kernel<widen<int16_t, float>>},
    {"i4tof", kernel<widen<int32_t, float>>},
    {"i8tof", kernel<widen<int64_t, float>>},
    {"i2tod", kernel<widen<int16_t, double>>},
    {"i4tod", kernel<widen<int32_t, double>>},
    {"i8tod", kernel<widen<int64_t, double>>},
    {"ftod", kernel<widen<float, double>>},
    {"dtof", kernel<narrow_float>},
    {"ftoi2", kernel<round_to_integer<float, int16_t>>},
    {"ftoi4", kernel<round_to_integer<float, int32_t>>},
    {"ftoi8", kernel<round_to_integer<float, int64_t>>},
    {"dtoi2", kernel<round_to_integer<double, int16_t>>},
    {"dtoi4", kernel<round_to_integer<double, int32_t>>},
    {"dtoi8", kernel<round_to_integer<double, int64_t>>},
    {"chartoi4", kernel<[](int8_t a) { return int32_t{a}; }>},
    {"i4tochar", kernel<int32_to_char>},
    {"text_char", kernel<text_char>},
    {"char_text", kernel<char_text>},
    {"char_bpchar", kernel<char_text>},
    {"text_name", kernel<[](Text a) { return types::utf8_clip(a, 63); }>},
    {"bpchar_name", kernel<[](Text a) { return types::trim_trailing_blanks(types::utf8_clip(a, 63)); }>},
    {"name_text", kernel<[](Text a) { return a; }>},
    {"name_bpchar", kernel<[](Text a) { return a; }>},
    {"bpchar", kernel<[](Call& c, const StringView& a, int32_t typmod, bool e) {
       return fit(c, types::oid::kBpchar, a, typmod, e);
     }>},
    {"varchar", kernel<[](Call& c, const StringView& a, int32_t typmod, bool e) {
       return fit(c, types::oid::kVarchar, a, typmod, e);
     }>},
    {"text_regclass", kernel<[](Call& c, Text a) {
       return types::type_info(types::oid::kRegclass).input(c.types(), a, {types::oid::kRegclass, -1}, c.arena()).oid();
     }>},
};

}  // namespace

std::span<const ScalarBinding> cast_bindings() { return kBindings; }

}  // namespace aegis::functions
