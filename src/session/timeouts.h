// Calls back at a time: statement_timeout and its kin. One thread, started when first needed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace aegis::session {

class Timeouts {
 public:
  ~Timeouts();
  // Callbacks must be quick; they run under a lock, so that after cancel() none is running.
  uint64_t schedule(int64_t delay_ms, std::function<void()> callback);
  void cancel(uint64_t id);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<int64_t, uint64_t>, std::function<void()>> pending_;
  std::map<uint64_t, int64_t> deadlines_;
  uint64_t next_id_ = 1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace aegis::session
