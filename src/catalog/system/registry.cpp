// The list of generated catalog tables: their columns are in columns.def and supplied_columns.def, which of them have a generator in
// generators.def. To add one: its lines there and a file with generate_<table>.
#include <mutex>
#include <unordered_map>

#include "aegis/catalog/system.h"
#include "aegis/vector/vector.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

namespace columns_of {
#define AEGIS_TABLE(oid, table) constexpr SystemColumn table[] = {
#define AEGIS_COLUMN(column, type, not_null) {#column, type, not_null},
#define AEGIS_END(table) };
#include "system/columns.def"
#include "system/supplied_columns.def"
#include "system/aegis_columns.def"
#undef AEGIS_TABLE
#undef AEGIS_COLUMN
#undef AEGIS_END
}  // namespace columns_of

struct Generator {
  std::string_view table;
  void (*generate)(const SystemContext&, RowSink&);
  bool fixed;
};
constexpr Generator kGenerators[] = {
#define AEGIS_GENERATOR(table) {#table, generate_##table, false},
#define AEGIS_FIXED(table) {#table, generate_##table, true},
#include "system/generators.def"
#undef AEGIS_GENERATOR
#undef AEGIS_FIXED
};

void generate_nothing(const SystemContext&, RowSink&) {}

SystemTable make_table(Oid oid, std::string_view name, std::span<const SystemColumn> columns) {
  SystemTable table{oid, oid < kAegisSchema ? "pg_catalog" : "aegis", name, columns, shown_as_view(oid) ? nullptr : generate_nothing, !shown_as_view(oid)};
  // Its rows are data.
  if (name == "pg_largeobject") {
    table.generate = nullptr;
    table.fixed = false;
  }
  for (const auto& generator : kGenerators) {
    if (generator.table != name) continue;
    table.generate = generator.generate;
    table.fixed = generator.fixed;
  }
  return table;
}

class Tables {
 public:
  Tables() {
#define AEGIS_TABLE(oid, table) tables_.push_back(make_table(oid, #table, columns_of::table));
#define AEGIS_COLUMN(column, type, not_null)
#define AEGIS_END(table)
#include "system/columns.def"
#include "system/supplied_columns.def"
#include "system/aegis_columns.def"
#undef AEGIS_TABLE
#undef AEGIS_COLUMN
#undef AEGIS_END
    for (const auto& table : tables_) {
      list_.push_back(&table);
      by_oid_[table.oid] = &table;
      by_name_[table.name] = &table;
    }
  }
  std::span<const SystemTable* const> list() const { return list_; }
  const SystemTable* find(Oid oid) const {
    auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : found->second;
  }
  const SystemTable* find(std::string_view name) const {
    auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  std::vector<SystemTable> tables_;
  std::vector<const SystemTable*> list_;
  std::unordered_map<Oid, const SystemTable*> by_oid_;
  std::unordered_map<std::string_view, const SystemTable*> by_name_;
};

const Tables& tables() {
  static const Tables instance;
  return instance;
}

class ChunkSink : public RowSink {
 public:
  ChunkSink(const SystemTable& table, SystemRows& rows) : table_(table), rows_(rows) {}
  void add(std::span<const types::Value> row) override {
    if (rows_.chunks.empty() || rows_.chunks.back()->size() == vector::chunk_rows()) start();
    auto& chunk = *rows_.chunks.back();
    for (size_t i = 0; i < row.size(); ++i) chunk.column(i).set(chunk.size(), row[i]);
    chunk.set_size(chunk.size() + 1);
  }
  Arena& arena() override { return arena_; }

 private:
  void start() {
    auto chunk = std::make_unique<vector::Chunk>();
    for (const auto& column : table_.columns) chunk->add_column(column.type);
    chunk->reset();
    rows_.chunks.push_back(std::move(chunk));
  }
  const SystemTable& table_;
  SystemRows& rows_;
  Arena arena_;
};

std::shared_ptr<const SystemRows> generate_rows(const SystemTable& table, const SystemContext& context) {
  auto rows = std::make_shared<SystemRows>();
  ChunkSink sink(table, *rows);
  if (table.generate != nullptr) {
    table.generate(context, sink);
  } else if (context.rows_of) {
    context.rows_of(table.name, sink);
  }
  return rows;
}

// Rows of the tables that are the same in every version.
SystemRowCache& fixed_rows() {
  static SystemRowCache cache;
  return cache;
}

}  // namespace

SystemRows::SystemRows() = default;
SystemRows::~SystemRows() = default;

std::shared_ptr<const SystemRows> SystemRowCache::find(Oid table, Oid database) const {
  std::lock_guard lock(mutex_);
  auto found = rows_.find({table, database});
  return found == rows_.end() ? nullptr : found->second;
}

void SystemRowCache::put(Oid table, Oid database, std::shared_ptr<const SystemRows> rows) {
  std::lock_guard lock(mutex_);
  rows_[{table, database}] = std::move(rows);
}

std::shared_ptr<const SystemRows> system_rows(const SystemTable& table, const SystemContext& context) {
  // Sizes and row counts in pg_class change without the catalog.
  if (table.generate == nullptr || table.name == "pg_class") return generate_rows(table, context);
  SystemRowCache& cache = table.fixed ? fixed_rows() : context.version.system_rows();
  Oid database = table.fixed ? kInvalidOid : context.database;
  if (auto rows = cache.find(table.oid, database)) return rows;
  auto rows = generate_rows(table, context);
  cache.put(table.oid, database, rows);
  return rows;
}

std::span<const SystemTable* const> system_tables() { return tables().list(); }

const SystemTable* find_system_table(std::string_view schema, std::string_view name) {
  const SystemTable* table = tables().find(name);
  return table != nullptr && table->schema == schema ? table : nullptr;
}

const SystemTable* find_system_table(Oid oid) { return tables().find(oid); }

}  // namespace aegis::catalog
