// Files behind an interface, so that tests can lose unsynced writes and fail at the n-th call. Paths are plain
// strings with '/'. Every failure is a StorageError (DiskFull for ENOSPC, IoError otherwise) naming the path.
// Thread safe; one File may be used by several threads at different offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aegis::os {

class File {
 public:
  virtual ~File() = default;
  // Returns the bytes read, fewer than asked for only at the end of the file.
  virtual size_t read_at(uint64_t offset, std::span<char> out) = 0;
  virtual void write_at(uint64_t offset, std::string_view data) = 0;
  virtual void append(std::string_view data) = 0;
  virtual void truncate(uint64_t size) = 0;
  // What was written survives a power loss once this returns. A failure leaves the file's state unknown.
  virtual void sync() = 0;
  virtual uint64_t size() = 0;
};

// Held while the object lives.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class OpenMode : uint8_t {
  Read,       // must exist
  ReadWrite,  // must exist
  Create,     // created if absent, kept if present
  Truncate,   // created or emptied
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::unique_ptr<File> open(const std::string& path, OpenMode mode) = 0;
  virtual bool exists(const std::string& path) = 0;
  // Replaces `to` atomically. Durable after sync_directory of its directory.
  virtual void rename(const std::string& from, const std::string& to) = 0;
  // An absent file is not an error.
  virtual void remove(const std::string& path) = 0;
  // Names (not paths) in a directory, sorted; empty if it does not exist.
  virtual std::vector<std::string> list(const std::string& directory) = 0;
  // Creates the directory and its parents.
  virtual void create_directories(const std::string& directory) = 0;
  virtual void sync_directory(const std::string& directory) = 0;
  // Creates `path` holding `content` and locks it against other processes and other holders in this one.
  // Null when somebody holds it.
  virtual std::unique_ptr<FileLock> lock(const std::string& path, std::string_view content) = 0;
  // True when nothing survives the process: callers may skip work that only serves durability.
  virtual bool is_volatile() const { return false; }

  std::string read_file(const std::string& path);
  // Writes a temporary file beside `path`, syncs it and renames it over: after a crash the old content or the new.
  void write_file_atomically(const std::string& path, std::string_view content);
};

std::unique_ptr<FileSystem> make_local_file_system();
std::unique_ptr<FileSystem> make_memory_file_system();

// Injects faults into a memory file system, from a seed. For tests.
class FaultyFileSystem : public FileSystem {
 public:
  explicit FaultyFileSystem(uint64_t seed);
  ~FaultyFileSystem() override;

  // The n-th call that changes something (1 = the next) and every later one fails as if the machine had died.
  void crash_after(uint64_t calls);
  // The n-th changing call fails once with EIO, or every later write fails with ENOSPC until space is given back.
  void fail_io_after(uint64_t calls);
  void fail_space_after(uint64_t calls);
  void restore_space();
  bool crashed() const;
  // Changing calls so far.
  uint64_t call_count() const;
  // What a machine finds after the power came back: unsynced writes are kept, dropped or torn at random, unsynced
  // renames and creations are undone at random. Faults are cleared and locks released; open Files are dead.
  void restart();

  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
  bool exists(const std::string& path) override;
  void rename(const std::string& from, const std::string& to) override;
  void remove(const std::string& path) override;
  std::vector<std::string> list(const std::string& directory) override;
  void create_directories(const std::string& directory) override;
  void sync_directory(const std::string& directory) override;
  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view content) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace aegis::os
