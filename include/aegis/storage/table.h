// A table's rows: multi-version, addressed by RowId. Knows physical types and positions, no SQL.
//
// Writes go to a TxnContext and are undone or published with it. Nothing here waits for another transaction:
// a write that meets one returns WouldBlock with its TxnId; txn::TransactionManager::wait_for waits, and the
// caller tries again. All functions are thread safe.
//
// A column position is never reused: dropping a column leaves its position unused. Changing a column's type and
// TRUNCATE make a new table (under a new TableId) and drop the old one in the same transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/fwd.h"
#include "aegis/storage/status.h"
#include "aegis/storage/transaction.h"
#include "aegis/types/value.h"

namespace aegis::vector {
class Chunk;
}

namespace aegis::storage {

using types::PhysicalType;

// How blocks of a column are compressed when they are written: Auto leaves it to the engine.
enum class ColumnCompression : uint8_t { Auto, None, Lz4, Zstd };

struct ColumnSchema {
  PhysicalType type;
  bool dropped = false;
  // What rows older than the column have (ADD COLUMN ... DEFAULT); out-of-line bytes are owned by the table.
  types::Value missing;
  ColumnCompression compression = ColumnCompression::Auto;
};

// Of a folder in a tablespace that has the engine's files: what its name begins with.
inline constexpr const char* kTablespaceFolder = "AEGIS_";

struct TableSchema {
  std::vector<ColumnSchema> columns;
  // False for temporary and unlogged tables: no log, empty after a restart.
  bool logged = true;
  // Where its files go, within the data directory; empty: to the engine's own folders.
  std::string directory;
};

// Row lock modes as PostgreSQL's, weakest first.
enum class RowLockMode : uint8_t { KeyShare, Share, NoKeyUpdate, Update };

enum class WriteOutcome : uint8_t {
  Ok,
  Updated,       // a version newer than the snapshot is committed: re-check it (READ COMMITTED) or fail (40001)
  Deleted,       // the row is gone, by a commit newer than the snapshot
  WouldBlock,    // `holder` has changed or locked the row and is still running
  SelfModified,  // this statement (or a later one of this transaction) has already changed the row
};

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::Ok;
  TxnId holder{};
  explicit operator bool() const { return outcome == WriteOutcome::Ok; }
};

// Rows per unit of parallel scanning.
inline constexpr uint64_t kMorselRows = 65536;

// A condition that all wanted rows meet: `column` op `value`, as the column's physical type orders (signed integers, floats
// with NaN greatest, numerics, strings by their bytes). A null never meets one.
struct ScanBound {
  enum class Op : uint8_t { Less, LessEqual, Equal, GreaterEqual, Greater };
  uint32_t column = 0;
  Op op = Op::Equal;
  types::Value value;  // not null
};

// One thread's position in a scan of [next, end).
struct ScanState {
  RowId next{1};
  RowId end{};
  // Rows that don't meet these may be left out, or not: whole blocks are skipped where it is known to be safe.
  std::span<const ScanBound> bounds = {};
  // What the bounds have spared: row groups met, those of them whose segment was not looked at, and blocks of the others.
  uint64_t row_groups = 0;
  uint64_t row_groups_skipped = 0;
  uint64_t blocks_skipped = 0;
  uint64_t rows_in_memory = 0;  // of those returned, the ones that were not in a segment
  // The table's own: the row group it is in.
  uint64_t group_number = ~uint64_t{0};
  const void* group = nullptr;
  bool group_skipped = false;
};

struct TableStatistics {
  uint64_t row_count = 0;    // committed and running inserts minus deletes
  uint64_t size_bytes = 0;   // memory of all versions
  uint64_t disk_bytes = 0;   // of segments, as far as they are in use
  uint64_t dead_versions = 0;
};

class Table {
 public:
  virtual ~Table() = default;
  virtual TableId id() const = 0;
  virtual TableSchema schema() const = 0;

  // --- Reading -------------------------------------------------------------------------------------------
  // Rows of the table now have RowIds below this one.
  virtual RowId end_row() const = 0;
  // Fills `chunk` (one column for each of `columns`, of the same physical type) and `rows` with the next visible
  // rows, up to vector::chunk_rows(). False, with an empty chunk, at the end of the state's range. String bytes
  // are borrowed from the table.
  virtual bool scan(const Snapshot& snapshot, std::span<const uint32_t> columns, ScanState& state,
                    vector::Chunk& chunk, std::vector<RowId>& rows) const = 0;
  // The visible ones among `rows`, in order, at most kMaxChunkRows: found[k] is the position in `rows` of the
  // chunk's row k. A row may be listed twice.
  virtual void fetch(const Snapshot& snapshot, std::span<const RowId> rows, std::span<const uint32_t> columns,
                     vector::Chunk& chunk, std::vector<uint32_t>& found) const = 0;
  virtual bool is_visible(const Snapshot& snapshot, RowId row) const = 0;
  virtual TableStatistics statistics() const = 0;

  // --- Writing -------------------------------------------------------------------------------------------
  // Inserts the chunk's rows under consecutive RowIds and returns the first. `columns` gives the position of
  // each chunk column, other positions are null; empty means all positions in order.
  virtual RowId insert(TxnContext& txn, std::span<const uint32_t> columns, const vector::Chunk& chunk) = 0;
  // Sets `columns` of `row` to row `chunk_row` of the chunk's columns. `mode` is Update when a column of a
  // unique key changes, else NoKeyUpdate. The row must be one the snapshot saw.
  virtual WriteResult update(TxnContext& txn, const Snapshot& snapshot, RowId row, std::span<const uint32_t> columns,
                             const vector::Chunk& chunk, size_t chunk_row, RowLockMode mode) = 0;
  virtual WriteResult remove(TxnContext& txn, const Snapshot& snapshot, RowId row) = 0;
  // Locks until the transaction ends or the savepoint it came after is rolled back.
  virtual WriteResult lock(TxnContext& txn, const Snapshot& snapshot, RowId row, RowLockMode mode) = 0;

  // Attached indexes are cleaned by version collection and rollback; inserting into them is the writer's task.
  virtual std::vector<std::shared_ptr<Index>> indexes() const = 0;

  TableActivity& activity() const { return activity_; }

 private:
  mutable TableActivity activity_;
};

}  // namespace aegis::storage
