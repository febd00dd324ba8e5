// What the engine says of itself, for system views and tools: pictures of a moment, and counts since the process began.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "aegis/base/ids.h"

namespace aegis::storage {

struct WalStatus {
  Lsn insert_lsn;   // end of what is logged
  Lsn written_lsn;  // end of what is written to the file
  Lsn durable_lsn;
  Lsn redo_lsn;     // where recovery would start
  uint64_t records = 0;
  uint64_t bytes = 0;
  uint64_t writes = 0;
  uint64_t syncs = 0;
  uint64_t write_us = 0;
  uint64_t sync_us = 0;
  uint64_t checkpoints = 0;       // that succeeded,
  uint64_t timed_checkpoints = 0; // of these: because of the time
  uint64_t checkpoint_us = 0;     // spent on them
  bool broken = false;            // nothing can be written any more
};

struct LogFileStatus {
  std::string name;
  Lsn start;  // none for a spare
  uint64_t size_bytes = 0;
  enum class State : uint8_t { Written, Current, Spare } state = State::Written;
};

struct SegmentStatus {
  TableId table;
  std::string file;  // within the data directory
  uint64_t size_bytes = 0;
  uint64_t row_groups = 0;  // in use
  uint64_t rows = 0;        // written
  uint64_t live_rows = 0;   // not deleted for every snapshot
};

struct ValueFileStatus {
  std::string file;
  uint64_t size_bytes = 0;
  uint64_t live_bytes = 0;  // that row groups refer to
};

struct IndexFileStatus {
  IndexId index;
  std::string file;
  uint32_t level = 0;
  uint32_t run = 0;
  uint64_t size_bytes = 0;
  uint64_t entries = 0;
  uint64_t tombstones = 0;
};

// What lies in memory of a table or an index.
struct MemtableStatus {
  bool is_index = false;
  uint32_t id = 0;  // TableId or IndexId
  uint64_t rows = 0;  // or entries
  uint64_t size_bytes = 0;
  uint64_t dead_versions = 0;
  const char* structure = "";  // of an index: "btree", "skiplist", "art"
};

struct CompactionStatus {
  IndexId index;
  std::string style;
  uint64_t flushes = 0;
  uint64_t flushed_bytes = 0;
  uint64_t compactions = 0;
  uint64_t read_bytes = 0;
  uint64_t written_bytes = 0;
  uint64_t levels = 0;
  uint64_t gets = 0;
  uint64_t files_asked = 0;
  uint64_t filtered = 0;
  uint64_t learned_hits = 0;
  uint64_t learned_misses = 0;
};

struct BufferedBlockStatus {
  std::string file;
  uint64_t offset = 0;
  uint32_t length = 0;
  uint32_t pins = 0;
};

// Added to by those who do it, in no order.
struct TableActivity {
  std::atomic<uint64_t> scans{0};
  std::atomic<uint64_t> scanned_rows{0};
  std::atomic<uint64_t> scanned_in_memory{0};  // of those, the ones that were not in a segment
  std::atomic<uint64_t> inserted{0};
  std::atomic<uint64_t> updated{0};
  std::atomic<uint64_t> deleted{0};
  std::atomic<uint64_t> blocks_hit{0};
  std::atomic<uint64_t> blocks_read{0};
  // Of VACUUM and ANALYZE: when (microseconds since 2000), how often, and the counts of changes and insertions then.
  std::atomic<int64_t> vacuumed_at{0};
  std::atomic<int64_t> analyzed_at{0};
  std::atomic<uint64_t> vacuums{0};
  std::atomic<uint64_t> analyzes{0};
  std::atomic<uint64_t> changes_analyzed{0};
  std::atomic<uint64_t> insertions_vacuumed{0};

  uint64_t changes() const { return inserted + updated + deleted; }
};

struct IndexActivity {
  std::atomic<uint64_t> scans{0};
  std::atomic<uint64_t> entries{0};  // read
  std::atomic<uint64_t> rows{0};     // found by them
  std::atomic<uint64_t> blocks_hit{0};
  std::atomic<uint64_t> blocks_read{0};
};

}  // namespace aegis::storage
