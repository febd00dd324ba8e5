// Counts bytes against a limit; budgets nest (operator in query in server).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace aegis::os {

// Bytes of RAM in this machine.
size_t physical_memory();

class MemoryBudget {
 public:
  explicit MemoryBudget(size_t limit_bytes, MemoryBudget* parent = nullptr) : limit_(limit_bytes), parent_(parent) {}
  ~MemoryBudget();
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // False when this or a parent's limit would be passed; nothing is taken then.
  bool try_reserve(size_t bytes);
  // Throws SqlError 53200 "out of memory" instead.
  void reserve(size_t bytes);
  void release(size_t bytes);
  size_t used() const { return used_.load(std::memory_order_relaxed); }
  size_t limit() const { return limit_; }

 private:
  std::atomic<size_t> used_{0};
  size_t limit_;
  MemoryBudget* parent_;
};

}  // namespace aegis::os
