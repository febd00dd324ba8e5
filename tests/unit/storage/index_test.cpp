#include "aegis/storage/index.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "aegis/os/random.h"
#include "index/memory_index.h"
#include "support.h"

namespace aegis::storage {
namespace {

using namespace test;

using Pairs = std::vector<std::pair<std::string, uint64_t>>;

Pairs walk(Index& index, KeyRange range, ScanDirection direction, size_t batch_size) {
  Pairs result;
  std::vector<IndexEntry> batch(batch_size);
  auto cursor = index.scan(std::move(range), direction);
  while (size_t n = cursor->next(batch)) {
    for (size_t i = 0; i < n; ++i) result.emplace_back(batch[i].key, batch[i].row.value);
  }
  return result;
}

EngineOptions tiny_files() {
  EngineOptions options = quiet_options();
  options.index_small_bytes = 0;
  options.index_file_bytes = 4096;
  return options;
}

struct Fixture {
  std::unique_ptr<os::FileSystem> files;
  std::unique_ptr<Engine> engine;
  std::shared_ptr<Table> table;
  std::shared_ptr<Index> index;

  using Memtable = IndexFileOptions::Memtable;

  explicit Fixture(std::unique_ptr<os::FileSystem> on = os::make_memory_file_system(), Memtable memtable = Memtable::BTree)
      : files(std::move(on)), engine(Engine::open(*files, "data", tiny_files())) {
    Txn txn(*engine);
    table = engine->create_table(txn.context, TableId(10), rows_schema());
    IndexDefinition definition;
    definition.id = IndexId(11);
    definition.table = TableId(10);
    definition.columns = {{1, PhysicalType::String, KeyKind::Bytes, false, false}};
    definition.files.memtable = memtable;
    index = engine->build_index(&txn.context, definition);
    txn.commit();
  }
  std::string key(const std::string& text) {
    std::string out;
    append_key(out, index->definition().columns[0], Value::of_string(text));
    return out;
  }
  RowId add(Txn& txn, const Row& row) {
    RowId id = table->insert(txn.context, {}, rows_chunk({row}));
    index->insert(key(*row.text), id);
    return id;
  }
  size_t entries() { return index->entry_count(); }
};

// The same with files.
struct DiskFixture : Fixture {
  explicit DiskFixture(Memtable memtable = Memtable::BTree) : Fixture(std::make_unique<os::FaultyFileSystem>(1), memtable) {}
  MemoryIndex& disk_index() { return static_cast<MemoryIndex&>(*index); }
};

// `encoded`: keys are those of texts, of which none is a prefix of another; bounds may be.
void agree_with_a_set(Fixture& fixture, MemoryIndex* on_disk, bool encoded = false) {
  auto& [files, engine, table, index] = fixture;
  uint64_t seed = 42;
  CAPTURE(seed);
  os::Random random(seed);
  std::set<std::pair<std::string, uint64_t>> model;
  Txn txn(*engine);
  auto random_key = [&] {
    std::string k(1 + random.below(4), 'a');
    for (char& c : k) c = static_cast<char>('a' + random.below(5));
    if (random.one_in(3)) k = "a long common prefix of keys " + k;
    return encoded ? fixture.key(k) : k;
  };
  auto random_bound = [&] {
    std::string k = random_key();
    if (encoded && random.one_in(2)) k.resize(1 + random.below(k.size()));
    return k;
  };
  for (int step = 0; step < 20000; ++step) {
    std::string k = random_key();
    uint64_t row = random.below(8);
    if (random.one_in(3)) {
      index->erase(k, RowId(row));
      model.erase({k, row});
    } else {
      index->insert(k, RowId(row));
      model.insert({k, row});
    }
    if (on_disk != nullptr && random.one_in(1000)) on_disk->flush();
    if (on_disk != nullptr && random.one_in(1000)) on_disk->compact();
    if (step % 500 != 0) continue;
    if (on_disk == nullptr) CHECK(index->entry_count() == model.size());
    KeyRange range;
    if (!random.one_in(4)) range.lower = random_bound();
    if (!random.one_in(4)) range.upper = random_bound();
    range.lower_inclusive = random.one_in(2);
    range.upper_inclusive = random.one_in(2);
    Pairs expected;
    for (const auto& item : model) {
      if (range.lower && (range.lower_inclusive ? item.first < *range.lower : item.first <= *range.lower)) continue;
      if (range.upper && (range.upper_inclusive ? item.first > *range.upper : item.first >= *range.upper)) continue;
      expected.push_back(item);
    }
    size_t batch = 1 + random.below(100);
    CHECK(walk(*index, range, ScanDirection::Forward, batch) == expected);
    std::reverse(expected.begin(), expected.end());
    CHECK(walk(*index, range, ScanDirection::Backward, batch) == expected);
    std::vector<RowId> rows;
    std::string probe = random_key();
    index->lookup(probe, rows);
    size_t count = static_cast<size_t>(std::count_if(model.begin(), model.end(), [&](auto& m) { return m.first == probe; }));
    CHECK(rows.size() == count);
  }
}

TEST_CASE_FIXTURE(Fixture, "the tree agrees with a set, in both directions and every bound") {
  agree_with_a_set(*this, nullptr);
}

TEST_CASE_FIXTURE(DiskFixture, "with files, too") {
  agree_with_a_set(*this, &disk_index());
  CHECK(disk_index().tree_stats().flushes > 5);
  CHECK(disk_index().tree_stats().compactions > 1);
}

TEST_CASE("whatever an index has in memory, it agrees with a set") {
  for (auto memtable : {IndexFileOptions::Memtable::SkipList, IndexFileOptions::Memtable::Art}) {
    CAPTURE(static_cast<int>(memtable));
    DiskFixture fixture(memtable);
    agree_with_a_set(fixture, &fixture.disk_index(), true);
    CHECK(fixture.engine->memtables().back().structure == std::string(memtable == IndexFileOptions::Memtable::Art ? "art" : "skiplist"));
    fixture.index->set_file_options({});
    fixture.disk_index().flush();
    CHECK(fixture.engine->memtables().back().structure == std::string("btree"));
  }
}

void write_while_it_is_flushed(DiskFixture& fixture) {
  auto& index = fixture.index;
  auto& engine = fixture.engine;
  auto disk_index = [&]() -> MemoryIndex& { return fixture.disk_index(); };
  auto key = [&](const std::string& text) { return fixture.key(text); };
  constexpr int kKeys = 6000;
  std::atomic<bool> done{false};
  std::atomic<int> missing{0};
  std::vector<std::thread> threads;
  for (int w = 0; w < 2; ++w) {
    threads.emplace_back([&, w] {
      Txn txn(*engine);
      std::vector<RowId> rows;
      for (int i = 0; i < kKeys; ++i) {
        std::string own = key(std::to_string(i * 2 + w));
        index->insert(own, RowId(7));
        if (i % 2 == 0) index->erase(key(std::to_string((i / 2) * 2 + w)), RowId(7));
        rows.clear();
        index->lookup(own, rows);
        if (rows.size() != (i == 0 ? 0 : 1)) ++missing;
      }
    });
  }
  std::thread reader([&] {
    while (!done) {
      Txn txn(*engine);
      std::string last;
      for (auto& [k, row] : walk(*index, {}, ScanDirection::Forward, 50)) {
        if (last >= k) ++missing;
        last = k;
      }
    }
  });
  std::thread upkeep([&] {
    while (!done) {
      disk_index().flush();
      disk_index().compact();
      engine->collect_versions();
    }
  });
  for (auto& thread : threads) thread.join();
  done = true;
  reader.join();
  upkeep.join();
  CHECK(missing == 0);
  Txn txn(*engine);
  Pairs all = walk(*index, {}, ScanDirection::Forward, 100);
  CHECK(all.size() == kKeys);
  Pairs back = walk(*index, {}, ScanDirection::Backward, 100);
  std::reverse(back.begin(), back.end());
  CHECK(all == back);
}

TEST_CASE("readers and writers go on while an index is flushed and compacted") {
  for (auto memtable : {IndexFileOptions::Memtable::BTree, IndexFileOptions::Memtable::SkipList, IndexFileOptions::Memtable::Art}) {
    CAPTURE(static_cast<int>(memtable));
    DiskFixture fixture(memtable);
    write_while_it_is_flushed(fixture);
  }
}

TEST_CASE("an index is taken over from the last checkpoint, dropped ones leave no files") {
  os::FaultyFileSystem files(3);
  IndexDefinition definition;
  definition.id = IndexId(11);
  definition.table = TableId(10);
  definition.columns = {{0, PhysicalType::Int64, KeyKind::Signed, false, false}};
  auto index_files = [&] { return files.list("data/idx").size(); };
  {
    auto engine = Engine::open(files, "data", tiny_files());
    Txn txn(*engine);
    auto table = engine->create_table(txn.context, TableId(10), rows_schema());
    std::vector<Row> rows;
    for (int i = 0; i < 2000; ++i) rows.push_back({i, "x"});
    table->insert(txn.context, {}, rows_chunk(rows));
    engine->build_index(&txn.context, definition);
    CHECK(index_files() > 0);  // bottom-up
    txn.commit();
    engine->checkpoint();
  }
  size_t before = index_files();
  {
    auto engine = Engine::open(files, "data", tiny_files());
    auto index = engine->build_index(nullptr, definition);
    CHECK(index->entry_count() == 2000);
    CHECK(index_files() == before);
    CHECK(static_cast<MemoryIndex&>(*index).memory_bytes() < 10000);
    Txn txn(*engine);
    std::vector<RowId> rows;
    std::string key;
    append_key(key, definition.columns[0], Value::of_i64(1234));
    index->lookup(key, rows);
    CHECK(rows.size() == 1);
  }
  SUBCASE("another definition does not get its files") {
    auto engine = Engine::open(files, "data", tiny_files());
    definition.columns[0].descending = true;
    auto index = engine->build_index(nullptr, definition);
    Txn txn(*engine);
    std::vector<RowId> rows;
    std::string key;
    append_key(key, definition.columns[0], Value::of_i64(1234));
    index->lookup(key, rows);
    CHECK(rows.size() == 1);
    engine->checkpoint();
    CHECK(index_files() < 2 * before);
  }
  SUBCASE("dropped") {
    auto engine = Engine::open(files, "data", tiny_files());
    engine->build_index(nullptr, definition);
    Txn txn(*engine);
    engine->drop_index(txn.context, definition.id);
    txn.commit();
    for (int i = 0; i < 3; ++i) {
      engine->checkpoint();
      engine->collect_versions();
    }
    CHECK(index_files() == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "readers and writers share the tree") {
  constexpr int kKeys = 4000;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int w = 0; w < 2; ++w) {
    threads.emplace_back([&, w] {
      Txn txn(*engine);
      for (int i = 0; i < kKeys; ++i) index->insert(key(std::to_string(i * 2 + w)), RowId(1));
      for (int i = 0; i < kKeys; i += 2) index->erase(key(std::to_string(i * 2 + w)), RowId(1));
    });
  }
  std::thread reader([&] {
    while (!done) {
      Txn txn(*engine);
      std::string last;
      for (auto& [k, row] : walk(*index, {}, ScanDirection::Forward, 50)) {
        CHECK(last < k);
        last = k;
      }
    }
  });
  std::thread collector([&] {
    while (!done) engine->collect_versions();
  });
  for (auto& thread : threads) thread.join();
  done = true;
  reader.join();
  collector.join();
  CHECK(entries() == kKeys);
}

TEST_CASE_FIXTURE(Fixture, "of two racing inserts of a key one waits") {
  Txn a(*engine), b(*engine);
  RowId row_a = table->insert(a.context, {}, rows_chunk({{1, "k"}}));
  RowId row_b = table->insert(b.context, {}, rows_chunk({{2, "k"}}));
  CHECK(index->insert_unique(a.context, key("k"), row_a));
  UniqueResult result = index->insert_unique(b.context, key("k"), row_b);
  CHECK(result.outcome == UniqueOutcome::Wait);
  CHECK(result.holder == a.context.id);
  SUBCASE("the winner commits") {
    a.commit();
    result = index->insert_unique(b.context, key("k"), row_b);
    CHECK(result.outcome == UniqueOutcome::Conflict);
    CHECK(result.row == row_a);
  }
  SUBCASE("the winner rolls back") {
    a.rollback();
    CHECK(index->insert_unique(b.context, key("k"), row_b));
    b.commit();
  }
}

TEST_CASE_FIXTURE(Fixture, "a key that is being given up may come back") {
  Txn setup(*engine);
  RowId row = add(setup, {1, "k"});
  setup.commit();
  Txn a(*engine), b(*engine);
  CHECK(table->update(a.context, a.snapshot, row, kBoth, rows_chunk({{1, "other"}}), 0, RowLockMode::Update));
  CHECK(index->insert_unique(a.context, key("other"), row));
  RowId mine = table->insert(b.context, {}, rows_chunk({{2, "k"}}));
  CHECK(index->insert_unique(b.context, key("k"), mine).outcome == UniqueOutcome::Wait);
  a.commit();
  CHECK(index->insert_unique(b.context, key("k"), mine));
  b.commit();
}

TEST_CASE_FIXTURE(Fixture, "a transaction may delete and insert a key again") {
  Txn setup(*engine);
  RowId row = add(setup, {1, "k"});
  setup.commit();
  Txn txn(*engine);
  CHECK(table->remove(txn.context, txn.snapshot, row));
  RowId again = table->insert(txn.context, {}, rows_chunk({{2, "k"}}));
  CHECK(index->insert_unique(txn.context, key("k"), again));
  RowId twice = table->insert(txn.context, {}, rows_chunk({{3, "k"}}));
  CHECK(index->insert_unique(txn.context, key("k"), twice).outcome == UniqueOutcome::Conflict);
}

TEST_CASE_FIXTURE(Fixture, "entries go when no version has their key any more") {
  Txn setup(*engine);
  RowId row = add(setup, {1, "a"});
  setup.commit();
  CHECK(entries() == 1);
  auto change = [&](const std::string& text, bool commit) {
    Txn txn(*engine);
    CHECK(table->update(txn.context, txn.snapshot, row, kBoth, rows_chunk({{1, text}}), 0, RowLockMode::Update));
    index->insert(key(text), row);
    if (commit) txn.commit(); else txn.rollback();
  };
  change("b", false);
  CHECK(entries() == 1);
  change("b", true);
  CHECK(entries() == 2);
  change("a", true);
  CHECK(entries() == 2);
  engine->collect_versions();
  CHECK(entries() == 1);
  std::vector<RowId> rows;
  index->lookup(key("a"), rows);
  CHECK(rows.size() == 1);
  {
    Txn txn(*engine);
    CHECK(table->remove(txn.context, txn.snapshot, row));
    txn.commit();
  }
  engine->collect_versions();
  CHECK(entries() == 0);
}

TEST_CASE_FIXTURE(Fixture, "an index built later has every version's key") {
  Txn setup(*engine);
  RowId row = add(setup, {1, "a"});
  add(setup, {2, "x"});
  add(setup, {3, "x"});
  setup.commit();
  Txn old(*engine);
  Txn txn(*engine);
  CHECK(table->update(txn.context, txn.snapshot, row, kBoth, rows_chunk({{1, "b"}}), 0, RowLockMode::Update));
  index->insert(key("b"), row);
  txn.next();
  IndexDefinition definition = index->definition();
  definition.id = IndexId(12);
  auto second = engine->build_index(&txn.context, definition);
  CHECK(second->entry_count() == 4);
  auto duplicate = engine->find_duplicate(txn.context, *second);
  REQUIRE(duplicate.has_value());
  CHECK(duplicate->second.value - duplicate->first.value == 1);
  txn.rollback();
  CHECK(engine->index(IndexId(12)) == nullptr);
  CHECK(table->indexes().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "computed keys skip rows") {
  Txn txn(*engine);
  IndexDefinition definition;
  definition.id = IndexId(13);
  definition.table = TableId(10);
  definition.inputs = {0};
  definition.compute = [](const vector::Chunk& rows, KeyBatch& out) {
    for (size_t i = 0; i < rows.size(); ++i) {
      int64_t id = rows.column(0).get(i).i64;
      out.keys.push_back(out.arena.copy(std::to_string(-id)));
      out.skipped.push_back(id % 2 == 0);
      out.has_null.push_back(0);
    }
  };
  table->insert(txn.context, {}, rows_chunk({{1, "a"}, {2, "b"}, {3, "c"}}));
  auto computed = engine->build_index(&txn.context, definition);
  CHECK(computed->entry_count() == 2);
  std::vector<RowId> rows;
  computed->lookup("-3", rows);
  CHECK(rows.size() == 1);
}

}  // namespace
}  // namespace aegis::storage
