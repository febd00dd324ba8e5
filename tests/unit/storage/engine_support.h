// What programs that test the engine share: small chunks of int8 and text columns, transactions.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "aegis/vector/vector.h"

namespace aegis::storage::test {

using types::Value;

inline vector::Chunk make_chunk(const std::vector<PhysicalType>& types) {
  vector::Chunk chunk;
  for (PhysicalType type : types) chunk.add_column(kInvalidOid, type);
  chunk.reset();
  return chunk;
}

// One row of (int8, text).
struct Row {
  int64_t id = 0;
  std::optional<std::string> text;
  friend bool operator==(const Row&, const Row&) = default;
};

inline vector::Chunk rows_chunk(const std::vector<Row>& rows) {
  vector::Chunk chunk = make_chunk({PhysicalType::Int64, PhysicalType::String});
  for (size_t i = 0; i < rows.size(); ++i) {
    chunk.column(0).set(i, Value::of_i64(rows[i].id));
    chunk.column(1).set(i, rows[i].text ? Value::of_string(*rows[i].text) : Value::null());
  }
  chunk.set_size(rows.size());
  return chunk;
}

inline TableSchema rows_schema() {
  TableSchema schema;
  schema.columns.resize(2);
  schema.columns[0].type = PhysicalType::Int64;
  schema.columns[1].type = PhysicalType::String;
  return schema;
}

inline const uint32_t kBoth[] = {0, 1};

inline EngineOptions quiet_options() {
  EngineOptions options;
  options.background = false;
  options.wal_segment_bytes = 32 * 1024;
  options.wal_writer_delay_us = 1000;
  options.on_fatal = [](const std::string&) {};
  return options;
}

// A transaction that is rolled back unless it is committed, and always has a registered snapshot.
class Txn {
 public:
  explicit Txn(Engine& engine, SnapshotHold hold = SnapshotHold::Onwards) : engine_(engine) {
    engine.begin(context);
    snapshot.read_ts = engine.transactions().register_snapshot(context.id, hold);
    snapshot.txn = context.id;
    next();
  }
  ~Txn() {
    if (context.writes) engine_.rollback(std::move(context));
  }
  // Begins the next command: it sees what was written so far.
  void next() { snapshot.command = ++context.command; }
  // False if the log is broken.
  bool commit(bool synchronous = true) {
    struct State {
      std::mutex mutex;
      std::condition_variable changed;
      int result = 0;
      std::optional<StorageError> error;
    };
    auto state = std::make_shared<State>();
    Engine::CommitOptions options;
    options.synchronous = synchronous;
    options.on_done = [state](const StorageError* error) {
      std::lock_guard guard(state->mutex);
      state->result = error == nullptr ? 1 : 2;
      if (error != nullptr) state->error.emplace(*error);
      state->changed.notify_one();
    };
    engine_.commit(std::move(context), std::move(options));
    std::unique_lock guard(state->mutex);
    state->changed.wait(guard, [&] { return state->result != 0; });
    error = state->error;
    return state->result == 1;
  }
  void rollback() { engine_.rollback(std::move(context)); }

  TxnContext context;
  Snapshot snapshot;
  std::optional<StorageError> error;  // why commit() failed

 private:
  Engine& engine_;
};

inline Row row_at(const vector::Chunk& chunk, size_t i) {
  Value id = chunk.column(0).get(i);
  Value text = chunk.column(1).get(i);
  Row row{id.i64, std::nullopt};
  if (!text.is_null) row.text = std::string(text.text());
  return row;
}

inline std::vector<std::pair<RowId, Row>> scan_all(const Table& table, const Snapshot& snapshot, ScanState state = {}) {
  std::vector<std::pair<RowId, Row>> result;
  vector::Chunk chunk = make_chunk({PhysicalType::Int64, PhysicalType::String});
  std::vector<RowId> rows;
  while (table.scan(snapshot, kBoth, state, chunk, rows)) {
    for (size_t i = 0; i < chunk.size(); ++i) result.emplace_back(rows[i], row_at(chunk, i));
  }
  return result;
}

}  // namespace aegis::storage::test
