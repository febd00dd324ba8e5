// How transactions end. A commit is: redo records, built without any lock; a place in the log, and for asynchronous
// commits publication, under commit_mutex_; for synchronous ones publication by the log writer once the records are
// durable; then its versions are stamped with the timestamp and its slot is given back.
#include <algorithm>

#include "aegis/base/error.h"
#include "engine/memory_engine.h"

namespace aegis::storage {

class CommitJob final : public PendingCommit {
 public:
  CommitJob(MemoryEngine& engine, TxnId txn, std::unique_ptr<WriteSet> writes, Engine::CommitOptions options)
      : engine_(engine), txn_(txn), writes_(std::move(writes)), options_(std::move(options)) {}

  void publish() override {
    engine_.apply_committed(*writes_);
    ts_ = engine_.transactions_.publish(txn_);
    if (options_.on_publish) options_.on_publish(ts_);
  }

  void finish(const StorageError* error) override {
    if (error != nullptr) {
      TxnContext txn;
      txn.id = txn_;
      txn.writes = std::move(writes_);
      return engine_.fail_commit(std::move(txn), options_, *error);
    }
    engine_.end_transaction(txn_);
    for (const WriteEntry& entry : writes_->entries) {
      if (entry.kind == WriteKind::Lock) {
        entry.table->unlock(entry, txn_);
      } else if (entry.table != nullptr) {
        entry.table->stamp(entry, txn_, ts_);
      }
    }
    writes_->release_memory();
    engine_.collector_.add(std::move(writes_), ts_);
    engine_.transactions_.release(txn_);
    if (options_.on_done) options_.on_done(nullptr);
  }

 private:
  MemoryEngine& engine_;
  TxnId txn_;
  Timestamp ts_ = 0;
  std::unique_ptr<WriteSet> writes_;
  Engine::CommitOptions options_;
};

void MemoryEngine::begin(TxnContext& txn) {
  txn.writes = std::make_unique<WriteSet>(&change_memory_);
  txn.command = 1;
  txn.id = transactions_.begin();
  running_.fetch_add(1, std::memory_order_relaxed);
}

bool MemoryEngine::has_writes(const TxnContext& txn) const {
  return std::any_of(txn.writes->entries.begin(), txn.writes->entries.end(),
                     [](const WriteEntry& entry) { return entry.kind != WriteKind::Lock; });
}

void MemoryEngine::end_transaction(TxnId txn) {
  running_.fetch_sub(1, std::memory_order_relaxed);
  if (auto* listener = listener_.load(std::memory_order_acquire)) listener->on_transaction_end(txn);
}

void MemoryEngine::commit(TxnContext&& txn, CommitOptions options) {
  TxnId id = txn.id;
  if (!has_writes(txn) && !options.on_publish) {
    for (const WriteEntry& entry : txn.writes->entries) entry.table->unlock(entry, id);
    txn.writes.reset();
    transactions_.release(id);
    end_transaction(id);
    if (options.on_done) options.on_done(nullptr);
    return;
  }
  // Keeps what is still to be stamped from being collected.
  transactions_.register_snapshot(id);
  BatchBuilder batch;
  if (logging_) encode_redo(id, *txn.writes, directory_, batch);
  auto records = batch.finish();
  // A load is always synchronous: no checkpoint sees one that the log behind its redo position has as well, so the
  // files that recovery is told to load are there.
  bool loads = std::any_of(txn.writes->entries.begin(), txn.writes->entries.end(),
                           [](const WriteEntry& entry) { return entry.kind == WriteKind::Load; });
  bool synchronous = (options.synchronous || loads) && !records.empty();
  auto job = std::make_unique<CommitJob>(*this, id, std::move(txn.writes), std::move(options));
  auto append = [&] {
    if (synchronous) {
      log_->append(std::move(records), std::move(job));
    } else {
      if (log_ && !records.empty()) log_->append(std::move(records), nullptr);
      job->publish();
    }
  };
  try {
    with_room_in_log(records, append);
  } catch (const StorageError& error) {
    return job->finish(&error);
  }
  if (job) job->finish(nullptr);
}

template <typename F>
void MemoryEngine::with_room_in_log(const std::vector<std::string>& records, F&& append) {
  for (;;) {
    std::vector<uint64_t> missing;
    {
      std::lock_guard guard(commit_mutex_);
      if (log_) {
        if (log_->broken() != nullptr) throw StorageError(*log_->broken());
        missing = log_->missing_room(records);
      }
      if (missing.empty()) return append();
    }
    log_->make_room(missing);
  }
}

void MemoryEngine::put_metadata_now(uint32_t kind, std::string_view key, std::string_view bytes) {
  BatchBuilder batch;
  if (logging_) encode_put_metadata(batch.next(), kind, key, bytes);
  auto records = batch.finish();
  with_room_in_log(records, [&] {
    if (log_) log_->append(std::move(records), nullptr);
    metadata_[{kind, std::string(key)}] = bytes;
  });
}

// With commit_mutex_ held: what the transaction did to objects and metadata becomes the committed state.
void MemoryEngine::apply_committed(WriteSet& writes) {
  for (const auto& table : writes.tables) table->dirty.store(true, std::memory_order_relaxed);
  if (!writes.changes_objects) return;
  for (const WriteEntry& entry : writes.entries) {
    switch (entry.kind) {
      case WriteKind::CreateTable:
      case WriteKind::AddColumn:
      case WriteKind::DropColumn:
      case WriteKind::SetCompression: {
        if (!entry.table->logged()) break;
        CommittedTable& committed = committed_[entry.table->id()];
        committed.table = entry.table->shared_from_this();
        committed.layout = &entry.table->layout();
        break;
      }
      case WriteKind::DropTable:
        committed_.erase(entry.table->id());
        remove_table(entry.table->id());
        break;
      case WriteKind::DropIndex: remove_index(writes.indexes[entry.object]->definition().id); break;
      case WriteKind::PutMetadata: {
        auto& item = writes.metadata[entry.object];
        metadata_[{item.kind, item.key}] = item.bytes;
        break;
      }
      case WriteKind::RemoveMetadata: {
        auto& item = writes.metadata[entry.object];
        metadata_.erase({item.kind, item.key});
        break;
      }
      case WriteKind::Insert:
      case WriteKind::Update:
      case WriteKind::Delete:
      case WriteKind::Lock:
      case WriteKind::Load:
      case WriteKind::LoadIndex: break;
      case WriteKind::CreateIndex: writes.indexes[entry.object]->committed = true; break;
    }
  }
}

void MemoryEngine::fail_commit(TxnContext&& txn, const CommitOptions& options, const StorageError& error) {
  rollback(std::move(txn));
  if (options.on_done) options.on_done(&error);
}

void MemoryEngine::undo_object(const WriteEntry& entry, WriteSet& writes) {
  switch (entry.kind) {
    case WriteKind::CreateTable: remove_table(entry.table->id()); break;
    case WriteKind::AddColumn:
    case WriteKind::DropColumn:
    case WriteKind::SetCompression: entry.table->restore_layout(entry.layout); break;
    case WriteKind::CreateIndex: remove_index(writes.indexes[entry.object]->definition().id); break;
    default: break;
  }
}

void MemoryEngine::undo(TxnContext& txn, uint64_t mark) {
  auto& entries = txn.writes->entries;
  while (entries.size() > mark) {
    WriteEntry& entry = entries.back();
    switch (entry.kind) {
      case WriteKind::Insert:
      case WriteKind::Update:
      case WriteKind::Delete:
      case WriteKind::Lock: txn.writes->discharge(entry.table->undo(entry, txn.id)); break;
      case WriteKind::Load: undo_load(*entry.table, entry.row); break;
      case WriteKind::LoadIndex: {
        auto& loaded = txn.writes->index_files[entry.object];
        loaded.index->retract(loaded.files);
        break;
      }
      default: undo_object(entry, *txn.writes); break;
    }
    entries.pop_back();
  }
}

void MemoryEngine::rollback(TxnContext&& txn) {
  TxnId id = txn.id;
  if (!txn.writes->entries.empty()) {
    // Undoing follows pointers like any reader.
    transactions_.register_snapshot(id);
    undo(txn, 0);
  }
  txn.writes.reset();
  transactions_.abort(id);
  transactions_.release(id);
  end_transaction(id);
}

uint64_t MemoryEngine::mark(const TxnContext& txn) const { return txn.writes->entries.size(); }

void MemoryEngine::rollback_to(TxnContext& txn, uint64_t mark) { undo(txn, mark); }

}  // namespace aegis::storage
