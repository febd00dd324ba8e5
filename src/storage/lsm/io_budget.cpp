#include "lsm/io_budget.h"

#include <algorithm>
#include <chrono>

namespace aegis::storage::lsm {
namespace {

constexpr int64_t kBurst_us = 100'000;

}  // namespace

void IoBudget::set_rate(uint64_t bytes_per_second) {
  std::lock_guard guard(mutex_);
  rate_ = bytes_per_second;
  free_at_us_ = 0;
  wake_.notify_all();
}

void IoBudget::spend(uint64_t bytes) {
  std::unique_lock guard(mutex_);
  if (rate_ == 0 || stopped_) return;
  int64_t cost_us = static_cast<int64_t>(static_cast<double>(bytes) / static_cast<double>(rate_) * 1e6);
  free_at_us_ = std::max(free_at_us_, clock_.monotonic_us() - kBurst_us) + cost_us;
  int64_t mine_us = free_at_us_;
  while (rate_ != 0 && !stopped_ && free_at_us_ != 0) {
    int64_t wait_us = mine_us - clock_.monotonic_us();
    if (wait_us <= 0) return;
    wake_.wait_for(guard, std::chrono::microseconds(wait_us));
  }
}

void IoBudget::stop() {
  std::lock_guard guard(mutex_);
  stopped_ = true;
  wake_.notify_all();
}

}  // namespace aegis::storage::lsm
