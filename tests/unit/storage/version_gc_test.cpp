// What nobody can see goes, however long somebody else reads.

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "aegis/os/memory_allocator.h"
#include "aegis/os/random.h"
#include "index/memory_index.h"
#include "table_fixture.h"

namespace aegis::storage {
namespace {

using namespace test;

const IndexId kIndex(11);

class Fixture {
 public:
  explicit Fixture(bool background = false, uint64_t young = 4) {
    EngineOptions options = small_groups(256, 64);
    options.background = background;
    options.gc_interval_us = 500;
    options.young_snapshot_commits = young;
    engine = Engine::open(*files, "data", options);
    Txn txn(*engine);
    table = engine->create_table(txn.context, kTable, rows_schema());
    index = engine->build_index(&txn.context, index_on_id(kIndex));
    REQUIRE(txn.commit());
  }

  std::vector<RowId> insert(int64_t first, int64_t count) {
    Txn txn(*engine);
    std::vector<Row> rows;
    for (int64_t i = 0; i < count; ++i) rows.push_back({first + i, "at first"});
    RowId id = table->insert(txn.context, kBoth, rows_chunk(rows));
    std::vector<RowId> ids;
    for (int64_t i = 0; i < count; ++i) {
      ids.emplace_back(id.value + static_cast<uint64_t>(i));
      index->insert(key_of(first + i), ids.back());
    }
    REQUIRE(txn.commit(false));
    return ids;
  }
  void update(RowId row, const Row& to) {
    Txn txn(*engine, SnapshotHold::Seen);
    REQUIRE(table->update(txn.context, txn.snapshot, row, kBoth, rows_chunk({to}), 0, RowLockMode::NoKeyUpdate));
    index->insert(key_of(to.id), row);
    REQUIRE(txn.commit(false));
  }
  void remove(RowId row) {
    Txn txn(*engine, SnapshotHold::Seen);
    REQUIRE(table->remove(txn.context, txn.snapshot, row));
    REQUIRE(txn.commit(false));
  }
  // Enough for whatever can go.
  void collect() {
    for (int i = 0; i < 8; ++i) engine->collect_versions();
  }
  // As many commits as make the snapshots of before old.
  void age() {
    for (int i = 0; i < 6; ++i) insert(1'000'000 + i, 1);
  }

  std::unique_ptr<os::FileSystem> files = os::make_memory_file_system();
  std::unique_ptr<Engine> engine;
  std::shared_ptr<Table> table;
  std::shared_ptr<Index> index;
};

TEST_CASE("updates beside a long reader keep one old version of a row, and their memory is freed") {
  Fixture f;
  auto rows = f.insert(0, 100);
  Txn reader(*f.engine, SnapshotHold::Seen);
  auto before = scan_all(*f.table, reader.snapshot);
  f.age();
  size_t used = 0;
  for (int round = 0; round < 40; ++round) {
    // Every second row's key changes, too.
    for (size_t i = 0; i < rows.size(); ++i) {
      int64_t id = static_cast<int64_t>(i % 2 == 0 ? i : i + 1000 * static_cast<size_t>(round + 1));
      f.update(rows[i], {id, std::string(1000, static_cast<char>('a' + round % 26))});
    }
    f.collect();
    if (round == 5) used = os::allocated_bytes();
    CHECK(f.table->statistics().dead_versions <= 110);
    CHECK(f.index->entry_count() <= 170);
  }
  CHECK(os::allocated_bytes() < used + 500'000);  // 34 rounds are 3.4 MB of rows
  CHECK(scan_all(*f.table, reader.snapshot) == before);
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<RowId> found;
    f.index->lookup(key_of(static_cast<int64_t>(i)), found);
    CHECK(std::find(found.begin(), found.end(), rows[i]) != found.end());
  }
  reader.rollback();
  f.collect();
  CHECK(f.table->statistics().dead_versions == 0);
  CHECK(f.index->entry_count() == 106);
}

TEST_CASE("collection keeps up with a row that is changed all the time") {
  Fixture f;
  RowId hot = f.insert(0, 1).front();
  constexpr int kBefore = 100'000;
  auto seconds = [](auto since) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count(); };
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kBefore; ++i) f.update(hot, {0, "before"});
  double changing = seconds(start);
  std::atomic<bool> collected{false};
  std::thread writer([&] {
    while (!collected) f.update(hot, {0, "meanwhile"});
  });
  start = std::chrono::steady_clock::now();
  CHECK(f.engine->collect_versions() >= kBefore / 2);
  double collecting = seconds(start);
  collected = true;
  writer.join();
  // A pass costs by what there is to collect, not by that times what comes meanwhile.
  CHECK(collecting < 10 * changing);
  f.collect();
  CHECK(f.table->statistics().dead_versions == 0);
}

TEST_CASE("rows that came and went beside a long reader leave nothing") {
  Fixture f;
  f.insert(0, 10);
  Txn reader(*f.engine, SnapshotHold::Seen);
  f.age();
  uint64_t size = 0;
  for (int64_t round = 0; round < 200; ++round) {
    for (RowId row : f.insert(10'000 + round * 10, 10)) {
      if (round % 2 == 0) f.update(row, {20'000, "another"});
      f.remove(row);
    }
    f.collect();
    if (round == 10) size = f.table->statistics().size_bytes;
  }
  CHECK(f.table->statistics().size_bytes < size + 3000);
  CHECK(f.index->entry_count() <= 40);
  CHECK(scan_all(*f.table, reader.snapshot).size() == 10);
}

TEST_CASE("each of several old snapshots keeps its own version") {
  Fixture f;
  RowId row = f.insert(0, 1)[0];
  std::vector<std::unique_ptr<Txn>> readers;
  for (int i = 0; i < 10; ++i) {
    for (int k = 0; k < 20; ++k) f.update(row, {i, std::to_string(k)});
    readers.push_back(std::make_unique<Txn>(*f.engine, SnapshotHold::Seen));
  }
  f.age();
  for (int k = 0; k < 20; ++k) f.update(row, {99, std::to_string(k)});
  f.collect();
  f.update(row, {100, "last"});
  f.collect();
  CHECK(f.table->statistics().dead_versions <= 15);
  // They leave in any order.
  while (!readers.empty()) {
    size_t gone = (readers.size() * 7 + 3) % readers.size();
    readers.erase(readers.begin() + static_cast<ptrdiff_t>(gone));
    f.collect();
    CHECK(f.table->statistics().dead_versions <= readers.size() + 5);
    for (auto& reader : readers) {
      auto seen = scan_all(*f.table, reader->snapshot);
      REQUIRE(!seen.empty());
      CHECK(seen[0].second.text == "19");
      std::vector<RowId> found;
      f.index->lookup(key_of(seen[0].second.id), found);
      CHECK(found == std::vector<RowId>{row});
    }
  }
  f.age();
  f.collect();
  CHECK(f.table->statistics().dead_versions == 0);
}

TEST_CASE("a reader that holds everything from its time on keeps it") {
  Fixture f;
  RowId row = f.insert(0, 1)[0];
  Txn reader(*f.engine, SnapshotHold::Onwards);
  f.age();
  for (int k = 0; k < 100; ++k) f.update(row, {0, std::to_string(k)});
  f.collect();
  CHECK(f.table->statistics().dead_versions == 100);
}

TEST_CASE("a segment's row that only an older snapshot could miss goes with its entry") {
  Fixture f;
  Txn reader(*f.engine, SnapshotHold::Seen);
  f.age();
  auto rows = f.insert(0, 256);
  f.collect();
  for (RowId row : rows) f.update(row, {500, "now"});
  f.engine->checkpoint();
  f.collect();
  CHECK(scan_all(*f.table, reader.snapshot).empty());
  CHECK(f.table->statistics().dead_versions <= 10);
}

// Amounts move between rows; whoever reads, for however long, finds the same sum, and the same rows again. Keys are the
// amounts.
TEST_CASE("long and short readers beside writers and collection") {
  Fixture f(true, 2);
  constexpr int64_t kRows = 60, kAmount = 1000;
  std::vector<Row> first(kRows, {kAmount, "x"});
  std::vector<RowId> ids;
  {
    Txn txn(*f.engine);
    RowId id = f.table->insert(txn.context, kBoth, rows_chunk(first));
    for (uint64_t i = 0; i < kRows; ++i) {
      ids.emplace_back(id.value + i);
      f.index->insert(key_of(kAmount), ids.back());
    }
    REQUIRE(txn.commit());
  }
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0}, commits{0}, looks{0};
  auto write = [&](uint64_t seed) {
    os::Random random(seed);
    while (!stop) {
      Txn txn(*f.engine, SnapshotHold::Seen);
      RowId from = ids[random.below(ids.size())], to = ids[random.below(ids.size())];
      if (from == to) continue;
      vector::Chunk chunk = make_chunk({PhysicalType::Int64, PhysicalType::String});
      std::vector<uint32_t> found;
      RowId both[] = {from, to};
      f.table->fetch(txn.snapshot, both, kBoth, chunk, found);
      if (found.size() != 2) {
        ++wrong;
        break;
      }
      int64_t amount = static_cast<int64_t>(random.below(20));
      Row a = row_at(chunk, 0), b = row_at(chunk, 1);
      a = {a.id - amount, std::string(random.below(200), 'a')};
      b = {b.id + amount, std::string(random.below(200), 'b')};
      auto update = [&](RowId row, const Row& to_row) {
        if (!f.table->update(txn.context, txn.snapshot, row, kBoth, rows_chunk({to_row}), 0, RowLockMode::NoKeyUpdate)) return false;
        f.index->insert(key_of(to_row.id), row);
        return true;
      };
      if (!update(from, a) || !update(to, b) || random.one_in(10)) continue;
      txn.commit(random.one_in(20));
      ++commits;
    }
  };
  auto read = [&](uint64_t seed) {
    os::Random random(seed);
    while (!stop) {
      Txn txn(*f.engine, SnapshotHold::Seen);
      auto seen = scan_all(*f.table, txn.snapshot);
      uint64_t times = random.one_in(4) ? 200 : random.below(4);
      for (uint64_t i = 0; i < times && !stop; ++i) {
        ++looks;
        int64_t sum = 0;
        for (auto& [row, value] : seen) sum += value.id;
        if (seen.size() != kRows || sum != kRows * kAmount || scan_all(*f.table, txn.snapshot) != seen) ++wrong;
        auto& [row, value] = seen[random.below(seen.size())];
        std::vector<RowId> found;
        f.index->lookup(key_of(value.id), found);
        if (std::find(found.begin(), found.end(), row) == found.end()) ++wrong;
      }
    }
  };
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 2; ++t) threads.emplace_back(write, t + 1);
  for (uint64_t t = 0; t < 3; ++t) threads.emplace_back(read, t + 10);
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (std::chrono::steady_clock::now() < end) {
    f.engine->checkpoint();
    static_cast<MemoryIndex&>(*f.index).flush();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(commits > 100);
  MESSAGE(commits.load(), " commits, ", looks.load(), " looks, ", f.table->statistics().dead_versions, " dead versions left");
  f.collect();
  CHECK(f.table->statistics().dead_versions == 0);
}

}  // namespace
}  // namespace aegis::storage
