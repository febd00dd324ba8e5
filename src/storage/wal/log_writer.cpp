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
// How long a write that finds no space is tried again before the server gives up.
constexpr auto kSpacePatience = std::chrono::seconds(30);
constexpr const char* kSparePrefix = "spare-";

}  // namespace

LogWriter::LogWriter(os::FileSystem& files, std::string directory, Lsn start, const EngineOptions& options,
                     std::mutex& mutex, const std::atomic<uint32_t>& running)
    : files_(files), directory_(std::move(directory)), options_(options), mutex_(mutex), insert_(start),
      written_(start), durable_(start), forgotten_(start), wanted_(start), layout_start_(start), start_(start),
      segment_bytes_(options.wal_segment_bytes), sync_(options.fsync), running_(running) {
  for (const std::string& name : files_.list(directory_)) {
    Lsn at;
    std::string path = directory_ + "/" + name;
    bool is_spare = name.starts_with(kSparePrefix);
    uint64_t size = is_spare || parse_segment_name(name, at) ? files_.open(path, os::OpenMode::Read)->size() : 0;
    if (is_spare && size == segment_bytes_) {
      spares_.push_back({path, size});
      spare_number_ = std::max<uint64_t>(spare_number_, std::strtoull(name.c_str() + std::strlen(kSparePrefix), nullptr, 10));
    } else if (!is_spare && size > 0 && at < start) {
      segments_.push_back({at, path, size});
    } else {
      // A file that begins at or behind the end may have records whose positions will be in use again.
      files_.remove(path);
    }
  }
  if (spares_.empty()) spares_.push_back(make_file(segment_bytes_, true));
  begin_file(segment_bytes_);
  open_segment(start, planned_.front().spare);
  planned_.pop_front();
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

// --- Room --------------------------------------------------------------------------------------------------

std::vector<LogWriter::Spare>::iterator LogWriter::find_spare(std::vector<Spare>& spares, uint64_t size) {
  auto best = spares.end();
  for (auto it = spares.begin(); it != spares.end(); ++it) {
    if (it->size_bytes >= size && (best == spares.end() || it->size_bytes < best->size_bytes)) best = it;
  }
  return best;
}

std::vector<uint64_t> LogWriter::missing_room(const std::vector<std::string>& records) const {
  std::vector<uint64_t> missing;
  std::vector<Spare> spares;
  bool copied = false;
  uint64_t at = insert_.value, end = layout_end_.value;
  for (const std::string& record : records) {
    if (at + record.size() > end) {
      if (!copied) spares = spares_;
      copied = true;
      auto spare = find_spare(spares, record.size());
      uint64_t size = std::max<uint64_t>(segment_bytes_, record.size());
      if (spare == spares.end()) {
        missing.push_back(size);
      } else {
        size = spare->size_bytes;
        spares.erase(spare);
      }
      end = at + size;
    }
    at += record.size();
  }
  return missing;
}

void LogWriter::make_room(const std::vector<uint64_t>& sizes) {
  for (uint64_t size : sizes) {
    Spare spare = make_file(size, sizes.size() <= 2 && size == segment_bytes_);
    std::lock_guard guard(mutex_);
    spares_.push_back(std::move(spare));
    spare_failed_ = false;
  }
}

// Zeros that are written make later syncs change no metadata; reserving is faster.
LogWriter::Spare LogWriter::make_file(uint64_t size, bool zeros) {
  uint64_t number;
  bool sync;
  {
    std::lock_guard guard(mutex_);
    number = ++spare_number_;
    sync = options_.fsync;
  }
  std::string path = fmt::format("{}/{}{}", directory_, kSparePrefix, number);
  try {
    auto file = files_.open(path, os::OpenMode::Truncate);
    if (zeros && sync) {
      std::string block(std::min<uint64_t>(size, 1 << 20), '\0');
      for (uint64_t at = 0; at < size; at += block.size()) {
        file->write_at(at, std::string_view(block).substr(0, std::min<uint64_t>(block.size(), size - at)));
      }
    } else {
      file->reserve(size);
    }
    if (sync) file->sync();
  } catch (const StorageError&) {
    try {
      files_.remove(path);
    } catch (const StorageError&) {
      // The next start removes it.
    }
    throw;
  }
  return {path, size};
}

// With the mutex held: a file for the next record, which missing_room found.
void LogWriter::begin_file(uint64_t least_bytes) {
  auto spare = find_spare(spares_, least_bytes);
  AEGIS_CHECK(spare != spares_.end());
  layout_start_ = insert_;
  layout_end_ = Lsn(insert_.value + spare->size_bytes);
  Spare chosen = std::move(*spare);
  spares_.erase(spare);
  if (!planned_.empty() && planned_.back().start == insert_) {
    // Nothing is in it yet, and it is too small.
    spares_.push_back(std::move(planned_.back().spare));
    planned_.pop_back();
  }
  planned_.push_back({insert_, std::move(chosen)});
}

bool LogWriter::switch_file() {
  if (insert_ == layout_start_) return true;
  if (find_spare(spares_, 0) == spares_.end()) return false;
  begin_file(0);
  return true;
}

bool LogWriter::wants_spare() const { return spares_.empty() && !spare_failed_ && !stopping_; }

// Ahead of need, so that commits rarely wait for it.
void LogWriter::make_spare(std::unique_lock<std::mutex>& guard) {
  guard.unlock();
  std::optional<Spare> spare;
  try {
    spare = make_file(segment_bytes_, true);
  } catch (const StorageError&) {
    // Whoever needs it tries again and says why it does not work.
  }
  guard.lock();
  spare_failed_ = !spare;
  if (spare) spares_.push_back(std::move(*spare));
}

// --- Appending and writing ---------------------------------------------------------------------------------

Lsn LogWriter::append(std::vector<std::string> records, std::unique_ptr<PendingCommit> pending) {
  Lsn begin = insert_;
  for (std::string& record : records) {
    if (insert_.value + record.size() > layout_end_.value) begin_file(record.size());
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
      pause_for_company(guard);
      try {
        write_round(guard);
      } catch (const std::exception& error) {
        if (!guard.owns_lock()) guard.lock();
        fail(guard, error.what());
      }
    } else if (stopping_) {
      return;
    }
    if (!broken_ && wants_spare() && queue_.empty()) make_spare(guard);
  }
}

void LogWriter::pause_for_company(std::unique_lock<std::mutex>& guard) {
  if (options_.commit_delay_us == 0 || stopping_ || waiting_.empty()) return;
  if (running_.load(std::memory_order_relaxed) <= options_.commit_siblings) return;
  auto pause = std::chrono::microseconds(options_.commit_delay_us);
  guard.unlock();
  std::this_thread::sleep_for(pause);
  guard.lock();
}

void LogWriter::write_round(std::unique_lock<std::mutex>& guard) {
  std::vector<std::string> batch = std::move(queue_);
  queue_.clear();
  queued_bytes_ = 0;
  Lsn from = written_;
  Lsn to = insert_;
  bool sync = sync_ = options_.fsync;
  std::deque<Planned> planned;
  while (!planned_.empty() && planned_.front().start < to) {
    planned.push_back(std::move(planned_.front()));
    planned_.pop_front();
  }
  guard.unlock();

  auto begun = std::chrono::steady_clock::now();
  write_patiently(batch, from, planned);
  auto written = std::chrono::steady_clock::now();
  if (sync) file_->sync();
  auto synced = std::chrono::steady_clock::now();
  batch.clear();

  guard.lock();
  written_ = durable_ = to;
  auto us = [](auto span) { return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count()); };
  ++writes_;
  write_us_ += us(written - begun);
  if (sync) {
    ++syncs_;
    sync_us_ += us(synced - written);
  }
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

void LogWriter::write_patiently(const std::vector<std::string>& records, Lsn start, std::deque<Planned>& planned) {
  auto give_up = std::chrono::steady_clock::now() + kSpacePatience;
  for (;;) {
    try {
      return write_records(records, start, planned);
    } catch (const StorageError& error) {
      if (error.sqlstate() != Sqlstate::DiskFull || std::chrono::steady_clock::now() >= give_up) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void LogWriter::write_records(const std::vector<std::string>& records, Lsn at, std::deque<Planned>& planned) {
  std::string buffer;
  Lsn buffer_start = at;
  auto drain = [&] {
    if (!buffer.empty()) file_->write_at(buffer_start.value - file_start_.value, buffer);
    buffer.clear();
    buffer_start = at;
  };
  for (const std::string& record : records) {
    if (at < file_start_) {
      // Written, before space was missing further on.
      at.value += record.size();
      buffer_start = at;
      continue;
    }
    if (!planned.empty() && planned.front().start == at) {
      drain();
      if (sync_) file_->sync();
      open_segment(at, planned.front().spare);
      planned.pop_front();
    }
    buffer += record;
    at.value += record.size();
    if (buffer.size() >= kRecordBytes) drain();
  }
  drain();
}

void LogWriter::open_segment(Lsn start, const Spare& spare) {
  std::string path = path_of(start);
  if (files_.exists(spare.path)) files_.rename(spare.path, path);
  file_ = files_.open(path, os::OpenMode::ReadWrite);
  if (sync_) files_.sync_directory(directory_);
  file_start_ = start;
  std::lock_guard guard(segments_mutex_);
  // A file without a record may have been too small for the first.
  if (!segments_.empty() && segments_.back().start == start) segments_.pop_back();
  segments_.push_back({start, path, spare.size_bytes});
}

void LogWriter::fail(std::unique_lock<std::mutex>& guard, const std::string& reason) {
  if (broken_) return;
  broken_.emplace(Sqlstate::IoError, reason);
  std::deque<Waiting> lost = std::move(waiting_);
  waiting_.clear();
  callbacks_.clear();
  flushed_.notify_all();
  wake_.notify_all();
  auto on_fatal = options_.on_fatal;
  guard.unlock();
  StorageError error(Sqlstate::IoError, reason);
  for (Waiting& waiting : lost) waiting.commit->finish(&error);
  if (on_fatal) on_fatal(reason);
  guard.lock();
}

void LogWriter::stop_for_good(const std::string& reason) {
  std::unique_lock guard(mutex_);
  fail(guard, reason);
}

bool LogWriter::is_broken() const {
  std::lock_guard guard(mutex_);
  return broken_.has_value();
}

void LogWriter::flush(Lsn lsn) {
  std::unique_lock guard(mutex_);
  lsn = std::min(lsn, insert_);
  if (wanted_ < lsn) wanted_ = lsn;
  wake_.notify_one();
  flushed_.wait(guard, [&] { return durable_ >= lsn || broken_; });
  if (durable_ < lsn) throw StorageError(*broken_);
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
  std::vector<Segment> gone;
  {
    std::lock_guard guard(segments_mutex_);
    while (segments_.size() > 1 && segments_[1].start <= lsn) {
      gone.push_back(std::move(segments_.front()));
      segments_.pop_front();
    }
  }
  for (const Segment& segment : gone) {
    std::string spare;
    {
      std::lock_guard guard(mutex_);
      uint64_t kept = (spares_.size() + 1) * segment_bytes_;
      bool keep = segment.size_bytes == segment_bytes_ && (kept <= options_.min_wal_size_bytes || spares_.empty());
      if (keep) spare = fmt::format("{}/{}{}", directory_, kSparePrefix, ++spare_number_);
    }
    if (spare.empty()) {
      files_.remove(segment.path);
      continue;
    }
    files_.rename(segment.path, spare);
    std::lock_guard guard(mutex_);
    spares_.push_back({spare, segment.size_bytes});
    spare_failed_ = false;
  }
}

std::vector<LogFileStatus> LogWriter::file_list() const {
  std::vector<LogFileStatus> list;
  std::lock_guard guard(mutex_);
  std::lock_guard segments_guard(segments_mutex_);
  for (const Segment& segment : segments_) {
    auto state = segment.path == segments_.back().path ? LogFileStatus::State::Current : LogFileStatus::State::Written;
    list.push_back({segment.path.substr(directory_.size() + 1), segment.start, segment.size_bytes, state});
  }
  for (const Spare& spare : spares_) {
    list.push_back({spare.path.substr(directory_.size() + 1), Lsn(), spare.size_bytes, LogFileStatus::State::Spare});
  }
  return list;
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
  status.writes = writes_;
  status.syncs = syncs_;
  status.write_us = write_us_;
  status.sync_us = sync_us_;
  status.broken = broken_.has_value();
  return status;
}

}  // namespace aegis::storage
