// The operations in the log: what a committed transaction did, as final states, so that applying a batch twice is
// the same as once. A batch is a stream of operations, cut into records between operations:
//
//   Begin id | Table id | Put row size tuple | Remove row     (Put and Remove refer to the last Table)
//   CreateTable id columns | CreateTableIn directory id columns | DropTable id | AddColumn id position column | DropColumn id position
//   SetCompression id count methods
//   PutMetadata kind key bytes | RemoveMetadata kind key
//   Load table file count groups      (positions in the segment file of row groups that hold new rows)
//
// Changes of objects come first, then loads, then rows. Rows are differences to the previous row of the batch, zigzag encoded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/storage/engine.h"
#include "wal/log_format.h"
#include "write_set.h"

namespace aegis::storage {

enum class RedoOp : uint8_t {
  Begin = 1,
  Table,
  Put,
  Remove,
  CreateTable,
  DropTable,
  AddColumn,
  DropColumn,
  PutMetadata,
  RemoveMetadata,
  Load,
  SetCompression,
  CreateTableIn = 20,
};

// Appends what the transaction leaves behind; nothing if it wrote only to unlogged tables. Files' names are within
// `directory`.
void encode_redo(TxnId txn, WriteSet& writes, const std::string& directory, BatchBuilder& out);
void encode_put_metadata(std::string& out, uint32_t kind, std::string_view key, std::string_view bytes);
void encode_column(std::string& out, const ColumnSchema& column);
bool decode_column(std::string_view& in, ColumnSchema& column);

// What recovery does with the operations.
class RedoTarget {
 public:
  virtual ~RedoTarget() = default;
  virtual void on_transaction(TxnId txn) = 0;
  // Null if the table is not there (any more): its rows are skipped.
  virtual MemoryTable* find_table(TableId id) = 0;
  // The table's row has become what the log says.
  virtual void on_row(const MemoryTable& table, RowId row) = 0;
  virtual void create_table(TableId id, const TableSchema& schema) = 0;
  virtual void drop_table(TableId id) = 0;
  virtual void load(TableId id, std::string_view file, const std::vector<uint64_t>& groups) = 0;
  virtual Metadata& metadata() = 0;
};

// False when the batch is malformed.
bool apply_redo(const std::vector<std::string_view>& payloads, RedoTarget& target);

}  // namespace aegis::storage
