// The end of the log that grows. Commits append under one short mutex; a thread writes and syncs what has gathered, and
// then completes the commits that waited for it, in log order (group commit).
#pragma once

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
  virtual void finish(const std::string* error) = 0;
};

class LogWriter {
 public:
  // Starts a new file at `start`. `mutex` is the engine's commit mutex.
  LogWriter(os::FileSystem& files, std::string directory, Lsn start, const EngineOptions& options, std::mutex& mutex);
  // Writes out what is left.
  ~LogWriter();

  // --- With the commit mutex held.
  // Returns the end of the batch. `pending` (may be null) is completed once that is durable.
  Lsn append(std::vector<std::string> records, std::unique_ptr<PendingCommit> pending);
  const std::string* broken() const { return broken_ ? &*broken_ : nullptr; }
  // Where recovery must start to see every batch not yet published.
  Lsn redo_start() const;
  void set_options(const EngineOptions& options);

  // --- Without.
  void start();
  // Blocks until the log is durable up to `lsn`; throws StorageError if it can't be.
  void flush(Lsn lsn);
  void on_durable(Lsn lsn, std::function<void()> callback);
  // Segments that end at or before `lsn` are removed or kept for reuse.
  void forget_before(Lsn lsn);
  WalStatus status() const;

 private:
  struct Waiting {
    Lsn begin;
    Lsn end;
    std::unique_ptr<PendingCommit> commit;
  };
  struct Segment {
    Lsn start;
    std::string path;
  };

  void run();
  bool has_work() const;
  void write_round(std::unique_lock<std::mutex>& guard);
  void write_records(const std::vector<std::string>& records, Lsn start);
  void open_segment(Lsn start);
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
  std::optional<std::string> broken_;
  bool stopping_ = false;
  uint64_t records_ = 0;
  uint64_t syncs_ = 0;
  Lsn start_;

  // The writer thread's, and forget_before's under segments_mutex_.
  std::mutex segments_mutex_;
  std::deque<Segment> segments_;
  std::vector<std::string> spare_;
  uint64_t spare_number_ = 0;
  std::unique_ptr<os::File> file_;
  Lsn file_start_;
  const uint64_t segment_bytes_;
  bool sync_;

  std::thread thread_;
};

}  // namespace aegis::storage
