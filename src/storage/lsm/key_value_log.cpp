#include "lsm/key_value_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "coding.h"

namespace aegis::storage::lsm {
namespace {

constexpr size_t kBufferBytes = 256 << 10;
constexpr size_t kHeadBytes = 20;

struct RecordHead {
  uint32_t size;
  uint32_t payload_crc;
  uint64_t synced;
};

uint32_t head_crc(const RecordHead& head, uint64_t at) { return crc32c(&at, sizeof at, crc32c(&head, sizeof head)); }

// False when there is none, or none whole.
bool head_at(std::string_view bytes, size_t at, RecordHead& head) {
  if (at + kHeadBytes > bytes.size()) return false;
  uint32_t crc;
  std::memcpy(&head, bytes.data() + at, sizeof head);
  std::memcpy(&crc, bytes.data() + at + sizeof head, sizeof crc);
  if (head.size == 0 || head.size > bytes.size() - at - kHeadBytes) return false;
  return crc == head_crc(head, at);
}

}  // namespace

void KeyValueLog::append(std::string_view head, std::string_view body) {
  size_t bytes = head.size() + body.size();
  buffer_.reserve(std::max(kBufferBytes + 4096, buffer_.size() + bytes + kHeadBytes));
  RecordHead record{static_cast<uint32_t>(bytes), crc32c(body.data(), body.size(), crc32c(head.data(), head.size())), synced_};
  put_fixed(buffer_, record.size);
  put_fixed(buffer_, record.payload_crc);
  put_fixed(buffer_, record.synced);
  put_fixed(buffer_, head_crc(record, size_));
  buffer_.append(head);
  buffer_.append(body);
  size_ += bytes + kHeadBytes;
  if (buffer_.size() >= kBufferBytes) write_out();
}

void KeyValueLog::write_out() {
  if (buffer_.empty()) return;
  file_->append(buffer_);
  buffer_.clear();
}

void KeyValueLog::sync() {
  write_out();
  file_->sync();
  synced(size_);
}

bool KeyValueLog::read(os::FileSystem& files, const std::string& path,
                       const std::function<void(std::string_view)>& visit) {
  std::string bytes = files.read_file(path);
  size_t at = 0;
  RecordHead record;
  // No record is empty: zeros are where a write is missing that a later one was kept of.
  while (head_at(bytes, at, record) && crc32c(bytes.data() + at + kHeadBytes, record.size) == record.payload_crc) {
    visit(std::string_view(bytes).substr(at + kHeadBytes, record.size));
    at += kHeadBytes + record.size;
  }
  if (at == bytes.size()) return true;
  for (size_t later = at + 1; later + kHeadBytes <= bytes.size(); ++later) {
    if (head_at(bytes, later, record) && record.synced > at) {
      throw StorageError(Sqlstate::DataCorrupted, fmt::format("invalid record in file \"{}\" at offset {}", path, at));
    }
  }
  return false;
}

}  // namespace aegis::storage::lsm
