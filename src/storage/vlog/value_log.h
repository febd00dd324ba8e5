// Large values, written once and pointed to (Lu et al.: "WiscKey", FAST 2016). Files <n>.vlog hold records:
//
//   size of the key (4) | size of the value (4) | CRC-32C of these and the key (4) | key | value | CRC-32C of the value (4)
//
// A pointer names the value with its checksum, so that the buffer pool can read it as a block. Files are appended to by
// one writer at a time, never after a restart, and are deleted when what lives in them has been written anew and nobody
// has a snapshot from before.
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
  bool open(std::string_view known);
  std::string encode() const;

  // Callers of these are serialized.
  ValuePointer append(std::string_view key, std::string_view value);
  void sync();
  // Everything before it is durable.
  ValuePointer durable() const { return durable_; }

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
  // The file not written any more with the largest part of garbage, if that is above `ratio`.
  std::optional<uint64_t> collectable(double ratio) const;
  // Visits the whole records of a file until one is torn.
  void for_each(uint64_t number, const std::function<void(std::string_view key, const ValuePointer& pointer)>& visit) const;
  // The file's values have been written anew by sequences up to this one.
  void retire(uint64_t number, uint64_t sequence);
  // Deletes files retired before all snapshots from `oldest` on.
  void remove_retired(uint64_t oldest);

 private:
  struct File {
    std::unique_ptr<BlockFile> file;
    uint64_t size = 0;
    uint64_t garbage = 0;
    std::optional<uint64_t> retired_at;
  };
  std::string path_of(uint64_t number) const;
  std::shared_ptr<File> find(uint64_t number) const;
  void begin_file();

  os::FileSystem& file_system_;
  BufferPool& pool_;
  const std::string directory_;
  const Options options_;
  mutable std::mutex mutex_;  // guards files_ and what is in it but `file`
  std::map<uint64_t, std::shared_ptr<File>> files_;
  uint64_t next_number_ = 1;

  std::unique_ptr<os::File> active_;
  std::atomic<uint64_t> active_number_{0};
  uint64_t active_size_ = 0;
  bool unsynced_ = false;
  ValuePointer durable_;
};

}  // namespace aegis::storage
