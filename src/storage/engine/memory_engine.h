// The Engine. Locks, outermost first: checkpoint_mutex_, commit_mutex_, objects_mutex_; row latches and index nodes are
// innermost. commit_mutex_ orders the log, publication and the committed state (metadata_, committed_); it is
// held for a few stores and never over I/O.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "checkpoint/manifest.h"
#include "engine/collector.h"
#include "engine/redo.h"
#include "index/memory_index.h"
#include "lsm/io_budget.h"
#include "reclaimer.h"
#include "table/memory_table.h"
#include "wal/log_writer.h"

namespace aegis::storage {

class MemoryEngine final : public Engine, private RedoTarget {
 public:
  MemoryEngine(os::FileSystem& files, std::string directory, EngineOptions options);
  ~MemoryEngine() override;
  // Recovers, or makes a new data directory; starts background work.
  void start();

  TransactionTable& transactions() override { return transactions_; }
  void set_listener(TransactionListener* listener) override { listener_ = listener; }

  std::shared_ptr<Table> table(TableId id) const override;
  std::vector<TableId> tables() const override;
  std::shared_ptr<Table> create_table(TxnContext& txn, TableId id, const TableSchema& schema) override;
  void drop_table(TxnContext& txn, TableId id) override;
  uint32_t add_column(TxnContext& txn, TableId id, PhysicalType type, const types::Value& missing) override;
  void drop_column(TxnContext& txn, TableId id, uint32_t position) override;
  void set_compression(TxnContext& txn, TableId id, std::span<const ColumnCompression> columns) override;
  std::shared_ptr<Index> index(IndexId id) const override;
  std::shared_ptr<Index> build_index(TxnContext* txn, const IndexDefinition& definition) override {
    return build_index(txn, definition, Writers::Wait);
  }
  enum class Writers : uint8_t { Wait, GoOn };
  std::shared_ptr<Index> build_index(TxnContext* txn, const IndexDefinition& definition, Writers writers);
  void drop_index(TxnContext& txn, IndexId id) override;
  std::unique_ptr<BulkLoad> begin_load(TxnContext& txn, TableId table, std::vector<LoadIndex> indexes) override;
  std::optional<std::pair<RowId, RowId>> find_duplicate(const TxnContext& txn, const Index& index, bool nulls_distinct) override;

  void put_metadata(TxnContext& txn, uint32_t kind, std::string_view key, std::string_view bytes) override;
  void remove_metadata(TxnContext& txn, uint32_t kind, std::string_view key) override;
  void put_metadata_now(uint32_t kind, std::string_view key, std::string_view bytes) override;
  Metadata metadata() const override;

  void begin(TxnContext& txn) override;
  void commit(TxnContext&& txn, CommitOptions options) override;
  void rollback(TxnContext&& txn) override;
  uint64_t mark(const TxnContext& txn) const override;
  void rollback_to(TxnContext& txn, uint64_t mark) override;
  bool has_writes(const TxnContext& txn) const override;

  void checkpoint() override { checkpoint(nullptr); }
  void flush_log() override;
  void on_durable(Lsn lsn, std::function<void()> callback) override;
  WalStatus wal_status() const override;
  Lsn switch_log_file() override;
  std::vector<LogFileStatus> log_files() const override;
  std::vector<SegmentStatus> segments() const override;
  std::vector<ValueFileStatus> value_files() const override;
  std::vector<IndexFileStatus> index_files() const override;
  std::vector<MemtableStatus> memtables() const override;
  std::vector<CompactionStatus> compactions() const override;
  BufferPoolStats buffer_pool_stats() const override;
  std::vector<BufferedBlockStatus> buffered_blocks() const override;
  uint64_t collect_versions() override;
  void set_options(const EngineOptions& options) override;

 private:
  friend class CommitJob;
  friend class SegmentLoad;
  struct CommittedTable {
    std::shared_ptr<MemoryTable> table;
    const Layout* layout = nullptr;
    std::string file;  // of the last checkpoint, and so on
    std::vector<ManifestSegment> segments;
  };

  std::shared_ptr<MemoryTable> memory_table(TableId id) const;
  MemoryTable& must_find(TableId id) const;
  void remove_table(TableId id);
  void remove_index(IndexId id);
  // `numbers`: of row groups; null: all.
  static void index_segment_rows(MemoryIndex::Builder& builder, const std::vector<uint64_t>* numbers);
  void stop_feeding();
  bool adopt_index(MemoryIndex& index);
  std::vector<std::shared_ptr<MemoryIndex>> index_list() const;
  std::vector<std::shared_ptr<MemoryTable>> table_list() const;
  void undo(TxnContext& txn, uint64_t mark);
  void undo_load(MemoryTable& table, uint64_t group);
  void undo_object(const WriteEntry& entry, WriteSet& writes);
  // With commit_mutex_ held.
  void apply_committed(WriteSet& writes);
  void end_transaction(TxnId txn);
  void fail_commit(TxnContext&& txn, const CommitOptions& options, const StorageError& error);
  // Runs `append` with commit_mutex_ held when the log has room for the records; throws StorageError if it gets none.
  template <typename F>
  void with_room_in_log(const std::vector<std::string>& records, F&& append);

  // RedoTarget
  void on_transaction(TxnId txn) override;
  MemoryTable* find_table(TableId id) override;
  void on_row(const MemoryTable& table, RowId row) override;
  void create_table(TableId id, const TableSchema& schema) override;
  void drop_table(TableId id) override;
  void load(TableId id, std::string_view file, const std::vector<uint64_t>& groups) override;
  Metadata& metadata() override { return metadata_; }

  // `budget`: for segments, if any.
  void checkpoint(lsm::IoBudget* budget);
  void recover();
  void load_checkpoint(const std::string& manifest_name);
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  void install_checkpoint(struct CheckpointState& state, lsm::IoBudget* budget);
  std::vector<std::shared_ptr<RowGroup>> open_segment(TableId table, const std::string& file, const std::vector<uint64_t>& groups);
  void open_segments(const ManifestTable& item, MemoryTable& table);
  // Folders of tablespaces, within the data directory.
  std::vector<std::string> tablespace_folders() const;
  void find_next_segment();
  void find_next_index_file();
  void remove_unused_files(const struct CheckpointState& state);
  void remove_files_of_failed(const struct CheckpointState& state);
  void name_manifest(const std::string& name);
  void checkpoint_indexes(struct CheckpointState& state);
  void remove_unused_index_files();
  void tend_indexes();
  void tend_indexes_in_background();
  void collect_in_background();
  void checkpoint_in_background();
  bool checkpoint_is_due(bool& timed);
  bool scans_want_checkpoint();
  // Rows in memory may grow by so much before a checkpoint moves them to segments.
  uint64_t memory_growth_bound() const;
  // Bytes of rows in memory, but for those of running transactions.
  uint64_t table_memory() const;
  // An option that may change while the engine runs.
  template <typename T>
  T option(T EngineOptions::*member) const {
    std::lock_guard guard(commit_mutex_);
    return options_.*member;
  }

  os::FileSystem& files_;
  std::string directory_;
  const bool logging_;
  EngineOptions options_;  // guarded by commit_mutex_ once running
  SegmentOptions segment_options_;
  BufferPool pool_;
  std::unique_ptr<ValueStore> value_store_;      // null when nothing survives the process
  lsm::IoBudget checkpoint_budget_;              // of checkpoints that nobody waits for
  std::unique_ptr<IndexStorage> index_storage_;  // null when nothing survives the process
  TransactionTable transactions_;
  Reclaimer reclaimer_;
  Collector collector_;
  ChangeMemory change_memory_;
  std::atomic<TransactionListener*> listener_{nullptr};
  std::unique_ptr<os::FileLock> directory_lock_;

  mutable std::shared_mutex objects_mutex_;
  std::unordered_map<TableId, std::shared_ptr<MemoryTable>> tables_;
  std::unordered_map<IndexId, std::shared_ptr<MemoryIndex>> indexes_;
  std::vector<std::shared_ptr<MemoryIndex>> fed_indexes_;

  // What the last manifest has of indexes that build_index has not asked for yet, and the rows the log has changed
  // since, by table.
  std::mutex found_mutex_;  // guards found_indexes_ once recovery has ended
  std::unordered_map<IndexId, ManifestIndex> found_indexes_;
  std::unordered_map<TableId, std::vector<uint64_t>> replayed_rows_;
  std::unordered_map<TableId, std::vector<uint64_t>> replayed_groups_;  // loads, by number
  std::map<std::string, TableId> missing_files_;  // loads whose table must have been dropped later
  uint64_t first_index_file_ = 0;  // files with lower numbers are of a former life
  bool strangers_removed_ = false;
  std::vector<std::shared_ptr<MemoryIndex>> dropped_indexes_;  // guarded by objects_mutex_: a manifest may have them

  mutable std::mutex commit_mutex_;
  Metadata metadata_;
  std::map<TableId, CommittedTable> committed_;
  std::unique_ptr<LogWriter> log_;
  TxnId recovered_txn_{3};
  std::atomic<uint32_t> running_{0};  // transactions

  std::mutex checkpoint_mutex_;
  uint64_t checkpoint_number_ = 0;
  std::atomic<uint64_t> next_segment_{1};
  std::set<std::string> loading_files_;  // guarded by loading_mutex_: segments being written, or about to be removed
  std::mutex loading_mutex_;
  std::atomic<bool> checkpoint_wanted_{false};  // after recovery
  std::atomic<uint64_t> checkpoints_{0};
  std::atomic<uint64_t> memory_after_checkpoint_{0};  // table_memory(), when versions that had moved were freed
  std::atomic<uint64_t> timed_checkpoints_{0};
  std::atomic<uint64_t> checkpoint_us_{0};
  Lsn last_redo_;               // guarded by commit_mutex_
  std::atomic<int64_t> last_checkpoint_us_{0};
  std::atomic<uint64_t> last_checkpoint_took_us_{0};

  std::mutex background_mutex_;
  std::condition_variable background_wake_;
  bool stopping_ = false;
  std::thread collector_thread_;
  std::thread checkpoint_thread_;
  std::thread index_thread_;
};

}  // namespace aegis::storage
