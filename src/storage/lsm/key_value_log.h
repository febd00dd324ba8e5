// The log of a KeyValueStore: one file a memtable. A record is size (4), CRC-32C of the payload (4), how far the file was synced
// when it was written (8), CRC-32C of these and of the record's place (4), payload; a payload is the sequence of the batch's
// first entry (8), the place up to which the value log was durable then (two varints), and the batch. What is behind the last
// whole record was never acknowledged as durable, unless a record farther on says that it was: then the file is damaged.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aegis/os/file_system.h"

namespace aegis::storage::lsm {

class KeyValueLog {
 public:
  KeyValueLog(os::FileSystem& files, const std::string& path) : file_(files.open(path, os::OpenMode::Truncate)) {}
  // Callers are serialized. The payload is `head` and `body`.
  void append(std::string_view head, std::string_view body);
  void write_out();
  void sync();
  // To be synced by whoever has called write_out(), who then says up to which size.
  std::shared_ptr<os::File> file() const { return file_; }
  void synced(uint64_t size_bytes) { synced_ = std::max(synced_, size_bytes); }
  uint64_t size_bytes() const { return size_; }

  // Calls back with every whole record. True if the file ends behind one. Throws StorageError XX001 for damage.
  static bool read(os::FileSystem& files, const std::string& path, const std::function<void(std::string_view)>& visit);

 private:
  std::shared_ptr<os::File> file_;
  std::string buffer_;
  uint64_t size_ = 0;
  uint64_t synced_ = 0;
};

}  // namespace aegis::storage::lsm
