// Measures the storage engine in process: storage_bench [rows] [directory]. Without a directory everything is in memory.
// storage_bench memtables [entries]: what indexes have in memory, by structure.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "aegis/os/file_system.h"
#include "aegis/os/random.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/key_encoding.h"
#include "aegis/txn/transaction_manager.h"
#include "aegis/vector/vector.h"

namespace aegis {
namespace {

using types::PhysicalType;
using types::Value;

const TableId kTable(10);
const uint32_t kColumns[] = {0, 1, 2, 3};
const storage::KeyColumn kKey{0, PhysicalType::Int32, storage::KeyKind::Signed, false, false};

double seconds_of(auto&& work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void report(const char* what, double count, double seconds) {
  std::printf("%-44s %12.0f /s  (%.3f s)\n", what, count / seconds, seconds);
  std::fflush(stdout);
}

vector::Chunk int_chunk(size_t columns) {
  vector::Chunk chunk;
  for (size_t i = 0; i < columns; ++i) chunk.add_column(kInvalidOid, PhysicalType::Int32);
  chunk.reset();
  return chunk;
}

class Bench {
 public:
  Bench(uint64_t rows, const char* directory)
      : rows_(rows), files_(directory != nullptr ? os::make_local_file_system() : os::make_memory_file_system()),
        engine_(storage::Engine::open(*files_, directory != nullptr ? directory : "data", {})), manager_(*engine_) {}

  void run() {
    load();
    scan(1);
    scan(2);
    build_index();
    lookups(1);
    lookups(2);
    fetches();
    updates(1, false);
    updates(2, false);
    scan(1);
    updates(1, true);
    updates(8, true);
    engine_->collect_versions();
    if (!files_->is_volatile()) {
      report("checkpoint, rows", static_cast<double>(rows_), seconds_of([&] { engine_->checkpoint(); }));
      std::puts("rows are in segments now");
      scan(1);
      scan(2);
      fetches();
      updates(1, false);
      scan(1);
    }
  }

 private:
  void load() {
    txn::Backend backend(manager_, 1);
    double took = seconds_of([&] {
      auto txn = manager_.begin(backend);
      storage::TableSchema schema;
      for (int i = 0; i < 4; ++i) schema.columns.push_back({PhysicalType::Int32, false, {}});
      table_ = engine_->create_table(txn->context(), kTable, schema);
      vector::Chunk chunk = int_chunk(4);
      for (uint64_t at = 0; at < rows_; at += vector::kMaxChunkRows) {
        size_t count = std::min<uint64_t>(vector::kMaxChunkRows, rows_ - at);
        for (size_t c = 0; c < 4; ++c) {
          int32_t* out = chunk.column(c).start<int32_t>();
          for (size_t i = 0; i < count; ++i) out[i] = static_cast<int32_t>(at + i);
        }
        chunk.set_size(count);
        table_->insert(txn->context(), {}, chunk);
      }
      manager_.commit(std::move(txn));
    });
    report("bulk insert with commit, rows", static_cast<double>(rows_), took);
  }

  template <typename F>
  void in_threads(int threads, F&& work) {
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) all.emplace_back([&, t] { work(t); });
    for (auto& thread : all) thread.join();
  }

  void scan(int threads) {
    double took = seconds_of([&] {
      in_threads(threads, [&](int t) {
        txn::Backend backend(manager_, 10 + t);
        auto txn = manager_.begin(backend);
        auto snapshot = txn->take_snapshot();
        vector::Chunk chunk = int_chunk(4);
        std::vector<RowId> ids;
        int64_t sum = 0;
        uint64_t part = rows_ / static_cast<uint64_t>(threads);
        storage::ScanState state{RowId(1 + part * static_cast<uint64_t>(t)), RowId(1 + part * static_cast<uint64_t>(t + 1))};
        while (table_->scan(*snapshot, kColumns, state, chunk, ids)) {
          const int32_t* values = chunk.column(3).view().data<int32_t>();
          for (size_t i = 0; i < chunk.size(); ++i) sum += values[i];
        }
        if (sum == 42) std::puts("");
      });
    });
    report(threads == 1 ? "scan of 4 columns, 1 thread, rows" : "scan of 4 columns, 2 threads, rows", static_cast<double>(rows_), took);
  }

  void build_index() {
    storage::IndexDefinition definition;
    definition.id = IndexId(11);
    definition.table = kTable;
    definition.columns = {kKey};
    report("index build, entries", static_cast<double>(rows_),
           seconds_of([&] { index_ = engine_->build_index(nullptr, definition); }));
  }

  RowId find(uint64_t value, std::string& key, std::vector<RowId>& rows) const {
    key.clear();
    rows.clear();
    append_key(key, kKey, Value::of_i32(static_cast<int32_t>(value)));
    index_->lookup(key, rows);
    return rows.empty() ? RowId() : rows[0];
  }

  void lookups(int threads) {
    constexpr uint64_t kEach = 1'000'000;
    double took = seconds_of([&] {
      in_threads(threads, [&](int t) {
        txn::Backend backend(manager_, 10 + t);
        auto txn = manager_.begin(backend);
        auto snapshot = txn->take_snapshot();
        os::Random random(static_cast<uint64_t>(t) + 1);
        std::string key;
        std::vector<RowId> rows;
        for (uint64_t i = 0; i < kEach; ++i) {
          if (find(random.below(rows_), key, rows).value == 0) std::abort();
        }
      });
    });
    report(threads == 1 ? "random index lookups, 1 thread" : "random index lookups, 2 threads",
           static_cast<double>(kEach) * threads, took);
  }

  void fetches() {
    constexpr uint64_t kCount = 500'000;
    double took = seconds_of([&] {
      txn::Backend backend(manager_, 1);
      auto txn = manager_.begin(backend);
      auto snapshot = txn->take_snapshot();
      os::Random random(7);
      std::vector<uint32_t> found;
      vector::Chunk row = int_chunk(4);
      for (uint64_t i = 0; i < kCount; ++i) {
        RowId id(1 + random.below(rows_));
        table_->fetch(*snapshot, std::span(&id, 1), kColumns, row, found);
        if (found.size() != 1) std::abort();
      }
    });
    report("random fetches of 4 columns, 1 thread", static_cast<double>(kCount), took);
  }

  void updates(int threads, bool synchronous) {
    uint64_t each = synchronous ? (files_->is_volatile() ? 200'000 : 4000) : 500'000;
    double took = seconds_of([&] {
      in_threads(threads, [&](int t) {
        txn::Backend backend(manager_, 10 + t);
        os::Random random(static_cast<uint64_t>(t) + 1);
        std::string key;
        std::vector<RowId> rows;
        std::vector<uint32_t> found;
        vector::Chunk row = int_chunk(4);
        vector::Chunk change = int_chunk(1);
        const uint32_t column[] = {3};
        for (uint64_t i = 0; i < each; ++i) {
          auto txn = manager_.begin(backend);
          auto snapshot = txn->take_snapshot();
          RowId id = find(random.below(rows_), key, rows);
          table_->fetch(*snapshot, std::span(&id, 1), kColumns, row, found);
          change.column(0).start<int32_t>()[0] = row.column(3).view().data<int32_t>()[0] + 1;
          change.set_size(1);
          auto result = table_->update(txn->context(), *snapshot, id, column, change, 0, storage::RowLockMode::NoKeyUpdate);
          snapshot.release();
          if (result) manager_.commit(std::move(txn), synchronous);
        }
      });
    });
    char what[64];
    std::snprintf(what, sizeof what, "point updates, %d threads, %s", threads, synchronous ? "synchronous" : "asynchronous");
    report(what, static_cast<double>(each) * threads, took);
  }

  uint64_t rows_;
  std::unique_ptr<os::FileSystem> files_;
  std::unique_ptr<storage::Engine> engine_;
  txn::TransactionManager manager_;
  std::shared_ptr<storage::Table> table_;
  std::shared_ptr<storage::Index> index_;
};

// Entries of an index that has not been flushed: puts, lookups and scans.
class MemtableBench {
 public:
  explicit MemtableBench(uint64_t entries) : entries_(entries) {}

  void run() {
    std::printf("%-12s %-18s %12s %12s %12s %12s %8s\n", "structure", "keys", "puts/s", "2 threads", "lookups/s", "scanned/s", "MB");
    for (auto [name, kind] : {std::pair("btree", Memtable::BTree), std::pair("skiplist", Memtable::SkipList), std::pair("art", Memtable::Art)}) {
      for (Keys keys : {Keys::Ascending, Keys::Random, Keys::Texts}) measure(name, kind, keys);
    }
  }

 private:
  using Memtable = storage::IndexFileOptions::Memtable;
  enum class Keys { Ascending, Random, Texts };

  void key_of(Keys keys, uint64_t i, std::string& key) const {
    constexpr storage::KeyColumn kNumber{0, PhysicalType::Int64, storage::KeyKind::Signed, false, false};
    constexpr storage::KeyColumn kText{0, PhysicalType::String, storage::KeyKind::Bytes, false, false};
    key.clear();
    uint64_t scattered = i * 0x9e3779b97f4a7c15ULL;
    switch (keys) {
      case Keys::Ascending: return append_key(key, kNumber, Value::of_i64(static_cast<int64_t>(i)));
      case Keys::Random: return append_key(key, kNumber, Value::of_i64(static_cast<int64_t>(scattered)));
      case Keys::Texts: {
        std::string text = "customer#" + std::to_string(scattered % 1000) + "/order#" + std::to_string(scattered);
        return append_key(key, kText, Value::of_string(text));
      }
    }
  }

  double put(storage::Index& index, Keys keys, int threads) const {
    return seconds_of([&] {
      std::vector<std::thread> workers;
      for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
          std::string key;
          for (uint64_t i = static_cast<uint64_t>(t); i < entries_; i += static_cast<uint64_t>(threads)) {
            key_of(keys, i, key);
            index.insert(key, RowId(i + 1));
          }
        });
      }
      for (auto& worker : workers) worker.join();
    });
  }

  void measure(const char* name, Memtable kind, Keys keys) {
    constexpr const char* kNames[] = {"ascending int8", "random int8", "text of 35 bytes"};
    double count = static_cast<double>(entries_);
    double took[2], looked = 0, scanned = 0, size = 0;
    for (int threads : {1, 2}) {
      os::FaultyFileSystem files(1);
      storage::EngineOptions options;
      options.background = false;
      options.index_memtable_bytes = uint64_t{8} << 30;
      auto engine = storage::Engine::open(files, "data", options);
      txn::TransactionManager manager(*engine);
      txn::Backend backend(manager, 1);
      auto txn = manager.begin(backend);
      storage::TableSchema schema;
      schema.columns.resize(1);
      schema.columns[0].type = keys == Keys::Texts ? PhysicalType::String : PhysicalType::Int64;
      engine->create_table(txn->context(), kTable, schema);
      storage::IndexDefinition definition;
      definition.id = IndexId(11);
      definition.table = kTable;
      definition.columns = {{0, schema.columns[0].type, keys == Keys::Texts ? storage::KeyKind::Bytes : storage::KeyKind::Signed, false, false}};
      definition.files.memtable = kind;
      auto index = engine->build_index(&txn->context(), definition);
      took[threads - 1] = put(*index, keys, threads);
      if (threads == 1) continue;
      auto snapshot = txn->take_snapshot();
      std::string key;
      std::vector<RowId> rows;
      os::Random random(1);
      constexpr int kLookups = 500'000;
      looked = kLookups / seconds_of([&] {
        for (int i = 0; i < kLookups; ++i) {
          key_of(keys, random.below(entries_), key);
          rows.clear();
          index->lookup(key, rows);
          if (rows.size() != 1) std::abort();
        }
      });
      scanned = count / seconds_of([&] {
        auto cursor = index->scan({}, storage::ScanDirection::Forward);
        std::vector<storage::IndexEntry> batch(1024);
        uint64_t seen = 0;
        while (size_t n = cursor->next(batch)) seen += n;
        if (seen != entries_) std::abort();
      });
      size = static_cast<double>(index->size_bytes()) / 1e6;
    }
    std::printf("%-12s %-18s %12.0f %12.0f %12.0f %12.0f %8.1f\n", name, kNames[static_cast<int>(keys)], count / took[0], count / took[1], looked, scanned, size);
    std::fflush(stdout);
  }

  const uint64_t entries_;
};

}  // namespace
}  // namespace aegis

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "memtables") {
    aegis::MemtableBench(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000).run();
    return 0;
  }
  uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5'000'000;
  aegis::Bench(rows, argc > 2 ? argv[2] : nullptr).run();
}
