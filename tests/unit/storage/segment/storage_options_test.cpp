// What a table's options do to its segments: compression by column, filters, merging; and the bound on transactions.
#include <map>

#include "../table_fixture.h"
#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/os/random.h"
#include "aegis/storage/verify.h"

namespace aegis::storage {
namespace {

using namespace test;

EngineOptions tiny_options() {
  EngineOptions options = small_groups(256, 32);
  options.merge_min_files = 4;
  return options;
}

struct Fixture : TableFixture {
  Fixture() : TableFixture(tiny_options()) {}
  void set_compression(std::vector<ColumnCompression> columns) {
    Txn txn(*engine);
    engine->set_compression(txn.context, kTable, columns);
    REQUIRE(txn.commit());
  }
  void fill(size_t count, os::Random& random) {
    std::vector<Row> rows;
    for (size_t i = 0; i < count; ++i) {
      int64_t id = static_cast<int64_t>(hash_int(random.next()));
      rows.push_back({id, std::to_string(random.below(1000000)) + ": a text that repeats itself, a text that repeats itself"});
    }
    insert_all(rows);
  }
  void load(size_t rows, os::Random& random) {
    Txn txn(*engine);
    auto load = engine->begin_load(txn.context, kTable, {});
    REQUIRE(load != nullptr);
    RowId first = load->reserve();
    std::vector<Row> part;
    for (size_t i = 0; i < rows; ++i) {
      part.push_back({static_cast<int64_t>(random.below(1000)), "loaded " + std::to_string(i)});
      expected[first.value + i] = part.back();
    }
    std::vector<vector::Chunk> chunks;
    chunks.push_back(rows_chunk(part));
    load->add(load->encode(first, chunks));
    load->finish([](size_t, std::string_view, RowId) {});
    load.reset();
    REQUIRE(txn.commit());
  }
  size_t segment_bytes() {
    size_t bytes = 0;
    for (const std::string& name : files.list("data/seg")) bytes += files.read_file("data/seg/" + name).size();
    return bytes;
  }
  std::string shown() {
    std::string text;
    for (const std::string& name : files.list("data/seg")) {
      for (const std::string& line : inspect_segment(files, "data/seg/" + name)) text += line + "\n";
    }
    return text;
  }
};

TEST_CASE("columns are compressed as they are told to") {
  std::map<ColumnCompression, size_t> sizes;
  for (auto method : {ColumnCompression::Auto, ColumnCompression::None, ColumnCompression::Lz4, ColumnCompression::Zstd}) {
    Fixture fixture;
    os::Random random(5);
    fixture.set_compression({ColumnCompression::Auto, method});
    fixture.fill(512, random);
    fixture.engine->checkpoint();
    CHECK(fixture.found() == fixture.expected);
    sizes[method] = fixture.segment_bytes();
    bool lz4 = fixture.shown().find("by LZ4") != std::string::npos, zstd = fixture.shown().find("by Zstd") != std::string::npos;
    CHECK(lz4 == (method == ColumnCompression::Auto || method == ColumnCompression::Lz4));
    CHECK(zstd == (method == ColumnCompression::Zstd));
  }
  CHECK(sizes[ColumnCompression::None] > 2 * sizes[ColumnCompression::Lz4]);
  CHECK(sizes[ColumnCompression::Lz4] > sizes[ColumnCompression::Zstd]);
}

TEST_CASE_FIXTURE(Fixture, "compression is part of the transaction that sets it, and survives") {
  auto methods = [&] {
    std::vector<ColumnCompression> list;
    for (const ColumnSchema& column : table().schema().columns) list.push_back(column.compression);
    return list;
  };
  std::vector<ColumnCompression> automatic(2), set = {ColumnCompression::None, ColumnCompression::Zstd};
  {
    Txn txn(*engine);
    engine->set_compression(txn.context, kTable, set);
    CHECK(methods() == set);
    txn.rollback();
  }
  CHECK(methods() == automatic);
  set_compression(set);
  reopen();  // from the log
  CHECK(methods() == set);
  engine->checkpoint();
  reopen();  // from the manifest
  CHECK(methods() == set);
  {
    Txn txn(*engine);
    engine->add_column(txn.context, kTable, PhysicalType::String, Value());
    CHECK(txn.commit());
  }
  CHECK(methods().back() == ColumnCompression::Auto);
}

TEST_CASE_FIXTURE(Fixture, "a scan for one value skips row groups by their filters") {
  os::Random random(7);
  fill(5000, random);
  engine->checkpoint();
  CHECK(shown().find("a filter of") != std::string::npos);
  uint64_t met = 0, skipped = 0;
  for (int i = 0; i < 60; ++i) {
    auto row = expected.lower_bound(1 + random.below(4990));
    bool missing = i % 3 == 0;
    int64_t wanted = row->second.id + missing;
    ScanBound bounds[] = {{0, ScanBound::Op::Equal, Value::of_i64(wanted)}};
    if (i % 3 == 1) bounds[0] = {1, ScanBound::Op::Equal, Value::of_string(*row->second.text)};
    Txn txn(*engine);
    ScanState state{.bounds = bounds};
    vector::Chunk chunk = make_chunk({PhysicalType::Int64, PhysicalType::String});
    std::vector<RowId> rows;
    bool seen = false;
    while (table().scan(txn.snapshot, kBoth, state, chunk, rows)) {
      for (RowId id : rows) seen = seen || id.value == row->first;
    }
    if (!missing) CHECK(seen);
    met += state.row_groups;
    skipped += state.row_groups_skipped;
  }
  CHECK(met >= 60 * 19);
  CHECK(skipped > met / 2);
}

TEST_CASE_FIXTURE(Fixture, "small segments are merged, with what was deleted from them") {
  os::Random random(9);
  for (int i = 0; i < 9; ++i) load(20 + random.below(100), random);
  auto some = expected;
  for (const auto& [id, row] : some) {
    if (id % 23 == 0) remove(id);
  }
  auto old_reader = std::make_unique<Txn>(*engine);
  const auto seen = expected;
  for (const auto& [id, row] : some) {
    if (id % 29 == 0 && expected.contains(id)) remove(id);
  }
  CHECK(files.list("data/seg").size() == 9);
  engine->checkpoint();
  CHECK(files.list("data/seg").size() == 1);
  CHECK(found() == expected);
  std::map<uint64_t, Row> old;
  for (auto& [id, row] : scan_all(table(), old_reader->snapshot)) old[id.value] = row;
  CHECK(old == seen);
  old_reader.reset();
  for (int i = 0; i < 3; ++i) engine->collect_versions();
  reopen();
  CHECK(found() == expected);
  engine->checkpoint();
  reopen();
  CHECK(found() == expected);
}

TEST_CASE_FIXTURE(Fixture, "a transaction that changes too much fails, and leaves room") {
  engine.reset();
  EngineOptions options = tiny_options();
  options.transaction_memory_bytes = 4 << 20;
  engine = Engine::open(files, "data", options);
  for (int round = 0; round < 3; ++round) {
    Txn large(*engine);
    uint64_t mark = engine->mark(large.context);
    Row row{1, std::string(1000, 'x')};
    // What a savepoint takes back does not count.
    for (int i = 0; i < 20; ++i) {
      for (int k = 0; k < 1000; ++k) table().insert(large.context, {}, rows_chunk({row}));
      engine->rollback_to(large.context, mark);
    }
    Sqlstate state = Sqlstate::SuccessfulCompletion;
    try {
      for (int i = 0; i < 10000; ++i) table().insert(large.context, {}, rows_chunk({row}));
    } catch (const SqlError& error) {
      state = error.fields().sqlstate;
    }
    CHECK(state == Sqlstate::OutOfMemory);
    os::Random random(3);
    fill(10, random);  // a small one goes on beside it
    large.rollback();
  }
  CHECK(found() == expected);
}

}  // namespace
}  // namespace aegis::storage
