// Bounds of a column's values, to skip what can't match. A value is known by a zone key: an integer that orders as the
// values do (strings by their first eight bytes, so equal keys say nothing there).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "aegis/storage/table.h"
#include "aegis/types/value.h"
#include "aegis/vector/vector.h"

namespace aegis::storage {

struct Zone {
  int64_t low = std::numeric_limits<int64_t>::max();
  int64_t high = std::numeric_limits<int64_t>::min();  // below `low`: no values
  bool empty() const { return high < low; }
  void add(int64_t key) {
    low = std::min(low, key);
    high = std::max(high, key);
  }
  void add(const Zone& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }
};

inline int64_t float_zone_key(double value) {
  if (std::isnan(value)) return std::numeric_limits<int64_t>::max();
  if (value == 0) value = 0;  // -0
  auto bits = std::bit_cast<int64_t>(value);
  return bits < 0 ? std::numeric_limits<int64_t>::min() - bits : bits;
}

inline int64_t string_zone_key(std::string_view text) {
  uint64_t key = 0;
  for (size_t i = 0; i < 8; ++i) key = key << 8 | (i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
  return static_cast<int64_t>(key ^ (uint64_t{1} << 63));
}

// False for a value without a key. Numeric keys are coefficients at `scale`.
inline bool zone_key(types::PhysicalType type, const std::byte* slot, uint16_t scale, int64_t& key) {
  using types::PhysicalType;
  switch (type) {
    case PhysicalType::Bool: key = *reinterpret_cast<const uint8_t*>(slot); return true;
    case PhysicalType::Int8: key = *reinterpret_cast<const int8_t*>(slot); return true;
    case PhysicalType::Int16: key = *reinterpret_cast<const int16_t*>(slot); return true;
    case PhysicalType::Int32: key = *reinterpret_cast<const int32_t*>(slot); return true;
    case PhysicalType::Int64: key = *reinterpret_cast<const int64_t*>(slot); return true;
    case PhysicalType::Float32: key = float_zone_key(*reinterpret_cast<const float*>(slot)); return true;
    case PhysicalType::Float64: key = float_zone_key(*reinterpret_cast<const double*>(slot)); return true;
    case PhysicalType::Numeric: {
      auto* n = reinterpret_cast<const types::Numeric*>(slot);
      key = n->small;
      return n->is_small() && n->scale == scale;
    }
    case PhysicalType::String: key = string_zone_key(reinterpret_cast<const types::StringView*>(slot)->view()); return true;
    case PhysicalType::TimeTz:
    case PhysicalType::Interval:
    case PhysicalType::Uuid: return false;
  }
  return false;
}

// Whether a value inside the zone may meet the bound; `scale` is that of numeric keys.
bool zone_may_match(const Zone& zone, types::PhysicalType type, uint16_t scale, const ScanBound& bound);

}  // namespace aegis::storage
