// The storage engine: tables and indexes in memory, made durable by a redo log and checkpoints.
//
// A transaction's changes are logged as one batch when it commits; recovery loads the newest checkpoint and applies
// the batches behind it. The engine records tables' physical schemas and opaque metadata (the catalog's and the
// sequences' state); index definitions come from the catalog after recovery, when build_index finds the files of the last
// checkpoint or builds the index anew.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/os/fwd.h"
#include "aegis/storage/bulk_load.h"
#include "aegis/storage/fwd.h"
#include "aegis/storage/buffer_stats.h"
#include "aegis/storage/index.h"
#include "aegis/storage/status.h"
#include "aegis/storage/table.h"
#include "aegis/storage/transaction.h"

namespace aegis {
class StorageError;
}

namespace aegis::storage {

struct EngineOptions {
  bool fsync = true;
  uint64_t max_wal_size_bytes = uint64_t{1} << 30;  // a checkpoint starts when this much log has gathered
  uint64_t checkpoint_timeout_us = 300'000'000;
  uint64_t wal_segment_bytes = 16 << 20;
  uint64_t wal_writer_delay_us = 200'000;  // how long an asynchronous commit may stay unwritten
  uint64_t commit_delay_us = 0;            // how long the log writer waits for more commits before a sync,
  uint32_t commit_siblings = 5;            // if so many other transactions run
  uint64_t min_wal_size_bytes = 80 << 20;  // log files up to this much are kept for reuse
  uint64_t gc_interval_us = 10'000;
  // What a snapshot keeps is not looked at before so many transactions have been published since: most are gone by then.
  uint64_t young_snapshot_commits = 64;
  // How a checkpoint moves rows to columnar segments. The first two hold for all the life of a data directory: RowIds
  // per row group, and values per block, the unit of reading (a divisor of the former; powers of two; at most 2048).
  uint32_t row_group_rows = 65536;
  uint32_t column_block_rows = 2048;
  uint32_t flush_min_rows = 1;  // fewer rows of a row group stay in memory
  uint32_t merge_min_files = 8;  // so many small segments of a table are merged
  // Checkpoints write row groups anew of which one row in 64 has changed, not one in 8. Where memory is short or scans read much
  // from memory they do anyhow.
  bool eager_flush = false;
  enum class Compression : uint8_t { None, Lz4, Zstd };
  Compression compression = Compression::Lz4;  // of columns that do not say; Zstd for blocks of long strings all the same
  // Strings of at least so many bytes are apart from the segments of their tables, in files that merges and updates of other
  // columns leave alone; 0: none are. What is written stays as it is when this changes.
  uint64_t value_separation_threshold = 2048;
  uint64_t checkpoint_io_bytes_per_second = 0;  // for what background checkpoints write of tables; 0: no bound
  uint64_t transaction_memory_bytes = 0;   // for changes of all running transactions; the large one fails with 53200. 0: no bound
  uint64_t buffer_pool_bytes = 128 << 20;  // memory for blocks of files
  enum class BufferPolicy : uint8_t { Lru, Arc, TinyLfu };
  BufferPolicy buffer_policy = BufferPolicy::TinyLfu;
  IndexFileOptions index_files;  // of indexes that do not say otherwise
  // An index keeps this much in memory before it writes a file; one that never had more than the second amount is not
  // written at checkpoints but built anew at a start.
  uint64_t index_memtable_bytes = 32 << 20;
  uint64_t index_small_bytes = 256 << 10;
  uint64_t index_file_bytes = 32 << 20;
  uint64_t index_io_bytes_per_second = 0;  // for compaction; 0: no bound
  // False: nothing runs in the background; checkpoint() and collect_versions() are called by hand (tests).
  bool background = true;
  // Called once, from any thread, when the log can't be written any more: the process must end and recover.
  // Everybody waiting for a commit gets an error first. Default: log PANIC and abort().
  std::function<void(const std::string& reason)> on_fatal;
};

// Metadata is a map from (kind, key) to bytes.
struct MetadataKey {
  uint32_t kind = 0;
  std::string key;
  friend auto operator<=>(const MetadataKey&, const MetadataKey&) = default;
};
using Metadata = std::map<MetadataKey, std::string>;

// Hears of transactions' ends, to wake those who wait for them. Called after publication or rollback, from any
// thread; must be quick and not throw.
class TransactionListener {
 public:
  virtual ~TransactionListener() = default;
  virtual void on_transaction_end(TxnId txn) = 0;
};

class Engine {
 public:
  // Recovers `directory` (created if absent). Throws StorageError F0001 when another server has it, XX001 for
  // corruption. The FileSystem must outlive the engine. A volatile one is not logged to.
  static std::unique_ptr<Engine> open(os::FileSystem& files, const std::string& directory, EngineOptions options);
  // Stops background work and writes the log out. Does not checkpoint.
  virtual ~Engine() = default;

  virtual TransactionTable& transactions() = 0;
  virtual void set_listener(TransactionListener* listener) = 0;

  // --- Objects. Changes take effect for this transaction at once, for others at commit; rollback undoes them. Callers
  // hold an exclusive lock on the object (txn::LockManager), so nobody else uses it meanwhile.
  virtual std::shared_ptr<Table> table(TableId id) const = 0;  // null if there is none
  virtual std::vector<TableId> tables() const = 0;
  virtual std::shared_ptr<Table> create_table(TxnContext& txn, TableId id, const TableSchema& schema) = 0;
  virtual void drop_table(TxnContext& txn, TableId id) = 0;
  // Adds a column behind the last position; old rows have `missing`. No row is rewritten.
  virtual uint32_t add_column(TxnContext& txn, TableId id, PhysicalType type, const types::Value& missing) = 0;
  virtual void drop_column(TxnContext& txn, TableId id, uint32_t position) = 0;
  // By position; what is written from now on follows it, what lies in segments stays as it is.
  virtual void set_compression(TxnContext& txn, TableId id, std::span<const ColumnCompression> columns) = 0;

  virtual std::shared_ptr<Index> index(IndexId id) const = 0;
  // Creates the index, attaches it to its table and fills it from all versions there. For recovery too (there `txn`
  // may be null).
  virtual std::shared_ptr<Index> build_index(TxnContext* txn, const IndexDefinition& definition) = 0;
  virtual void drop_index(TxnContext& txn, IndexId id) = 0;
  // A load of rows into the table as this transaction's present command; null where rows have to go the ordinary way
  // (tables that are not logged). `indexes`: all of the table's.
  virtual std::unique_ptr<BulkLoad> begin_load(TxnContext& txn, TableId table, std::vector<LoadIndex> indexes) = 0;
  // Two live rows with one key without nulls, as the transaction sees them, if there are any.
  virtual std::optional<std::pair<RowId, RowId>> find_duplicate(const TxnContext& txn, const Index& index, bool nulls_distinct = true) = 0;

  // --- Metadata, part of the transaction like rows. It is not versioned: readers keep their own state.
  virtual void put_metadata(TxnContext& txn, uint32_t kind, std::string_view key, std::string_view bytes) = 0;
  virtual void remove_metadata(TxnContext& txn, uint32_t kind, std::string_view key) = 0;
  // At once and for good, whatever becomes of the transaction (sequences); durable with the next durable commit.
  virtual void put_metadata_now(uint32_t kind, std::string_view key, std::string_view bytes) = 0;
  // Everything committed.
  virtual Metadata metadata() const = 0;

  // --- Ending transactions; txn::TransactionManager calls these.
  virtual void begin(TxnContext& txn) = 0;
  struct CommitOptions {
    bool synchronous = true;
    // Runs inside publication, in commit order, with the commit timestamp: short, no blocking, no throwing.
    std::function<void(Timestamp)> on_publish;
    // Runs when the commit is as durable as asked for and visible; `error` is null or why it failed (the disk is full, or
    // the log is broken); then the transaction was rolled back. From the log writer's thread, or from commit() itself.
    std::function<void(const StorageError* error)> on_done;
  };
  // Consumes the transaction. One that wrote nothing finishes at once.
  virtual void commit(TxnContext&& txn, CommitOptions options) = 0;
  virtual void rollback(TxnContext&& txn) = 0;
  // A position in the transaction's writes, and undoing all behind it (rows, locks, objects, metadata).
  virtual uint64_t mark(const TxnContext& txn) const = 0;
  virtual void rollback_to(TxnContext& txn, uint64_t mark) = 0;
  // True if committing it would write the log.
  virtual bool has_writes(const TxnContext& txn) const = 0;

  // --- Durability and housekeeping.
  virtual void checkpoint() = 0;
  // Writes out and syncs the log up to `lsn`, or all.
  virtual void flush_log() = 0;
  // Calls back (from the log writer's thread, or at once) when the log is durable up to `lsn`.
  virtual void on_durable(Lsn lsn, std::function<void()> callback) = 0;
  virtual WalStatus wal_status() const = 0;
  // The next record begins a new file of the log. Throws StorageError 53100 when there is no space for one.
  virtual Lsn switch_log_file() = 0;

  // --- For system views.
  virtual std::vector<LogFileStatus> log_files() const = 0;
  virtual std::vector<SegmentStatus> segments() const = 0;
  virtual std::vector<ValueFileStatus> value_files() const = 0;
  virtual std::vector<IndexFileStatus> index_files() const = 0;
  virtual std::vector<MemtableStatus> memtables() const = 0;
  virtual std::vector<CompactionStatus> compactions() const = 0;
  virtual BufferPoolStats buffer_pool_stats() const = 0;
  virtual std::vector<BufferedBlockStatus> buffered_blocks() const = 0;
  // Frees versions and index entries no snapshot can see; returns how many versions.
  virtual uint64_t collect_versions() = 0;
  virtual void set_options(const EngineOptions& options) = 0;  // those that can change while running
};

}  // namespace aegis::storage
