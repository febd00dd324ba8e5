// Approximate sets of a chunk's values, so that a scan for one value skips row groups that zones can't tell apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/storage/table.h"
#include "column/zone.h"

namespace aegis::storage {

// Whether equal values of the type have equal hashes, and hashing them may be worth it.
bool can_filter(types::PhysicalType type);
uint64_t value_hash(types::PhysicalType type, const std::byte* slot);

struct FilterCandidate {
  types::PhysicalType type;
  uint64_t chunk_bytes;
  uint64_t text_bytes;  // of strings, before encoding
  const Zone& zone;
  const std::vector<Zone>& block_zones;
};
// The filter, or nothing where it would not be worth its space: few distinct values, values in order, small ones.
std::string build_value_filter(const FilterCandidate& chunk, std::vector<uint64_t>& hashes);
bool value_filter_may_match(std::string_view filter, types::PhysicalType type, const ScanBound& bound);

}  // namespace aegis::storage
