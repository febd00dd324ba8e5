// Counts of the buffer pool, for EXPLAIN (BUFFERS) and the system views.
#pragma once

#include <cstdint>

namespace aegis::storage {

// What one thread has asked of buffer pools since it started: take the difference of two readings.
struct BufferCounts {
  uint64_t hits = 0;   // blocks found in memory
  uint64_t reads = 0;  // blocks read from files
};
BufferCounts& thread_buffer_counts();

struct BufferPoolStats {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t evictions = 0;
  uint64_t reads = 0;       // of files: misses and prefetches
  uint64_t read_bytes = 0;
  uint64_t blocks = 0;      // resident now
  uint64_t used_bytes = 0;  // of blocks with their headers, and of the policy's own tables
  uint64_t pinned_bytes = 0;
  uint64_t capacity_bytes = 0;
};

}  // namespace aegis::storage
