// How often routines were called, and how long that took (track_functions): counts of the running transaction, and those of all
// that have ended.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "aegis/base/ids.h"

namespace aegis::session {

struct FunctionCount {
  uint64_t calls = 0;
  double total_ms = 0;
  double self_ms = 0;  // without what it called
};

// Of all sessions. Thread safe.
class FunctionCounts {
 public:
  void add(Oid function, const FunctionCount& count) {
    std::lock_guard lock(mutex_);
    FunctionCount& all = counts_[function];
    all.calls += count.calls;
    all.total_ms += count.total_ms;
    all.self_ms += count.self_ms;
  }
  std::optional<FunctionCount> find(Oid function) const {
    std::lock_guard lock(mutex_);
    auto found = counts_.find(function);
    return found == counts_.end() ? std::nullopt : std::optional(found->second);
  }
  void forget(Oid function) {
    std::lock_guard lock(mutex_);
    counts_.erase(function);
  }
  void forget_all() {
    std::lock_guard lock(mutex_);
    counts_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::map<Oid, FunctionCount> counts_;
};

}  // namespace aegis::session
