#include "write_set.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/storage/transaction.h"
#include "table/memory_table.h"

namespace aegis::storage {
namespace {

// Counted together at most so far apart.
constexpr uint64_t kChargeStep = 256 << 10;
// A transaction with less than this part of the limit is never the one to fail.
constexpr uint64_t kSmallShare = 16;

}  // namespace

TxnContext::TxnContext() = default;
TxnContext::~TxnContext() = default;
TxnContext::TxnContext(TxnContext&&) noexcept = default;
TxnContext& TxnContext::operator=(TxnContext&&) noexcept = default;

void WriteSet::add(WriteEntry entry, const std::shared_ptr<MemoryTable>& table) {
  std::lock_guard guard(mutex);
  if (table && (tables.empty() || tables.back() != table)) {
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
  }
  if (entry.kind >= WriteKind::CreateTable) changes_objects = true;
  entries.push_back(entry);
}

void WriteSet::charge(uint64_t bytes) {
  uint64_t mine = bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (memory_ == nullptr || mine - counted_.load(std::memory_order_relaxed) < kChargeStep) return;
  uint64_t before = counted_.exchange(mine, std::memory_order_relaxed);
  uint64_t all = memory_->used.fetch_add(mine - before, std::memory_order_relaxed) + mine - before;
  uint64_t limit = memory_->limit.load(std::memory_order_relaxed);
  if (limit == 0 || all <= limit || mine < limit / kSmallShare) return;
  throw SqlError(Sqlstate::OutOfMemory, "out of memory")
      .detail("Changes of running transactions take more than max_transaction_memory.")
      .hint("Change fewer rows in one transaction, or raise max_transaction_memory.");
}

void WriteSet::discharge(uint64_t bytes) {
  uint64_t mine = bytes_.load(std::memory_order_relaxed);
  mine -= std::min(mine, bytes);
  bytes_.store(mine, std::memory_order_relaxed);
  uint64_t counted = counted_.load(std::memory_order_relaxed);
  if (memory_ == nullptr || counted <= mine) return;
  counted_.store(mine, std::memory_order_relaxed);
  memory_->used.fetch_sub(counted - mine, std::memory_order_relaxed);
}

void WriteSet::release_memory() {
  if (memory_ != nullptr) memory_->used.fetch_sub(counted_.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
  memory_ = nullptr;
}

}  // namespace aegis::storage
