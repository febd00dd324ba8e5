// The log of a KeyValueStore: one file a memtable. A record is size (4), CRC-32C of the payload (4), payload; a payload
// is the sequence of the batch's first entry (8), the place up to which the value log was durable then (two varints), and
// the batch. What is behind the last whole record was never
// acknowledged as durable.
#pragma once

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
  // To be synced by whoever has called write_out().
  std::shared_ptr<os::File> file() const { return file_; }
  uint64_t size_bytes() const { return size_; }

  // Calls back with every whole record. True if the file ends behind one.
  static bool read(os::FileSystem& files, const std::string& path, const std::function<void(std::string_view)>& visit);

 private:
  std::shared_ptr<os::File> file_;
  std::string buffer_;
  uint64_t size_ = 0;
};

}  // namespace aegis::storage::lsm
