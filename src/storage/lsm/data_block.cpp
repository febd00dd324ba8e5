#include "lsm/data_block.h"

#include <lz4.h>

#include <cstring>

#include "coding.h"
#include "lsm/learned_index.h"

namespace aegis::storage::lsm {
namespace {

bool get_varint_at(const char*& at, const char* end, uint64_t& value) {
  if (at < end && (static_cast<uint8_t>(*at) & 0x80) == 0) {
    value = static_cast<uint8_t>(*at++);
    return true;
  }
  value = 0;
  for (unsigned shift = 0; shift < 64 && at < end; shift += 7) {
    auto byte = static_cast<uint8_t>(*at++);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

struct Head {
  uint64_t shared, unshared, value, tag, number;
};

// `suffix`: whether the keys end in a number of their own.
bool get_head(const char*& at, const char* end, bool suffix, Head& head) {
  head.value = 0;
  if (!get_varint_at(at, end, head.shared) || !get_varint_at(at, end, head.unshared) ||
      !get_varint_at(at, end, head.tag) || ((head.tag & 1) != 0 && !get_varint_at(at, end, head.value)) ||
      (suffix && !get_varint_at(at, end, head.number))) {
    return false;
  }
  return head.unshared <= static_cast<size_t>(end - at) &&
         head.value <= static_cast<size_t>(end - at) - head.unshared && (head.tag >> 1 & 3) <= 2;
}

void put_number(char* out, uint64_t number) {
  number = __builtin_bswap64(number);
  std::memcpy(out, &number, sizeof number);
}

}  // namespace

void DataBlockBuilder::add(const Entry& entry) {
  std::string_view body = entry.key.substr(0, entry.key.size() - suffix_);
  size_t shared = 0;
  if (count_ % kRestartInterval == 0) {
    restarts_.push_back(static_cast<uint32_t>(bytes_.size()));
    last_number_ = 0;
  } else {
    size_t bound = std::min(last_key_.size() - suffix_, body.size());
    while (shared < bound && last_key_[shared] == body[shared]) ++shared;
  }
  put_varint(bytes_, shared);
  put_varint(bytes_, body.size() - shared);
  put_varint(bytes_, entry.sequence << 3 | static_cast<uint64_t>(entry.kind) << 1 | (entry.value.empty() ? 0 : 1));
  if (!entry.value.empty()) put_varint(bytes_, entry.value.size());
  if (suffix_ != 0) {
    uint64_t number = number_of(entry.key, body.size());
    put_varint(bytes_, zigzag(static_cast<int64_t>(number - last_number_)));
    last_number_ = number;
  }
  bytes_.append(body.substr(shared));
  bytes_.append(entry.value);
  last_key_.assign(entry.key);
  ++count_;
}

std::string DataBlockBuilder::finish(bool compress) {
  for (uint32_t restart : restarts_) put_fixed(bytes_, restart);
  put_fixed(bytes_, static_cast<uint32_t>(restarts_.size()));
  std::string out;
  if (compress) {
    put_fixed(out, static_cast<uint32_t>(bytes_.size()));
    out.resize(sizeof(uint32_t) + static_cast<size_t>(LZ4_compressBound(static_cast<int>(bytes_.size()))));
    int size = LZ4_compress_default(bytes_.data(), out.data() + sizeof(uint32_t), static_cast<int>(bytes_.size()),
                                    static_cast<int>(out.size() - sizeof(uint32_t)));
    if (size > 0 && static_cast<size_t>(size) < bytes_.size() - bytes_.size() / 8) {
      out.resize(sizeof(uint32_t) + static_cast<size_t>(size));
      out.push_back(1);
    } else {
      out.clear();
    }
  }
  if (out.empty()) {
    out = std::move(bytes_);
    out.push_back(0);
  }
  bytes_.clear();
  restarts_.clear();
  last_key_.clear();
  count_ = 0;
  return out;
}

bool DataBlockReader::open(std::string_view payload, size_t suffix) {
  suffix_ = suffix;
  items_.clear();
  position_ = 0;
  restart_count_ = 0;
  if (payload.empty()) return false;
  char kind = payload.back();
  payload.remove_suffix(1);
  if (kind == 1) {
    uint32_t size;
    if (!get_fixed(payload, size) || size > (uint32_t{1} << 30)) return false;
    uncompressed_.resize(size);
    int got = LZ4_decompress_safe(payload.data(), uncompressed_.data(), static_cast<int>(payload.size()),
                                  static_cast<int>(size));
    if (got != static_cast<int>(size)) return false;
    payload = uncompressed_;
  } else if (kind != 0) {
    return false;
  }
  if (payload.size() < sizeof(uint32_t)) return false;
  std::memcpy(&restart_count_, payload.data() + payload.size() - sizeof(uint32_t), sizeof(uint32_t));
  payload.remove_suffix(sizeof(uint32_t));
  if (restart_count_ == 0 || restart_count_ > payload.size() / sizeof(uint32_t)) return false;
  entries_ = payload.substr(0, payload.size() - restart_count_ * sizeof(uint32_t));
  restarts_ = entries_.data() + entries_.size();
  for (uint32_t i = 0; i < restart_count_; ++i) {
    if (restart_offset(i) >= entries_.size()) return false;
  }
  return true;
}

uint32_t DataBlockReader::restart_offset(uint32_t restart) const {
  uint32_t offset;
  std::memcpy(&offset, restarts_ + restart * sizeof offset, sizeof offset);
  return offset;
}

std::string_view DataBlockReader::key_at_restart(uint32_t restart, std::string& buffer) const {
  const char* at = entries_.data() + restart_offset(restart);
  Head head;
  if (!get_head(at, entries_.data() + entries_.size(), suffix_ != 0, head)) return {};
  if (suffix_ == 0) return {at, head.unshared};
  buffer.assign(at, head.unshared);
  buffer.resize(head.unshared + suffix_);
  put_number(buffer.data() + head.unshared, static_cast<uint64_t>(unzigzag(head.number)));
  return buffer;
}

bool DataBlockReader::load(uint32_t restart) {
  restart_ = restart;
  items_.clear();
  position_ = 0;
  size_t end_offset = restart + 1 < restart_count_ ? restart_offset(restart + 1) : entries_.size();
  const char* at = entries_.data() + restart_offset(restart);
  const char* end = entries_.data() + end_offset;
  if (end < at) return false;
  // Keys that are not whole in the block are put together in keys_, which must not move meanwhile.
  size_t room = 0;
  size_t last = 0;
  Head head;
  for (const char* scan = at; scan < end; scan += head.unshared + head.value) {
    if (!get_head(scan, end, suffix_ != 0, head) || head.shared > last) return false;
    last = head.shared + head.unshared;
    if (head.shared > 0 || suffix_ != 0) room += last + suffix_;
  }
  keys_.resize(room);
  char* free = keys_.data();
  std::string_view key;
  uint64_t number = 0;
  while (at < end) {
    get_head(at, end, suffix_ != 0, head);
    size_t body = head.shared + head.unshared;
    if (head.shared == 0 && suffix_ == 0) {
      key = {at, head.unshared};
    } else {
      if (head.shared > 0) std::memcpy(free, key.data(), head.shared);
      std::memcpy(free + head.shared, at, head.unshared);
      if (suffix_ != 0) {
        number += static_cast<uint64_t>(unzigzag(head.number));
        put_number(free + body, number);
      }
      key = {free, body + suffix_};
      free += key.size();
    }
    at += head.unshared;
    items_.push_back({key, head.tag >> 3, static_cast<EntryKind>(head.tag >> 1 & 3), {at, head.value}});
    at += head.value;
  }
  return !items_.empty();
}

bool DataBlockReader::seek(const KeyOrder& order, std::string_view key) {
  // The last restart whose key is below: entries equal to `key` may begin before a restart that equals it.
  uint32_t low = 0, high = restart_count_;
  std::string buffer;
  while (low + 1 < high) {
    uint32_t middle = (low + high) / 2;
    std::string_view at = key_at_restart(middle, buffer);
    if (at.size() < order.suffix) return false;
    if (order.less(at, key)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  if (!load(low)) return false;
  for (;;) {
    while (position_ < items_.size() && order.less(items_[position_].key, key)) ++position_;
    if (position_ < items_.size() || restart_ + 1 >= restart_count_) return true;
    if (!load(restart_ + 1)) return false;
  }
}

bool DataBlockReader::seek_first() { return load(0); }

bool DataBlockReader::seek_last() {
  if (!load(restart_count_ - 1)) return false;
  position_ = items_.size() - 1;
  return true;
}

bool DataBlockReader::next() {
  if (++position_ < items_.size() || restart_ + 1 >= restart_count_) return true;
  return load(restart_ + 1);
}

bool DataBlockReader::previous() {
  if (position_ > 0) {
    --position_;
    return true;
  }
  if (restart_ == 0) {
    set_end();
    return true;
  }
  if (!load(restart_ - 1)) return false;
  position_ = items_.size() - 1;
  return true;
}

}  // namespace aegis::storage::lsm
