// Random transactions against a map, with crashes: whatever was acknowledged is there afterwards, nothing is half there.
#include <cstdlib>
#include <map>
#include <set>

#include "aegis/base/error.h"
#include "aegis/os/random.h"
#include "index/memory_index.h"
#include "table_fixture.h"

namespace aegis::storage {
namespace {

using namespace test;

using State = std::map<uint64_t, Row>;


uint64_t segments_seen = 0;
uint64_t index_files_seen = 0;
uint64_t loads_seen = 0;
uint64_t index_files_found = 0;  // after crashes

uint64_t model_seeds(uint64_t otherwise) {
  const char* given = std::getenv("AEGIS_TEST_SEEDS");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed), files_(seed), tiny_(seed % 4 != 0) {}

  void run(int lives) {
    open();
    {
      Txn txn(*engine_);
      engine_->create_table(txn.context, kTable, rows_schema());
      REQUIRE(txn.commit());
    }
    for (int life = 0; life < lives; ++life) {
      uint64_t calls = 1 + random_.below(120);
      switch (random_.below(8)) {
        case 0: files_.fail_io_after(calls); break;
        case 1: files_.fail_space_after(calls); break;
        default: files_.crash_after(calls); break;
      }
      live();
      reader_.reset();
      engine_.reset();
      files_.restart();
      open();
      check();
    }
  }

 private:
  void open() {
    EngineOptions options = quiet_options();
    if (tiny_) {
      options.row_group_rows = 64;
      options.column_block_rows = 16;
      options.flush_min_rows = 8;
      options.buffer_pool_bytes = 4096;
      options.index_small_bytes = 0;
      options.index_file_bytes = 2048;
    }
    engine_ = Engine::open(files_, "data", options);
    IndexDefinition definition = index_on_id();
    if (engine_->table(kTable)) engine_->build_index(nullptr, definition);
  }

  // Transactions until the machine dies or the disk fails.
  void live() {
    for (int i = 0; i < 100; ++i) {
      try {
        if (random_.one_in(tiny_ ? 8 : 20)) engine_->checkpoint();
      } catch (const StorageError&) {
        // Nothing is lost by a checkpoint that failed.
      }
      try {
        upkeep();
      } catch (const StorageError&) {
        // Nor by a flush or a compaction.
      }
      try {
        if (random_.one_in(5)) engine_->collect_versions();
        transaction();
        if (random_.one_in(6)) old_reader();
      } catch (const StorageError&) {
        // A dead machine can't read segments either.
        if (!files_.crashed()) throw;
        return;
      }
      if (random_.one_in(files_.crashed() ? 3 : 50)) return;
    }
  }

  void upkeep() {
    auto* index = static_cast<MemoryIndex*>(engine_->index(IndexId(11)).get());
    if (index == nullptr || !tiny_) return;
    if (random_.one_in(10)) index->flush();
    if (random_.one_in(10)) index->compact();
    if (index->files()) index_files_seen += index->files()->file_count();
  }

  // Every row is found by its key, once, forwards and backwards; what else the index has leads to nothing.
  void look_by_index(const Table& table, const Snapshot& snapshot, const State& expected) {
    auto index = engine_->index(IndexId(11));
    if (index == nullptr) return;
    KeyRange range;
    if (random_.one_in(2)) range.lower = key_of(static_cast<int64_t>(random_.below(1000)));
    if (random_.one_in(2)) range.upper = key_of(static_cast<int64_t>(random_.below(1000)));
    bool forward = random_.one_in(2);
    auto cursor = index->scan(range, forward ? ScanDirection::Forward : ScanDirection::Backward);
    std::vector<IndexEntry> batch(1 + random_.below(100));
    std::set<std::pair<std::string, uint64_t>> entries, wanted;
    std::string last;
    bool sorted = true;
    while (size_t n = cursor->next(batch)) {
      for (size_t i = 0; i < n; ++i) {
        std::string key(batch[i].key);
        if (!last.empty()) sorted = sorted && (forward ? last <= key : last >= key);
        last = key;
        auto row = expected.find(batch[i].row.value);
        if (row == expected.end() || key_of(row->second.id) != key) continue;
        bool fresh = entries.emplace(key, batch[i].row.value).second;
        CHECK(fresh);
      }
    }
    CHECK(sorted);
    for (const auto& [id, row] : expected) {
      std::string key = key_of(row.id);
      if ((!range.lower || key >= *range.lower) && (!range.upper || key <= *range.upper)) wanted.emplace(key, id);
    }
    CHECK(entries == wanted);
    for (int i = 0; i < 5; ++i) {
      int64_t id = static_cast<int64_t>(random_.below(1000));
      std::vector<RowId> rows;
      index->lookup(key_of(id), rows);
      size_t count = 0, found = 0;
      for (const auto& [row, content] : expected) count += content.id == id ? 1 : 0;
      for (RowId row : rows) {
        auto place = expected.find(row.value);
        found += place != expected.end() && place->second.id == id ? 1 : 0;
      }
      CHECK(found == count);
    }
  }

  // A snapshot that is held for a while sees what it saw at first.
  void old_reader() {
    if (!reader_) {
      reader_ = std::make_unique<Txn>(*engine_);
      reader_->snapshot.command = kEveryCommand;
      reader_state_ = acknowledged_.back();
    }
    look(*engine_->table(kTable), reader_->snapshot, reader_state_);
    if (random_.one_in(3)) reader_.reset();
  }

  // Reads the table whole, in pieces, and row by row.
  void look(const Table& table, const Snapshot& snapshot, const State& expected) {
    State found_state = state_of(table, snapshot);
    CHECK(found_state == expected);
    look_by_index(table, snapshot, expected);
    if (!random_.one_in(3)) return;
    State pieces;
    uint64_t end = table.end_row().value;
    for (uint64_t at = 1; at < end;) {
      uint64_t next = std::min(end, at + 1 + random_.below(90));
      for (auto& [id, row] : scan_all(table, snapshot, {RowId(at), RowId(next)})) pieces[id.value] = row;
      at = next;
    }
    CHECK(pieces == expected);
    std::vector<RowId> ids;
    for (int i = 0; i < 60; ++i) ids.emplace_back(1 + random_.below(end + 3));
    vector::Chunk chunk = make_chunk({PhysicalType::Int64, PhysicalType::String});
    std::vector<uint32_t> found;
    table.fetch(snapshot, ids, kBoth, chunk, found);
    size_t k = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      auto place = expected.find(ids[i].value);
      CHECK(table.is_visible(snapshot, ids[i]) == (place != expected.end()));
      if (place == expected.end()) continue;
      REQUIRE(k < found.size());
      CHECK(found[k] == i);
      CHECK(row_at(chunk, k++) == place->second);
    }
    CHECK(k == found.size());
    CHECK(chunk.size() == k);
  }

  void transaction() {
    Txn txn(*engine_);
    State after = acknowledged_.back();
    std::vector<std::pair<uint64_t, State>> savepoints;
    auto table = engine_->table(kTable);
    int steps = static_cast<int>(1 + random_.below(8));
    for (int s = 0; s < steps; ++s) {
      txn.next();
      uint64_t choice = random_.below(10);
      if (choice == 0) {
        savepoints.emplace_back(engine_->mark(txn.context), after);
      } else if (choice == 1 && !savepoints.empty()) {
        engine_->rollback_to(txn.context, savepoints.back().first);
        after = savepoints.back().second;
      } else if (tiny_ && choice == 2) {
        try {
          load(txn, *table, after);
        } catch (const StorageError&) {
          // The statement failed, and so does its transaction.
          return txn.rollback();
        }
      } else {
        write(txn, *table, after);
      }
    }
    txn.next();
    look(*table, txn.snapshot, after);
    if (random_.one_in(5)) return txn.rollback();
    // A transaction that wrote nothing does not wait for earlier ones.
    bool synchronous = !random_.one_in(3) && engine_->has_writes(txn.context);
    if (txn.commit(synchronous)) {
      // Until a synchronous one is acknowledged, a crash may take the asynchronous ones back, in order.
      if (synchronous) acknowledged_.clear();
      acknowledged_.push_back(after);
    } else {
      // Not acknowledged, but it may have reached the disk.
      if (!in_doubt_) in_doubt_ = after;
    }
  }

  void write(Txn& txn, Table& table, State& after) {
    Row row{static_cast<int64_t>(random_.below(1000)), std::nullopt};
    if (!random_.one_in(4)) row.text = std::string(random_.below(random_.one_in(20) ? 5000 : 40), 'a' + static_cast<char>(random_.below(26)));
    uint64_t choice = random_.below(3);
    if (choice == 0 || after.empty()) {
      std::vector<Row> rows(1 + random_.below(random_.one_in(5) ? 50 : 3), row);
      uint64_t first = table.insert(txn.context, {}, rows_chunk(rows)).value;
      for (size_t i = 0; i < rows.size(); ++i) {
        add_entry(row.id, first + i);
        after[first + i] = row;
      }
      return;
    }
    auto target = after.lower_bound(random_.below(after.rbegin()->first + 1));
    if (choice == 1) {
      bool updated(table.update(txn.context, txn.snapshot, RowId(target->first), kBoth, rows_chunk({row}), 0, RowLockMode::Update));
      REQUIRE(updated);
      add_entry(row.id, target->first);
      target->second = row;
    } else {
      bool removed(table.remove(txn.context, txn.snapshot, RowId(target->first)));
      REQUIRE(removed);
      after.erase(target);
    }
  }

  // Rows straight to a segment, in parts of any size, encoded out of order.
  void load(Txn& txn, Table& table, State& after) {
    std::vector<LoadIndex> indexes;
    if (auto index = engine_->index(IndexId(11))) indexes.push_back({index, random_.one_in(2), false});
    auto load = engine_->begin_load(txn.context, kTable, indexes);
    REQUIRE(load != nullptr);
    std::vector<std::unique_ptr<BulkLoad::Part>> parts(1 + random_.below(random_.one_in(5) ? 20 : 3));
    State rows_of_load;
    for (auto& part : parts) {
      RowId first = load->reserve();
      std::vector<vector::Chunk> chunks;
      uint64_t next = first.value;
      for (size_t left = 1 + random_.below(load->part_rows()); left > 0;) {
        std::vector<Row> rows(1 + random_.below(left));
        for (Row& row : rows) {
          row.id = static_cast<int64_t>(random_.below(1000));
          if (!random_.one_in(4)) row.text = std::string(random_.below(40), 'a' + static_cast<char>(random_.below(26)));
          rows_of_load[next++] = row;
        }
        left -= rows.size();
        chunks.push_back(rows_chunk(rows));
      }
      part = load->encode(first, chunks);
    }
    for (auto& part : parts) load->add(std::move(part));
    if (random_.one_in(8)) throw StorageError(Sqlstate::IoError, "given up");
    std::set<uint64_t> suspects;
    load->finish([&](size_t, std::string_view, RowId row) { suspects.insert(row.value); });
    // A key that is there twice is told of, once at least.
    if (!indexes.empty() && indexes[0].unique && suspects.empty()) {
      std::set<int64_t> keys;
      for (const auto& [id, row] : after) keys.insert(row.id);
      for (const auto& [id, row] : rows_of_load) CHECK(keys.insert(row.id).second);
    }
    after.merge(rows_of_load);
    ++loads_seen;
  }

  void add_entry(int64_t id, uint64_t row) {
    if (auto index = engine_->index(IndexId(11))) index->insert(key_of(id), RowId(row));
  }

  static std::string key_of(int64_t id) {
    std::string key;
    append_key(key, {0, PhysicalType::Int64, KeyKind::Signed, false, false}, Value::of_i64(id));
    return key;
  }

  static State state_of(const Table& table, const Snapshot& snapshot) {
    State state;
    for (auto& [id, row] : scan_all(table, snapshot)) state[id.value] = row;
    return state;
  }

  void check() {
    auto table = engine_->table(kTable);
    REQUIRE(table != nullptr);
    Txn txn(*engine_);
    txn.snapshot.command = kEveryCommand;
    State found = state_of(*table, txn.snapshot);
    bool known = in_doubt_ && *in_doubt_ == found;
    for (const State& state : acknowledged_) known = known || state == found;
    CHECK(known);
    if (known) look(*table, txn.snapshot, found);
    segments_seen += files_.list("data/seg").size();
    CHECK(table->statistics().row_count == found.size());
    if (!tiny_) CHECK(engine_->index(IndexId(11))->entry_count() == found.size());
    for (const std::string& name : files_.list("data/idx")) index_files_found += name.ends_with(".sst") ? 1 : 0;
    acknowledged_ = {found};
    in_doubt_.reset();
  }

  os::Random random_;
  os::FaultyFileSystem files_;
  std::unique_ptr<Engine> engine_;
  // Possible states after a crash, oldest first; the last is the present one.
  std::vector<State> acknowledged_{State{}};
  std::optional<State> in_doubt_;
  const bool tiny_;  // row groups of a few rows, so that checkpoints move rows to segments
  std::unique_ptr<Txn> reader_;
  State reader_state_;
};

TEST_CASE("random transactions and crashes agree with a model") {
  const char* given = std::getenv("AEGIS_TEST_SEED");
  uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  uint64_t count = given != nullptr ? 1 : model_seeds(60);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    INFO("seed " << seed << " (AEGIS_TEST_SEED repeats it)");
    Model(seed).run(5);
  }
  if (count > 10) {
    CHECK(segments_seen > count);
    CHECK(loads_seen > count);
    CHECK(index_files_seen > 10 * count);
    CHECK(index_files_found > count);
  }
}

}  // namespace
}  // namespace aegis::storage
