#include "aegis/os/thread_pool.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

namespace aegis::os {

namespace {

using Clock = std::chrono::steady_clock;
// How long tasks wait behind running ones before those count as long.
constexpr auto kPatience = std::chrono::milliseconds(10);

}  // namespace

// At most `workers` tasks that count are run at a time. A task does not count while it is in a BlockingScope, nor any more once it has
// turned out to be long: when nothing has started for a while and tasks wait, one thread, the keeper, takes what runs out of
// the count, so that long queries cannot starve short ones. Threads above `workers` stay parked for the next such task.
struct ThreadPool::State : std::enable_shared_from_this<ThreadPool::State> {
  // A thread's task.
  struct Running {
    bool counts = false;
    bool blocked = false;
  };

  Options options;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable tick;  // the keeper's
  std::condition_variable all_gone;
  std::condition_variable quiet;
  std::deque<std::function<void()>> tasks;
  std::list<Running*> running_tasks;
  size_t idle = 0;
  size_t running = 0;  // those that count
  size_t alive = 0;
  bool keeper = false;
  Clock::time_point last_start;  // or when a task came to an empty queue
  bool stopping = false;

  bool may_start() const { return !tasks.empty() && (running < options.workers || stopping); }
  void add(std::function<void()> task, bool urgent);
  void staff(const std::shared_ptr<State>& self);
  void run();
  void run_one(std::unique_lock<std::mutex>& guard);
  void keep(std::unique_lock<std::mutex>& guard);
};

struct ThreadPool::Access {
  static thread_local State* current;
  static thread_local State::Running* task;
};
thread_local ThreadPool::State* ThreadPool::Access::current = nullptr;
thread_local ThreadPool::State::Running* ThreadPool::Access::task = nullptr;

void ThreadPool::State::add(std::function<void()> task, bool urgent) {
  std::lock_guard guard(mutex);
  if (tasks.empty()) last_start = Clock::now();
  if (urgent) {
    tasks.push_front(std::move(task));
  } else {
    tasks.push_back(std::move(task));
  }
  staff(shared_from_this());
}

// Sees to it that a thread takes the first task, or that one keeps watch. With the mutex held.
void ThreadPool::State::staff(const std::shared_ptr<State>& self) {
  if (tasks.empty() || (!may_start() && keeper)) return;
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
    if (may_start()) {
      run_one(guard);
    } else if (stopping && tasks.empty()) {
      break;
    } else if (!tasks.empty() && !keeper) {
      keep(guard);
    } else {
      ++idle;
      wake.wait(guard);
      --idle;
    }
  }
  if (--alive == 0) all_gone.notify_all();
}

void ThreadPool::State::run_one(std::unique_lock<std::mutex>& guard) {
  auto task = std::move(tasks.front());
  tasks.pop_front();
  Running self{true, false};
  auto place = running_tasks.insert(running_tasks.end(), &self);
  ++running;
  last_start = Clock::now();
  Access::task = &self;
  if (!tasks.empty()) staff(shared_from_this());
  guard.unlock();
  task();
  task = nullptr;
  guard.lock();
  Access::task = nullptr;
  running_tasks.erase(place);
  if (self.counts) --running;
  if (tasks.empty() && running_tasks.empty()) quiet.notify_all();
}

// As long as there is work: looks whether tasks wait though nothing has started for a while.
void ThreadPool::State::keep(std::unique_lock<std::mutex>& guard) {
  keeper = true;
  while (!stopping && !(tasks.empty() && running_tasks.empty())) {
    tick.wait_for(guard, kPatience);
    if (tasks.empty() || may_start() || Clock::now() - last_start < kPatience) continue;
    // All that run have been at it for that long.
    for (Running* task : running_tasks) {
      if (!task->counts || task->blocked) continue;
      task->counts = false;
      --running;
    }
    staff(shared_from_this());
  }
  keeper = false;
}

ThreadPool::ThreadPool(Options options) : state_(std::make_shared<State>()) { state_->options = options; }

ThreadPool::~ThreadPool() {
  std::unique_lock guard(state_->mutex);
  state_->stopping = true;
  state_->wake.notify_all();
  state_->tick.notify_all();
  state_->all_gone.wait(guard, [&] { return state_->alive == 0; });
}

void ThreadPool::submit(std::function<void()> task) { state_->add(std::move(task), false); }

void ThreadPool::submit_urgent(std::function<void()> task) { state_->add(std::move(task), true); }

void ThreadPool::wait_until_idle() {
  std::unique_lock guard(state_->mutex);
  state_->quiet.wait(guard, [&] { return state_->tasks.empty() && state_->running_tasks.empty(); });
}

size_t ThreadPool::worker_count() const { return state_->options.workers; }

size_t ThreadPool::queued() const {
  std::lock_guard guard(state_->mutex);
  return state_->tasks.size();
}

ThreadPool::BlockingScope::BlockingScope() : state_(Access::current) {
  if (state_ == nullptr) return;
  std::lock_guard guard(state_->mutex);
  State::Running* task = Access::task;
  // A scope within a scope changes nothing.
  if (task == nullptr || !task->counts || task->blocked) {
    state_ = nullptr;
    return;
  }
  task->blocked = true;
  --state_->running;
  state_->staff(state_->shared_from_this());
}

ThreadPool::BlockingScope::~BlockingScope() {
  if (state_ == nullptr) return;
  std::lock_guard guard(state_->mutex);
  Access::task->blocked = false;
  ++state_->running;
}

}  // namespace aegis::os
