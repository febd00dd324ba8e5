// Statistics views of PostgreSQL and the views of schema aegis: what the engine says of itself, under the catalog's names.
#include <cmath>

#include "aegis/os/file_system.h"
#include "aegis/storage/engine.h"
#include "aegis/types/numeric.h"
#include "registry.h"
#include "rows.h"

namespace aegis::session {

using catalog::Object;
using catalog::ObjectKind;
using catalog::ObjectPtr;
using catalog::Relation;
using catalog::RelationPtr;

namespace {

double milliseconds(uint64_t us) { return static_cast<double>(us) / 1000; }

// Sums over a table's indexes.
struct IndexSums {
  uint64_t scans = 0, entries = 0, rows = 0, hit = 0, read = 0;
};

IndexSums sum_indexes(const storage::Table& table) {
  IndexSums sums;
  for (const auto& index : table.indexes()) {
    const storage::IndexActivity& activity = index->activity();
    sums.scans += activity.scans;
    sums.entries += activity.entries;
    sums.rows += activity.rows;
    sums.hit += activity.blocks_hit;
    sums.read += activity.blocks_read;
  }
  return sums;
}

}  // namespace

std::vector<RelationPtr> StorageRows::tables_of(Oid database) const {
  std::vector<RelationPtr> tables;
  for (const ObjectPtr& object : version_.objects(database)) {
    if (object->kind != ObjectKind::Relation || object->database != database || object->oid < kFirstNormalOid) continue;
    auto relation = std::static_pointer_cast<const Relation>(object);
    if (relation->is_table() && engine_.table(relation->storage) != nullptr) tables.push_back(std::move(relation));
  }
  return tables;
}

std::string_view StorageRows::schema_name(const Object& object) const {
  auto schema = version_.schema(object.schema);
  return schema == nullptr ? std::string_view() : std::string_view(schema->name);
}

std::map<uint32_t, const Object*> StorageRows::objects_by_storage(bool indexes, std::vector<ObjectPtr>& keep) const {
  std::map<uint32_t, const Object*> map;
  keep = version_.objects(database_);
  for (const ObjectPtr& object : keep) {
    if (object->database != database_) continue;
    if (indexes && object->kind == ObjectKind::Index) {
      map[static_cast<const catalog::Index&>(*object).storage.value] = object.get();
    } else if (!indexes && object->kind == ObjectKind::Relation && static_cast<const Relation&>(*object).is_table()) {
      map[static_cast<const Relation&>(*object).storage.value] = object.get();
    }
  }
  return map;
}

bool StorageRows::add(std::string_view table) {
  if (table == "pg_stat_all_tables") return add_tables(false), true;
  if (table == "pg_statio_all_tables") return add_tables(true), true;
  if (table == "pg_stat_all_indexes") return add_indexes(false), true;
  if (table == "pg_statio_all_indexes") return add_indexes(true), true;
  if (table == "pg_stat_database") return add_databases(), true;
  if (table == "pg_stat_wal") return add_wal(), true;
  if (table == "pg_stat_bgwriter") return add_bgwriter(), true;
  if (table == "pg_stats") return add_statistics(), true;
  if (table == "segments") return add_segments(), true;
  if (table == "sst_files") return add_sst_files(), true;
  if (table == "memtables") return add_memtables(), true;
  if (table == "value_log_files") return add_value_files(), true;
  if (table == "wal") return add_log_files(), true;
  if (table == "buffer_pool") return add_buffer_pool(), true;
  if (table == "buffers") return add_buffered_blocks(), true;
  if (table == "compactions") return add_compactions(), true;
  if (table == "io") return add_io(), true;
  return false;
}

// --- PostgreSQL's ------------------------------------------------------------------------------------------

void StorageRows::add_tables(bool blocks) {
  for (const RelationPtr& relation : tables_of(database_)) {
    auto table = engine_.table(relation->storage);
    if (table == nullptr) continue;
    const storage::TableActivity& activity = table->activity();
    IndexSums indexes = sum_indexes(*table);
    Row row = this->row();
    row.oid(relation->oid).text(schema_name(*relation)).text(relation->name);
    if (blocks) {
      row.int8(activity.blocks_read).int8(activity.blocks_hit).int8(indexes.read).int8(indexes.hit);
      row.null().null().null().null().add();
      continue;
    }
    bool indexed = !table->indexes().empty();
    row.int8(activity.scans).int8(activity.scanned_rows);
    row.value(indexed ? Value::of_i64(static_cast<int64_t>(indexes.scans)) : Value::null());
    row.value(indexed ? Value::of_i64(static_cast<int64_t>(indexes.rows)) : Value::null());
    row.int8(activity.inserted).int8(activity.updated).int8(activity.deleted).int8(0);
    storage::TableStatistics statistics = table->statistics();
    row.int8(statistics.row_count).int8(statistics.dead_versions);
    row.int8(activity.changes() - activity.changes_analyzed).int8(activity.inserted - activity.insertions_vacuumed);
    row.time(activity.vacuumed_at).null().time(activity.analyzed_at).null();
    row.int8(activity.vacuums).int8(0).int8(activity.analyzes).int8(0).add();
  }
}

void StorageRows::add_indexes(bool blocks) {
  for (const RelationPtr& relation : tables_of(database_)) {
    for (const auto& index : version_.indexes_of(*relation)) {
      auto stored = engine_.index(index->storage);
      if (stored == nullptr) continue;
      const storage::IndexActivity& activity = stored->activity();
      Row row = this->row();
      row.oid(relation->oid).oid(index->oid).text(schema_name(*relation)).text(relation->name).text(index->name);
      if (blocks) {
        row.int8(activity.blocks_read).int8(activity.blocks_hit).add();
      } else {
        row.int8(activity.scans).int8(activity.entries).int8(activity.rows).add();
      }
    }
  }
}

void StorageRows::add_databases() {
  auto activities = instance_.registry().activities();
  for (const ObjectPtr& object : version_.objects(kInvalidOid)) {
    if (object->kind != ObjectKind::Database) continue;
    uint64_t hit = 0, read = 0, returned = 0, fetched = 0, inserted = 0, updated = 0, deleted = 0;
    for (const RelationPtr& relation : tables_of(object->oid)) {
      auto table = engine_.table(relation->storage);
      if (table == nullptr) continue;
      const storage::TableActivity& activity = table->activity();
      IndexSums indexes = sum_indexes(*table);
      hit += activity.blocks_hit + indexes.hit;
      read += activity.blocks_read + indexes.read;
      returned += activity.scanned_rows + indexes.entries;
      fetched += indexes.rows;
      inserted += activity.inserted;
      updated += activity.updated;
      deleted += activity.deleted;
    }
    int32_t backends = 0;
    for (const Activity& activity : activities) backends += activity.database == object->oid ? 1 : 0;
    auto ends = instance_.registry().transaction_ends(object->oid);
    Row row = this->row();
    row.oid(object->oid).text(object->name).int4(backends).int8(ends->committed).int8(ends->rolled_back);
    row.int8(read).int8(hit).int8(returned).int8(fetched).int8(inserted).int8(updated).int8(deleted).int8(0);
    // Not counted by database: temporary files, deadlocks, times.
    row.null().null().null().int8(0).null().null().null().null().null().null();
    row.int8(ends->sessions).null().null().null().null().add();
  }
}

void StorageRows::add_wal() {
  storage::WalStatus wal = engine_.wal_status();
  Row row = this->row();
  row.int8(wal.records).int8(0);
  row.value(Value::of_numeric(types::numeric::from_int64(static_cast<int64_t>(wal.bytes)))).int8(0);
  row.int8(wal.writes).int8(wal.syncs).real(milliseconds(wal.write_us)).real(milliseconds(wal.sync_us)).null().add();
}

void StorageRows::add_bgwriter() {
  storage::WalStatus wal = engine_.wal_status();
  Row row = this->row();
  row.int8(wal.timed_checkpoints).int8(wal.checkpoints - wal.timed_checkpoints);
  // Times are not told apart, and blocks are written by checkpoints only, as parts of new files.
  row.real(milliseconds(wal.checkpoint_us)).real(0).null().int8(0).int8(0).int8(0).int8(0);
  row.int8(engine_.buffer_pool_stats().reads).null().add();
}

// --- The engine's own --------------------------------------------------------------------------------------

namespace {

void add_object(Row& row, const std::map<uint32_t, const Object*>& objects, uint32_t id, const auto& schema_of) {
  auto found = objects.find(id);
  if (found == objects.end()) {
    row.null().null();  // of another database
  } else {
    row.text(schema_of(*found->second)).text(found->second->name);
  }
}

}  // namespace

void StorageRows::add_segments() {
  std::vector<ObjectPtr> keep;
  auto tables = objects_by_storage(false, keep);
  for (const storage::SegmentStatus& segment : engine_.segments()) {
    Row row = this->row();
    add_object(row, tables, segment.table.value, [this](const Object& o) { return schema_name(o); });
    row.text(segment.file).int8(segment.size_bytes).int8(segment.row_groups).int8(segment.rows).int8(segment.live_rows).add();
  }
}

void StorageRows::add_value_files() {
  for (const storage::ValueFileStatus& file : engine_.value_files()) {
    row().text(file.file).int8(file.size_bytes).int8(file.live_bytes).add();
  }
}

void StorageRows::add_sst_files() {
  std::vector<ObjectPtr> keep;
  auto indexes = objects_by_storage(true, keep);
  for (const storage::IndexFileStatus& file : engine_.index_files()) {
    Row row = this->row();
    add_object(row, indexes, file.index.value, [this](const Object& o) { return schema_name(o); });
    row.text(file.file).int4(static_cast<int32_t>(file.level)).int4(static_cast<int32_t>(file.run)).int8(file.size_bytes);
    row.int8(file.entries).int8(file.tombstones).add();
  }
}

void StorageRows::add_memtables() {
  std::vector<ObjectPtr> keep_tables, keep_indexes;
  auto tables = objects_by_storage(false, keep_tables);
  auto indexes = objects_by_storage(true, keep_indexes);
  for (const storage::MemtableStatus& memtable : engine_.memtables()) {
    Row row = this->row();
    add_object(row, memtable.is_index ? indexes : tables, memtable.id, [this](const Object& o) { return schema_name(o); });
    row.text(memtable.is_index ? "index" : "table").int8(memtable.rows).int8(memtable.size_bytes).int8(memtable.dead_versions);
    if (memtable.is_index) {
      row.text(memtable.structure);
    } else {
      row.null();
    }
    row.add();
  }
}

void StorageRows::add_log_files() {
  constexpr const char* kStates[] = {"written", "current", "spare"};
  for (const storage::LogFileStatus& file : engine_.log_files()) {
    Row row = this->row();
    row.text(file.name);
    if (file.state == storage::LogFileStatus::State::Spare) {
      row.null();
    } else {
      row.int8(file.start.value);
    }
    row.int8(file.size_bytes).text(kStates[static_cast<int>(file.state)]).add();
  }
}

void StorageRows::add_buffer_pool() {
  storage::BufferPoolStats pool = engine_.buffer_pool_stats();
  Row row = this->row();
  row.int8(pool.capacity_bytes).int8(pool.used_bytes).int8(pool.pinned_bytes).int8(pool.blocks).int8(pool.hits).int8(pool.misses);
  row.int8(pool.evictions).int8(pool.reads).int8(pool.read_bytes).add();
}

void StorageRows::add_buffered_blocks() {
  for (const storage::BufferedBlockStatus& block : engine_.buffered_blocks()) {
    Row row = this->row();
    row.text(block.file).int8(block.offset).int4(static_cast<int32_t>(block.length)).int4(static_cast<int32_t>(block.pins)).add();
  }
}

void StorageRows::add_compactions() {
  std::vector<ObjectPtr> keep;
  auto indexes = objects_by_storage(true, keep);
  for (const storage::CompactionStatus& status : engine_.compactions()) {
    Row row = this->row();
    add_object(row, indexes, status.index.value, [this](const Object& o) { return schema_name(o); });
    row.text(status.style).int8(status.levels).int8(status.flushes).int8(status.flushed_bytes).int8(status.compactions);
    row.int8(status.read_bytes).int8(status.written_bytes).int8(status.gets).int8(status.files_asked).int8(status.filtered);
    row.int8(status.learned_hits).int8(status.learned_misses).add();
  }
}

void StorageRows::add_io() {
  if (instance_.io_counts == nullptr) return;
  for (const os::IoCounts& counts : instance_.io_counts->counts()) {
    Row row = this->row();
    row.text(counts.kind).int8(counts.reads).int8(counts.read_bytes).int8(counts.writes).int8(counts.write_bytes).int8(counts.syncs);
    row.real(milliseconds(counts.sync_us)).add();
  }
}

}  // namespace aegis::session
