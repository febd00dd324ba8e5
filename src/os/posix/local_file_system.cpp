#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/os/process.h"

namespace aegis::os {

int process_id() { return static_cast<int>(::getpid()); }

void ask_for_reload() { ::kill(::getpid(), SIGHUP); }

namespace {

[[noreturn]] void throw_errno(int error, std::string_view action, std::string_view path) {
  Sqlstate state = error == ENOSPC || error == EDQUOT ? Sqlstate::DiskFull : Sqlstate::IoError;
  throw StorageError(state, fmt::format("could not {} \"{}\": {}", action, path, std::strerror(error)));
}

class LocalFile : public File {
 public:
  LocalFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~LocalFile() override { ::close(fd_); }

  size_t read_at(uint64_t offset, std::span<char> out) override {
    size_t done = 0;
    while (done < out.size()) {
      ssize_t n = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n == 0) break;
      if (n < 0) {
        if (errno == EINTR) continue;
        throw_errno(errno, "read file", path_);
      }
      done += static_cast<size_t>(n);
    }
    return done;
  }

  void write_at(uint64_t offset, std::string_view data) override {
    while (!data.empty()) {
      ssize_t n = ::pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset));
      if (n < 0) {
        if (errno == EINTR) continue;
        throw_errno(errno, "write to file", path_);
      }
      offset += static_cast<uint64_t>(n);
      data.remove_prefix(static_cast<size_t>(n));
    }
  }

  void append(std::string_view data) override { write_at(size(), data); }

  void truncate(uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) throw_errno(errno, "truncate file", path_);
  }

  void reserve(uint64_t size) override {
    if (this->size() >= size) return;
    int error = ::posix_fallocate(fd_, 0, static_cast<off_t>(size));
    if (error == EOPNOTSUPP || error == EINVAL) return File::reserve(size);
    if (error != 0) throw_errno(error, "extend file", path_);
  }

  void sync() override {
    if (::fdatasync(fd_) != 0) throw_errno(errno, "fsync file", path_);
  }

  uint64_t size() override {
    struct stat info;
    if (::fstat(fd_, &info) != 0) throw_errno(errno, "stat file", path_);
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  int fd_;
  std::string path_;
};

class LocalLock : public FileLock {
 public:
  LocalLock(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~LocalLock() override {
    ::unlink(path_.c_str());
    ::close(fd_);
  }

 private:
  int fd_;
  std::string path_;
};

class LocalFileSystem : public FileSystem {
 public:
  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::Read: flags |= O_RDONLY; break;
      case OpenMode::ReadWrite: flags |= O_RDWR; break;
      case OpenMode::Create: flags |= O_RDWR | O_CREAT; break;
      case OpenMode::Truncate: flags |= O_RDWR | O_CREAT | O_TRUNC; break;
    }
    int fd = ::open(path.c_str(), flags, 0600);
    if (fd < 0) throw_errno(errno, "open file", path);
    return std::make_unique<LocalFile>(fd, path);
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  void rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) throw_errno(errno, "rename file", from);
  }

  void remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw_errno(errno, "remove file", path);
  }

  std::vector<std::string> list(const std::string& directory) override {
    std::vector<std::string> names;
    DIR* dir = ::opendir(directory.c_str());
    if (dir == nullptr) {
      if (errno == ENOENT) return names;
      throw_errno(errno, "open directory", directory);
    }
    while (dirent* entry = ::readdir(dir)) {
      std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(std::move(name));
    }
    ::closedir(dir);
    std::sort(names.begin(), names.end());
    return names;
  }

  void create_directories(const std::string& directory) override {
    for (size_t at = 1; at <= directory.size(); ++at) {
      if (at != directory.size() && directory[at] != '/') continue;
      std::string part = directory.substr(0, at);
      if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) throw_errno(errno, "create directory", part);
    }
  }

  void sync_directory(const std::string& directory) override {
    int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) throw_errno(errno, "open directory", directory);
    int result = ::fsync(fd);
    int error = errno;
    ::close(fd);
    if (result != 0) throw_errno(error, "fsync directory", directory);
  }

  PathKind kind_of(const std::string& path) override {
    struct stat info;
    if (::lstat(path.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return PathKind::Absent;
      throw_errno(errno, "stat file", path);
    }
    return S_ISREG(info.st_mode) ? PathKind::File : S_ISDIR(info.st_mode) ? PathKind::Directory : S_ISLNK(info.st_mode) ? PathKind::Link : PathKind::Other;
  }

  void create_link(const std::string& target, const std::string& path) override {
    if (::symlink(target.c_str(), path.c_str()) != 0) throw_errno(errno, "create symbolic link", path);
  }

  std::string read_link(const std::string& path) override {
    std::string target(4096, '\0');
    ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    target.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return target;
  }

  void remove_directory(const std::string& path) override {
    bool link = kind_of(path) == PathKind::Link;
    int result = link ? ::unlink(path.c_str()) : ::rmdir(path.c_str());
    if (result != 0 && errno != ENOENT) throw_errno(errno, link ? "remove symbolic link" : "remove directory", path);
  }

  bool owns(const std::string& path) override { return ::chmod(path.c_str(), 0700) == 0; }

  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view content) override {
    for (;;) {
      int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (fd < 0) throw_errno(errno, "create lock file", path);
      if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int error = errno;
        ::close(fd);
        if (error == EWOULDBLOCK) return nullptr;
        throw_errno(error, "lock file", path);
      }
      // The former holder may have unlinked the file between our open and our lock.
      struct stat ours, named;
      if (::fstat(fd, &ours) != 0 || ::stat(path.c_str(), &named) != 0 || ours.st_ino != named.st_ino) {
        ::close(fd);
        continue;
      }
      auto result = std::make_unique<LocalLock>(fd, path);
      if (::ftruncate(fd, 0) != 0 ||
          ::pwrite(fd, content.data(), content.size(), 0) != static_cast<ssize_t>(content.size())) {
        throw_errno(errno, "write lock file", path);
      }
      return result;
    }
  }
};

}  // namespace

std::unique_ptr<FileSystem> make_local_file_system() { return std::make_unique<LocalFileSystem>(); }

}  // namespace aegis::os
