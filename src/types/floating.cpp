#include <bit>
#include <cmath>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "families.h"

namespace aegis::types {

namespace {

// NaN is equal to itself and greater than every number.
template <typename T>
int compare_floats(T a, T b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  return int{std::isnan(a)} - int{std::isnan(b)};
}
uint64_t hash_double(double value) {
  if (value == 0) return hash_int(0);
  if (std::isnan(value)) return hash_int(0x7ff8000000000000);
  return hash_int(std::bit_cast<uint64_t>(value));
}

Value input4(const TypeContext&, std::string_view text, Type, Arena&) { return Value::of_f32(parse_float(text)); }
Value input8(const TypeContext&, std::string_view text, Type, Arena&) { return Value::of_f64(parse_double(text)); }
void output4(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_float(value.f32, context.extra_float_digits, out);
}
void output8(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_double(value.f64, context.extra_float_digits, out);
}
Value receive4(const TypeContext&, std::string_view bytes, Type, Arena&) {
  return Value::of_f32(std::bit_cast<float>(BinaryReader(bytes).int32()));
}
Value receive8(const TypeContext&, std::string_view bytes, Type, Arena&) {
  return Value::of_f64(std::bit_cast<double>(BinaryReader(bytes).int64()));
}
void send4(const TypeContext&, const Value& value, Oid, std::string& out) {
  append_int32(out, std::bit_cast<int32_t>(value.f32));
}
void send8(const TypeContext&, const Value& value, Oid, std::string& out) {
  append_int64(out, std::bit_cast<int64_t>(value.f64));
}
int compare4(const Value& a, const Value& b, Oid) { return compare_floats(a.f32, b.f32); }
int compare8(const Value& a, const Value& b, Oid) { return compare_floats(a.f64, b.f64); }
uint64_t hash4(const Value& value, Oid) { return hash_double(value.f32); }
uint64_t hash8(const Value& value, Oid) { return hash_double(value.f64); }

Value numeric_input(const TypeContext&, std::string_view text, Type type, Arena& arena) {
  return Value::of_numeric(numeric::apply_typmod(numeric::from_string(text, arena), type.typmod, arena));
}
void numeric_output(const TypeContext&, const Value& value, Oid, std::string& out) { numeric::append(value.numeric, out); }
Value numeric_receive(const TypeContext&, std::string_view bytes, Type type, Arena& arena) {
  return Value::of_numeric(numeric::apply_typmod(numeric::receive(bytes, arena), type.typmod, arena));
}
void numeric_send(const TypeContext&, const Value& value, Oid, std::string& out) { numeric::send(value.numeric, out); }
int numeric_compare(const Value& a, const Value& b, Oid) { return numeric::compare(a.numeric, b.numeric); }
uint64_t numeric_hash(const Value& value, Oid) { return numeric::hash(value.numeric); }

int32_t numeric_typmod_in(std::span<const std::string_view> arguments) {
  if (arguments.empty() || arguments.size() > 2) {
    throw SqlError(Sqlstate::InvalidParameterValue, "invalid NUMERIC type modifier");
  }
  int precision = parse_typmod(arguments[0]);
  int scale = arguments.size() == 2 ? parse_typmod(arguments[1]) : 0;
  if (precision < 1 || precision > 1000) {
    throw SqlError(Sqlstate::InvalidParameterValue,
                   "NUMERIC precision " + std::to_string(precision) + " must be between 1 and 1000");
  }
  if (scale < -1000 || scale > 1000) {
    throw SqlError(Sqlstate::InvalidParameterValue,
                   "NUMERIC scale " + std::to_string(scale) + " must be between -1000 and 1000");
  }
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}
std::string numeric_typmod_out(int32_t typmod) {
  if (typmod < 4) return "";
  return "(" + std::to_string(numeric::typmod_precision(typmod)) + "," + std::to_string(numeric::typmod_scale(typmod)) + ")";
}

}  // namespace

const Family kFloat4Family = {input4, output4, receive4, send4, compare4, hash4};
const Family kFloat8Family = {input8, output8, receive8, send8, compare8, hash8};
const Family kNumericFamily = {numeric_input,   numeric_output, numeric_receive,   numeric_send,
                               numeric_compare, numeric_hash,   numeric_typmod_in, numeric_typmod_out};

}  // namespace aegis::types
