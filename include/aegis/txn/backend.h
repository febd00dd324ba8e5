// What the lock and transaction machinery knows of a session: its number, its locks, and how to interrupt it while it
// waits. One per session, used by one thread at a time except where said.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>

#include "aegis/base/error.h"
#include "aegis/base/ids.h"
#include "aegis/txn/fwd.h"

namespace aegis::txn {

// Thrown instead of waiting when the backend may not block (a statement running on a reactor).
class WouldBlock : public std::exception {
 public:
  const char* what() const noexcept override { return "the statement would block"; }
};

class Backend {
 public:
  // `pid` is what pg_backend_pid() shows and messages name.
  Backend(TransactionManager& manager, int pid);
  // Releases session locks. The backend must have no transaction.
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  int pid() const { return pid_; }
  // Milliseconds; 0 is for ever.
  void set_lock_timeout_ms(int64_t value) { lock_timeout_ms_ = value; }
  int64_t lock_timeout_ms() const { return lock_timeout_ms_; }
  // False: a wait throws WouldBlock.
  void set_may_block(bool value) { may_block_ = value; }
  bool may_block() const { return may_block_; }

  // Makes the next check_interrupts(), or the wait going on, throw `error`. From any thread. A later call replaces
  // an error not yet thrown, unless that one is FATAL.
  void interrupt(SqlError error);
  // Forgets an interrupt (when a statement ends before a cancel reached it); FATAL ones stay.
  void clear_interrupt();
  // Cheap, for hot loops.
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }
  // Throws a pending error, once (a FATAL one each time).
  void check_interrupts() {
    if (interrupted()) throw_interrupt();
  }
  // True while it waits for a lock (pg_stat_activity).
  bool is_waiting() const;

 private:
  friend class LockManager;
  friend class TransactionManager;
  friend class Transaction;
  friend class WaitGraph;
  void throw_interrupt();

  struct State;
  TransactionManager& manager_;
  int pid_;
  int64_t lock_timeout_ms_ = 0;
  bool may_block_ = true;
  std::atomic<bool> interrupted_{false};
  std::unique_ptr<State> state_;
};

}  // namespace aegis::txn
