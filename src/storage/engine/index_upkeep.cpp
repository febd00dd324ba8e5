// What the engine does for indexes on disk: taking them over at a start, writing them at checkpoints, and in the
// background flushing those that have grown and compacting.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "engine/checkpoint_state.h"
#include "engine/memory_engine.h"

namespace aegis::storage {

std::vector<std::shared_ptr<MemoryIndex>> MemoryEngine::index_list() const {
  std::vector<std::shared_ptr<MemoryIndex>> list;
  std::shared_lock guard(objects_mutex_);
  for (const auto& [id, index] : indexes_) {
    if (index->on_disk()) list.push_back(index);
  }
  return list;
}

// --- Recovery ----------------------------------------------------------------------------------------------

void MemoryEngine::find_next_index_file() {
  files_.create_directories(path("idx"));
  uint64_t next = 1;
  auto folders = tablespace_folders();
  folders.push_back("idx");
  for (const std::string& folder : folders) {
    for (const std::string& name : files_.list(path(folder))) {
      uint64_t number;
      if (lsm::parse_sst_name(name, number)) next = std::max(next, number + 1);
    }
  }
  index_storage_->numbers = next;
  first_index_file_ = next;
}

void MemoryEngine::on_row(const MemoryTable& table, RowId row) {
  if (!found_indexes_.empty()) replayed_rows_[table.id()].push_back(row.value);
}

// Takes over the files of the last manifest, which lack what the log behind it says. False if there are none of use.
bool MemoryEngine::adopt_index(MemoryIndex& index) {
  const IndexDefinition& definition = index.definition();
  ManifestIndex manifest;
  {
    std::lock_guard guard(found_mutex_);
    auto found = found_indexes_.find(definition.id);
    if (found == found_indexes_.end()) return false;
    manifest = found->second;
  }
  std::string fingerprint = MemoryIndex::fingerprint(definition);
  bool usable = index.on_disk() && manifest.directory == definition.directory && manifest.table == definition.table && !fingerprint.empty() && fingerprint == manifest.fingerprint;
  if (usable) index.open(manifest.files, path("CURRENT"));
  {
    // Only now: a checkpoint may be looking for files that nobody has.
    std::lock_guard guard(found_mutex_);
    found_indexes_.erase(definition.id);
  }
  if (!usable) return false;
  auto groups = replayed_groups_.find(definition.table);
  if (groups != replayed_groups_.end()) {
    MemoryIndex::Builder builder(index);
    index_segment_rows(builder, &groups->second);
    builder.finish();
  }
  auto rows = replayed_rows_.find(definition.table);
  if (rows == replayed_rows_.end()) return true;
  std::sort(rows->second.begin(), rows->second.end());
  rows->second.erase(std::unique(rows->second.begin(), rows->second.end()), rows->second.end());
  const MemoryTable& table = index.table();
  std::vector<std::string> keys;
  for (uint64_t row : rows->second) {
    keys.clear();
    for (const Version* v = table.head(RowId(row)); v != nullptr; v = v->older.load(std::memory_order_acquire)) {
      if (!v->is_tombstone()) index.keys_of(table.layout(), *v, keys);
    }
    // A checkpoint at the end of recovery may have moved it.
    RowImage image = table.head(RowId(row)) == nullptr ? table.segment_image(RowId(row), index.read_columns()) : RowImage();
    if (image) index.keys_of(table.layout(), *image, keys);
    for (const std::string& key : keys) index.insert(key, RowId(row));
  }
  return true;
}

// --- Checkpoints -------------------------------------------------------------------------------------------

// Everything the checkpoint's snapshot sees was inserted into its indexes before it was published, and erased from none
// while the snapshot is registered.
void MemoryEngine::checkpoint_indexes(CheckpointState& state) {
  for (const auto& index : index_list()) {
    std::shared_ptr<const lsm::Version> version;
    std::string files = index->checkpoint(version);
    if (version == nullptr) continue;
    const IndexDefinition& definition = index->definition();
    state.manifest.indexes.push_back(
        {definition.id, definition.table, MemoryIndex::fingerprint(definition), std::move(files), definition.directory});
    state.indexes.emplace_back(index, std::move(version));
  }
}

// Once after a start: what nobody took over. Later files go with their holders.
void MemoryEngine::remove_unused_index_files() {
  if (strangers_removed_) return;
  std::set<uint64_t> known;
  bool all_found;
  {
    std::lock_guard guard(found_mutex_);
    for (const auto& [id, index] : found_indexes_) lsm::SstTree::add_file_numbers(index.files, known);
    all_found = found_indexes_.empty();
  }
  for (const auto& index : index_list()) index->add_file_numbers(known);
  auto folders = tablespace_folders();
  folders.push_back("idx");
  for (const std::string& folder : folders) {
    for (const std::string& name : files_.list(path(folder))) {
      uint64_t number;
      if (lsm::parse_sst_name(name, number) && number < first_index_file_ && !known.contains(number)) {
        files_.remove(path(folder + "/" + name));
      }
    }
  }
  strangers_removed_ = all_found;
}

// --- Background --------------------------------------------------------------------------------------------

void MemoryEngine::tend_indexes() {
  uint64_t bound = option(&EngineOptions::index_memtable_bytes);
  auto list = index_list();
  uint64_t total = 0;
  std::shared_ptr<MemoryIndex> largest;
  size_t most = 0;
  for (const auto& index : list) {
    if (!index->complete) continue;  // one that is being built has no files but the builder's
    size_t bytes = index->memory_bytes();
    if (bytes > bound) {
      index->flush();
      bytes = 0;
    }
    total += bytes;
    if (bytes > most) {
      most = bytes;
      largest = index;
    }
    index->compact();
  }
  if (total > 4 * bound && largest != nullptr) largest->flush();
}

void MemoryEngine::tend_indexes_in_background() {
  std::unique_lock guard(background_mutex_);
  while (!stopping_) {
    background_wake_.wait_for(guard, std::chrono::milliseconds(50));
    if (stopping_) return;
    guard.unlock();
    try {
      tend_indexes();
    } catch (const std::exception& error) {
      guard.lock();
      log_line(LogLevel::Error, fmt::format("could not write index files: {}", error.what()));
      background_wake_.wait_for(guard, std::chrono::seconds(10), [&] { return stopping_; });
    }
    if (!guard.owns_lock()) guard.lock();
  }
}

}  // namespace aegis::storage
