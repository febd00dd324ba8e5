// What the engine says of itself.
#include <algorithm>
#include <map>

#include "engine/memory_engine.h"

namespace aegis::storage {

WalStatus MemoryEngine::wal_status() const {
  WalStatus status;
  if (log_) status = log_->status();
  status.checkpoints = checkpoints_;
  status.timed_checkpoints = timed_checkpoints_;
  status.checkpoint_us = checkpoint_us_;
  return status;
}

std::vector<LogFileStatus> MemoryEngine::log_files() const { return log_ ? log_->file_list() : std::vector<LogFileStatus>(); }

Lsn MemoryEngine::switch_log_file() {
  if (!log_) return {};
  for (;;) {
    {
      std::lock_guard guard(commit_mutex_);
      if (log_->broken() != nullptr) throw StorageError(*log_->broken());
      if (log_->switch_file()) break;
    }
    log_->make_room({option(&EngineOptions::wal_segment_bytes)});
  }
  return log_->status().insert_lsn;
}

std::vector<std::shared_ptr<MemoryTable>> MemoryEngine::table_list() const {
  std::vector<std::shared_ptr<MemoryTable>> list;
  std::shared_lock guard(objects_mutex_);
  for (const auto& [id, table] : tables_) list.push_back(table);
  guard.unlock();
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a->id() < b->id(); });
  return list;
}

std::vector<SegmentStatus> MemoryEngine::segments() const {
  std::vector<SegmentStatus> list;
  for (const auto& table : table_list()) {
    std::map<const SegmentFile*, SegmentStatus> files;
    for (const auto& group : table->groups().groups) {
      if (!group) continue;
      SegmentStatus& status = files[&group->file()];
      status.table = table->id();
      status.file = group->file().path().substr(directory_.size() + 1);
      status.size_bytes = group->file().size_bytes();
      ++status.row_groups;
      status.rows += group->info().row_count;
      status.live_rows += group->row_count();
    }
    for (auto& [file, status] : files) list.push_back(std::move(status));
  }
  return list;
}

std::vector<ValueFileStatus> MemoryEngine::value_files() const {
  if (!value_store_) return {};
  std::map<uint64_t, uint64_t> live;
  for (const auto& table : table_list()) {
    for (const auto& group : table->groups().groups) {
      if (!group) continue;
      for (auto [number, bytes] : group->info().value_files) live[number] += bytes;
    }
  }
  std::vector<ValueFileStatus> list;
  for (const ValueStore::FileInfo& file : value_store_->files()) {
    list.push_back({file.path.substr(directory_.size() + 1), file.size_bytes, live[file.number]});
  }
  return list;
}

std::vector<IndexFileStatus> MemoryEngine::index_files() const {
  std::vector<IndexFileStatus> list;
  for (const auto& index : index_list()) {
    auto files = index->files();
    uint32_t number = 0;
    for (const lsm::Run& run : files->runs) {
      for (const auto& file : run.files) {
        const lsm::FileMeta& meta = file->meta();
        list.push_back({index->definition().id, file->path().substr(directory_.size() + 1), run.level, number,
                        meta.size_bytes, meta.entries, meta.tombstones});
      }
      ++number;
    }
  }
  return list;
}

std::vector<MemtableStatus> MemoryEngine::memtables() const {
  std::vector<MemtableStatus> list;
  for (const auto& table : table_list()) {
    TableStatistics statistics = table->statistics();
    uint64_t in_segments = 0;
    for (const auto& group : table->groups().groups) in_segments += group ? group->row_count() : 0;
    uint64_t rows = statistics.row_count > in_segments ? statistics.row_count - in_segments : 0;
    list.push_back({false, table->id().value, rows, statistics.size_bytes, statistics.dead_versions});
  }
  std::vector<std::shared_ptr<MemoryIndex>> indexes;
  {
    std::shared_lock guard(objects_mutex_);
    for (const auto& [id, index] : indexes_) indexes.push_back(index);
  }
  constexpr const char* kStructures[] = {"skiplist", "art", "btree"};
  for (const auto& index : indexes) {
    list.push_back({true, index->definition().id.value, index->memory_entries(), index->memory_bytes(), 0, kStructures[static_cast<int>(index->memtable_kind())]});
  }
  return list;
}

std::vector<CompactionStatus> MemoryEngine::compactions() const {
  constexpr const char* kStyles[] = {"leveled", "tiered", "flexible"};
  std::vector<CompactionStatus> list;
  for (const auto& index : index_list()) {
    lsm::TreeStats stats = index->tree_stats();
    CompactionStatus status;
    status.index = index->definition().id;
    status.style = kStyles[static_cast<int>(index->tree_style())];
    status.flushes = stats.flushes;
    status.flushed_bytes = stats.flushed_bytes;
    status.compactions = stats.compactions;
    status.read_bytes = stats.compaction_read_bytes;
    status.written_bytes = stats.compaction_written_bytes;
    status.levels = stats.levels.size();
    status.gets = stats.gets;
    status.files_asked = stats.files_asked;
    status.filtered = stats.filtered;
    status.learned_hits = stats.learned_hits;
    status.learned_misses = stats.learned_misses;
    list.push_back(std::move(status));
  }
  return list;
}

BufferPoolStats MemoryEngine::buffer_pool_stats() const { return pool_.stats(); }

std::vector<BufferedBlockStatus> MemoryEngine::buffered_blocks() const {
  auto names = pool_.file_names();
  std::vector<BufferedBlockStatus> list;
  for (const BufferPool::ResidentBlock& block : pool_.resident_blocks()) {
    auto found = names.find(block.file);
    if (found == names.end()) continue;  // removed meanwhile
    list.push_back({found->second.substr(directory_.size() + 1), block.offset, block.length, block.pins});
  }
  return list;
}

}  // namespace aegis::storage
