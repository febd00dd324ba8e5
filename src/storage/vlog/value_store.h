// Large values of tables, apart from their rows: written once, when a row moves to a segment, and referred to from there on,
// by row groups and by versions that were made from their rows (Lu et al.: "WiscKey", FAST 2016).
//
// A file <n>.vlog begins with a magic number; values follow, each a block of the buffer pool: how it is compressed (1), the
// bytes, CRC-32C (4). A file is synced, and its name, before anything refers to it; numbers are not used again in one life.
//
// Whoever refers to a file holds a use of it: row groups and versions, so that nobody who can read a reference finds the file
// gone. Nobody makes a reference but from another one that is held. So a file without users has none for good, and a
// checkpoint removes what had none when it began: the log behind its redo position does not have it either.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aegis/os/file_system.h"
#include "aegis/storage/table.h"
#include "cache/buffer_pool.h"

namespace aegis {
class Arena;
}

namespace aegis::storage {

namespace lsm {
class IoBudget;
}

class ValueFile {
 public:
  ValueFile(uint64_t number, std::string path) : number_(number), path_(std::move(path)) {}
  uint64_t number() const { return number_; }
  const std::string& path() const { return path_; }
  uint64_t size_bytes() const { return size_.load(std::memory_order_relaxed); }
  void use() { uses_.fetch_add(1, std::memory_order_relaxed); }
  // The last one frees it; what it is on disk stays.
  void release() {
    if (uses_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  friend class ValueStore;
  friend class ValueWriter;
  ~ValueFile();

  const uint64_t number_;
  const std::string path_;
  std::atomic<int64_t> uses_{1};  // the store's own is one
  std::atomic<uint64_t> size_{0};
  BufferPool* pool_ = nullptr;
  std::unique_ptr<BlockFile> file_;  // null until open_all() during recovery
};

// Where a value is, and what can be known of it without reading it.
struct ValueReference {
  static constexpr uint32_t kHeadBytes = 1;
  ValueFile* file = nullptr;
  uint64_t offset = 0;
  uint32_t length = 0;      // on disk, with head and checksum
  uint32_t size_bytes = 0;  // of the value
  uint64_t hash = 0;        // value_hash()
  int64_t zone_key = 0;     // string_zone_key()
};

class ValueStore;

// Appends values to files of its own. Thread safe.
class ValueWriter {
 public:
  // `budget`: for what is written, if any.
  explicit ValueWriter(ValueStore& store, lsm::IoBudget* budget = nullptr) : store_(store), budget_(budget) {}
  // Removes what was not flushed.
  ~ValueWriter();
  ValueWriter(const ValueWriter&) = delete;
  ValueWriter& operator=(const ValueWriter&) = delete;

  // Values of at least so many bytes are to be added; 0: none.
  size_t threshold() const;
  // The references are good to read once flush() was called, and the files are held until the writer is gone.
  ValueReference add(std::string_view value, ColumnCompression compression);
  // The same value at another place.
  ValueReference move(const ValueReference& from);
  void flush(bool sync);

 private:
  ValueReference append(std::string_view head_and_bytes);
  void write_out();

  ValueStore& store_;
  lsm::IoBudget* const budget_;
  std::mutex mutex_;
  std::vector<ValueFile*> files_;  // all, the last of which is being written
  std::vector<std::shared_ptr<os::File>> unsynced_;
  std::string buffer_;
  uint64_t written_ = 0;
  bool flushed_ = false;
};

// All files of values of a data directory.
class ValueStore {
 public:
  ValueStore(os::FileSystem& files, BufferPool& pool, std::string directory);
  ~ValueStore();

  void set_threshold(size_t bytes) { threshold_.store(bytes, std::memory_order_relaxed); }
  size_t threshold() const { return threshold_.load(std::memory_order_relaxed); }

  // The file of that number with a use for the caller. During recovery it need not be there yet, nor ever, if all that
  // refers to it goes away again.
  ValueFile* acquire(uint64_t number);
  // The end of recovery: opens what is in use. Throws StorageError XX001 for what is missing.
  void open_all();

  // Fills `out` (`size_bytes` long). Throws StorageError XX001 for damage.
  void read(const ValueReference& reference, char* out) const;
  // To memory of the arena.
  types::StringView read(const ValueReference& reference, Arena& heap) const;

  struct FileInfo {
    uint64_t number;
    std::string path;
    uint64_t size_bytes;
  };
  std::string path_of(uint64_t number) const;
  std::vector<FileInfo> files() const;
  bool empty() const;
  // Those nobody refers to any more.
  std::vector<uint64_t> unused() const;
  // Removes files that unused() has named, and others in the directory that are nobody's.
  void remove(const std::vector<uint64_t>& numbers);
  void remove_strangers();

 private:
  friend class ValueWriter;
  static constexpr uint64_t kFileBytes = 64 << 20;
  // A new file, with a use for the caller besides the store's.
  ValueFile* create();
  void open(ValueFile& file);

  os::FileSystem& file_system_;
  BufferPool& pool_;
  const std::string directory_;
  std::atomic<size_t> threshold_{0};
  mutable std::mutex mutex_;  // guards what follows
  std::map<uint64_t, ValueFile*> files_;
  uint64_t next_number_ = 1;
};

}  // namespace aegis::storage
