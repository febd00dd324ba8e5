// Indexes built while others write to their table.
#include <atomic>
#include <thread>

#include "aegis/os/random.h"
#include "aegis/storage/bulk_load.h"
#include "aegis/storage/concurrent_index.h"
#include "aegis/storage/verify.h"
#include "index/memory_index.h"
#include "table_fixture.h"

namespace aegis::storage {
namespace {

using namespace test;

EngineOptions tiny_options() {
  EngineOptions options = small_groups();
  options.index_small_bytes = 0;
  options.index_file_bytes = 4096;
  options.value_separation_threshold = 100;
  return options;
}

struct Fixture : TableFixture {
  IndexDefinition definition = index_on_id();

  explicit Fixture(int64_t count = 200) : TableFixture(tiny_options()) {
    std::vector<Row> rows;
    for (int64_t i = 0; i < count; ++i) rows.push_back({i, "first"});
    insert_all(rows);
  }
  std::vector<RowId> rows_of(int64_t id) {
    std::vector<RowId> rows;
    engine->index(IndexId(11))->lookup(key_of(id), rows);
    return rows;
  }
  RowId insert(Txn& txn, int64_t id) { return table().insert(txn.context, {}, rows_chunk({{id, std::string(150, 'x')}})); }
  WriteResult update(Txn& txn, uint64_t row, int64_t id) {
    return table().update(txn.context, txn.snapshot, RowId(row), kBoth, rows_chunk({{id, "changed"}}), 0, RowLockMode::NoKeyUpdate);
  }
  void check() {
    Txn txn(*engine);
    txn.snapshot.command = kEveryCommand;
    IndexReport report = verify_index(*engine, *engine->index(IndexId(11)), txn.snapshot, false);
    for (const std::string& problem : report.problems) CHECK(problem == "");
    CHECK(report.rows == report.entries);
  }
};

TEST_CASE_FIXTURE(Fixture, "writers who don't know an index have their entries in it all the same") {
  Txn before(*engine);  // wrote before it is built, and goes on
  RowId early = insert(before, 1000);
  Txn builder(*engine);
  build_index_beside_writers(*engine, builder.context, definition);
  CHECK(rows_of(1000) == std::vector<RowId>{early});
  RowId late = insert(before, 1001);
  CHECK(update(before, 5, 1002));
  Txn undone(*engine);
  insert(undone, 1003);
  CHECK(update(undone, 6, 1004));
  undone.rollback();
  CHECK(builder.commit());
  // Still of a transaction that was there when the index was not.
  before.next();
  CHECK(update(before, 7, 1005));
  engine->collect_versions();
  RowId last = insert(before, 1006);
  CHECK(before.commit());
  CHECK(rows_of(1001) == std::vector<RowId>{late});
  CHECK(rows_of(1002) == std::vector<RowId>{RowId(5)});
  CHECK(rows_of(1005) == std::vector<RowId>{RowId(7)});
  CHECK(rows_of(1006) == std::vector<RowId>{last});
  check();
  // From now on they know it.
  for (int i = 0; i < 2; ++i) engine->collect_versions();
  Txn aware(*engine);
  insert(aware, 1007);
  CHECK(rows_of(1007).empty());
}

TEST_CASE_FIXTURE(Fixture, "a load that began before the index has its entries in it") {
  Txn loader(*engine);
  auto load = engine->begin_load(loader.context, kTable, {});
  REQUIRE(load);
  std::vector<vector::Chunk> chunks;
  chunks.push_back(rows_chunk({{2000, "a"}, {2001, std::nullopt}, {2002, std::string(300, 'l')}}));
  load->add(load->encode(load->reserve(), chunks));
  Txn builder(*engine);
  build_index_beside_writers(*engine, builder.context, definition);
  load->finish([](size_t, std::string_view, RowId) {});
  CHECK(builder.commit());
  CHECK(loader.commit());
  CHECK(rows_of(2001).size() == 1);
  check();
}

TEST_CASE_FIXTURE(Fixture, "an index whose building is undone is fed no more") {
  {
    Txn builder(*engine);
    build_index_beside_writers(*engine, builder.context, definition);
  }
  CHECK(engine->index(IndexId(11)) == nullptr);
  Txn txn(*engine);
  insert(txn, 5);
  CHECK(txn.commit());
  CHECK(engine->collect_versions() == 0);
}

TEST_CASE("an index built among writers, checkpoints and a crash lacks nothing") {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Fixture fixture(500);
    if (seed % 2 == 0) fixture.engine->checkpoint();
    std::atomic<bool> stop{false};
    std::atomic<int> written{0};
    std::vector<std::thread> writers;
    for (uint64_t w = 0; w < 3; ++w) {
      writers.emplace_back([&, w] {
        os::Random random(seed * 10 + w);
        while (!stop) {
          Txn txn(*fixture.engine);
          for (uint64_t i = 1 + random.below(4); i > 0; --i) {
            txn.next();
            if (random.one_in(2)) {
              fixture.insert(txn, static_cast<int64_t>(random.below(3000)));
            } else if (random.one_in(4)) {
              (void)fixture.table().remove(txn.context, txn.snapshot, RowId(1 + random.below(500)));
            } else {
              (void)fixture.update(txn, 1 + random.below(500), static_cast<int64_t>(random.below(3000)));
            }
          }
          if (random.one_in(5)) {
            txn.rollback();
          } else {
            txn.commit(random.one_in(3));
          }
          ++written;
        }
      });
    }
    std::thread keeper([&] {
      while (!stop) {
        fixture.engine->collect_versions();
        fixture.engine->checkpoint();
      }
    });
    while (written < 50) std::this_thread::yield();
    Txn builder(*fixture.engine);
    build_index_beside_writers(*fixture.engine, builder.context, fixture.definition);
    int now = written;
    while (written < now + 50) std::this_thread::yield();
    // Writers of this test never learn of the index: all end before the index is known to be complete.
    stop = true;
    for (auto& writer : writers) writer.join();
    keeper.join();
    CHECK(builder.commit());
    fixture.check();
    for (int i = 0; i < 3; ++i) fixture.engine->collect_versions();
    fixture.engine->flush_log();
    fixture.check();
    fixture.engine.reset();
    fixture.engine = Engine::open(fixture.files, "data", tiny_options());
    fixture.engine->build_index(nullptr, fixture.definition);
    fixture.check();
  }
}

}  // namespace
}  // namespace aegis::storage
