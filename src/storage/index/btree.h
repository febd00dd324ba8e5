// A B+tree in memory whose readers take no latch: they read a node, then check that its version number is what it was
// before ("optimistic lock coupling", Leis et al., 2019). Every field of a node is atomic, so a reader that loses the
// race reads garbage numbers, never freed memory: nodes live as long as the tree, entries are retired to a
// Reclaimer, and readers hold its Pin while they follow pointers to entries.
//
// Order is by key bytes, then RowId. A node keeps the first 16 bytes of each key beside the pointer to the entry, so
// that a search seldom follows it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "index/index_memtable.h"
#include "reclaimer.h"

namespace aegis::storage {

struct TreeEntry {
  uint64_t row;
  uint32_t size;
  bool deleted;  // says that older parts of the index must not be believed
  char bytes[];

  std::string_view key() const { return {bytes, size}; }
  static size_t size_bytes(size_t key) { return offsetof(TreeEntry, bytes) + key; }
  size_t size_bytes() const { return size_bytes(size); }
  static TreeEntry* make(std::string_view key, uint64_t row, bool deleted = false);
};

// A place between entries: the least (key, row) that may follow. `end` is behind everything.
struct TreeProbe {
  uint64_t high = 0;
  uint64_t low = 0;
  std::string_view key;
  uint64_t row = 0;
  bool end = false;

  TreeProbe(std::string_view key, uint64_t row);
  static TreeProbe behind_all();
};

class BTree final : public IndexMemtable {
 public:
  explicit BTree(Reclaimer& reclaimer);
  ~BTree() override;
  BTree(const BTree&) = delete;
  BTree& operator=(const BTree&) = delete;

  Reclaimer& reclaimer() const { return reclaimer_; }
  // False if the entry is there already. One that says the opposite is replaced.
  bool insert(std::string_view key, uint64_t row, bool deleted = false) override;
  // Takes the entry out, whatever it says.
  bool erase(std::string_view key, uint64_t row);
  // Up to out.size() entries from `from` on, ascending; or those before `from`, descending. `more` is what to go on
  // from when the batch ended at a node's border: null when there is nothing behind. The caller holds the Pin.
  size_t read_forward(const TreeProbe& from, std::span<const TreeEntry*> out, const TreeEntry*& more) const;
  size_t read_backward(const TreeProbe& from, std::span<const TreeEntry*> out, const TreeEntry*& more) const;

  std::unique_ptr<lsm::EntryCursor> cursor(lsm::Direction direction) const override;
  int64_t entry_count() const override { return entries_.load(std::memory_order_relaxed); }
  bool empty() const override { return total_.load(std::memory_order_relaxed) == 0; }
  lsm::MemtableKind kind() const override { return lsm::MemtableKind::BTree; }
  BTree* btree() override { return this; }
  const BTree* btree() const override { return this; }
  uint64_t size_bytes() const override { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr uint32_t kFanout = 64;
  struct Node;
  struct Leaf;
  struct Inner;
  struct Position;

  template <typename N>
  N* make_node();
  Leaf* find_leaf(const TreeProbe& probe, bool strictly_before, Position& position) const;
  bool insert_once(TreeEntry* entry, const TreeProbe& probe, bool& done);
  bool split(Node* node, uint64_t version, Inner* parent, uint64_t parent_version, bool ascending);
  void split_leaf(Leaf* left, Leaf* right, uint32_t keep);
  TreeEntry* split_inner(Inner* left, Inner* right, uint32_t keep);
  void count(int64_t total, int64_t live, int64_t bytes);

  Reclaimer& reclaimer_;
  std::atomic<Node*> root_;
  std::atomic<int64_t> total_{0};
  std::atomic<int64_t> entries_{0};
  std::atomic<uint64_t> bytes_{0};
  std::mutex nodes_mutex_;
  std::vector<Node*> nodes_;
  std::vector<TreeEntry*> separators_;
};

}  // namespace aegis::storage
