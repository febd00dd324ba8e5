#include "aegis/os/thread_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "aegis/base/error.h"
#include "aegis/os/memory_budget.h"

namespace aegis::os {
namespace {

TEST_CASE("every task runs before the pool is gone") {
  std::atomic<int> done{0};
  {
    ThreadPool pool({.workers = 2, .max_threads = 4});
    for (int i = 0; i < 1000; ++i) pool.submit([&] { ++done; });
  }
  CHECK(done == 1000);
}

TEST_CASE("blocked tasks do not keep others from running") {
  ThreadPool pool({.workers = 1, .max_threads = 16});
  std::mutex mutex;
  std::condition_variable changed;
  int released = 0;
  int finished = 0;
  for (int i = 0; i < 8; ++i) {
    pool.submit([&] {
      ThreadPool::BlockingScope blocking;
      std::unique_lock guard(mutex);
      changed.wait(guard, [&] { return released > 0; });
      ++finished;
      changed.notify_all();
    });
  }
  pool.submit([&] {
    std::lock_guard guard(mutex);
    released = 1;
    changed.notify_all();
  });
  std::unique_lock guard(mutex);
  changed.wait(guard, [&] { return finished == 8; });
  CHECK(finished == 8);
}

TEST_CASE("no more tasks run at once than there are workers") {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  {
    ThreadPool pool({.workers = 2, .max_threads = 8});
    for (int i = 0; i < 200; ++i) {
      pool.submit([&] {
        int running = ++now;
        int seen = most;
        while (running > seen && !most.compare_exchange_weak(seen, running)) {
        }
        --now;
      });
    }
  }
  CHECK(most <= 2);
}

TEST_CASE("long tasks do not keep short ones from running") {
  std::atomic<bool> stop{false};
  std::atomic<int> started{0}, done{0};
  {
    ThreadPool pool({2, 64});
    for (int i = 0; i < 7; ++i) {
      pool.submit([&] {
        ++started;
        while (!stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      });
    }
    for (int i = 0; i < 200; ++i) pool.submit([&] { ++done; });
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (done < 200 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(done == 200);
    CHECK(started == 7);
    // Nor those that come later.
    pool.submit([&] { ++done; });
    while (done < 201 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(done == 201);
    stop = true;
  }
}

TEST_CASE("an idle pool holds nothing of its tasks") {
  ThreadPool pool({2, 64});
  pool.wait_until_idle();
  for (int round = 0; round < 200; ++round) {
    auto held = std::make_shared<std::string>("kept");
    std::weak_ptr<std::string> watch = held;
    std::atomic<bool> done{false};
    pool.submit([held = std::move(held), &done] { done = true; });
    while (!done) std::this_thread::yield();
    pool.wait_until_idle();
    REQUIRE(watch.expired());
  }
}

TEST_CASE("budgets nest") {
  MemoryBudget server(100);
  MemoryBudget query(80, &server);
  CHECK(query.try_reserve(80));
  CHECK_FALSE(query.try_reserve(1));
  MemoryBudget other(80, &server);
  CHECK_FALSE(other.try_reserve(30));
  CHECK_THROWS_AS(other.reserve(30), SqlError);
  query.release(40);
  CHECK(other.try_reserve(30));
  CHECK(server.used() == 70);
  other.release(30);
  query.release(40);
  CHECK(server.used() == 0);
}

}  // namespace
}  // namespace aegis::os
