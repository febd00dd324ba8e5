#include "index/index_memtable.h"

#include <atomic>
#include <mutex>
#include <string>

#include "index/btree.h"
#include "index/tree_cursor.h"
#include "lsm/memtable.h"

namespace aegis::storage {
namespace {

// Of the entries of one key the newest. No encoded key is a prefix of another, so the memtable's order of bytes is that
// of (key, row); bounds may be prefixes, though.
class NewestCursor final : public lsm::EntryCursor {
 public:
  NewestCursor(const lsm::Memtable& table, lsm::Direction direction) : inner_(table.cursor(direction)), direction_(direction) {}

  void seek(const std::string_view* bound) override {
    if (bound == nullptr) {
      inner_->seek(nullptr);
    } else if (direction_ == lsm::Direction::Forward) {
      std::string_view key = kIndexOrder.filter_key(*bound);
      inner_->seek(&key);
      while (inner_->valid() && kIndexOrder.less(inner_->entry().key, *bound)) inner_->advance();
    } else {
      inner_->seek(bound);
      while (inner_->valid() && !kIndexOrder.less(inner_->entry().key, *bound)) inner_->advance();
    }
    take();
  }
  bool valid() const override { return valid_; }
  const lsm::Entry& entry() const override { return entry_; }
  void advance() override { take(); }

 private:
  void take() {
    valid_ = inner_->valid();
    if (!valid_) return;
    entry_ = inner_->entry();
    for (inner_->advance(); inner_->valid() && inner_->entry().key == entry_.key; inner_->advance()) {
      if (inner_->entry().sequence > entry_.sequence) entry_ = inner_->entry();
    }
    entry_.sequence = 0;
  }

  std::unique_ptr<lsm::EntryCursor> inner_;
  const lsm::Direction direction_;
  lsm::Entry entry_;
  bool valid_ = false;
};

// A memtable for one writer, who has the latch.
class LatchedMemtable final : public IndexMemtable {
 public:
  explicit LatchedMemtable(lsm::MemtableKind kind) : kind_(kind), table_(lsm::Memtable::make(kind)) {}

  bool insert(std::string_view key, uint64_t row, bool deleted) override {
    thread_local std::string full;
    full.assign(key);
    append_row(full, row);
    auto wanted = deleted ? lsm::EntryKind::Delete : lsm::EntryKind::Put;
    std::lock_guard guard(mutex_);
    auto newest = table_->get(full, lsm::kMaxSequence);
    if (newest && newest->kind == wanted) return false;
    table_->add({full, ++sequence_, wanted, {}});
    entries_.fetch_add((deleted ? -1 : 1) * (newest ? 2 : 1), std::memory_order_relaxed);
    return true;
  }
  std::unique_ptr<lsm::EntryCursor> cursor(lsm::Direction direction) const override {
    return std::make_unique<NewestCursor>(*table_, direction);
  }
  int64_t entry_count() const override { return entries_.load(std::memory_order_relaxed); }
  bool empty() const override { return table_->empty(); }
  uint64_t size_bytes() const override { return table_->size_bytes(); }
  lsm::MemtableKind kind() const override { return kind_; }

 private:
  const lsm::MemtableKind kind_;
  std::unique_ptr<lsm::Memtable> table_;
  std::mutex mutex_;
  uint64_t sequence_ = 0;
  std::atomic<int64_t> entries_{0};
};

}  // namespace

std::shared_ptr<IndexMemtable> IndexMemtable::make(lsm::MemtableKind kind, Reclaimer& reclaimer) {
  if (kind == lsm::MemtableKind::BTree) return std::make_shared<BTree>(reclaimer);
  return std::make_shared<LatchedMemtable>(kind);
}

std::unique_ptr<lsm::EntryCursor> BTree::cursor(lsm::Direction direction) const {
  return std::make_unique<TreeCursor>(*this, direction);
}

}  // namespace aegis::storage
