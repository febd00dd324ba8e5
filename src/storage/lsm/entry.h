// What an LSM tree is made of: entries in the order of their keys, of one key the newest first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "aegis/base/hash.h"

namespace aegis::storage::lsm {

enum class EntryKind : uint8_t {
  Delete = 0,
  Put = 1,
  Pointer = 2,  // the value is where the value log has it
};

struct Entry {
  std::string_view key;
  uint64_t sequence = 0;
  EntryKind kind = EntryKind::Put;
  std::string_view value;
};

inline constexpr uint64_t kMaxSequence = (uint64_t{1} << 61) - 1;

// Bytes as unsigned numbers. The last `suffix` bytes of a key count only between keys that are equal before them:
// an index's keys end in the RowId, and filters are asked without it.
struct KeyOrder {
  size_t suffix = 0;

  int compare(std::string_view a, std::string_view b) const {
    if (suffix == 0) return a.compare(b);
    int order = a.substr(0, a.size() - suffix).compare(b.substr(0, b.size() - suffix));
    return order != 0 ? order : std::memcmp(a.data() + a.size() - suffix, b.data() + b.size() - suffix, suffix);
  }
  bool less(std::string_view a, std::string_view b) const { return compare(a, b) < 0; }
  std::string_view filter_key(std::string_view key) const { return key.substr(0, key.size() - suffix); }
};

// What filters are made of: XXH3, so it is in files. The test has a known value.
inline uint64_t filter_hash(std::string_view key) { return hash_bytes(key); }

enum class Direction : uint8_t { Forward, Backward };

// A walk in one direction.
class EntryCursor {
 public:
  virtual ~EntryCursor() = default;
  // Forward: to the first entry whose key is not below `bound`; backward: to the last whose key is below it. Null:
  // from the border.
  virtual void seek(const std::string_view* bound) = 0;
  virtual bool valid() const = 0;
  // Valid until the cursor moves.
  virtual const Entry& entry() const = 0;
  virtual void advance() = 0;
};

}  // namespace aegis::storage::lsm
