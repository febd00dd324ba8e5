#include "lsm/key_value_log.h"

#include <algorithm>

#include "aegis/base/hash.h"
#include "coding.h"

namespace aegis::storage::lsm {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

}  // namespace

void KeyValueLog::append(std::string_view head, std::string_view body) {
  size_t bytes = head.size() + body.size();
  buffer_.reserve(std::max(kBufferBytes + 4096, buffer_.size() + bytes + 8));
  put_fixed(buffer_, static_cast<uint32_t>(bytes));
  put_fixed(buffer_, crc32c(body.data(), body.size(), crc32c(head.data(), head.size())));
  buffer_.append(head);
  buffer_.append(body);
  size_ += bytes + 8;
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
}

bool KeyValueLog::read(os::FileSystem& files, const std::string& path,
                       const std::function<void(std::string_view)>& visit) {
  std::string bytes = files.read_file(path);
  std::string_view in = bytes;
  while (!in.empty()) {
    uint32_t size, crc;
    // No record is empty: zeros are where a write is missing that a later one was kept of.
    if (!get_fixed(in, size) || !get_fixed(in, crc) || size == 0 || size > in.size() || crc != crc32c(in.data(), size)) return false;
    visit(in.substr(0, size));
    in.remove_prefix(size);
  }
  return true;
}

}  // namespace aegis::storage::lsm
