// Measures recovery: recovery_bench DIRECTORY [MEGABYTES]. Writes that much log (1024) into a new data directory without a
// checkpoint: short transactions that insert, update and delete rows of a table with an index. Then opens it again, and
// once more after a stop in order.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "aegis/base/log.h"
#include "aegis/os/file_system.h"
#include "aegis/os/random.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/key_encoding.h"
#include "aegis/vector/vector.h"

namespace aegis::storage {
namespace {

using types::Value;

const TableId kTable(10);
const uint32_t kColumns[] = {0, 1};
const KeyColumn kKey{0, PhysicalType::Int64, KeyKind::Signed, false, false};
constexpr size_t kRowsPerCommit = 50;

double seconds_of(auto&& work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

IndexDefinition index_definition() {
  IndexDefinition definition;
  definition.id = IndexId(11);
  definition.table = kTable;
  definition.columns = {kKey};
  return definition;
}

vector::Chunk chunk_of(int64_t first, size_t count, const std::string& text) {
  vector::Chunk chunk;
  chunk.add_column(kInvalidOid, PhysicalType::Int64);
  chunk.add_column(kInvalidOid, PhysicalType::String);
  chunk.reset();
  for (size_t i = 0; i < count; ++i) {
    chunk.column(0).set(i, Value::of_i64(first + static_cast<int64_t>(i)));
    chunk.column(1).set(i, Value::of_string(text));
  }
  chunk.set_size(count);
  return chunk;
}

uint64_t write_log(Engine& engine, uint64_t bytes) {
  os::Random random(1);
  {
    TxnContext txn;
    engine.begin(txn);
    TableSchema schema;
    schema.columns.resize(2);
    schema.columns[0].type = PhysicalType::Int64;
    schema.columns[1].type = PhysicalType::String;
    engine.create_table(txn, kTable, schema);
    engine.build_index(&txn, index_definition());
    engine.commit(std::move(txn), {});
    engine.flush_log();
  }
  auto table = engine.table(kTable);
  auto index = engine.index(IndexId(11));
  uint64_t commits = 0;
  int64_t next = 0;
  std::string text(100, 't');
  std::string key;
  while (engine.wal_status().bytes < bytes) {
    TxnContext txn;
    engine.begin(txn);
    Snapshot snapshot{engine.transactions().register_snapshot(txn.id), txn.id, ++txn.command};
    text[random.below(text.size())] = static_cast<char>('a' + random.below(26));
    RowId first = table->insert(txn, kColumns, chunk_of(next, kRowsPerCommit, text));
    for (size_t i = 0; i < kRowsPerCommit; ++i) {
      key.clear();
      append_key(key, kKey, Value::of_i64(next + static_cast<int64_t>(i)));
      index->insert(key, RowId(first.value + i));
    }
    next += kRowsPerCommit;
    for (size_t i = 0; i < kRowsPerCommit / 2 && first.value > 1; ++i) {
      RowId row(1 + random.below(first.value - 1));
      if (i == 0) {
        table->remove(txn, snapshot, row);
      } else {
        table->update(txn, snapshot, row, kColumns, chunk_of(static_cast<int64_t>(row.value) - 1, 1, text), 0, RowLockMode::NoKeyUpdate);
      }
    }
    Engine::CommitOptions options;
    options.synchronous = false;
    engine.commit(std::move(txn), std::move(options));
    if (++commits % 100 == 0) engine.flush_log();
  }
  engine.flush_log();
  return commits;
}

}  // namespace
}  // namespace aegis::storage

int main(int argc, char** argv) {
  using namespace aegis::storage;
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY [MEGABYTES]\n", argv[0]);
    return 2;
  }
  std::string directory = argv[1];
  uint64_t megabytes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1024;
  auto files = aegis::os::make_local_file_system();
  EngineOptions options;
  options.max_wal_size_bytes = uint64_t{1} << 40;
  uint64_t commits = 0;
  {
    options.background = false;
    auto engine = Engine::open(*files, directory, options);
    double seconds = seconds_of([&] { commits = write_log(*engine, megabytes << 20); });
    std::printf("wrote %llu MB of log, %llu commits: %.1f s\n", static_cast<unsigned long long>(megabytes),
                static_cast<unsigned long long>(commits), seconds);
  }
  options.background = true;
  options.max_wal_size_bytes = uint64_t{1} << 30;
  {
    std::unique_ptr<Engine> engine;
    double open = seconds_of([&] { engine = Engine::open(*files, directory, options); });
    double index = seconds_of([&] { engine->build_index(nullptr, index_definition()); });
    double megabytes_read = static_cast<double>(megabytes);
    std::printf("recovery: %.1f s (%.0f MB/s), index: %.1f s, %llu rows\n", open, megabytes_read / open, index,
                static_cast<unsigned long long>(engine->table(kTable)->statistics().row_count));
    std::printf("checkpoint: %.1f s\n", seconds_of([&] { engine->checkpoint(); }));
  }
  std::unique_ptr<Engine> engine;
  double open = seconds_of([&] {
    engine = Engine::open(*files, directory, options);
    engine->build_index(nullptr, index_definition());
  });
  std::printf("start after a stop in order: %.3f s\n", open);
  return 0;
}
