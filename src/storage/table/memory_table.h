// The row store behind Table: see row_directory.h for how rows are found and tuple.h for what they look like.
//
// Writers of a row hold its latch for the time of the check and the link; readers hold nothing but a registered
// snapshot, which keeps the versions they may meet from being freed. A version's creator is resolved through the
// TransactionTable until its transaction has been published and every one of its versions stamped.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "aegis/storage/table.h"
#include "reclaimer.h"
#include "table/row_directory.h"
#include "table/row_locks.h"
#include "write_set.h"

namespace aegis::storage {

class MemoryTable final : public Table, public std::enable_shared_from_this<MemoryTable> {
 public:
  MemoryTable(TableId id, const TableSchema& schema, TransactionTable& transactions, Reclaimer& reclaimer);
  ~MemoryTable() override;

  TableId id() const override { return id_; }
  TableSchema schema() const override;
  RowId end_row() const override { return RowId(next_row_.load(std::memory_order_acquire)); }
  bool scan(const Snapshot& snapshot, std::span<const uint32_t> columns, ScanState& state, vector::Chunk& chunk,
            std::vector<RowId>& rows) const override;
  void fetch(const Snapshot& snapshot, std::span<const RowId> rows, std::span<const uint32_t> columns,
             vector::Chunk& chunk, std::vector<uint32_t>& found) const override;
  bool is_visible(const Snapshot& snapshot, RowId row) const override;
  TableStatistics statistics() const override;

  RowId insert(TxnContext& txn, std::span<const uint32_t> columns, const vector::Chunk& chunk) override;
  WriteResult update(TxnContext& txn, const Snapshot& snapshot, RowId row, std::span<const uint32_t> columns,
                     const vector::Chunk& chunk, size_t chunk_row, RowLockMode mode) override;
  WriteResult remove(TxnContext& txn, const Snapshot& snapshot, RowId row) override;
  WriteResult lock(TxnContext& txn, const Snapshot& snapshot, RowId row, RowLockMode mode) override;
  std::vector<std::shared_ptr<Index>> indexes() const override;

  // --- For the engine --------------------------------------------------------------------------------------
  bool logged() const { return logged_; }
  const Layout& layout() const { return *layout_.load(std::memory_order_acquire); }
  // Returns the layout before.
  const Layout* add_column(const ColumnSchema& column);
  const Layout* drop_column(uint32_t position);
  void restore_layout(const Layout* layout) { layout_.store(layout, std::memory_order_release); }

  void attach(std::shared_ptr<MemoryIndex> index);
  void detach(const MemoryIndex& index);

  // The newest version, null if there is none. Needs a registered snapshot.
  Version* head(RowId row) const;
  // What the snapshot sees of the row, null if nothing.
  const Version* visible(const Snapshot& snapshot, RowId row) const;
  // A version's commit timestamp, kNotCommitted while (or because) there is none.
  static constexpr Timestamp kNotCommitted = ~Timestamp{0};
  Timestamp commit_time(const Version& version) const;
  // The running transaction that made the version, if that is so.
  std::optional<TxnId> running_creator(const Version& version) const;
  // Visits every version of rows [first, end) from newest to oldest; needs a registered snapshot.
  template <typename F>
  void for_each_version(F&& visit) const;

  // Commit: writes the timestamp to the versions of an entry.
  void stamp(const WriteEntry& entry, TxnId txn, Timestamp ts);
  void undo(const WriteEntry& entry, TxnId txn);
  void unlock(const WriteEntry& entry, TxnId txn);
  // Unlinks what snapshots from `horizon` on can't see of the row; returns how many versions.
  size_t prune(RowId row, Timestamp horizon);
  // Recovery: makes the image the row's only version, or removes the row.
  void restore(RowId row, Version* version);
  void reserve_rows(RowId end) { next_row_ = std::max(next_row_.load(), end.value); }

  std::atomic<bool> dirty{true};  // changed since its last checkpoint

 private:
  bool sees(const Snapshot& snapshot, const Version& version) const;
  const Version* visible_from(const Snapshot& snapshot, const Version* head) const;
  WriteResult check_write(const TxnContext& txn, const Snapshot& snapshot, RowLatch& latch, RowId row, RowLockMode mode);
  void fill(const Layout& layout, std::span<const uint32_t> columns, const Version* const* versions, size_t count,
            vector::Chunk& chunk) const;
  void link(TxnContext& txn, RowLatch& latch, RowId row, Version* version, WriteKind kind, RowLockMode mode);
  bool keys_untouched(std::span<const uint32_t> columns) const;
  // Removes index entries that versions [gone, gone_end) of a chain have and [kept, kept_end) have not.
  void erase_keys(RowId row, const Version* kept, const Version* kept_end, const Version* gone, const Version* gone_end);
  void undo_head(RowId row, const Version* expected, TxnId txn);
  void account(int64_t rows, int64_t bytes);
  using IndexList = std::vector<std::shared_ptr<MemoryIndex>>;
  const IndexList& index_list() const { return *indexes_.load(std::memory_order_acquire); }
  void replace_indexes(std::unique_ptr<IndexList> list);

  TableId id_;
  bool logged_;
  TransactionTable& transactions_;
  Reclaimer& reclaimer_;
  std::atomic<const Layout*> layout_;
  std::mutex layouts_mutex_;
  std::vector<std::unique_ptr<Layout>> layouts_;  // all there ever were: readers may hold any
  RowDirectory directory_;
  std::atomic<uint64_t> next_row_{1};
  RowLocks locks_;
  std::atomic<const IndexList*> indexes_{new IndexList};
  std::mutex indexes_mutex_;
  std::atomic<int64_t> row_count_{0};
  std::atomic<int64_t> size_bytes_{0};
  std::atomic<int64_t> dead_versions_{0};
};

template <typename F>
void MemoryTable::for_each_version(F&& visit) const {
  uint64_t end = end_row().value;
  for (uint64_t row = 1; row < end; ++row) {
    RowSlot* slot = directory_.find(RowId(row));
    if (slot == nullptr) {
      row |= RowDirectory::kBlockRows - 1;
      continue;
    }
    for (const Version* v = head_of(*slot); v != nullptr; v = v->older.load(std::memory_order_acquire)) {
      visit(RowId(row), *v);
    }
  }
}

}  // namespace aegis::storage
