// What the indexes of an engine share when they are kept on disk. All their files are in one directory, told apart by
// their numbers.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "aegis/os/file_system.h"
#include "aegis/storage/index.h"
#include "cache/buffer_pool.h"
#include "lsm/io_budget.h"
#include "lsm/options.h"

namespace aegis::storage {

struct IndexStorage {
  os::FileSystem& files;
  BufferPool& pool;
  std::string directory;
  lsm::TreeOptions tree;
  // An index with less, that has no files yet, is built anew at a start instead of being written at checkpoints.
  size_t small_bytes = 256 << 10;
  // Entries are sorted in memory up to this much.
  size_t sort_bytes = 64 << 20;
  lsm::IoBudget budget{};
  std::atomic<uint64_t> numbers{1};
  mutable std::mutex options_mutex;  // guards options_of_files
  IndexFileOptions options_of_files{};
  std::string root{};  // what IndexDefinition::directory is within
  IndexFileOptions file_options() const {
    std::lock_guard guard(options_mutex);
    return options_of_files;
  }
};

void set_file_options(lsm::TreeOptions& options, const IndexFileOptions& wanted, const IndexFileOverrides& overrides = {});

}  // namespace aegis::storage
