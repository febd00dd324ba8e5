#include "engine/memory_engine.h"

#include <fmt/format.h>

#include <bit>
#include <chrono>
#include <unordered_map>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "aegis/os/clock.h"
#include "aegis/storage/concurrent_index.h"

namespace aegis::storage {

namespace {

// Rows in memory may grow by so much, or by the size of the buffer pool, before a checkpoint moves them to segments.
constexpr uint64_t kMemoryGrowthBytes = 128 << 20;
// A checkpoint that only scans want moves at least so much, and they take no more than a sixteenth of the time.
constexpr uint64_t kScansGrowthBytes = 8 << 20;
constexpr uint64_t kScansLeastIntervalUs = 2'000'000;
constexpr uint64_t kScansIntervalOfCheckpoint = 16;

SegmentOptions segment_options(const EngineOptions& options) {
  SegmentOptions segments;
  segments.group_rows = options.row_group_rows;
  segments.block_rows = options.column_block_rows;
  segments.flush_min_rows = options.flush_min_rows;
  segments.merge_min_files = options.merge_min_files;
  switch (options.compression) {
    case EngineOptions::Compression::None: segments.compression = ColumnCompression::None; break;
    case EngineOptions::Compression::Lz4: segments.compression = ColumnCompression::Auto; break;
    case EngineOptions::Compression::Zstd: segments.compression = ColumnCompression::Zstd; break;
  }
  AEGIS_CHECK(std::has_single_bit(segments.group_rows) && std::has_single_bit(segments.block_rows));
  AEGIS_CHECK(segments.block_rows <= segments.group_rows && segments.block_rows <= vector::kMaxChunkRows);
  return segments;
}

// A registered snapshot of nobody's.
class SnapshotHolder {
 public:
  explicit SnapshotHolder(TransactionTable& transactions) : transactions_(transactions), txn_(transactions.begin()) {
    transactions_.register_snapshot(txn_);
  }
  ~SnapshotHolder() { transactions_.release(txn_); }
  SnapshotHolder(const SnapshotHolder&) = delete;
  SnapshotHolder& operator=(const SnapshotHolder&) = delete;

 private:
  TransactionTable& transactions_;
  TxnId txn_;
};

}  // namespace

std::unique_ptr<Engine> Engine::open(os::FileSystem& files, const std::string& directory, EngineOptions options) {
  auto engine = std::make_unique<MemoryEngine>(files, directory, std::move(options));
  engine->start();
  return engine;
}

MemoryEngine::MemoryEngine(os::FileSystem& files, std::string directory, EngineOptions options)
    : files_(files), directory_(std::move(directory)), logging_(!files.is_volatile()), options_(std::move(options)),
      segment_options_(segment_options(options_)),
      pool_({.capacity_bytes = options_.buffer_pool_bytes, .policy = static_cast<CachePolicy>(options_.buffer_policy)}), reclaimer_(transactions_), collector_(transactions_, reclaimer_) {
  change_memory_.limit = options_.transaction_memory_bytes;
  transactions_.set_young(options_.young_snapshot_commits);
  if (logging_) {
    index_storage_ = std::make_unique<IndexStorage>(files_, pool_, path("idx"));
    index_storage_->root = directory_;
    index_storage_->small_bytes = options_.index_small_bytes;
    index_storage_->tree.sync = options_.fsync;
    index_storage_->tree.file_bytes = options_.index_file_bytes;
    index_storage_->tree.level_1_bytes = 2 * options_.index_file_bytes;
    index_storage_->budget.set_rate(options_.index_io_bytes_per_second);
    index_storage_->options_of_files = options_.index_files;
    value_store_ = std::make_unique<ValueStore>(files_, pool_, path("vlog"));
    value_store_->set_threshold(options_.value_separation_threshold);
    checkpoint_budget_.set_rate(options_.checkpoint_io_bytes_per_second);
    segment_options_.values = value_store_.get();
  }
  if (!options_.on_fatal) {
    options_.on_fatal = [](const std::string& reason) {
      log_line(LogLevel::Panic, reason);
      std::abort();
    };
  }
}

MemoryEngine::~MemoryEngine() {
  {
    std::lock_guard guard(background_mutex_);
    stopping_ = true;
    background_wake_.notify_all();
  }
  if (index_storage_) index_storage_->budget.stop();
  checkpoint_budget_.stop();
  if (index_thread_.joinable()) index_thread_.join();
  if (collector_thread_.joinable()) collector_thread_.join();
  if (checkpoint_thread_.joinable()) checkpoint_thread_.join();
  log_.reset();
}

void MemoryEngine::start() {
  recover();
  last_checkpoint_us_ = os::system_clock().monotonic_us();
  if (!options_.background) return;
  collector_thread_ = std::thread([this] { collect_in_background(); });
  if (!logging_) return;
  checkpoint_thread_ = std::thread([this] { checkpoint_in_background(); });
  index_thread_ = std::thread([this] { tend_indexes_in_background(); });
}

// --- Objects -----------------------------------------------------------------------------------------------

std::shared_ptr<MemoryTable> MemoryEngine::memory_table(TableId id) const {
  std::shared_lock guard(objects_mutex_);
  auto found = tables_.find(id);
  return found == tables_.end() ? nullptr : found->second;
}

std::shared_ptr<Table> MemoryEngine::table(TableId id) const { return memory_table(id); }

MemoryTable& MemoryEngine::must_find(TableId id) const {
  auto table = memory_table(id);
  AEGIS_CHECK(table != nullptr);
  return *table;
}

std::vector<TableId> MemoryEngine::tables() const {
  std::shared_lock guard(objects_mutex_);
  std::vector<TableId> ids;
  for (const auto& [id, table] : tables_) ids.push_back(id);
  return ids;
}

std::shared_ptr<Table> MemoryEngine::create_table(TxnContext& txn, TableId id, const TableSchema& schema) {
  auto table = std::make_shared<MemoryTable>(id, schema, transactions_, reclaimer_, segment_options_);
  if (logging_ && schema.logged && !schema.directory.empty()) files_.create_directories(path(schema.directory));
  {
    std::unique_lock guard(objects_mutex_);
    bool fresh = tables_.emplace(id, table).second;
    AEGIS_CHECK(fresh);
  }
  WriteEntry entry{.kind = WriteKind::CreateTable};
  entry.table = table.get();
  entry.layout = &table->layout();
  txn.writes->add(entry, table);
  return table;
}

void MemoryEngine::drop_table(TxnContext& txn, TableId id) {
  auto table = memory_table(id);
  AEGIS_CHECK(table != nullptr);
  WriteEntry entry{.kind = WriteKind::DropTable};
  entry.table = table.get();
  txn.writes->add(entry, table);
}

uint32_t MemoryEngine::add_column(TxnContext& txn, TableId id, PhysicalType type, const types::Value& missing) {
  auto table = memory_table(id);
  AEGIS_CHECK(table != nullptr);
  WriteEntry entry{.kind = WriteKind::AddColumn};
  entry.table = table.get();
  entry.layout = table->add_column({type, false, missing});
  entry.row = entry.layout->column_count();
  txn.writes->add(entry, table);
  return static_cast<uint32_t>(entry.row);
}

void MemoryEngine::drop_column(TxnContext& txn, TableId id, uint32_t position) {
  auto table = memory_table(id);
  AEGIS_CHECK(table != nullptr);
  WriteEntry entry{.kind = WriteKind::DropColumn};
  entry.table = table.get();
  entry.layout = table->drop_column(position);
  entry.row = position;
  txn.writes->add(entry, table);
}

void MemoryEngine::set_compression(TxnContext& txn, TableId id, std::span<const ColumnCompression> columns) {
  auto table = memory_table(id);
  AEGIS_CHECK(table != nullptr);
  WriteEntry entry{.kind = WriteKind::SetCompression};
  entry.table = table.get();
  entry.layout = table->set_compression(columns);
  txn.writes->add(entry, table);
}

void MemoryEngine::remove_table(TableId id) {
  std::shared_ptr<MemoryTable> table;
  {
    std::unique_lock guard(objects_mutex_);
    auto found = tables_.find(id);
    if (found == tables_.end()) return;
    table = std::move(found->second);
    tables_.erase(found);
    std::erase_if(indexes_, [&](auto& item) {
      if (&item.second->table() != table.get()) return false;
      std::erase(fed_indexes_, item.second);
      reclaimer_.retire(std::shared_ptr<void>(item.second));
      if (item.second->on_disk()) dropped_indexes_.push_back(item.second);
      return true;
    });
  }
  reclaimer_.retire(std::shared_ptr<void>(table));
}

std::shared_ptr<Index> MemoryEngine::index(IndexId id) const {
  std::shared_lock guard(objects_mutex_);
  auto found = indexes_.find(id);
  return found == indexes_.end() ? nullptr : found->second;
}

std::shared_ptr<Index> MemoryEngine::build_index(TxnContext* txn, const IndexDefinition& definition, Writers writers) {
  auto table = memory_table(definition.table);
  AEGIS_CHECK(table != nullptr);
  IndexStorage* storage = table->logged() ? index_storage_.get() : nullptr;
  auto index = std::make_shared<MemoryIndex>(definition, *table, reclaimer_, storage);
  index->fed = writers == Writers::GoOn;
  // Attached first: versions that are collected meanwhile take their entries with them.
  table->attach(index);
  {
    std::unique_lock guard(objects_mutex_);
    bool fresh = indexes_.emplace(definition.id, index).second;
    AEGIS_CHECK(fresh);
    if (index->fed) fed_indexes_.push_back(index);
  }
  if (txn != nullptr) {
    WriteEntry entry{.kind = WriteKind::CreateIndex};
    entry.object = txn->writes->indexes.size();
    txn->writes->indexes.push_back(index);
    txn->writes->add(entry, nullptr);
  }
  // A transaction holds a snapshot of its own.
  std::optional<SnapshotHolder> reader;
  if (txn == nullptr) reader.emplace(transactions_);
  if (txn != nullptr || !adopt_index(*index)) {
    const Layout& layout = table->layout();
    MemoryIndex::Builder builder(*index);
    std::vector<std::string> keys;
    Reclaimer::Pin pin(reclaimer_);
    table->for_each_version([&](RowId row, const Version& version) {
      if (version.is_tombstone() || version.begin.load(std::memory_order_relaxed) == kAbortedBegin) return;
      keys.clear();
      index->keys_of(layout, version, keys);
      for (const std::string& key : keys) builder.add(key, row);
    });
    index_segment_rows(builder, nullptr);
    builder.finish();
  }
  index->complete = true;
  return index;
}

void MemoryEngine::index_segment_rows(MemoryIndex::Builder& builder, const std::vector<uint64_t>* numbers) {
  builder.index().for_each_segment_key(numbers, [&](std::string_view key, RowId row) { builder.add(key, row); });
}

void build_index_beside_writers(Engine& engine, TxnContext& txn, const IndexDefinition& definition) {
  static_cast<MemoryEngine&>(engine).build_index(&txn, definition, MemoryEngine::Writers::GoOn);
}

void MemoryEngine::drop_index(TxnContext& txn, IndexId id) {
  std::shared_ptr<MemoryIndex> index;
  {
    std::shared_lock guard(objects_mutex_);
    auto found = indexes_.find(id);
    AEGIS_CHECK(found != indexes_.end());
    index = found->second;
  }
  WriteEntry entry{.kind = WriteKind::DropIndex};
  entry.object = txn.writes->indexes.size();
  txn.writes->indexes.push_back(index);
  txn.writes->add(entry, nullptr);
}

void MemoryEngine::remove_index(IndexId id) {
  std::shared_ptr<MemoryIndex> index;
  {
    std::unique_lock guard(objects_mutex_);
    auto found = indexes_.find(id);
    if (found == indexes_.end()) return;
    index = std::move(found->second);
    indexes_.erase(found);
    if (index->on_disk()) dropped_indexes_.push_back(index);
    std::erase(fed_indexes_, index);
  }
  index->table().detach(*index);
  reclaimer_.retire(std::shared_ptr<void>(index));
}

std::optional<std::pair<RowId, RowId>> MemoryEngine::find_duplicate(const TxnContext& txn, const Index& index, bool nulls_distinct) {
  const auto& memory = static_cast<const MemoryIndex&>(index);
  const MemoryTable& table = memory.table();
  const Layout& layout = table.layout();
  Snapshot latest{kLatest, txn.id, kEveryCommand};
  auto cursor = index.scan({}, ScanDirection::Forward);
  IndexEntry batch[256];
  std::string last_key, key;
  RowId last_row;
  bool have_last = false;
  while (size_t n = cursor->next(batch)) {
    for (size_t i = 0; i < n; ++i) {
      RowImage version = table.visible(latest, batch[i].row, memory.read_columns());
      bool has_null = false;
      if (!version || !memory.key_of(layout, *version, key, &has_null) || (has_null && nulls_distinct)) continue;
      if (key != batch[i].key) continue;
      if (have_last && key == last_key) return std::pair(last_row, batch[i].row);
      last_key = key;
      last_row = batch[i].row;
      have_last = true;
    }
  }
  return std::nullopt;
}

// --- Metadata ----------------------------------------------------------------------------------------------

void MemoryEngine::put_metadata(TxnContext& txn, uint32_t kind, std::string_view key, std::string_view bytes) {
  WriteEntry entry{.kind = WriteKind::PutMetadata};
  entry.object = txn.writes->metadata.size();
  txn.writes->metadata.push_back({kind, std::string(key), std::string(bytes)});
  txn.writes->add(entry, nullptr);
}

void MemoryEngine::remove_metadata(TxnContext& txn, uint32_t kind, std::string_view key) {
  WriteEntry entry{.kind = WriteKind::RemoveMetadata};
  entry.object = txn.writes->metadata.size();
  txn.writes->metadata.push_back({kind, std::string(key), {}});
  txn.writes->add(entry, nullptr);
}

Metadata MemoryEngine::metadata() const {
  std::lock_guard guard(commit_mutex_);
  return metadata_;
}

// --- Housekeeping ------------------------------------------------------------------------------------------

void MemoryEngine::flush_log() {
  if (log_) log_->flush(Lsn(~uint64_t{0}));
}

void MemoryEngine::on_durable(Lsn lsn, std::function<void()> callback) {
  if (log_) {
    log_->on_durable(lsn, std::move(callback));
  } else {
    callback();
  }
}

void MemoryEngine::stop_feeding() {
  {
    std::shared_lock guard(objects_mutex_);
    if (fed_indexes_.empty()) return;
  }
  // No publication is half-way while this is held.
  std::lock_guard publication(commit_mutex_);
  std::unique_lock guard(objects_mutex_);
  const uint64_t next = transactions_.next_id().value;
  const uint64_t oldest = transactions_.oldest_running().value;
  std::erase_if(fed_indexes_, [&](const auto& index) {
    if (!index->committed) return false;
    if (index->fed_for == ~uint64_t{0}) index->fed_for = next;
    bool over = index->fed_for <= oldest;
    if (over) index->fed = false;
    return over;
  });
}

uint64_t MemoryEngine::collect_versions() {
  stop_feeding();
  bool left = false;
  uint64_t count = collector_.run(left);
  if (left) {
    std::lock_guard guard(commit_mutex_);
    transactions_.tick();
  }
  return count;
}

void MemoryEngine::set_options(const EngineOptions& options) {
  std::lock_guard guard(commit_mutex_);
  auto on_fatal = options_.on_fatal;
  bool background = options_.background;
  uint64_t segment = options_.wal_segment_bytes;
  options_ = options;
  options_.on_fatal = on_fatal;
  options_.background = background;
  options_.wal_segment_bytes = segment;
  if (log_) log_->set_options(options_);
  change_memory_.limit = options_.transaction_memory_bytes;
  pool_.set_capacity(options_.buffer_pool_bytes);
  auto policy = static_cast<CachePolicy>(options_.buffer_policy);
  if (pool_.policy() != policy) pool_.set_policy(policy);
  if (!index_storage_) return;
  value_store_->set_threshold(options_.value_separation_threshold);
  checkpoint_budget_.set_rate(options_.checkpoint_io_bytes_per_second);
  index_storage_->budget.set_rate(options_.index_io_bytes_per_second);
  {
    std::lock_guard files_guard(index_storage_->options_mutex);
    index_storage_->options_of_files = options_.index_files;
  }
  for (const auto& index : index_list()) index->use_file_options();
}

void MemoryEngine::collect_in_background() {
  std::unique_lock guard(background_mutex_);
  while (!stopping_) {
    background_wake_.wait_for(guard, std::chrono::microseconds(option(&EngineOptions::gc_interval_us)));
    if (stopping_) return;
    guard.unlock();
    collect_versions();
    guard.lock();
  }
}

uint64_t MemoryEngine::table_memory() const {
  uint64_t sum = 0;
  std::shared_lock guard(objects_mutex_);
  for (const auto& [id, table] : tables_) {
    if (table->logged()) sum += table->statistics().size_bytes;
  }
  // A checkpoint moves nothing of transactions that run; when they end, theirs is growth like any other.
  return sum - std::min<uint64_t>(sum, change_memory_.used.load(std::memory_order_relaxed));
}

uint64_t MemoryEngine::memory_growth_bound() const {
  return std::max(kMemoryGrowthBytes, option(&EngineOptions::buffer_pool_bytes));
}

bool MemoryEngine::scans_want_checkpoint() {
  bool wanted = false;
  std::shared_lock guard(objects_mutex_);
  for (const auto& [id, table] : tables_) {
    if (table->logged()) wanted = table->scans_want_segments() || wanted;
  }
  return wanted;
}

bool MemoryEngine::checkpoint_is_due(bool& timed) {
  timed = false;
  uint64_t since_us = static_cast<uint64_t>(os::system_clock().monotonic_us() - last_checkpoint_us_);
  WalStatus status = log_->status();
  uint64_t memory = table_memory();
  // What the last checkpoint could not move does not call for another one at once.
  const uint64_t growth = memory_growth_bound();
  uint64_t kept = memory_after_checkpoint_.load();
  if (memory < kept) memory_after_checkpoint_ = kept = memory;
  const uint64_t scans_interval_us = std::max(kScansLeastIntervalUs, kScansIntervalOfCheckpoint * last_checkpoint_took_us_);
  if (memory - kept > kScansGrowthBytes && since_us >= scans_interval_us && scans_want_checkpoint()) return true;
  std::lock_guard guard(commit_mutex_);
  uint64_t log_bytes = status.insert_lsn.value - last_redo_.value;
  if (memory - kept > growth) return true;
  timed = log_bytes > 0 && since_us >= options_.checkpoint_timeout_us;
  // Recovery may have to read what gathers while the checkpoint is written, too.
  return log_bytes >= options_.max_wal_size_bytes / 2 || timed;
}

void MemoryEngine::checkpoint_in_background() {
  std::unique_lock guard(background_mutex_);
  while (!stopping_) {
    background_wake_.wait_for(guard, std::chrono::milliseconds(200));
    if (stopping_) return;
    guard.unlock();
    bool timed = false;
    if (checkpoint_wanted_ || checkpoint_is_due(timed)) {
      try {
        checkpoint(&checkpoint_budget_);
        checkpoint_wanted_ = false;
        if (timed) ++timed_checkpoints_;
      } catch (const std::exception& error) {
        guard.lock();
        log_line(LogLevel::Error, fmt::format("checkpoint failed: {}", error.what()));
        // Not again at once: the disk may be full.
        background_wake_.wait_for(guard, std::chrono::seconds(10), [&] { return stopping_; });
      }
    }
    if (!guard.owns_lock()) guard.lock();
  }
}

}  // namespace aegis::storage
