// Files that a query puts aside and that nobody needs after it. Not durable; removed with their handle, and those an
// earlier process left behind are removed at start. Thread safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "aegis/os/file_system.h"

namespace aegis::os {

class TemporaryFiles {
 public:
  // Both arguments' FileSystem must outlive this and every file. Empties the directory; creates it when first needed.
  TemporaryFiles(FileSystem& files, std::string directory);

  class Handle {
   public:
    Handle(TemporaryFiles& owner, std::string path);
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    void append(std::string_view data);
    size_t read_at(uint64_t offset, std::span<char> out) { return file_->read_at(offset, out); }

   private:
    TemporaryFiles& owner_;
    std::string path_;
    std::unique_ptr<File> file_;
  };
  std::unique_ptr<Handle> create();

  uint64_t files_created() const { return next_.load(std::memory_order_relaxed); }
  uint64_t bytes_written() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  FileSystem& files_;
  std::string directory_;
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace aegis::os
