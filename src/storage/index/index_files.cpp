// How an index gets to disk: writers, flushes, compactions, bulk building, manifests.
#include <algorithm>

#include "aegis/base/error.h"
#include "coding.h"
#include "index/memory_index.h"
#include "index/tree_cursor.h"
#include "lsm/learned_index.h"

namespace aegis::storage {

void set_file_options(lsm::TreeOptions& options, const IndexFileOptions& wanted, const IndexFileOverrides& overrides) {
  options.filter = static_cast<lsm::FilterKind>(overrides.filter.value_or(wanted.filter));
  options.learned_index = overrides.learned_index.value_or(wanted.learned_index);
  options.style = static_cast<lsm::CompactionStyle>(overrides.compaction.value_or(wanted.compaction));
  options.compress = overrides.compress.value_or(wanted.compress);
}

MemoryIndex::MemoryIndex(const IndexDefinition& definition, MemoryTable& table, Reclaimer& reclaimer,
                         IndexStorage* storage)
    : definition_(definition), table_(table), reclaimer_(reclaimer), storage_(storage),
      read_columns_(definition.inputs) {
  for (const KeyColumn& column : definition.columns) read_columns_.push_back(column.column);
  if (storage != nullptr) {
    lsm::TreeOptions options = storage->tree;
    options.key_suffix = kRowSuffix;
    ::aegis::storage::set_file_options(options, storage->file_options(), definition.files);
    std::string directory = definition.directory.empty() ? storage->directory : storage->root + "/" + definition.directory;
    tree_ = std::make_unique<lsm::SstTree>(storage->files, storage->pool, directory, options,
                                           storage->numbers, &storage->budget);
  }
  auto state = std::make_unique<State>();
  state->active = make_memtable();
  state_ = state.release();
}

// Keys of inverted indexes may be prefixes of one another, which only the B+tree keeps apart; and only it gives memory
// back before there are files.
std::shared_ptr<IndexMemtable> MemoryIndex::make_memtable() const {
  auto kind = lsm::MemtableKind::BTree;
  if (tree_ != nullptr && !definition_.inverted) {
    auto wanted = definition_.files.memtable.value_or(storage_->file_options().memtable);
    switch (wanted) {
      case IndexFileOptions::Memtable::SkipList: kind = lsm::MemtableKind::SkipList; break;
      case IndexFileOptions::Memtable::Art: kind = lsm::MemtableKind::AdaptiveRadixTree; break;
      case IndexFileOptions::Memtable::BTree: break;
    }
  }
  return IndexMemtable::make(kind, reclaimer_);
}

lsm::MemtableKind MemoryIndex::memtable_kind() const {
  std::lock_guard guard(state_mutex_);
  return state().active->kind();
}

void MemoryIndex::set_file_options(const IndexFileOverrides& overrides) {
  if (!tree_) return;
  std::lock_guard guard(state_mutex_);
  definition_.files = overrides;
  refresh_file_options();
}

void MemoryIndex::use_file_options() {
  if (!tree_) return;
  std::lock_guard guard(state_mutex_);
  refresh_file_options();
}

void MemoryIndex::refresh_file_options() {
  lsm::TreeOptions options = tree_->options();
  ::aegis::storage::set_file_options(options, storage_->file_options(), definition_.files);
  tree_->set_options(options);
}

MemoryIndex::~MemoryIndex() { delete state_.load(); }

// --- Writing -----------------------------------------------------------------------------------------------

void MemoryIndex::insert(std::string_view key, RowId row) {
  UseGate::Scope scope(gate_);
  state().active->insert(key, row.value);
}

void MemoryIndex::erase(std::string_view key, RowId row) {
  UseGate::Scope scope(gate_);
  const State& state = this->state();
  if (state.is_single()) {
    state.active->btree()->erase(key, row.value);
  } else {
    state.active->insert(key, row.value, true);
  }
}

uint64_t MemoryIndex::entry_count() const {
  std::lock_guard guard(state_mutex_);
  const State& state = this->state();
  int64_t count = state.active->entry_count();
  for (const auto& tree : state.frozen) count += tree->entry_count();
  if (state.has_files()) {
    count += static_cast<int64_t>(state.files->entry_count()) - static_cast<int64_t>(state.files->tombstone_count());
  }
  return static_cast<uint64_t>(std::max<int64_t>(0, count));
}

size_t MemoryIndex::memory_bytes() const {
  std::lock_guard guard(state_mutex_);
  const State& state = this->state();
  size_t bytes = state.active->size_bytes();
  for (const auto& tree : state.frozen) bytes += tree->size_bytes();
  return bytes;
}

uint64_t MemoryIndex::memory_entries() const {
  std::lock_guard guard(state_mutex_);
  const State& state = this->state();
  int64_t count = state.active->entry_count();
  for (const auto& tree : state.frozen) count += tree->entry_count();
  return static_cast<uint64_t>(std::max<int64_t>(0, count));
}

uint64_t MemoryIndex::size_bytes() const { return memory_bytes() + (tree_ ? tree_->version()->size_bytes() : 0); }

// --- Files -------------------------------------------------------------------------------------------------

template <typename F>
void MemoryIndex::change_state(F&& change) {
  std::lock_guard guard(state_mutex_);
  auto next = std::make_unique<State>(state());
  change(*next);
  next->files = tree_->version();
  std::unique_ptr<const State> before(state_.exchange(next.release(), std::memory_order_seq_cst));
  // From here on nobody writes to a tree that was active before.
  gate_.wait();
}

// With flush_mutex_ held.
bool MemoryIndex::flush_oldest() {
  std::shared_ptr<IndexMemtable> table;
  bool bottom;
  {
    std::lock_guard guard(state_mutex_);
    const State& state = this->state();
    if (state.frozen.empty()) return false;
    table = state.frozen.back();
    bottom = !state.has_files();
  }
  lsm::RunWriter out(*tree_, false);
  lsm::Survivors survivors(lsm::kMaxSequence, bottom);
  auto cursor = table->cursor(lsm::Direction::Forward);
  for (cursor->seek(nullptr); cursor->valid(); cursor->advance()) {
    if (survivors.keep(cursor->entry())) out.add(cursor->entry());
  }
  tree_->add_run(out);
  change_state([](State& state) { state.frozen.pop_back(); });
  return true;
}

void MemoryIndex::flush_all() {
  bool empty;
  {
    std::lock_guard guard(state_mutex_);
    empty = state().active->empty();
  }
  if (!empty) {
    change_state([&](State& state) {
      state.frozen.insert(state.frozen.begin(), state.active);
      state.active = make_memtable();
    });
  }
  while (flush_oldest()) {
  }
}

void MemoryIndex::flush() {
  if (!tree_) return;
  std::lock_guard one_at_a_time(flush_mutex_);
  flush_all();
}

bool MemoryIndex::compact() {
  if (!tree_ || !tree_->needs_compaction() || !tree_->compact_once()) return false;
  change_state([](State&) {});
  return true;
}

lsm::TreeStats MemoryIndex::tree_stats() const { return tree_ ? tree_->stats() : lsm::TreeStats(); }

std::shared_ptr<const lsm::Version> MemoryIndex::files() const { return tree_ ? tree_->version() : nullptr; }

std::string MemoryIndex::fingerprint(const IndexDefinition& definition) {
  std::string out;
  if (definition.compute) return out;
  put_varint(out, definition.table.value);
  for (const KeyColumn& column : definition.columns) {
    put_varint(out, column.column);
    out.push_back(static_cast<char>(column.type));
    out.push_back(static_cast<char>(column.kind));
    out.push_back(static_cast<char>((column.descending ? 1 : 0) | (column.nulls_first ? 2 : 0)));
  }
  return out;
}

void MemoryIndex::open(std::string_view files, const std::string& source) {
  tree_->open(files, source);
  change_state([](State&) {});
}

std::string MemoryIndex::checkpoint(std::shared_ptr<const lsm::Version>& version) {
  if (!tree_ || !complete || definition_.compute) return {};
  std::lock_guard one_at_a_time(flush_mutex_);
  {
    std::lock_guard guard(state_mutex_);
    if (state().is_one() && state().active->size_bytes() < storage_->small_bytes) return {};
  }
  flush_all();
  version = tree_->version();
  return lsm::SstTree::encode(*version);
}

void MemoryIndex::checkpointed(std::shared_ptr<const lsm::Version> version) { tree_->pin(std::move(version)); }

void MemoryIndex::abandon() {
  if (tree_) tree_->abandon();
}

// --- Loads -------------------------------------------------------------------------------------------------

std::vector<std::shared_ptr<lsm::SstFile>> MemoryIndex::publish(std::span<const std::unique_ptr<lsm::RunWriter>> runs,
                                                                RunFiles& run_files, std::unique_ptr<Others>& others) {
  std::vector<std::unique_lock<std::mutex>> latches;
  for (std::mutex& latch : key_latches_) latches.emplace_back(latch);
  others = std::make_unique<Others>();
  {
    std::lock_guard guard(state_mutex_);
    others->state = state();
  }
  std::vector<std::shared_ptr<lsm::SstFile>> files;
  for (const auto& run : runs) {
    run_files.push_back(tree_->add_run(*run, runs.size() == 1));
    files.insert(files.end(), run_files.back().begin(), run_files.back().end());
  }
  change_state([](State&) {});
  return files;
}

void MemoryIndex::retract(const std::vector<std::shared_ptr<lsm::SstFile>>& files) {
  tree_->remove_files(files);
  change_state([](State&) {});
}

// --- Building ----------------------------------------------------------------------------------------------

void MemoryIndex::Builder::add(std::string_view key, RowId row) {
  std::string_view copy = keys_.copy(key);
  items_.push_back({lsm::number_of(key, 0), copy.data(), static_cast<uint32_t>(copy.size()), row.value});
  bytes_ += key.size() + sizeof(Item);
  if (index_.tree_ && bytes_ >= index_.storage_->sort_bytes) write_run(false);
}

void MemoryIndex::Builder::sort() {
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    int order = std::string_view(a.bytes, a.size).compare({b.bytes, b.size});
    return order != 0 ? order < 0 : a.row < b.row;
  });
}

void MemoryIndex::Builder::write_run(bool bulk) {
  sort();
  lsm::RunWriter out(*index_.tree_, false);
  lsm::Survivors survivors(lsm::kMaxSequence, false);
  std::string key;
  for (const Item& item : items_) {
    key.assign(item.bytes, item.size);
    append_row(key, item.row);
    lsm::Entry entry{key, 0, lsm::EntryKind::Put, {}};
    if (survivors.keep(entry)) out.add(entry);
  }
  index_.tree_->add_run(out, bulk);
  items_.clear();
  keys_.reset();
  bytes_ = 0;
  ++runs_;
}

void MemoryIndex::Builder::finish() {
  if (!index_.tree_ || (runs_ == 0 && bytes_ < index_.storage_->small_bytes)) {
    sort();
    for (const Item& item : items_) index_.insert({item.bytes, item.size}, RowId(item.row));
    return;
  }
  if (!items_.empty()) write_run(runs_ == 0);
  if (runs_ > 1) index_.tree_->compact_all();
  index_.change_state([](State&) {});
}

}  // namespace aegis::storage
