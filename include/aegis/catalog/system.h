// Catalog tables that are generated from memory: pg_catalog's and aegis's. Each is one file in src/catalog/system/
// with one record here; views over them are SQL files in src/catalog/views/.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/types/value.h"

namespace aegis::vector {
class Chunk;
}

namespace aegis::catalog {

struct SystemColumn {
  std::string_view name;
  Oid type;
  bool not_null = true;
};

// Collects rows; values' bytes are copied.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void add(std::span<const types::Value> row) = 0;
  // For text made on the way; lives until the scan ends.
  virtual Arena& arena() = 0;
};

// What generators see besides the catalog. Filled by the session; the functions are null where there is no session.
struct SystemContext {
  const Version& version;
  Oid database;
  Oid temp_schema = kInvalidOid;
  // Rows that other modules know, by table name ("pg_settings", "pg_stat_activity", "pg_locks", "pg_prepared_statements",
  // "pg_cursors", …): asked for when the table has no generator of its own.
  std::function<void(std::string_view table, RowSink& sink)> rows_of;
  Oid role = kBootstrapRole;
  std::vector<Oid> search_path = {};  // as the analyzer has it
  storage::Engine* engine = nullptr;  // for sizes
};

class SystemTable {
 public:
  Oid oid;
  std::string_view schema;  // "pg_catalog" or "aegis"
  std::string_view name;
  std::span<const SystemColumn> columns;
  // Null: SystemContext::rows_of.
  void (*generate)(const SystemContext& context, RowSink& sink);
  bool fixed = false;  // its rows do not depend on the context
};

// A table's rows, all columns.
struct SystemRows {
  std::vector<std::unique_ptr<vector::Chunk>> chunks;
  SystemRows();
  ~SystemRows();
};

// Generated rows of one catalog version, made when first asked for. Thread safe.
class SystemRowCache {
 public:
  std::shared_ptr<const SystemRows> find(Oid table, Oid database) const;
  void put(Oid table, Oid database, std::shared_ptr<const SystemRows> rows);

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<Oid, Oid>, std::shared_ptr<const SystemRows>> rows_;
};

// The rows of `table` now; those with a generator are kept with the catalog version.
std::shared_ptr<const SystemRows> system_rows(const SystemTable& table, const SystemContext& context);

std::span<const SystemTable* const> system_tables();
const SystemTable* find_system_table(std::string_view schema, std::string_view name);
const SystemTable* find_system_table(Oid oid);

struct SystemView {
  Oid oid;
  std::string_view schema;
  std::string_view name;
  std::string_view sql;  // the SELECT
};
std::span<const SystemView> system_views();

}  // namespace aegis::catalog
