#include "column/value_filter.h"

#include <algorithm>

#include "aegis/base/hash.h"
#include "lsm/filter.h"

namespace aegis::storage {
namespace {

constexpr size_t kMinDistinct = 32;
constexpr uint64_t kFilterBytesPer100Values = 125;
// A filter may add so large a part to a chunk.
constexpr uint64_t kFilterShare = 8;
// Nobody asks for one long text.
constexpr uint64_t kMaxTextBytes = 40;
// Or it may be larger when so many integers are possible for each that is there: then most row groups lack any one.
constexpr double kSparse = 32;

double width_of(const Zone& zone) { return zone.empty() ? 0 : static_cast<double>(zone.high) - static_cast<double>(zone.low); }

// Zones of blocks say enough when they hardly overlap.
bool is_clustered(const FilterCandidate& chunk) {
  double whole = width_of(chunk.zone);
  if (chunk.block_zones.empty() || whole == 0) return false;
  double sum = 0;
  for (const Zone& zone : chunk.block_zones) sum += width_of(zone);
  return sum < whole * static_cast<double>(chunk.block_zones.size()) / 4;
}

bool is_integer(types::PhysicalType type) { return type == types::PhysicalType::Int32 || type == types::PhysicalType::Int64; }

}  // namespace

bool can_filter(types::PhysicalType type) {
  return is_integer(type) || type == types::PhysicalType::String || type == types::PhysicalType::Uuid;
}

uint64_t value_hash(types::PhysicalType type, const std::byte* slot) {
  if (type == types::PhysicalType::String) return hash_bytes(reinterpret_cast<const types::StringView*>(slot)->view());
  if (type == types::PhysicalType::Uuid) return hash_bytes(slot, 16);
  int64_t key = 0;
  zone_key(type, slot, 0, key);
  return hash_int(static_cast<uint64_t>(key) + 0x9e3779b97f4a7c15ULL);
}

std::string build_value_filter(const FilterCandidate& chunk, std::vector<uint64_t>& hashes) {
  if (hashes.size() < kMinDistinct || is_clustered(chunk)) return {};
  if (chunk.text_bytes > hashes.size() * kMaxTextBytes) return {};
  auto worth = [&](uint64_t values) {
    bool small = values * kFilterBytesPer100Values / 100 * kFilterShare <= chunk.chunk_bytes;
    return small || (is_integer(chunk.type) && width_of(chunk.zone) >= kSparse * static_cast<double>(values));
  };
  if (!worth(hashes.size())) return {};
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  if (hashes.size() < kMinDistinct) return {};
  return lsm::build_filter(lsm::FilterKind::Bloom, hashes);
}

bool value_filter_may_match(std::string_view filter, types::PhysicalType type, const ScanBound& bound) {
  if (bound.op != ScanBound::Op::Equal) return true;
  return lsm::filter_may_contain(filter, value_hash(type, bound.value.slot));
}

}  // namespace aegis::storage
