#include "aegis/txn/backend.h"

#include <algorithm>

#include "aegis/txn/transaction_manager.h"
#include "wait_graph.h"

namespace aegis::txn {

Backend::Backend(TransactionManager& manager, int pid)
    : manager_(manager), pid_(pid), state_(std::make_unique<State>()) {
  std::lock_guard guard(manager_.graph_->mutex);
  manager_.graph_->backends.push_back(this);
}

Backend::~Backend() {
  manager_.locks().release_session(*this);
  std::lock_guard guard(manager_.graph_->mutex);
  std::erase(manager_.graph_->backends, this);
}

void Backend::interrupt(SqlError error) {
  {
    std::lock_guard guard(state_->interrupt_mutex);
    if (state_->interrupt && state_->interrupt->fields().severity == "FATAL") return;
    state_->interrupt = std::move(error);
    interrupted_.store(true, std::memory_order_release);
  }
  // With the mutex: a wait has either not looked for interrupts yet or is asleep.
  std::lock_guard guard(manager_.graph_->mutex);
  state_->wake.notify_all();
}

void Backend::clear_interrupt() {
  std::lock_guard guard(state_->interrupt_mutex);
  if (state_->interrupt && state_->interrupt->fields().severity == "FATAL") return;
  state_->interrupt.reset();
  interrupted_.store(false, std::memory_order_release);
}

void Backend::throw_interrupt() {
  std::unique_lock guard(state_->interrupt_mutex);
  if (!state_->interrupt) return;
  SqlError error = *state_->interrupt;
  if (error.fields().severity != "FATAL") {
    state_->interrupt.reset();
    interrupted_.store(false, std::memory_order_release);
  }
  guard.unlock();
  throw error;
}

bool Backend::is_waiting() const { return state_->waiting.load(std::memory_order_relaxed); }

}  // namespace aegis::txn
