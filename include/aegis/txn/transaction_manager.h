// The life of transactions: begin, snapshots, savepoints, commit, rollback, and waiting for one another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/fwd.h"
#include "aegis/storage/transaction.h"
#include "aegis/txn/backend.h"
#include "aegis/txn/fwd.h"
#include "aegis/txn/lock_manager.h"

namespace aegis {
class StorageError;
}

namespace aegis::txn {

enum class Isolation : uint8_t { ReadCommitted, RepeatableRead };

// Keeps what a snapshot sees from being freed, until it is destroyed or its transaction ends. Move only.
class SnapshotHandle {
 public:
  SnapshotHandle() = default;
  SnapshotHandle(SnapshotHandle&& other) noexcept;
  SnapshotHandle& operator=(SnapshotHandle&& other) noexcept;
  ~SnapshotHandle() { release(); }
  void release();
  const storage::Snapshot& operator*() const { return snapshot_; }
  const storage::Snapshot* operator->() const { return &snapshot_; }
  explicit operator bool() const { return owner_ != nullptr; }

 private:
  friend class Transaction;
  std::shared_ptr<Transaction*> owner_;  // points to null once the transaction has ended
  storage::Timestamp registered_ = 0;
  storage::Snapshot snapshot_;
};

// A running transaction. Destroying one that was neither committed nor rolled back rolls it back. Used by one thread
// at a time, but parallel workers of one statement may use context() together.
class Transaction {
 public:
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  TxnId id() const { return context_.id; }
  Isolation isolation() const { return isolation_; }
  // Only before the first snapshot (the caller reports 25001 otherwise).
  void set_isolation(Isolation value) { isolation_ = value; }
  bool has_snapshot() const { return first_snapshot_taken_; }
  Backend& backend() const { return backend_; }
  storage::TxnContext& context() { return context_; }
  bool has_writes() const;

  // What the next statement sees: in READ COMMITTED what is committed now, in REPEATABLE READ what was at the first
  // call; always the writes of this transaction's earlier statements. Each call begins a new command.
  SnapshotHandle take_snapshot();
  // Sees whatever is committed at the time of each look, and all own writes: for constraint checks and for the newest
  // version of a row after a wait. Keeps its view's memory like any other.
  SnapshotHandle take_latest_snapshot();
  // Another handle on the same view (a portal that outlives the statement).
  SnapshotHandle copy_snapshot(const SnapshotHandle& other);

  // Savepoints nest: rolling back to one undoes everything behind it and keeps it; releasing keeps the changes.
  // Ids are positions in a stack; names are the session's business. Locks taken behind it are released.
  size_t savepoint();
  void rollback_to(size_t savepoint);
  void release(size_t savepoint);
  size_t savepoint_count() const { return savepoints_.size(); }

  // on_publish runs inside publication, in commit order: short, no blocking, no throwing. on_commit runs behind it, on
  // the thread that finishes the commit. on_abort runs at rollback, in reverse order, also for a savepoint's part.
  void on_publish(std::function<void(storage::Timestamp)> hook);
  void on_commit(std::function<void()> hook);
  void on_abort(std::function<void()> hook);

 private:
  friend class TransactionManager;
  friend class SnapshotHandle;
  friend class LockManager;
  struct Savepoint {
    uint64_t mark;
    size_t lock_count;
    size_t publish_hooks;
    size_t commit_hooks;
    size_t abort_hooks;
  };
  Transaction(TransactionManager& manager, Backend& backend, Isolation isolation);
  SnapshotHandle hold(storage::Timestamp registered, const storage::Snapshot& snapshot);
  storage::Timestamp hold_present(storage::SnapshotHold hold);
  void unhold(storage::Timestamp ts);

  // Nothing of storage is its any more.
  void detach();

  TransactionManager& manager_;
  Backend& backend_;
  Isolation isolation_;
  storage::TxnContext context_;
  std::shared_ptr<Transaction*> self_;
  bool finished_ = false;
  bool first_snapshot_taken_ = false;
  storage::Timestamp first_ts_ = 0;
  std::vector<storage::Timestamp> held_;  // timestamps registered, unsorted, mostly one or two
  std::vector<Savepoint> savepoints_;
  std::vector<std::function<void(storage::Timestamp)>> publish_hooks_;
  std::vector<std::function<void()>> commit_hooks_;
  std::vector<std::function<void()>> abort_hooks_;
};

class TransactionManager : private storage::TransactionListener {
 public:
  explicit TransactionManager(storage::Engine& engine);
  ~TransactionManager() override;

  storage::Engine& engine() { return engine_; }
  LockManager& locks() { return *locks_; }

  std::unique_ptr<Transaction> begin(Backend& backend, Isolation isolation = Isolation::ReadCommitted);
  // Waits until the commit is durable (synchronous) and visible, throws StorageError if the log is broken.
  void commit(std::unique_ptr<Transaction> transaction, bool synchronous = true);
  // Does not wait: `done` is called with null, or with why it failed, from another thread or before this returns.
  // The transaction's locks are released just before. The backend may begin another transaction only behind that.
  void commit_async(std::unique_ptr<Transaction> transaction, bool synchronous,
                    std::function<void(const StorageError* error)> done);
  void rollback(std::unique_ptr<Transaction> transaction);

  // Waits until `holder` has ended. Throws 40P01 "deadlock detected", 55P03 at lock_timeout, the backend's interrupt, or
  // WouldBlock if the backend may not block. Returns at once if it has ended already.
  void wait_for(Transaction& transaction, TxnId holder);

  // Repeats `attempt` until it does not have to wait. Those who wait for one row take turns, so that each end of a
  // transaction wakes one of them.
  template <typename Attempt>
  storage::WriteResult write_row(Transaction& transaction, TableId table, RowId row, Attempt&& attempt) {
    storage::WriteResult result = attempt();
    if (result.outcome != storage::WriteOutcome::WouldBlock) return result;
    RowTurn turn(*this, transaction, table, row);
    while (result.outcome == storage::WriteOutcome::WouldBlock) {
      wait_for(transaction, result.holder);
      result = attempt();
    }
    return result;
  }

  // Index::insert_unique and check_unique with the waiting done: Ok or Conflict.
  storage::UniqueResult insert_unique(Transaction& transaction, storage::Index& index, std::string_view key, RowId row);
  storage::UniqueResult check_unique(Transaction& transaction, storage::Index& index, std::string_view key, RowId row);

  // For pg_stat_activity and pg_locks.
  struct RunningTransaction {
    TxnId id;
    int pid;
  };
  std::vector<RunningTransaction> running() const;

 private:
  friend class Backend;
  friend class Transaction;
  friend class LockManager;
  class RowTurn {
   public:
    RowTurn(TransactionManager& manager, Transaction& transaction, TableId table, RowId row);
    ~RowTurn();
    RowTurn(const RowTurn&) = delete;
    RowTurn& operator=(const RowTurn&) = delete;

   private:
    LockManager& locks_;
    Backend& backend_;
    LockTag tag_;
  };
  void on_transaction_end(TxnId txn) override;
  void finish(Transaction& transaction, bool committed);
  void abort(Transaction& transaction);

  storage::Engine& engine_;
  std::unique_ptr<WaitGraph> graph_;
  std::unique_ptr<LockManager> locks_;
};

}  // namespace aegis::txn
