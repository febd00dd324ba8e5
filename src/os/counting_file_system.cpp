#include <atomic>
#include <map>
#include <mutex>

#include "aegis/os/clock.h"
#include "aegis/os/file_system.h"

namespace aegis::os {

struct CountingFileSystem::Counters {
  std::atomic<uint64_t> reads{0}, read_bytes{0}, writes{0}, write_bytes{0}, syncs{0}, sync_us{0};
};

struct CountingFileSystem::Kinds {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Counters>> by_name;
};

class CountingFileSystem::CountedFile : public File {
 public:
  CountedFile(std::unique_ptr<File> file, std::shared_ptr<Counters> counters)
      : file_(std::move(file)), counters_(std::move(counters)) {}

  size_t read_at(uint64_t offset, std::span<char> out) override {
    size_t count = file_->read_at(offset, out);
    counters_->reads.fetch_add(1, std::memory_order_relaxed);
    counters_->read_bytes.fetch_add(count, std::memory_order_relaxed);
    return count;
  }
  void write_at(uint64_t offset, std::string_view data) override {
    file_->write_at(offset, data);
    count_write(data.size());
  }
  void append(std::string_view data) override {
    file_->append(data);
    count_write(data.size());
  }
  void truncate(uint64_t size) override { file_->truncate(size); }
  void reserve(uint64_t size) override { file_->reserve(size); }
  void sync() override {
    int64_t begun = system_clock().monotonic_us();
    file_->sync();
    counters_->syncs.fetch_add(1, std::memory_order_relaxed);
    counters_->sync_us.fetch_add(static_cast<uint64_t>(system_clock().monotonic_us() - begun), std::memory_order_relaxed);
  }
  uint64_t size() override { return file_->size(); }

 private:
  void count_write(size_t bytes) {
    counters_->writes.fetch_add(1, std::memory_order_relaxed);
    counters_->write_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }

  std::unique_ptr<File> file_;
  std::shared_ptr<Counters> counters_;
};

CountingFileSystem::CountingFileSystem(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)), kinds_(std::make_unique<Kinds>()) {}

CountingFileSystem::~CountingFileSystem() = default;

std::shared_ptr<CountingFileSystem::Counters> CountingFileSystem::counters_of(const std::string& path) {
  std::string kind;
  if (path.starts_with(directory_ + "/")) {
    size_t end = path.find('/', directory_.size() + 1);
    if (end != std::string::npos) kind = path.substr(directory_.size() + 1, end - directory_.size() - 1);
  }
  std::lock_guard guard(kinds_->mutex);
  auto& counters = kinds_->by_name[kind];
  if (counters == nullptr) counters = std::make_shared<Counters>();
  return counters;
}

std::unique_ptr<File> CountingFileSystem::open(const std::string& path, OpenMode mode) {
  return std::make_unique<CountedFile>(files_.open(path, mode), counters_of(path));
}

std::vector<IoCounts> CountingFileSystem::counts() const {
  std::vector<IoCounts> list;
  std::lock_guard guard(kinds_->mutex);
  for (const auto& [name, c] : kinds_->by_name) {
    list.push_back({name, c->reads, c->read_bytes, c->writes, c->write_bytes, c->syncs, c->sync_us});
  }
  return list;
}

}  // namespace aegis::os
