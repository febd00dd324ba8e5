#include "aegis/storage/verify.h"

#include "aegis/os/random.h"
#include "index/memory_index.h"
#include "table_fixture.h"

namespace aegis::storage {
namespace {

using namespace test;

EngineOptions tiny_options() {
  EngineOptions options = small_groups();
  options.index_small_bytes = 0;
  options.index_file_bytes = 2048;
  options.flush_min_rows = 60;
  return options;
}

// A table with segments, rows in memory and an index in files; some of it in the log only.
void make_database(os::FileSystem& files) {
  auto engine = Engine::open(files, "data", tiny_options());
  auto insert = [&](int64_t from, int64_t to) {
    Txn txn(*engine);
    std::vector<Row> rows;
    for (int64_t i = from; i < to; ++i) rows.push_back({i, i % 5 == 0 ? std::nullopt : std::optional(std::string(1 + i % 30, 'v'))});
    RowId first = engine->table(kTable)->insert(txn.context, {}, rows_chunk(rows));
    for (size_t i = 0; i < rows.size(); ++i) {
      engine->index(IndexId(11))->insert(key_of(rows[i].id), RowId(first.value + i));
    }
    CHECK(txn.commit());
  };
  {
    Txn txn(*engine);
    engine->create_table(txn.context, kTable, rows_schema());
    IndexDefinition definition = index_on_id();
    engine->build_index(&txn.context, definition);
    CHECK(txn.commit());
  }
  insert(0, 300);
  engine->checkpoint();
  for (int64_t i = 300; i < 330; ++i) insert(i, i + 1);
}

bool names(const VerifyReport& report, const std::string& file) {
  for (const std::string& problem : report.problems) {
    if (problem.find(file) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("verification finds nothing wrong with a good directory and every flipped bit of another") {
  os::FaultyFileSystem files(1);
  make_database(files);
  VerifyReport good = verify_files(files, "data");
  CHECK(good.problems.empty());
  CHECK(good.tables == 1);
  CHECK(good.segments == 1);
  CHECK(good.row_files == 1);
  CHECK(good.index_files > 0);
  CHECK(good.index_entries == 300);
  CHECK(good.log_batches >= 30);

  os::Random random(7);
  std::vector<std::string> paths = {"data/CURRENT"};
  for (const std::string& name : files.list("data")) {
    if (name.starts_with("MANIFEST")) paths.push_back("data/" + name);
  }
  for (const char* directory : {"data/seg", "data/idx", "data/tbl"}) {
    for (const std::string& name : files.list(directory)) paths.push_back(std::string(directory) + "/" + name);
  }
  CHECK(paths.size() > 4);
  for (const std::string& path : paths) {
    uint64_t bits = files.open(path, os::OpenMode::Read)->size() * 8;
    for (int i = 0; i < 60; ++i) {
      uint64_t bit = random.below(bits);
      INFO(path << " bit " << bit);
      files.flip_bit(path, bit);
      CHECK(names(verify_files(files, "data"), path));
      files.flip_bit(path, bit);
    }
  }
  // The header of the log's first record, which later ones call durable.
  std::string log = "data/wal/" + files.list("data/wal").front();
  for (uint64_t bit = 0; bit < sizeof(uint32_t) * 2 * 8; bit += 3) {
    files.flip_bit(log, bit);
    CHECK(names(verify_files(files, "data"), log));
    files.flip_bit(log, bit);
  }
  CHECK(verify_files(files, "data").problems.empty());
}

TEST_CASE("verification finds rows without entries, and two rows with a unique key") {
  os::FaultyFileSystem files(1);
  make_database(files);
  auto engine = Engine::open(files, "data", tiny_options());
  IndexDefinition definition;
  definition.id = IndexId(12);
  definition.table = kTable;
  definition.columns = {{0, PhysicalType::Int64, KeyKind::Signed, false, false}};
  auto index = engine->build_index(nullptr, definition);
  {
    Txn txn(*engine);
    txn.snapshot.command = kEveryCommand;
    IndexReport report = verify_index(*engine, *index, txn.snapshot, true);
    CHECK(report.problems.empty());
    CHECK(report.rows == 330);
    CHECK(report.entries == 330);
  }
  std::string key;
  append_key(key, {0, PhysicalType::Int64, KeyKind::Signed, false, false}, Value::of_i64(5));
  std::vector<RowId> rows;
  index->lookup(key, rows);
  REQUIRE(rows.size() == 1);
  {
    Txn txn(*engine);
    RowId twin = engine->table(kTable)->insert(txn.context, {}, rows_chunk({{5, "twin"}}));
    index->insert(key, twin);
    CHECK(txn.commit());
  }
  Txn txn(*engine);
  txn.snapshot.command = kEveryCommand;
  CHECK(verify_index(*engine, *index, txn.snapshot, false).problems.empty());
  CHECK(verify_index(*engine, *index, txn.snapshot, true).problems.size() == 1);
  index->erase(key, rows[0]);
  CHECK(verify_index(*engine, *index, txn.snapshot, false).problems.size() == 2);
}

}  // namespace
}  // namespace aegis::storage
