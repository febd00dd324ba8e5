// hstore as a value: u32 count; for each pair u32 size of the key, u32 size of the value (all ones: null); then the keys and
// values, each value behind its key. Keys are unique and sorted by length, then bytes. Numbers are little endian, unaligned.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/types/type.h"

namespace aegis::types {

struct HstorePair {
  std::string_view key;
  std::optional<std::string_view> value;
};

// Borrows the bytes.
std::vector<HstorePair> read_hstore(std::string_view bytes);
// Sorts; the first of equal keys stays.
std::string hstore_bytes(std::vector<HstorePair> pairs);
// Null when the key is not there.
const HstorePair* find_pair(const std::vector<HstorePair>& pairs, std::string_view key);
int compare_hstore(std::string_view a, std::string_view b);

}  // namespace aegis::types
