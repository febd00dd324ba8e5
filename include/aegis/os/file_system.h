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
  // Grows the file to `size` with zeros for which there is space: writing there does not fail with DiskFull.
  virtual void reserve(uint64_t size);
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
  // What is at a path, not following a link.
  enum class PathKind : uint8_t { Absent, File, Directory, Link, Other };
  virtual PathKind kind_of(const std::string& path);
  // A name for a directory elsewhere; where there are no links, a directory of its own.
  virtual void create_link(const std::string& target, const std::string& path);
  // Empty if it is no link.
  virtual std::string read_link(const std::string& path);
  // An empty directory or a link; one that is absent is not an error.
  virtual void remove_directory(const std::string& path);
  // The directory is the process's own user's (who can make it private).
  virtual bool owns(const std::string&) { return true; }
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

// Shows `below`, which must outlive it and does not change: changes are kept in memory, whole files at a time.
std::unique_ptr<FileSystem> make_overlay_file_system(FileSystem& below);

// What was asked of files, by the folder they are in: "wal", "seg", …; "" for the data directory itself.
struct IoCounts {
  std::string kind;
  uint64_t reads = 0;
  uint64_t read_bytes = 0;
  uint64_t writes = 0;
  uint64_t write_bytes = 0;
  uint64_t syncs = 0;
  uint64_t sync_us = 0;
};

// Counts what passes through to another FileSystem, which must outlive it.
class CountingFileSystem : public FileSystem {
 public:
  CountingFileSystem(FileSystem& files, std::string directory);
  ~CountingFileSystem() override;
  std::vector<IoCounts> counts() const;

  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
  bool exists(const std::string& path) override { return files_.exists(path); }
  void rename(const std::string& from, const std::string& to) override { files_.rename(from, to); }
  void remove(const std::string& path) override { files_.remove(path); }
  std::vector<std::string> list(const std::string& directory) override { return files_.list(directory); }
  void create_directories(const std::string& directory) override { files_.create_directories(directory); }
  void sync_directory(const std::string& directory) override { files_.sync_directory(directory); }
  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view content) override { return files_.lock(path, content); }
  bool is_volatile() const override { return files_.is_volatile(); }
  PathKind kind_of(const std::string& path) override { return files_.kind_of(path); }
  void create_link(const std::string& target, const std::string& path) override { files_.create_link(target, path); }
  std::string read_link(const std::string& path) override { return files_.read_link(path); }
  void remove_directory(const std::string& path) override { files_.remove_directory(path); }
  bool owns(const std::string& path) override { return files_.owns(path); }

 private:
  struct Counters;
  class CountedFile;
  std::shared_ptr<Counters> counters_of(const std::string& path);

  FileSystem& files_;
  std::string directory_;
  struct Kinds;
  std::unique_ptr<Kinds> kinds_;
};

// Injects faults into a memory file system, from a seed. For tests.
class FaultyFileSystem : public FileSystem {
 public:
  explicit FaultyFileSystem(uint64_t seed);
  ~FaultyFileSystem() override;

  // The n-th call that changes something (1 = the next) and every later one fails as if the machine had died.
  void crash_after(uint64_t calls);
  // The n-th changing call fails once with EIO, or every later call that needs space (a new file, a write behind a file's
  // end) fails with ENOSPC until space is given back.
  void fail_io_after(uint64_t calls);
  void fail_space_after(uint64_t calls);
  void restore_space();
  bool crashed() const;
  // Changing calls so far.
  uint64_t call_count() const;
  // What a machine finds after the power came back: unsynced writes are kept, dropped or torn at random, unsynced
  // renames and creations are undone at random. Faults are cleared and locks released; open Files are dead.
  void restart();
  // A bit of a file at rest turns over. The file must have it.
  void flip_bit(const std::string& path, uint64_t bit);
  // What is there now, in a machine of its own that has no faults.
  std::unique_ptr<FaultyFileSystem> copy() const;

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
