// Large values of tables: written once, referred to by row groups and versions, and gone when nobody refers to them.
#include <map>

#include "../table_fixture.h"
#include "aegis/base/error.h"
#include "aegis/os/random.h"
#include "aegis/storage/bulk_load.h"
#include "aegis/storage/verify.h"
#include "index/memory_index.h"

namespace aegis::storage {
namespace {

using namespace test;

const uint32_t kId[] = {0};

EngineOptions tiny_options() {
  EngineOptions options = small_groups();
  options.merge_min_files = 100;
  options.value_separation_threshold = 500;
  return options;
}

std::string long_text(uint64_t seed) {
  os::Random random(seed);
  std::string text = "text " + std::to_string(seed) + " ";
  while (text.size() < 600 + seed % 300) text += static_cast<char>('!' + random.below(90));
  return text;
}

struct Fixture : TableFixture {
  // Every third row has a long text, every fifth none.
  explicit Fixture(size_t rows = 300) : TableFixture(tiny_options()) {
    for (size_t i = 0; i < rows; ++i) {
      insert({static_cast<int64_t>(i), i % 5 == 4 ? std::nullopt : std::optional(i % 3 == 0 ? long_text(i) : "short")});
    }
    engine->checkpoint();
    settle();
  }
  std::vector<std::string> value_files() { return files.list("data/vlog"); }
  void checkpoint() {
    settle();
    engine->checkpoint();
    settle();
  }
  std::map<uint64_t, Row> fetched() {
    Txn txn(*engine);
    std::vector<RowId> ids;
    for (auto& [id, row] : expected) ids.push_back(RowId(id));
    vector::Chunk chunk = make_chunk({PhysicalType::Int64, PhysicalType::String});
    std::vector<uint32_t> at;
    table().fetch(txn.snapshot, ids, kBoth, chunk, at);
    std::map<uint64_t, Row> rows;
    for (size_t i = 0; i < at.size(); ++i) rows[ids[at[i]].value] = row_at(chunk, i);
    return rows;
  }
  void check() {
    CHECK(found() == expected);
    CHECK(fetched() == expected);
  }
  void update_id(uint64_t row, int64_t id) {
    vector::Chunk chunk = make_chunk({PhysicalType::Int64});
    chunk.column(0).set(0, Value::of_i64(id));
    chunk.set_size(1);
    Txn txn(*engine);
    REQUIRE(table().update(txn.context, txn.snapshot, RowId(row), kId, chunk, 0, RowLockMode::NoKeyUpdate));
    REQUIRE(txn.commit());
    expected[row].id = id;
  }
  uint64_t segment_bytes() {
    uint64_t sum = 0;
    for (const SegmentStatus& segment : engine->segments()) sum += segment.size_bytes;
    return sum;
  }
  void verify() {
    VerifyReport report = verify_files(files, "data");
    for (const std::string& problem : report.problems) CHECK(problem == "");
  }
};

TEST_CASE_FIXTURE(Fixture, "long values of a checkpoint are apart from the segment, short ones are not") {
  REQUIRE(value_files().size() == 1);
  auto status = engine->value_files();
  REQUIRE(status.size() == 1);
  CHECK(status[0].file == "vlog/" + value_files()[0]);
  CHECK(status[0].live_bytes > 80 * 500);
  CHECK(status[0].size_bytes >= status[0].live_bytes);
  CHECK(segment_bytes() < 20000);
  CHECK(table().statistics().disk_bytes > status[0].live_bytes);
  check();
  reopen();
  CHECK(value_files().size() == 1);
  check();
  VerifyReport report = verify_files(files, "data");
  CHECK(report.problems.empty());
  CHECK(report.values == 80);
}

TEST_CASE_FIXTURE(Fixture, "an update of another column takes the value along without reading or writing it") {
  uint64_t log_before = engine->wal_status().bytes;
  for (uint64_t row = 1; row <= 256; ++row) update_id(row, static_cast<int64_t>(row) + 1000);
  CHECK(engine->wal_status().bytes - log_before < 256 * 300);
  CHECK(table().statistics().size_bytes < 256 * 300);
  check();
  auto before = value_files();
  // Recovered from the log: references, too.
  reopen();
  check();
  // And from a file of rows in memory.
  for (uint64_t row = 257; row <= 260; ++row) update_id(row, -5);
  checkpoint();
  reopen();
  check();
  CHECK(value_files() == before);
  checkpoint();
  check();
  CHECK(value_files() == before);
  verify();
}

TEST_CASE_FIXTURE(Fixture, "files that are hardly in use are given up") {
  auto first = value_files();
  SUBCASE("after updates") {
    for (uint64_t row = 1; row <= 300; ++row) {
      if (row % 10 != 1) update(row, {1, "now short"});
    }
  }
  SUBCASE("after deletions") {
    for (uint64_t row = 1; row <= 300; ++row) {
      if (row % 10 != 1) remove(row);
    }
  }
  SUBCASE("when new values came instead") {
    for (uint64_t row = 1; row <= 300; ++row) {
      if (row % 10 != 1) update(row, {1, long_text(row + 1000)});
    }
  }
  for (int i = 0; i < 4; ++i) {
    checkpoint();
    check();
  }
  auto status = engine->value_files();
  uint64_t size = 0, live = 0;
  for (const ValueFileStatus& file : status) {
    size += file.size_bytes;
    live += file.live_bytes;
    CHECK(file.file != "vlog/" + first.at(0));
  }
  CHECK(live * 2 >= size);
  CHECK(status.size() == value_files().size());
  reopen();
  check();
  verify();
}

TEST_CASE_FIXTURE(Fixture, "a reader keeps the files it may read") {
  auto first = value_files();
  auto reader = std::make_unique<Txn>(*engine);
  auto before = expected;
  for (uint64_t row = 1; row <= 300; ++row) update(row, {1, "short"});
  for (int i = 0; i < 3; ++i) checkpoint();
  CHECK(found(reader->snapshot) == before);
  CHECK(value_files() == first);
  reader.reset();
  for (int i = 0; i < 3; ++i) checkpoint();
  // The last row group is not written anew before it has grown.
  REQUIRE(value_files().size() == 1);
  CHECK(value_files() != first);
  CHECK(engine->value_files()[0].size_bytes < 20000);
  check();
}

TEST_CASE_FIXTURE(Fixture, "a value in a version that stays in memory moves with its row when its file is given up") {
  // Row 1 has an old version's value; all others of its file go.
  update_id(1, 7777);
  for (uint64_t row = 2; row <= 300; ++row) remove(row);
  for (int i = 0; i < 4; ++i) checkpoint();
  check();
  auto status = engine->value_files();
  REQUIRE(status.size() == 1);
  CHECK(status[0].size_bytes < 2000);
  reopen();
  check();
}

TEST_CASE_FIXTURE(Fixture, "small files of values become one") {
  for (int i = 0; i < 12; ++i) {
    for (int k = 0; k < 64; ++k) insert({i, long_text(static_cast<uint64_t>(i * 64 + k + 5000))});
    checkpoint();
  }
  CHECK(value_files().size() > 8);
  engine.reset();
  EngineOptions options = tiny_options();
  options.merge_min_files = 4;
  engine = Engine::open(files, "data", options);
  insert({1, "x"});
  for (int i = 0; i < 3; ++i) checkpoint();
  CHECK(value_files().size() < 4);
  check();
  verify();
}

TEST_CASE_FIXTURE(Fixture, "dropped tables leave no values") {
  Txn txn(*engine);
  engine->drop_table(txn.context, kTable);
  CHECK(txn.commit());
  for (int i = 0; i < 2; ++i) checkpoint();
  CHECK(value_files().empty());
}

TEST_CASE_FIXTURE(Fixture, "a table dropped in the log may have lost its values") {
  update_id(1, 5);
  {
    Txn txn(*engine);
    engine->drop_table(txn.context, kTable);
    CHECK(txn.commit());
  }
  engine.reset();
  for (const std::string& name : value_files()) files.remove("data/vlog/" + name);
  engine = Engine::open(files, "data", tiny_options());
  CHECK(engine->tables().empty());
}

TEST_CASE_FIXTURE(Fixture, "a file that is missing is reported at the start") {
  engine.reset();
  files.remove("data/vlog/" + value_files().at(0));
  CHECK_THROWS_AS(engine = Engine::open(files, "data", tiny_options()), StorageError);
  VerifyReport report = verify_files(files, "data");
  CHECK_FALSE(report.problems.empty());
}

TEST_CASE_FIXTURE(Fixture, "loads put long values apart; what is rolled back goes") {
  auto load = [&](int64_t id, bool commit) {
    Txn txn(*engine);
    auto load = engine->begin_load(txn.context, kTable, {});
    REQUIRE(load);
    for (int part = 0; part < 2; ++part) {
      std::vector<Row> rows;
      for (int i = 0; i < 64; ++i) rows.push_back({id, long_text(static_cast<uint64_t>(id + i + part * 100))});
      std::vector<vector::Chunk> chunks;
      chunks.push_back(rows_chunk(rows));
      RowId first = load->reserve();
      load->add(load->encode(first, chunks));
      if (commit) {
        for (size_t i = 0; i < rows.size(); ++i) expected[first.value + i] = rows[i];
      }
    }
    load->finish([](size_t, std::string_view, RowId) {});
    if (commit) CHECK(txn.commit());
  };
  load(100000, false);
  check();
  for (int i = 0; i < 2; ++i) checkpoint();
  CHECK(value_files().size() == 1);
  load(200000, true);
  check();
  CHECK(segment_bytes() < 40000);
  reopen();
  check();
  checkpoint();
  reopen();
  check();
  verify();
}

TEST_CASE_FIXTURE(Fixture, "an index over a column with values apart has them") {
  IndexDefinition definition;
  definition.id = IndexId(11);
  definition.table = kTable;
  definition.columns = {{1, PhysicalType::String, KeyKind::Bytes, false, false}};
  auto index = engine->build_index(nullptr, definition);
  CHECK(index->entry_count() == expected.size());
  auto rows_of = [&](const std::string& text) {
    std::string key;
    append_key(key, definition.columns[0], Value::of_string(text));
    std::vector<RowId> rows;
    index->lookup(key, rows);
    return rows;
  };
  CHECK(rows_of(long_text(3)) == std::vector<RowId>{RowId(4)});
  // The version's key is read from its reference when the entry is to go.
  update_id(4, 99);
  remove(4);
  settle();
  CHECK(rows_of(long_text(3)).empty());
  CHECK(index->entry_count() == expected.size());
}

TEST_CASE("a flipped bit in a value is reported by whoever reads it, and by nobody else") {
  size_t reported = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    Fixture fixture(130);
    os::Random random(seed);
    fixture.engine.reset();
    std::string name = "data/vlog/" + fixture.value_files().at(0);
    std::string bytes = fixture.files.read_file(name);
    size_t at = random.below(bytes.size());
    std::string flipped(1, static_cast<char>(bytes[at] ^ (1 << random.below(8))));
    fixture.files.open(name, os::OpenMode::ReadWrite)->write_at(at, flipped);
    CHECK(verify_files(fixture.files, "data").problems.empty() == (at < 8));
    fixture.engine = Engine::open(fixture.files, "data", tiny_options());
    {
      Txn txn(*fixture.engine);
      vector::Chunk chunk = make_chunk({PhysicalType::Int64});
      std::vector<RowId> rows;
      ScanState state;
      size_t count = 0;
      while (fixture.table().scan(txn.snapshot, kId, state, chunk, rows)) count += chunk.size();
      CHECK(count == fixture.expected.size());
    }
    try {
      auto found = fixture.found();
      CHECK(found == fixture.expected);
      CHECK(at < 8);
    } catch (const StorageError& error) {
      ++reported;
      CHECK(error.sqlstate() == Sqlstate::DataCorrupted);
      CHECK(std::string(error.what()).find(".vlog") != std::string::npos);
    }
  }
  CHECK(reported > 30);
}

TEST_CASE("a crash at any call of a checkpoint that moves values loses none") {
  for (uint64_t call = 1; call < 400; ++call) {
    Fixture fixture(130);
    for (uint64_t row = 1; row <= 128; ++row) {
      if (row % 2 == 0) fixture.update_id(row, static_cast<int64_t>(row) * 3);
      if (row % 7 != 0 && row % 2 == 1) fixture.update(row, {1, row % 4 == 1 ? "short" : long_text(row + 900)});
    }
    fixture.settle();
    fixture.files.crash_after(call);
    bool crashed = false;
    try {
      fixture.engine->checkpoint();
      fixture.engine->checkpoint();
    } catch (const std::exception&) {
      crashed = true;
    }
    fixture.engine.reset();
    fixture.files.restart();
    INFO("call " << call);
    fixture.engine = Engine::open(fixture.files, "data", tiny_options());
    CHECK(fixture.found() == fixture.expected);
    if (!crashed) break;
  }
}

}  // namespace
}  // namespace aegis::storage
