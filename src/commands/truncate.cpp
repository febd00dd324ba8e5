#include "truncate.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/foreign.h"
#include "aegis/catalog/privileges.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "partition/inherit.h"
#include "sequence.h"

namespace aegis::commands {

void empty_table(CommandContext& context, const catalog::Relation& table) {
  if (table.is_partitioned()) return;
  auto changed = std::make_shared<catalog::Relation>(table);
  auto& txn = context.transaction().context();
  changed->storage = TableId(context.catalog().allocate_oid());
  context.engine().create_table(txn, changed->storage, storage_schema(*changed, *context.catalog_version()));
  context.engine().drop_table(txn, table.storage);
  context.catalog_changes().put(changed);
  auto version = context.catalog_version();
  for (const auto& index : version->indexes_of(*changed)) rebuild_index(context, *changed, *index);
}

CommandResult truncate(const ast::TruncateStmt& statement, CommandContext& context) {
  std::vector<catalog::RelationPtr> tables;
  auto add = [&](catalog::RelationPtr table) {
    auto same = [&](const auto& other) { return other->oid == table->oid; };
    if (std::any_of(tables.begin(), tables.end(), same)) return false;
    tables.push_back(std::move(table));
    return true;
  };
  for (const auto* name : statement.relations) {
    auto table = open_relation(context, *name, txn::LockMode::AccessExclusive);
    if (table->relkind != 'r' && !table->is_partitioned() && !table->is_foreign()) throw SqlError(Sqlstate::WrongObjectType, "\"" + table->name + "\" is not a table");
    catalog::check_privilege(*context.catalog_version(), context.current_role(), *table, 'D');
    if (table->is_partitioned() && !name->inh) {
      throw SqlError(Sqlstate::WrongObjectType, "cannot truncate only a partitioned table")
          .hint("Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions directly.");
    }
    add(table);
    if (!name->inh) continue;
    for (Oid child : lock_descendants(context, table->oid, txn::LockMode::AccessExclusive)) add(context.catalog_version()->relation(child));
  }
  for (const auto& table : tables) {
    if (table->is_foreign()) catalog::refuse_foreign_write(*context.catalog_version(), *table, "truncate");
  }
  for (size_t i = 0; i < tables.size(); ++i) {
    auto version = context.catalog_version();
    for (const auto& reference : version->referencing(tables[i]->oid)) {
      auto same = [&](const auto& other) { return other->oid == reference.table->oid; };
      if (std::any_of(tables.begin(), tables.end(), same)) continue;
      if (statement.behavior != ast::DropBehavior::Cascade) {
        throw SqlError(Sqlstate::FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint")
            .detail("Table \"" + reference.table->name + "\" references \"" + tables[i]->name + "\".")
            .hint("Truncate table \"" + reference.table->name + "\" at the same time, or use TRUNCATE ... CASCADE.");
      }
      notice(context, "truncate cascades to table \"" + reference.table->name + "\"");
      context.lock_relation(reference.table->oid, txn::LockMode::AccessExclusive);
      auto newest = context.catalog_version()->relation(reference.table->oid);
      if (newest == nullptr) continue;
      catalog::check_privilege(*context.catalog_version(), context.current_role(), *newest, 'D');
      add(newest);
      for (Oid child : lock_descendants(context, newest->oid, txn::LockMode::AccessExclusive)) add(context.catalog_version()->relation(child));
    }
  }
  for (const auto& table : tables) check_not_in_use(context, *table, "TRUNCATE");
  auto snapshot = context.transaction().take_snapshot();
  auto version = context.catalog_version();
  std::vector<std::unique_ptr<executor::StatementTriggers>> triggers;
  for (const auto& table : tables) {
    auto fires = [](const auto& trigger) { return (trigger->type & catalog::kTriggerTruncate) != 0; };
    auto known = version->triggers(table->oid);
    if (std::none_of(known.begin(), known.end(), fires)) continue;
    triggers.push_back(std::make_unique<executor::StatementTriggers>(table, context.execution_context(*snapshot, version)));
  }
  for (const auto& each : triggers) each->before(catalog::kTriggerTruncate);
  for (const auto& table : tables) {
    auto newest = context.catalog_version()->relation(table->oid);
    empty_table(context, *newest);
    if (!statement.restart_seqs) continue;
    version = context.catalog_version();
    for (const auto& sequence : owned_sequences(*version, table->oid)) {
      context.lock_relation(sequence->oid, txn::LockMode::AccessExclusive);
      restart_sequence(context, *sequence, sequence->sequence.start);
    }
  }
  for (const auto& each : triggers) each->after();
  return {"TRUNCATE TABLE", {}, {}};
}

}  // namespace aegis::commands
