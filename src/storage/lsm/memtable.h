// The newest entries of a tree, in memory. One writer at a time; readers take no lock.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "aegis/base/arena.h"
#include "lsm/entry.h"

namespace aegis::storage::lsm {

// A skip list in an arena (Pugh, 1990): nodes are linked bottom up by releasing stores and never unlinked. Order is by
// key, of one key the newest first.
class Memtable {
 public:
  Memtable();
  void add(const Entry& entry);
  // The newest entry of `key` not newer than `sequence`; its bytes live as long as the table.
  std::optional<Entry> get(std::string_view key, uint64_t sequence) const;
  // Must not outlive the table.
  std::unique_ptr<EntryCursor> cursor(Direction direction) const;
  uint64_t entry_count() const { return count_.load(std::memory_order_relaxed); }
  size_t size_bytes() const { return bytes_.load(std::memory_order_relaxed); }
  bool empty() const { return entry_count() == 0; }

 private:
  class Cursor;
  struct Node;
  static constexpr int kMaxHeight = 14;

  Node* make_node(const Entry& entry, int height);
  // The first node not before (key, sequence); `before` gets the last nodes before it, by level.
  Node* find(std::string_view key, uint64_t sequence, Node** before) const;
  Node* last() const;

  Arena arena_{64 << 10};
  Node* head_;
  std::atomic<int> height_{1};
  std::atomic<uint64_t> count_{0};
  std::atomic<size_t> bytes_{0};
  uint64_t random_ = 0x2545f4914f6cdd1dULL;
};

}  // namespace aegis::storage::lsm
