#include "lsm/key_value_store.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "coding.h"

namespace aegis::storage {

using lsm::Entry;
using lsm::EntryKind;

namespace {

constexpr uint32_t kManifestMagic = 0x564b4741;  // "AGKV"
constexpr uint32_t kFormatVersion = 3;
constexpr size_t kMaxFrozen = 2;
constexpr size_t kMaxRunsAtLevel0 = 20;
// So much is synced ahead of the sync that a full memtable waits for.
constexpr uint64_t kSyncAheadBytes = 16 << 20;
constexpr size_t kMaxKeptBatchBytes = 1 << 20;

lsm::TreeOptions tree_options(const KeyValueOptions& options, bool sync) {
  lsm::TreeOptions tree;
  tree.block_bytes = options.block_bytes;
  tree.file_bytes = options.file_bytes;
  tree.compress = options.compress;
  tree.filter = static_cast<lsm::FilterKind>(options.filter);
  tree.learned_index = options.learned_index;
  tree.style = static_cast<lsm::CompactionStyle>(options.compaction);
  tree.runs_at_level_0 = options.runs_at_level_0;
  tree.level_ratio = options.level_ratio;
  tree.level_1_bytes = options.level_1_bytes;
  tree.sync = sync;
  return tree;
}

}  // namespace

// --- Batches: kind, key, and for puts the value -------------------------------------------------------------

void KeyValueBatch::put(std::string_view key, std::string_view value) {
  bytes_.push_back(static_cast<char>(EntryKind::Put));
  put_bytes(bytes_, key);
  put_bytes(bytes_, value);
  ++count_;
}

void KeyValueBatch::remove(std::string_view key) {
  bytes_.push_back(static_cast<char>(EntryKind::Delete));
  put_bytes(bytes_, key);
  ++count_;
}

void KeyValueBatch::clear() {
  bytes_.clear();
  count_ = 0;
}

void KeyValueStore::put(std::string_view key, std::string_view value) {
  thread_local KeyValueBatch batch;  // keeps its memory
  batch.clear();
  batch.put(key, value);
  write(batch);
  if (batch.bytes_.capacity() > kMaxKeptBatchBytes) batch = {};
}

void KeyValueStore::remove(std::string_view key) {
  KeyValueBatch batch;
  batch.remove(key);
  write(batch);
}

std::unique_ptr<KeyValueStore> KeyValueStore::open(os::FileSystem& files, const std::string& directory,
                                                   const KeyValueOptions& options) {
  auto store = std::make_unique<KeyValueTree>(files, directory, options);
  store->start();
  return store;
}

// --- Opening -----------------------------------------------------------------------------------------------

KeyValueTree::KeyValueTree(os::FileSystem& files, std::string directory, const KeyValueOptions& options)
    : files_(files), directory_(std::move(directory)), options_(options), logging_(options.log && !files.is_volatile()),
      pool_(std::make_unique<BufferPool>(BufferPool::Options{options.cache_bytes})),
      budget_(options.compaction_bytes_per_second) {
  tree_ = std::make_unique<lsm::SstTree>(files_, *pool_, directory_, tree_options(options, options.fsync), numbers_,
                                         &budget_);
  values_ = std::make_unique<ValueLog>(files_, *pool_, directory_, ValueLog::Options{options.value_file_bytes, options.fsync});
  tree_->on_drop = [this](const Entry& entry) { drop(entry); };
}

KeyValueTree::~KeyValueTree() {
  {
    std::lock_guard guard(background_mutex_);
    stopping_ = true;
    flush_wake_.notify_all();
    compact_wake_.notify_all();
    sync_wake_.notify_all();
    room_.notify_all();
  }
  budget_.stop();
  if (syncer_.joinable()) syncer_.join();
  if (flusher_.joinable()) flusher_.join();
  if (compactor_.joinable()) compactor_.join();
  try {
    if (log_ && broken_.empty()) {
      values_->write_out();
      log_->write_out();
    }
  } catch (const std::exception& error) {
    log_line(LogLevel::Error, fmt::format("could not write log in \"{}\": {}", directory_, error.what()));
  }
  state_.reset();
}

void KeyValueTree::start() {
  recover();
  if (!options_.background) return;
  flusher_ = std::thread([this] { flush_in_background(); });
  compactor_ = std::thread([this] { compact_in_background(); });
  if (logging_ && options_.fsync) syncer_ = std::thread([this] { sync_in_background(); });
}

std::string KeyValueTree::log_path(uint64_t number) const { return path(fmt::format("{:08}.log", number)); }

void KeyValueTree::recover() {
  std::string manifest_path = path("MANIFEST");
  if (files_.exists(manifest_path)) {
    std::string bytes = files_.read_file(manifest_path);
    std::string_view in = bytes;
    uint32_t magic = 0, format = 0, crc = 0;
    uint64_t next = 0, sequence = 0;
    std::string_view tree, values;
    bool good = in.size() > sizeof crc;
    if (good) {
      std::memcpy(&crc, in.data() + in.size() - sizeof crc, sizeof crc);
      in.remove_suffix(sizeof crc);
      good = crc == crc32c(in.data(), in.size()) && get_fixed(in, magic) && magic == kManifestMagic &&
             get_fixed(in, format) && format == kFormatVersion && get_varint(in, next) && get_varint(in, sequence) &&
             get_varint(in, first_log_) && get_bytes(in, tree) && get_bytes(in, values) && in.empty();
    }
    if (!good || !values_->open(values)) throw_corrupted_block(manifest_path, 0);
    numbers_ = next;
    last_sequence_ = sequence;
    tree_->open(tree, manifest_path);
  } else {
    values_->open({});
  }
  tree_->remove_strangers();
  change_state([this](State& state) {
    state.active = new_part();
    active_ = state.active.get();
  });
  std::vector<uint64_t> logs;
  for (const std::string& name : files_.list(directory_)) {
    uint64_t number;
    auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || std::string_view(end, name.data() + name.size() - end) != ".log") continue;
    if (number < first_log_) {
      files_.remove(path(name));
    } else {
      logs.push_back(number);
    }
  }
  std::string torn;
  ValuePointer durable = last_durable(logs);
  for (uint64_t number : logs) {
    replay(number, durable, torn);
    numbers_ = std::max(numbers_.load(), number + 1);
  }
  // What was replayed goes to files, so that the logs can go.
  std::lock_guard guard(write_mutex_);
  freeze();
  while (flush_one()) {
  }
  write_manifest();
  for (uint64_t number : logs) files_.remove(log_path(number));
}

// Up to where the value log was durable at the end, as far as the logs know.
ValuePointer KeyValueTree::last_durable(const std::vector<uint64_t>& logs) const {
  ValuePointer last;
  for (uint64_t number : logs) {
    lsm::KeyValueLog::read(files_, log_path(number), [&](std::string_view payload) {
      uint64_t sequence;
      ValuePointer durable;
      if (!get_fixed(payload, sequence) || !get_varint(payload, durable.file) || !get_varint(payload, durable.offset)) return;
      if (std::pair(durable.file, durable.offset) > std::pair(last.file, last.offset)) last = durable;
    });
  }
  return last;
}

// A log is synced before the next one gets its first record. `torn`: the one that ends too early, if any.
void KeyValueTree::replay(uint64_t log_number, const ValuePointer& durable, std::string& torn) {
  std::string name = log_path(log_number);
  auto& table = *state()->active->table;
  bool good = true;
  bool lost = false;  // values of writes that were never acknowledged as durable
  bool whole = lsm::KeyValueLog::read(files_, name, [&](std::string_view payload) {
    uint64_t sequence = 0, count = 0, file, offset;
    if (lost || !good) return;
    good = torn.empty() && get_fixed(payload, sequence) && get_varint(payload, file) && get_varint(payload, offset);
    if (!good) return;
    lost = !values_are_there(payload, durable);
    if (lost) return;
    good = apply(payload, sequence, table, count);
    if (good) last_sequence_ = std::max<uint64_t>(last_sequence_, sequence + count - 1);
  });
  if (!good) throw_corrupted_block(torn.empty() ? name : torn, 0);
  if (!whole || lost) torn = name;
}

// False when a value is missing that may be; throws when it may not.
bool KeyValueTree::values_are_there(std::string_view batch, const ValuePointer& durable) const {
  uint8_t kind = 0;
  std::string_view key, bytes;
  std::string value;
  while (get_fixed(batch, kind) && get_bytes(batch, key)) {
    if (static_cast<EntryKind>(kind) == EntryKind::Delete) continue;
    if (!get_bytes(batch, bytes)) return true;  // apply() finds out
    if (static_cast<EntryKind>(kind) != EntryKind::Pointer) continue;
    ValuePointer pointer;
    if (!pointer.decode(bytes)) return true;
    bool may_miss = std::pair(pointer.file, pointer.offset + pointer.length) > std::pair(durable.file, durable.offset);
    try {
      // When the file is gone, a later record has the value anew.
      values_->read(pointer, value);
    } catch (const StorageError& error) {
      if (!may_miss || error.sqlstate() != Sqlstate::DataCorrupted) throw;
      return false;
    }
  }
  return true;
}

// False if the batch is malformed.
bool KeyValueTree::apply(std::string_view batch, uint64_t sequence, lsm::Memtable& table, uint64_t& count) {
  count = 0;
  while (!batch.empty()) {
    uint8_t kind = 0;
    Entry entry;
    if (!get_fixed(batch, kind) || kind > 2 || !get_bytes(batch, entry.key)) return false;
    entry.kind = static_cast<EntryKind>(kind);
    if (entry.kind != EntryKind::Delete && !get_bytes(batch, entry.value)) return false;
    entry.sequence = sequence + count++;
    table.add(entry);
  }
  return true;
}

void KeyValueTree::write_manifest() {
  std::lock_guard guard(manifest_mutex_);
  auto version = tree_->version();
  if (!files_.is_volatile()) {
    std::string out;
    put_fixed(out, kManifestMagic);
    put_fixed(out, kFormatVersion);
    put_varint(out, numbers_.load());
    put_varint(out, last_sequence_.load());
    put_varint(out, first_log_);
    put_bytes(out, lsm::SstTree::encode(*version));
    put_bytes(out, values_->encode());
    put_fixed(out, crc32c(out.data(), out.size()));
    files_.write_file_atomically(path("MANIFEST"), out);
  }
  tree_->pin(version);
}

// --- State -------------------------------------------------------------------------------------------------

std::shared_ptr<const KeyValueTree::State> KeyValueTree::state() const {
  std::lock_guard guard(state_mutex_);
  return state_;
}

template <typename F>
void KeyValueTree::change_state(F&& change) {
  std::shared_ptr<const State> before;  // may be the last to hold much; goes after the lock
  std::lock_guard guard(state_mutex_);
  auto next = state_ ? std::make_shared<State>(*state_) : std::make_shared<State>();
  change(*next);
  next->version = tree_->version();
  before = std::move(state_);
  state_ = std::move(next);
  shown_.store(state_.get(), std::memory_order_seq_cst);
  readers_.wait();
}

std::shared_ptr<KeyValueTree::Part> KeyValueTree::new_part() const {
  auto part = std::make_shared<Part>();
  part->table = lsm::Memtable::make(static_cast<lsm::MemtableKind>(options_.memtable));
  return part;
}

uint64_t KeyValueTree::oldest_sequence() const {
  std::lock_guard guard(snapshots_mutex_);
  return snapshots_.empty() ? last_sequence_.load(std::memory_order_acquire) : *snapshots_.begin();
}

// --- Writing -----------------------------------------------------------------------------------------------

class KeyValueTree::ShortLock {
 public:
  explicit ShortLock(std::mutex& mutex) : mutex_(mutex) {
    for (int i = 0; i < kSpins; ++i) {
      if (mutex_.try_lock()) return;
      __builtin_ia32_pause();
    }
    mutex_.lock();
  }
  ~ShortLock() { mutex_.unlock(); }
  ShortLock(const ShortLock&) = delete;
  ShortLock& operator=(const ShortLock&) = delete;

 private:
  static constexpr int kSpins = 200;
  std::mutex& mutex_;
};

void KeyValueTree::write(const KeyValueBatch& batch, WriteOptions options) {
  if (batch.count_ == 0) return;
  if (options_.background) wait_for_room();
  uint64_t sequence;
  {
    ShortLock guard(write_mutex_);
    user_bytes_.store(user_bytes_.load(std::memory_order_relaxed) + batch.bytes_.size(), std::memory_order_relaxed);
    sequence = write_locked(batch.bytes_, options.synchronous);
  }
  if (options.synchronous && logging_ && options_.fsync) sync_through(sequence);
}

// One of those who wait syncs for all whose writes are in the log by then.
void KeyValueTree::sync_through(uint64_t sequence) {
  std::unique_lock guard(sync_mutex_);
  while (synced_sequence_ < sequence) {
    if (syncing_) {
      sync_done_.wait(guard);
      continue;
    }
    syncing_ = true;
    guard.unlock();
    std::exception_ptr failure;
    try {
      sync_now();
    } catch (...) {
      failure = std::current_exception();
    }
    guard.lock();
    syncing_ = false;
    sync_done_.notify_all();
    if (failure) std::rethrow_exception(failure);
  }
}

// Called by one at a time.
void KeyValueTree::sync_now() {
  ValueLog::SyncPoint values;
  uint64_t sequence;  // of what has its values in front of the point
  {
    ShortLock guard(write_mutex_);
    use_log([&] { values = values_->sync_point(); });
    sequence = last_sequence_.load(std::memory_order_relaxed);
  }
  std::shared_ptr<os::File> log;
  uint64_t log_bytes = 0;
  try {
    for (const auto& file : values.files) file->sync();
    {
      ShortLock guard(write_mutex_);
      use_log([&] {
        if (values) {
          values_->synced(values);
          note_durable_values();
        }
        log_->write_out();
      });
      log = log_->file();
      log_bytes = log_->size_bytes();
    }
    log->sync();
    ShortLock guard(write_mutex_);
    if (log_->file() == log) log_->synced(log_bytes);
  } catch (const std::exception& error) {
    ShortLock guard(write_mutex_);
    if (broken_.empty()) broken_ = error.what();
    throw;
  }
  unsynced_bytes_.store(0, std::memory_order_relaxed);
  std::lock_guard guard(sync_mutex_);
  synced_sequence_ = std::max(synced_sequence_, sequence);
}

// With write_mutex_ held: a record without entries.
void KeyValueTree::note_durable_values() {
  if (noted_durable_ == values_->durable()) return;
  record_.clear();
  put_fixed(record_, last_sequence_.load(std::memory_order_relaxed) + 1);
  put_varint(record_, values_->durable().file);
  put_varint(record_, values_->durable().offset);
  log_->append(record_, {});
  noted_durable_ = values_->durable();
}

void KeyValueTree::sync_logs() {
  values_->sync();
  values_->write_out();
  if (!log_) return;
  // What is durable may not be missing at a start.
  if (options_.fsync) note_durable_values();
  if (options_.fsync) {
    log_->sync();
  } else {
    log_->write_out();
  }
}

// Moves large values to the value log; returns the batch with pointers in their place.
std::string_view KeyValueTree::separate(std::string_view batch) {
  size_t threshold = options_.value_separation_threshold;
  if (threshold == 0 || batch.size() < threshold) return batch;
  separated_.clear();
  for (std::string_view in = batch; !in.empty();) {
    uint8_t kind = 0;
    std::string_view key, value;
    get_fixed(in, kind);
    get_bytes(in, key);
    bool is_put = static_cast<EntryKind>(kind) == EntryKind::Put;
    if (is_put) get_bytes(in, value);
    if (is_put && value.size() >= threshold) {
      std::string bytes;
      ValuePointer pointer = values_->append(key, value);
      pointer.encode(bytes);
      value_bytes_.fetch_add(pointer.length, std::memory_order_relaxed);
      separated_.push_back(static_cast<char>(EntryKind::Pointer));
      put_bytes(separated_, key);
      put_bytes(separated_, bytes);
    } else {
      separated_.push_back(static_cast<char>(kind));
      put_bytes(separated_, key);
      if (is_put) put_bytes(separated_, value);
    }
  }
  return separated_;
}

// With write_mutex_ held.
uint64_t KeyValueTree::write_locked(std::string_view batch, bool synchronous) {
  uint64_t sequence = last_sequence_.load(std::memory_order_relaxed) + 1;
  uint64_t value_bytes = value_bytes_.load(std::memory_order_relaxed);
  std::string_view entries = separate(batch);
  if (log_) {
    use_log([&] {
      record_.clear();
      put_fixed(record_, sequence);
      put_varint(record_, values_->durable().file);
      put_varint(record_, values_->durable().offset);
      log_->append(record_, entries);
      // A full disk is found out before anybody sees the write.
      if (!synchronous) return;
      values_->write_out();
      log_->write_out();
    });
    uint64_t bytes = record_.size() + entries.size() + 8;
    log_bytes_.store(log_bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
    bytes += value_bytes_.load(std::memory_order_relaxed) - value_bytes;
    if (unsynced_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes > kSyncAheadBytes) sync_wake_.notify_one();
  }
  uint64_t count;
  bool good = apply(entries, sequence, *active_->table, count);
  AEGIS_CHECK(good);
  uint64_t last = sequence + count - 1;
  last_sequence_.store(last, std::memory_order_release);
  if (active_->table->size_bytes() >= options_.memtable_bytes) {
    freeze();
    flush_wake_.notify_one();
  }
  return last;
}

bool KeyValueTree::has_room() {
  UseGate::Scope use(readers_);
  const State& state = *shown_.load(std::memory_order_seq_cst);
  if (state.frozen.size() > kMaxFrozen) return false;
  size_t runs = 0;
  for (const lsm::Run& run : state.version->runs) {
    if (run.level > 0) break;
    ++runs;
  }
  return runs < kMaxRunsAtLevel0 + options_.runs_at_level_0;
}

// Writers wait while what they wrote before is being written out. Without write_mutex_, which cleaning the value log
// needs, and compaction waits for that.
void KeyValueTree::wait_for_room() {
  if (has_room()) return;
  std::unique_lock waiting(background_mutex_);
  while (!has_room()) {
    if (!failure_.empty()) throw StorageError(failure_state_, failure_);
    if (stopping_) return;
    room_.wait_for(waiting, std::chrono::milliseconds(50));
  }
}

// With write_mutex_ held: begins a new memtable.
void KeyValueTree::freeze() {
  auto part = new_part();
  std::unique_ptr<lsm::KeyValueLog> log;
  if (logging_) {
    part->log_number = numbers_++;
    log = std::make_unique<lsm::KeyValueLog>(files_, log_path(part->log_number));
    if (options_.fsync) files_.sync_directory(directory_);
  }
  // A later log may only have records if this one is whole, and files only pointers to what is there.
  use_log([&] { sync_logs(); });
  log_ = std::move(log);
  noted_durable_ = {};
  change_state([&](State& state) {
    state.frozen.insert(state.frozen.begin(), state.active);
    state.active = part;
  });
  active_ = part.get();
}

// Writes the oldest frozen memtable as a run of files; false if there is none.
bool KeyValueTree::flush_one() {
  std::lock_guard one_at_a_time(flush_mutex_);
  auto before = state();
  if (before->frozen.empty()) return false;
  std::shared_ptr<Part> part = before->frozen.back();
  {
    lsm::RunWriter out(*tree_, false);
    lsm::Survivors survivors(oldest_sequence(), before->version->runs.empty());
    auto cursor = part->table->cursor(lsm::Direction::Forward);
    for (cursor->seek(nullptr); cursor->valid(); cursor->advance()) {
      if (survivors.keep(cursor->entry())) {
        out.add(cursor->entry());
      } else {
        drop(cursor->entry());
      }
    }
    tree_->add_run(out);
  }
  uint64_t first_log = 0;
  change_state([&](State& state) {
    state.frozen.pop_back();
    first_log = (state.frozen.empty() ? state.active : state.frozen.back())->log_number;
  });
  {
    std::lock_guard guard(manifest_mutex_);
    first_log_ = first_log;
  }
  write_manifest();
  if (part->log_number != 0) files_.remove(log_path(part->log_number));
  return true;
}

void KeyValueTree::flush() {
  {
    std::lock_guard guard(write_mutex_);
    if (!state()->active->table->empty()) freeze();
  }
  while (flush_one()) {
  }
}

void KeyValueTree::compact(bool everything) {
  if (everything) {
    tree_->compact_all(oldest_sequence());
  } else {
    while (tree_->compact_once(oldest_sequence())) {
    }
  }
  change_state([](State&) {});
  while (collect_values()) {
  }
  write_manifest();
}

void KeyValueTree::verify() {
  auto state = this->state();
  for (const lsm::Run& run : state->version->runs) {
    for (const auto& file : run.files) file->verify();
  }
  for (auto cursor = scan({}, nullptr); cursor->valid(); cursor->advance()) cursor->value();
}

// --- Background --------------------------------------------------------------------------------------------

// A failure is told to writers that have to wait, and tried again later: the disk may have been full.
template <typename F>
void KeyValueTree::attempt(F&& work) {
  std::string failure;
  Sqlstate state = Sqlstate::IoError;
  try {
    work();
  } catch (const StorageError& error) {
    failure = error.what();
    state = error.sqlstate();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  std::unique_lock guard(background_mutex_);
  failure_ = failure;
  failure_state_ = state;
  room_.notify_all();
  if (failure.empty()) return;
  log_line(LogLevel::Error, fmt::format("background work in \"{}\" failed: {}", directory_, failure));
  flush_wake_.wait_for(guard, std::chrono::seconds(1), [&] { return stopping_; });
}

void KeyValueTree::flush_in_background() {
  std::unique_lock guard(background_mutex_);
  while (!stopping_) {
    flush_wake_.wait_for(guard, std::chrono::milliseconds(100));
    if (stopping_) return;
    guard.unlock();
    if (!state()->frozen.empty()) {
      attempt([&] {
        while (flush_one()) compact_wake_.notify_one();
      });
    } else if (logging_ && write_mutex_.try_lock()) {
      std::lock_guard writing(write_mutex_, std::adopt_lock);
      attempt([&] {
        if (!broken_.empty()) return;
        use_log([&] {
          values_->write_out();
          log_->write_out();
        });
      });
    }
    guard.lock();
  }
}

void KeyValueTree::sync_in_background() {
  std::unique_lock guard(background_mutex_);
  while (!stopping_) {
    sync_wake_.wait_for(guard, std::chrono::milliseconds(100));
    if (stopping_) return;
    if (unsynced_bytes_.load(std::memory_order_relaxed) < kSyncAheadBytes) continue;
    guard.unlock();
    attempt([&] { sync_through(last_sequence_.load(std::memory_order_acquire)); });
    guard.lock();
  }
}

void KeyValueTree::compact_in_background() {
  std::unique_lock guard(background_mutex_);
  while (!stopping_) {
    compact_wake_.wait_for(guard, std::chrono::milliseconds(200));
    if (stopping_) return;
    guard.unlock();
    bool more = tree_->needs_compaction();
    while (more) {
      attempt([&] {
        more = false;
        more = tree_->compact_once(oldest_sequence());
        change_state([](State&) {});
        write_manifest();
      });
      std::lock_guard check(background_mutex_);
      if (stopping_) return;
    }
    attempt([&] { collect_values(); });
    guard.lock();
  }
}

KeyValueStats KeyValueTree::stats() const {
  KeyValueStats stats;
  lsm::TreeStats tree = tree_->stats();
  for (const auto& level : tree.levels) {
    stats.levels.push_back({level.level, level.runs, level.files, level.size_bytes});
    stats.disk_bytes += level.size_bytes;
  }
  auto state = this->state();
  stats.memtable_bytes = state->active->table->size_bytes();
  for (const auto& part : state->frozen) stats.memtable_bytes += part->table->size_bytes();
  stats.user_bytes = user_bytes_;
  stats.value_log_written_bytes = value_bytes_;
  for (const ValueLog::FileInfo& file : values_->files()) {
    ++stats.value_log_files;
    stats.value_log_bytes += file.size_bytes;
    stats.value_log_garbage_bytes += file.garbage_bytes;
  }
  stats.log_bytes = log_bytes_;
  stats.flushed_bytes = tree.flushed_bytes;
  stats.compaction_read_bytes = tree.compaction_read_bytes;
  stats.compaction_written_bytes = tree.compaction_written_bytes;
  stats.gets = tree.gets;
  stats.files_asked = tree.files_asked;
  stats.filtered = tree.filtered;
  stats.learned_hits = tree.learned_hits;
  stats.learned_misses = tree.learned_misses;
  BufferPoolStats pool = pool_->stats();
  stats.cache_hits = pool.hits;
  stats.cache_misses = pool.misses;
  return stats;
}

}  // namespace aegis::storage
