#include "aegis/txn/lock_manager.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "aegis/base/error.h"
#include "support.h"

namespace aegis::txn {
namespace {

using enum LockMode;

TEST_CASE("the conflict table is PostgreSQL's") {
  const LockMode modes[] = {AccessShare, RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive};
  const char* rows[] = {"-------X", "------XX", "----XXXX", "---XXXXX", "--XX-XXX", "--XXXXXX", "-XXXXXXX", "XXXXXXXX"};
  for (int a = 0; a < 8; ++a) {
    for (int b = 0; b < 8; ++b) CHECK(lock_modes_conflict(modes[a], modes[b]) == (rows[a][b] == 'X'));
  }
}

TEST_CASE_FIXTURE(Fixture, "weak locks take the fast path until somebody wants a strong one") {
  Backend a(manager, 1), b(manager, 2);
  auto ta = manager.begin(a);
  auto tb = manager.begin(b);
  LockTag tag = LockTag::relation(5, 100);
  CHECK(manager.locks().lock(a, tag, AccessShare));
  CHECK(manager.locks().lock(b, tag, RowExclusive, LockWait::NoWait));
  CHECK(manager.locks().list().size() == 2);
  CHECK(manager.locks().list()[0].fast_path);
  CHECK_FALSE(manager.locks().lock(b, tag, AccessExclusive, LockWait::NoWait));
  CHECK(manager.locks().holds(a, tag, AccessShare));
  CHECK_FALSE(manager.locks().holds(a, tag, RowShare));
  manager.rollback(std::move(ta));
  CHECK(manager.locks().lock(b, tag, AccessExclusive, LockWait::NoWait));
  ta = manager.begin(a);
  CHECK_FALSE(manager.locks().lock(a, tag, AccessShare, LockWait::NoWait));
  manager.rollback(std::move(tb));
  CHECK(manager.locks().lock(a, tag, AccessShare, LockWait::NoWait));
  CHECK(manager.locks().list()[0].fast_path);
}

TEST_CASE_FIXTURE(Fixture, "waiters are served in order") {
  Backend a(manager, 1), b(manager, 2), c(manager, 3);
  LockTag tag = LockTag::relation(5, 100);
  auto ta = manager.begin(a);
  CHECK(manager.locks().lock(a, tag, AccessShare));
  std::atomic<int> order{0};
  int b_at = 0, c_at = 0;
  std::thread tb([&] {
    auto txn = manager.begin(b);
    manager.locks().lock(b, tag, AccessExclusive);
    b_at = ++order;
    manager.rollback(std::move(txn));
  });
  while (!b.is_waiting()) std::this_thread::yield();
  std::thread tc([&] {
    auto txn = manager.begin(c);
    manager.locks().lock(c, tag, AccessShare);
    c_at = ++order;
    manager.rollback(std::move(txn));
  });
  while (!c.is_waiting()) std::this_thread::yield();
  manager.rollback(std::move(ta));
  tb.join();
  tc.join();
  CHECK(b_at == 1);
  CHECK(c_at == 2);
}

TEST_CASE_FIXTURE(Fixture, "session locks count and outlive transactions") {
  Backend a(manager, 1), b(manager, 2);
  LockTag tag = LockTag::advisory(5, 42);
  auto lock = [&](Backend& backend) {
    return manager.locks().lock(backend, tag, Exclusive, LockWait::NoWait, LockOwner::Session);
  };
  CHECK(lock(a));
  CHECK(lock(a));
  CHECK_FALSE(lock(b));
  CHECK(manager.locks().unlock(a, tag, Exclusive));
  CHECK_FALSE(lock(b));
  CHECK(manager.locks().unlock(a, tag, Exclusive));
  CHECK_FALSE(manager.locks().unlock(a, tag, Exclusive));
  CHECK(lock(b));
  manager.locks().unlock_all_advisory(b);
  CHECK(lock(a));
}

TEST_CASE_FIXTURE(Fixture, "locks behind a savepoint go with it") {
  Backend a(manager, 1), b(manager, 2);
  auto ta = manager.begin(a);
  auto tb = manager.begin(b);
  CHECK(manager.locks().lock(a, LockTag::relation(5, 1), AccessExclusive));
  size_t savepoint = ta->savepoint();
  CHECK(manager.locks().lock(a, LockTag::relation(5, 2), AccessExclusive));
  CHECK_FALSE(manager.locks().lock(b, LockTag::relation(5, 2), AccessShare, LockWait::NoWait));
  ta->rollback_to(savepoint);
  CHECK(manager.locks().lock(b, LockTag::relation(5, 2), AccessShare, LockWait::NoWait));
  CHECK_FALSE(manager.locks().lock(b, LockTag::relation(5, 1), AccessShare, LockWait::NoWait));
}

TEST_CASE_FIXTURE(Fixture, "a cycle of lock waits fails with 40P01") {
  Backend a(manager, 11), b(manager, 22);
  LockTag one = LockTag::relation(5, 1), two = LockTag::relation(5, 2);
  auto ta = manager.begin(a);
  CHECK(manager.locks().lock(a, one, AccessExclusive));
  std::thread other([&] {
    auto txn = manager.begin(b);
    manager.locks().lock(b, two, AccessExclusive);
    manager.locks().lock(b, one, AccessShare);
  });
  while (!b.is_waiting()) std::this_thread::yield();
  try {
    manager.locks().lock(a, two, RowExclusive);
    FAIL("no deadlock");
  } catch (const SqlError& error) {
    CHECK(sqlstate_code(error.fields().sqlstate) == "40P01");
    CHECK(error.fields().message == "deadlock detected");
    CHECK(error.fields().detail ==
          "Process 11 waits for RowExclusiveLock on relation 2 of database 5; blocked by process 22.\n"
          "Process 22 waits for AccessShareLock on relation 1 of database 5; blocked by process 11.");
    CHECK(error.fields().hint == "See server log for query details.");
  }
  manager.rollback(std::move(ta));
  other.join();
}

TEST_CASE_FIXTURE(Fixture, "a wait ends by cancel, timeout or refusal to block") {
  Backend a(manager, 1), b(manager, 2);
  LockTag tag = LockTag::relation(5, 1);
  auto ta = manager.begin(a);
  auto tb = manager.begin(b);
  CHECK(manager.locks().lock(a, tag, AccessExclusive));
  b.set_may_block(false);
  CHECK_THROWS_AS(manager.locks().lock(b, tag, AccessShare), WouldBlock);
  b.set_may_block(true);
  b.set_lock_timeout_ms(1);
  CHECK_THROWS_WITH(manager.locks().lock(b, tag, AccessShare), "canceling statement due to lock timeout");
  b.set_lock_timeout_ms(0);
  std::thread canceler([&] {
    while (!b.is_waiting()) std::this_thread::yield();
    b.interrupt(SqlError(Sqlstate::QueryCanceled, "canceling statement due to user request"));
  });
  CHECK_THROWS_WITH(manager.locks().lock(b, tag, AccessShare), "canceling statement due to user request");
  canceler.join();
  b.check_interrupts();
  manager.rollback(std::move(ta));
  CHECK(manager.locks().lock(b, tag, AccessShare, LockWait::NoWait));
}

TEST_CASE_FIXTURE(Fixture, "many threads lock and unlock") {
  std::atomic<int> inside{0};
  std::atomic<bool> wrong{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Backend backend(manager, t + 1);
      for (int i = 0; i < 300; ++i) {
        auto txn = manager.begin(backend);
        LockTag tag = LockTag::relation(5, 7);
        if (i % 5 == 0) {
          manager.locks().lock(backend, tag, AccessExclusive);
          if (inside.fetch_add(1000) != 0) wrong = true;
          inside -= 1000;
        } else {
          manager.locks().lock(backend, tag, RowExclusive);
          if (inside.fetch_add(1) >= 1000) wrong = true;
          inside -= 1;
        }
        manager.rollback(std::move(txn));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_FALSE(wrong);
  CHECK(manager.locks().list().empty());
}

}  // namespace
}  // namespace aegis::txn
