// Chunks put aside in a temporary file, in blocks compressed with LZ4, to be read again in the order written.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aegis/os/temporary_files.h"
#include "aegis/vector/vector.h"

namespace aegis::executor {

using vector::Chunk;
using vector::Vector;

class SpillFile {
 public:
  explicit SpillFile(os::TemporaryFiles& files) : files_(files) {}
  // Thread safe. The chunk may be of any form; all chunks of a file have the same columns.
  void append(const Chunk& chunk);
  uint64_t row_count() const { return rows_; }
  uint64_t bytes() const { return bytes_; }
  // What the rows take in memory, about.
  uint64_t raw_bytes() const { return raw_bytes_; }

  // Reads from the start; several readers may read at once, after the last append.
  class Reader {
   public:
    explicit Reader(const SpillFile& file) : file_(file) {}
    // Fills `out`, which has the columns that were written; false at the end.
    bool next(Chunk& out);

   private:
    const SpillFile& file_;
    uint64_t offset_ = 0;
    std::string compressed_;
    std::string block_;
  };

 private:
  os::TemporaryFiles& files_;
  std::mutex mutex_;
  std::unique_ptr<os::TemporaryFiles::Handle> handle_;  // made by the first append
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
  uint64_t raw_bytes_ = 0;

  void append(const Chunk& chunk, size_t begin, size_t end);
};

// Rows divided by hash, so that each part can be worked on alone. A part that is still too large is divided again, on the next
// level, by other bits of the hash.
class SpillPartitions {
 public:
  static constexpr size_t kCount = 16;
  static constexpr int kLevels = 3;
  // Bits that neither the hash tables' directories nor their tags rest on.
  static size_t of(uint64_t hash, int level = 0) { return (hash >> (40 - 4 * level)) % kCount; }

  SpillPartitions(os::TemporaryFiles& files, size_t workers, int level = 0);
  // Row i of the first `count` goes to the partition of hashes[i]; `chosen` (null: all) says which rows. Each worker number
  // is used by one thread at a time.
  void add(size_t worker, const Chunk& rows, const uint64_t* hashes, const uint32_t* chosen, size_t count);
  // Writes out what is buffered. Call once, after the last add().
  void finish();
  const SpillFile& file(size_t partition) const { return *files_[partition]; }
  uint64_t bytes() const;
  int level() const { return level_; }
  // Whether dividing has achieved nothing.
  bool in_one_part() const;

 private:
  int level_;
  std::vector<std::unique_ptr<SpillFile>> files_;
  std::vector<std::vector<std::unique_ptr<Chunk>>> buffers_;  // by worker and partition
};

}  // namespace aegis::executor
