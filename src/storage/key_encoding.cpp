// The bytes of a value, before the inversion of descending columns:
//   Bool        one byte
//   Signed      big-endian with the sign bit flipped; Unsigned without
//   Float       the IEEE bits, big-endian: sign bit flipped for positives, all bits for negatives
//   TimeTz      the time in UTC, then the zone
//   Interval    its 128-bit length in microseconds (30-day months), sign bit flipped
//   Uuid        its bytes
//   Bytes       00 becomes 00 ff; 00 00 ends
//   Numeric     a class byte (-inf, negative, zero, positive, +inf, NaN); for finite non-zero ones, of 0.d1d2d3… * 10^e:
//               e big-endian and biased, digits in pairs plus one, 00; inverted for negatives
#include "aegis/storage/key_encoding.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/vector/vector.h"

namespace aegis::storage {
namespace {

using types::PhysicalType;
using types::Value;

constexpr char kNullFirst = 0;
constexpr char kValue = 1;
constexpr char kNullLast = 2;

template <typename T>
void put_big_endian(std::string& out, T value) {
  char bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(value >> (8 * (sizeof(T) - 1 - i)));
  out.append(bytes, sizeof bytes);
}

uint64_t integer_bits(PhysicalType type, const Value& value) {
  switch (type) {
    case PhysicalType::Bool:
    case PhysicalType::Int8: return static_cast<uint8_t>(value.i8);
    case PhysicalType::Int16: return static_cast<uint16_t>(value.i16);
    case PhysicalType::Int32: return static_cast<uint32_t>(value.i32);
    case PhysicalType::Int64: return static_cast<uint64_t>(value.i64);
    default: break;
  }
  AEGIS_CHECK(!"an integer key of another physical type");
  return 0;
}

void put_integer(std::string& out, PhysicalType type, const Value& value, bool is_signed) {
  uint64_t bits = integer_bits(type, value);
  size_t size = types::physical_size(type);
  if (is_signed) bits ^= uint64_t{1} << (8 * size - 1);
  switch (size) {
    case 1: return put_big_endian(out, static_cast<uint8_t>(bits));
    case 2: return put_big_endian(out, static_cast<uint16_t>(bits));
    case 4: return put_big_endian(out, static_cast<uint32_t>(bits));
    default: return put_big_endian(out, bits);
  }
}

void put_float(std::string& out, PhysicalType type, const Value& value) {
  if (type == PhysicalType::Float32) {
    float f = value.f32 == 0 ? 0.0f : value.f32;
    uint32_t bits = std::isnan(f) ? 0x7fc00000u : std::bit_cast<uint32_t>(f);
    put_big_endian(out, (bits >> 31) != 0 ? ~bits : bits | 0x80000000u);
  } else {
    double f = value.f64 == 0 ? 0.0 : value.f64;
    uint64_t bits = std::isnan(f) ? 0x7ff8000000000000u : std::bit_cast<uint64_t>(f);
    put_big_endian(out, (bits >> 63) != 0 ? ~bits : bits | 0x8000000000000000u);
  }
}

void put_interval(std::string& out, const types::Interval& interval) {
  constexpr __int128 kDayUs = 86'400'000'000;
  __int128 days = static_cast<__int128>(interval.months) * 30 + interval.days;
  auto bits = static_cast<unsigned __int128>(days * kDayUs + interval.microseconds);
  put_big_endian(out, static_cast<uint64_t>(bits >> 64) ^ (uint64_t{1} << 63));
  put_big_endian(out, static_cast<uint64_t>(bits));
}

void put_bytes_key(std::string& out, std::string_view bytes) {
  for (;;) {
    size_t zero = bytes.find('\0');
    if (zero == std::string_view::npos) break;
    out.append(bytes.substr(0, zero + 1));
    out.push_back('\xff');
    bytes.remove_prefix(zero + 1);
  }
  out.append(bytes);
  out.append(2, '\0');
}

// Decimal digits of a little-endian magnitude, without leading zeros.
std::string decimal_digits(const uint8_t* magnitude, size_t size) {
  std::vector<uint32_t> words((size + 3) / 4, 0);
  std::memcpy(words.data(), magnitude, size);
  std::string digits;
  while (!words.empty()) {
    uint64_t remainder = 0;
    for (size_t i = words.size(); i-- > 0;) {
      uint64_t part = (remainder << 32) | words[i];
      words[i] = static_cast<uint32_t>(part / 1'000'000'000);
      remainder = part % 1'000'000'000;
    }
    for (int i = 0; i < 9; ++i, remainder /= 10) digits.push_back(static_cast<char>('0' + remainder % 10));
    while (!words.empty() && words.back() == 0) words.pop_back();
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  std::reverse(digits.begin(), digits.end());
  return digits;
}

void put_numeric(std::string& out, const types::Numeric& n) {
  enum : char { kMinusInfinity = 1, kNegative, kZero, kPositive, kPlusInfinity, kNaN };
  using Kind = types::Numeric::Kind;
  bool negative = false;
  std::string digits;
  switch (n.kind) {
    case Kind::NaN: return out.push_back(kNaN);
    case Kind::PositiveInfinity: return out.push_back(kPlusInfinity);
    case Kind::NegativeInfinity: return out.push_back(kMinusInfinity);
    case Kind::Small: {
      if (n.small == 0) return out.push_back(kZero);
      negative = n.small < 0;
      uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(n.small) : static_cast<uint64_t>(n.small);
      digits = std::to_string(magnitude);
      break;
    }
    case Kind::Big:
      negative = n.negative;
      digits = decimal_digits(n.big, n.size);
      if (digits.empty()) return out.push_back(kZero);
      break;
  }
  int64_t exponent = static_cast<int64_t>(digits.size()) - n.scale;
  while (digits.back() == '0') digits.pop_back();
  out.push_back(negative ? kNegative : kPositive);
  size_t from = out.size();
  put_big_endian(out, static_cast<uint32_t>(exponent + (int64_t{1} << 31)));
  for (size_t i = 0; i < digits.size(); i += 2) {
    int pair = (digits[i] - '0') * 10 + (i + 1 < digits.size() ? digits[i + 1] - '0' : 0);
    out.push_back(static_cast<char>(pair + 1));
  }
  out.push_back('\0');
  if (negative) {
    for (size_t i = from; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
  }
}

void put_value(std::string& out, const KeyColumn& column, const Value& value) {
  switch (column.kind) {
    case KeyKind::Bool: return put_integer(out, column.type, value, false);
    case KeyKind::Signed: return put_integer(out, column.type, value, true);
    case KeyKind::Unsigned: return put_integer(out, column.type, value, false);
    case KeyKind::Float: return put_float(out, column.type, value);
    case KeyKind::TimeTz:
      put_big_endian(out, static_cast<uint64_t>(value.timetz.microseconds + int64_t{value.timetz.zone} * 1'000'000) ^
                              (uint64_t{1} << 63));
      return put_big_endian(out, static_cast<uint32_t>(value.timetz.zone) ^ 0x80000000u);
    case KeyKind::Interval: return put_interval(out, value.interval);
    case KeyKind::Uuid: out.append(reinterpret_cast<const char*>(value.uuid.bytes), 16); return;
    case KeyKind::Numeric: return put_numeric(out, value.numeric);
    case KeyKind::Bytes: return put_bytes_key(out, value.string.view());
    case KeyKind::PaddedText: {
      std::string_view text = value.string.view();
      while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
      return put_bytes_key(out, text);
    }
    case KeyKind::Custom: {
      std::string bytes;
      column.sort_key(value, column.sql_type, bytes);
      return put_bytes_key(out, bytes);
    }
  }
}

}  // namespace

KeyKind default_key_kind(PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool: return KeyKind::Bool;
    case PhysicalType::Int8:
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: return KeyKind::Signed;
    case PhysicalType::Float32:
    case PhysicalType::Float64: return KeyKind::Float;
    case PhysicalType::TimeTz: return KeyKind::TimeTz;
    case PhysicalType::Interval: return KeyKind::Interval;
    case PhysicalType::Uuid: return KeyKind::Uuid;
    case PhysicalType::Numeric: return KeyKind::Numeric;
    case PhysicalType::String: return KeyKind::Bytes;
  }
  return KeyKind::Bytes;
}

void append_key(std::string& out, const KeyColumn& column, const Value& value) {
  if (value.is_null) {
    out.push_back(column.nulls_first ? kNullFirst : kNullLast);
    return;
  }
  out.push_back(kValue);
  size_t from = out.size();
  put_value(out, column, value);
  if (!column.descending) return;
  for (size_t i = from; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
}

void KeyBatch::clear() {
  rows.clear();
  keys.clear();
  skipped.clear();
  has_null.clear();
  arena.reset();
}

void encode_keys(const vector::Chunk& chunk, std::span<const KeyColumn> columns, KeyBatch& out) {
  out.clear();
  size_t count = chunk.size();
  out.keys.reserve(count);
  out.skipped.assign(count, 0);
  out.has_null.assign(count, 0);
  std::string key;
  for (size_t i = 0; i < count; ++i) {
    key.clear();
    for (const KeyColumn& column : columns) {
      Value value = chunk.column(column.column).get(i);
      if (value.is_null) out.has_null[i] = 1;
      append_key(key, column, value);
    }
    out.keys.push_back(out.arena.copy(key));
  }
}

bool prefix_successor(std::string& key) {
  while (!key.empty() && static_cast<uint8_t>(key.back()) == 0xff) key.pop_back();
  if (key.empty()) return false;
  key.back() = static_cast<char>(key.back() + 1);
  return true;
}

}  // namespace aegis::storage
