// Looks at a data directory, or a file of one, that no server uses. Nothing is written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aegis/os/fwd.h"
#include "aegis/storage/engine.h"

namespace aegis::storage {

struct VerifyReport {
  uint64_t tables = 0;
  uint64_t row_files = 0;
  uint64_t segments = 0;
  uint64_t segment_blocks = 0;
  uint64_t values = 0;       // apart from segments
  uint64_t value_bytes = 0;
  uint64_t indexes = 0;
  uint64_t index_files = 0;
  uint64_t index_entries = 0;
  uint64_t log_files = 0;
  uint64_t log_batches = 0;
  uint64_t log_bytes = 0;
  std::vector<std::string> problems;  // each names a file and an offset
  std::vector<std::string> segment_files;  // those checked, within the data directory
};

// Checks every checksum of every file the manifest names and every record of the log, and that what is encoded can be
// decoded.
VerifyReport verify_files(os::FileSystem& files, const std::string& directory);

// Checks the segments that only the log names: those of the recovered engine that the report lacks.
void verify_other_segments(os::FileSystem& files, const std::string& directory, const Engine& engine, VerifyReport& report);

struct IndexReport {
  uint64_t rows = 0;
  uint64_t entries = 0;        // that lead to a row with their key
  uint64_t stale_entries = 0;  // that lead to none: allowed
  std::vector<std::string> problems;
};

// Checks that every row has its entry, once, and, if `unique`, that no two rows have a key without nulls. Rows are those
// the snapshot sees, which must see every change.
IndexReport verify_index(const Engine& engine, const Index& index, const Snapshot& snapshot, bool unique);

// What a file has, line by line. Throw StorageError XX001 where it is damaged.
std::vector<std::string> inspect_log_file(os::FileSystem& files, const std::string& path);
std::vector<std::string> inspect_segment(os::FileSystem& files, const std::string& path);
std::vector<std::string> inspect_index_file(os::FileSystem& files, const std::string& path);
std::vector<std::string> inspect_manifest(os::FileSystem& files, const std::string& path);

}  // namespace aegis::storage
