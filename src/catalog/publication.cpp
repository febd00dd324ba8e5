#include "aegis/catalog/publication.h"

#include <algorithm>

#include "aegis/base/error.h"

namespace aegis::catalog {
namespace {

bool is_publishable(const Relation& table) {
  return (table.relkind == 'r' || table.is_partitioned()) && table.persistence == 'p' && table.oid >= kFirstNormalOid;
}

// The table, then the partitioned tables it belongs to.
std::vector<RelationPtr> lineage(const Version& version, const Relation& table) {
  std::vector<RelationPtr> out{version.relation(table.oid)};
  while (out.back() != nullptr && out.back()->is_partition() && !out.back()->parents.empty()) out.push_back(version.relation(out.back()->parents[0].relation));
  if (out.back() == nullptr) out.pop_back();
  return out;
}

std::shared_ptr<const PublicationTable> member(const Version& version, const Publication& publication, Oid table) {
  Oid found = version.find_named(ObjectKind::PublicationTable, publication.database, std::to_string(table), publication.oid);
  return found == kInvalidOid ? nullptr : std::static_pointer_cast<const PublicationTable>(version.find(found));
}

bool has_schema(const Version& version, const Publication& publication, Oid schema) {
  return version.find_named(ObjectKind::PublicationSchema, publication.database, std::to_string(schema), publication.oid) != kInvalidOid;
}

bool publishes(const Version& version, const Publication& publication, const std::vector<RelationPtr>& lineage) {
  if (publication.all_tables) return true;
  return std::any_of(lineage.begin(), lineage.end(), [&](const auto& table) {
    return member(version, publication, table->oid) != nullptr || has_schema(version, publication, table->schema);
  });
}

// The row filter and the column list that hold for a table: by its root, those of the highest published parent.
std::shared_ptr<const PublicationTable> definition(const Version& version, const Publication& publication, const std::vector<RelationPtr>& lineage,
                                                   RelationPtr& of) {
  of = lineage[0];
  if (publication.via_root) {
    for (const auto& table : lineage) {
      if (member(version, publication, table->oid) != nullptr || has_schema(version, publication, table->schema)) of = table;
    }
  }
  return member(version, publication, of->oid);
}

std::vector<std::string> names_of(const Relation& table, const std::vector<int>& columns) {
  std::vector<std::string> out;
  for (int column : columns) out.push_back(table.columns[static_cast<size_t>(column)].name);
  return out;
}

bool contains_all(const std::vector<std::string>& all, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& name) { return std::find(all.begin(), all.end(), name) != all.end(); });
}

std::vector<int> filter_columns(const PublicationTable& member) {
  std::vector<int> out;
  for (const auto& dependency : member.dependencies) {
    if (dependency.object == member.table && dependency.column > 0 && dependency.kind == 'n') out.push_back(dependency.column - 1);
  }
  return out;
}

}  // namespace

IndexPtr replica_index(const Version& version, const Relation& table) {
  if (table.replica_identity == 'i') {
    auto index = version.index(table.replica_index);
    return index != nullptr && index->table == table.oid && index->valid ? index : nullptr;
  }
  const auto* key = table.replica_identity == 'd' ? table.primary_key() : nullptr;
  auto index = key == nullptr ? nullptr : version.index(key->index);
  return index != nullptr && index->valid && index->immediate ? index : nullptr;
}

bool is_published(const Version& version, const Relation& table) {
  auto family = lineage(version, table);
  for (const auto& object : version.kept(ObjectKind::Publication, table.database)) {
    if (publishes(version, static_cast<const Publication&>(*object), family)) return true;
  }
  return false;
}

void check_replica_identity(const Version& version, const Relation& given, bool update) {
  auto publications = version.kept(ObjectKind::Publication, given.database);
  auto newest = publications.empty() ? nullptr : version.relation(given.oid);
  if (newest == nullptr || newest->is_partitioned() || !is_publishable(*newest)) return;
  const Relation& table = *newest;
  auto family = lineage(version, table);
  auto index = replica_index(version, table);
  std::vector<int> key;
  if (index != nullptr) {
    for (const auto& column : index->columns) {
      if (column.column >= 0) key.push_back(column.column);
    }
  }
  auto identity = names_of(table, key);
  bool full = table.replica_identity == 'f', published = false, filter_fits = true, columns_fit = true;
  for (const auto& object : publications) {
    const auto& publication = static_cast<const Publication&>(*object);
    if (!(update ? publication.updates : publication.deletes) || !publishes(version, publication, family)) continue;
    published = true;
    RelationPtr of;
    auto found = publication.all_tables ? nullptr : definition(version, publication, family, of);
    if (found == nullptr) continue;
    if (!found->where_sql.empty() && !full && !contains_all(identity, names_of(*of, filter_columns(*found)))) filter_fits = false;
    if (!found->columns.empty() && (full || !contains_all(names_of(*of, found->columns), identity))) columns_fit = false;
  }
  std::string what = std::string("cannot ") + (update ? "update table \"" : "delete from table \"") + table.name + "\"";
  if (!filter_fits) {
    throw SqlError(Sqlstate::InvalidColumnReference, what).detail("Column used in the publication WHERE expression is not part of the replica identity.");
  }
  if (!columns_fit) {
    throw SqlError(Sqlstate::InvalidColumnReference, what).detail("Column list used by the publication does not cover the replica identity.");
  }
  if (index != nullptr || full || !published) return;
  throw SqlError(Sqlstate::ObjectNotInPrerequisiteState,
                 what + " because it does not have a replica identity and publishes " + (update ? "updates" : "deletes"))
      .hint(std::string("To enable ") + (update ? "updating the table" : "deleting from the table") + ", set REPLICA IDENTITY using ALTER TABLE.");
}

}  // namespace aegis::catalog
