#include "vlog/value_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "aegis/base/arena.h"
#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/base/log.h"
#include "coding.h"
#include "column/compression.h"
#include "column/zone.h"
#include "lsm/io_budget.h"

namespace aegis::storage {
namespace {

constexpr uint64_t kMagic = 0x31304c4156454741;  // "AGEVAL01"
constexpr size_t kBufferBytes = 1 << 20;

std::optional<uint64_t> number_of(const std::string& name) {
  uint64_t number;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || std::string_view(end) != ".vlog") return std::nullopt;
  return number;
}

// Head and bytes, with room for the checksum.
std::string encode(std::string_view value, ColumnCompression compression) {
  std::string out(1, static_cast<char>(BlockCompression::None));
  if (compression != ColumnCompression::None) {
    auto method = compression == ColumnCompression::Lz4 ? BlockCompression::Lz4 : BlockCompression::Zstd;
    auto effort = compression == ColumnCompression::Zstd ? CompressionEffort::Thorough : CompressionEffort::Fast;
    if (compress(method, value, value.size() * 9 / 10, effort, out)) {
      out[0] = static_cast<char>(method);
      return out;
    }
  }
  out += value;
  return out;
}

}  // namespace

ValueFile::~ValueFile() {
  if (file_) pool_->drop(*file_);
}

// --- Writing -----------------------------------------------------------------------------------------------

ValueWriter::~ValueWriter() {
  std::vector<uint64_t> numbers;
  for (ValueFile* file : files_) {
    numbers.push_back(file->number());
    file->release();
  }
  if (flushed_) return;
  try {
    store_.remove(numbers);
  } catch (const StorageError& error) {
    log_line(LogLevel::Warning, error.what());  // a checkpoint removes it
  }
}

size_t ValueWriter::threshold() const { return store_.threshold(); }

ValueReference ValueWriter::append(std::string_view bytes) {
  if (files_.empty() || written_ + buffer_.size() >= ValueStore::kFileBytes) {
    write_out();
    ValueFile* file = store_.create();
    files_.push_back(file);
    unsynced_.push_back(store_.file_system_.open(file->path(), os::OpenMode::ReadWrite));
    written_ = sizeof(uint64_t);
  }
  ValueReference reference;
  reference.file = files_.back();
  reference.offset = written_ + buffer_.size();
  reference.length = static_cast<uint32_t>(bytes.size() + kBlockTrailerBytes);
  size_t start = buffer_.size();
  buffer_ += bytes;
  seal_block(buffer_, start);
  if (buffer_.size() >= kBufferBytes) write_out();
  return reference;
}

void ValueWriter::write_out() {
  if (buffer_.empty()) return;
  if (budget_ != nullptr) budget_->spend(buffer_.size());
  unsynced_.back()->write_at(written_, buffer_);
  written_ += buffer_.size();
  files_.back()->size_.store(written_, std::memory_order_relaxed);
  buffer_.clear();
}

ValueReference ValueWriter::add(std::string_view value, ColumnCompression compression) {
  std::string bytes = encode(value, compression);
  std::lock_guard guard(mutex_);
  ValueReference reference = append(bytes);
  reference.size_bytes = static_cast<uint32_t>(value.size());
  reference.hash = hash_bytes(value);
  reference.zone_key = string_zone_key(value);
  return reference;
}

ValueReference ValueWriter::move(const ValueReference& from) {
  BlockRef block = store_.pool_.read(*from.file->file_, from.offset, from.length);
  std::lock_guard guard(mutex_);
  ValueReference reference = append(block.payload());
  reference.size_bytes = from.size_bytes;
  reference.hash = from.hash;
  reference.zone_key = from.zone_key;
  return reference;
}

void ValueWriter::flush(bool sync) {
  std::lock_guard guard(mutex_);
  write_out();
  if (!sync || unsynced_.empty()) {
    flushed_ = true;
    return;
  }
  for (const auto& file : unsynced_) file->sync();
  unsynced_.erase(unsynced_.begin(), unsynced_.end() - 1);
  store_.file_system_.sync_directory(store_.directory_);
  flushed_ = true;
}

// --- The store ---------------------------------------------------------------------------------------------

ValueStore::ValueStore(os::FileSystem& files, BufferPool& pool, std::string directory)
    : file_system_(files), pool_(pool), directory_(std::move(directory)) {
  for (const std::string& name : file_system_.list(directory_)) {
    if (auto number = number_of(name)) next_number_ = std::max(next_number_, *number + 1);
  }
}

ValueStore::~ValueStore() {
  for (auto& [number, file] : files_) file->release();
}

std::string ValueStore::path_of(uint64_t number) const { return fmt::format("{}/{:08}.vlog", directory_, number); }

void ValueStore::open(ValueFile& file) {
  file.pool_ = &pool_;
  file.file_ = pool_.open(file_system_, file.path());
  file.size_ = file.file_->file().size();
}

ValueFile* ValueStore::create() {
  std::lock_guard guard(mutex_);
  const uint64_t number = next_number_++;
  const std::string path = path_of(number);
  std::string head;
  put_fixed(head, kMagic);
  file_system_.open(path, os::OpenMode::Truncate)->write_at(0, head);
  auto* file = new ValueFile(number, path);
  try {
    open(*file);
  } catch (...) {
    file->release();
    throw;
  }
  files_[number] = file;
  file->use();
  return file;
}

ValueFile* ValueStore::acquire(uint64_t number) {
  std::lock_guard guard(mutex_);
  ValueFile*& file = files_[number];
  if (file == nullptr) {
    file = new ValueFile(number, path_of(number));
    next_number_ = std::max(next_number_, number + 1);
  }
  file->use();
  return file;
}

void ValueStore::open_all() {
  std::lock_guard guard(mutex_);
  for (auto item = files_.begin(); item != files_.end();) {
    ValueFile* file = item->second;
    if (file->file_) {
      ++item;
    } else if (file->uses_ == 1) {
      file->release();
      item = files_.erase(item);
    } else {
      if (!file_system_.exists(file->path())) {
        throw StorageError(Sqlstate::DataCorrupted, fmt::format("file \"{}\" is missing", file->path()));
      }
      open(*file);
      ++item;
    }
  }
}

void ValueStore::read(const ValueReference& reference, char* out) const {
  AEGIS_CHECK(reference.file->file_ != nullptr);
  auto corrupted = [&] { throw_corrupted_block(reference.file->path(), reference.offset); };
  if (reference.length <= ValueReference::kHeadBytes + kBlockTrailerBytes) corrupted();
  BlockRef block = pool_.read(*reference.file->file_, reference.offset, reference.length);
  std::string_view bytes = block.payload();
  auto method = static_cast<uint8_t>(bytes[0]);
  bytes.remove_prefix(ValueReference::kHeadBytes);
  if (method > static_cast<uint8_t>(BlockCompression::Zstd)) corrupted();
  if (static_cast<BlockCompression>(method) == BlockCompression::None) {
    if (bytes.size() != reference.size_bytes) corrupted();
    std::memcpy(out, bytes.data(), bytes.size());
  } else if (!decompress(static_cast<BlockCompression>(method), bytes, out, reference.size_bytes)) {
    corrupted();
  }
}

types::StringView ValueStore::read(const ValueReference& reference, Arena& heap) const {
  auto* bytes = static_cast<char*>(heap.allocate(std::max<size_t>(reference.size_bytes, 1), 1));
  read(reference, bytes);
  return types::StringView(bytes, reference.size_bytes);
}

std::vector<ValueStore::FileInfo> ValueStore::files() const {
  std::vector<FileInfo> list;
  std::lock_guard guard(mutex_);
  for (const auto& [number, file] : files_) list.push_back({number, file->path(), file->size_bytes()});
  return list;
}

bool ValueStore::empty() const {
  std::lock_guard guard(mutex_);
  return files_.empty();
}

std::vector<uint64_t> ValueStore::unused() const {
  std::vector<uint64_t> numbers;
  std::lock_guard guard(mutex_);
  for (const auto& [number, file] : files_) {
    if (file->uses_.load(std::memory_order_acquire) == 1) numbers.push_back(number);
  }
  return numbers;
}

void ValueStore::remove(const std::vector<uint64_t>& numbers) {
  for (uint64_t number : numbers) {
    ValueFile* file;
    {
      std::lock_guard guard(mutex_);
      auto found = files_.find(number);
      if (found == files_.end()) continue;
      file = found->second;
      AEGIS_CHECK(file->uses_ == 1);
    }
    // It stays known until it is gone, so that a failure is made good the next time.
    file_system_.remove(file->path());
    std::lock_guard guard(mutex_);
    files_.erase(number);
    file->release();
  }
}

void ValueStore::remove_strangers() {
  std::vector<std::string> names = file_system_.list(directory_);
  for (const std::string& name : names) {
    auto number = number_of(name);
    {
      std::lock_guard guard(mutex_);
      if (number && (files_.contains(*number) || *number >= next_number_)) continue;
    }
    file_system_.remove(directory_ + "/" + name);
  }
}

}  // namespace aegis::storage
