// A small number for each thread, given out in turn: what picks a thread's share of something that is counted or held by many.
#pragma once

#include <atomic>
#include <cstddef>

namespace aegis::storage {

inline size_t thread_slot() {
  static std::atomic<size_t> next{0};
  thread_local const size_t slot = next.fetch_add(1, std::memory_order_relaxed);
  return slot;
}

}  // namespace aegis::storage
