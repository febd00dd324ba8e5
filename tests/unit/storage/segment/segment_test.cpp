// Rows in segments: what changes of the table do to them, and what damage to their files does.
#include <map>

#include "../table_fixture.h"
#include "aegis/base/error.h"
#include "aegis/os/random.h"
#include "column/zone.h"
#include "table/memory_table.h"

namespace aegis::storage {
namespace {

using namespace test;

EngineOptions tiny_options() {
  EngineOptions options = small_groups();
  options.flush_min_rows = 60;  // the rows behind the last whole group stay in memory
  return options;
}

struct Fixture : TableFixture {
  explicit Fixture(size_t count = 300) : TableFixture(tiny_options()) {
    std::vector<Row> rows;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back({static_cast<int64_t>(i * 10), i % 7 == 0 ? std::nullopt : std::optional("some text of row " + std::to_string(i))});
    }
    insert_all(rows);
    engine->checkpoint();
  }
};

TEST_CASE_FIXTURE(Fixture, "a checkpoint moves full row groups to a segment, which frees their memory") {
  CHECK(segments().size() == 1);
  settle();
  uint64_t left = table().statistics().size_bytes;
  CHECK(left < 60 * 200);
  CHECK(found() == expected);
  reopen();
  CHECK(table().statistics().size_bytes <= left);
  CHECK(table().statistics().row_count == expected.size());
  CHECK(found() == expected);
}

TEST_CASE_FIXTURE(Fixture, "rows of segments are updated, deleted and locked like others") {
  update(5, {5, "five"});
  remove(70);
  {
    Txn locker(*engine);
    CHECK(table().lock(locker.context, locker.snapshot, RowId(20), RowLockMode::Update));
    Txn other(*engine);
    auto blocked = table().remove(other.context, other.snapshot, RowId(20));
    CHECK(blocked.outcome == WriteOutcome::WouldBlock);
    CHECK(blocked.holder == locker.context.id);
    CHECK(table().remove(other.context, other.snapshot, RowId(70)).outcome == WriteOutcome::Deleted);
    CHECK(table().remove(other.context, other.snapshot, RowId(100000)).outcome == WriteOutcome::Deleted);
  }
  {
    Txn undone(*engine);
    CHECK(table().remove(undone.context, undone.snapshot, RowId(21)));
    CHECK(table().update(undone.context, undone.snapshot, RowId(22), kBoth, rows_chunk({{0, "never"}}), 0, RowLockMode::Update));
    undone.next();
    CHECK(scan_all(table(), undone.snapshot).size() == expected.size() - 1);
  }
  CHECK(found() == expected);
  for (int i = 0; i < 3; ++i) {
    settle();
    CHECK(found() == expected);
    CHECK(table().statistics().row_count == expected.size());
    if (i == 1) engine->checkpoint();
    reopen();
    CHECK(found() == expected);
  }
}

TEST_CASE_FIXTURE(Fixture, "an old snapshot sees segment rows that were changed since") {
  auto reader = std::make_unique<Txn>(*engine);
  auto before = expected;
  for (uint64_t row = 1; row < 200; row += 3) update(row, {-1, "changed"});
  for (uint64_t row = 2; row < 200; row += 3) remove(row);
  settle();
  engine->checkpoint();
  settle();
  std::map<uint64_t, Row> rows;
  for (auto& [id, row] : scan_all(table(), reader->snapshot)) rows[id.value] = row;
  CHECK(rows == before);
  CHECK(found() == expected);
  reader.reset();
  settle();
  engine->checkpoint();
  engine->checkpoint();
  CHECK(found() == expected);
  reopen();
  CHECK(found() == expected);
}

TEST_CASE_FIXTURE(Fixture, "row groups of which much changed are written anew, old files go") {
  auto first = segments();
  for (uint64_t row = 1; row < 256; ++row) update(row, {static_cast<int64_t>(row), "changed"});
  settle();
  engine->checkpoint();
  CHECK(segments().size() == 1);
  CHECK(segments() != first);
  settle();
  CHECK(table().statistics().size_bytes < 60 * 200);
  for (uint64_t row = 1; row < 256; ++row) remove(row);
  settle();
  engine->checkpoint();
  CHECK(segments().empty());
  CHECK(found() == expected);
  reopen();
  CHECK(found() == expected);
}

struct LargeFixture : TableFixture {
  static constexpr uint64_t kRows = 1 << 16;

  LargeFixture() : TableFixture(small_groups(8192, 1024)) {
    insert_all(std::vector<Row>(kRows, {1, "a row"}));
    engine->checkpoint();
    settle();
    // One row in ten has its newest state in memory, in all row groups.
    Txn txn(*engine);
    for (uint64_t row = 1; row <= kRows; row += 10) {
      const Row large{static_cast<int64_t>(row), std::string(1500, 'x')};
      REQUIRE(table().update(txn.context, txn.snapshot, RowId(row), kBoth, rows_chunk({large}), 0, RowLockMode::NoKeyUpdate));
      expected[row] = large;
    }
    REQUIRE(txn.commit());
    settle();
  }
  MemoryTable& memory() { return static_cast<MemoryTable&>(table()); }
  uint64_t bytes() { return table().statistics().size_bytes; }
};

TEST_CASE_FIXTURE(LargeFixture, "row groups of which little changed are written anew where scans read much from memory") {
  const uint64_t before = bytes();
  REQUIRE(before > 9 << 20);
  engine->checkpoint();
  settle();
  CHECK(bytes() == before);
  CHECK(!memory().scans_want_segments());
  for (int i = 0; i < 8; ++i) CHECK(found() == expected);
  CHECK(memory().scans_want_segments());
  CHECK(!memory().scans_want_segments());  // nobody has scanned since
  engine->checkpoint();
  settle();
  CHECK(bytes() < before / 100);
  for (int i = 0; i < 8; ++i) CHECK(found() == expected);
  CHECK(!memory().scans_want_segments());
  reopen();
  CHECK(found() == expected);
}

TEST_CASE_FIXTURE(Fixture, "columns are added to and dropped from segments without rewriting") {
  auto files_before = segments();
  {
    Txn txn(*engine);
    engine->add_column(txn.context, kTable, PhysicalType::String, Value::of_string("a missing value, out of line"));
    engine->drop_column(txn.context, kTable, 1);
    CHECK(txn.commit());
  }
  bool updated = false;
  auto check = [&] {
    Txn txn(*engine);
    const uint32_t columns[] = {2, 0};
    vector::Chunk chunk = make_chunk({PhysicalType::String, PhysicalType::Int64});
    std::vector<RowId> rows;
    ScanState state;
    size_t count = 0;
    while (table().scan(txn.snapshot, columns, state, chunk, rows)) {
      for (size_t i = 0; i < chunk.size(); ++i, ++count) {
        Value value = chunk.column(0).get(i);
        CHECK(std::string(value.text()) == (updated && rows[i].value == 9 ? "nine" : "a missing value, out of line"));
        CHECK(chunk.column(1).get(i).i64 == expected[rows[i].value].id);
      }
    }
    CHECK(count == expected.size());
  };
  check();
  {
    Txn txn(*engine);
    vector::Chunk chunk = make_chunk({PhysicalType::String});
    chunk.column(0).set(0, Value::of_string("nine"));
    chunk.set_size(1);
    const uint32_t column[] = {2};
    CHECK(table().update(txn.context, txn.snapshot, RowId(9), column, chunk, 0, RowLockMode::NoKeyUpdate));
    CHECK(txn.commit());
    updated = true;
  }
  check();
  engine->checkpoint();
  CHECK(segments() == files_before);
  reopen();
  check();
  for (uint64_t row = 1; row < 64; ++row) {
    Txn txn(*engine);
    vector::Chunk chunk = make_chunk({PhysicalType::Int64});
    chunk.column(0).set(0, Value::of_i64(expected[row].id));
    chunk.set_size(1);
    const uint32_t column[] = {0};
    CHECK(table().update(txn.context, txn.snapshot, RowId(row), column, chunk, 0, RowLockMode::NoKeyUpdate));
    CHECK(txn.commit());
  }
  settle();
  engine->checkpoint();
  CHECK(segments() != files_before);
  check();
  reopen();
  check();
}

TEST_CASE_FIXTURE(Fixture, "indexes are built from segments, and lose the keys of rows that change") {
  IndexDefinition definition = index_on_id();
  auto index = engine->build_index(nullptr, definition);
  CHECK(index->entry_count() == expected.size());
  {
    Txn txn(*engine);
    CHECK(index->check_unique(txn.context, key_of(40), RowId(1000)).outcome == UniqueOutcome::Conflict);
    CHECK(table().update(txn.context, txn.snapshot, RowId(5), kBoth, rows_chunk({{7, "five"}}), 0, RowLockMode::Update));
    CHECK(index->insert_unique(txn.context, key_of(7), RowId(5)));
    Txn other(*engine);
    CHECK(index->check_unique(other.context, key_of(40), RowId(1000)).outcome == UniqueOutcome::Wait);
    CHECK(txn.commit());
  }
  expected[5] = {7, "five"};
  settle();
  std::vector<RowId> rows;
  index->lookup(key_of(40), rows);
  CHECK(rows.empty());
  index->lookup(key_of(7), rows);
  CHECK(rows == std::vector<RowId>{RowId(5)});
  remove(6);
  settle();
  CHECK(index->entry_count() == expected.size());
  {
    Txn txn(*engine);
    CHECK_FALSE(engine->find_duplicate(txn.context, *index));
    CHECK(table().update(txn.context, txn.snapshot, RowId(8), kBoth, rows_chunk({{80, "x"}}), 0, RowLockMode::Update));
    index->insert(key_of(80), RowId(8));
    CHECK(engine->find_duplicate(txn.context, *index));
  }
  CHECK(index->entry_count() == expected.size());
  engine->checkpoint();
  reopen();
  CHECK(engine->build_index(nullptr, definition)->entry_count() == expected.size());
}

TEST_CASE_FIXTURE(Fixture, "a scan with bounds leaves out blocks that can't match, never rows that do") {
  for (uint64_t row = 1; row < 300; row += 41) update(row, {static_cast<int64_t>(row * 7 % 3000), "changed"});
  remove(90);
  os::Random random(1);
  size_t returned = 0;
  for (int i = 0; i < 200; ++i) {
    auto op = static_cast<ScanBound::Op>(random.below(5));
    int64_t limit = static_cast<int64_t>(random.below(3200)) - 100;
    ScanBound bounds[] = {{0, op, Value::of_i64(limit)}};
    auto meets = [&](const Row& row) {
      switch (op) {
        case ScanBound::Op::Less: return row.id < limit;
        case ScanBound::Op::LessEqual: return row.id <= limit;
        case ScanBound::Op::Equal: return row.id == limit;
        case ScanBound::Op::GreaterEqual: return row.id >= limit;
        case ScanBound::Op::Greater: return row.id > limit;
      }
      return false;
    };
    Txn txn(*engine);
    std::map<uint64_t, Row> rows, wanted;
    auto all = scan_all(table(), txn.snapshot, {RowId(1), RowId(), bounds});
    returned += all.size();
    for (auto& [id, row] : all) {
      CHECK(row == expected[id.value]);
      if (meets(row)) rows[id.value] = row;
    }
    for (auto& [id, row] : expected) {
      if (meets(row)) wanted[id] = row;
    }
    CHECK(rows == wanted);
  }
  CHECK(returned < 200 * expected.size() * 2 / 3);
}

TEST_CASE("zones of numerics are compared at their scale") {
  using types::Numeric;
  Zone zone{100, 250};  // 1.00 to 2.50
  auto may = [&](ScanBound::Op op, int64_t digits, uint16_t scale) {
    return zone_may_match(zone, PhysicalType::Numeric, 2, {0, op, Value::of_numeric(Numeric::of(digits, scale))});
  };
  CHECK(may(ScanBound::Op::Equal, 1, 0));
  CHECK_FALSE(may(ScanBound::Op::Equal, 3, 0));
  CHECK_FALSE(may(ScanBound::Op::Equal, 1005, 3));  // 1.005 has no place at scale 2
  CHECK(may(ScanBound::Op::Less, 1001, 3));
  CHECK_FALSE(may(ScanBound::Op::Less, 1000, 3));
  CHECK(may(ScanBound::Op::LessEqual, 1000, 3));
  CHECK_FALSE(may(ScanBound::Op::Greater, 2500, 3));
  CHECK(may(ScanBound::Op::Greater, 2499, 3));
  CHECK(may(ScanBound::Op::GreaterEqual, 25, 1));
  CHECK(may(ScanBound::Op::Less, -25, 30));  // too far apart to tell
  CHECK_FALSE(may(ScanBound::Op::Less, -5, 0));
}

TEST_CASE_FIXTURE(Fixture, "dropped tables leave no files") {
  Txn txn(*engine);
  engine->drop_table(txn.context, kTable);
  CHECK(txn.commit());
  engine->checkpoint();
  CHECK(segments().empty());
}

TEST_CASE("a flipped bit in a segment is reported, never read") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    Fixture fixture(130);
    os::Random random(seed);
    fixture.engine.reset();
    std::string name = "data/seg/" + fixture.segments().at(0);
    std::string bytes = fixture.files.read_file(name);
    size_t at = random.below(bytes.size());
    std::string flipped(1, static_cast<char>(bytes[at] ^ (1 << random.below(8))));
    fixture.files.open(name, os::OpenMode::ReadWrite)->write_at(at, flipped);
    try {
      fixture.engine = Engine::open(fixture.files, "data", tiny_options());
      // Only the magic at the very start is not looked at.
      auto found = fixture.found();
      CHECK(found == fixture.expected);
      CHECK(at < 8);
    } catch (const StorageError& error) {
      CHECK(sqlstate_code(error.sqlstate()) == "XX001");
      CHECK(std::string(error.what()).find(name) != std::string::npos);
    }
  }
}

TEST_CASE("the last range of rows moves to a segment while it fills, and grows there") {
  os::FaultyFileSystem files{1};
  EngineOptions options = tiny_options();
  options.flush_min_rows = 1;
  auto engine = Engine::open(files, "data", options);
  std::map<uint64_t, Row> expected;
  {
    Txn txn(*engine);
    engine->create_table(txn.context, kTable, rows_schema());
    REQUIRE(txn.commit());
  }
  size_t written = 0;
  std::vector<std::string> before;
  for (int64_t i = 0; i < 100; ++i) {
    Txn txn(*engine);
    Row row{i, "row " + std::to_string(i)};
    expected[engine->table(kTable)->insert(txn.context, {}, rows_chunk({row})).value] = row;
    REQUIRE(txn.commit());
    engine->checkpoint();
    auto now = files.list("data/seg");
    written += now != before ? 1 : 0;
    before = now;
  }
  // A range is written when it has doubled, not at every checkpoint.
  CHECK(written >= 4);
  CHECK(written <= 16);
  engine.reset();
  engine = Engine::open(files, "data", options);
  Txn txn(*engine);
  std::map<uint64_t, Row> rows;
  for (auto& [id, row] : scan_all(*engine->table(kTable), txn.snapshot)) rows[id.value] = row;
  CHECK(rows == expected);
}

TEST_CASE("a load is seen when it commits, and its files go when it does not") {
  os::FaultyFileSystem files{1};
  auto engine = Engine::open(files, "data", tiny_options());
  IndexDefinition definition = index_on_id();
  {
    Txn txn(*engine);
    engine->create_table(txn.context, kTable, rows_schema());
    engine->build_index(&txn.context, definition);
    REQUIRE(txn.commit());
  }
  auto index = engine->index(IndexId(11));
  auto load = [&](Txn& txn, int64_t from, int64_t to) {
    auto bulk = engine->begin_load(txn.context, kTable, {{index, true, false}});
    for (int64_t at = from; at < to; at += 64) {
      std::vector<Row> rows;
      for (int64_t i = at; i < std::min(to, at + 64); ++i) rows.push_back({i, "loaded"});
      vector::Chunk chunk = rows_chunk(rows);
      bulk->add(bulk->encode(bulk->reserve(), std::span(&chunk, 1)));
    }
    size_t conflicts = 0;
    bulk->finish([&](size_t, std::string_view key, RowId row) {
      conflicts += index->check_unique(txn.context, key, row).outcome == UniqueOutcome::Conflict ? 1 : 0;
    });
    txn.next();
    return conflicts;
  };
  auto count = [&](const Snapshot& snapshot) { return scan_all(*engine->table(kTable), snapshot).size(); };
  auto reader = std::make_unique<Txn>(*engine);
  {
    Txn txn(*engine);
    CHECK(load(txn, 0, 300) == 0);
    CHECK(count(txn.snapshot) == 300);
    CHECK(count(reader->snapshot) == 0);
    // Another writer of one of the keys has to wait for the end of this.
    std::string key;
    append_key(key, definition.columns[0], Value::of_i64(77));
    CHECK(index->check_unique(reader->context, key, RowId(1)).outcome == UniqueOutcome::Wait);
    engine->checkpoint();  // neither has it nor removes its files
    REQUIRE(txn.commit());
  }
  CHECK(count(reader->snapshot) == 0);
  reader.reset();
  auto files_of_first = files.list("data/seg");
  {
    Txn txn(*engine);
    uint64_t mark = engine->mark(txn.context);
    CHECK(load(txn, 250, 400) == 50);
    CHECK(count(txn.snapshot) == 450);
    engine->rollback_to(txn.context, mark);
    CHECK(count(txn.snapshot) == 300);
    CHECK(files.list("data/seg") == files_of_first);
    CHECK(load(txn, 300, 350) == 0);
    REQUIRE(txn.commit());
  }
  CHECK(engine->table(kTable)->statistics().row_count == 350);
  index.reset();
  engine.reset();
  files.restart();
  engine = Engine::open(files, "data", tiny_options());
  engine->build_index(nullptr, definition);
  index = engine->index(IndexId(11));
  Txn txn(*engine);
  CHECK(count(txn.snapshot) == 350);
  for (int64_t id : {0, 299, 349}) {
    std::string key;
    append_key(key, definition.columns[0], Value::of_i64(id));
    std::vector<RowId> rows;
    index->lookup(key, rows);
    CHECK(rows.size() == 1);
  }
  CHECK(load(txn, 349, 360) == 1);
}

}  // namespace
}  // namespace aegis::storage
