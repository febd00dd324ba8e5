#include "lsm/data_block.h"

#include <lz4.h>

#include <cstring>

#include "coding.h"

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
  uint64_t shared, unshared, value, tag;
};

bool get_head(const char*& at, const char* end, Head& head) {
  return get_varint_at(at, end, head.shared) && get_varint_at(at, end, head.unshared) &&
         get_varint_at(at, end, head.value) && get_varint_at(at, end, head.tag) &&
         head.unshared <= static_cast<size_t>(end - at) &&
         head.value <= static_cast<size_t>(end - at) - head.unshared && (head.tag & 3) <= 2;
}

}  // namespace

void DataBlockBuilder::add(const Entry& entry) {
  size_t shared = 0;
  if (count_ % kRestartInterval == 0) {
    restarts_.push_back(static_cast<uint32_t>(bytes_.size()));
  } else {
    size_t bound = std::min(last_key_.size(), entry.key.size());
    while (shared < bound && last_key_[shared] == entry.key[shared]) ++shared;
  }
  put_varint(bytes_, shared);
  put_varint(bytes_, entry.key.size() - shared);
  put_varint(bytes_, entry.value.size());
  put_varint(bytes_, entry.sequence << 2 | static_cast<uint64_t>(entry.kind));
  bytes_.append(entry.key.substr(shared));
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

bool DataBlockReader::open(std::string_view payload) {
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

std::string_view DataBlockReader::key_at_restart(uint32_t restart) const {
  const char* at = entries_.data() + restart_offset(restart);
  Head head;
  if (!get_head(at, entries_.data() + entries_.size(), head)) return {};
  return {at, head.unshared};
}

bool DataBlockReader::load(uint32_t restart) {
  restart_ = restart;
  items_.clear();
  position_ = 0;
  size_t end_offset = restart + 1 < restart_count_ ? restart_offset(restart + 1) : entries_.size();
  const char* at = entries_.data() + restart_offset(restart);
  const char* end = entries_.data() + end_offset;
  if (end < at) return false;
  // Keys that share bytes are put together in keys_, which must not move meanwhile.
  size_t room = 0;
  size_t last = 0;
  Head head;
  for (const char* scan = at; scan < end; scan += head.unshared + head.value) {
    if (!get_head(scan, end, head) || head.shared > last) return false;
    last = head.shared + head.unshared;
    if (head.shared > 0) room += last;
  }
  keys_.resize(room);
  char* free = keys_.data();
  std::string_view key;
  while (at < end) {
    get_head(at, end, head);
    if (head.shared == 0) {
      key = {at, head.unshared};
    } else {
      std::memcpy(free, key.data(), head.shared);
      std::memcpy(free + head.shared, at, head.unshared);
      key = {free, head.shared + head.unshared};
      free += key.size();
    }
    at += head.unshared;
    items_.push_back({key, head.tag >> 2, static_cast<EntryKind>(head.tag & 3), {at, head.value}});
    at += head.value;
  }
  return !items_.empty();
}

bool DataBlockReader::seek(const KeyOrder& order, std::string_view key) {
  // The last restart whose key is below: entries equal to `key` may begin before a restart that equals it.
  uint32_t low = 0, high = restart_count_;
  while (low + 1 < high) {
    uint32_t middle = (low + high) / 2;
    std::string_view at = key_at_restart(middle);
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
