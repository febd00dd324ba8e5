// The store behind Table. A row is where its RowId leads: to a chain of versions in memory (row_directory.h, tuple.h) and
// to a place in a row group of a segment (segment/row_group.h); either may be missing.
//
// What a snapshot sees of a row: the newest version of the chain that it sees; when it sees none and the oldest version is
// not the row's first one (kInsert), or there is no chain, the segment's row, which every snapshot sees. So whoever finds
// no chain looks for the row group afterwards, never before: a flush installs row groups first and empties slots then.
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
#include "segment/image_cache.h"
#include "table/row_directory.h"
#include "table/row_locks.h"
#include "write_set.h"

namespace aegis::storage {

struct FreeVersion {
  void operator()(Version* version) const { free_version(version); }
};

// A row as a version: one of a chain, or made from a segment's row for this purpose.
class RowImage {
 public:
  RowImage() = default;
  explicit RowImage(const Version* version) : version_(version) {}
  explicit RowImage(std::unique_ptr<Version, FreeVersion> made) : version_(made.get()), made_(std::move(made)) {}
  explicit operator bool() const { return version_ != nullptr; }
  const Version& operator*() const { return *version_; }
  const Version* get() const { return version_; }

 private:
  const Version* version_ = nullptr;
  std::unique_ptr<Version, FreeVersion> made_;
};

class MemoryTable final : public Table, public std::enable_shared_from_this<MemoryTable> {
 public:
  MemoryTable(TableId id, const TableSchema& schema, TransactionTable& transactions, Reclaimer& reclaimer,
              const SegmentOptions& segments = {});
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
  // Whether scans since the last call read so much from memory that they would gain by its going to segments. One thread's.
  bool scans_want_segments();
  // TableSchema::directory, and where files of a kind go ("seg", "tbl").
  const std::string& folder() const { return folder_; }
  std::string folder(const char* ordinary) const { return folder_.empty() ? ordinary : folder_; }
  const Layout& layout() const { return *layout_.load(std::memory_order_acquire); }
  // Returns the layout before.
  const Layout* add_column(const ColumnSchema& column);
  const Layout* drop_column(uint32_t position);
  const Layout* set_compression(std::span<const ColumnCompression> columns);
  void restore_layout(const Layout* layout) { layout_.store(layout, std::memory_order_release); }

  // From here on readers of the list of indexes meet it, and, if it is fed, whoever writes a row gives it the row's entry,
  // or whoever looks through the rows now meets the row.
  void attach(std::shared_ptr<MemoryIndex> index);
  void detach(const MemoryIndex& index);

  // The newest version in memory, null if there is none. Needs a registered snapshot.
  Version* head(RowId row) const;
  // What the snapshot sees of the row; of a segment's row only `columns` are read (none given: all).
  RowImage visible(const Snapshot& snapshot, RowId row, std::span<const uint32_t> columns = {}) const;
  // The segment's row, whatever lies above it.
  RowImage segment_image(RowId row, std::span<const uint32_t> columns = {}) const;
  bool in_segment(RowId row) const;
  // The row group of that number if the snapshot sees its rows.
  RowGroup* visible_group(const Snapshot& snapshot, uint64_t number) const;
  // In place of a version: the row as the segment has it.
  static const Version* const kInSegment;
  // The version the snapshot sees of a chain, kInSegment, or null when it sees that there is no row.
  const Version* visible_from(const Snapshot& snapshot, const Version* head) const;
  // A version's commit timestamp, kNotCommitted while (or because) there is none.
  static constexpr Timestamp kNotCommitted = ~Timestamp{0};
  Timestamp commit_time(const Version& version) const { return commit_time(version.begin); }
  // The same of a version's or row group's `begin`.
  Timestamp commit_time(const std::atomic<uint64_t>& begin) const;
  // The running transaction that made the version, if that is so.
  std::optional<TxnId> running_creator(const Version& version) const { return running_creator(version.begin.load(std::memory_order_acquire)); }
  std::optional<TxnId> running_creator(uint64_t begin) const;
  // Visits every version of rows [first, end) from newest to oldest; needs a registered snapshot.
  template <typename F>
  void for_each_version(F&& visit) const;
  // Calls visit(chunk, rows) with `columns` of the segments' rows that some snapshot may see or come to see. Rows that
  // move to a segment meanwhile are met if for_each_version ran before.
  // `numbers`: only row groups of these.
  template <typename F>
  void for_each_segment_row(std::span<const uint32_t> columns, const std::vector<uint64_t>* numbers, F&& visit) const;

  // Commit: writes the timestamp to the versions of an entry.
  void stamp(const WriteEntry& entry, TxnId txn, Timestamp ts);
  // Returns what that frees of the transaction's charge (WriteSet).
  uint64_t undo(const WriteEntry& entry, TxnId txn);
  void unlock(const WriteEntry& entry, TxnId txn);
  // Unlinks what nobody can see of the row; returns how many versions. `kept_for`: spans that keep some, by their oldest.
  size_t prune(RowId row, const LiveSnapshots& live, std::vector<Timestamp>* kept_for = nullptr);
  // Recovery: makes the image the row's only version, or removes the row.
  void restore(RowId row, Version* version);
  void reserve_rows(RowId end) { next_row_ = std::max(next_row_.load(), end.value); }

  // --- Segments (segment/flush.h writes them). Row groups are changed by one thread at a time.
  const SegmentOptions& segment_options() const { return segments_; }
  RowDirectory& directory() { return directory_; }
  const GroupMap& groups() const { return *groups_.load(std::memory_order_acquire); }
  // Recovery: takes the groups of opened segments.
  void adopt_groups(std::span<const std::shared_ptr<RowGroup>> groups);
  // And which rows of one are left; false when there is no such group.
  bool restore_present(uint64_t number, std::string_view bits);
  // From here until install_groups, rows that are collected are remembered.
  void begin_flush();
  void abandon_flush();
  struct GroupChange {
    uint64_t number;
    std::shared_ptr<RowGroup> group;  // null: no rows are left
    bool copied = false;  // from the one that is there, as it was written
  };
  void install_groups(std::span<const GroupChange> changes);
  // --- Loads: rows that go straight to segments.
  // Gives out the RowIds of a whole row group.
  uint64_t reserve_group();
  // Paths of the files its row groups are in.
  std::vector<std::string> segment_paths() const;
  // Puts row groups in place that `txn` has written.
  void add_loaded(TxnContext& txn, std::span<const std::shared_ptr<RowGroup>> groups);
  // Takes one of them away again and returns it; `last` tells that no other group of its file is left.
  std::shared_ptr<RowGroup> remove_loaded(uint64_t number, bool& last);
  // Empties the row's slot if `version` is all it has; the caller retires the version.
  bool detach_version(RowId row, const Version* version);
  // No insertion into rows that have been given out is under way.
  bool inserts_are_complete() const { return inserting_.load(std::memory_order_acquire) == 0; }
  void forget_memory(int64_t bytes) { account(0, -bytes); }
  Reclaimer& reclaimer() { return reclaimer_; }

  std::atomic<bool> dirty{true};         // changed since its last checkpoint
  std::atomic<bool> wanted_by_scans{false};  // scans_want_segments() said so, and no checkpoint has come since
  std::atomic<bool> wants_flush{false};  // the last checkpoint left rows in memory that may move to segments later

 private:
  bool scan_rows(const Snapshot& snapshot, std::span<const uint32_t> columns, ScanState& state, vector::Chunk& chunk,
                 std::vector<RowId>& rows) const;
  // Of a piece of the table at most as large as a chunk, the rows whose visible state is in memory or that have none.
  struct RowsInMemory {
    const Version* versions[vector::kMaxChunkRows];  // null: not visible
    uint16_t places[vector::kMaxChunkRows];          // ascending; from the piece's first row
    size_t count = 0;
    bool some_invisible = false;
  };
  // Of rows [from, to).
  void find_versions(const Snapshot& snapshot, uint64_t from, uint64_t to, RowsInMemory& found) const;
  bool sees(const Snapshot& snapshot, const Version& version) const {
    return sees(snapshot, version.begin, version.command);
  }
  bool sees(const Snapshot& snapshot, const std::atomic<uint64_t>& begin, uint32_t command) const;
  WriteResult check_group(const TxnContext& txn, const Snapshot& snapshot, RowId row) const;
  // The versions below the chain's oldest: whether a segment's row is there, not yet cut off by collection.
  bool covers_segment(RowId row, const Version* oldest) const;
  RowImage make_image(const std::shared_ptr<RowGroup>& group, size_t position, std::span<const uint32_t> columns) const;
  void remove_from_segment(RowId row);
  void replace_groups(std::unique_ptr<GroupMap> map);
  // Whether rows of the group, or of its block at `position`, may meet the bounds.
  static bool may_match(const RowGroup& group, std::span<const ScanBound> bounds);
  bool block_may_match(const RowGroup& group, size_t position, std::span<const ScanBound> bounds) const;
  // The same for a scan that is at `row`, with counting; null where the segment need not be looked at.
  const RowGroup* matching_group(const RowGroup* group, uint64_t row, ScanState& state) const;
  size_t position_of(RowId row) const { return row.value % segments_.group_rows; }
  bool scan_segment(std::span<const uint32_t> columns, const RowGroup* group, uint64_t first, size_t size,
                    const RowsInMemory& memory, ScanState& state, vector::Chunk& chunk, std::vector<RowId>& rows) const;
  WriteResult check_write(const TxnContext& txn, const Snapshot& snapshot, RowLatch& latch, RowId row, RowLockMode mode);
  void fill(const Layout& layout, std::span<const uint32_t> columns, const Version* const* versions, size_t count,
            vector::Chunk& chunk) const;
  void link(TxnContext& txn, RowLatch& latch, RowId row, Version* version, WriteKind kind, RowLockMode mode);
  // Entries for indexes that writers may not know of yet.
  void feed_indexes(RowId first, std::span<Version* const> versions);
  void feed_indexes(std::span<const std::shared_ptr<RowGroup>> groups);
  bool keys_untouched(std::span<const uint32_t> columns) const;
  using VersionList = std::vector<Version*>;
  // Removes index entries that versions `gone` of a chain have and `kept` have not; the segment's row belongs to one of
  // them, or to neither.
  enum class SegmentRow : uint8_t { Ignored, Kept, Gone };
  void erase_keys(RowId row, const VersionList& kept, const VersionList& gone, SegmentRow segment_row);
  void erase_read_keys(RowId row, const VersionList& kept, const VersionList& gone, SegmentRow segment_row);
  // What collection finds of a row, and decides.
  struct Pruning;
  bool plan_pruning(RowId row, Version* head, const LiveSnapshots& live, Pruning& plan, std::vector<Timestamp>* kept_for) const;
  size_t unlink(RowId row, RowLatch& latch, Pruning& plan);
  uint64_t undo_head(RowId row, const Version* expected, TxnId txn);
  void account(int64_t rows, int64_t bytes);
  using IndexList = std::vector<std::shared_ptr<MemoryIndex>>;
  const IndexList& index_list() const { return *indexes_.load(std::memory_order_acquire); }
  void replace_indexes(std::unique_ptr<IndexList> list);

  TableId id_;
  bool logged_;
  const std::string folder_;
  TransactionTable& transactions_;
  Reclaimer& reclaimer_;
  std::atomic<const Layout*> layout_;
  std::mutex layouts_mutex_;
  std::vector<std::unique_ptr<Layout>> layouts_;  // all there ever were: readers may hold any
  SegmentOptions segments_;
  RowDirectory directory_;
  std::atomic<const GroupMap*> groups_{new GroupMap};
  mutable ImageCache image_cache_;
  mutable std::mutex groups_mutex_;      // guards what follows, and changes of groups
  bool flushing_ = false;
  std::vector<uint64_t> collected_rows_;  // while flushing
  std::atomic<uint64_t> next_row_{1};
  std::atomic<uint32_t> inserting_{0};
  RowLocks locks_;
  std::atomic<const IndexList*> indexes_{new IndexList};
  std::mutex indexes_mutex_;
  std::atomic<int64_t> row_count_{0};
  std::atomic<int64_t> size_bytes_{0};
  std::atomic<int64_t> disk_bytes_{0};
  std::atomic<int64_t> dead_versions_{0};
  uint64_t scanned_before_ = 0, scanned_in_memory_before_ = 0;  // scans_want_segments()
};

template <typename F>
void MemoryTable::for_each_version(F&& visit) const {
  uint64_t end = end_row().value;
  for (uint64_t row = 1; row < end; ++row) {
    RowSlot* slot = directory_.find(RowId(row));
    if (slot == nullptr) {
      row |= directory_.block_rows() - 1;
      continue;
    }
    for (const Version* v = head_of(*slot); v != nullptr; v = v->older.load(std::memory_order_acquire)) {
      visit(RowId(row), *v);
    }
  }
}

template <typename F>
void MemoryTable::for_each_segment_row(std::span<const uint32_t> columns, const std::vector<uint64_t>* numbers,
                                       F&& visit) const {
  const Layout& layout = this->layout();
  vector::Chunk chunk;
  for (uint32_t column : columns) chunk.add_column(kInvalidOid, layout.columns[column].type);
  std::vector<RowId> rows;
  ScanState state;
  RowsInMemory memory;
  for (uint64_t number = 0; number < groups().groups.size(); ++number) {
    if (numbers != nullptr && std::find(numbers->begin(), numbers->end(), number) == numbers->end()) continue;
    for (uint64_t from = 0; from < segments_.group_rows; from += segments_.block_rows) {
      uint64_t first = number * segments_.group_rows + from;
      memory.count = 0;
      for (uint64_t i = 0; i < segments_.block_rows; ++i) {
        const Version* oldest = head(RowId(first + i));
        while (oldest != nullptr && oldest->older.load(std::memory_order_acquire) != nullptr) {
          oldest = oldest->older.load(std::memory_order_acquire);
        }
        if (oldest == nullptr || oldest->may_cover_segment()) continue;
        memory.versions[memory.count] = nullptr;
        memory.places[memory.count++] = static_cast<uint16_t>(i);
      }
      memory.some_invisible = memory.count > 0;
      const RowGroup* group = groups().find(number);
      if (group == nullptr) continue;
      if (scan_segment(columns, group, first, segments_.block_rows, memory, state, chunk, rows)) visit(chunk, std::span<const RowId>(rows));
    }
  }
}

}  // namespace aegis::storage
