// The KeyValueStore. Files in its directory: MANIFEST (replaced atomically), <n>.log, <n>.sst, <n>.vlog. The value log is
// synced before the log is: what a durable log points to is durable.
//
// Writers take turns under write_mutex_, which orders the log, the memtable and sequences; readers pass a gate and use the
// present State without a lock. Who has to sync does so outside of write_mutex_, one for all who wait; a record that says
// up to where the value log is durable goes before the log's own sync. Lock order: flush_mutex_, write_mutex_,
// manifest_mutex_, state_mutex_.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "aegis/base/error.h"
#include "aegis/os/file_system.h"
#include "aegis/storage/key_value.h"
#include "use_gate.h"
#include "lsm/io_budget.h"
#include "lsm/key_value_log.h"
#include "lsm/memtable.h"
#include "lsm/sst_tree.h"
#include "vlog/value_log.h"

namespace aegis::storage {

class KeyValueTree final : public KeyValueStore {
 public:
  KeyValueTree(os::FileSystem& files, std::string directory, const KeyValueOptions& options);
  ~KeyValueTree() override;
  void start();

  std::shared_ptr<const Snapshot> snapshot() override;
  void write(const KeyValueBatch& batch, WriteOptions options) override;
  bool get(std::string_view key, std::string& value, const Snapshot* snapshot) override;
  std::unique_ptr<Cursor> scan(const Range& range, std::shared_ptr<const Snapshot> snapshot) override;
  void flush() override;
  void compact(bool everything) override;
  void verify() override;
  KeyValueStats stats() const override;

 private:
  class HeldSnapshot;
  class ScanCursor;
  // A memtable and the log that has its entries.
  struct Part {
    std::unique_ptr<lsm::Memtable> table;
    uint64_t log_number = 0;
  };
  // Locks a mutex that is held for short whiles only.
  class ShortLock;
  struct State {
    std::shared_ptr<Part> active;
    std::vector<std::shared_ptr<Part>> frozen;  // newest first
    std::shared_ptr<const lsm::Version> version;
  };

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string log_path(uint64_t number) const;
  std::shared_ptr<const State> state() const;
  // Replaces the state by a copy with the present version that `change` has worked on.
  template <typename F>
  void change_state(F&& change);
  void recover();
  void replay(uint64_t log_number, const ValuePointer& durable, std::string& torn);
  bool values_are_there(std::string_view batch, const ValuePointer& durable) const;
  ValuePointer last_durable(const std::vector<uint64_t>& logs) const;
  bool apply(std::string_view batch, uint64_t sequence, lsm::Memtable& table, uint64_t& count);
  void write_manifest();
  // Returns the last sequence.
  uint64_t write_locked(std::string_view batch, bool synchronous);
  std::shared_ptr<Part> new_part() const;
  void sync_through(uint64_t sequence);
  void sync_now();
  void sync_in_background();
  bool has_room();
  std::string_view separate(std::string_view batch);
  void note_durable_values();
  void sync_logs();
  // What the tree has of a key, a value or a pointer to one; false: nothing.
  bool find(std::string_view key, uint64_t sequence, lsm::EntryKind& kind, std::string& bytes) const;
  bool is_live(std::string_view key, const ValuePointer& pointer) const;
  // Cleans one file of the value log; false if none needs it.
  bool collect_values();
  void drop(const lsm::Entry& entry);
  void wait_for_room();
  void freeze();
  bool flush_one();
  uint64_t oldest_sequence() const;
  void flush_in_background();
  void compact_in_background();
  template <typename F>
  void attempt(F&& work);
  template <typename F>
  void use_log(F&& work);

  os::FileSystem& files_;
  const std::string directory_;
  const KeyValueOptions options_;
  const bool logging_;
  std::unique_ptr<BufferPool> pool_;
  lsm::IoBudget budget_;
  std::atomic<uint64_t> numbers_{1};
  std::unique_ptr<lsm::SstTree> tree_;
  std::unique_ptr<ValueLog> values_;
  std::mutex collect_mutex_;
  std::atomic<uint64_t> value_bytes_{0};

  std::mutex sync_mutex_;  // guards the next two
  std::condition_variable sync_done_;
  bool syncing_ = false;
  uint64_t synced_sequence_ = 0;
  std::atomic<uint64_t> unsynced_bytes_{0};

  std::mutex write_mutex_;
  std::unique_ptr<lsm::KeyValueLog> log_;
  ValuePointer noted_durable_;  // what the log says, guarded by write_mutex_
  Part* active_ = nullptr;  // the state's
  std::string record_;
  std::string separated_;
  std::string broken_;  // why the log can't be written any more: what follows would be lost at recovery
  std::atomic<uint64_t> last_sequence_{0};
  std::atomic<uint64_t> user_bytes_{0};
  std::atomic<uint64_t> log_bytes_{0};

  mutable std::mutex state_mutex_;
  std::shared_ptr<const State> state_;
  std::atomic<const State*> shown_{nullptr};  // state_, for those who are in the gate
  mutable UseGate readers_;
  mutable std::mutex snapshots_mutex_;
  std::multiset<uint64_t> snapshots_;

  std::mutex manifest_mutex_;
  std::mutex flush_mutex_;
  uint64_t first_log_ = 0;  // guarded by manifest_mutex_: logs before hold nothing that files do not

  mutable std::mutex background_mutex_;
  std::condition_variable flush_wake_;
  std::condition_variable compact_wake_;
  std::condition_variable room_;
  bool stopping_ = false;
  std::string failure_;  // of the last background work, empty if it went well
  Sqlstate failure_state_{};
  std::condition_variable sync_wake_;
  std::thread syncer_;
  std::thread flusher_;
  std::thread compactor_;
};

// With write_mutex_ held. After a failure nobody knows what the log has.
template <typename F>
void KeyValueTree::use_log(F&& work) {
  if (!broken_.empty()) throw StorageError(Sqlstate::IoError, broken_);
  try {
    work();
  } catch (const std::exception& error) {
    broken_ = error.what();
    throw;
  }
}

}  // namespace aegis::storage
