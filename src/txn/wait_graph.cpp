#include "wait_graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "aegis/os/thread_pool.h"

namespace aegis::txn {

WaitGraph::WaitGraph(storage::TransactionTable& transactions)
    : transactions_(transactions), running_(new Running[kSlots]) {}

void WaitGraph::begin(TxnId txn, Backend& backend) {
  Running& slot = running_[txn.value % kSlots];
  slot.backend.store(&backend, std::memory_order_relaxed);
  slot.txn.store(txn.value, std::memory_order_release);
  backend.state_->running_txn.store(txn.value, std::memory_order_relaxed);
}

void WaitGraph::end(TxnId txn) {
  Running& slot = running_[txn.value % kSlots];
  if (slot.txn.load(std::memory_order_relaxed) != txn.value) return;
  slot.backend.load(std::memory_order_relaxed)->state_->running_txn.store(0, std::memory_order_relaxed);
  slot.txn.store(0, std::memory_order_release);
}

Backend* WaitGraph::backend_of(TxnId txn) const {
  const Running& slot = running_[txn.value % kSlots];
  if (slot.txn.load(std::memory_order_acquire) != txn.value) return nullptr;
  return slot.backend.load(std::memory_order_relaxed);
}

void WaitGraph::on_transaction_end(TxnId txn) {
  // Pairs with the increment in wait_for: either that waiter is seen here, or it sees that the transaction has ended.
  if (waiters_.fetch_add(0, std::memory_order_acq_rel) == 0) return;
  std::lock_guard guard(mutex);
  for (Backend* backend : waiting_) {
    if (backend->state_->waits_for == txn) backend->state_->wake.notify_all();
  }
}

void WaitGraph::on_partial_rollback(TxnId txn) {
  if (waiters_.fetch_add(0, std::memory_order_acq_rel) == 0) return;
  std::lock_guard guard(mutex);
  for (Backend* backend : waiting_) {
    if (backend->state_->waits_for != txn) continue;
    backend->state_->retry = true;
    backend->state_->wake.notify_all();
  }
}

WaitGraph::Deadline WaitGraph::deadline_of(const Backend& backend) {
  if (backend.lock_timeout_ms() <= 0) return std::nullopt;
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(backend.lock_timeout_ms());
}

void WaitGraph::sleep(Backend& backend, std::unique_lock<std::mutex>& guard, const Deadline& deadline) const {
  backend.check_interrupts();
  if (!deadline) {
    backend.state_->wake.wait(guard);
  } else if (backend.state_->wake.wait_until(guard, *deadline) == std::cv_status::timeout) {
    throw SqlError(Sqlstate::LockNotAvailable, "canceling statement due to lock timeout");
  }
  backend.check_interrupts();
}

void WaitGraph::wait_for(Backend& backend, TxnId holder) {
  auto running = [&] { return transactions_.status(holder) == storage::TxnStatus::InProgress; };
  if (!running()) return;
  if (!backend.may_block()) throw WouldBlock();
  os::ThreadPool::BlockingScope blocking;
  Deadline deadline = deadline_of(backend);
  std::unique_lock guard(mutex);
  waiters_.fetch_add(1, std::memory_order_acq_rel);
  Backend::State& state = *backend.state_;
  state.waits_for = holder;
  state.retry = false;
  state.waiting = true;
  waiting_.push_back(&backend);
  struct Leave {
    WaitGraph& graph;
    Backend& backend;
    Backend::State& state;
    ~Leave() {
      std::erase(graph.waiting_, &backend);
      state.waits_for = TxnId{};
      state.waiting = false;
      graph.waiters_.fetch_sub(1, std::memory_order_acq_rel);
    }
  } leave{*this, backend, state};
  if (running()) check_deadlock(backend);
  while (running() && !state.retry) sleep(backend, guard, deadline);
}

// --- Deadlocks ---------------------------------------------------------------------------------------------

std::vector<Backend*> WaitGraph::blockers(const Backend& backend) const {
  const Backend::State& state = *backend.state_;
  if (state.waits_on != nullptr) return lock_blockers(lock_manager, *state.waits_on);
  if (state.waits_for.value == 0) return {};
  Backend* holder = backend_of(state.waits_for);
  if (holder == nullptr) return {};
  return {holder};
}

bool WaitGraph::find_cycle(Backend& start, Backend& at, std::vector<Backend*>& path, std::vector<Backend*>& seen) const {
  path.push_back(&at);
  for (Backend* next : blockers(at)) {
    if (next == &start) return true;
    if (std::find(seen.begin(), seen.end(), next) != seen.end()) continue;
    seen.push_back(next);
    if (find_cycle(start, *next, path, seen)) return true;
  }
  path.pop_back();
  return false;
}

std::string WaitGraph::describe_wait(const Backend& backend, const Backend& blocker) const {
  const Backend::State& state = *backend.state_;
  std::string what;
  if (state.waits_on != nullptr) {
    what = fmt::format("{} on {}", lock_mode_name(state.waits_on->mode), describe(state.waits_on->tag));
  } else {
    what = fmt::format("ShareLock on transaction {}", state.waits_for.value);
  }
  return fmt::format("Process {} waits for {}; blocked by process {}.", backend.pid(), what, blocker.pid());
}

void WaitGraph::check_deadlock(Backend& backend) const {
  std::vector<Backend*> path, seen;
  if (!find_cycle(backend, backend, path, seen)) return;
  std::string detail;
  for (size_t i = 0; i < path.size(); ++i) {
    if (i > 0) detail += '\n';
    detail += describe_wait(*path[i], *path[(i + 1) % path.size()]);
  }
  throw SqlError(Sqlstate::TRDeadlockDetected, "deadlock detected")
      .detail(detail)
      .hint("See server log for query details.");
}

std::string describe(const LockTag& tag) {
  switch (tag.kind) {
    case LockClass::Relation: return fmt::format("relation {} of database {}", tag.object_a, tag.database);
    case LockClass::Object:
      return fmt::format("object {} of class {} of database {}", tag.object_b, tag.object_a, tag.database);
    case LockClass::Tuple: return fmt::format("tuple {} of relation {}", tag.object_a, tag.object_b);
    case LockClass::Advisory: {
      bool one_key = tag.object_c == 1;
      uint64_t high = one_key ? tag.object_a >> 32 : tag.object_a;
      uint64_t low = one_key ? tag.object_a & 0xffffffff : tag.object_b;
      return fmt::format("advisory lock [{},{},{},{}]", tag.database, high, low, tag.object_c);
    }
  }
  return {};
}

}  // namespace aegis::txn
