#include "index/memory_index.h"

#include <algorithm>
#include <thread>

#include "aegis/base/hash.h"
#include "table/memory_table.h"

namespace aegis::storage {
namespace {

// Visits the rows that have exactly `key` until `visit` returns false.
template <typename F>
void for_each_row(const BTree& tree, std::string_view key, F&& visit) {
  const TreeEntry* batch[64];
  TreeProbe probe(key, 0);
  for (;;) {
    const TreeEntry* more = nullptr;
    size_t n = tree.read_forward(probe, batch, more);
    for (size_t i = 0; i < n; ++i) {
      if (batch[i]->key() != key) return;
      if (!visit(RowId(batch[i]->row))) return;
    }
    if (more == nullptr) return;
    // A fence may lie behind entries that are gone; it is a place, not an entry.
    probe = n > 0 && more == batch[n - 1] ? TreeProbe(more->key(), more->row + 1) : TreeProbe(more->key(), more->row);
    if (more->key() != key) {
      if (more->key() > key) return;
    }
  }
}

class MemoryCursor final : public IndexCursor {
 public:
  MemoryCursor(const BTree& tree, KeyRange range, ScanDirection direction)
      : tree_(tree), range_(std::move(range)), direction_(direction) {
    bool forward = direction == ScanDirection::Forward;
    const auto& start = forward ? range_.lower : range_.upper;
    bool inclusive = forward ? range_.lower_inclusive : range_.upper_inclusive;
    if (!start) {
      from_end_ = !forward;
    } else {
      key_ = *start;
      // Places before or behind all rows of the key.
      row_ = inclusive == forward ? 0 : ~uint64_t{0};
    }
  }

  size_t next(std::span<IndexEntry> out) override {
    size_t count = 0;
    while (!done_ && count < out.size()) {
      const TreeEntry* batch[64];
      std::span<const TreeEntry*> part(batch, std::min<size_t>(64, out.size() - count));
      const TreeEntry* more = nullptr;
      TreeProbe probe = from_end_ ? TreeProbe::behind_all() : TreeProbe(key_, row_);
      size_t n = direction_ == ScanDirection::Forward ? tree_.read_forward(probe, part, more)
                                                      : tree_.read_backward(probe, part, more);
      for (size_t i = 0; i < n; ++i) {
        if (!inside(batch[i]->key())) {
          done_ = true;
          return count;
        }
        out[count++] = {batch[i]->key(), RowId(batch[i]->row)};
      }
      advance(more, n > 0 && more == batch[n - 1]);
    }
    return count;
  }

 private:
  bool inside(std::string_view key) const {
    if (direction_ == ScanDirection::Forward) {
      if (!range_.upper) return true;
      int order = key.compare(*range_.upper);
      return order < 0 || (order == 0 && range_.upper_inclusive);
    }
    if (!range_.lower) return true;
    int order = key.compare(*range_.lower);
    return order > 0 || (order == 0 && range_.lower_inclusive);
  }

  void advance(const TreeEntry* more, bool is_last_entry) {
    if (more == nullptr) {
      done_ = true;
      return;
    }
    from_end_ = false;
    key_ = more->key();
    row_ = more->row;
    if (is_last_entry && direction_ == ScanDirection::Forward) ++row_;
    if (!is_last_entry && !inside(key_) && direction_ == ScanDirection::Forward) done_ = true;
  }

  const BTree& tree_;
  KeyRange range_;
  ScanDirection direction_;
  std::string key_;  // where to go on: forward from here, backward before here
  uint64_t row_ = 0;
  bool from_end_ = false;
  bool done_ = false;
};

}  // namespace

MemoryIndex::MemoryIndex(const IndexDefinition& definition, MemoryTable& table, Reclaimer& reclaimer)
    : definition_(definition), table_(table), tree_(reclaimer), read_columns_(definition.inputs) {
  for (const KeyColumn& column : definition.columns) read_columns_.push_back(column.column);
}

std::unique_ptr<IndexCursor> MemoryIndex::scan(KeyRange range, ScanDirection direction) const {
  return std::make_unique<MemoryCursor>(tree_, std::move(range), direction);
}

void MemoryIndex::lookup(std::string_view key, std::vector<RowId>& rows) const {
  for_each_row(tree_, key, [&](RowId row) {
    rows.push_back(row);
    return true;
  });
}

bool MemoryIndex::depends_on(std::span<const uint32_t> columns) const {
  auto changed = [&](uint32_t column) { return std::find(columns.begin(), columns.end(), column) != columns.end(); };
  if (definition_.compute) return std::any_of(definition_.inputs.begin(), definition_.inputs.end(), changed);
  return std::any_of(definition_.columns.begin(), definition_.columns.end(),
                     [&](const KeyColumn& key) { return changed(key.column); });
}

bool MemoryIndex::key_of(const Layout& layout, const Version& version, std::string& key, bool* has_null) const {
  key.clear();
  if (has_null != nullptr) *has_null = false;
  if (!definition_.compute) {
    for (const KeyColumn& column : definition_.columns) {
      types::Value value;
      if (!is_null(layout, version, column.column)) {
        value = types::load_slot(column.type, slot_of(layout, version, column.column));
      } else if (has_null != nullptr) {
        *has_null = true;
      }
      append_key(key, column, value);
    }
    return true;
  }
  vector::Chunk row;
  for (uint32_t input : definition_.inputs) row.add_column(kInvalidOid, layout.columns[input].type);
  const Version* one = &version;
  for (size_t i = 0; i < definition_.inputs.size(); ++i) {
    gather_column(layout, definition_.inputs[i], &one, 1, false, row.column(i));
  }
  row.set_size(1);
  KeyBatch batch;
  definition_.compute(row, batch);
  if (batch.keys.empty() || (!batch.skipped.empty() && batch.skipped[0] != 0)) return false;
  if (has_null != nullptr) *has_null = !batch.has_null.empty() && batch.has_null[0] != 0;
  key = batch.keys[0];
  return true;
}

std::mutex& MemoryIndex::key_latch(std::string_view key) {
  return key_latches_[hash_bytes(key) % key_latches_.size()];
}

// What another row's newest state means for `key`.
UniqueResult MemoryIndex::judge(const TxnContext& txn, std::string_view key, RowId candidate) const {
  const Layout& layout = table_.layout();
  std::string other;
  auto has_key = [&](const Version& v) { return !v.is_tombstone() && key_of(layout, v, other) && other == key; };
  auto segment_has_key = [&] {
    RowImage image = table_.segment_image(candidate, read_columns());
    return image && has_key(*image);
  };
  const Version* head;
  for (;;) {
    head = table_.head(candidate);
    if (head == nullptr) return segment_has_key() ? UniqueResult{UniqueOutcome::Conflict, candidate, {}} : UniqueResult{};
    if (head->begin.load(std::memory_order_acquire) == (kTxnBit | txn.id.value)) break;
    if (auto creator = table_.running_creator(*head)) {
      const Version* committed = head;
      const Version* oldest = head;
      while (committed != nullptr && table_.commit_time(*committed) == MemoryTable::kNotCommitted) {
        oldest = committed;
        committed = committed->older.load(std::memory_order_acquire);
      }
      bool matters = has_key(*head) || (committed != nullptr && has_key(*committed));
      if (!matters && committed == nullptr && (oldest->flags & Version::kInsert) == 0) matters = segment_has_key();
      return matters ? UniqueResult{UniqueOutcome::Wait, candidate, *creator} : UniqueResult{};
    }
    // A version of a transaction that has just been rolled back is about to be unlinked: look again.
    if (table_.commit_time(*head) != MemoryTable::kNotCommitted) break;
    std::this_thread::yield();
  }
  return has_key(*head) ? UniqueResult{UniqueOutcome::Conflict, candidate, {}} : UniqueResult{};
}

UniqueResult MemoryIndex::check_unique(const TxnContext& txn, std::string_view key, RowId row) const {
  UniqueResult result;
  for_each_row(tree_, key, [&](RowId candidate) {
    if (candidate == row) return true;
    UniqueResult one = judge(txn, key, candidate);
    if (!one) result = one;
    return one.outcome != UniqueOutcome::Conflict;
  });
  return result;
}

UniqueResult MemoryIndex::insert_unique(const TxnContext& txn, std::string_view key, RowId row) {
  std::lock_guard guard(key_latch(key));
  UniqueResult result = check_unique(txn, key, row);
  if (result) tree_.insert(key, row.value);
  return result;
}

}  // namespace aegis::storage
