#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/os/random.h"
#include "aegis/txn/transaction_manager.h"
#include "support.h"

namespace aegis::txn {
namespace {

using storage::RowLockMode;
using storage::WriteOutcome;

const TableId kTable(10);
const uint32_t kColumn[] = {0};

struct TableFixture : Fixture {
  Backend a{manager, 1};
  Backend b{manager, 2};
  std::shared_ptr<storage::Table> table;

  TableFixture() {
    auto txn = manager.begin(a);
    storage::TableSchema schema;
    schema.columns.resize(1);
    schema.columns[0].type = types::PhysicalType::Int64;
    table = engine->create_table(txn->context(), kTable, schema);
    manager.commit(std::move(txn));
  }
  RowId add(int64_t value) {
    auto txn = manager.begin(a);
    auto snapshot = txn->take_snapshot();
    RowId row = table->insert(txn->context(), {}, numbers({value}));
    snapshot.release();
    manager.commit(std::move(txn));
    return row;
  }
  std::vector<int64_t> read(const storage::Snapshot& snapshot) {
    vector::Chunk chunk = numbers({});
    std::vector<RowId> rows;
    storage::ScanState state;
    std::vector<int64_t> values;
    while (table->scan(snapshot, kColumn, state, chunk, rows)) {
      for (size_t i = 0; i < chunk.size(); ++i) values.push_back(chunk.column(0).get(i).i64);
    }
    return values;
  }
  std::vector<int64_t> read() {
    auto txn = manager.begin(b);
    auto snapshot = txn->take_snapshot();
    return read(*snapshot);
  }
  storage::WriteResult set(Transaction& txn, const storage::Snapshot& snapshot, RowId row, int64_t value) {
    return table->update(txn.context(), snapshot, row, kColumn, numbers({value}), 0, RowLockMode::NoKeyUpdate);
  }
};

TEST_CASE_FIXTURE(TableFixture, "isolation levels") {
  add(1);
  auto committed = manager.begin(a, Isolation::ReadCommitted);
  auto repeatable = manager.begin(b, Isolation::RepeatableRead);
  auto first = repeatable->take_snapshot();
  CHECK(read(*committed->take_snapshot()) == std::vector<int64_t>{1});
  Backend c(manager, 3);
  auto writer = manager.begin(c);
  table->insert(writer->context(), {}, numbers({2}));
  manager.commit(std::move(writer));
  CHECK(read(*committed->take_snapshot()) == std::vector<int64_t>{1, 2});
  CHECK(read(*repeatable->take_snapshot()) == std::vector<int64_t>{1});
  CHECK(read(*repeatable->take_latest_snapshot()) == std::vector<int64_t>{1, 2});
  table->insert(repeatable->context(), {}, numbers({3}));
  CHECK(read(*repeatable->take_snapshot()) == std::vector<int64_t>{1, 3});
}

TEST_CASE_FIXTURE(TableFixture, "savepoints nest") {
  auto txn = manager.begin(a);
  int aborted = 0;
  table->insert(txn->context(), {}, numbers({1}));
  size_t outer = txn->savepoint();
  table->insert(txn->context(), {}, numbers({2}));
  txn->on_abort([&] { ++aborted; });
  size_t inner = txn->savepoint();
  table->insert(txn->context(), {}, numbers({3}));
  txn->rollback_to(inner);
  CHECK(aborted == 0);
  CHECK(read(*txn->take_snapshot()) == std::vector<int64_t>{1, 2});
  table->insert(txn->context(), {}, numbers({4}));
  txn->release(inner);
  CHECK(read(*txn->take_snapshot()) == std::vector<int64_t>{1, 2, 4});
  txn->rollback_to(outer);
  CHECK(aborted == 1);
  table->insert(txn->context(), {}, numbers({5}));
  manager.commit(std::move(txn));
  CHECK(aborted == 1);
  CHECK(read() == std::vector<int64_t>{1, 5});
}

TEST_CASE_FIXTURE(TableFixture, "hooks run at the ends of transactions") {
  std::vector<std::string> calls;
  auto hooked = [&] {
    auto txn = manager.begin(a);
    txn->on_publish([&](storage::Timestamp ts) { calls.push_back(ts > 0 ? "publish" : "?"); });
    txn->on_commit([&] { calls.push_back("commit"); });
    txn->on_abort([&] { calls.push_back("abort"); });
    return txn;
  };
  manager.commit(hooked());
  CHECK(calls == std::vector<std::string>{"publish", "commit"});
  calls.clear();
  manager.rollback(hooked());
  hooked().reset();
  CHECK(calls == std::vector<std::string>{"abort", "abort"});
}

TEST_CASE_FIXTURE(TableFixture, "a writer waits for the first updater") {
  RowId row = add(1);
  auto first = manager.begin(a);
  auto snapshot = first->take_snapshot();
  CHECK(set(*first, *snapshot, row, 2));
  std::thread other([&] {
    auto txn = manager.begin(b);
    auto mine = txn->take_snapshot();
    auto result = set(*txn, *mine, row, 3);
    CHECK(result.outcome == WriteOutcome::WouldBlock);
    manager.wait_for(*txn, result.holder);
    CHECK(set(*txn, *mine, row, 3).outcome == WriteOutcome::Updated);
    auto latest = txn->take_latest_snapshot();
    CHECK(read(*latest) == std::vector<int64_t>{2});
    CHECK(set(*txn, *latest, row, 3));
    latest.release();
    mine.release();
    manager.commit(std::move(txn));
  });
  while (!b.is_waiting()) std::this_thread::yield();
  snapshot.release();
  manager.commit(std::move(first));
  other.join();
  CHECK(read() == std::vector<int64_t>{3});
}

TEST_CASE_FIXTURE(TableFixture, "a snapshot may outlive its transaction") {
  auto txn = manager.begin(a);
  auto snapshot = txn->take_snapshot();
  manager.commit(std::move(txn));
  CHECK(snapshot);
  snapshot.release();
  CHECK_FALSE(snapshot);
}

TEST_CASE_FIXTURE(TableFixture, "writers of one row take turns") {
  RowId row = add(0);
  std::vector<std::thread> threads;
  constexpr int kThreads = 6, kEach = 100;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Backend backend(manager, 100 + t);
      for (int i = 0; i < kEach; ++i) {
        auto txn = manager.begin(backend);
        auto snapshot = txn->take_snapshot();
        auto result = manager.write_row(*txn, kTable, row, [&] { return table->lock(txn->context(), *snapshot, row, RowLockMode::Update); });
        if (result.outcome == WriteOutcome::Updated) {
          snapshot = txn->take_latest_snapshot();
          result = manager.write_row(*txn, kTable, row, [&] { return table->lock(txn->context(), *snapshot, row, RowLockMode::Update); });
        }
        CHECK(result);
        auto latest = txn->take_latest_snapshot();
        vector::Chunk chunk = numbers({});
        std::vector<uint32_t> found;
        table->fetch(*latest, std::span(&row, 1), kColumn, chunk, found);
        CHECK(set(*txn, *latest, row, chunk.column(0).get(0).i64 + 1));
        manager.commit(std::move(txn));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(read() == std::vector<int64_t>{kThreads * kEach});
  CHECK(manager.locks().list().empty());
}

TEST_CASE_FIXTURE(TableFixture, "a cycle of row waits is a deadlock") {
  RowId one = add(1), two = add(2);
  auto first = manager.begin(a);
  auto snapshot = first->take_snapshot();
  CHECK(set(*first, *snapshot, one, 10));
  TxnId other_id;
  std::thread other([&] {
    auto txn = manager.begin(b);
    other_id = txn->id();
    auto mine = txn->take_snapshot();
    CHECK(set(*txn, *mine, two, 20));
    auto result = set(*txn, *mine, one, 30);
    CHECK(result.outcome == WriteOutcome::WouldBlock);
    manager.wait_for(*txn, result.holder);
  });
  while (!b.is_waiting()) std::this_thread::yield();
  auto result = set(*first, *snapshot, two, 40);
  CHECK(result.outcome == WriteOutcome::WouldBlock);
  try {
    manager.wait_for(*first, result.holder);
    FAIL("no deadlock");
  } catch (const SqlError& error) {
    CHECK(error.fields().detail == "Process 1 waits for ShareLock on transaction " + std::to_string(other_id.value) +
                                       "; blocked by process 2.\nProcess 2 waits for ShareLock on transaction " +
                                       std::to_string(first->id().value) + "; blocked by process 1.");
  }
  snapshot.release();
  manager.rollback(std::move(first));
  other.join();
  CHECK(read() == std::vector<int64_t>{1, 2});
}

// Money moves between accounts; nobody ever sees a sum that is not the first one.
TEST_CASE_FIXTURE(TableFixture, "concurrent transfers keep the sum") {
  constexpr int kAccounts = 20;
  std::vector<RowId> accounts;
  for (int i = 0; i < kAccounts; ++i) accounts.push_back(add(100));
  std::atomic<bool> done{false};
  std::atomic<int> conflicts{0};
  auto transfer = [&](Backend& backend, os::Random& random) {
    auto txn = manager.begin(backend, Isolation::RepeatableRead);
    auto snapshot = txn->take_snapshot();
    RowId from = accounts[random.below(kAccounts)], to = accounts[random.below(kAccounts)];
    if (from == to) return;
    vector::Chunk chunk = numbers({});
    std::vector<uint32_t> found;
    const RowId both[] = {from, to};
    table->fetch(*snapshot, both, kColumn, chunk, found);
    int64_t amount = static_cast<int64_t>(random.below(10));
    const int64_t next[] = {chunk.column(0).get(0).i64 - amount, chunk.column(0).get(1).i64 + amount};
    for (int i = 0; i < 2; ++i) {
      for (;;) {
        auto result = set(*txn, *snapshot, both[i], next[i]);
        if (result.outcome == WriteOutcome::Ok) break;
        if (result.outcome == WriteOutcome::WouldBlock) {
          try {
            manager.wait_for(*txn, result.holder);
            continue;
          } catch (const SqlError&) {
          }
        }
        ++conflicts;
        return;
      }
    }
    snapshot.release();
    manager.commit(std::move(txn), random.one_in(2));
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      Backend backend(manager, 100 + t);
      os::Random random(static_cast<uint64_t>(t) + 1);
      for (int i = 0; i < 1000; ++i) transfer(backend, random);
    });
  }
  std::thread reader([&] {
    Backend backend(manager, 200);
    while (!done) {
      auto txn = manager.begin(backend);
      auto snapshot = txn->take_snapshot();
      int64_t sum = 0;
      for (int64_t value : read(*snapshot)) sum += value;
      CHECK(sum == 100 * kAccounts);
    }
  });
  for (auto& thread : threads) thread.join();
  done = true;
  reader.join();
  int64_t sum = 0;
  for (int64_t value : read()) sum += value;
  CHECK(sum == 100 * kAccounts);
}

TEST_CASE_FIXTURE(TableFixture, "racing inserts of one key: exactly one passes") {
  storage::IndexDefinition definition;
  definition.id = IndexId(11);
  definition.table = kTable;
  definition.columns = {{0, types::PhysicalType::Int64, storage::KeyKind::Signed, false, false}};
  auto index = engine->build_index(nullptr, definition);
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Backend backend(manager, 100 + t);
      for (int64_t value = 0; value < 200; ++value) {
        auto txn = manager.begin(backend);
        auto snapshot = txn->take_snapshot();
        RowId row = table->insert(txn->context(), {}, numbers({value}));
        std::string key;
        append_key(key, definition.columns[0], types::Value::of_i64(value));
        auto result = manager.insert_unique(*txn, *index, key, row);
        snapshot.release();
        if (result.outcome != storage::UniqueOutcome::Ok) continue;
        // Some winners change their mind.
        if ((value + t) % 3 == 0) continue;
        ++passed;
        manager.commit(std::move(txn));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  auto values = read();
  std::sort(values.begin(), values.end());
  CHECK(std::adjacent_find(values.begin(), values.end()) == values.end());
  CHECK(values.size() == static_cast<size_t>(passed));
  CHECK(index->entry_count() == values.size());
}

}  // namespace
}  // namespace aegis::txn
