#include <algorithm>
#include <mutex>
#include <set>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"

namespace aegis::os {
namespace {

class OverlayFileSystem : public FileSystem {
 public:
  explicit OverlayFileSystem(FileSystem& below) : below_(below), changed_(make_memory_file_system()) {}

  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
    std::lock_guard guard(mutex_);
    if (changed_->exists(path)) return changed_->open(path, mode);
    bool there = !removed_.contains(path) && below_.exists(path);
    if (there && mode == OpenMode::Read) return below_.open(path, mode);
    if (!there && (mode == OpenMode::Read || mode == OpenMode::ReadWrite)) return changed_->open(path, mode);
    if (there && mode != OpenMode::Truncate) copy_up(path);
    return changed_->open(path, mode == OpenMode::ReadWrite ? OpenMode::Create : mode);
  }

  bool exists(const std::string& path) override {
    std::lock_guard guard(mutex_);
    return changed_->exists(path) || (!removed_.contains(path) && below_.exists(path));
  }

  void rename(const std::string& from, const std::string& to) override {
    std::lock_guard guard(mutex_);
    if (!changed_->exists(from)) copy_up(from);
    changed_->rename(from, to);
    removed_.insert(from);
  }

  void remove(const std::string& path) override {
    std::lock_guard guard(mutex_);
    changed_->remove(path);
    removed_.insert(path);
  }

  std::vector<std::string> list(const std::string& directory) override {
    std::lock_guard guard(mutex_);
    std::set<std::string> names;
    for (const std::string& name : below_.list(directory)) {
      if (!removed_.contains(directory + "/" + name)) names.insert(name);
    }
    for (const std::string& name : changed_->list(directory)) names.insert(name);
    return {names.begin(), names.end()};
  }

  void create_directories(const std::string& directory) override { changed_->create_directories(directory); }
  void sync_directory(const std::string&) override {}
  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view content) override { return changed_->lock(path, content); }

 private:
  void copy_up(const std::string& path) {
    if (removed_.contains(path)) return;
    changed_->open(path, OpenMode::Truncate)->write_at(0, below_.read_file(path));
  }

  FileSystem& below_;
  std::unique_ptr<FileSystem> changed_;
  std::mutex mutex_;
  std::set<std::string> removed_;  // from below
};

}  // namespace

std::unique_ptr<FileSystem> make_overlay_file_system(FileSystem& below) { return std::make_unique<OverlayFileSystem>(below); }

}  // namespace aegis::os
