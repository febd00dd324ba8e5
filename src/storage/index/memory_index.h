// The Index: what was written lately in a B+tree in memory, the rest in sorted files (lsm/sst_tree.h), and the rules of
// uniqueness.
//
// An entry that is erased while an older part of the index may have it leaves a deletion behind. A flush freezes the
// B+tree, lets writers go over to a new one, writes it as files and forgets it. Readers and writers follow one pointer to
// an immutable State, within a gate (use_gate.h); cursors copy it.
//
// Files count after a crash only if a manifest names them, so whatever they have and the log has as well is made again
// by recovery, and entries of rows that never came to be stay: readers look at the row, here and in the executor.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>

#include "aegis/storage/index.h"
#include "index/btree.h"
#include "index/index_memtable.h"
#include "index/index_storage.h"
#include "use_gate.h"
#include "lsm/sst_tree.h"
#include "table/tuple.h"

namespace aegis::storage {

class MemoryTable;

class MemoryIndex final : public Index {
 public:
  // Without `storage` everything stays in memory.
  MemoryIndex(const IndexDefinition& definition, MemoryTable& table, Reclaimer& reclaimer, IndexStorage* storage);
  ~MemoryIndex() override;

  const IndexDefinition& definition() const override { return definition_; }
  std::unique_ptr<IndexCursor> scan(KeyRange range, ScanDirection direction) const override;
  void lookup(std::string_view key, std::vector<RowId>& rows) const override;
  void insert(std::string_view key, RowId row) override;
  UniqueResult insert_unique(const TxnContext& txn, std::string_view key, RowId row) override;
  UniqueResult check_unique(const TxnContext& txn, std::string_view key, RowId row) const override;
  void erase(std::string_view key, RowId row) override;
  uint64_t entry_count() const override;
  uint64_t size_bytes() const override;

  void set_file_options(const IndexFileOverrides& overrides) override;

  // --- For tables and the engine.
  // The engine's options have changed.
  void use_file_options();
  MemoryTable& table() const { return table_; }
  bool depends_on(std::span<const uint32_t> columns) const;
  // Columns that keys are made of.
  std::span<const uint32_t> read_columns() const { return read_columns_; }
  // The key of a version; false if it has none. `has_null` tells whether a column of it is null.
  bool key_of(const Layout& layout, const Version& version, std::string& key, bool* has_null = nullptr) const;
  // Appends all keys of a version: one at most, unless the index is inverted.
  void keys_of(const Layout& layout, const Version& version, std::vector<std::string>& keys) const;

  // --- Files. All may throw StorageError and can be tried again then.
  bool on_disk() const { return tree_ != nullptr; }
  // Numbers of all files that must not be removed.
  void add_file_numbers(std::set<uint64_t>& numbers) const { tree_->add_file_numbers(numbers); }
  // What has to be the same for files to be of use to a definition; empty: they never are (functions may change).
  static std::string fingerprint(const IndexDefinition& definition);
  // Takes over the files a manifest has.
  void open(std::string_view files, const std::string& source);
  // For the manifest: everything inserted before the call. Empty when the index is better built anew.
  std::string checkpoint(std::shared_ptr<const lsm::Version>& version);
  // The manifest with this version is durable.
  void checkpointed(std::shared_ptr<const lsm::Version> version);
  // No manifest has the index any more: its files go with it.
  void abandon();
  size_t memory_bytes() const;
  uint64_t memory_entries() const;
  lsm::MemtableKind memtable_kind() const;
  lsm::CompactionStyle tree_style() const { return tree_->style(); }
  void flush();
  // One compaction, if one is due.
  bool compact();
  // --- Loads (index_load.h).
  lsm::SstTree* tree() const { return tree_.get(); }
  size_t sort_bytes() const { return storage_->sort_bytes; }
  // Makes runs of new rows part of the index, and gives what it was before: whoever inserted a key one of them has is
  // in there, or will meet the new entry.
  struct Others;
  using RunFiles = std::vector<std::vector<std::shared_ptr<lsm::SstFile>>>;
  std::vector<std::shared_ptr<lsm::SstFile>> publish(std::span<const std::unique_ptr<lsm::RunWriter>> runs,
                                                     RunFiles& run_files, std::unique_ptr<Others>& others);
  void retract(const std::vector<std::shared_ptr<lsm::SstFile>>& files);
  lsm::TreeStats tree_stats() const;
  std::shared_ptr<const lsm::Version> files() const;
  // Set once the index has every row of the time before.
  std::atomic<bool> complete{false};
  // The table gives it entries of what is written: for writers who don't know it.
  std::atomic<bool> fed{false};
  // Once the index is committed and its publication over, those that began later know it.
  std::atomic<bool> committed{false};
  uint64_t fed_for = ~uint64_t{0};  // guarded as the engine's list of fed indexes
  // Calls back with the keys of the segments' rows that some snapshot may see. `numbers`: only row groups of these.
  void for_each_segment_key(const std::vector<uint64_t>* numbers, const std::function<void(std::string_view, RowId)>& visit) const;

  // Fills an index nobody reads yet: sorts, and writes files bottom-up if it is much.
  class Builder {
   public:
    explicit Builder(MemoryIndex& index) : index_(index) {}
    const MemoryIndex& index() const { return index_; }
    void add(std::string_view key, RowId row);
    void finish();

   private:
    struct Item {
      uint64_t prefix;
      const char* bytes;
      uint32_t size;
      uint64_t row;
    };
    void sort();
    void write_run(bool bulk);

    MemoryIndex& index_;
    Arena keys_{64 << 10};
    std::vector<Item> items_;
    size_t bytes_ = 0;
    size_t runs_ = 0;
  };

 private:
  void compute(const Layout& layout, const Version& version, KeyBatch& batch) const;
  struct State {
    std::shared_ptr<IndexMemtable> active;
    std::vector<std::shared_ptr<IndexMemtable>> frozen;  // newest first
    std::shared_ptr<const lsm::Version> files;   // null: none
    bool is_one() const { return frozen.empty() && !has_files(); }
    // One B+tree, which needs no merging.
    bool is_single() const { return is_one() && active->btree() != nullptr; }
    bool has_files() const { return files != nullptr && !files->runs.empty(); }
  };
  class Cursor;
  class MergedCursor;
  static std::vector<std::unique_ptr<lsm::EntryCursor>> sources_of(const State& state, lsm::Direction direction);

  // Within the gate, or with state_mutex_ held.
  const State& state() const { return *state_.load(std::memory_order_seq_cst); }
  // Visits the rows that have exactly `key` until `visit` returns false.
  template <typename F>
  void for_each_row(std::string_view key, F&& visit) const;
  void collect_rows(const State& state, std::string_view key, std::vector<RowId>& rows) const;
  template <typename F>
  void change_state(F&& change);
  void refresh_file_options();
  std::shared_ptr<IndexMemtable> make_memtable() const;
  bool flush_oldest();
  void flush_all();
  UniqueResult judge(const TxnContext& txn, std::string_view key, RowId candidate) const;
  // Insertions of one key take turns.
  std::mutex& key_latch(std::string_view key);

  IndexDefinition definition_;
  MemoryTable& table_;
  Reclaimer& reclaimer_;
  IndexStorage* storage_;
  std::unique_ptr<lsm::SstTree> tree_;
  std::atomic<const State*> state_;
  mutable std::mutex state_mutex_;  // changes of state_
  std::mutex flush_mutex_;
  mutable UseGate gate_;
  std::vector<uint32_t> read_columns_;
  std::array<std::mutex, 64> key_latches_;
};

struct MemoryIndex::Others {
  State state;
  bool empty() const { return state.is_one() && state.active->empty(); }
  // Over all entries, deletions included, newest first.
  std::unique_ptr<lsm::MergeCursor> cursor() const;
};

}  // namespace aegis::storage
