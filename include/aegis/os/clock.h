// The only door to time.
#pragma once

#include <cstdint>
#include <memory>

namespace aegis::os {

class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970-01-01 00:00 UTC.
  virtual int64_t wall_us() = 0;
  // Microseconds that never go back.
  virtual int64_t monotonic_us() = 0;
};

Clock& system_clock();

// Stands still until it is moved. For tests.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t start_us = 0) : now_us_(start_us) {}
  int64_t wall_us() override { return now_us_; }
  int64_t monotonic_us() override { return now_us_; }
  void advance_us(int64_t by) { now_us_ += by; }

 private:
  int64_t now_us_;
};

}  // namespace aegis::os
