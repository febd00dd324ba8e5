// Entries in a block. A block's payload is
//
//   entries | restart offsets, 4 bytes each | their count, 4 bytes | 0
//   size of the above without the last byte, 4 bytes | that, compressed by LZ4 | 1
//
// and an entry is: varints of the bytes its key shares with the one before, and of those it does not; varint of
// sequence * 8 + kind * 2 + has_value; the size of the value if it has one; key bytes; value bytes. At a restart nothing
// is shared. With a suffix (KeyOrder) of eight bytes, these are no part of the key above but a number, and an entry
// begins with a byte that says which varints follow (data_block.cpp): mostly none does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lsm/entry.h"

namespace aegis::storage::lsm {

inline constexpr uint32_t kRestartInterval = 16;

class DataBlockBuilder {
 public:
  explicit DataBlockBuilder(size_t suffix = 0) : suffix_(suffix) {}
  void add(const Entry& entry);
  size_t size_bytes() const { return bytes_.size() + restarts_.size() * sizeof(uint32_t); }
  bool empty() const { return count_ == 0; }
  const std::string& last_key() const { return last_key_; }
  // The payload; the builder is empty afterwards.
  std::string finish(bool compress);

 private:
  size_t suffix_;
  std::string bytes_;
  std::vector<uint32_t> restarts_;
  std::string last_key_;
  uint64_t last_number_ = 0;
  uint32_t count_ = 0;
};

// Reads a block; malformed ones make the functions return false. Walking forward decodes entry by entry, walking
// backward all entries between two restarts at once.
class DataBlockReader {
 public:
  // `payload` must stay valid if it is not compressed.
  bool open(std::string_view payload, size_t suffix = 0);
  // To the first entry whose key is not below `key`; at_end() if there is none.
  bool seek(const KeyOrder& order, std::string_view key);
  bool seek_first();
  bool seek_last();
  bool at_end() const { return !valid_; }
  // Valid until the reader moves.
  const Entry& entry() const { return entry_; }
  // To the next or the previous entry, or to the end.
  bool next();
  bool previous();

 private:
  // Empty if it is malformed.
  std::string_view key_at_restart(uint32_t restart) const;
  const char* restart_at(uint32_t restart) const;
  bool start_at(uint32_t restart);
  bool step();
  bool list(uint32_t restart);
  void show(size_t position);

  size_t suffix_ = 0;
  std::string_view entries_;
  const char* restarts_ = nullptr;
  uint32_t restart_count_ = 0;
  std::string uncompressed_;
  mutable std::string probe_;

  bool valid_ = false;
  Entry entry_;
  const char* current_ = nullptr;  // where the entry begins
  const char* next_ = nullptr;     // where the next one does
  std::string key_;
  uint64_t number_ = 0;  // the suffix
  uint32_t count_ = 0;   // entries since the restart

  // Walking backward.
  struct Item {
    const char* at;
    size_t key_from;
    Entry entry;
  };
  bool listed_ = false;
  uint32_t restart_ = 0;
  std::vector<Item> items_;
  std::string keys_;
  size_t position_ = 0;
};

}  // namespace aegis::storage::lsm
