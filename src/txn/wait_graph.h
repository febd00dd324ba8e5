// Who waits for whom. One mutex guards it together with the slow path of the lock manager, so that a look at the whole
// graph is consistent; transactions that wait for nobody never take it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/base/ids.h"
#include "aegis/storage/transaction.h"
#include "aegis/txn/backend.h"
#include "aegis/txn/lock_manager.h"

namespace aegis::txn {

struct LockWaiter;

// A lock taken, in the order of taking.
struct HeldLock {
  LockTag tag;
  LockMode mode;
};

struct Backend::State {
  // Guarded by the graph's mutex.
  std::condition_variable wake;
  TxnId waits_for{};                    // a transaction
  bool retry = false;                   // it has given up rows, though it goes on
  const LockWaiter* waits_on = nullptr;  // or a lock

  mutable std::mutex interrupt_mutex;
  std::optional<SqlError> interrupt;

  // The backend's own thread only.
  std::vector<HeldLock> transaction_locks;
  std::vector<HeldLock> session_locks;  // one entry a time it was taken

  // Weak locks on relations that nobody locks strongly.
  mutable std::mutex fast_mutex;
  std::vector<HeldLock> fast_locks;

  std::atomic<uint64_t> running_txn{0};
  std::atomic<bool> waiting{false};
};

class WaitGraph {
 public:
  explicit WaitGraph(storage::TransactionTable& transactions);

  std::mutex mutex;
  std::vector<Backend*> backends;  // guarded by mutex

  void begin(TxnId txn, Backend& backend);
  void end(TxnId txn);
  // The backend that runs `txn`, if it still does. With the mutex held the backend is not destroyed.
  Backend* backend_of(TxnId txn) const;

  void wait_for(Backend& backend, TxnId holder);
  void on_transaction_end(TxnId txn);
  // Has waiters for `txn` look again: it has rolled back to a savepoint.
  void on_partial_rollback(TxnId txn);

  // --- With the mutex held ---------------------------------------------------------------------------------
  // Throws 40P01 if `backend`, whose wait is entered, waits for itself.
  void check_deadlock(Backend& backend) const;
  // Sleeps until woken; throws an interrupt, or 55P03 behind `deadline`.
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;
  static Deadline deadline_of(const Backend& backend);
  void sleep(Backend& backend, std::unique_lock<std::mutex>& guard, const Deadline& deadline) const;

  // Whom a lock wait waits for; the lock manager knows.
  std::vector<Backend*> (*lock_blockers)(const void* manager, const LockWaiter& waiter) = nullptr;
  const void* lock_manager = nullptr;

 private:
  struct Running {
    std::atomic<uint64_t> txn{0};
    std::atomic<Backend*> backend{nullptr};
  };
  static constexpr size_t kSlots = 16384;

  std::vector<Backend*> blockers(const Backend& backend) const;
  std::string describe_wait(const Backend& backend, const Backend& blocker) const;
  bool find_cycle(Backend& start, Backend& at, std::vector<Backend*>& path, std::vector<Backend*>& seen) const;

  storage::TransactionTable& transactions_;
  std::vector<Backend*> waiting_;  // for a transaction; guarded by mutex
  std::unique_ptr<Running[]> running_;
  std::atomic<uint64_t> waiters_{0};
};

// "relation 16384 of database 5", as PostgreSQL's deadlock report has it.
std::string describe(const LockTag& tag);

struct LockWaiter {
  Backend* backend;
  LockTag tag;
  LockMode mode;
  LockOwner owner;
  bool granted = false;
};

}  // namespace aegis::txn
