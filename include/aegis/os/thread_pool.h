// A pool of worker threads. As many short tasks run at once as there are workers; a task that is about to block says
// so with a BlockingScope, which lets another thread take its place, up to a bound. Long tasks (tens of milliseconds) that others
// wait behind are left to the system's scheduler, beside those others.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace aegis::os {

class ThreadPool {
 public:
  struct Options {
    size_t workers = 2;
    // Threads at most, the blocked ones included. Beyond it tasks queue.
    size_t max_threads = 256;
  };
  explicit ThreadPool(Options options);
  // Runs what is queued, then joins.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Tasks start in order. A task must not throw. Thread safe.
  void submit(std::function<void()> task);
  // Tasks that overtake those of submit(), for short work.
  void submit_urgent(std::function<void()> task);
  // Until nothing is queued or run, and what the tasks held is given back. Not from a task.
  void wait_until_idle();
  size_t worker_count() const;
  size_t queued() const;

  struct State;

  // Held by a task of this pool while it waits for a lock, a sync or another task. No effect on other threads.
  class BlockingScope {
   public:
    BlockingScope();
    ~BlockingScope();
    BlockingScope(const BlockingScope&) = delete;
    BlockingScope& operator=(const BlockingScope&) = delete;

   private:
    State* state_;
  };

 private:
  struct Access;
  std::shared_ptr<State> state_;
};

}  // namespace aegis::os
