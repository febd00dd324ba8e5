#include "aegis/os/clock.h"

#include <chrono>

namespace aegis::os {
namespace {

class SystemClock : public Clock {
 public:
  int64_t wall_us() override {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  }
  int64_t monotonic_us() override {
    auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace aegis::os
