#include "column/zone.h"

#include "aegis/types/numeric.h"

namespace aegis::storage {
namespace {

// The greatest key at or below the value, and the least at or above it; false when there is no telling.
bool key_range(types::PhysicalType type, uint16_t scale, const types::Value& value, int64_t& below, int64_t& above) {
  if (type != types::PhysicalType::Numeric) {
    if (!zone_key(type, value.slot, 0, below)) return false;
    above = below;
    return true;
  }
  const types::Numeric& n = value.numeric;
  if (!n.is_small()) return false;
  int difference = int{scale} - int{n.scale};
  if (difference > 18 || difference < -18) return false;
  if (difference >= 0) {
    if (__builtin_mul_overflow(n.small, types::numeric::kPowersOf10[difference], &below)) return false;
    above = below;
    return true;
  }
  int64_t power = types::numeric::kPowersOf10[-difference];
  int64_t quotient = n.small / power;
  bool exact = quotient * power == n.small;
  below = exact || n.small > 0 ? quotient : quotient - 1;
  above = exact || n.small < 0 ? quotient : quotient + 1;
  return true;
}

}  // namespace

bool zone_may_match(const Zone& zone, types::PhysicalType type, uint16_t scale, const ScanBound& bound) {
  if (zone.empty()) return false;
  int64_t below, above;
  if (!key_range(type, scale, bound.value, below, above)) return true;
  // Strings with equal keys may be different.
  bool strict = type != types::PhysicalType::String && below == above;
  switch (bound.op) {
    case ScanBound::Op::Less: return strict ? zone.low < below : zone.low <= below;
    case ScanBound::Op::LessEqual: return zone.low <= below;
    case ScanBound::Op::Equal: return below == above && zone.low <= below && zone.high >= above;
    case ScanBound::Op::GreaterEqual: return zone.high >= above;
    case ScanBound::Op::Greater: return strict ? zone.high > above : zone.high >= above;
  }
  return true;
}

}  // namespace aegis::storage
