#include "aegis/os/thread_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace aegis::os {

// At most `workers` tasks are started at a time; a task that comes out of a BlockingScope goes on at once, and until
// the surplus is gone no further task starts. Threads above `workers` stay parked for the next blocking task.
struct ThreadPool::State : std::enable_shared_from_this<ThreadPool::State> {
  Options options;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable all_gone;
  std::deque<std::function<void()>> tasks;
  size_t idle = 0;
  size_t running = 0;
  size_t alive = 0;
  bool stopping = false;

  bool may_start() const { return !tasks.empty() && (running < options.workers || stopping); }
  void staff(const std::shared_ptr<State>& self);
  void run();
};

struct ThreadPool::Access {
  static thread_local State* current;
};
thread_local ThreadPool::State* ThreadPool::Access::current = nullptr;

// With the mutex held.
void ThreadPool::State::staff(const std::shared_ptr<State>& self) {
  if (!may_start()) return;
  if (idle > 0) {
    wake.notify_one();
  } else if (alive < options.max_threads) {
    ++alive;
    std::thread([self] { self->run(); }).detach();
  }
}

void ThreadPool::State::run() {
  Access::current = this;
  std::unique_lock guard(mutex);
  for (;;) {
    while (!may_start() && !(stopping && tasks.empty())) {
      ++idle;
      wake.wait(guard);
      --idle;
    }
    if (tasks.empty()) break;
    auto task = std::move(tasks.front());
    tasks.pop_front();
    ++running;
    guard.unlock();
    task();
    task = nullptr;
    guard.lock();
    --running;
  }
  if (--alive == 0) all_gone.notify_all();
}

ThreadPool::ThreadPool(Options options) : state_(std::make_shared<State>()) { state_->options = options; }

ThreadPool::~ThreadPool() {
  std::unique_lock guard(state_->mutex);
  state_->stopping = true;
  state_->wake.notify_all();
  state_->all_gone.wait(guard, [&] { return state_->alive == 0; });
}

void ThreadPool::submit(std::function<void()> task) {
  std::lock_guard guard(state_->mutex);
  state_->tasks.push_back(std::move(task));
  state_->staff(state_);
}

void ThreadPool::submit_urgent(std::function<void()> task) {
  std::lock_guard guard(state_->mutex);
  state_->tasks.push_front(std::move(task));
  state_->staff(state_);
}

size_t ThreadPool::worker_count() const { return state_->options.workers; }

size_t ThreadPool::queued() const {
  std::lock_guard guard(state_->mutex);
  return state_->tasks.size();
}

ThreadPool::BlockingScope::BlockingScope() : state_(Access::current) {
  if (state_ == nullptr) return;
  std::lock_guard guard(state_->mutex);
  --state_->running;
  if (state_->idle > 0 || state_->alive < state_->options.max_threads) state_->staff(state_->shared_from_this());
}

ThreadPool::BlockingScope::~BlockingScope() {
  if (state_ == nullptr) return;
  std::lock_guard guard(state_->mutex);
  ++state_->running;
}

}  // namespace aegis::os
