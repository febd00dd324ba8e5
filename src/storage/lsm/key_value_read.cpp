// How a KeyValueStore is read.
#include "lsm/key_value_store.h"

#include "aegis/base/error.h"

namespace aegis::storage {

using lsm::Direction;
using lsm::EntryKind;

class KeyValueTree::HeldSnapshot final : public Snapshot {
 public:
  HeldSnapshot(KeyValueTree& tree) : tree_(tree) {
    std::lock_guard guard(tree_.snapshots_mutex_);
    sequence_ = tree_.last_sequence_.load(std::memory_order_acquire);
    tree_.snapshots_.insert(sequence_);
  }
  ~HeldSnapshot() override {
    std::lock_guard guard(tree_.snapshots_mutex_);
    tree_.snapshots_.erase(tree_.snapshots_.find(sequence_));
  }
  uint64_t sequence() const override { return sequence_; }

 private:
  KeyValueTree& tree_;
  uint64_t sequence_;
};

class KeyValueTree::ScanCursor final : public Cursor {
 public:
  ScanCursor(const ValueLog& values, std::shared_ptr<const State> state, std::shared_ptr<const Snapshot> snapshot,
             Range range)
      : values_(values), state_(std::move(state)), snapshot_(std::move(snapshot)), range_(std::move(range)),
        cursor_(make_cursor(), snapshot_->sequence()) {
    const auto& start = range_.backward ? range_.upper : range_.lower;
    std::string_view bound = start ? std::string_view(*start) : std::string_view();
    cursor_.seek(start ? &bound : nullptr);
  }
  bool valid() const override {
    if (!cursor_.valid()) return false;
    if (range_.backward) return !range_.lower || cursor_.key() >= *range_.lower;
    return !range_.upper || cursor_.key() < *range_.upper;
  }
  const std::string& key() const override { return cursor_.key(); }
  const std::string& value() const override {
    if (cursor_.kind() != EntryKind::Pointer) return cursor_.value();
    ValuePointer pointer;
    // The snapshot keeps the file.
    if (!pointer.decode(cursor_.value()) || !values_.read(pointer, value_)) throw_corrupted_block(values_.path_of(pointer.file), pointer.offset);
    return value_;
  }
  void advance() override { cursor_.advance(); }

 private:
  std::unique_ptr<lsm::MergeCursor> make_cursor() const {
    Direction direction = range_.backward ? Direction::Backward : Direction::Forward;
    std::vector<std::unique_ptr<lsm::EntryCursor>> sources;
    sources.push_back(state_->active->table->cursor(direction));
    for (const auto& part : state_->frozen) sources.push_back(part->table->cursor(direction));
    for (const lsm::Run& run : state_->version->runs) {
      sources.push_back(std::make_unique<lsm::RunCursor>(run.files, lsm::KeyOrder(), direction));
    }
    return std::make_unique<lsm::MergeCursor>(std::move(sources), lsm::KeyOrder(), direction);
  }

  const ValueLog& values_;
  mutable std::string value_;  // from the value log
  std::shared_ptr<const State> state_;
  std::shared_ptr<const Snapshot> snapshot_;
  Range range_;
  lsm::VisibleCursor cursor_;
};

std::shared_ptr<const KeyValueStore::Snapshot> KeyValueTree::snapshot() { return std::make_shared<HeldSnapshot>(*this); }

std::unique_ptr<KeyValueStore::Cursor> KeyValueTree::scan(const Range& range, std::shared_ptr<const Snapshot> snapshot) {
  // The snapshot comes first: a compaction after the state was taken must not have lost what it sees.
  if (!snapshot) snapshot = this->snapshot();
  return std::make_unique<ScanCursor>(*values_, state(), std::move(snapshot), range);
}

bool KeyValueTree::find(std::string_view key, uint64_t sequence, EntryKind& kind, std::string& bytes) const {
  UseGate::Scope use(readers_);
  // The state before the sequence: what is compacted meanwhile is in the state still.
  const State& state = *shown_.load(std::memory_order_seq_cst);
  if (sequence == lsm::kMaxSequence) sequence = last_sequence_.load(std::memory_order_acquire);
  tree_->read_counts().add(lsm::ReadCounts::Gets);
  auto take = [&](const auto& found) {
    kind = found->kind;
    bytes.assign(found->value);
    return true;
  };
  if (auto entry = state.active->table->get(key, sequence)) return take(entry);
  for (const auto& part : state.frozen) {
    if (auto entry = part->table->get(key, sequence)) return take(entry);
  }
  thread_local lsm::DataBlockReader reader;  // keeps its memory
  BlockRef block;
  uint64_t hash = lsm::filter_hash(key);
  for (const lsm::Run& run : state.version->runs) {
    const auto file = std::partition_point(run.files.begin(), run.files.end(), [&](const auto& f) {
      return f->meta().largest < key;
    });
    if (file == run.files.end()) continue;
    if (auto found = (*file)->get(key, hash, sequence, reader, block)) return take(found);
  }
  return false;
}

bool KeyValueTree::get(std::string_view key, std::string& value, const Snapshot* snapshot) {
  ValuePointer pointer;
  EntryKind kind;
  for (;;) {
    if (!find(key, snapshot != nullptr ? snapshot->sequence() : lsm::kMaxSequence, kind, value)) return false;
    if (kind == EntryKind::Delete) return false;
    if (kind == EntryKind::Put) return true;
    ValuePointer before = pointer;
    if (!pointer.decode(value)) throw_corrupted_block(directory_, 0);
    if (values_->read(pointer, value)) return true;
    // Its file was cleaned meanwhile, and there is a newer entry now.
    if (snapshot != nullptr || pointer == before) throw_corrupted_block(directory_, pointer.offset);
  }
}

}  // namespace aegis::storage
