// Lives of the storage engine against a model, on a machine that fails: it crashes at any call, loses, tears and reorders
// what was not synced, a call fails with EIO, the disk fills up, bits turn over in files at rest.
//
//   fault_model [SEEDS] [FIRST_SEED]
//
// A seed is a few lives of one data directory. In each, random transactions write to tables and indexes that come and go
// (with savepoints, bulk inserts, columns added and dropped, metadata) between checkpoints, flushes, compactions and
// collections. After each life what is found must be what some acknowledged state was, no older than the last
// synchronous commit; then copies of the files get flipped bits, and whoever reads them must meet the same rows or be told
// XX001 with the file's name. A full disk must refuse commits with 53100 and nothing else, and accept them again when
// there is space, in the same life. Long values are apart from the rows of segments, and updates of other columns take them along.
// Then the same of a key-value store (key_value_model.h).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <variant>

#include "aegis/base/error.h"
#include "aegis/base/log.h"
#include "aegis/os/random.h"
#include "index/memory_index.h"
#include "key_value_model.h"
#include "lives.h"
#include "../unit/storage/engine_support.h"

namespace aegis::storage {
namespace {

using test::make_chunk;
using test::Txn;
using types::Value;

// --- The model ---------------------------------------------------------------------------------------------

using Cell = std::variant<std::monostate, int64_t, std::string>;
using Cells = std::vector<Cell>;

struct ModelColumn {
  PhysicalType type;
  bool dropped = false;
  friend bool operator==(const ModelColumn&, const ModelColumn&) = default;
};

struct ModelIndex {
  uint32_t column;
  bool unique;
  friend bool operator==(const ModelIndex&, const ModelIndex&) = default;
};

struct ModelTable {
  std::vector<ModelColumn> columns;
  std::map<uint64_t, Cells> rows;
  std::map<uint32_t, ModelIndex> indexes;
  friend bool operator==(const ModelTable&, const ModelTable&) = default;
};

struct World {
  std::map<uint32_t, ModelTable> tables;
  std::map<std::string, std::string> metadata;
  friend bool operator==(const World&, const World&) = default;
};

constexpr uint32_t kIndexKind = 1;  // of metadata: definitions of indexes
constexpr uint32_t kFreeKind = 2;
constexpr uint32_t kCounterKind = 3;

struct Figures {
  uint64_t lives = 0, transactions = 0, commits = 0, checkpoints = 0, failed_checkpoints = 0, ddl = 0;
  uint64_t crashes = 0, crashes_at_start = 0, io_errors = 0, full_disks = 0, refused = 0, resumed = 0;
  uint64_t flips = 0, flips_reported = 0, flips_harmless = 0, flips_torn_tail = 0;
  uint64_t segments = 0, index_files = 0, value_files = 0, loads = 0, row_groups = 0, skipped = 0, old_looks = 0;
} figures;

Value value_of(const Cell& cell) {
  if (auto* number = std::get_if<int64_t>(&cell)) return Value::of_i64(*number);
  if (auto* text = std::get_if<std::string>(&cell)) return Value::of_string(*text);
  return Value::null();
}

std::string key_of(const ModelColumn& column, uint32_t position, const Cell& cell) {
  KeyKind kind = column.type == PhysicalType::Int64 ? KeyKind::Signed : KeyKind::Bytes;
  std::string key;
  append_key(key, {position, column.type, kind, false, false}, value_of(cell));
  return key;
}

// --- A seed ------------------------------------------------------------------------------------------------

class Machine {
 public:
  explicit Machine(uint64_t seed) : random_(seed), files_(std::make_unique<os::FaultyFileSystem>(seed)), shape_(seed % 4) {}

  void run(int lives) {
    open();
    for (int life = 0; life < lives; ++life) {
      ++figures.lives;
      Fault fault = plan_life(*files_, random_);
      failing_ = fault == Fault::Io;
      full_ = fault == Fault::Space;
      figures.io_errors += failing_;
      figures.full_disks += full_;
      figures.crashes += fault == Fault::Crash;
      live();
      stop();
      auto at_rest = files_->copy();
      figures.crashes_at_start += start_again(*files_, random_, [this] { open(); }, [this] { engine_.reset(); });
      check();
      for (int i = 0; i < 3; ++i) flip(*at_rest);
      history_.restart_from(found_);
      in_doubt_.reset();
      counter_floor_ = counter_;
    }
  }

 private:
  EngineOptions options() const {
    constexpr uint64_t kThresholds[] = {2048, 20, 300, 2048};
    EngineOptions options = test::quiet_options();
    options.value_separation_threshold = kThresholds[shape_];
    options.on_fatal = [](const std::string&) {};
    options.young_snapshot_commits = shape_;
    if (shape_ == 0) return options;
    options.row_group_rows = 64;
    options.column_block_rows = 16;
    options.flush_min_rows = 8;
    options.buffer_pool_bytes = 4096;
    options.merge_min_files = shape_ == 3 ? 2 : 4;
    options.eager_flush = shape_ == 2;
    options.index_small_bytes = shape_ == 1 ? 4096 : 0;
    options.index_file_bytes = 2048;
    options.wal_segment_bytes = shape_ == 2 ? 4096 : 32 * 1024;
    return options;
  }

  // Every third object is in a tablespace.
  static std::string folder_of(uint32_t id) { return id % 3 == 0 ? fmt::format("pg_tblspc/7/{}1", kTablespaceFolder) : std::string(); }

  static IndexDefinition definition_of(uint32_t id, uint32_t table, const ModelIndex& index, const ModelColumn& column) {
    IndexDefinition definition;
    definition.id = IndexId(id);
    definition.files.memtable = static_cast<IndexFileOptions::Memtable>(id % 3);
    definition.table = TableId(table);
    KeyKind kind = column.type == PhysicalType::Int64 ? KeyKind::Signed : KeyKind::Bytes;
    definition.directory = folder_of(id);
    definition.columns = {{index.column, column.type, kind, false, false}};
    return definition;
  }

  // Recovers, with the indexes that metadata has.
  std::unique_ptr<Engine> open_on(os::FileSystem& files) const {
    auto engine = Engine::open(files, "data", options());
    for (const auto& [name, bytes] : engine->metadata()) {
      if (name.kind != kIndexKind) continue;
      auto [table, index] = parse_index(bytes);
      auto found = engine->table(TableId(table));
      if (found == nullptr) continue;
      PhysicalType type = found->schema().columns.at(index.column).type;
      engine->build_index(nullptr, definition_of(static_cast<uint32_t>(std::stoul(name.key)), table, index, {type}));
    }
    return engine;
  }
  void open() { engine_ = open_on(*files_); }

  static std::string show_index(uint32_t table, const ModelIndex& index) {
    return fmt::format("{} {} {}", table, index.column, index.unique ? 1 : 0);
  }
  static std::pair<uint32_t, ModelIndex> parse_index(const std::string& bytes) {
    unsigned table = 0, column = 0, unique = 0;
    std::sscanf(bytes.c_str(), "%u %u %u", &table, &column, &unique);
    return {table, {column, unique != 0}};
  }

  // The end of a life: a stop in order, a killed process, or a power cut.
  void stop() {
    readers_.clear();
    bool died = files_->crashed();
    if (!died && random_.one_in(3)) {
      try {
        engine_->checkpoint();
      } catch (const StorageError&) {
        ++figures.failed_checkpoints;
      }
    }
    engine_.reset();
    end_life(files_, random_, 2);
    full_ = failing_ = false;
  }

  // --- Living ---

  void live() {
    int after_return = 0;
    for (int i = 0; i < 40 || (after_return > 0 && i < 80); ++i) {
      housekeeping();
      try {
        if (random_.one_in(5)) engine_->collect_versions();
        bool committed = transaction();
        if (files_->crashed() && random_.one_in(3)) return;
        if (broken_) return;
        if (full_ && random_.one_in(12)) {
          files_->restore_space();
          full_ = false;
          after_return = 1;
        } else if (after_return > 0 && committed) {
          ++figures.resumed;
          after_return = 0;
        }
        if (random_.one_in(6)) old_readers();
      } catch (const StorageError& error) {
        // A dead machine can't read segments either.
        if (files_->crashed()) return;
        bool expected = error.sqlstate() == Sqlstate::DiskFull ? full_ : failing_;
        require(expected, fmt::format("an error in a transaction: {}", error.what()));
        ++figures.refused;
      }
    }
    require(after_return == 0 || files_->crashed() || broken_, "writing did not resume when there was space again");
  }

  void housekeeping() {
    try {
      if (random_.one_in(shape_ != 0 ? 8 : 20)) {
        engine_->checkpoint();
        ++figures.checkpoints;
      }
      for (const auto& [id, table] : present().tables) {
        for (const auto& [index_id, description] : table.indexes) {
          auto* index = static_cast<MemoryIndex*>(engine_->index(IndexId(index_id)).get());
          if (index == nullptr || shape_ == 0) continue;
          if (random_.one_in(12)) index->flush();
          if (random_.one_in(12)) index->compact();
        }
      }
    } catch (const StorageError&) {
      // Nothing is lost by what failed; it is tried again later.
      ++figures.failed_checkpoints;
    }
  }

  const World& present() const { return history_.present(); }

  // False if it was rolled back or refused.
  bool transaction() {
    ++figures.transactions;
    Txn txn(*engine_, random_hold());
    World after = present();
    std::vector<std::pair<uint64_t, World>> savepoints;
    bool ddl = false;
    int steps = static_cast<int>(1 + random_.below(8));
    for (int s = 0; s < steps; ++s) {
      txn.next();
      if (random_.one_in(6)) engine_->collect_versions();
      uint64_t choice = random_.below(12);
      if (choice == 0) {
        savepoints.emplace_back(engine_->mark(txn.context), after);
      } else if (choice == 1 && !savepoints.empty()) {
        engine_->rollback_to(txn.context, savepoints.back().first);
        after = savepoints.back().second;
          } else if (choice == 2 || after.tables.empty()) {
        ddl = true;
        change_objects(txn, after);
      } else {
        auto table = pick(after.tables);
        write(txn, table->first, table->second);
      }
    }
    if (ddl) {
      readers_.clear();
      ++figures.ddl;
    }
    txn.next();
    if (random_.one_in(2)) look_at_everything(*engine_, txn.snapshot, after);
    if (random_.one_in(5)) {
      txn.rollback();
      return false;
    }
    if (random_.one_in(6)) count_up();
    bool synchronous = !random_.one_in(3) && engine_->has_writes(txn.context);
    return commit(txn, after, synchronous);
  }

  bool commit(Txn& txn, const World& after, bool synchronous) {
    if (txn.commit(synchronous)) {
      ++figures.commits;
      history_.add(after, synchronous);
      if (synchronous) {
        counter_floor_ = counter_;
      }
      return true;
    }
    if (txn.error->sqlstate() == Sqlstate::DiskFull) {
      require(full_, "a commit says that the disk is full");
      ++figures.refused;
      return false;
    }
    if (!files_->crashed() && !engine_->wal_status().broken) {
      require(failing_, fmt::format("a commit failed: {}", txn.error->what()));
      ++figures.refused;
      return false;
    }
    broken_ = true;
    // Not acknowledged, but it may have reached the disk.
    if (!in_doubt_) in_doubt_ = after;
    return false;
  }

  void count_up() {
    try {
      engine_->put_metadata_now(kCounterKind, "counter", std::to_string(counter_ + 1));
      ++counter_;
    } catch (const StorageError&) {
      require(full_ || failing_ || files_->crashed() || engine_->wal_status().broken, "a counter could not be raised");
    }
  }

  template <typename Map>
  auto pick(Map& map) -> decltype(map.begin()) {
    auto it = map.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(random_.below(map.size())));
    return it;
  }

  // --- Objects ---

  void change_objects(Txn& txn, World& after) {
    uint64_t choice = after.tables.empty() ? 0 : random_.below(9);
    if (choice == 0 && after.tables.size() < 4) return create_table(txn, after);
    auto table = pick(after.tables);
    switch (choice) {
      case 1:
        if (random_.one_in(2)) drop_table(txn, after, table->first);
        return;
      case 2: return add_column(txn, table->first, table->second);
      case 3: return drop_column(txn, table->first, table->second);
      case 4:
      case 5: return create_index(txn, table->first, table->second);
      case 6: return drop_index(txn, table->second);
      case 7: return engine_->set_compression(txn.context, TableId(table->first), random_compression(table->second.columns.size()));
      default: {
        std::string key = std::to_string(random_.below(10));
        if (random_.one_in(3)) {
          engine_->remove_metadata(txn.context, kFreeKind, key);
          after.metadata.erase(key);
        } else {
          std::string bytes(random_.below(200), 'm');
          engine_->put_metadata(txn.context, kFreeKind, key, bytes);
          after.metadata[key] = bytes;
        }
      }
    }
  }

  std::vector<ColumnCompression> random_compression(size_t columns) {
    std::vector<ColumnCompression> list(columns);
    for (auto& method : list) method = static_cast<ColumnCompression>(random_.below(4));
    return list;
  }

  void create_table(Txn& txn, World& after) {
    uint32_t id = next_object_++;
    TableSchema schema = test::rows_schema();
    schema.directory = folder_of(id);
    auto compression = random_compression(schema.columns.size());
    for (size_t c = 0; c < compression.size(); ++c) schema.columns[c].compression = compression[c];
    engine_->create_table(txn.context, TableId(id), schema);
    after.tables[id].columns = {{PhysicalType::Int64}, {PhysicalType::String}};
  }

  void drop_table(Txn& txn, World& after, uint32_t id) {
    for (const auto& [index, description] : after.tables[id].indexes) {
      engine_->remove_metadata(txn.context, kIndexKind, std::to_string(index));
    }
    engine_->drop_table(txn.context, TableId(id));
    after.tables.erase(id);
  }

  void add_column(Txn& txn, uint32_t id, ModelTable& table) {
    if (table.columns.size() >= 6) return;
    bool number = random_.one_in(2);
    Cell missing = number ? Cell(static_cast<int64_t>(random_.below(1000))) : Cell(std::string(random_.below(40), 'd'));
    if (random_.one_in(3)) missing = std::monostate();
    PhysicalType type = number ? PhysicalType::Int64 : PhysicalType::String;
    engine_->add_column(txn.context, TableId(id), type, value_of(missing));
    table.columns.push_back({type});
    for (auto& [row, cells] : table.rows) cells.push_back(missing);
  }

  void drop_column(Txn& txn, uint32_t id, ModelTable& table) {
    uint32_t position = static_cast<uint32_t>(random_.below(table.columns.size()));
    if (position < 2 || table.columns[position].dropped) return;
    for (const auto& [index, description] : table.indexes) {
      if (description.column == position) return;
    }
    engine_->drop_column(txn.context, TableId(id), position);
    table.columns[position].dropped = true;
    for (auto& [row, cells] : table.rows) cells[position] = std::monostate();
  }

  void create_index(Txn& txn, uint32_t id, ModelTable& table) {
    uint32_t column = static_cast<uint32_t>(random_.below(table.columns.size()));
    if (table.indexes.size() >= 3 || table.columns[column].dropped) return;
    ModelIndex index{column, random_.one_in(3)};
    if (index.unique && has_duplicates(table, column)) return;
    uint32_t index_id = next_object_++;
    engine_->build_index(&txn.context, definition_of(index_id, id, index, table.columns[column]));
    engine_->put_metadata(txn.context, kIndexKind, std::to_string(index_id), show_index(id, index));
    table.indexes[index_id] = index;
  }

  void drop_index(Txn& txn, ModelTable& table) {
    if (table.indexes.empty()) return;
    auto index = pick(table.indexes);
    engine_->drop_index(txn.context, IndexId(index->first));
    engine_->remove_metadata(txn.context, kIndexKind, std::to_string(index->first));
    table.indexes.erase(index);
  }

  static bool has_duplicates(const ModelTable& table, uint32_t column) {
    std::set<Cell> seen;
    for (const auto& [row, cells] : table.rows) {
      if (cells[column].index() != 0 && !seen.insert(cells[column]).second) return true;
    }
    return false;
  }

  // --- Rows ---

  Cells random_cells(const ModelTable& table) {
    Cells cells;
    for (const ModelColumn& column : table.columns) {
      if (column.dropped || (!cells.empty() && random_.one_in(5))) {
        cells.emplace_back(std::monostate());
      } else if (column.type == PhysicalType::Int64) {
        cells.emplace_back(static_cast<int64_t>(random_.below(2000) * (random_.one_in(9) ? 1'000'000'007 : 1)));
      } else {
        size_t length = random_.below(random_.one_in(30) ? 5000 : 40);
        std::string text(length, static_cast<char>('a' + random_.below(26)));
        // Some compress well and some do not.
        for (size_t i = 0; i < length && random_.one_in(4); ++i) text[i] = static_cast<char>('a' + random_.below(26));
        cells.emplace_back(std::move(text));
      }
    }
    return cells;
  }

  bool breaks_unique(const ModelTable& table, const Cells& cells, uint64_t row) const {
    for (const auto& [id, index] : table.indexes) {
      if (!index.unique || cells[index.column].index() == 0) continue;
      for (const auto& [other, theirs] : table.rows) {
        if (other != row && theirs[index.column] == cells[index.column]) return true;
      }
    }
    return false;
  }

  static std::vector<uint32_t> positions_of(const ModelTable& table) {
    std::vector<uint32_t> positions;
    for (uint32_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].dropped) positions.push_back(i);
    }
    return positions;
  }

  static vector::Chunk chunk_of(const ModelTable& table, const std::vector<uint32_t>& positions,
                                const std::vector<Cells>& rows) {
    std::vector<PhysicalType> types;
    for (uint32_t p : positions) types.push_back(table.columns[p].type);
    vector::Chunk chunk = make_chunk(types);
    for (size_t c = 0; c < positions.size(); ++c) {
      for (size_t i = 0; i < rows.size(); ++i) chunk.column(c).set(i, value_of(rows[i][positions[c]]));
    }
    chunk.set_size(rows.size());
    return chunk;
  }

  void add_entries(Txn& txn, const ModelTable& table, const Cells& cells, uint64_t row) {
    for (const auto& [id, description] : table.indexes) {
      auto index = engine_->index(IndexId(id));
      require(index != nullptr, fmt::format("index {} is not there", id));
      std::string key = key_of(table.columns[description.column], description.column, cells[description.column]);
      if (description.unique && cells[description.column].index() != 0) {
        UniqueResult result = index->insert_unique(txn.context, key, RowId(row));
        require(static_cast<bool>(result), fmt::format("index {}: a key is called a duplicate and is none", id));
      } else {
        index->insert(key, RowId(row));
      }
    }
  }

  void write(Txn& txn, uint32_t id, ModelTable& table) {
    auto storage = engine_->table(TableId(id));
    require(storage != nullptr, fmt::format("table {} is not there", id));
    std::vector<uint32_t> positions = positions_of(table);
    uint64_t choice = random_.below(4);
    if (choice <= 1 && random_.one_in(4)) return load(txn, id, table);
    if (choice <= 1 || table.rows.empty()) return insert(txn, *storage, table, positions);
    auto target = table.rows.lower_bound(random_.below(table.rows.rbegin()->first + 1));
    if (choice == 2) {
      Cells cells = random_cells(table);
      if (random_.one_in(2)) keep_some(target->second, cells, positions);
      if (breaks_unique(table, cells, target->first)) return try_duplicate(txn, table, cells, target->first);
      bool updated(storage->update(txn.context, txn.snapshot, RowId(target->first), positions,
                                   chunk_of(table, positions, {cells}), 0, RowLockMode::Update));
      require(updated, "an update was refused");
      target->second = cells;
      add_entries(txn, table, cells, target->first);
    } else {
      bool removed(storage->remove(txn.context, txn.snapshot, RowId(target->first)));
      require(removed, "a deletion was refused");
      table.rows.erase(target);
    }
  }

  // What is not set keeps its value, which is not read for that when it is apart.
  void keep_some(const Cells& before, Cells& after, std::vector<uint32_t>& positions) {
    std::vector<uint32_t> set;
    for (uint32_t position : positions) {
      if (random_.one_in(2)) {
        set.push_back(position);
      } else {
        after[position] = before[position];
      }
    }
    if (set.empty()) set.push_back(positions[0]), after[positions[0]] = static_cast<int64_t>(random_.below(2000));
    positions = std::move(set);
  }

  // A unique index knows the key, and says whose it is.
  void try_duplicate(Txn& txn, const ModelTable& table, const Cells& cells, uint64_t row) {
    bool found = false;
    for (const auto& [id, index] : table.indexes) {
      if (!index.unique || cells[index.column].index() == 0) continue;
      std::string key = key_of(table.columns[index.column], index.column, cells[index.column]);
      UniqueResult result = engine_->index(IndexId(id))->check_unique(txn.context, key, RowId(row));
      if (result) continue;
      auto other = table.rows.find(result.row.value);
      require(result.outcome == UniqueOutcome::Conflict && other != table.rows.end() &&
                  other->second[index.column] == cells[index.column],
              fmt::format("index {} names the wrong duplicate", id));
      found = true;
    }
    require(found, "a duplicate key was not noticed");
  }

  void insert(Txn& txn, Table& storage, ModelTable& table, const std::vector<uint32_t>& positions) {
    bool has_unique = std::any_of(table.indexes.begin(), table.indexes.end(), [](auto& i) { return i.second.unique; });
    size_t count = 1 + random_.below(random_.one_in(8) ? 150 : 3);
    std::vector<Cells> rows;
    if (has_unique) count = std::min<size_t>(count, 20);
    for (size_t i = 0; i < count; ++i) {
      Cells cells = random_cells(table);
      bool taken = breaks_unique(table, cells, 0);
      for (const Cells& other : rows) {
        for (const auto& [id, index] : table.indexes) taken = taken || (index.unique && other[index.column] == cells[index.column]);
      }
      if (!taken) rows.push_back(std::move(cells));
    }
    if (rows.empty()) return;
    uint64_t first = storage.insert(txn.context, positions, chunk_of(table, positions, rows)).value;
    for (size_t i = 0; i < rows.size(); ++i) {
      table.rows[first + i] = rows[i];
      add_entries(txn, table, rows[i], first + i);
    }
  }

  // Straight to segments; now and then with a key that is there, after which the statement is undone.
  void load(Txn& txn, uint32_t id, ModelTable& table) {
    uint64_t mark = engine_->mark(txn.context);
    std::vector<LoadIndex> indexes;
    std::vector<ModelIndex> descriptions;
    for (const auto& [index, description] : table.indexes) {
      indexes.push_back({engine_->index(IndexId(index)), description.unique, false});
      descriptions.push_back(description);
    }
    auto load = engine_->begin_load(txn.context, TableId(id), indexes);
    require(load != nullptr, "a load is refused");
    if (load->part_rows() > 1024) return;
    ModelTable with = table;
    bool duplicate = false, may_repeat = random_.one_in(6);
    std::vector<uint32_t> all;
    for (uint32_t i = 0; i < table.columns.size(); ++i) all.push_back(i);
    std::vector<std::unique_ptr<BulkLoad::Part>> parts(1 + random_.below(random_.one_in(6) ? 20 : 3));
    for (auto& part : parts) {
      RowId first = load->reserve();
      std::vector<vector::Chunk> chunks;
      std::vector<Cells> rows;
      uint64_t next = first.value;
      for (size_t left = 1 + random_.below(std::min<size_t>(load->part_rows(), 40)); left > 0; --left) {
        Cells cells = random_cells(table);
        bool taken = breaks_unique(with, cells, 0);
        if (taken && !may_repeat) continue;
        duplicate = duplicate || taken;
        with.rows[next++] = cells;
        rows.push_back(std::move(cells));
        if (!random_.one_in(10)) continue;
        chunks.push_back(chunk_of(table, all, rows));
        rows.clear();
      }
      if (!rows.empty()) chunks.push_back(chunk_of(table, all, rows));
      part = load->encode(first, chunks);
    }
    for (auto& part : parts) load->add(std::move(part));
    bool give_up = random_.one_in(12), conflict = false;
    if (!give_up) {
      load->finish([&](size_t index, std::string_view key, RowId row) {
        require(descriptions[index].unique, "a key is suspect in an index that is not unique");
        conflict = !indexes[index].index->check_unique(txn.context, key, row) || conflict;
      });
      require(conflict == duplicate, fmt::format("a load of {} duplicates", duplicate ? "unnoticed" : "no"));
    }
    load.reset();
    if (give_up || conflict) {
      engine_->rollback_to(txn.context, mark);
      return;
    }
    table.rows = std::move(with.rows);
    ++figures.loads;
  }

  // --- Looking ---

  static Cells cells_at(const ModelTable& table, const std::vector<uint32_t>& positions, const vector::Chunk& chunk, size_t i) {
    Cells cells(table.columns.size());
    for (size_t c = 0; c < positions.size(); ++c) {
      Value value = chunk.column(c).get(i);
      if (value.is_null) continue;
      if (table.columns[positions[c]].type == PhysicalType::Int64) {
        cells[positions[c]] = value.i64;
      } else {
        cells[positions[c]] = std::string(value.text());
      }
    }
    return cells;
  }

  static std::map<uint64_t, Cells> rows_of(const Table& storage, const ModelTable& table, const Snapshot& snapshot) {
    std::map<uint64_t, Cells> result;
    std::vector<uint32_t> positions = positions_of(table);
    std::vector<PhysicalType> types;
    for (uint32_t p : positions) types.push_back(table.columns[p].type);
    vector::Chunk chunk = make_chunk(types);
    std::vector<RowId> rows;
    ScanState state;
    while (storage.scan(snapshot, positions, state, chunk, rows)) {
      for (size_t i = 0; i < chunk.size(); ++i) {
        bool fresh = result.emplace(rows[i].value, cells_at(table, positions, chunk, i)).second;
        require(fresh, "a scan gave a row twice");
      }
    }
    return result;
  }

  // Columns and rows of what is there; indexes are those the metadata has.
  World world_of(Engine& engine, const Snapshot& snapshot) const {
    World world;
    for (TableId id : engine.tables()) {
      auto storage = engine.table(id);
      ModelTable& table = world.tables[id.value];
      for (const ColumnSchema& column : storage->schema().columns) table.columns.push_back({column.type, column.dropped});
      table.rows = rows_of(*storage, table, snapshot);
    }
    for (const auto& [name, bytes] : engine.metadata()) {
      if (name.kind == kFreeKind) world.metadata[name.key] = bytes;
      if (name.kind != kIndexKind) continue;
      auto [table, index] = parse_index(bytes);
      world.tables[table].indexes[static_cast<uint32_t>(std::stoul(name.key))] = index;
    }
    return world;
  }

  void look_at_everything(Engine& engine, const Snapshot& snapshot, const World& expected) {
    for (const auto& [id, table] : expected.tables) {
      auto storage = engine.table(TableId(id));
      require(storage != nullptr, fmt::format("table {} is not there", id));
      require(rows_of(*storage, table, snapshot) == table.rows, fmt::format("table {} has other rows", id));
      if (random_.one_in(3)) fetch_some(*storage, table, snapshot);
      if (random_.one_in(3)) scan_for_values(*storage, table, snapshot);
      for (const auto& [index_id, index] : table.indexes) {
        auto found = engine.index(IndexId(index_id));
        require(found != nullptr, fmt::format("index {} is not there", index_id));
        look_by_index(*found, table, index);
      }
    }
  }

  // A scan for one value gives every row that has it.
  void scan_for_values(const Table& storage, const ModelTable& table, const Snapshot& snapshot) {
    if (table.rows.empty()) return;
    auto wanted = pick(table.rows);
    std::vector<uint32_t> positions = positions_of(table);
    uint32_t column = positions[random_.below(positions.size())];
    const Cell& cell = wanted->second[column];
    if (cell.index() == 0) return;
    ScanBound bounds[] = {{column, ScanBound::Op::Equal, value_of(cell)}};
    uint32_t columns[] = {column};
    vector::Chunk chunk = make_chunk({table.columns[column].type});
    std::vector<RowId> rows;
    std::set<uint64_t> seen;
    ScanState state{.bounds = bounds};
    while (storage.scan(snapshot, columns, state, chunk, rows)) {
      for (RowId row : rows) seen.insert(row.value);
    }
    for (const auto& [row, cells] : table.rows) require(cells[column] != cell || seen.contains(row), "a scan for a value lacks a row");
    figures.row_groups += state.row_groups;
    figures.skipped += state.row_groups_skipped;
  }

  void fetch_some(const Table& storage, const ModelTable& table, const Snapshot& snapshot) {
    std::vector<uint32_t> positions = positions_of(table);
    std::vector<PhysicalType> types;
    for (uint32_t p : positions) types.push_back(table.columns[p].type);
    vector::Chunk chunk = make_chunk(types);
    std::vector<RowId> ids;
    for (int i = 0; i < 30; ++i) ids.emplace_back(1 + random_.below(storage.end_row().value + 3));
    std::vector<uint32_t> found;
    storage.fetch(snapshot, ids, positions, chunk, found);
    size_t k = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      auto place = table.rows.find(ids[i].value);
      if (place == table.rows.end()) continue;
      require(k < found.size() && found[k] == i && cells_at(table, positions, chunk, k) == place->second,
              "a row that was fetched is another");
      ++k;
    }
    require(k == found.size(), "a row was fetched that is not there");
  }

  // Every row is found by its key, once; what else the index has leads to nothing.
  void look_by_index(const Index& index, const ModelTable& table, const ModelIndex& description) {
    uint32_t column = description.column;
    auto key_at = [&](const Cells& cells) { return key_of(table.columns[column], column, cells[column]); };
    bool forward = random_.one_in(2);
    auto cursor = index.scan({}, forward ? ScanDirection::Forward : ScanDirection::Backward);
    std::vector<IndexEntry> batch(1 + random_.below(100));
    std::set<std::pair<std::string, uint64_t>> entries;
    std::string last;
    bool begun = false;
    while (size_t n = cursor->next(batch)) {
      for (size_t i = 0; i < n; ++i) {
        std::string key(batch[i].key);
        require(!begun || (forward ? last <= key : last >= key), "an index is out of order");
        begun = true;
        last = key;
        auto row = table.rows.find(batch[i].row.value);
        if (row == table.rows.end() || key_at(row->second) != key) continue;
        require(entries.emplace(key, batch[i].row.value).second, "an index gave an entry twice");
      }
    }
    require(entries.size() == table.rows.size(), "an index lacks an entry");
    for (int i = 0; i < 3 && !table.rows.empty(); ++i) {
      auto row = pick(table.rows);
      std::vector<RowId> rows;
      index.lookup(key_at(row->second), rows);
      require(std::find(rows.begin(), rows.end(), RowId(row->first)) != rows.end(), "a key was not found");
    }
  }

  SnapshotHold random_hold() { return random_.one_in(3) ? SnapshotHold::Onwards : SnapshotHold::Seen; }

  // A snapshot that is held for a while sees what it saw at first.
  void old_readers() {
    if (readers_.size() < 4 && (readers_.empty() || random_.one_in(2))) {
      Reader& reader = readers_.emplace_back(Reader{std::make_unique<Txn>(*engine_, random_hold()), present()});
      reader.txn->snapshot.command = kEveryCommand;
    }
    for (const Reader& reader : readers_) {
      for (const auto& [id, table] : reader.world.tables) {
        auto storage = engine_->table(TableId(id));
        require(storage != nullptr && rows_of(*storage, table, reader.txn->snapshot) == table.rows,
                "an old snapshot sees something else");
        for (const auto& [index_id, index] : table.indexes) {
          auto found = engine_->index(IndexId(index_id));
          require(found != nullptr, "an old snapshot lacks an index");
          if (random_.one_in(2)) look_by_index(*found, table, index);
        }
        if (random_.one_in(3)) fetch_some(*storage, table, reader.txn->snapshot);
        ++figures.old_looks;
      }
    }
    if (random_.one_in(2)) readers_.erase(readers_.begin() + static_cast<ptrdiff_t>(random_.below(readers_.size())));
  }

  // --- After a life ---

  void check() {
    broken_ = false;
    Txn txn(*engine_);
    txn.snapshot.command = kEveryCommand;
    found_ = world_of(*engine_, txn.snapshot);
    // Not older than the last synchronous commit.
    require((in_doubt_ && *in_doubt_ == found_) || history_.may_be_left(found_), "what is there after the crash was never so, or a commit is lost");
    look_at_everything(*engine_, txn.snapshot, found_);
    for (const auto& [id, table] : found_.tables) {
      require(engine_->table(TableId(id))->statistics().row_count == table.rows.size(), "the number of rows is wrong");
    }
    uint64_t counter = counter_of(*engine_);
    require(counter >= counter_floor_ && counter <= counter_, "a counter went back");
    counter_ = counter;
    figures.segments += files_->list("data/seg").size();
    figures.index_files += files_->list("data/idx").size();
    figures.value_files += files_->list("data/vlog").size();
  }

  static uint64_t counter_of(const Engine& engine) {
    Metadata metadata = engine.metadata();
    auto found = metadata.find({kCounterKind, "counter"});
    return found == metadata.end() ? 0 : std::stoull(found->second);
  }

  // --- Flipped bits ---

  void flip(os::FaultyFileSystem& at_rest) {
    std::vector<std::string> paths;
    for (const char* directory : {"data", "data/seg", "data/idx", "data/tbl", "data/wal", "data/vlog"}) {
      for (const std::string& name : at_rest.list(directory)) {
        std::string path = std::string(directory) + "/" + name;
        if (std::string(directory) == "data" && !name.starts_with("MANIFEST") && name != "CURRENT") continue;
        paths.push_back(path);
      }
    }
    if (paths.empty()) return;
    auto files = at_rest.copy();
    auto [path, first] = flip_some_bit(*files, random_, paths);
    if (path.empty()) return;
    uint64_t bits = files->open(path, os::OpenMode::Read)->size() * 8;
    if (random_.one_in(3)) files->flip_bit(path, std::min(bits - 1, first + 1 + random_.below(40)));
    ++figures.flips;
    try {
      read_flipped(*files, path);
    } catch (const StorageError& error) {
      std::string what = error.what();
      std::string where = fmt::format("flipped bit {} of {}", first, path);
      require(error.sqlstate() == Sqlstate::DataCorrupted, fmt::format("{}: {}", where, what));
      require(what.find(path) != std::string::npos && what.find("offset") != std::string::npos,
              fmt::format("{}: the message does not say where: {}", where, what));
      ++figures.flips_reported;
    } catch (const Failure& failure) {
      throw Failure{fmt::format("flipped bit {} of {}: {}", first, path, failure.what)};
    }
  }

  void read_flipped(os::FileSystem& files, const std::string& path) {
    auto engine = open_on(files);
    Txn txn(*engine);
    txn.snapshot.command = kEveryCommand;
    World seen = world_of(*engine, txn.snapshot);
    if (seen == found_) {
      look_at_everything(*engine, txn.snapshot, seen);
      ++figures.flips_harmless;
      return;
    }
    // The last write of a log can't be told from one that a crash tore.
    require(path.starts_with("data/wal/") && history_.ever_had(seen), "wrong rows");
    look_at_everything(*engine, txn.snapshot, seen);
    ++figures.flips_torn_tail;
  }

  os::Random random_;
  std::unique_ptr<os::FaultyFileSystem> files_;
  const uint64_t shape_;
  std::unique_ptr<Engine> engine_;
  History<World> history_;
  std::optional<World> in_doubt_;
  World found_;
  struct Reader {
    std::unique_ptr<Txn> txn;
    World world;
  };
  std::vector<Reader> readers_;
  uint32_t next_object_ = 10;
  uint64_t counter_ = 0;
  uint64_t counter_floor_ = 0;
  bool full_ = false;
  bool failing_ = false;  // a call fails with EIO in this life
  bool broken_ = false;
};

KeyValueFigures key_value_figures;

bool run_seed(uint64_t seed) {
  try {
    Machine(seed).run(4);
    std::string wrong = run_key_value_seed(seed, 4, key_value_figures);
    if (!wrong.empty()) throw Failure{"key-value store: " + wrong};
    return true;
  } catch (const Failure& failure) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), failure.what.c_str());
  } catch (const std::exception& error) {
    std::printf("seed %llu: exception: %s\n", static_cast<unsigned long long>(seed), error.what());
  }
  std::fflush(stdout);
  return false;
}

}  // namespace
}  // namespace aegis::storage

int main(int argc, char** argv) {
  using namespace aegis::storage;
  uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300;
  uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  uint64_t failed = 0;
  aegis::set_log_level(aegis::LogLevel::Panic);
  for (uint64_t seed = first; seed < first + seeds; ++seed) failed += run_seed(seed) ? 0 : 1;
  const Figures& f = figures;
  fmt::print("seeds {} from {}: {} lives, {} transactions, {} commits acknowledged, {} with changes of objects\n", seeds, first,
             f.lives, f.transactions, f.commits, f.ddl);
  fmt::print("faults: {} crashes, {} failures during starts, {} I/O errors, {} full disks ({} commits refused, {} resumed)\n",
             f.crashes, f.crashes_at_start, f.io_errors, f.full_disks, f.refused, f.resumed);
  fmt::print("housekeeping: {} checkpoints, {} failed, {} loads, {} segments, {} files of values and {} index files met after crashes\n",
             f.checkpoints, f.failed_checkpoints, f.loads, f.segments, f.value_files, f.index_files);
  fmt::print("scans for one value: {} row groups met, {} skipped; {} looks with old snapshots\n", f.row_groups, f.skipped, f.old_looks);
  fmt::print("flipped bits: {}, {} reported as XX001, {} harmless, {} in the log's last write\n", f.flips, f.flips_reported,
             f.flips_harmless, f.flips_torn_tail);
  const KeyValueFigures& k = key_value_figures;
  fmt::print("key-value stores: {} lives, {} writes, {} synchronous, {} snapshots, {} crashes, {} calls failed, {} files of values met\n",
             k.lives, k.writes, k.synchronous, k.snapshots, k.crashes, k.refused, k.value_files);
  fmt::print("flipped bits there: {}, {} reported as XX001, {} harmless, {} in the last write\n", k.flips, k.flips_reported,
             k.flips_harmless, k.flips_torn_tail);
  fmt::print("{} seeds failed (lost commits or wrong rows)\n", failed);
  return failed == 0 ? 0 : 1;
}
