// A table of (int8, text) in an engine of its own on a file system with faults, and what was written to it.
#pragma once

#include <map>

#include "support.h"

namespace aegis::storage::test {

inline const TableId kTable(10);

// Row groups and blocks small enough for a few hundred rows to have several.
inline EngineOptions small_groups(uint32_t group_rows = 64, uint32_t block_rows = 16) {
  EngineOptions options = quiet_options();
  options.row_group_rows = group_rows;
  options.column_block_rows = block_rows;
  return options;
}

struct TableFixture {
  os::FaultyFileSystem files{1};
  const EngineOptions options;
  std::unique_ptr<Engine> engine;
  std::map<uint64_t, Row> expected;

  explicit TableFixture(EngineOptions with) : options(std::move(with)), engine(Engine::open(files, "data", options)) {
    Txn txn(*engine);
    engine->create_table(txn.context, kTable, rows_schema());
    REQUIRE(txn.commit());
  }

  Table& table() { return *engine->table(kTable); }
  std::vector<std::string> segments() { return files.list("data/seg"); }
  void reopen() {
    engine.reset();
    engine = Engine::open(files, "data", options);
  }
  void settle() {
    for (int i = 0; i < 3; ++i) engine->collect_versions();
  }

  RowId insert(const Row& row) {
    Txn txn(*engine);
    RowId id = table().insert(txn.context, {}, rows_chunk({row}));
    REQUIRE(txn.commit());
    expected[id.value] = row;
    return id;
  }
  // Rows of one transaction, each by itself.
  void insert_all(const std::vector<Row>& rows) {
    Txn txn(*engine);
    for (const Row& row : rows) expected[table().insert(txn.context, {}, rows_chunk({row})).value] = row;
    REQUIRE(txn.commit());
  }
  void update(uint64_t row, const Row& to) {
    Txn txn(*engine);
    REQUIRE(table().update(txn.context, txn.snapshot, RowId(row), kBoth, rows_chunk({to}), 0, RowLockMode::NoKeyUpdate));
    REQUIRE(txn.commit());
    expected[row] = to;
  }
  void remove(uint64_t row) {
    Txn txn(*engine);
    REQUIRE(table().remove(txn.context, txn.snapshot, RowId(row)));
    REQUIRE(txn.commit());
    expected.erase(row);
  }

  std::map<uint64_t, Row> found(const Snapshot& snapshot) {
    std::map<uint64_t, Row> rows;
    for (auto& [id, row] : scan_all(table(), snapshot)) rows[id.value] = row;
    return rows;
  }
  std::map<uint64_t, Row> found() {
    Txn txn(*engine);
    return found(txn.snapshot);
  }
};

// An index over the first column.
inline IndexDefinition index_on_id(IndexId id = IndexId(11)) {
  IndexDefinition definition;
  definition.id = id;
  definition.table = kTable;
  definition.columns = {{0, PhysicalType::Int64, KeyKind::Signed, false, false}};
  return definition;
}
inline std::string key_of(int64_t id) {
  std::string key;
  append_key(key, {0, PhysicalType::Int64, KeyKind::Signed, false, false}, Value::of_i64(id));
  return key;
}

}  // namespace aegis::storage::test
