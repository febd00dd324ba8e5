#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/manifest.h"
#include "index/memory_index.h"

namespace aegis::storage {

// A checkpoint being made: what was taken under commit_mutex_.
struct CheckpointState {
  struct Item {
    std::shared_ptr<MemoryTable> table;
    const Layout* layout;
    std::string file;
    std::vector<ManifestSegment> segments;
    bool dirty;
  };
  Manifest manifest;
  std::vector<Item> items;
  std::vector<std::pair<std::shared_ptr<MemoryIndex>, std::shared_ptr<const lsm::Version>>> indexes;
  std::vector<std::shared_ptr<MemoryIndex>> dropped_indexes;
  Snapshot snapshot;
  std::vector<uint64_t> unused_values;  // files that nobody referred to before the redo position was taken
  std::vector<std::string> new_files;  // that nothing in memory refers to
};

}  // namespace aegis::storage
