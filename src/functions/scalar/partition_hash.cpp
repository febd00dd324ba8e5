#include "aegis/functions/partition_hash.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "scalar/lookup3.h"

namespace aegis::functions {
namespace {

using types::PhysicalType;
using types::Value;

// Bob Jenkins' lookup3 with a seed of 64 bits (hash_bytes_extended).
struct State : Lookup3 {
  State(uint32_t length, uint64_t seed) : Lookup3(length) {
    if (seed == 0) return;
    a += static_cast<uint32_t>(seed >> 32);
    b += static_cast<uint32_t>(seed);
    mix();
  }
  uint64_t finish() {
    Lookup3::finish();
    return (static_cast<uint64_t>(b) << 32) | c;
  }
};

uint64_t hash_bytes(std::string_view text, uint64_t seed) {
  State state(static_cast<uint32_t>(text.size()), seed);
  state.add(text);
  return state.finish();
}

uint64_t hash_uint32(uint32_t value, uint64_t seed) {
  State state(4, seed);
  state.a += value;
  return state.finish();
}

uint64_t hash_int64(int64_t value, uint64_t seed) {
  auto low = static_cast<uint32_t>(value);
  auto high = static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32);
  return hash_uint32(low ^ (value >= 0 ? high : ~high), seed);
}

uint64_t hash_double(double value, uint64_t seed) {
  if (value == 0) return seed;
  if (std::isnan(value)) value = std::nan("");
  return hash_bytes({reinterpret_cast<const char*>(&value), sizeof value}, seed);
}

// PostgreSQL hashes the digits of base 10000 without zeros on either side, and the weight of the first.
uint64_t hash_numeric(const Value& value, uint64_t seed) {
  std::string text;
  types::type_info(types::oid::kNumeric).output({}, value, types::oid::kNumeric, text);
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") return seed;
  if (text[0] == '-') text.erase(0, 1);
  size_t point = text.find('.');
  std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  whole.insert(0, (4 - whole.size() % 4) % 4, '0');
  fraction.append((4 - fraction.size() % 4) % 4, '0');
  std::vector<int16_t> digits;
  std::string all = whole + fraction;
  for (size_t i = 0; i < all.size(); i += 4) digits.push_back(static_cast<int16_t>(std::stoi(all.substr(i, 4))));
  int weight = static_cast<int>(whole.size() / 4) - 1;
  size_t first = 0;
  while (first < digits.size() && digits[first] == 0) {
    ++first;
    --weight;
  }
  if (first == digits.size()) return seed - 1;
  while (digits.back() == 0) digits.pop_back();
  uint64_t hash = hash_bytes({reinterpret_cast<const char*>(digits.data() + first), (digits.size() - first) * sizeof(int16_t)}, seed);
  return hash ^ static_cast<uint64_t>(static_cast<int64_t>(weight));
}

uint64_t hash_value(const Value& value, types::Type type, uint64_t seed) {
  Oid base = types::base_type(type).oid;
  switch (types::physical_type(base)) {
    case PhysicalType::Bool: return hash_uint32(value.boolean ? 1 : 0, seed);
    case PhysicalType::Int8: return hash_uint32(static_cast<uint32_t>(static_cast<int32_t>(value.i8)), seed);
    case PhysicalType::Int16: return hash_uint32(static_cast<uint32_t>(static_cast<int32_t>(value.i16)), seed);
    case PhysicalType::Int32: return hash_uint32(static_cast<uint32_t>(value.i32), seed);
    case PhysicalType::Int64: return hash_int64(value.i64, seed);
    case PhysicalType::Float32: return hash_double(value.f32, seed);
    case PhysicalType::Float64: return hash_double(value.f64, seed);
    case PhysicalType::Uuid: {
      std::string_view bytes(reinterpret_cast<const char*>(value.uuid.bytes), sizeof value.uuid.bytes);
      return hash_bytes(bytes, seed);
    }
    case PhysicalType::Numeric: return hash_numeric(value, seed);
    case PhysicalType::String: {
      if (base == types::oid::kBpchar) return hash_bytes(types::trim_trailing_blanks(value.text()), seed);
      if (base == types::oid::kText || base == types::oid::kVarchar || base == types::oid::kName || base == types::oid::kBytea) {
        return hash_bytes(value.text(), seed);
      }
      break;
    }
    case PhysicalType::TimeTz:
    case PhysicalType::Interval: break;
  }
  // Equal values of other types have equal texts.
  std::string text;
  types::type_info(base).output({}, value, base, text);
  return hash_bytes(text, seed);
}

}  // namespace

uint64_t extended_hash(const Value& value, types::Type type, uint64_t seed) { return hash_value(value, type, seed); }

uint64_t partition_hash(std::span<const types::Type> types, std::span<const Value> values, std::span<const std::optional<uint64_t>> own) {
  uint64_t row = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_null) continue;
    uint64_t hash = !own.empty() && own[i] ? *own[i] : hash_value(values[i], types[i], kPartitionSeed);
    row ^= hash + 0x49a0f4dd15e5a8e3ull + (row << 54) + (row >> 7);
  }
  return row;
}

bool can_partition_by_hash(types::Type type) {
  const auto* info = types::find_type(types::base_type(type).oid);
  return info != nullptr && info->hash != nullptr;
}

}  // namespace aegis::functions
