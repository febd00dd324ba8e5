// A hash table of rows by key, for grouping, DISTINCT and set operations. Nulls are equal to each other.
#pragma once

#include <cstdint>
#include <vector>

#include "aegis/base/arena.h"
#include "pipeline/rows.h"

namespace aegis::executor {

// Linear probing over (hash tag, row) words; rows are: hash, null bytes, key slots, then `payload_bytes` for the owner
// (zeroed). Not thread safe.
class GroupTable {
 public:
  GroupTable(const std::vector<Oid>& key_types, size_t payload_bytes);

  // rows[i] is the row with the keys of row i; is_new[i] (may be null) says whether it was made now.
  void find_or_insert(const std::vector<const Vector*>& keys, size_t count, std::byte** rows, bool* is_new);
  // rows[i] is null when there is none.
  void find(const std::vector<const Vector*>& keys, size_t count, std::byte** rows);
  // Of the keys given to the last call of these two.
  const uint64_t* hashes() const { return hashes_.data(); }
  // The same key as another table's row (merging); the row's hash is reused.
  std::byte* find_or_insert_row(const std::byte* row, bool* is_new);

  const RowLayout& layout() const { return layout_; }
  std::byte* payload(std::byte* row) const { return row + payload_at_; }
  const std::byte* payload(const std::byte* row) const { return row + payload_at_; }
  uint64_t hash_of(const std::byte* row) const;
  const std::vector<std::byte*>& rows() const { return rows_; }
  // Visits (hash, row) in no order, without touching the rows.
  template <typename F>
  void for_each(F&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.row != nullptr) visit(slot.hash, slot.row);
    }
  }
  Arena& arena() { return arena_; }
  size_t memory_bytes() const { return arena_.allocated_bytes() + slots_.size() * sizeof(Slot); }

 private:
  struct Slot {
    uint64_t hash;
    std::byte* row;  // null: free
  };
  void prefetch(size_t count) const;
  std::byte* insert_at(size_t slot, uint64_t hash);
  void grow();
  bool same_keys(const std::vector<VectorView>& views, size_t i, const std::byte* row) const;
  bool same_rows(const std::byte* a, const std::byte* b) const;

  RowLayout layout_;
  std::vector<SlotEquality> equalities_;
  size_t payload_at_;
  size_t total_bytes_;
  std::vector<Slot> slots_;
  std::vector<std::byte*> rows_;
  Arena arena_{1 << 14};
  std::vector<uint64_t> hashes_;
};

}  // namespace aegis::executor
