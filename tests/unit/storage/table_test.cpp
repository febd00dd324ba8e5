#include "support.h"

namespace aegis::storage {
namespace {

using namespace test;

struct Fixture {
  std::unique_ptr<os::FileSystem> files = os::make_memory_file_system();
  std::unique_ptr<Engine> engine = Engine::open(*files, "data", quiet_options());
  std::shared_ptr<Table> table;

  Fixture() {
    Txn txn(*engine);
    table = engine->create_table(txn.context, TableId(10), rows_schema());
    txn.commit();
  }
  RowId add(const Row& row) {
    Txn txn(*engine);
    RowId id = table->insert(txn.context, {}, rows_chunk({row}));
    txn.commit();
    return id;
  }
  WriteResult update(Txn& txn, RowId row, const Row& to, RowLockMode mode = RowLockMode::NoKeyUpdate) {
    return table->update(txn.context, txn.snapshot, row, kBoth, rows_chunk({to}), 0, mode);
  }
  std::vector<Row> all() {
    Txn txn(*engine);
    txn.snapshot.command = kEveryCommand;
    std::vector<Row> rows;
    for (auto& [id, row] : scan_all(*table, txn.snapshot)) rows.push_back(row);
    return rows;
  }
};

TEST_CASE_FIXTURE(Fixture, "a statement does not see its own rows, the next one does") {
  Txn txn(*engine);
  table->insert(txn.context, {}, rows_chunk({{1, "one"}, {2, std::nullopt}}));
  CHECK(scan_all(*table, txn.snapshot).empty());
  txn.next();
  CHECK(scan_all(*table, txn.snapshot).size() == 2);
  CHECK(all().empty());
  txn.commit();
  CHECK(all() == std::vector<Row>{{1, "one"}, {2, std::nullopt}});
}

TEST_CASE_FIXTURE(Fixture, "a snapshot keeps seeing what it saw") {
  RowId row = add({1, "old value that is longer than twelve bytes"});
  Txn reader(*engine);
  Txn writer(*engine);
  CHECK(update(writer, row, {1, "new value that is longer than twelve bytes"}));
  CHECK(scan_all(*table, reader.snapshot)[0].second.text == "old value that is longer than twelve bytes");
  writer.commit();
  engine->collect_versions();
  engine->collect_versions();
  CHECK(scan_all(*table, reader.snapshot)[0].second.text == "old value that is longer than twelve bytes");
  CHECK(all()[0].text == "new value that is longer than twelve bytes");
  reader.rollback();
  CHECK(engine->collect_versions() == 1);
  CHECK(all()[0].text == "new value that is longer than twelve bytes");
}

TEST_CASE_FIXTURE(Fixture, "the first updater wins") {
  RowId row = add({1, "a"});
  Txn first(*engine);
  Txn second(*engine);
  CHECK(update(first, row, {1, "b"}));
  CHECK(update(first, row, {1, "c"}).outcome == WriteOutcome::SelfModified);
  WriteResult result = update(second, row, {1, "d"});
  CHECK(result.outcome == WriteOutcome::WouldBlock);
  CHECK(result.holder == first.context.id);
  first.commit();
  CHECK(update(second, row, {1, "d"}).outcome == WriteOutcome::Updated);
  second.rollback();
  Txn third(*engine);
  CHECK(table->remove(third.context, third.snapshot, row));
  Txn fourth(*engine);
  third.commit();
  CHECK(update(fourth, row, {1, "e"}).outcome == WriteOutcome::Deleted);
}

TEST_CASE_FIXTURE(Fixture, "rollback leaves no trace") {
  RowId row = add({1, "a"});
  Txn txn(*engine);
  table->insert(txn.context, {}, rows_chunk({{2, "b"}}));
  CHECK(update(txn, row, {1, "changed"}));
  txn.next();
  CHECK(update(txn, row, {1, "changed again"}));
  txn.next();
  CHECK(table->remove(txn.context, txn.snapshot, row));
  txn.rollback();
  CHECK(all() == std::vector<Row>{{1, "a"}});
  CHECK(table->statistics().row_count == 1);
  CHECK(table->statistics().dead_versions == 0);
}

TEST_CASE_FIXTURE(Fixture, "rolling back to a mark undoes what came behind it") {
  RowId row = add({1, "a"});
  Txn txn(*engine);
  CHECK(update(txn, row, {1, "b"}));
  uint64_t mark = engine->mark(txn.context);
  txn.next();
  CHECK(update(txn, row, {1, "c"}));
  table->insert(txn.context, {}, rows_chunk({{2, "x"}}));
  engine->put_metadata(txn.context, 1, "k", "lost");
  engine->rollback_to(txn.context, mark);
  txn.commit();
  CHECK(all() == std::vector<Row>{{1, "b"}});
  CHECK(engine->metadata().empty());
}

TEST_CASE_FIXTURE(Fixture, "row locks conflict as PostgreSQL's do") {
  RowId row = add({1, "a"});
  const RowLockMode modes[] = {RowLockMode::KeyShare, RowLockMode::Share, RowLockMode::NoKeyUpdate, RowLockMode::Update};
  const bool conflict[4][4] = {{false, false, false, true}, {false, false, true, true}, {false, true, true, true},
                               {true, true, true, true}};
  for (int held = 0; held < 4; ++held) {
    for (int wanted = 0; wanted < 4; ++wanted) {
      Txn a(*engine), b(*engine);
      CHECK(table->lock(a.context, a.snapshot, row, modes[held]));
      WriteResult result = table->lock(b.context, b.snapshot, row, modes[wanted]);
      CHECK((result.outcome == WriteOutcome::WouldBlock) == conflict[held][wanted]);
      if (conflict[held][wanted]) CHECK(result.holder == a.context.id);
    }
  }
  // An update of other columns lets key-share locks pass, one of the key does not.
  for (RowLockMode mode : {RowLockMode::NoKeyUpdate, RowLockMode::Update}) {
    Txn a(*engine), b(*engine);
    CHECK(update(a, row, {1, "b"}, mode));
    bool blocked = table->lock(b.context, b.snapshot, row, RowLockMode::KeyShare).outcome == WriteOutcome::WouldBlock;
    CHECK(blocked == (mode == RowLockMode::Update));
  }
  Txn a(*engine), b(*engine);
  CHECK(table->lock(a.context, a.snapshot, row, RowLockMode::KeyShare));
  CHECK(update(b, row, {1, "b"}, RowLockMode::NoKeyUpdate));
  CHECK(table->remove(b.context, b.snapshot, row).outcome == WriteOutcome::SelfModified);
}

TEST_CASE_FIXTURE(Fixture, "columns come and go without a rewrite") {
  RowId row = add({1, "a"});
  {
    Txn txn(*engine);
    CHECK(engine->add_column(txn.context, TableId(10), PhysicalType::Int32, Value::of_i32(7)) == 2);
    txn.rollback();
  }
  CHECK(table->schema().columns.size() == 2);
  {
    Txn txn(*engine);
    CHECK(engine->add_column(txn.context, TableId(10), PhysicalType::String, Value::of_string("a default of some length")) == 2);
    CHECK(engine->add_column(txn.context, TableId(10), PhysicalType::Int16, Value::null()) == 3);
    txn.commit();
  }
  Txn txn(*engine);
  const uint32_t columns[] = {0, 2, 3};
  vector::Chunk out = make_chunk({PhysicalType::Int64, PhysicalType::String, PhysicalType::Int16});
  std::vector<uint32_t> found;
  table->fetch(txn.snapshot, std::span(&row, 1), columns, out, found);
  REQUIRE(found.size() == 1);
  CHECK(out.column(1).get(0).text() == "a default of some length");
  CHECK(out.column(2).is_null(0));

  // An update makes the row whole.
  vector::Chunk change = make_chunk({PhysicalType::Int16});
  change.column(0).set(0, Value::of_i16(5));
  change.set_size(1);
  const uint32_t last[] = {3};
  CHECK(table->update(txn.context, txn.snapshot, row, last, change, 0, RowLockMode::NoKeyUpdate));
  txn.next();
  table->fetch(txn.snapshot, std::span(&row, 1), columns, out, found);
  CHECK(out.column(0).get(0).i64 == 1);
  CHECK(out.column(1).get(0).text() == "a default of some length");
  CHECK(out.column(2).get(0).i16 == 5);
}

TEST_CASE_FIXTURE(Fixture, "batches of every size keep their values") {
  for (size_t count : {1, 15, 16, 700, 2048}) {
    Txn txn(*engine);
    std::vector<Row> rows;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back({static_cast<int64_t>(i), i % 3 == 0 ? std::nullopt : std::optional(std::string(i % 50, 'x'))});
    }
    RowId first = table->insert(txn.context, {}, rows_chunk(rows));
    txn.next();
    std::vector<Row> seen;
    for (auto& [id, row] : scan_all(*table, txn.snapshot)) {
      CHECK(id.value == first.value + seen.size());
      seen.push_back(row);
    }
    CHECK(seen == rows);
  }
}

TEST_CASE_FIXTURE(Fixture, "deleted rows are collected") {
  for (int i = 0; i < 100; ++i) add({i, "text that does not fit into a slot"});
  Txn txn(*engine);
  for (auto& [id, row] : scan_all(*table, txn.snapshot)) CHECK(table->remove(txn.context, txn.snapshot, id));
  txn.commit();
  CHECK(engine->collect_versions() == 200);
  CHECK(table->statistics().size_bytes == 0);
  CHECK(table->statistics().dead_versions == 0);
  CHECK(all().empty());
}

}  // namespace
}  // namespace aegis::storage
