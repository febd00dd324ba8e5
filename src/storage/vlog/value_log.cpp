#include "vlog/value_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "aegis/base/error.h"
#include "coding.h"

namespace aegis::storage {
namespace {

constexpr size_t kHeadBytes = 12;

}  // namespace

void ValuePointer::encode(std::string& out) const {
  put_varint(out, file);
  put_varint(out, offset);
  put_varint(out, length);
}

bool ValuePointer::decode(std::string_view in) {
  uint64_t size;
  if (!get_varint(in, file) || !get_varint(in, offset) || !get_varint(in, size) || !in.empty()) return false;
  length = static_cast<uint32_t>(size);
  return size <= ~uint32_t{0} && length >= kBlockTrailerBytes;
}

ValueLog::ValueLog(os::FileSystem& files, BufferPool& pool, std::string directory, Options options)
    : file_system_(files), pool_(pool), directory_(std::move(directory)), options_(options) {}

ValueLog::~ValueLog() { delete shown_.load(); }

std::string ValueLog::path_of(uint64_t number) const { return fmt::format("{}/{:08}.vlog", directory_, number); }

bool ValueLog::open(std::string_view known) {
  std::map<uint64_t, uint64_t> garbage;
  uint64_t count = 0, number, bytes;
  if (!known.empty() && (!get_varint(known, count) || !get_varint(known, next_number_))) return false;
  for (uint64_t i = 0; i < count; ++i) {
    if (!get_varint(known, number) || !get_varint(known, bytes)) return false;
    garbage[number] = bytes;
  }
  for (const std::string& name : file_system_.list(directory_)) {
    auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || std::string_view(end, static_cast<size_t>(name.data() + name.size() - end)) != ".vlog") continue;
    auto file = std::make_shared<File>();
    file->file = pool_.open(file_system_, path_of(number));
    file->size = file->file->file().size();
    file->garbage = garbage[number];
    files_[number] = std::move(file);
    next_number_ = std::max(next_number_, number + 1);
  }
  std::lock_guard guard(mutex_);
  delete show_files();
  return true;
}

std::string ValueLog::encode() const {
  std::string out;
  std::lock_guard guard(mutex_);
  put_varint(out, files_.size());
  put_varint(out, next_number_);
  for (const auto& [number, file] : files_) {
    put_varint(out, number);
    put_varint(out, file->garbage);
  }
  return out;
}

// --- Writing -----------------------------------------------------------------------------------------------

void ValueLog::begin_file() {
  write_out();
  uint64_t number;
  {
    std::lock_guard guard(mutex_);
    number = next_number_++;
    if (active_) files_[active_number_]->size = active_size_;
  }
  std::shared_ptr<os::File> fresh = file_system_.open(path_of(number), os::OpenMode::Truncate);
  if (options_.sync) file_system_.sync_directory(directory_);
  auto file = std::make_shared<File>();
  file->file = pool_.open(file_system_, path_of(number));
  const FileMap* before;
  {
    std::lock_guard guard(mutex_);
    files_[number] = std::move(file);
    before = show_files();
    std::lock_guard tail(tail_mutex_);
    if (unsynced_ && options_.sync) unsynced_files_.emplace_back(active_number_, std::move(active_));
    unsynced_ = false;
    active_ = std::move(fresh);
    active_number_ = number;
    active_size_ = 0;
    tail_start_ = 0;
    tail_.clear();
  }
  readers_.wait();
  delete before;
}

const ValueLog::FileMap* ValueLog::show_files() {
  return shown_.exchange(new FileMap(files_), std::memory_order_seq_cst);
}

ValuePointer ValueLog::append(std::string_view key, std::string_view value) {
  if (!active_ || active_size_.load(std::memory_order_relaxed) >= options_.file_bytes) begin_file();
  size_t record_bytes = kHeadBytes + key.size() + value.size() + kBlockTrailerBytes;
  if (!tail_.empty() && tail_.size() + record_bytes > kTailBytes) write_out();
  uint32_t value_crc = crc32c(value.data(), value.size());
  uint64_t at = active_size_.load(std::memory_order_relaxed);
  {
    std::lock_guard guard(tail_mutex_);
    tail_.reserve(std::max(kTailBytes, record_bytes));
    size_t head = tail_.size();
    put_fixed(tail_, static_cast<uint32_t>(key.size()));
    put_fixed(tail_, static_cast<uint32_t>(value.size()));
    put_fixed(tail_, crc32c(key.data(), key.size(), crc32c(tail_.data() + head, 8)));
    tail_ += key;
    tail_ += value;
    put_fixed(tail_, value_crc);
    active_size_.store(at + record_bytes, std::memory_order_relaxed);
  }
  unsynced_ = true;
  return {active_number_, at + kHeadBytes + key.size(), static_cast<uint32_t>(value.size() + kBlockTrailerBytes)};
}

// A failure leaves the tail where it is, to be written again at the same place.
void ValueLog::write_out() {
  if (tail_.empty()) return;
  active_->write_at(tail_start_, tail_);
  std::lock_guard guard(tail_mutex_);
  tail_start_ += tail_.size();
  if (tail_.capacity() > 2 * kTailBytes) {
    std::string().swap(tail_);
  } else {
    tail_.clear();
  }
}

void ValueLog::sync() {
  SyncPoint point = sync_point();
  for (const auto& file : point.files) file->sync();
  if (point) synced(point);
}

ValueLog::SyncPoint ValueLog::sync_point() {
  SyncPoint point;
  if (!options_.sync) return point;
  for (const auto& [number, file] : unsynced_files_) point.files.push_back(file);
  if (unsynced_) {
    write_out();
    point.files.push_back(active_);
  }
  point.end = {active_number_, active_size_, 0};
  return point;
}

void ValueLog::synced(const SyncPoint& point) {
  auto place = [](const ValuePointer& pointer) { return std::pair(pointer.file, pointer.offset); };
  if (place(point.end) > place(durable_)) durable_ = point.end;
  std::erase_if(unsynced_files_, [&](const auto& item) { return item.first < point.end.file; });
  if (durable_.file == active_number_ && durable_.offset == active_size_) unsynced_ = false;
}

// --- Reading -----------------------------------------------------------------------------------------------

std::shared_ptr<ValueLog::File> ValueLog::find(uint64_t number) const {
  std::lock_guard guard(mutex_);
  auto found = files_.find(number);
  return found == files_.end() ? nullptr : found->second;
}

bool ValueLog::read_tail(const ValuePointer& pointer, std::string& value) const {
  if (pointer.file != active_number_.load(std::memory_order_relaxed)) return false;
  std::lock_guard guard(tail_mutex_);
  uint64_t end = pointer.offset + pointer.length;
  if (pointer.file != active_number_ || pointer.offset < tail_start_ || end > tail_start_ + tail_.size()) return false;
  value.assign(tail_, pointer.offset - tail_start_, pointer.length - kBlockTrailerBytes);
  return true;
}

bool ValueLog::read(const ValuePointer& pointer, std::string& value) const {
  if (read_tail(pointer, value)) return true;
  UseGate::Scope use(readers_);
  const FileMap* files = shown_.load(std::memory_order_seq_cst);
  if (files == nullptr) return false;
  auto found = files->find(pointer.file);
  if (found == files->end()) return false;
  value.assign(pool_.read(*found->second->file, pointer.offset, pointer.length).payload());
  return true;
}

bool ValueLog::for_each(uint64_t number,
                        const std::function<void(std::string_view, const ValuePointer&)>& visit) const {
  auto file = find(number);
  if (!file) return true;
  os::File& raw = file->file->file();
  uint64_t size = raw.size();
  std::string head(kHeadBytes, '\0'), key;
  uint64_t at = 0;
  while (at + kHeadBytes <= size) {
    if (raw.read_at(at, head) != kHeadBytes) return false;
    std::string_view in = head;
    uint32_t key_size = 0, value_size = 0, crc = 0;
    get_fixed(in, key_size);
    get_fixed(in, value_size);
    get_fixed(in, crc);
    uint64_t end = at + kHeadBytes + key_size + value_size + kBlockTrailerBytes;
    if (end > size) return false;
    key.resize(key_size);
    if (raw.read_at(at + kHeadBytes, key) != key_size) return false;
    if (crc != crc32c(key.data(), key.size(), crc32c(head.data(), 8))) return false;
    visit(key, {number, at + kHeadBytes + key_size, static_cast<uint32_t>(value_size + kBlockTrailerBytes)});
    at = end;
  }
  return at == size;
}

// --- Garbage -----------------------------------------------------------------------------------------------

void ValueLog::add_garbage(const ValuePointer& pointer) {
  std::lock_guard guard(mutex_);
  auto found = files_.find(pointer.file);
  if (found != files_.end()) found->second->garbage += pointer.length;
}

std::vector<ValueLog::FileInfo> ValueLog::files() const {
  std::vector<FileInfo> result;
  std::lock_guard guard(mutex_);
  for (const auto& [number, file] : files_) {
    uint64_t size = number == active_number_.load() ? active_size_.load() : file->size;
    result.push_back({number, size, file->garbage});
  }
  return result;
}

std::optional<uint64_t> ValueLog::collectable(double ratio) const {
  std::optional<uint64_t> best;
  std::lock_guard guard(mutex_);
  for (const auto& [number, file] : files_) {
    if (file->retired_at || file->kept || number == active_number_.load() || file->size == 0) continue;
    double part = static_cast<double>(std::min(file->garbage, file->size)) / static_cast<double>(file->size);
    if (part < ratio) continue;
    ratio = part;
    best = number;
  }
  return best;
}

void ValueLog::keep(uint64_t number) {
  std::lock_guard guard(mutex_);
  auto found = files_.find(number);
  if (found != files_.end()) found->second->kept = true;
}

void ValueLog::retire(uint64_t number, uint64_t sequence) {
  std::lock_guard guard(mutex_);
  auto found = files_.find(number);
  if (found != files_.end()) found->second->retired_at = sequence;
}

void ValueLog::remove_retired(uint64_t oldest) {
  std::vector<std::pair<uint64_t, std::shared_ptr<File>>> gone;
  const FileMap* before = nullptr;
  {
    std::lock_guard guard(mutex_);
    for (auto item = files_.begin(); item != files_.end();) {
      if (item->second->retired_at && *item->second->retired_at <= oldest) {
        gone.emplace_back(item->first, std::move(item->second));
        item = files_.erase(item);
      } else {
        ++item;
      }
    }
    if (gone.empty()) return;
    before = show_files();
  }
  readers_.wait();
  delete before;
  for (auto& [number, file] : gone) {
    pool_.drop(*file->file);
    file_system_.remove(path_of(number));
  }
}

}  // namespace aegis::storage
