#include "table/memory_table.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "index/memory_index.h"

namespace aegis::storage {

MemoryTable::MemoryTable(TableId id, const TableSchema& schema, TransactionTable& transactions, Reclaimer& reclaimer)
    : id_(id), logged_(schema.logged), transactions_(transactions), reclaimer_(reclaimer) {
  layouts_.push_back(Layout::of(schema));
  layout_ = layouts_.back().get();
}

MemoryTable::~MemoryTable() {
  uint64_t end = next_row_;
  for (uint64_t row = 1; row < end; ++row) {
    RowSlot* slot = directory_.find(RowId(row));
    if (slot == nullptr) {
      row |= RowDirectory::kBlockRows - 1;
      continue;
    }
    Version* v = head_of(*slot);
    while (v != nullptr) {
      Version* older = v->older;
      free_version(v);
      v = older;
    }
  }
  delete indexes_.load();
}

TableSchema MemoryTable::schema() const { return layout().schema(logged_); }

TableStatistics MemoryTable::statistics() const {
  auto count = [](const std::atomic<int64_t>& n) { return static_cast<uint64_t>(std::max<int64_t>(0, n)); };
  return {count(row_count_), count(size_bytes_), count(dead_versions_)};
}

void MemoryTable::account(int64_t rows, int64_t bytes) {
  if (rows != 0) row_count_.fetch_add(rows, std::memory_order_relaxed);
  if (bytes != 0) size_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

// --- Visibility --------------------------------------------------------------------------------------------

Timestamp MemoryTable::commit_time(const Version& version) const {
  for (;;) {
    uint64_t begin = version.begin.load(std::memory_order_acquire);
    if ((begin & kTxnBit) == 0) return begin;
    if (begin == kAbortedBegin) return kNotCommitted;
    Timestamp ts = 0;
    switch (transactions_.status(TxnId(begin & ~kTxnBit), &ts)) {
      case TxnStatus::InProgress:
      case TxnStatus::Aborted: return kNotCommitted;
      case TxnStatus::Committed: return ts;
      case TxnStatus::Ended: break;  // stamped since we looked
    }
  }
}

std::optional<TxnId> MemoryTable::running_creator(const Version& version) const {
  uint64_t begin = version.begin.load(std::memory_order_acquire);
  if ((begin & kTxnBit) == 0 || begin == kAbortedBegin) return std::nullopt;
  TxnId txn(begin & ~kTxnBit);
  if (transactions_.status(txn) == TxnStatus::InProgress) return txn;
  return std::nullopt;
}

bool MemoryTable::sees(const Snapshot& snapshot, const Version& version) const {
  uint64_t begin = version.begin.load(std::memory_order_acquire);
  if (begin <= snapshot.read_ts) return true;
  if ((begin & kTxnBit) == 0) return false;
  if (begin == (kTxnBit | snapshot.txn.value)) return version.command < snapshot.command;
  return commit_time(version) <= snapshot.read_ts;
}

const Version* MemoryTable::visible_from(const Snapshot& snapshot, const Version* v) const {
  while (v != nullptr && !sees(snapshot, *v)) v = v->older.load(std::memory_order_acquire);
  return v == nullptr || v->is_tombstone() ? nullptr : v;
}

Version* MemoryTable::head(RowId row) const {
  RowSlot* slot = directory_.find(row);
  return slot == nullptr ? nullptr : head_of(*slot);
}

const Version* MemoryTable::visible(const Snapshot& snapshot, RowId row) const {
  return visible_from(snapshot, head(row));
}

bool MemoryTable::is_visible(const Snapshot& snapshot, RowId row) const { return visible(snapshot, row) != nullptr; }

// --- Reading -----------------------------------------------------------------------------------------------

void MemoryTable::fill(const Layout& layout, std::span<const uint32_t> columns, const Version* const* versions,
                       size_t count, vector::Chunk& chunk) const {
  bool nulls = false;
  size_t narrowest = layout.column_count();
  for (size_t i = 0; i < count; ++i) {
    nulls |= (versions[i]->flags & Version::kHasNulls) != 0;
    narrowest = std::min<size_t>(narrowest, versions[i]->column_count);
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    gather_column(layout, columns[c], versions, count, !nulls && columns[c] < narrowest, chunk.column(c));
  }
  chunk.set_size(count);
}

bool MemoryTable::scan(const Snapshot& snapshot, std::span<const uint32_t> columns, ScanState& state,
                       vector::Chunk& chunk, std::vector<RowId>& rows) const {
  const Layout& layout = this->layout();
  const Version* versions[vector::kMaxChunkRows];
  const size_t wanted = vector::chunk_rows();
  size_t count = 0;
  rows.resize(wanted);
  uint64_t end = end_row().value;
  if (state.end.value != 0) end = std::min(end, state.end.value);
  uint64_t row = state.next.value;
  while (row < end && count < wanted) {
    uint64_t block_end = std::min(end, (row / RowDirectory::kBlockRows + 1) * RowDirectory::kBlockRows);
    const RowSlot* slots = directory_.find_block(row / RowDirectory::kBlockRows);
    if (slots == nullptr) {
      row = block_end;
      continue;
    }
    for (; row < block_end && count < wanted; ++row) {
      const Version* v = head_of(slots[row % RowDirectory::kBlockRows]);
      if (v == nullptr) continue;
      if (v->begin.load(std::memory_order_acquire) <= snapshot.read_ts) {
        if (v->is_tombstone()) continue;
      } else {
        v = visible_from(snapshot, v);
        if (v == nullptr) continue;
      }
      versions[count] = v;
      rows[count++] = RowId(row);
    }
  }
  state.next = RowId(row);
  rows.resize(count);
  fill(layout, columns, versions, count, chunk);
  return count > 0;
}

void MemoryTable::fetch(const Snapshot& snapshot, std::span<const RowId> rows, std::span<const uint32_t> columns,
                        vector::Chunk& chunk, std::vector<uint32_t>& found) const {
  AEGIS_CHECK(rows.size() <= vector::kMaxChunkRows);
  const Layout& layout = this->layout();
  const Version* versions[vector::kMaxChunkRows];
  found.clear();
  for (size_t i = 0; i < rows.size(); ++i) {
    const Version* v = visible(snapshot, rows[i]);
    if (v == nullptr) continue;
    versions[found.size()] = v;
    found.push_back(static_cast<uint32_t>(i));
  }
  fill(layout, columns, versions, found.size(), chunk);
}

// --- Writing -----------------------------------------------------------------------------------------------

RowId MemoryTable::insert(TxnContext& txn, std::span<const uint32_t> columns, const vector::Chunk& chunk) {
  if (chunk.empty()) return end_row();
  std::vector<Version*> versions;
  make_versions(layout(), columns, chunk, versions);
  RowId first(next_row_.fetch_add(versions.size(), std::memory_order_acq_rel));
  WriteEntry entry{.kind = WriteKind::Insert};
  entry.count = static_cast<uint32_t>(versions.size());
  entry.row = first.value;
  entry.table = this;
  txn.writes->add(entry, shared_from_this());
  int64_t bytes = 0;
  for (size_t i = 0; i < versions.size(); ++i) {
    Version* v = versions[i];
    v->begin.store(kTxnBit | txn.id.value, std::memory_order_relaxed);
    v->command = txn.command;
    bytes += v->size_bytes;
    directory_.create(RowId(first.value + i)).store(reinterpret_cast<uint64_t>(v), std::memory_order_release);
  }
  account(static_cast<int64_t>(versions.size()), bytes);
  return first;
}

// Whether `txn` may change or lock the row's newest version in this mode.
WriteResult MemoryTable::check_write(const TxnContext& txn, const Snapshot& snapshot, RowLatch& latch, RowId row,
                                     RowLockMode mode) {
  const Version* v = latch.head();
  if (v == nullptr) return {WriteOutcome::Deleted, {}};
  uint64_t begin = v->begin.load(std::memory_order_acquire);
  if (begin == (kTxnBit | txn.id.value)) {
    if (v->command >= snapshot.command) return {WriteOutcome::SelfModified, {}};
    if (v->is_tombstone()) return {WriteOutcome::Deleted, {}};
  } else {
    if (auto creator = running_creator(*v)) {
      bool whole = v->is_tombstone() || (v->flags & (Version::kKeyUpdate | Version::kInsert)) != 0;
      RowLockMode held = whole ? RowLockMode::Update : RowLockMode::NoKeyUpdate;
      if (row_locks_conflict(held, mode)) return {WriteOutcome::WouldBlock, *creator};
      // A key-share lock beside a running update of other columns concerns the version below that.
      while (v != nullptr && commit_time(*v) == kNotCommitted) v = v->older.load(std::memory_order_acquire);
      if (v == nullptr) return {WriteOutcome::Deleted, {}};
    }
    Timestamp ts = commit_time(*v);
    if (v->is_tombstone()) return {WriteOutcome::Deleted, {}};
    if (ts > snapshot.read_ts) return {WriteOutcome::Updated, {}};
  }
  if (latch.has_locks()) {
    bool empty = false;
    auto holder = locks_.conflict(transactions_, row, txn.id, mode, empty);
    if (empty) latch.set_has_locks(false);
    if (holder) return {WriteOutcome::WouldBlock, *holder};
  }
  return {};
}

void MemoryTable::link(TxnContext& txn, RowLatch& latch, RowId row, Version* version, WriteKind kind, RowLockMode mode) {
  WriteEntry entry{.kind = kind, .mode = mode};
  entry.row = row.value;
  entry.table = this;
  entry.version = version;
  version->begin.store(kTxnBit | txn.id.value, std::memory_order_relaxed);
  version->older.store(latch.head(), std::memory_order_relaxed);
  version->command = txn.command;
  txn.writes->add(entry, shared_from_this());
  latch.set_head(version);
  account(kind == WriteKind::Delete ? -1 : 0, version->size_bytes);
  dead_versions_.fetch_add(1, std::memory_order_relaxed);
}

bool MemoryTable::keys_untouched(std::span<const uint32_t> columns) const {
  for (const auto& index : index_list()) {
    if (index->depends_on(columns)) return false;
  }
  return true;
}

WriteResult MemoryTable::update(TxnContext& txn, const Snapshot& snapshot, RowId row, std::span<const uint32_t> columns,
                                const vector::Chunk& chunk, size_t chunk_row, RowLockMode mode) {
  RowSlot* slot = directory_.find(row);
  if (slot == nullptr) return {WriteOutcome::Deleted, {}};
  bool same_keys = keys_untouched(columns);
  RowLatch latch(*slot);
  if (WriteResult result = check_write(txn, snapshot, latch, row, mode); !result) return result;
  Version* version = make_updated(layout(), *latch.head(), columns, chunk, chunk_row);
  if (same_keys) version->flags |= Version::kSameKeys;
  if (mode == RowLockMode::Update) version->flags |= Version::kKeyUpdate;
  link(txn, latch, row, version, WriteKind::Update, mode);
  return {};
}

WriteResult MemoryTable::remove(TxnContext& txn, const Snapshot& snapshot, RowId row) {
  RowSlot* slot = directory_.find(row);
  if (slot == nullptr) return {WriteOutcome::Deleted, {}};
  RowLatch latch(*slot);
  if (WriteResult result = check_write(txn, snapshot, latch, row, RowLockMode::Update); !result) return result;
  link(txn, latch, row, make_tombstone(), WriteKind::Delete, RowLockMode::Update);
  return {};
}

WriteResult MemoryTable::lock(TxnContext& txn, const Snapshot& snapshot, RowId row, RowLockMode mode) {
  RowSlot* slot = directory_.find(row);
  if (slot == nullptr) return {WriteOutcome::Deleted, {}};
  RowLatch latch(*slot);
  if (WriteResult result = check_write(txn, snapshot, latch, row, mode); !result) return result;
  if (!locks_.add(row, txn.id, mode)) return {};
  latch.set_has_locks(true);
  WriteEntry entry{.kind = WriteKind::Lock, .mode = mode};
  entry.row = row.value;
  entry.table = this;
  txn.writes->add(entry, shared_from_this());
  return {};
}

// --- Columns and indexes -----------------------------------------------------------------------------------

const Layout* MemoryTable::add_column(const ColumnSchema& column) {
  std::lock_guard guard(layouts_mutex_);
  const Layout* before = layout_;
  auto next = std::make_unique<Layout>(*before);
  next->add(column);
  layouts_.push_back(std::move(next));
  layout_.store(layouts_.back().get(), std::memory_order_release);
  return before;
}

const Layout* MemoryTable::drop_column(uint32_t position) {
  std::lock_guard guard(layouts_mutex_);
  const Layout* before = layout_;
  AEGIS_CHECK(position < before->column_count());
  auto next = std::make_unique<Layout>(*before);
  next->columns[position].dropped = true;
  layouts_.push_back(std::move(next));
  layout_.store(layouts_.back().get(), std::memory_order_release);
  return before;
}

std::vector<std::shared_ptr<Index>> MemoryTable::indexes() const {
  const IndexList& list = index_list();
  return {list.begin(), list.end()};
}

void MemoryTable::replace_indexes(std::unique_ptr<IndexList> list) {
  const IndexList* before = indexes_.exchange(list.release(), std::memory_order_acq_rel);
  reclaimer_.retire(const_cast<IndexList*>(before), [](void* p) { delete static_cast<IndexList*>(p); });
}

void MemoryTable::attach(std::shared_ptr<MemoryIndex> index) {
  std::lock_guard guard(indexes_mutex_);
  auto list = std::make_unique<IndexList>(index_list());
  list->push_back(std::move(index));
  replace_indexes(std::move(list));
}

void MemoryTable::detach(const MemoryIndex& index) {
  std::lock_guard guard(indexes_mutex_);
  auto list = std::make_unique<IndexList>(index_list());
  std::erase_if(*list, [&](const auto& other) { return other.get() == &index; });
  replace_indexes(std::move(list));
}

void MemoryTable::erase_keys(RowId row, const Version* kept, const Version* kept_end, const Version* gone,
                             const Version* gone_end) {
  std::string key;
  std::vector<std::string> kept_keys;
  for (const auto& index : index_list()) {
    kept_keys.clear();
    for (const Version* v = kept; v != kept_end; v = v->older.load(std::memory_order_acquire)) {
      if (!v->is_tombstone() && index->key_of(layout(), *v, key)) kept_keys.push_back(key);
    }
    for (const Version* v = gone; v != gone_end; v = v->older.load(std::memory_order_acquire)) {
      if (v->is_tombstone() || !index->key_of(layout(), *v, key)) continue;
      if (std::find(kept_keys.begin(), kept_keys.end(), key) == kept_keys.end()) index->erase(key, row);
    }
  }
}

// --- Ends of transactions ----------------------------------------------------------------------------------

void MemoryTable::stamp(const WriteEntry& entry, TxnId txn, Timestamp ts) {
  uint64_t tag = kTxnBit | txn.value;
  switch (entry.kind) {
    case WriteKind::Update:
    case WriteKind::Delete: entry.version->begin.store(ts, std::memory_order_release); break;
    case WriteKind::Insert:
      for (uint64_t row = entry.row; row < entry.row + entry.count; ++row) {
        for (Version* v = head(RowId(row)); v != nullptr; v = v->older.load(std::memory_order_acquire)) {
          if (v->begin.load(std::memory_order_relaxed) == tag) v->begin.store(ts, std::memory_order_release);
        }
      }
      break;
    default: break;
  }
}

void MemoryTable::undo_head(RowId row, const Version* expected, TxnId txn) {
  RowSlot* slot = directory_.find(row);
  if (slot == nullptr) return;
  RowLatch latch(*slot);
  Version* v = latch.head();
  // Null when the insert failed half-way.
  if (v == nullptr || v->begin.load(std::memory_order_relaxed) != (kTxnBit | txn.value)) return;
  AEGIS_CHECK(expected == nullptr || v == expected);
  Version* older = v->older.load(std::memory_order_relaxed);
  if ((v->flags & Version::kSameKeys) == 0) erase_keys(row, older, nullptr, v, older);
  latch.set_head(older);
  v->begin.store(kAbortedBegin, std::memory_order_release);
  int64_t rows = v->is_tombstone() ? 1 : (older == nullptr ? -1 : 0);
  account(rows, -static_cast<int64_t>(v->size_bytes));
  if (older != nullptr) dead_versions_.fetch_sub(1, std::memory_order_relaxed);
  reclaimer_.retire(v);
}

void MemoryTable::undo(const WriteEntry& entry, TxnId txn) {
  switch (entry.kind) {
    case WriteKind::Insert:
      for (uint64_t i = entry.count; i > 0; --i) undo_head(RowId(entry.row + i - 1), nullptr, txn);
      break;
    case WriteKind::Update:
    case WriteKind::Delete: undo_head(RowId(entry.row), entry.version, txn); break;
    case WriteKind::Lock: unlock(entry, txn); break;
    default: break;
  }
}

void MemoryTable::unlock(const WriteEntry& entry, TxnId txn) {
  RowSlot* slot = directory_.find(RowId(entry.row));
  RowLatch latch(*slot);
  if (locks_.remove(RowId(entry.row), txn, entry.mode)) latch.set_has_locks(false);
}

size_t MemoryTable::prune(RowId row, Timestamp horizon) {
  RowSlot* slot = directory_.find(row);
  if (slot == nullptr) return 0;
  RowLatch latch(*slot);
  Version* head = latch.head();
  // The newest version everybody sees, or sees past.
  Version* v = head;
  while (v != nullptr && commit_time(*v) > horizon) v = v->older.load(std::memory_order_relaxed);
  if (v == nullptr) return 0;
  Version* gone = v->older.load(std::memory_order_relaxed);
  bool whole_row = v == head && v->is_tombstone();
  if (gone == nullptr && !whole_row) return 0;

  bool same_keys = (v->flags & Version::kSameKeys) != 0;
  for (const Version* w = gone; same_keys && w != nullptr && w->older.load(std::memory_order_relaxed) != nullptr;
       w = w->older.load(std::memory_order_relaxed)) {
    same_keys = (w->flags & Version::kSameKeys) != 0;
  }
  if (!same_keys) erase_keys(row, whole_row ? gone : head, gone, gone, nullptr);
  v->older.store(nullptr, std::memory_order_release);
  if (whole_row) {
    latch.set_head(nullptr);
    v->older.store(gone, std::memory_order_relaxed);
    gone = v;
  }
  size_t count = 0;
  int64_t bytes = 0;
  while (gone != nullptr) {
    Version* older = gone->older.load(std::memory_order_relaxed);
    bytes += gone->size_bytes;
    reclaimer_.retire(gone);
    gone = older;
    ++count;
  }
  account(0, -bytes);
  dead_versions_.fetch_sub(static_cast<int64_t>(count) - (whole_row ? 1 : 0), std::memory_order_relaxed);
  return count;
}

void MemoryTable::restore(RowId row, Version* version) {
  if (row.value >= next_row_) next_row_ = row.value + 1;
  dirty.store(true, std::memory_order_relaxed);
  RowSlot& slot = directory_.create(row);
  Version* before = head_of(slot);
  account((version != nullptr) - (before != nullptr),
          (version != nullptr ? int64_t{version->size_bytes} : 0) - (before != nullptr ? int64_t{before->size_bytes} : 0));
  if (before != nullptr) free_version(before);
  if (version != nullptr) version->begin.store(1, std::memory_order_relaxed);
  slot.store(reinterpret_cast<uint64_t>(version), std::memory_order_release);
}

}  // namespace aegis::storage
