#include "lsm/key_value_log.h"

#include "aegis/base/hash.h"
#include "coding.h"

namespace aegis::storage::lsm {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

}  // namespace

void KeyValueLog::append(std::string_view payload) {
  put_fixed(buffer_, static_cast<uint32_t>(payload.size()));
  put_fixed(buffer_, crc32c(payload.data(), payload.size()));
  buffer_.append(payload);
  size_ += payload.size() + 8;
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
    if (!get_fixed(in, size) || !get_fixed(in, crc) || size > in.size() || crc != crc32c(in.data(), size)) return false;
    visit(in.substr(0, size));
    in.remove_prefix(size);
  }
  return true;
}

}  // namespace aegis::storage::lsm
