// Checkpoints, and how an engine comes back from one.
#include <fmt/format.h>

#include <set>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "aegis/os/clock.h"
#include "aegis/os/process.h"
#include "checkpoint/manifest.h"
#include "engine/checkpoint_state.h"
#include "engine/memory_engine.h"
#include "segment/flush.h"
#include "wal/log_reader.h"

namespace aegis::storage {
namespace {

// The first position of a new log: zero is no position.
constexpr uint64_t kFirstLsn = 16 << 20;
constexpr size_t kMaxSegmentsAtStart = 6;
constexpr const char* kLockFile = "aegis.pid";

// Of a name "<table>-<number>.seg"; 0 if it is none.
uint64_t segment_number(const std::string& name) {
  size_t dash = name.find('-');
  return dash == std::string::npos ? 0 : std::strtoull(name.c_str() + dash + 1, nullptr, 10);
}

}  // namespace

// --- Recovery ----------------------------------------------------------------------------------------------

void MemoryEngine::on_transaction(TxnId txn) { recovered_txn_ = std::max(recovered_txn_, TxnId(txn.value + 1)); }

MemoryTable* MemoryEngine::find_table(TableId id) {
  auto found = tables_.find(id);
  return found == tables_.end() ? nullptr : found->second.get();
}

void MemoryEngine::create_table(TableId id, const TableSchema& schema) {
  tables_[id] = std::make_shared<MemoryTable>(id, schema, transactions_, reclaimer_, segment_options_);
}

void MemoryEngine::drop_table(TableId id) {
  tables_.erase(id);
  committed_.erase(id);
  replayed_rows_.erase(id);
  replayed_groups_.erase(id);
  std::erase_if(missing_files_, [&](const auto& item) { return item.second == id; });
  std::erase_if(found_indexes_, [&](const auto& item) { return item.second.table == id; });
}

void MemoryEngine::load_checkpoint(const std::string& manifest_name) {
  std::string file = path(manifest_name);
  Manifest manifest = decode_manifest(files_.read_file(file), file);
  checkpoint_number_ = manifest.number;
  last_redo_ = manifest.redo;
  recovered_txn_ = manifest.next_txn;
  metadata_ = std::move(manifest.metadata);
  for (ManifestIndex& index : manifest.indexes) found_indexes_[index.id] = std::move(index);
  for (const ManifestTable& item : manifest.tables) {
    auto table = std::make_shared<MemoryTable>(item.id, item.schema, transactions_, reclaimer_, segment_options_);
    open_segments(item, *table);
    if (!item.file.empty()) read_table_file(files_, path(item.file), *table);
    table->reserve_rows(RowId(item.next_row));
    table->dirty = false;
    committed_[item.id] = {table, nullptr, item.file, item.segments};
    tables_[item.id] = std::move(table);
  }
}

std::vector<std::shared_ptr<RowGroup>> MemoryEngine::open_segment(TableId table, const std::string& name,
                                                                  const std::vector<uint64_t>& wanted) {
  std::string file_path = path(name);
  auto file = SegmentFile::open(files_, pool_, file_path, value_store_.get());
  if (file->footer().group_rows != segment_options_.group_rows || file->footer().table != table.value) {
    throw_corrupted_segment(file_path, 0);
  }
  std::vector<std::shared_ptr<RowGroup>> groups;
  for (uint64_t index : wanted) {
    if (index >= file->footer().groups.size()) throw_corrupted_segment(file_path, 0);
    groups.push_back(std::make_shared<RowGroup>(file, index));
  }
  return groups;
}

void MemoryEngine::open_segments(const ManifestTable& item, MemoryTable& table) {
  std::vector<std::shared_ptr<RowGroup>> groups;
  for (const ManifestSegment& segment : item.segments) {
    auto part = open_segment(item.id, segment.file, segment.groups);
    groups.insert(groups.end(), part.begin(), part.end());
  }
  table.adopt_groups(groups);
}

// A file that is gone belonged to a table that was dropped behind this point.
void MemoryEngine::load(TableId id, std::string_view file, const std::vector<uint64_t>& wanted) {
  MemoryTable& table = *tables_.at(id);
  std::string name(file);
  if (!files_.exists(path(name))) {
    missing_files_[name] = id;
    return;
  }
  auto groups = open_segment(id, name, wanted);
  std::erase_if(groups, [&](const auto& group) { return table.groups().find(group->info().number) != nullptr; });
  for (const auto& group : groups) {
    replayed_groups_[id].push_back(group->info().number);
    table.reserve_rows(RowId((group->info().number + 1) * segment_options_.group_rows));
  }
  table.adopt_groups(groups);
  table.dirty = true;
}

std::vector<std::string> MemoryEngine::tablespace_folders() const {
  std::vector<std::string> folders;
  for (const std::string& space : files_.list(path("pg_tblspc"))) {
    for (const std::string& name : files_.list(path("pg_tblspc/" + space))) {
      if (name.starts_with(kTablespaceFolder)) folders.push_back("pg_tblspc/" + space + "/" + name);
    }
  }
  return folders;
}

// Files of a checkpoint that failed may lie about: their names are not used again.
void MemoryEngine::find_next_segment() {
  auto folders = tablespace_folders();
  folders.push_back("seg");
  for (const std::string& folder : folders) {
    for (const std::string& name : files_.list(path(folder))) {
      if (name.ends_with(".seg")) next_segment_ = std::max<uint64_t>(next_segment_, segment_number(name) + 1);
    }
  }
}

void MemoryEngine::recover() {
  if (logging_) {
    files_.create_directories(directory_);
    directory_lock_ = files_.lock(path(kLockFile), fmt::format("{}\n", os::process_id()));
    if (!directory_lock_) {
      std::string holder;
      try {
        holder = files_.read_file(path(kLockFile));
        holder = holder.substr(0, holder.find('\n'));
      } catch (const StorageError&) {
        holder.clear();  // it may have gone this moment
      }
      throw SqlError(Sqlstate::LockFileExists, fmt::format("lock file \"{}\" already exists", kLockFile))
          .severity("FATAL")
          .hint(fmt::format("Is another server (PID {}) running in data directory \"{}\"?", holder, directory_));
    }
    files_.create_directories(path("wal"));
    files_.create_directories(path("tbl"));
    files_.create_directories(path("seg"));
    files_.create_directories(path("vlog"));
    find_next_segment();
    find_next_index_file();
  }
  transactions_.restart_from(TxnId(3), 1);
  if (!logging_) return;

  Lsn end(kFirstLsn);
  last_redo_ = end;
  bool fresh = !files_.exists(path("CURRENT"));
  if (!fresh) {
    load_checkpoint(decode_current(files_.read_file(path("CURRENT")), path("CURRENT")));
    LogReader reader(files_, path("wal"));
    end = reader.read(last_redo_, [&](const std::vector<std::string_view>& payloads) {
      if (!apply_redo(payloads, *this)) {
        throw StorageError(Sqlstate::DataCorrupted, fmt::format("invalid write-ahead log record in \"{}\"", path("wal")));
      }
    });
  } else {
    for (const std::string& name : files_.list(path("wal"))) files_.remove(path("wal/" + name));
  }
  for (const auto& [name, table] : missing_files_) {
    throw StorageError(Sqlstate::DataCorrupted, fmt::format("file \"{}\" is missing", path(name)));
  }
  // Row groups that are gone must not ask for files that went with them.
  reclaimer_.collect(LiveSnapshots::from(~Timestamp{0}));
  value_store_->open_all();
  for (auto& [id, table] : tables_) {
    CommittedTable& committed = committed_[id];
    committed.table = table;
    committed.layout = &table->layout();
  }
  transactions_.restart_from(recovered_txn_, 1);
  log_ = std::make_unique<LogWriter>(files_, path("wal"), end, options_, commit_mutex_, running_);
  log_->start();
  // A server that keeps dying must not have ever more log to read, or ever more files of it.
  bool long_log = end.value - last_redo_.value > options_.max_wal_size_bytes / 2 ||
                  files_.list(path("wal")).size() > kMaxSegmentsAtStart;
  // But nobody has to wait for that before he is served.
  checkpoint_wanted_ = long_log && options_.background;
  if (fresh || (long_log && !options_.background)) checkpoint();
}

// --- Checkpoints -------------------------------------------------------------------------------------------

void MemoryEngine::checkpoint(lsm::IoBudget* budget) {
  if (!logging_) return;
  std::lock_guard one_at_a_time(checkpoint_mutex_);
  const int64_t begun_us = os::system_clock().monotonic_us();
  CheckpointState state;
  state.unused_values = value_store_->unused();
  TxnId reader = transactions_.begin();
  {
    std::lock_guard guard(commit_mutex_);
    // Everything logged before `redo` has been published, and the snapshot sees it.
    state.manifest.redo = log_->redo_start();
    state.snapshot = {transactions_.register_snapshot(reader), {}, 0};
    // One that failed may still have come to be, as far as the disk is concerned: numbers are not used again.
    state.manifest.number = ++checkpoint_number_;
    state.manifest.metadata = metadata_;
    for (auto& [id, item] : committed_) {
      bool dirty = item.table->dirty.exchange(false) || item.table->wants_flush || item.table->wanted_by_scans;
      state.items.push_back({item.table, item.layout, item.file, item.segments, dirty});
    }
  }
  {
    std::unique_lock guard(objects_mutex_);
    state.dropped_indexes.swap(dropped_indexes_);
  }
  try {
    install_checkpoint(state, budget);
  } catch (...) {
    remove_files_of_failed(state);
    {
      std::unique_lock guard(objects_mutex_);
      dropped_indexes_.insert(dropped_indexes_.end(), state.dropped_indexes.begin(), state.dropped_indexes.end());
    }
    for (auto& item : state.items) {
      if (item.dirty) item.table->dirty = true;
    }
    transactions_.release(reader);
    throw;
  }
  transactions_.release(reader);
  remove_unused_files(state);
  log_->forget_before(state.manifest.redo);
  last_checkpoint_us_ = os::system_clock().monotonic_us();
  memory_after_checkpoint_ = table_memory();
  last_checkpoint_took_us_ = static_cast<uint64_t>(last_checkpoint_us_ - begun_us);
  checkpoint_us_ += last_checkpoint_took_us_;
  ++checkpoints_;
}

void MemoryEngine::install_checkpoint(CheckpointState& state, lsm::IoBudget* budget) {
  Manifest& manifest = state.manifest;
  bool sync = option(&EngineOptions::fsync);
  std::set<std::string> folders;  // of tablespaces, that have new files
  const Timestamp horizon = transactions_.horizon();
  const bool eager = options_.eager_flush || table_memory() > memory_growth_bound();
  for (auto& item : state.items) {
    ManifestTable& entry = manifest.tables.emplace_back();
    entry.id = item.table->id();
    entry.schema = item.layout->schema(true);
    entry.schema.directory = item.table->folder();
    entry.next_row = item.table->end_row().value;
    if (item.dirty) {
      if (!item.table->folder().empty()) {
        files_.create_directories(path(item.table->folder()));
        folders.insert(item.table->folder());
      }
      auto next_file = [&] { return fmt::format("{}/{}-{}.seg", item.table->folder("seg"), entry.id.value, next_segment_.fetch_add(1)); };
      const bool wanted_by_scans = item.table->wanted_by_scans.exchange(false);
      TableFlush(*item.table, *item.layout, {files_, pool_, directory_, next_file, horizon, sync, eager || wanted_by_scans, budget}).run();
      item.segments = segments_of(*item.table, state.snapshot, directory_);
      item.file = fmt::format("{}/{}-{}.rows", item.table->folder("tbl"), entry.id.value, manifest.number);
      state.new_files.push_back(item.file);
      if (!write_table_file(files_, path(item.file), *item.table, state.snapshot, sync)) {
        files_.remove(path(item.file));
        item.file.clear();
      }
    }
    entry.file = item.file;
    entry.segments = item.segments;
  }
  checkpoint_indexes(state);
  // The snapshot may be ahead of what is durable; the log must not begin behind its end.
  log_->flush(manifest.redo);
  manifest.next_txn = transactions_.next_id();
  if (sync) files_.sync_directory(path("tbl"));
  if (sync) files_.sync_directory(path("seg"));
  for (const std::string& folder : folders) {
    if (sync) files_.sync_directory(path(folder));
  }
  std::string name = fmt::format("MANIFEST-{}", manifest.number);
  files_.write_file_atomically(path(name), encode_manifest(manifest));
  name_manifest(name);
  for (auto& [index, files] : state.indexes) index->checkpointed(std::move(files));
  for (const auto& index : state.dropped_indexes) index->abandon();

  std::lock_guard guard(commit_mutex_);
  last_redo_ = manifest.redo;
  for (const auto& item : state.items) {
    auto found = committed_.find(item.table->id());
    if (found != committed_.end() && found->second.table == item.table) {
      found->second.file = item.file;
      found->second.segments = item.segments;
    }
  }
}

// Once the name may be on disk there is no way back: whoever fails behind that has to ask the disk after a start.
void MemoryEngine::name_manifest(const std::string& name) {
  std::string temporary = path("CURRENT.tmp");
  {
    auto file = files_.open(temporary, os::OpenMode::Truncate);
    file->write_at(0, encode_current(name));
    file->sync();
  }
  try {
    files_.rename(temporary, path("CURRENT"));
    files_.sync_directory(directory_);
  } catch (const StorageError& error) {
    log_->stop_for_good(error.what());
    throw;
  }
}

// They take space that may be what is missing.
void MemoryEngine::remove_files_of_failed(const CheckpointState& state) {
  if (log_->is_broken()) return;
  try {
    for (const std::string& file : state.new_files) files_.remove(path(file));
    files_.remove(path(fmt::format("MANIFEST-{}", state.manifest.number)));
    files_.remove(path("CURRENT.tmp"));
    files_.remove(path(fmt::format("MANIFEST-{}.tmp", state.manifest.number)));
  } catch (const StorageError& error) {
    log_line(LogLevel::Warning, error.what());
  }
}

void MemoryEngine::remove_unused_files(const CheckpointState& state) {
  std::set<std::string> used;
  for (const auto& item : state.items) {
    used.insert(item.file);
    for (const ManifestSegment& segment : item.segments) used.insert(segment.file);
  }
  // Loads of transactions that run, or that the manifest does not know yet. A file that is begun from here on has a higher
  // number; one that is finished meanwhile is found in its table.
  const uint64_t next_segment = next_segment_;
  {
    std::lock_guard guard(loading_mutex_);
    used.insert(loading_files_.begin(), loading_files_.end());
  }
  for (TableId id : tables()) {
    auto table = memory_table(id);
    if (!table) continue;
    // Under the mutex of its row groups, which are freed as versions are.
    for (const std::string& file : table->segment_paths()) used.insert(file.substr(directory_.size() + 1));
  }
  auto folders = tablespace_folders();
  folders.insert(folders.end(), {"tbl", "seg"});
  for (const std::string& folder : folders) {
    for (const std::string& name : files_.list(path(folder))) {
      bool segment = name.ends_with(".seg");
      std::string file = folder + "/" + name;
      if (used.contains(file) || name.ends_with(".sst") || (segment && segment_number(name) >= next_segment)) continue;
      files_.remove(path(file));
    }
  }
  remove_unused_index_files();
  value_store_->remove(state.unused_values);
  value_store_->remove_strangers();
  std::string current = fmt::format("MANIFEST-{}", state.manifest.number);
  for (const std::string& name : files_.list(directory_)) {
    if (name.starts_with("MANIFEST-") && name != current) files_.remove(path(name));
  }
}

}  // namespace aegis::storage
