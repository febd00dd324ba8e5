#include <chrono>
#include <map>
#include <thread>

#include "aegis/base/error.h"
#include "table_fixture.h"

namespace aegis::storage {
namespace {

using namespace test;

std::vector<Row> rows_of(Engine& engine, TableId id) {
  Txn txn(engine);
  txn.snapshot.command = kEveryCommand;
  std::vector<Row> rows;
  auto table = engine.table(id);
  if (!table) return rows;
  for (auto& [row_id, row] : scan_all(*table, txn.snapshot)) rows.push_back(row);
  return rows;
}

struct Fixture {
  os::FaultyFileSystem files{1};
  std::unique_ptr<Engine> engine;

  Fixture() { open(); }
  void open() { engine = Engine::open(files, "data", quiet_options()); }
  void reopen() {
    engine.reset();
    open();
  }
  void create(TableId id) {
    Txn txn(*engine);
    engine->create_table(txn.context, id, rows_schema());
    CHECK(txn.commit());
  }
  RowId insert(TableId id, const std::vector<Row>& rows, bool synchronous = true) {
    Txn txn(*engine);
    RowId row = engine->table(id)->insert(txn.context, {}, rows_chunk(rows));
    CHECK(txn.commit(synchronous));
    return row;
  }
};


TEST_CASE_FIXTURE(Fixture, "what was committed is there after a restart") {
  create(kTable);
  RowId row = insert(kTable, {{1, "one"}, {2, "two, of more than twelve bytes"}, {3, std::nullopt}});
  Txn txn(*engine);
  auto table = engine->table(kTable);
  CHECK(table->remove(txn.context, txn.snapshot, row));
  CHECK(table->update(txn.context, txn.snapshot, RowId(row.value + 2), kBoth, rows_chunk({{3, "three"}}), 0,
                      RowLockMode::NoKeyUpdate));
  engine->put_metadata(txn.context, 7, "name", "value");
  CHECK(txn.commit());
  engine->put_metadata_now(8, "sequence", "33");
  {
    Txn lost(*engine);
    table->insert(lost.context, {}, rows_chunk({{4, "never"}}));
  }
  table.reset();
  std::vector<Row> expected = {{2, "two, of more than twelve bytes"}, {3, "three"}};
  for (bool with_checkpoint : {false, true, true, false}) {
    if (with_checkpoint) engine->checkpoint();
    reopen();
    CHECK(rows_of(*engine, kTable) == expected);
    CHECK(engine->metadata() == Metadata{{{7, "name"}, "value"}, {{8, "sequence"}, "33"}});
  }
  TxnId before = engine->transactions().next_id();
  CHECK(before.value > 5);
  RowId next = insert(kTable, {{5, "five"}});
  CHECK(next.value > row.value + 2);
}

TEST_CASE_FIXTURE(Fixture, "objects are recovered as they were committed") {
  create(kTable);
  create(TableId(11));
  insert(kTable, {{1, "a"}});
  {
    Txn txn(*engine);
    engine->add_column(txn.context, kTable, PhysicalType::String, Value::of_string("a default value, quite long"));
    CHECK(txn.commit());
  }
  {
    Txn txn(*engine);
    engine->drop_table(txn.context, TableId(11));
    TableSchema unlogged = rows_schema();
    unlogged.logged = false;
    engine->create_table(txn.context, TableId(12), unlogged)->insert(txn.context, {}, rows_chunk({{9, "x"}}));
    CHECK(txn.commit());
  }
  Txn open_txn(*engine);
  engine->add_column(open_txn.context, kTable, PhysicalType::Int16, Value::null());
  engine->checkpoint();
  open_txn.rollback();
  for (int i = 0; i < 2; ++i) {
    reopen();
    CHECK(engine->table(TableId(11)) == nullptr);
    CHECK(engine->table(TableId(12)) == nullptr);
    REQUIRE(engine->table(kTable) != nullptr);
    auto schema = engine->table(kTable)->schema();
    REQUIRE(schema.columns.size() == 3);
    CHECK(schema.columns[2].missing.text() == "a default value, quite long");
    CHECK(rows_of(*engine, kTable) == std::vector<Row>{{1, "a"}});
  }
}

TEST_CASE_FIXTURE(Fixture, "a batch may name tables that a later one dropped") {
  create(kTable);
  engine->checkpoint();
  create(TableId(11));
  {
    Txn txn(*engine);
    engine->table(TableId(11))->insert(txn.context, {}, rows_chunk({{1, "gone"}}));
    engine->table(kTable)->insert(txn.context, {}, rows_chunk({{2, "stays"}}));
    CHECK(txn.commit());
  }
  Txn txn(*engine);
  engine->drop_table(txn.context, TableId(11));
  CHECK(txn.commit());
  reopen();
  CHECK(rows_of(*engine, kTable) == std::vector<Row>{{2, "stays"}});
}

TEST_CASE_FIXTURE(Fixture, "checkpoints bound the log") {
  create(kTable);
  for (int i = 0; i < 200; ++i) insert(kTable, {{i, std::string(1000, 'x')}});
  size_t before = files.list("data/wal").size();
  CHECK(before > 3);
  engine->checkpoint();
  engine->checkpoint();
  size_t segments = 0;
  for (const auto& name : files.list("data/wal")) segments += name.ends_with(".wal");
  CHECK(segments <= 2);
  for (int i = 0; i < 200; ++i) insert(kTable, {{i, std::string(1000, 'y')}});
  reopen();
  CHECK(rows_of(*engine, kTable).size() == 400);
}

TEST_CASE_FIXTURE(Fixture, "a second engine on the directory is refused") {
  CHECK_THROWS_AS(Engine::open(files, "data", quiet_options()), SqlError);
  try {
    Engine::open(files, "data", quiet_options());
  } catch (const SqlError& error) {
    CHECK(sqlstate_code(error.fields().sqlstate) == "F0001");
    CHECK(error.fields().message == "lock file \"aegis.pid\" already exists");
  }
}

TEST_CASE_FIXTURE(Fixture, "asynchronous commits are visible at once and durable soon") {
  create(kTable);
  insert(kTable, {{1, "a"}}, false);
  CHECK(rows_of(*engine, kTable).size() == 1);
  engine->flush_log();
  files.crash_after(1);
  engine.reset();
  files.restart();
  open();
  CHECK(rows_of(*engine, kTable).size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a failed sync fails the commit and every one behind it") {
  create(kTable);
  // The log writer may still be at work behind the first commit: its calls would count.
  for (uint64_t calls = 0; calls != files.call_count(); std::this_thread::sleep_for(std::chrono::milliseconds(20))) calls = files.call_count();
  files.fail_io_after(2);
  Txn txn(*engine);
  engine->table(kTable)->insert(txn.context, {}, rows_chunk({{1, "a"}}));
  CHECK_FALSE(txn.commit());
  CHECK(rows_of(*engine, kTable).empty());
  Txn later(*engine);
  engine->table(kTable)->insert(later.context, {}, rows_chunk({{2, "b"}}));
  CHECK_FALSE(later.commit());
  CHECK_THROWS_AS(engine->flush_log(), StorageError);
}

TEST_CASE("a flipped bit before the log's end is corruption, not a torn tail") {
  os::FaultyFileSystem files(3);
  {
    auto engine = Engine::open(files, "data", quiet_options());
    for (int i = 0; i < 5; ++i) {
      Txn txn(*engine);
      engine->put_metadata(txn.context, 1, "key" + std::to_string(i), "value");
      CHECK(txn.commit());
    }
  }
  std::string name;
  for (const auto& file : files.list("data/wal")) {
    if (file.ends_with(".wal")) name = "data/wal/" + file;
  }
  std::string bytes = files.read_file(name);
  size_t at = bytes.find("key1");
  REQUIRE(at != std::string::npos);
  files.open(name, os::OpenMode::ReadWrite)->write_at(at, "kez1");
  CHECK_THROWS_AS(Engine::open(files, "data", quiet_options()), StorageError);

  // The same at the very end is what a crash leaves.
  files.open(name, os::OpenMode::ReadWrite)->write_at(at, "key1");
  at = bytes.find("key4");
  files.open(name, os::OpenMode::ReadWrite)->write_at(at, "kez4");
  auto engine = Engine::open(files, "data", quiet_options());
  CHECK(engine->metadata().size() == 4);
}

}  // namespace
}  // namespace aegis::storage
