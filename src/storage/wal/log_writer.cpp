#include "wal/log_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "aegis/base/error.h"

namespace aegis::storage {
namespace {

// An asynchronous backlog of this size is written without waiting for the delay.
constexpr size_t kBacklogBytes = 1 << 20;
constexpr size_t kSpareSegments = 4;

}  // namespace

LogWriter::LogWriter(os::FileSystem& files, std::string directory, Lsn start, const EngineOptions& options,
                     std::mutex& mutex)
    : files_(files), directory_(std::move(directory)), options_(options), mutex_(mutex), insert_(start),
      written_(start), durable_(start), forgotten_(start), wanted_(start), start_(start), segment_bytes_(options.wal_segment_bytes),
      sync_(options.fsync) {
  for (const std::string& name : files_.list(directory_)) {
    Lsn at;
    if (parse_segment_name(name, at) && at < start) {
      segments_.push_back({at, directory_ + "/" + name});
    } else {
      files_.remove(directory_ + "/" + name);
    }
  }
  open_segment(start);
}

LogWriter::~LogWriter() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void LogWriter::start() { thread_ = std::thread([this] { run(); }); }

void LogWriter::set_options(const EngineOptions& options) { options_ = options; }

Lsn LogWriter::append(std::vector<std::string> records, std::unique_ptr<PendingCommit> pending) {
  Lsn begin = insert_;
  for (std::string& record : records) {
    RecordHeader header;
    std::memcpy(&header, record.data(), sizeof header);
    header.lsn = insert_.value;
    header.durable = durable_.value;
    header.header_crc = header_crc(header);
    std::memcpy(record.data(), &header, sizeof header);
    insert_.value += record.size();
    queued_bytes_ += record.size();
    queue_.push_back(std::move(record));
    ++records_;
  }
  if (pending) {
    waiting_.push_back({begin, insert_, std::move(pending)});
    wanted_ = insert_;
    wake_.notify_one();
  } else if (queued_bytes_ >= kBacklogBytes) {
    wake_.notify_one();
  }
  return insert_;
}

Lsn LogWriter::redo_start() const { return waiting_.empty() ? insert_ : waiting_.front().begin; }

bool LogWriter::has_work() const { return wanted_ > durable_ || queued_bytes_ >= kBacklogBytes; }

void LogWriter::run() {
  std::unique_lock guard(mutex_);
  while (!broken_) {
    auto delay = std::chrono::microseconds(options_.wal_writer_delay_us);
    wake_.wait_for(guard, delay, [&] { return stopping_ || has_work(); });
    if (!queue_.empty() || wanted_ > durable_) {
      if (options_.commit_delay_us > 0 && !stopping_) {
        auto pause = std::chrono::microseconds(options_.commit_delay_us);
        guard.unlock();
        std::this_thread::sleep_for(pause);
        guard.lock();
      }
      try {
        write_round(guard);
      } catch (const std::exception& error) {
        if (!guard.owns_lock()) guard.lock();
        fail(guard, error.what());
      }
    } else if (stopping_) {
      return;
    }
  }
}

void LogWriter::write_round(std::unique_lock<std::mutex>& guard) {
  std::vector<std::string> batch = std::move(queue_);
  queue_.clear();
  queued_bytes_ = 0;
  Lsn from = written_;
  Lsn to = insert_;
  bool sync = sync_ = options_.fsync;
  guard.unlock();

  write_records(batch, from);
  if (sync) file_->sync();
  batch.clear();

  guard.lock();
  written_ = durable_ = to;
  if (sync) ++syncs_;
  std::vector<std::unique_ptr<PendingCommit>> done;
  while (!waiting_.empty() && waiting_.front().end <= to) {
    waiting_.front().commit->publish();
    done.push_back(std::move(waiting_.front().commit));
    waiting_.pop_front();
  }
  std::vector<std::function<void()>> callbacks;
  std::erase_if(callbacks_, [&](auto& item) {
    if (item.first > to) return false;
    callbacks.push_back(std::move(item.second));
    return true;
  });
  flushed_.notify_all();
  guard.unlock();

  for (auto& commit : done) commit->finish(nullptr);
  for (auto& callback : callbacks) callback();
  guard.lock();
}

void LogWriter::write_records(const std::vector<std::string>& records, Lsn at) {
  std::string buffer;
  Lsn buffer_start = at;
  auto drain = [&] {
    if (!buffer.empty()) file_->write_at(buffer_start.value - file_start_.value, buffer);
    buffer.clear();
    buffer_start = at;
  };
  for (const std::string& record : records) {
    if (at.value - file_start_.value >= segment_bytes_) {
      drain();
      if (sync_) file_->sync();
      open_segment(at);
    }
    buffer += record;
    at.value += record.size();
    if (buffer.size() >= kRecordBytes) drain();
  }
  drain();
}

void LogWriter::open_segment(Lsn start) {
  std::string path = path_of(start);
  std::string spare;
  {
    std::lock_guard guard(segments_mutex_);
    if (!spare_.empty()) {
      spare = spare_.back();
      spare_.pop_back();
    }
  }
  if (!spare.empty()) {
    files_.rename(spare, path);
    file_ = files_.open(path, os::OpenMode::ReadWrite);
  } else {
    file_ = files_.open(path, os::OpenMode::Truncate);
    // Syncing a file of its final size costs no change of metadata.
    if (sync_) {
      std::string zeros(std::min<uint64_t>(segment_bytes_, 1 << 20), '\0');
      for (uint64_t at = 0; at < segment_bytes_; at += zeros.size()) file_->write_at(at, zeros);
      file_->sync();
    }
  }
  if (sync_) files_.sync_directory(directory_);
  file_start_ = start;
  std::lock_guard guard(segments_mutex_);
  segments_.push_back({start, path});
}

void LogWriter::fail(std::unique_lock<std::mutex>& guard, const std::string& reason) {
  broken_ = reason;
  std::deque<Waiting> lost = std::move(waiting_);
  waiting_.clear();
  callbacks_.clear();
  flushed_.notify_all();
  auto on_fatal = options_.on_fatal;
  guard.unlock();
  for (Waiting& waiting : lost) waiting.commit->finish(&reason);
  if (on_fatal) on_fatal(reason);
  guard.lock();
}

void LogWriter::flush(Lsn lsn) {
  std::unique_lock guard(mutex_);
  lsn = std::min(lsn, insert_);
  if (wanted_ < lsn) wanted_ = lsn;
  wake_.notify_one();
  flushed_.wait(guard, [&] { return durable_ >= lsn || broken_; });
  if (durable_ < lsn) throw StorageError(Sqlstate::IoError, *broken_);
}

void LogWriter::on_durable(Lsn lsn, std::function<void()> callback) {
  {
    std::lock_guard guard(mutex_);
    if (durable_ < lsn) {
      if (wanted_ < lsn) wanted_ = std::min(lsn, insert_);
      callbacks_.emplace_back(lsn, std::move(callback));
      wake_.notify_one();
      return;
    }
  }
  callback();
}

void LogWriter::forget_before(Lsn lsn) {
  {
    std::lock_guard guard(mutex_);
    forgotten_ = std::max(forgotten_, lsn);
  }
  std::vector<std::string> gone;
  {
    std::lock_guard guard(segments_mutex_);
    while (segments_.size() > 1 && segments_[1].start <= lsn) {
      gone.push_back(segments_.front().path);
      segments_.pop_front();
    }
  }
  for (const std::string& path : gone) {
    bool keep;
    std::string spare;
    {
      std::lock_guard guard(segments_mutex_);
      keep = spare_.size() < kSpareSegments;
      if (keep) spare = fmt::format("{}/spare-{}", directory_, ++spare_number_);
    }
    if (!keep) {
      files_.remove(path);
      continue;
    }
    files_.rename(path, spare);
    std::lock_guard guard(segments_mutex_);
    spare_.push_back(spare);
  }
}

WalStatus LogWriter::status() const {
  std::lock_guard guard(mutex_);
  WalStatus status;
  status.insert_lsn = insert_;
  status.written_lsn = written_;
  status.durable_lsn = durable_;
  status.redo_lsn = forgotten_;
  status.records = records_;
  status.bytes = insert_.value - start_.value;
  status.syncs = syncs_;
  return status;
}

}  // namespace aegis::storage
