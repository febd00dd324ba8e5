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
    file->garbage = std::min(file->size, garbage[number]);
    files_[number] = std::move(file);
    next_number_ = std::max(next_number_, number + 1);
  }
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
  sync();
  uint64_t number;
  {
    std::lock_guard guard(mutex_);
    number = next_number_++;
  }
  active_ = file_system_.open(path_of(number), os::OpenMode::Truncate);
  if (options_.sync) file_system_.sync_directory(directory_);
  active_number_ = number;
  active_size_ = 0;
  auto file = std::make_shared<File>();
  file->file = pool_.open(file_system_, path_of(number));
  std::lock_guard guard(mutex_);
  files_[number] = std::move(file);
}

ValuePointer ValueLog::append(std::string_view key, std::string_view value) {
  if (!active_ || active_size_ >= options_.file_bytes) begin_file();
  std::string record;
  record.reserve(kHeadBytes + key.size() + value.size() + kBlockTrailerBytes);
  put_fixed(record, static_cast<uint32_t>(key.size()));
  put_fixed(record, static_cast<uint32_t>(value.size()));
  put_fixed(record, crc32c(key.data(), key.size(), crc32c(record.data(), record.size())));
  record += key;
  size_t start = record.size();
  record += value;
  seal_block(record, start);
  ValuePointer pointer{active_number_, active_size_ + start, static_cast<uint32_t>(record.size() - start)};
  // At the place kept here: after a failure in the middle, the rest of the file is still where pointers say.
  active_->write_at(active_size_, record);
  active_size_ += record.size();
  unsynced_ = true;
  std::lock_guard guard(mutex_);
  files_[active_number_]->size = active_size_;
  return pointer;
}

void ValueLog::sync() {
  if (!active_ || !unsynced_ || !options_.sync) return;
  active_->sync();
  unsynced_ = false;
  durable_ = {active_number_, active_size_, 0};
}

// --- Reading -----------------------------------------------------------------------------------------------

std::shared_ptr<ValueLog::File> ValueLog::find(uint64_t number) const {
  std::lock_guard guard(mutex_);
  auto found = files_.find(number);
  return found == files_.end() ? nullptr : found->second;
}

bool ValueLog::read(const ValuePointer& pointer, std::string& value) const {
  auto file = find(pointer.file);
  if (!file) return false;
  value.assign(pool_.read(*file->file, pointer.offset, pointer.length).payload());
  return true;
}

void ValueLog::for_each(uint64_t number,
                        const std::function<void(std::string_view, const ValuePointer&)>& visit) const {
  auto file = find(number);
  if (!file) return;
  os::File& raw = file->file->file();
  uint64_t size = raw.size();
  std::string head(kHeadBytes, '\0'), key;
  for (uint64_t at = 0; at + kHeadBytes <= size;) {
    if (raw.read_at(at, head) != kHeadBytes) return;
    std::string_view in = head;
    uint32_t key_size = 0, value_size = 0, crc = 0;
    get_fixed(in, key_size);
    get_fixed(in, value_size);
    get_fixed(in, crc);
    uint64_t end = at + kHeadBytes + key_size + value_size + kBlockTrailerBytes;
    if (end > size) return;
    key.resize(key_size);
    if (raw.read_at(at + kHeadBytes, key) != key_size) return;
    if (crc != crc32c(key.data(), key.size(), crc32c(head.data(), 8))) return;
    visit(key, {number, at + kHeadBytes + key_size, static_cast<uint32_t>(value_size + kBlockTrailerBytes)});
    at = end;
  }
}

// --- Garbage -----------------------------------------------------------------------------------------------

void ValueLog::add_garbage(const ValuePointer& pointer) {
  std::lock_guard guard(mutex_);
  auto found = files_.find(pointer.file);
  if (found != files_.end()) found->second->garbage = std::min(found->second->size, found->second->garbage + pointer.length);
}

std::vector<ValueLog::FileInfo> ValueLog::files() const {
  std::vector<FileInfo> result;
  std::lock_guard guard(mutex_);
  for (const auto& [number, file] : files_) result.push_back({number, file->size, file->garbage});
  return result;
}

std::optional<uint64_t> ValueLog::collectable(double ratio) const {
  std::optional<uint64_t> best;
  std::lock_guard guard(mutex_);
  for (const auto& [number, file] : files_) {
    if (file->retired_at || number == active_number_.load() || file->size == 0) continue;
    double part = static_cast<double>(file->garbage) / static_cast<double>(file->size);
    if (part < ratio) continue;
    ratio = part;
    best = number;
  }
  return best;
}

void ValueLog::retire(uint64_t number, uint64_t sequence) {
  std::lock_guard guard(mutex_);
  auto found = files_.find(number);
  if (found != files_.end()) found->second->retired_at = sequence;
}

void ValueLog::remove_retired(uint64_t oldest) {
  std::vector<std::pair<uint64_t, std::shared_ptr<File>>> gone;
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
  }
  for (auto& [number, file] : gone) {
    pool_.drop(*file->file);
    file_system_.remove(path_of(number));
  }
}

}  // namespace aegis::storage
