// Tells when all that may still use what has just been replaced are gone: users enter, then look at the pointer; who has
// replaced the pointer waits until each part was seen empty once. Users must not wait for whoever replaces.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "thread_slot.h"

namespace aegis::storage {

class UseGate {
 public:
  class Scope {
   public:
    explicit Scope(UseGate& gate) : count_(gate.slots_[thread_slot() % kSlots].count) {
      count_.fetch_add(1, std::memory_order_seq_cst);
    }
    ~Scope() { count_.fetch_sub(1, std::memory_order_release); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    std::atomic<uint32_t>& count_;
  };

  void wait() const {
    for (const Slot& slot : slots_) {
      while (slot.count.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
    }
  }
  // False when some part was in use all the time, which is short.
  bool try_wait() const {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    for (const Slot& slot : slots_) {
      for (unsigned attempts = 0; slot.count.load(std::memory_order_seq_cst) != 0; ++attempts) {
        if (attempts == kAttempts) return false;
        std::this_thread::yield();
      }
    }
    return true;
  }

 private:
  static constexpr unsigned kAttempts = 100;
  static constexpr size_t kSlots = 32;  // few threads share one: a part that many use is seldom seen empty
  struct alignas(64) Slot {
    std::atomic<uint32_t> count{0};
  };
  Slot slots_[kSlots];
};

}  // namespace aegis::storage
