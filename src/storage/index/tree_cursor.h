// A B+tree in memory as a source of entries beside files: keys are the entries' keys with the RowId behind, most
// significant byte first. It keeps copies, no pointers to entries, which may go meanwhile.
#pragma once

#include <string>

#include "index/btree.h"
#include "lsm/entry.h"

namespace aegis::storage {

inline constexpr size_t kRowSuffix = sizeof(uint64_t);
inline constexpr lsm::KeyOrder kIndexOrder{kRowSuffix};

inline void append_row(std::string& key, uint64_t row) {
  row = __builtin_bswap64(row);
  key.append(reinterpret_cast<const char*>(&row), sizeof row);
}
inline uint64_t row_of(std::string_view key) {
  uint64_t row;
  std::memcpy(&row, key.data() + key.size() - sizeof row, sizeof row);
  return __builtin_bswap64(row);
}

class TreeCursor final : public lsm::EntryCursor {
 public:
  TreeCursor(const BTree& tree, lsm::Direction direction) : tree_(tree), direction_(direction) {}
  void seek(const std::string_view* bound) override;
  bool valid() const override { return at_ < count_; }
  const lsm::Entry& entry() const override { return entry_; }
  void advance() override;

 private:
  struct Item {
    uint32_t end;  // of its key in keys_
    bool deleted;
  };
  void fill(const TreeProbe& probe);
  void fill_on();
  void show();

  static constexpr size_t kBatch = 64;
  const BTree& tree_;
  lsm::Direction direction_;
  Item batch_[kBatch];
  std::string keys_;
  size_t at_ = 0;
  size_t count_ = 0;
  size_t wanted_ = 4;  // many scans end soon
  bool more_ = false;
  std::string more_key_;  // where to go on
  uint64_t more_row_ = 0;
  lsm::Entry entry_;
};

}  // namespace aegis::storage
