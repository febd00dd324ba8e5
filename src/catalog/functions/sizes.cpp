// Sizes of relations and databases, as the engine holds them.
#include "aegis/base/error.h"
#include "aegis/catalog/tablespace.h"
#include "aegis/storage/engine.h"
#include "aegis/storage/index.h"
#include "aegis/storage/table.h"
#include "aegis/types/array.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

int64_t index_size(const SystemContext& context, const Index& index) {
  auto stored = context.engine == nullptr ? nullptr : context.engine->index(index.storage);
  return stored == nullptr ? 0 : static_cast<int64_t>(stored->size_bytes());
}

int64_t table_size(const SystemContext& context, const Relation& relation) {
  if (relation.relkind == 'S') return 8192;
  if (context.engine == nullptr || !relation.is_table() || relation.oid < kFirstNormalOid) return 0;
  auto stored = context.engine->table(relation.storage);
  if (stored == nullptr) return 0;
  storage::TableStatistics statistics = stored->statistics();
  return static_cast<int64_t>(statistics.size_bytes + statistics.disk_bytes);
}

int64_t indexes_size(const SystemContext& context, const Relation& relation) {
  int64_t bytes = 0;
  for (const auto& index : context.version.indexes_of(relation)) bytes += index_size(context, *index);
  return bytes;
}

enum class Part { Own, Table, Indexes, Total };

template <Part part>
Value relation_size(const CatalogCall& call) {
  ObjectPtr object = find_relation_or_index(call.version(), call.oid(0));
  if (object == nullptr) return Value::null();
  if (call.arguments.size() > 1 && call.text(1) != "main") {
    for (auto fork : {"fsm", "vm", "init"}) {
      if (call.text(1) == fork) return Value::of_i64(0);
    }
    throw SqlError(Sqlstate::InvalidParameterValue, "invalid fork name").hint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".");
  }
  if (object->kind == ObjectKind::Index) {
    return Value::of_i64(part == Part::Indexes ? 0 : index_size(call.context, static_cast<const Index&>(*object)));
  }
  const auto& relation = static_cast<const Relation&>(*object);
  int64_t own = part == Part::Indexes ? 0 : table_size(call.context, relation);
  int64_t indexes = part == Part::Indexes || part == Part::Total ? indexes_size(call.context, relation) : 0;
  return Value::of_i64(own + indexes);
}

int64_t size_of_database(const SystemContext& context, Oid database) {
  int64_t bytes = 0;
  for (const auto& object : context.version.objects(database)) {
    if (object->database != database) continue;
    if (object->kind == ObjectKind::Relation) bytes += table_size(context, static_cast<const Relation&>(*object));
    if (object->kind == ObjectKind::Index) bytes += index_size(context, static_cast<const Index&>(*object));
  }
  return bytes;
}

Value database_size(const CatalogCall& call) {
  bool by_name = call.symbol == "pg_database_size_name";
  Oid database = by_name ? call.version().find_database(call.text(0)) : call.oid(0);
  if (call.version().database(database) == nullptr) {
    if (!by_name) return Value::null();
    throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + std::string(call.text(0)) + "\" does not exist");
  }
  return Value::of_i64(size_of_database(call.context, database));
}

// A database's part that is in the tablespace.
int64_t size_in(const SystemContext& context, const Database& database, Oid space) {
  int64_t bytes = 0;
  for (const auto& object : context.version.objects(database.oid)) {
    if (object->database != database.oid) continue;
    auto inside = [&](Oid own) { return (own == kInvalidOid ? database.tablespace : own) == space; };
    if (object->kind == ObjectKind::Relation) {
      const auto& relation = static_cast<const Relation&>(*object);
      if (inside(relation.tablespace)) bytes += table_size(context, relation);
    } else if (object->kind == ObjectKind::Index) {
      const auto& index = static_cast<const Index&>(*object);
      if (inside(index.tablespace)) bytes += index_size(context, index);
    }
  }
  return bytes;
}

Value tablespace_size(const CatalogCall& call) {
  bool by_name = call.symbol == "pg_tablespace_size_name";
  Oid space = by_name ? find_tablespace(call.version(), call.text(0)) : call.oid(0);
  bool known = space == kDefaultTablespace || space == kGlobalTablespace || call.version().find(space) != nullptr;
  if (space == kInvalidOid || !known) {
    if (!by_name) return Value::null();
    throw SqlError(Sqlstate::UndefinedObject, "tablespace \"" + std::string(call.text(0)) + "\" does not exist");
  }
  int64_t bytes = 0;
  for (const auto& object : call.version().objects(kInvalidOid)) {
    if (object->kind == ObjectKind::Database) bytes += size_in(call.context, static_cast<const Database&>(*object), space);
  }
  return Value::of_i64(bytes);
}

Value tablespace_databases(const CatalogCall& call) {
  types::ArrayBuilder found(types::oid::kOid);
  const Version& version = call.version();
  for (const auto& object : version.objects(kInvalidOid)) {
    if (object->kind != ObjectKind::Database) continue;
    const auto& database = static_cast<const Database&>(*object);
    bool inside = database.tablespace == call.oid(0);
    for (const auto& other : version.objects(database.oid)) {
      if (inside || other->database != database.oid) continue;
      inside = (other->kind == ObjectKind::Relation && static_cast<const Relation&>(*other).tablespace == call.oid(0)) ||
               (other->kind == ObjectKind::Index && static_cast<const Index&>(*other).tablespace == call.oid(0));
    }
    if (inside) found.add(Value::of_oid(database.oid));
  }
  return found.value(call.arena);
}

Value tablespace_location(const CatalogCall& call) {
  Oid oid = call.oid(0) == kInvalidOid ? effective_tablespace(call.version(), call.context.database, kInvalidOid) : call.oid(0);
  if (oid == kDefaultTablespace || oid == kGlobalTablespace) return call.string("");
  auto object = call.version().find(oid);
  if (object == nullptr || object->kind != ObjectKind::Tablespace) {
    throw SqlError(Sqlstate::UndefinedFile, "could not read symbolic link \"" + tablespace_link(oid) + "\": No such file or directory");
  }
  const auto& space = static_cast<const Tablespace&>(*object);
  return call.string(space.location.empty() ? tablespace_link(oid) : space.location);
}

Value relation_filenode(const CatalogCall& call) {
  ObjectPtr object = find_relation_or_index(call.version(), call.oid(0));
  if (object == nullptr) return Value::null();
  if (object->kind == ObjectKind::Index) return Value::of_oid(static_cast<const Index&>(*object).storage.value);
  const auto& relation = static_cast<const Relation&>(*object);
  if (relation.oid < kFirstNormalOid) return relation.relkind == 'r' ? Value::of_oid(relation.oid) : Value::null();
  return relation.is_table() ? Value::of_oid(relation.storage.value) : Value::null();
}

// The relation that has a filenode in a tablespace: pg_relation_filenode() the other way round.
Value filenode_relation(const CatalogCall& call) {
  Oid space = call.oid(0), filenode = call.oid(1);
  if (filenode == kInvalidOid) return Value::null();
  for (const auto& object : call.version().objects(call.context.database)) {
    if (object->kind == ObjectKind::Index) {
      const auto& index = static_cast<const Index&>(*object);
      if (index.storage.value == filenode && index.tablespace == space) return Value::of_oid(index.oid);
    } else if (object->kind == ObjectKind::Relation) {
      const auto& relation = static_cast<const Relation&>(*object);
      bool is_system = relation.oid < kFirstNormalOid;
      Oid own = is_system ? (relation.relkind == 'r' ? relation.oid : kInvalidOid) : relation.is_table() ? relation.storage.value : kInvalidOid;
      Oid own_space = is_system && is_shared_catalog(relation.oid) ? kGlobalTablespace : relation.tablespace;
      if (own == filenode && own_space == space) return Value::of_oid(relation.oid);
    }
  }
  return Value::null();
}

constexpr CatalogFunction kFunctions[] = {
    {"pg_filenode_relation", filenode_relation},
    {"pg_relation_size", relation_size<Part::Own>},
    {"pg_relation_size(regclass)", relation_size<Part::Own>},
    {"pg_table_size", relation_size<Part::Table>},
    {"pg_indexes_size", relation_size<Part::Indexes>},
    {"pg_total_relation_size", relation_size<Part::Total>},
    {"pg_database_size_name", database_size},
    {"pg_database_size_oid", database_size},
    {"pg_tablespace_location", tablespace_location},
    {"pg_tablespace_databases", tablespace_databases},
    {"pg_tablespace_size_name", tablespace_size},
    {"pg_tablespace_size_oid", tablespace_size},
    {"pg_relation_filenode", relation_filenode},
};

}  // namespace

std::span<const CatalogFunction> size_functions() { return kFunctions; }

}  // namespace aegis::catalog
