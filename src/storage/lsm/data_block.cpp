#include "lsm/data_block.h"

#include <lz4.h>

#include <algorithm>
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

// The first byte of an entry whose key ends in a number.
constexpr uint8_t kLongKey = 15;       // in the lower four bits, which have the bytes not shared: a varint adds to it
constexpr uint64_t kPlainTag = static_cast<uint64_t>(EntryKind::Put) << 1;
constexpr uint8_t kHasTag = 1 << 4;    // otherwise: sequence 0, put, no value
constexpr uint8_t kHasNumber = 1 << 5; // otherwise: the one before plus 1
constexpr uint8_t kHasShared = 1 << 6; // otherwise: the key is as long as the one before

inline bool get_suffix_head(const char*& at, const char* end, size_t last_size, Head& head) {
  if (at == end) return false;
  auto first = static_cast<uint8_t>(*at++);
  head.unshared = first & 15;
  head.tag = kPlainTag;
  head.number = 2;  // zigzag
  if (head.unshared == kLongKey) {
    uint64_t more;
    if (!get_varint_at(at, end, more)) return false;
    head.unshared += more;
  }
  if ((first & kHasTag) != 0 && !get_varint_at(at, end, head.tag)) return false;
  if ((head.tag & 1) != 0 && !get_varint_at(at, end, head.value)) return false;
  if ((first & kHasNumber) != 0 && !get_varint_at(at, end, head.number)) return false;
  if ((first & kHasShared) != 0) return get_varint_at(at, end, head.shared);
  if (head.unshared > last_size) return false;
  head.shared = last_size - head.unshared;
  return true;
}

// `suffix`: whether the keys end in a number of their own. `last_size`: of the key before, without it.
inline bool get_head(const char*& at, const char* end, bool suffix, size_t last_size, Head& head) {
  head.value = 0;
  head.number = 0;
  if (suffix) {
    if (!get_suffix_head(at, end, last_size, head)) return false;
  } else if (!get_varint_at(at, end, head.shared) || !get_varint_at(at, end, head.unshared) ||
             !get_varint_at(at, end, head.tag) || ((head.tag & 1) != 0 && !get_varint_at(at, end, head.value))) {
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
  bool restart = count_ % kRestartInterval == 0;
  if (restart) {
    restarts_.push_back(static_cast<uint32_t>(bytes_.size()));
    last_number_ = 0;
  } else {
    size_t bound = std::min(last_key_.size() - suffix_, body.size());
    while (shared < bound && last_key_[shared] == body[shared]) ++shared;
  }
  uint64_t tag = entry.sequence << 3 | static_cast<uint64_t>(entry.kind) << 1 | (entry.value.empty() ? 0 : 1);
  if (suffix_ != 0) {
    uint64_t number = number_of(entry.key, body.size());
    uint64_t unshared = body.size() - shared;
    bool same_size = !restart && body.size() == last_key_.size() - suffix_;
    bool next_number = number == last_number_ + 1;
    bytes_.push_back(static_cast<char>(std::min<uint64_t>(unshared, kLongKey) | (tag != kPlainTag ? kHasTag : 0) |
                                       (next_number ? 0 : kHasNumber) | (same_size ? 0 : kHasShared)));
    if (unshared >= kLongKey) put_varint(bytes_, unshared - kLongKey);
    if (tag != kPlainTag) put_varint(bytes_, tag);
    if (!entry.value.empty()) put_varint(bytes_, entry.value.size());
    if (!next_number) put_varint(bytes_, zigzag(static_cast<int64_t>(number - last_number_)));
    if (!same_size) put_varint(bytes_, shared);
    last_number_ = number;
  } else {
    put_varint(bytes_, shared);
    put_varint(bytes_, body.size() - shared);
    put_varint(bytes_, tag);
    if (!entry.value.empty()) put_varint(bytes_, entry.value.size());
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
  valid_ = false;
  listed_ = false;
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
  return true;
}

const char* DataBlockReader::restart_at(uint32_t restart) const {
  if (restart >= restart_count_) return entries_.data() + entries_.size();
  uint32_t offset;
  std::memcpy(&offset, restarts_ + restart * sizeof offset, sizeof offset);
  return entries_.data() + std::min<size_t>(offset, entries_.size());
}

std::string_view DataBlockReader::key_at_restart(uint32_t restart) const {
  const char* at = restart_at(restart);
  Head head;
  if (!get_head(at, entries_.data() + entries_.size(), suffix_ != 0, 0, head)) return {};
  if (suffix_ == 0) return {at, head.unshared};
  probe_.resize(head.unshared + suffix_);
  std::memcpy(probe_.data(), at, head.unshared);
  put_number(probe_.data() + head.unshared, static_cast<uint64_t>(unzigzag(head.number)));
  return probe_;
}

// --- Forward -----------------------------------------------------------------------------------------------

bool DataBlockReader::start_at(uint32_t restart) {
  listed_ = false;
  next_ = restart_at(restart);
  count_ = 0;
  key_.assign(suffix_, '\0');
  return step();
}

// Decodes the entry at next_.
bool DataBlockReader::step() {
  const char* end = entries_.data() + entries_.size();
  valid_ = next_ < end;
  if (!valid_) return true;
  current_ = next_;
  const char* at = next_;
  Head head;
  if (!get_head(at, end, suffix_ != 0, key_.size() - suffix_, head) || head.shared + suffix_ > key_.size()) return false;
  size_t body = head.shared + head.unshared;
  key_.resize(body + suffix_);
  std::memcpy(key_.data() + head.shared, at, head.unshared);
  if (suffix_ != 0) {
    if (count_++ % kRestartInterval == 0) number_ = 0;
    number_ += static_cast<uint64_t>(unzigzag(head.number));
    put_number(key_.data() + body, number_);
  }
  at += head.unshared;
  entry_ = {key_, head.tag >> 3, static_cast<EntryKind>(head.tag >> 1 & 3), {at, head.value}};
  next_ = at + head.value;
  return true;
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
  if (!start_at(low)) return false;
  while (valid_ && order.less(entry_.key, key)) {
    if (!step()) return false;
  }
  return true;
}

bool DataBlockReader::seek_first() { return start_at(0) && valid_; }

bool DataBlockReader::next() {
  if (!listed_) return step();
  const char* here = current_;
  if (!start_at(restart_)) return false;
  while (valid_ && current_ != here) {
    if (!step()) return false;
  }
  return step();
}

// --- Backward ----------------------------------------------------------------------------------------------

// Decodes the entries between two restarts.
bool DataBlockReader::list(uint32_t restart) {
  restart_ = restart;
  items_.clear();
  keys_.clear();
  const char* end = restart_at(restart + 1);
  if (!start_at(restart)) return false;
  while (valid_ && current_ < end) {
    items_.push_back({current_, keys_.size(), entry_});
    keys_ += key_;
    if (!step()) return false;
  }
  for (Item& item : items_) item.entry.key = {keys_.data() + item.key_from, item.entry.key.size()};
  listed_ = true;
  return !items_.empty();
}

void DataBlockReader::show(size_t position) {
  position_ = position;
  entry_ = items_[position].entry;
  current_ = items_[position].at;
  valid_ = true;
}

bool DataBlockReader::seek_last() {
  if (!list(restart_count_ - 1)) return false;
  show(items_.size() - 1);
  return true;
}

bool DataBlockReader::previous() {
  if (!listed_) {
    const char* here = current_;
    uint32_t low = 0, high = restart_count_;
    while (low + 1 < high) {
      uint32_t middle = (low + high) / 2;
      (restart_at(middle) <= here ? low : high) = middle;
    }
    if (!list(low)) return false;
    auto item = std::find_if(items_.begin(), items_.end(), [&](const Item& i) { return i.at == here; });
    if (item == items_.end()) return false;
    position_ = static_cast<size_t>(item - items_.begin());
  }
  if (position_ > 0) {
    show(position_ - 1);
    return true;
  }
  if (restart_ == 0) {
    valid_ = false;
    return true;
  }
  if (!list(restart_ - 1)) return false;
  show(items_.size() - 1);
  return true;
}

}  // namespace aegis::storage::lsm
