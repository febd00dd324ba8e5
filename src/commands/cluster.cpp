#include "cluster.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "names.h"
#include "objects.h"
#include "rewrite.h"

namespace aegis::commands {
namespace {

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

catalog::IndexPtr find_index(CommandContext& context, const catalog::Relation& table, std::string_view name) {
  auto version = context.catalog_version();
  Oid oid = version->find_relation(table.schema, name, context.database());
  if (oid == kInvalidOid) {
    throw SqlError(Sqlstate::UndefinedObject, "index " + quoted(name) + " for table " + quoted(table.name) + " does not exist");
  }
  auto index = version->index(oid);
  if (index == nullptr || index->table != table.oid) {
    throw SqlError(Sqlstate::WrongObjectType, quoted(name) + " is not an index for table " + quoted(table.name));
  }
  if (index->method == "gist") throw_not_supported("CLUSTER by an index of access method \"gist\"");
  auto refuse = [&](const std::string& text) { throw SqlError(Sqlstate::FeatureNotSupported, text); };
  if (index->method != "btree") refuse("cannot cluster on index " + quoted(name) + " because access method does not support clustering");
  if (!index->predicate_sql.empty()) refuse("cannot cluster on partial index " + quoted(name));
  if (!index->valid) refuse("cannot cluster on invalid index " + quoted(name));
  return index;
}

void mark(CommandContext& context, const catalog::Relation& table, Oid chosen) {
  for (const auto& index : context.catalog_version()->indexes_of(table)) {
    bool clustered = index->oid == chosen;
    if (index->clustered == clustered) continue;
    auto changed = copy_of(index);
    changed->clustered = clustered;
    context.catalog_changes().put(changed);
  }
}

void cluster_table(CommandContext& context, Oid oid, Oid index_oid) {
  context.lock_relation(oid, txn::LockMode::AccessExclusive);
  auto version = context.catalog_version();
  auto table = version->relation(oid);
  auto index = version->index(index_oid);
  if (table == nullptr || index == nullptr) return;
  check_not_in_use(context, *table, "CLUSTER");
  mark(context, *table, index_oid);
  index = context.catalog_version()->index(index_oid);
  rewrite_table(context, *table, copy_of(table), {}, index.get());
}

// The partitions below, each with its part of the index. Those of others are left out.
void cluster_partitions(CommandContext& context, const catalog::Relation& table, Oid index_oid) {
  auto version = context.catalog_version();
  for (const auto& part : version->children(table.oid)) {
    for (const auto& index : version->indexes_of(*part)) {
      if (index->parent != index_oid) continue;
      if (part->is_partitioned()) cluster_partitions(context, *part, index->oid);
      else if (context.is_superuser() || catalog::is_member(*version, context.current_role(), part->owner, true)) cluster_table(context, part->oid, index->oid);
    }
  }
}

}  // namespace

void set_clustered_index(CommandContext& context, const catalog::Relation& table, std::string_view index) {
  if (table.is_partitioned()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot mark index clustered in partitioned table");
  }
  mark(context, table, index.empty() ? kInvalidOid : find_index(context, table, index)->oid);
}

CommandResult cluster(const ast::ClusterStmt& statement, CommandContext& context) {
  CommandResult done{"CLUSTER", {}, {}};
  for (const auto* option : statement.params) {
    if (option->defname == "verbose") continue;
    throw SqlError(Sqlstate::SyntaxError, "unrecognized CLUSTER option " + quoted(option->defname)).position(position_of(context, *option));
  }
  if (statement.relation == nullptr) {
    context.prevent_in_transaction_block("CLUSTER");
    std::vector<std::pair<Oid, Oid>> all;
    auto version = context.catalog_version();
    for (const auto& object : version->objects(context.database())) {
      auto index = object->kind == catalog::ObjectKind::Index ? version->index(object->oid) : nullptr;
      auto table = index != nullptr && index->clustered ? version->relation(index->table) : nullptr;
      if (table == nullptr || !(context.is_superuser() || catalog::is_member(*version, context.current_role(), table->owner, true))) continue;
      all.emplace_back(table->oid, index->oid);
    }
    for (auto [table, index] : all) cluster_table(context, table, index);
    return done;
  }
  auto table = open_table(context, *statement.relation, txn::LockMode::AccessExclusive);
  check_owner(context, *table);
  Oid index = kInvalidOid;
  if (statement.indexname.empty()) {
    for (const auto& candidate : context.catalog_version()->indexes_of(*table)) {
      if (candidate->clustered) index = candidate->oid;
    }
    if (index == kInvalidOid) throw SqlError(Sqlstate::UndefinedObject, "there is no previously clustered index for table " + quoted(table->name));
  } else {
    index = find_index(context, *table, statement.indexname)->oid;
  }
  if (table->is_partitioned()) {
    context.prevent_in_transaction_block("CLUSTER");
    cluster_partitions(context, *table, index);
  } else {
    cluster_table(context, table->oid, index);
  }
  return done;
}

}  // namespace aegis::commands
