// An ordered map from byte strings to byte strings that lives on disk: a log-structured merge tree with snapshots and
// atomic batches. It is a database of its own, apart from Engine's tables and transactions.
//
// A write is in the log when write() returns, and survives a crash if it was synchronous; of writes that were not, a
// crash takes the last ones, never one before another. Synchronous writes of several threads share a sync. All functions are thread safe; failures are StorageErrors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/os/fwd.h"

namespace aegis::storage {

class BufferPool;

struct KeyValueOptions {
  // Adaptive: whichever of the others has cost least of late, as measured.
  enum class Compaction : uint8_t { Leveled, Tiered, Flexible, Adaptive };
  enum class Filter : uint8_t { None, Bloom, Ribbon };

  enum class Memtable : uint8_t { SkipList, AdaptiveRadixTree, BTree };

  size_t memtable_bytes = 64 << 20;
  Memtable memtable = Memtable::AdaptiveRadixTree;
  size_t block_bytes = 4096;
  size_t file_bytes = 32 << 20;
  size_t level_1_bytes = 64 << 20;
  uint32_t level_ratio = 8;
  uint32_t runs_at_level_0 = 4;
  bool compress = false;
  bool learned_index = true;
  Filter filter = Filter::Bloom;
  Compaction compaction = Compaction::Leveled;
  size_t cache_bytes = 128 << 20;
  // Values of at least this size are written once, to the value log, and not again by compactions; 0: none are. Files of
  // it with this part of garbage or more are cleaned.
  size_t value_separation_threshold = 1024;
  size_t value_file_bytes = 64 << 20;
  double value_garbage_ratio = 0.5;
  uint64_t compaction_bytes_per_second = 0;  // 0: no bound
  bool log = true;    // without it what is not flushed is lost when the process ends
  bool fsync = true;
  bool background = true;  // false: flush() and compact() are called by hand (tests)
};

class KeyValueBatch {
 public:
  void put(std::string_view key, std::string_view value);
  void remove(std::string_view key);
  void clear();
  size_t count() const { return count_; }

 private:
  friend class KeyValueStore;
  friend class KeyValueTree;
  std::string bytes_;
  size_t count_ = 0;
};

struct KeyValueStats {
  struct Level {
    uint32_t level;
    uint64_t runs, files, size_bytes;
  };
  std::vector<Level> levels;
  uint64_t memtable_bytes = 0;
  uint64_t user_bytes = 0;  // keys and values written
  uint64_t log_bytes = 0;
  uint64_t flushed_bytes = 0;
  uint64_t compaction_read_bytes = 0;
  uint64_t compaction_written_bytes = 0;
  uint64_t disk_bytes = 0;             // of sorted files
  uint64_t value_log_written_bytes = 0;
  uint64_t value_log_files = 0;
  uint64_t value_log_bytes = 0;        // now on disk
  uint64_t value_log_garbage_bytes = 0;
  uint64_t gets = 0;
  uint64_t files_asked = 0;  // by gets that memory could not answer
  uint64_t filtered = 0;     // of those, answered by a filter
  uint64_t learned_hits = 0;
  uint64_t learned_misses = 0;
  uint64_t cache_hits = 0;
  uint64_t cache_misses = 0;

  double write_amplification() const {
    auto written = static_cast<double>(flushed_bytes + compaction_written_bytes + value_log_written_bytes);
    return user_bytes == 0 ? 0 : written / static_cast<double>(user_bytes);
  }
};

class KeyValueStore {
 public:
  // Opens or creates. Throws StorageError XX001 for damage. The FileSystem must outlive the store.
  static std::unique_ptr<KeyValueStore> open(os::FileSystem& files, const std::string& directory,
                                             const KeyValueOptions& options);
  virtual ~KeyValueStore() = default;

  // What the store held at one moment. Must not outlive the store.
  class Snapshot {
   public:
    virtual ~Snapshot() = default;
    virtual uint64_t sequence() const = 0;
  };
  virtual std::shared_ptr<const Snapshot> snapshot() = 0;

  struct WriteOptions {
    bool synchronous = false;
  };
  virtual void write(const KeyValueBatch& batch, WriteOptions options) = 0;
  void write(const KeyValueBatch& batch) { write(batch, WriteOptions()); }
  void put(std::string_view key, std::string_view value);
  void remove(std::string_view key);

  // False if the key is not there.
  virtual bool get(std::string_view key, std::string& value, const Snapshot* snapshot = nullptr) = 0;

  struct Range {
    std::optional<std::string> lower;  // included
    std::optional<std::string> upper;  // not included
    bool backward = false;
  };
  class Cursor {
   public:
    virtual ~Cursor() = default;
    virtual bool valid() const = 0;
    virtual const std::string& key() const = 0;
    virtual const std::string& value() const = 0;
    virtual void advance() = 0;
  };
  // Without a snapshot, one of now. Must not outlive the store.
  virtual std::unique_ptr<Cursor> scan(const Range& range, std::shared_ptr<const Snapshot> snapshot = nullptr) = 0;

  // Writes memory out as files.
  virtual void flush() = 0;
  // Merges until nothing is due, or `everything` into one run; cleans the value log.
  virtual void compact(bool everything = false) = 0;
  // Reads every file and checks it.
  virtual void verify() = 0;
  virtual KeyValueStats stats() const = 0;
};

}  // namespace aegis::storage
