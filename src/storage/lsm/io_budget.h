// Bytes a second that background work may write: a bucket that holds a tenth of a second's worth.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "aegis/os/clock.h"

namespace aegis::storage::lsm {

class IoBudget {
 public:
  explicit IoBudget(uint64_t bytes_per_second = 0, os::Clock& clock = os::system_clock())
      : clock_(clock), rate_(bytes_per_second) {}
  // 0: no bound.
  void set_rate(uint64_t bytes_per_second);
  // Waits until the bytes may be written.
  void spend(uint64_t bytes);
  // Lets those that wait go on, now and later.
  void stop();

 private:
  os::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t rate_;
  int64_t free_at_us_ = 0;  // when what was spent so far will have been allowed
  bool stopped_ = false;
};

}  // namespace aegis::storage::lsm
