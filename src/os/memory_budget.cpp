#include "aegis/os/memory_budget.h"

#include <fmt/format.h>
#include <unistd.h>

#include "aegis/base/error.h"

namespace aegis::os {

size_t physical_memory() {
  long pages = sysconf(_SC_PHYS_PAGES);
  long size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<size_t>(pages) * static_cast<size_t>(size) : size_t{1} << 30;
}

MemoryBudget::~MemoryBudget() {
  if (parent_ != nullptr) parent_->release(used());
}

bool MemoryBudget::try_reserve(size_t bytes) {
  size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ || used > limit_ - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  if (parent_ != nullptr && !parent_->try_reserve(bytes)) {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  return true;
}

void MemoryBudget::reserve(size_t bytes) {
  if (try_reserve(bytes)) return;
  throw SqlError(Sqlstate::OutOfMemory, "out of memory").detail(fmt::format("Failed on request of size {}.", bytes));
}

void MemoryBudget::release(size_t bytes) {
  used_.fetch_sub(bytes, std::memory_order_relaxed);
  if (parent_ != nullptr) parent_->release(bytes);
}

}  // namespace aegis::os
