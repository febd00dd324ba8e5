#include "aegis/txn/transaction_manager.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "aegis/base/error.h"
#include "aegis/os/thread_pool.h"
#include "wait_graph.h"

namespace aegis::txn {

using storage::Snapshot;
using storage::SnapshotHold;
using storage::Timestamp;

// --- Snapshots ---------------------------------------------------------------------------------------------

SnapshotHandle::SnapshotHandle(SnapshotHandle&& other) noexcept { *this = std::move(other); }

SnapshotHandle& SnapshotHandle::operator=(SnapshotHandle&& other) noexcept {
  if (this == &other) return *this;
  release();
  owner_ = std::move(other.owner_);
  registered_ = other.registered_;
  snapshot_ = other.snapshot_;
  return *this;
}

void SnapshotHandle::release() {
  if (owner_ != nullptr && *owner_ != nullptr) (*owner_)->unhold(registered_);
  owner_.reset();
}

SnapshotHandle Transaction::hold(Timestamp registered, const Snapshot& snapshot) {
  SnapshotHandle handle;
  handle.owner_ = self_;
  handle.registered_ = registered;
  handle.snapshot_ = snapshot;
  return handle;
}

// What a transaction sees from the oldest timestamp it holds to the newest is kept.
Timestamp Transaction::hold_present(SnapshotHold hold) {
  auto& table = manager_.engine_.transactions();
  Timestamp ts = held_.empty() ? table.register_snapshot(id(), hold) : table.extend_snapshot(id(), hold);
  held_.push_back(ts);
  return ts;
}

void Transaction::unhold(Timestamp ts) {
  auto found = std::find(held_.begin(), held_.end(), ts);
  AEGIS_CHECK(found != held_.end());
  *found = held_.back();
  held_.pop_back();
  Timestamp oldest = held_.empty() ? 0 : *std::min_element(held_.begin(), held_.end());
  if (oldest == 0 || oldest > ts) manager_.engine_.transactions().set_oldest_snapshot(id(), oldest);
}

SnapshotHandle Transaction::take_snapshot() {
  ++context_.command;
  Timestamp ts;
  if (isolation_ == Isolation::ReadCommitted) {
    ts = hold_present(SnapshotHold::Seen);
  } else {
    // The extra hold lasts until the transaction ends.
    if (!first_snapshot_taken_) first_ts_ = hold_present(SnapshotHold::Seen);
    ts = first_ts_;
    held_.push_back(ts);
  }
  first_snapshot_taken_ = true;
  return hold(ts, {ts, id(), context_.command});
}

SnapshotHandle Transaction::take_latest_snapshot() {
  return hold(hold_present(SnapshotHold::Onwards), {storage::kLatest, id(), storage::kEveryCommand});
}

SnapshotHandle Transaction::copy_snapshot(const SnapshotHandle& other) {
  AEGIS_CHECK(other.owner_ == self_);
  held_.push_back(other.registered_);
  return hold(other.registered_, other.snapshot_);
}

// --- Transactions ------------------------------------------------------------------------------------------

Transaction::Transaction(TransactionManager& manager, Backend& backend, Isolation isolation)
    : manager_(manager), backend_(backend), isolation_(isolation), self_(std::make_shared<Transaction*>(this)) {}

Transaction::~Transaction() {
  if (!finished_) manager_.abort(*this);
}

void Transaction::detach() {
  finished_ = true;
  *self_ = nullptr;
}

bool Transaction::has_writes() const { return manager_.engine_.has_writes(context_); }

size_t Transaction::savepoint() {
  savepoints_.push_back({manager_.engine_.mark(context_), backend_.state_->transaction_locks.size(),
                         publish_hooks_.size(), commit_hooks_.size(), abort_hooks_.size()});
  return savepoints_.size() - 1;
}

void Transaction::rollback_to(size_t savepoint) {
  AEGIS_CHECK(savepoint < savepoints_.size());
  const Savepoint& to = savepoints_[savepoint];
  Timestamp held = hold_present(SnapshotHold::Onwards);
  manager_.engine_.rollback_to(context_, to.mark);
  unhold(held);
  publish_hooks_.resize(to.publish_hooks);
  commit_hooks_.resize(to.commit_hooks);
  while (abort_hooks_.size() > to.abort_hooks) {
    auto hook = std::move(abort_hooks_.back());
    abort_hooks_.pop_back();
    hook();
  }
  manager_.locks_->release_transaction(backend_, to.lock_count);
  savepoints_.resize(savepoint + 1);
  if (id().value != 0) manager_.graph_->on_partial_rollback(id());
}

void Transaction::release(size_t savepoint) {
  AEGIS_CHECK(savepoint < savepoints_.size());
  savepoints_.resize(savepoint);
}

void Transaction::on_publish(std::function<void(Timestamp)> hook) { publish_hooks_.push_back(std::move(hook)); }
void Transaction::on_commit(std::function<void()> hook) { commit_hooks_.push_back(std::move(hook)); }
void Transaction::on_abort(std::function<void()> hook) { abort_hooks_.push_back(std::move(hook)); }

// --- The manager -------------------------------------------------------------------------------------------

TransactionManager::TransactionManager(storage::Engine& engine)
    : engine_(engine), graph_(std::make_unique<WaitGraph>(engine.transactions())),
      locks_(std::make_unique<LockManager>(*this)) {
  engine_.set_listener(this);
}

TransactionManager::~TransactionManager() { engine_.set_listener(nullptr); }

void TransactionManager::on_transaction_end(TxnId txn) {
  graph_->end(txn);
  graph_->on_transaction_end(txn);
}

std::unique_ptr<Transaction> TransactionManager::begin(Backend& backend, Isolation isolation) {
  std::unique_ptr<Transaction> transaction(new Transaction(*this, backend, isolation));
  transaction->finished_ = true;  // until it has begun
  engine_.begin(transaction->context_);
  transaction->finished_ = false;
  graph_->begin(transaction->id(), backend);
  return transaction;
}

// Behind the storage's part: hooks and locks.
void TransactionManager::finish(Transaction& transaction, bool committed) {
  if (committed) {
    for (auto& hook : transaction.commit_hooks_) hook();
  } else {
    while (!transaction.abort_hooks_.empty()) {
      auto hook = std::move(transaction.abort_hooks_.back());
      transaction.abort_hooks_.pop_back();
      hook();
    }
  }
  locks_->release_transaction(transaction.backend_, 0);
}

void TransactionManager::abort(Transaction& transaction) {
  transaction.detach();
  engine_.rollback(std::move(transaction.context_));
  finish(transaction, false);
}

void TransactionManager::rollback(std::unique_ptr<Transaction> transaction) { abort(*transaction); }

void TransactionManager::commit_async(std::unique_ptr<Transaction> transaction, bool synchronous,
                                      std::function<void(const StorageError* error)> done) {
  storage::Engine::CommitOptions options;
  options.synchronous = synchronous;
  if (!transaction->publish_hooks_.empty()) {
    options.on_publish = [hooks = std::move(transaction->publish_hooks_)](Timestamp ts) {
      for (const auto& hook : hooks) hook(ts);
    };
  }
  transaction->detach();
  storage::TxnContext context = std::move(transaction->context_);
  std::shared_ptr<Transaction> shared = std::move(transaction);
  options.on_done = [this, shared, done = std::move(done)](const StorageError* error) {
    finish(*shared, error == nullptr);
    done(error);
  };
  shared.reset();
  engine_.commit(std::move(context), std::move(options));
}

namespace {

struct Completion {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::optional<StorageError> error;
};

}  // namespace

void TransactionManager::commit(std::unique_ptr<Transaction> transaction, bool synchronous) {
  auto completion = std::make_shared<Completion>();
  commit_async(std::move(transaction), synchronous, [completion](const StorageError* error) {
    std::lock_guard guard(completion->mutex);
    completion->done = true;
    if (error != nullptr) completion->error.emplace(*error);
    completion->changed.notify_one();
  });
  std::unique_lock guard(completion->mutex);
  if (!completion->done) {
    os::ThreadPool::BlockingScope blocking;
    completion->changed.wait(guard, [&] { return completion->done; });
  }
  if (completion->error) throw StorageError(*completion->error);
}

void TransactionManager::wait_for(Transaction& transaction, TxnId holder) {
  graph_->wait_for(transaction.backend_, holder);
}

TransactionManager::RowTurn::RowTurn(TransactionManager& manager, Transaction& transaction, TableId table, RowId row)
    : locks_(*manager.locks_), backend_(transaction.backend_), tag_(LockTag::tuple(table, row)) {
  locks_.lock_row_turn(backend_, tag_);
}

TransactionManager::RowTurn::~RowTurn() { locks_.unlock_row_turn(backend_, tag_); }

storage::UniqueResult TransactionManager::insert_unique(Transaction& transaction, storage::Index& index,
                                                        std::string_view key, RowId row) {
  for (;;) {
    storage::UniqueResult result = index.insert_unique(transaction.context_, key, row);
    if (result.outcome != storage::UniqueOutcome::Wait) return result;
    wait_for(transaction, result.holder);
  }
}

storage::UniqueResult TransactionManager::check_unique(Transaction& transaction, storage::Index& index,
                                                       std::string_view key, RowId row) {
  for (;;) {
    storage::UniqueResult result = index.check_unique(transaction.context_, key, row);
    if (result.outcome != storage::UniqueOutcome::Wait) return result;
    wait_for(transaction, result.holder);
  }
}

std::vector<TransactionManager::RunningTransaction> TransactionManager::running() const {
  std::vector<RunningTransaction> result;
  std::lock_guard guard(graph_->mutex);
  for (const Backend* backend : graph_->backends) {
    uint64_t txn = backend->state_->running_txn.load(std::memory_order_relaxed);
    if (txn != 0) result.push_back({TxnId(txn), backend->pid()});
  }
  return result;
}

}  // namespace aegis::txn
