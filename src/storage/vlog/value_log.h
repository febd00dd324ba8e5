// Large values, written once and pointed to (Lu et al.: "WiscKey", FAST 2016). Files <n>.vlog hold records:
//
//   size of the key (4) | size of the value (4) | CRC-32C of these and the key (4) | key | value | CRC-32C of the value (4)
//
// A pointer names the value with its checksum, so that the buffer pool can read it as a block. Files are appended to by
// one writer at a time, never after a restart, and are deleted when what lives in them has been written anew and nobody
// has a snapshot from before. Records gather in memory until kTailBytes are there or write_out() is called; readers
// find them there.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aegis/os/file_system.h"
#include "cache/buffer_pool.h"
#include "use_gate.h"

namespace aegis::storage {

struct ValuePointer {
  uint64_t file = 0;
  uint64_t offset = 0;
  uint32_t length = 0;  // with the checksum

  friend bool operator==(const ValuePointer&, const ValuePointer&) = default;
  void encode(std::string& out) const;
  bool decode(std::string_view in);
};

class ValueLog {
 public:
  struct Options {
    uint64_t file_bytes = 64 << 20;
    bool sync = true;
  };
  ValueLog(os::FileSystem& files, BufferPool& pool, std::string directory, Options options);
  // Finds the files there are; `known` is what encode() gave. False when that is malformed.
  ~ValueLog();
  bool open(std::string_view known);
  std::string encode() const;

  // Callers of these are serialized.
  ValuePointer append(std::string_view key, std::string_view value);
  void write_out();
  void sync();
  // Everything before it is durable.
  ValuePointer durable() const { return durable_; }
  // What is to be synced, which needs no serialization, for what was appended so far to be durable.
  struct SyncPoint {
    std::vector<std::shared_ptr<os::File>> files;
    ValuePointer end;
    explicit operator bool() const { return !files.empty(); }
  };
  SyncPoint sync_point();
  void synced(const SyncPoint& point);

  // False when the file is gone, because the value has moved. Throws StorageError XX001 for damage.
  bool read(const ValuePointer& pointer, std::string& value) const;
  // What a pointer names is not needed any more.
  void add_garbage(const ValuePointer& pointer);

  struct FileInfo {
    uint64_t number;
    uint64_t size_bytes;
    uint64_t garbage_bytes;
  };
  std::vector<FileInfo> files() const;
  std::string path_of(uint64_t number) const;
  // The file not written any more with the largest part of garbage, if that is above `ratio`.
  std::optional<uint64_t> collectable(double ratio) const;
  // Visits the whole records of a file until one is torn; false if one is.
  bool for_each(uint64_t number, const std::function<void(std::string_view key, const ValuePointer& pointer)>& visit) const;
  // The file is not collectable any more.
  void keep(uint64_t number);
  // The file's values have been written anew by sequences up to this one.
  void retire(uint64_t number, uint64_t sequence);
  // Deletes files retired before all snapshots from `oldest` on.
  void remove_retired(uint64_t oldest);

 private:
  static constexpr size_t kTailBytes = 256 << 10;
  struct File {
    std::unique_ptr<BlockFile> file;
    uint64_t size = 0;
    uint64_t garbage = 0;
    std::optional<uint64_t> retired_at;
    bool kept = false;
  };
  using FileMap = std::map<uint64_t, std::shared_ptr<File>>;
  std::shared_ptr<File> find(uint64_t number) const;
  void begin_file();
  // With mutex_ held: readers get the present files_.
  const FileMap* show_files();
  bool read_tail(const ValuePointer& pointer, std::string& value) const;

  os::FileSystem& file_system_;
  BufferPool& pool_;
  const std::string directory_;
  const Options options_;
  mutable std::mutex mutex_;  // guards files_ and what is in it but `file`
  FileMap files_;
  mutable UseGate readers_;
  std::atomic<const FileMap*> shown_{nullptr};  // a copy of files_ that does not change
  uint64_t next_number_ = 1;

  std::shared_ptr<os::File> active_;
  std::atomic<uint64_t> active_number_{0};
  std::atomic<uint64_t> active_size_{0};
  mutable std::mutex tail_mutex_;  // guards the next two against readers
  std::string tail_;               // the end of the active file, not yet written to it
  uint64_t tail_start_ = 0;
  bool unsynced_ = false;
  std::vector<std::pair<uint64_t, std::shared_ptr<os::File>>> unsynced_files_;  // before the active one, by number
  ValuePointer durable_;
};

}  // namespace aegis::storage
