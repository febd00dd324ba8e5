// What can be chosen for an LSM tree.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lsm/filter.h"

namespace aegis::storage::lsm {

enum class CompactionStyle : uint8_t {
  Leveled,   // one sorted run a level: reads and space first
  Tiered,    // several runs a level, merged when they are level_ratio many: writes first
  Flexible,  // tiered, but the last level is one run (Dayan, Idreos: "Dostoevsky", SIGMOD 2018)
  Adaptive,  // one of these, see adaptive_policy.h
};

enum class MemtableKind : uint8_t { SkipList, AdaptiveRadixTree, BTree };

struct TreeOptions {
  size_t key_suffix = 0;  // see KeyOrder
  size_t block_bytes = 4096;
  size_t file_bytes = 32 << 20;
  bool compress = false;
  FilterKind filter = FilterKind::Bloom;
  bool learned_index = true;
  CompactionStyle style = CompactionStyle::Leveled;
  uint32_t runs_at_level_0 = 4;  // merged when there are as many
  uint32_t level_ratio = 8;      // how many times larger the next level may be, or how many runs a tiered level has
  size_t level_1_bytes = 64 << 20;
  bool sync = true;
};

}  // namespace aegis::storage::lsm
