#include "timeouts.h"

#include <chrono>

#include "aegis/os/clock.h"

namespace aegis::session {

Timeouts::~Timeouts() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

uint64_t Timeouts::schedule(int64_t delay_ms, std::function<void()> callback) {
  std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  uint64_t id = next_id_++;
  int64_t deadline = os::system_clock().monotonic_us() + delay_ms * 1000;
  pending_.emplace(std::make_pair(deadline, id), std::move(callback));
  deadlines_[id] = deadline;
  changed_.notify_all();
  return id;
}

void Timeouts::cancel(uint64_t id) {
  std::lock_guard lock(mutex_);
  auto at = deadlines_.find(id);
  if (at == deadlines_.end()) return;
  pending_.erase({at->second, id});
  deadlines_.erase(at);
}

void Timeouts::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (pending_.empty()) {
      changed_.wait(lock);
      continue;
    }
    auto first = pending_.begin();
    int64_t left = first->first.first - os::system_clock().monotonic_us();
    if (left > 0) {
      changed_.wait_for(lock, std::chrono::microseconds(left));
      continue;
    }
    std::function<void()> callback = std::move(first->second);
    deadlines_.erase(first->first.second);
    pending_.erase(first);
    callback();
  }
}

}  // namespace aegis::session
