// The end of the log that grows. Commits append under one short mutex; a thread writes and syncs what has gathered, and
// then completes the commits that waited for it, in log order (group commit).
//
// A full disk must not meet a record that is in the log: others may have seen what it says. So files are made in full size
// before anything is appended that will lie in them; who finds no room left makes some, or fails with 53100, before his
// records get a place. Files that are ready to become part of the log are called wal/spare-<n>.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "wal/log_format.h"

namespace aegis::storage {

// A commit that waits for the log.
class PendingCommit {
 public:
  virtual ~PendingCommit() = default;
  // With the commit mutex held, in log order.
  virtual void publish() = 0;
  // Without it; `error` is null or why the log could not be written.
  virtual void finish(const StorageError* error) = 0;
};

class LogWriter {
 public:
  // Starts a new file at `start`. `mutex` is the engine's commit mutex, `running` counts transactions.
  LogWriter(os::FileSystem& files, std::string directory, Lsn start, const EngineOptions& options, std::mutex& mutex,
            const std::atomic<uint32_t>& running);
  // Writes out what is left.
  ~LogWriter();

  // --- With the commit mutex held.
  // The sizes of files that are missing for the records to be appended: none, or make_room must come first.
  std::vector<uint64_t> missing_room(const std::vector<std::string>& records) const;
  // Returns the end of the batch. `pending` (may be null) is completed once that is durable.
  Lsn append(std::vector<std::string> records, std::unique_ptr<PendingCommit> pending);
  const StorageError* broken() const { return broken_ ? &*broken_ : nullptr; }
  // The next record begins a new file, if the present one has any; false if there is no room for one.
  bool switch_file();
  // Where recovery must start to see every batch not yet published.
  Lsn redo_start() const;
  void set_options(const EngineOptions& options);

  // --- Without.
  void start();
  // Makes files of these sizes. Throws StorageError, 53100 when the disk is full.
  void make_room(const std::vector<uint64_t>& sizes);
  // The log can't be trusted any more: nothing is acknowledged from here on, and the process must end.
  void stop_for_good(const std::string& reason);
  bool is_broken() const;
  // Blocks until the log is durable up to `lsn`; throws StorageError if it can't be.
  void flush(Lsn lsn);
  void on_durable(Lsn lsn, std::function<void()> callback);
  // Segments that end at or before `lsn` are removed or kept for reuse.
  void forget_before(Lsn lsn);
  WalStatus status() const;
  // Files of the log and those ready to become part of it.
  std::vector<LogFileStatus> file_list() const;

 private:
  struct Waiting {
    Lsn begin;
    Lsn end;
    std::unique_ptr<PendingCommit> commit;
  };
  struct Segment {
    Lsn start;
    std::string path;
    uint64_t size_bytes;
  };
  struct Spare {
    std::string path;
    uint64_t size_bytes;
  };
  struct Planned {
    Lsn start;
    Spare spare;
  };

  void run();
  void pause_for_company(std::unique_lock<std::mutex>& guard);
  bool wants_spare() const;
  void make_spare(std::unique_lock<std::mutex>& guard);
  Spare make_file(uint64_t size, bool zeros);
  // Smallest first that is large enough.
  static std::vector<Spare>::iterator find_spare(std::vector<Spare>& spares, uint64_t size);
  void begin_file(uint64_t least_bytes);
  bool has_work() const;
  void write_round(std::unique_lock<std::mutex>& guard);
  // Writes again what has no space yet, for a while: file systems that copy on write may need some even here.
  void write_patiently(const std::vector<std::string>& records, Lsn start, std::deque<Planned>& planned);
  void write_records(const std::vector<std::string>& records, Lsn start, std::deque<Planned>& planned);
  void open_segment(Lsn start, const Spare& spare);
  void fail(std::unique_lock<std::mutex>& guard, const std::string& reason);
  std::string path_of(Lsn start) const { return directory_ + "/" + segment_name(start); }

  os::FileSystem& files_;
  std::string directory_;
  EngineOptions options_;
  std::mutex& mutex_;

  // Guarded by mutex_.
  std::condition_variable wake_;
  std::condition_variable flushed_;
  std::vector<std::string> queue_;
  size_t queued_bytes_ = 0;
  Lsn insert_;
  Lsn written_;
  Lsn durable_;
  Lsn forgotten_;
  Lsn wanted_;   // somebody waits for the log up to here
  std::deque<Waiting> waiting_;
  std::vector<std::pair<Lsn, std::function<void()>>> callbacks_;
  std::optional<StorageError> broken_;
  // The file that insert_ lies in, and those that will follow it.
  Lsn layout_start_;
  Lsn layout_end_;
  std::deque<Planned> planned_;
  std::vector<Spare> spares_;
  uint64_t spare_number_ = 0;
  bool spare_failed_ = false;  // not to be tried again at once
  bool stopping_ = false;
  uint64_t records_ = 0;
  uint64_t writes_ = 0;
  uint64_t syncs_ = 0;
  uint64_t write_us_ = 0;
  uint64_t sync_us_ = 0;
  Lsn start_;

  // The writer thread's, and forget_before's under segments_mutex_.
  mutable std::mutex segments_mutex_;
  std::deque<Segment> segments_;
  std::unique_ptr<os::File> file_;
  Lsn file_start_;
  const uint64_t segment_bytes_;
  bool sync_;

  const std::atomic<uint32_t>& running_;
  std::thread thread_;
};

}  // namespace aegis::storage
