// Approximate sets of hashes: no means no. Bloom filters have all bits of a key in one cache line (Putze, Sanders,
// Singler: "Cache-, Hash- and Space-Efficient Bloom Filters", 2007); ribbon filters need a third less space and more
// time to build (Dillinger, Walzer: "Ribbon filter: practically smaller than Bloom and Xor", 2021).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aegis::storage::lsm {

enum class FilterKind : uint8_t { None = 0, Bloom = 1, Ribbon = 2 };

// The filter's bytes, beginning with its kind.
std::string build_filter(FilterKind kind, std::span<const uint64_t> hashes);
bool filter_may_contain(std::string_view filter, uint64_t hash);

}  // namespace aegis::storage::lsm
