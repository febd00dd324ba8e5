#include "table/memory_table.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "index/memory_index.h"

namespace aegis::storage {
namespace {

// When scans want segments: of at least so many rows read a sixteenth came from memory, that has at least so much of the table.
constexpr uint64_t kLeastRowsScanned = 500'000;
constexpr uint64_t kMuchInMemory = 16;
constexpr uint64_t kLeastBytesScanned = 8 << 20;
constexpr uint64_t kRowLockBytes = 96;  // in the table of locks, about

}  // namespace

MemoryTable::MemoryTable(TableId id, const TableSchema& schema, TransactionTable& transactions, Reclaimer& reclaimer,
                         const SegmentOptions& segments)
    : id_(id), logged_(schema.logged), folder_(schema.directory), transactions_(transactions), reclaimer_(reclaimer), segments_(segments),
      directory_(std::min<uint64_t>(RowDirectory::kMaxBlockRows, segments.block_rows)) {
  layouts_.push_back(Layout::of(schema));
  layout_ = layouts_.back().get();
}

MemoryTable::~MemoryTable() {
  uint64_t end = next_row_;
  for (uint64_t row = 1; row < end; ++row) {
    RowSlot* slot = directory_.find(RowId(row));
    if (slot == nullptr) {
      row |= directory_.block_rows() - 1;
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
  delete groups_.load();
}

TableSchema MemoryTable::schema() const {
  TableSchema schema = layout().schema(logged_);
  schema.directory = folder_;
  return schema;
}

bool MemoryTable::scans_want_segments() {
  const uint64_t all = activity().scanned_rows.load(std::memory_order_relaxed);
  const uint64_t in_memory = activity().scanned_in_memory.load(std::memory_order_relaxed);
  // Of small tables, and of parts, no more is asked than of a whole large one.
  if (all - scanned_before_ < std::max(kLeastRowsScanned, statistics().row_count)) return false;
  const bool much = (in_memory - scanned_in_memory_before_) * kMuchInMemory >= all - scanned_before_;
  scanned_before_ = all;
  scanned_in_memory_before_ = in_memory;
  if (!much || statistics().size_bytes < kLeastBytesScanned) return false;
  wanted_by_scans = true;
  return true;
}

TableStatistics MemoryTable::statistics() const {
  auto count = [](const std::atomic<int64_t>& n) { return static_cast<uint64_t>(std::max<int64_t>(0, n)); };
  return {count(row_count_), count(size_bytes_), count(disk_bytes_), count(dead_versions_)};
}

void MemoryTable::account(int64_t rows, int64_t bytes) {
  if (rows != 0) row_count_.fetch_add(rows, std::memory_order_relaxed);
  if (bytes != 0) size_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

// --- Visibility --------------------------------------------------------------------------------------------

Timestamp MemoryTable::commit_time(const std::atomic<uint64_t>& from) const {
  for (;;) {
    uint64_t begin = from.load(std::memory_order_acquire);
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

std::optional<TxnId> MemoryTable::running_creator(uint64_t begin) const {
  if ((begin & kTxnBit) == 0 || begin == kAbortedBegin) return std::nullopt;
  TxnId txn(begin & ~kTxnBit);
  if (transactions_.status(txn) == TxnStatus::InProgress) return txn;
  return std::nullopt;
}

bool MemoryTable::sees(const Snapshot& snapshot, const std::atomic<uint64_t>& from, uint32_t command) const {
  uint64_t begin = from.load(std::memory_order_acquire);
  if (begin <= snapshot.read_ts) return true;
  if ((begin & kTxnBit) == 0) return false;
  if (begin == (kTxnBit | snapshot.txn.value)) return command < snapshot.command;
  return commit_time(from) <= snapshot.read_ts;
}

// --- Writing -----------------------------------------------------------------------------------------------

RowId MemoryTable::insert(TxnContext& txn, std::span<const uint32_t> columns, const vector::Chunk& chunk) {
  if (chunk.empty()) return end_row();
  Reclaimer::Pin pin(reclaimer_);
  std::vector<Version*> versions;
  make_versions(layout(), columns, chunk, versions);
  struct Inserting {
    std::atomic<uint32_t>& count;
    explicit Inserting(std::atomic<uint32_t>& c) : count(c) { count.fetch_add(1, std::memory_order_acq_rel); }
    ~Inserting() { count.fetch_sub(1, std::memory_order_release); }
  } inserting(inserting_);
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
    directory_.put_first(RowId(first.value + i), v);
  }
  account(static_cast<int64_t>(versions.size()), bytes);
  activity().inserted.fetch_add(versions.size(), std::memory_order_relaxed);
  txn.writes->charge(static_cast<uint64_t>(bytes) + sizeof(WriteEntry));
  feed_indexes(first, versions);
  return first;
}

// The rows are there before the list is read; attach() changes the list before rows are looked through.
void MemoryTable::feed_indexes(RowId first, std::span<Version* const> versions) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::vector<std::string> keys;
  for (const auto& index : index_list()) {
    if (!index->fed.load(std::memory_order_relaxed)) continue;
    for (size_t i = 0; i < versions.size(); ++i) {
      keys.clear();
      index->keys_of(layout(), *versions[i], keys);
      for (const std::string& key : keys) index->insert(key, RowId(first.value + i));
    }
  }
}

void MemoryTable::feed_indexes(std::span<const std::shared_ptr<RowGroup>> groups) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::vector<uint64_t> numbers;
  for (const auto& group : groups) numbers.push_back(group->info().number);
  for (const auto& index : index_list()) {
    if (!index->fed.load(std::memory_order_relaxed)) continue;
    index->for_each_segment_key(&numbers, [&](std::string_view key, RowId row) { index->insert(key, row); });
  }
}

// The same as below of a row that has only its segment.
WriteResult MemoryTable::check_group(const TxnContext& txn, const Snapshot& snapshot, RowId row) const {
  const RowGroup* group = groups().find(row.value / segments_.group_rows);
  if (group == nullptr || !group->has(position_of(row))) return {WriteOutcome::Deleted, {}};
  uint64_t begin = group->begin.load(std::memory_order_acquire);
  if (begin <= snapshot.read_ts) return {};
  if (begin == (kTxnBit | txn.id.value)) {
    return group->command >= snapshot.command ? WriteResult{WriteOutcome::SelfModified, {}} : WriteResult{};
  }
  if (auto creator = running_creator(begin)) return {WriteOutcome::WouldBlock, *creator};
  Timestamp ts = commit_time(group->begin);
  if (ts == kNotCommitted) return {WriteOutcome::Deleted, {}};
  return ts > snapshot.read_ts ? WriteResult{WriteOutcome::Updated, {}} : WriteResult{};
}

// Whether `txn` may change or lock the row's newest version in this mode.
WriteResult MemoryTable::check_write(const TxnContext& txn, const Snapshot& snapshot, RowLatch& latch, RowId row,
                                     RowLockMode mode) {
  const Version* v = latch.head();
  uint64_t begin = v == nullptr ? 0 : v->begin.load(std::memory_order_acquire);
  if (v == nullptr) {
    if (WriteResult result = check_group(txn, snapshot, row); !result) return result;
  } else if (begin == (kTxnBit | txn.id.value)) {
    if (v->command >= snapshot.command) return {WriteOutcome::SelfModified, {}};
    if (v->is_tombstone()) return {WriteOutcome::Deleted, {}};
  } else {
    if (auto creator = running_creator(*v)) {
      bool whole = v->is_tombstone() || (v->flags & (Version::kKeyUpdate | Version::kInsert)) != 0;
      RowLockMode held = whole ? RowLockMode::Update : RowLockMode::NoKeyUpdate;
      if (row_locks_conflict(held, mode)) return {WriteOutcome::WouldBlock, *creator};
      // A key-share lock beside a running update of other columns concerns the version below that.
      const Version* oldest = v;
      while (v != nullptr && commit_time(*v) == kNotCommitted) {
        oldest = v;
        v = v->older.load(std::memory_order_acquire);
      }
      if (v == nullptr && ((oldest->flags & Version::kInsert) != 0 || !in_segment(row))) return {WriteOutcome::Deleted, {}};
    }
    if (v != nullptr) {
      Timestamp ts = commit_time(*v);
      if (v->is_tombstone()) return {WriteOutcome::Deleted, {}};
      if (ts > snapshot.read_ts) return {WriteOutcome::Updated, {}};
    }
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
  txn.writes->charge(version->size_bytes + sizeof(WriteEntry));
}

bool MemoryTable::keys_untouched(std::span<const uint32_t> columns) const {
  for (const auto& index : index_list()) {
    if (index->depends_on(columns)) return false;
  }
  return true;
}

WriteResult MemoryTable::update(TxnContext& txn, const Snapshot& snapshot, RowId row, std::span<const uint32_t> columns,
                                const vector::Chunk& chunk, size_t chunk_row, RowLockMode mode) {
  Reclaimer::Pin pin(reclaimer_);
  bool same_keys = keys_untouched(columns);
  for (;;) {
    // The segment's row is read without the latch; it is of use if it is still the newest state under it.
    const GroupMap* groups = nullptr;
    RowImage below;
    if (head(row) == nullptr) {
      groups = &this->groups();
      below = segment_image(row);
      if (!below && head(row) == nullptr && &this->groups() == groups) return {WriteOutcome::Deleted, {}};
    }
    RowLatch latch(directory_, row, RowLatch::Missing::Create);
    if (WriteResult result = check_write(txn, snapshot, latch, row, mode); !result) return result;
    const Version* base = latch.head();
    if (base == nullptr) {
      if (!below || groups != &this->groups()) continue;
      base = below.get();
    }
    Version* version = make_updated(layout(), *base, columns, chunk, chunk_row);
    if (same_keys) version->flags |= Version::kSameKeys;
    if (mode == RowLockMode::Update) version->flags |= Version::kKeyUpdate;
    link(txn, latch, row, version, WriteKind::Update, mode);
    feed_indexes(row, {&version, 1});
    activity().updated.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
}

WriteResult MemoryTable::remove(TxnContext& txn, const Snapshot& snapshot, RowId row) {
  Reclaimer::Pin pin(reclaimer_);
  if (head(row) == nullptr && !in_segment(row)) return {WriteOutcome::Deleted, {}};
  RowLatch latch(directory_, row, RowLatch::Missing::Create);
  if (WriteResult result = check_write(txn, snapshot, latch, row, RowLockMode::Update); !result) return result;
  link(txn, latch, row, make_tombstone(), WriteKind::Delete, RowLockMode::Update);
  activity().deleted.fetch_add(1, std::memory_order_relaxed);
  return {};
}

WriteResult MemoryTable::lock(TxnContext& txn, const Snapshot& snapshot, RowId row, RowLockMode mode) {
  Reclaimer::Pin pin(reclaimer_);
  if (head(row) == nullptr && !in_segment(row)) return {WriteOutcome::Deleted, {}};
  RowLatch latch(directory_, row, RowLatch::Missing::Create);
  if (WriteResult result = check_write(txn, snapshot, latch, row, mode); !result) return result;
  if (!locks_.add(row, txn.id, mode)) return {};
  latch.set_has_locks(true);
  WriteEntry entry{.kind = WriteKind::Lock, .mode = mode};
  entry.row = row.value;
  entry.table = this;
  txn.writes->add(entry, shared_from_this());
  txn.writes->charge(kRowLockBytes + sizeof(WriteEntry));
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

const Layout* MemoryTable::set_compression(std::span<const ColumnCompression> columns) {
  std::lock_guard guard(layouts_mutex_);
  const Layout* before = layout_;
  auto next = std::make_unique<Layout>(*before);
  for (size_t c = 0; c < std::min(columns.size(), next->columns.size()); ++c) next->columns[c].compression = columns[c];
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
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void MemoryTable::detach(const MemoryIndex& index) {
  std::lock_guard guard(indexes_mutex_);
  auto list = std::make_unique<IndexList>(index_list());
  std::erase_if(*list, [&](const auto& other) { return other.get() == &index; });
  replace_indexes(std::move(list));
}

void MemoryTable::erase_keys(RowId row, const VersionList& kept, const VersionList& gone, SegmentRow segment_row) {
  if (index_list().empty()) return;
  try {
    erase_read_keys(row, kept, gone, segment_row);
  } catch (const StorageError&) {
    // What can't be read has entries that stay, which do no harm: readers look at the row.
  }
}

void MemoryTable::erase_read_keys(RowId row, const VersionList& kept, const VersionList& gone, SegmentRow segment_row) {
  std::vector<const Version*> kept_images(kept.begin(), kept.end()), gone_images(gone.begin(), gone.end());
  RowImage image;
  if (segment_row != SegmentRow::Ignored) {
    std::vector<uint32_t> columns;
    for (const auto& index : index_list()) columns.insert(columns.end(), index->read_columns().begin(), index->read_columns().end());
    image = segment_image(row, columns);
    if (image) (segment_row == SegmentRow::Kept ? kept_images : gone_images).push_back(image.get());
  }
  std::vector<std::string> kept_keys, gone_keys;
  for (const auto& index : index_list()) {
    kept_keys.clear();
    gone_keys.clear();
    for (const Version* v : kept_images) {
      if (!v->is_tombstone()) index->keys_of(layout(), *v, kept_keys);
    }
    for (const Version* v : gone_images) {
      if (!v->is_tombstone()) index->keys_of(layout(), *v, gone_keys);
    }
    if (kept_keys.size() > 8) std::sort(kept_keys.begin(), kept_keys.end());
    for (const std::string& key : gone_keys) {
      bool kept = kept_keys.size() > 8 ? std::binary_search(kept_keys.begin(), kept_keys.end(), key)
                                       : std::find(kept_keys.begin(), kept_keys.end(), key) != kept_keys.end();
      if (!kept) index->erase(key, row);
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
    case WriteKind::Load:
      if (RowGroup* group = groups().find(entry.row)) group->begin.store(ts, std::memory_order_release);
      break;
    default: break;
  }
}

uint64_t MemoryTable::undo_head(RowId row, const Version* expected, TxnId txn) {
  RowLatch latch(directory_, row, RowLatch::Missing::Skip);
  Version* v = latch ? latch.head() : nullptr;
  // Null when the insert failed half-way.
  if (v == nullptr || v->begin.load(std::memory_order_relaxed) != (kTxnBit | txn.value)) return 0;
  AEGIS_CHECK(expected == nullptr || v == expected);
  Version* older = v->older.load(std::memory_order_relaxed);
  bool first = (v->flags & Version::kInsert) != 0;
  if (!v->has_keys_of_older()) {
    VersionList kept;
    for (Version* w = older; w != nullptr; w = w->older.load(std::memory_order_relaxed)) kept.push_back(w);
    // A segment's row below the whole chain keeps its keys, too.
    bool segment_row = covers_segment(row, kept.empty() ? v : kept.back());
    erase_keys(row, kept, {v}, segment_row ? SegmentRow::Kept : SegmentRow::Ignored);
  }
  latch.set_head(older);
  v->begin.store(kAbortedBegin, std::memory_order_release);
  int64_t rows = v->is_tombstone() ? 1 : (first ? -1 : 0);
  account(rows, -static_cast<int64_t>(v->size_bytes));
  if (!first) dead_versions_.fetch_sub(1, std::memory_order_relaxed);
  const uint64_t bytes = v->size_bytes;
  reclaimer_.retire_unseen(v);
  return bytes;
}

uint64_t MemoryTable::undo(const WriteEntry& entry, TxnId txn) {
  Reclaimer::Pin pin(reclaimer_);
  uint64_t bytes = sizeof(WriteEntry);
  switch (entry.kind) {
    case WriteKind::Insert:
      for (uint64_t i = entry.count; i > 0; --i) bytes += undo_head(RowId(entry.row + i - 1), nullptr, txn);
      break;
    case WriteKind::Update:
    case WriteKind::Delete: bytes += undo_head(RowId(entry.row), entry.version, txn); break;
    case WriteKind::Lock:
      unlock(entry, txn);
      bytes += kRowLockBytes;
      break;
    default: break;
  }
  return bytes;
}

void MemoryTable::unlock(const WriteEntry& entry, TxnId txn) {
  RowLatch latch(directory_, RowId(entry.row), RowLatch::Missing::Skip);
  if (latch && locks_.remove(RowId(entry.row), txn, entry.mode)) latch.set_has_locks(false);
}

bool MemoryTable::covers_segment(RowId row, const Version* oldest) const {
  return oldest->may_cover_segment() && in_segment(row);
}

struct MemoryTable::Pruning {
  VersionList kept;     // newest first; the first `settled` are newer than what everybody sees or sees past
  VersionList gone;
  size_t settled = 0;
  SegmentRow segment_row = SegmentRow::Ignored;
  bool whole_row = false;  // nobody sees anything of it; `gone` has the deletion then
  bool cut_segment = false;
  bool same_keys = true;   // of everything from kept[settled] down to the oldest, and the segment's row where it goes
};

// With the row's latch held. False if there is nothing to do.
bool MemoryTable::plan_pruning(RowId row, Version* head, const LiveSnapshots& live, Pruning& plan,
                               std::vector<Timestamp>* kept_for) const {
  auto keep_for = [&](const LiveSnapshots::Span* span) {
    if (span != nullptr && kept_for != nullptr && (kept_for->empty() || kept_for->back() != span->oldest)) {
      kept_for->push_back(span->oldest);
    }
    return span != nullptr;
  };
  Version* v = head;
  for (; v != nullptr && commit_time(*v) > live.present; v = v->older.load(std::memory_order_relaxed)) plan.kept.push_back(v);
  if (v == nullptr) return false;
  plan.settled = plan.kept.size();
  plan.kept.push_back(v);
  // Visible until `end`.
  Timestamp end = commit_time(*v);
  Version* oldest = v;
  for (Version* w = v->older.load(std::memory_order_relaxed); w != nullptr; w = w->older.load(std::memory_order_relaxed)) {
    plan.same_keys = plan.same_keys && oldest->has_keys_of_older();
    const Timestamp begin = commit_time(*w);
    (keep_for(live.who_sees(begin, end)) ? plan.kept : plan.gone).push_back(w);
    end = begin;
    oldest = w;
  }
  if (covers_segment(row, oldest)) {
    const RowGroup* group = groups().find(row.value / segments_.group_rows);
    bool seen = keep_for(live.who_sees(commit_time(group->begin), end));
    plan.segment_row = seen ? SegmentRow::Kept : SegmentRow::Gone;
    plan.same_keys = plan.same_keys && oldest->has_keys_of_older();
  }
  plan.cut_segment = plan.segment_row != SegmentRow::Kept;
  plan.whole_row = v == head && v->is_tombstone() && plan.kept.size() == 1 && plan.cut_segment;
  if (!plan.whole_row) return !plan.gone.empty() || plan.segment_row == SegmentRow::Gone;
  plan.kept.clear();
  plan.gone.insert(plan.gone.begin(), v);
  return true;
}

size_t MemoryTable::prune(RowId row, const LiveSnapshots& live, std::vector<Timestamp>* kept_for) {
  RowLatch latch(directory_, row, RowLatch::Missing::Skip);
  if (!latch || latch.head() == nullptr) return 0;
  Pruning plan;
  return plan_pruning(row, latch.head(), live, plan, kept_for) ? unlink(row, latch, plan) : 0;
}

size_t MemoryTable::unlink(RowId row, RowLatch& latch, Pruning& plan) {
  if (!plan.same_keys || plan.whole_row) erase_keys(row, plan.kept, plan.gone, plan.segment_row);
  if (plan.whole_row) {
    remove_from_segment(row);
    latch.set_head(nullptr);
  } else {
    for (size_t i = plan.settled; i < plan.kept.size(); ++i) {
      Version* newer = plan.kept[i];
      Version* older = i + 1 < plan.kept.size() ? plan.kept[i + 1] : nullptr;
      uint8_t cut = newer->cut.load(std::memory_order_relaxed);
      for (Version* w = newer; w != nullptr && w != older; w = w->older.load(std::memory_order_relaxed)) {
        if (!w->has_keys_of_older()) cut |= Version::kKeysCut;
      }
      if (older == nullptr && plan.cut_segment) cut |= Version::kSegmentCut;
      newer->cut.store(cut, std::memory_order_relaxed);
      newer->older.store(older, std::memory_order_release);
    }
  }
  int64_t bytes = 0;
  for (Version* version : plan.gone) {
    bytes += version->size_bytes;
    reclaimer_.retire_unseen(version);
  }
  account(0, -bytes);
  int64_t dead = static_cast<int64_t>(plan.gone.size()) - (plan.whole_row ? 1 : 0);
  dead_versions_.fetch_sub(dead + (plan.segment_row == SegmentRow::Gone ? 1 : 0), std::memory_order_relaxed);
  return plan.gone.size();
}

void MemoryTable::restore(RowId row, Version* version) {
  if (row.value >= next_row_) next_row_ = row.value + 1;
  dirty.store(true, std::memory_order_relaxed);
  Version* before = head(row);
  bool existed = before != nullptr || in_segment(row);
  account((version != nullptr) - existed,
          (version != nullptr ? int64_t{version->size_bytes} : 0) - (before != nullptr ? int64_t{before->size_bytes} : 0));
  if (version == nullptr) remove_from_segment(row);
  if (version == nullptr && before == nullptr) return;
  if (version != nullptr) version->begin.store(1, std::memory_order_relaxed);
  directory_.create(row).store(reinterpret_cast<uint64_t>(version), std::memory_order_release);
  if (before != nullptr) free_version(before);
}

// --- Row groups --------------------------------------------------------------------------------------------

void MemoryTable::remove_from_segment(RowId row) {
  std::lock_guard guard(groups_mutex_);
  RowGroup* group = groups().find(row.value / segments_.group_rows);
  if (group != nullptr) group->remove(position_of(row));
  if (flushing_) collected_rows_.push_back(row.value);
}

void MemoryTable::replace_groups(std::unique_ptr<GroupMap> map) {
  int64_t bytes = 0;
  for (const auto& group : map->groups) {
    if (group) bytes += static_cast<int64_t>(group->size_bytes() + group->value_bytes());
  }
  disk_bytes_.store(bytes, std::memory_order_relaxed);
  const GroupMap* before = groups_.exchange(map.release(), std::memory_order_acq_rel);
  image_cache_.clear();
  reclaimer_.retire(const_cast<GroupMap*>(before), [](void* p) { delete static_cast<GroupMap*>(p); });
}

void MemoryTable::adopt_groups(std::span<const std::shared_ptr<RowGroup>> groups) {
  auto map = std::make_unique<GroupMap>(this->groups());
  for (const auto& group : groups) {
    uint64_t number = group->info().number;
    if (map->groups.size() <= number) map->groups.resize(number + 1);
    account(group->row_count(), 0);
    map->groups[number] = group;
  }
  replace_groups(std::move(map));
}

bool MemoryTable::restore_present(uint64_t number, std::string_view bits) {
  RowGroup* group = groups().find(number);
  if (group == nullptr) return false;
  int64_t before = group->row_count();
  if (!group->decode_present(bits)) return false;
  account(int64_t{group->row_count()} - before, 0);
  return true;
}

void MemoryTable::begin_flush() {
  std::lock_guard guard(groups_mutex_);
  flushing_ = true;
  collected_rows_.clear();
}

void MemoryTable::abandon_flush() {
  std::lock_guard guard(groups_mutex_);
  flushing_ = false;
  collected_rows_.clear();
}

void MemoryTable::install_groups(std::span<const GroupChange> changes) {
  std::lock_guard guard(groups_mutex_);
  auto map = std::make_unique<GroupMap>(groups());
  for (const GroupChange& change : changes) {
    if (map->groups.size() <= change.number) map->groups.resize(change.number + 1);
    const std::shared_ptr<RowGroup> before = std::exchange(map->groups[change.number], change.group);
    if (!change.group) continue;
    // What was cleared before it was written is not in a row group made anew, but in a copy.
    if (change.copied && before->changed()) change.group->clear_as(*before);
    for (uint64_t row : collected_rows_) {
      if (row / segments_.group_rows == change.number) change.group->remove(position_of(RowId(row)));
    }
  }
  flushing_ = false;
  collected_rows_.clear();
  replace_groups(std::move(map));
}

// --- Loads -------------------------------------------------------------------------------------------------

uint64_t MemoryTable::reserve_group() {
  const uint64_t size = segments_.group_rows;
  uint64_t next = next_row_.load(std::memory_order_relaxed);
  for (;;) {
    uint64_t number = (next + size - 1) / size;
    if (next_row_.compare_exchange_weak(next, (number + 1) * size, std::memory_order_acq_rel)) return number;
  }
}

void MemoryTable::add_loaded(TxnContext& txn, std::span<const std::shared_ptr<RowGroup>> groups) {
  for (const auto& group : groups) {
    WriteEntry entry{.kind = WriteKind::Load};
    entry.row = group->info().number;
    entry.table = this;
    txn.writes->add(entry, shared_from_this());
  }
  {
    std::lock_guard guard(groups_mutex_);
    auto map = std::make_unique<GroupMap>(this->groups());
    for (const auto& group : groups) {
      uint64_t number = group->info().number;
      if (map->groups.size() <= number) map->groups.resize(number + 1);
      account(group->row_count(), 0);
      map->groups[number] = group;
    }
    replace_groups(std::move(map));
  }
  feed_indexes(groups);
}

std::vector<std::string> MemoryTable::segment_paths() const {
  std::lock_guard guard(groups_mutex_);
  std::vector<std::string> paths;
  for (const auto& group : groups().groups) {
    if (group && (paths.empty() || paths.back() != group->file().path())) paths.push_back(group->file().path());
  }
  return paths;
}

std::shared_ptr<RowGroup> MemoryTable::remove_loaded(uint64_t number, bool& last) {
  std::lock_guard guard(groups_mutex_);
  if (groups().find(number) == nullptr) return nullptr;
  auto map = std::make_unique<GroupMap>(groups());
  std::shared_ptr<RowGroup> gone = std::move(map->groups[number]);
  gone->begin.store(kAbortedBegin, std::memory_order_release);
  account(-int64_t{gone->row_count()}, 0);
  last = std::none_of(map->groups.begin(), map->groups.end(),
                      [&](const auto& group) { return group && &group->file() == &gone->file(); });
  replace_groups(std::move(map));
  return gone;
}

bool MemoryTable::detach_version(RowId row, const Version* version) {
  RowLatch latch(directory_, row, RowLatch::Missing::Skip);
  if (!latch || latch.head() != version || version->older.load(std::memory_order_relaxed) != nullptr) return false;
  latch.set_head(nullptr);
  return true;
}

}  // namespace aegis::storage
