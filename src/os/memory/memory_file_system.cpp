#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"

namespace aegis::os {
namespace {

// In chunks, so that a file that grows is not copied.
struct Content {
  static constexpr uint64_t kChunkBytes = 64 << 10;
  std::shared_mutex mutex;
  std::vector<std::unique_ptr<char[]>> chunks;
  uint64_t size = 0;

  // Calls back with the parts of [offset, offset + count): memory, how far from the start, how many.
  template <typename F>
  void for_parts(uint64_t offset, uint64_t count, F&& visit) {
    for (uint64_t done = 0; done < count;) {
      uint64_t within = (offset + done) % kChunkBytes;
      uint64_t part = std::min(count - done, kChunkBytes - within);
      visit(chunks[(offset + done) / kChunkBytes].get() + within, done, part);
      done += part;
    }
  }
  void grow(uint64_t to) {
    while (chunks.size() * kChunkBytes < to) chunks.emplace_back(new char[kChunkBytes]);
    size = std::max(size, to);
  }
  void zero(uint64_t from, uint64_t to) {
    for_parts(from, to - from, [](char* at, uint64_t, uint64_t count) { std::memset(at, 0, count); });
  }
  void write(uint64_t offset, std::string_view data) {
    uint64_t before = size;
    grow(offset + data.size());
    if (offset > before) zero(before, offset);
    for_parts(offset, data.size(), [&](char* at, uint64_t from, uint64_t count) { std::memcpy(at, data.data() + from, count); });
  }
};

class MemoryFile : public File {
 public:
  explicit MemoryFile(std::shared_ptr<Content> content) : content_(std::move(content)) {}

  size_t read_at(uint64_t offset, std::span<char> out) override {
    std::shared_lock guard(content_->mutex);
    if (offset >= content_->size) return 0;
    uint64_t count = std::min<uint64_t>(out.size(), content_->size - offset);
    content_->for_parts(offset, count, [&](char* at, uint64_t from, uint64_t part) { std::memcpy(out.data() + from, at, part); });
    return count;
  }

  void write_at(uint64_t offset, std::string_view data) override {
    std::lock_guard guard(content_->mutex);
    content_->write(offset, data);
  }

  void append(std::string_view data) override {
    std::lock_guard guard(content_->mutex);
    content_->write(content_->size, data);
  }

  void truncate(uint64_t size) override {
    std::lock_guard guard(content_->mutex);
    uint64_t before = content_->size;
    if (size > before) {
      content_->grow(size);
      content_->zero(before, size);
    } else {
      content_->size = size;
      content_->chunks.resize((size + Content::kChunkBytes - 1) / Content::kChunkBytes);
    }
  }

  void sync() override {}

  uint64_t size() override {
    std::shared_lock guard(content_->mutex);
    return content_->size;
  }

 private:
  std::shared_ptr<Content> content_;
};

struct Names {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Content>> files;
  std::set<std::string> locked;
};

class MemoryLock : public FileLock {
 public:
  MemoryLock(std::shared_ptr<Names> names, std::string path) : names_(std::move(names)), path_(std::move(path)) {}
  ~MemoryLock() override {
    std::lock_guard guard(names_->mutex);
    names_->locked.erase(path_);
  }

 private:
  std::shared_ptr<Names> names_;
  std::string path_;
};

class MemoryFileSystem : public FileSystem {
 public:
  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
    std::lock_guard guard(names_->mutex);
    auto found = names_->files.find(path);
    if (found == names_->files.end()) {
      if (mode == OpenMode::Read || mode == OpenMode::ReadWrite) {
        throw StorageError(Sqlstate::IoError, fmt::format("could not open file \"{}\": No such file or directory", path));
      }
      found = names_->files.emplace(path, std::make_shared<Content>()).first;
    }
    auto file = std::make_unique<MemoryFile>(found->second);
    if (mode == OpenMode::Truncate) file->truncate(0);
    return file;
  }

  bool exists(const std::string& path) override {
    std::lock_guard guard(names_->mutex);
    if (names_->files.contains(path)) return true;
    auto next = names_->files.lower_bound(path + "/");
    return next != names_->files.end() && next->first.starts_with(path + "/");
  }

  void rename(const std::string& from, const std::string& to) override {
    std::lock_guard guard(names_->mutex);
    auto found = names_->files.find(from);
    if (found == names_->files.end()) {
      throw StorageError(Sqlstate::IoError, fmt::format("could not rename file \"{}\": No such file or directory", from));
    }
    names_->files[to] = found->second;
    names_->files.erase(from);
  }

  void remove(const std::string& path) override {
    std::lock_guard guard(names_->mutex);
    names_->files.erase(path);
  }

  std::vector<std::string> list(const std::string& directory) override {
    std::lock_guard guard(names_->mutex);
    std::set<std::string> names;
    std::string prefix = directory + "/";
    for (auto it = names_->files.lower_bound(prefix); it != names_->files.end() && it->first.starts_with(prefix); ++it) {
      std::string rest = it->first.substr(prefix.size());
      names.insert(rest.substr(0, rest.find('/')));
    }
    return {names.begin(), names.end()};
  }

  void create_directories(const std::string&) override {}
  void sync_directory(const std::string&) override {}

  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view) override {
    std::lock_guard guard(names_->mutex);
    if (!names_->locked.insert(path).second) return nullptr;
    return std::make_unique<MemoryLock>(names_, path);
  }

  bool is_volatile() const override { return true; }

 private:
  std::shared_ptr<Names> names_ = std::make_shared<Names>();
};

}  // namespace

std::unique_ptr<FileSystem> make_memory_file_system() { return std::make_unique<MemoryFileSystem>(); }

}  // namespace aegis::os
