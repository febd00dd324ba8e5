// Values apart from their keys: reading them, and cleaning the value log.
#include "aegis/base/error.h"
#include "lsm/key_value_store.h"

namespace aegis::storage {

using lsm::EntryKind;

void KeyValueTree::drop(const lsm::Entry& entry) {
  ValuePointer pointer;
  if (entry.kind == EntryKind::Pointer && pointer.decode(entry.value)) values_->add_garbage(pointer);
}

bool KeyValueTree::is_live(std::string_view key, const ValuePointer& pointer) const {
  EntryKind kind;
  std::string bytes;
  ValuePointer now;
  return find(key, lsm::kMaxSequence, kind, bytes) && kind == EntryKind::Pointer && now.decode(bytes) && now == pointer;
}

// Writes a file's live values anew, as ordinary writes, then lets the file go when no snapshot is left that may have
// pointers into it. An entry that points to it after that is hidden by a newer one.
bool KeyValueTree::collect_values() {
  std::lock_guard one_at_a_time(collect_mutex_);
  auto number = values_->collectable(options_.value_garbage_ratio);
  if (number) {
    std::string value;
    bool whole = values_->for_each(*number, [&](std::string_view key, const ValuePointer& pointer) {
      if (!is_live(key, pointer)) return;
      values_->read(pointer, value);
      budget_.spend(value.size());
      KeyValueBatch batch;
      batch.put(key, value);
      std::lock_guard guard(write_mutex_);
      if (is_live(key, pointer)) write_locked(batch.bytes_, false);
    });
    {
      std::lock_guard guard(write_mutex_);
      if (log_) use_log([&] { sync_logs(); });
    }
    if (!log_) flush();
    if (!whole) {
      // Damaged, or torn by a crash: what is live behind that is not known.
      values_->keep(*number);
      return true;
    }
    values_->retire(*number, last_sequence_.load(std::memory_order_acquire));
  }
  values_->remove_retired(oldest_sequence());
  return number.has_value();
}

}  // namespace aegis::storage
