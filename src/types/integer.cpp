#include <limits>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

template <typename T>
T get(const Value& value) {
  T number;
  std::memcpy(&number, value.slot, sizeof(T));
  return number;
}
Value of(int16_t number) { return Value::of_i16(number); }
Value of(int32_t number) { return Value::of_i32(number); }
Value of(int64_t number) { return Value::of_i64(number); }

template <typename T>
constexpr const char* kIntegerName = sizeof(T) == 2 ? "smallint" : sizeof(T) == 4 ? "integer" : "bigint";

template <typename T>
Value input(const TypeContext&, std::string_view text, Type, Arena&) {
  return of(static_cast<T>(
      parse_integer(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), kIntegerName<T>)));
}
template <typename T>
void output(const TypeContext&, const Value& value, Oid, std::string& out) {
  append_integer(get<T>(value), out);
}
template <typename T>
Value receive(const TypeContext&, std::string_view bytes, Type, Arena&) {
  BinaryReader reader(bytes);
  if constexpr (sizeof(T) == 2) return of(reader.int16());
  if constexpr (sizeof(T) == 4) return of(reader.int32());
  if constexpr (sizeof(T) == 8) return of(reader.int64());
}
template <typename T>
void send(const TypeContext&, const Value& value, Oid, std::string& out) {
  if constexpr (sizeof(T) == 2) append_int16(out, value.i16);
  if constexpr (sizeof(T) == 4) append_int32(out, value.i32);
  if constexpr (sizeof(T) == 8) append_int64(out, value.i64);
}
template <typename T>
int compare(const Value& a, const Value& b, Oid) {
  T x = get<T>(a);
  T y = get<T>(b);
  return x < y ? -1 : x > y;
}
template <typename T>
uint64_t hash(const Value& value, Oid) {
  return hash_int(static_cast<uint64_t>(static_cast<int64_t>(get<T>(value))));
}

template <typename T>
constexpr Family family() {
  return {input<T>, output<T>, receive<T>, send<T>, compare<T>, hash<T>};
}

// oid, xid and cid are 32 unsigned bits; oid is read strictly, the other two as strtoul() reads.
[[noreturn]] void fail_oid(std::string_view text) { throw_invalid_text("oid", text); }

uint32_t parse_oid(std::string_view text) {
  std::string_view digits = trim_space(text);
  bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty()) fail_oid(text);
  uint64_t value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') fail_oid(text);
    value = std::min<uint64_t>(value * 10 + static_cast<uint64_t>(c - '0'), uint64_t{1} << 40);
  }
  if (negative ? value > 2147483648U : value > 4294967295U) throw_out_of_range("oid", text);
  return static_cast<uint32_t>(negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value));
}

Value oid_input(const TypeContext&, std::string_view text, Type, Arena&) { return Value::of_oid(parse_oid(text)); }
void oid_output(const TypeContext&, const Value& value, Oid, std::string& out) { append_integer(value.oid(), out); }
int oid_compare(const Value& a, const Value& b, Oid) { return a.oid() < b.oid() ? -1 : a.oid() > b.oid(); }

Value xid_input(const TypeContext&, std::string_view text, Type, Arena&) {
  return Value::of_oid(static_cast<uint32_t>(std::strtoul(std::string(text).c_str(), nullptr, 0)));
}
Value xid8_input(const TypeContext&, std::string_view text, Type, Arena&) {
  return Value::of_i64(static_cast<int64_t>(std::strtoull(std::string(text).c_str(), nullptr, 0)));
}
void xid8_output(const TypeContext&, const Value& value, Oid, std::string& out) {
  out += std::to_string(static_cast<uint64_t>(value.i64));
}
int unsigned_compare(const Value& a, const Value& b, Oid) {
  auto x = static_cast<uint64_t>(a.i64);
  auto y = static_cast<uint64_t>(b.i64);
  return x < y ? -1 : x > y;
}

}  // namespace

const Family kInt2Family = family<int16_t>();
const Family kInt4Family = family<int32_t>();
const Family kInt8Family = family<int64_t>();
const Family kOidFamily = {oid_input, oid_output, receive<int32_t>, send<int32_t>, oid_compare, hash<int32_t>};
const Family kXidFamily = {xid_input, oid_output, receive<int32_t>, send<int32_t>, oid_compare, hash<int32_t>};
const Family kXid8Family = {xid8_input, xid8_output, receive<int64_t>, send<int64_t>, unsigned_compare, hash<int64_t>};

}  // namespace aegis::types
