// pg_stat_have_stats: what the engine counts.
#include "aegis/base/error.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/index.h"
#include "aegis/storage/table.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

struct Counted {
  std::shared_ptr<storage::Table> table;
  std::shared_ptr<storage::Index> index;
};

Counted find_counted(const CatalogCall& call, Oid oid) {
  Counted found;
  ObjectPtr object = find_relation_or_index(call.version(), oid);
  if (object == nullptr || call.context.engine == nullptr) return found;
  if (object->kind == ObjectKind::Index) {
    found.index = call.context.engine->index(static_cast<const Index&>(*object).storage);
  } else if (const auto& relation = static_cast<const Relation&>(*object); relation.is_table() && relation.oid >= kFirstNormalOid) {
    found.table = call.context.engine->table(relation.storage);
  }
  return found;
}

Value nothing(const CatalogCall&) { return Value::null(); }

bool have_stats(const CatalogCall& call, std::string_view kind, Oid database, Oid oid) {
  for (std::string_view fixed : {"archiver", "bgwriter", "checkpointer", "slru", "wal"}) {
    if (kind == fixed) return true;
  }
  bool of_database = database == call.context.database;
  if (kind == "database") return oid == kInvalidOid && call.version().database(database) != nullptr;
  if (kind == "relation") {
    Counted found = find_counted(call, oid);
    return of_database && (found.table != nullptr || found.index != nullptr);
  }
  for (std::string_view none : {"function", "replslot", "subscription"}) {
    if (kind == none) return false;
  }
  throw SqlError(Sqlstate::InvalidParameterValue, "invalid statistics kind: \"" + std::string(kind) + "\"");
}

constexpr CatalogFunction kFunctions[] = {
    // Counters are always read as they are now.
    {"pg_stat_get_snapshot_timestamp", nothing},
    {"pg_stat_have_stats", [](const CatalogCall& call) { return Value::of_bool(have_stats(call, call.text(0), call.oid(1), call.oid(2))); }},
};

}  // namespace

std::span<const CatalogFunction> activity_functions() { return kFunctions; }

}  // namespace aegis::catalog
