#include "maintenance.h"

#include <algorithm>
#include <optional>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/os/clock.h"
#include "aegis/storage/table.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "statistics.h"
#include "tablespace.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;

constexpr int64_t kMicrosecondsTo2000 = 946684800LL * 1000000;

void check_vacuum_options(const ast::VacuumStmt& statement, CommandContext& context) {
  for (const auto* option : statement.options) {
    std::string_view name = option->defname;
    bool analyze = name == "verbose" || name == "skip_locked";
    bool vacuum = name == "full" || name == "freeze" || name == "analyze" || name == "disable_page_skipping" || name == "index_cleanup" ||
                  name == "process_toast" || name == "truncate" || name == "parallel";
    if (analyze || (statement.is_vacuumcmd && vacuum)) continue;
    throw SqlError(Sqlstate::SyntaxError, std::string("unrecognized ") + (statement.is_vacuumcmd ? "VACUUM" : "ANALYZE") + " option \"" + std::string(name) + "\"")
        .position(position_of(context, *option));
  }
}

bool analyzes(const ast::VacuumStmt& statement) {
  if (!statement.is_vacuumcmd) return true;
  return std::any_of(statement.options.begin(), statement.options.end(), [](const auto* option) { return option->defname == "analyze"; });
}

// For pg_stat_all_tables.
void note_activity(const ast::VacuumStmt& statement, CommandContext& context, const catalog::Relation& table) {
  auto stored = context.engine().table(table.storage);
  if (stored == nullptr) return;
  storage::TableActivity& activity = stored->activity();
  int64_t now = os::system_clock().wall_us() - kMicrosecondsTo2000;
  if (analyzes(statement)) {
    ++activity.analyzes;
    activity.analyzed_at = now;
    activity.changes_analyzed = activity.changes();
  }
  if (statement.is_vacuumcmd) {
    ++activity.vacuums;
    activity.vacuumed_at = now;
    activity.insertions_vacuumed = activity.inserted.load();
  }
}

void tend_all(const ast::VacuumStmt& statement, CommandContext& context) {
  auto version = context.catalog_version();
  for (const auto& object : version->objects(context.database())) {
    auto table = std::dynamic_pointer_cast<const catalog::Relation>(object);
    if (table == nullptr || !table->is_table()) continue;
    if (!context.is_superuser() && table->owner != context.current_role()) continue;
    if (analyzes(statement)) context.refresh_statistics(*table);
    if (analyzes(statement)) build_statistics(context, *table, {});
    note_activity(statement, context, *table);
  }
}

}  // namespace

CommandResult vacuum(const ast::VacuumStmt& statement, CommandContext& context) {
  const char* word = statement.is_vacuumcmd ? "VACUUM" : "ANALYZE";
  check_vacuum_options(statement, context);
  if (statement.is_vacuumcmd) context.prevent_in_transaction_block("VACUUM");
  for (const auto* target : statement.rels) {
    auto relation = open_object(context, *target->relation, txn::LockMode::ShareUpdateExclusive);
    if (kind_name(*relation) != "table") {
      warning(context, "skipping \"" + relation->name + "\" --- cannot " + (statement.is_vacuumcmd ? "vacuum" : "analyze") +
                           " non-tables or special system tables");
      continue;
    }
    const auto& table = static_cast<const catalog::Relation&>(*relation);
    for (auto column : target->va_cols) require_column(table, column);
    std::vector<int> columns;
    for (auto column : target->va_cols) columns.push_back(table.find_column(column));
    for (const auto& member : context.catalog_version()->family(table.oid)) {
      if (member->oid != table.oid && !table.is_partitioned()) continue;
      if (analyzes(statement)) context.refresh_statistics(*member);
      if (analyzes(statement)) build_statistics(context, *member, columns);
      note_activity(statement, context, *member);
    }
  }
  if (statement.rels.empty()) tend_all(statement, context);
  if (statement.is_vacuumcmd) context.engine().collect_versions();
  return {word, {}, {}};
}

CommandResult checkpoint(CommandContext& context) {
  require_superuser(context, "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT");
  context.engine().checkpoint();
  return {"CHECKPOINT", {}, {}};
}

CommandResult lock_tables(const ast::LockStmt& statement, CommandContext& context) {
  if (!context.in_transaction_block()) {
    throw SqlError(Sqlstate::NoActiveSqlTransaction, "LOCK TABLE can only be used in transaction blocks");
  }
  auto mode = static_cast<txn::LockMode>(statement.mode);
  for (const auto* name : statement.relations) {
    auto version = context.catalog_version();
    Oid oid = analyzer::find_relation(context.analyzer_context(*version), *name, false);
    auto relation = version->relation(oid);
    if (relation == nullptr || (relation->relkind != 'r' && relation->relkind != 'p' && relation->relkind != 'v')) {
      throw SqlError(Sqlstate::WrongObjectType, "cannot lock relation \"" + std::string(name->relname) + "\"");
    }
    std::string_view enough = mode == txn::LockMode::AccessShare ? "rwdD" : mode <= txn::LockMode::RowExclusive ? "awdD" : "wdD";
    bool may = std::any_of(enough.begin(), enough.end(), [&](char c) { return catalog::has_privilege(*version, context.current_role(), *relation, c); });
    if (!may) catalog::throw_permission_denied(*relation);
    if (statement.nowait) {
      auto tag = txn::LockTag::relation(context.database(), oid);
      if (!context.transactions().locks().lock(context.transaction().backend(), tag, mode, txn::LockWait::NoWait)) {
        throw SqlError(Sqlstate::LockNotAvailable, "could not obtain lock on relation \"" + relation->name + "\"");
      }
    }
    open_relation(context, *name, mode);
    if (!name->inh) continue;
    for (const auto& child : context.catalog_version()->family(oid)) {
      if (child->oid == oid) continue;
      if (statement.nowait) {
        auto tag = txn::LockTag::relation(context.database(), child->oid);
        if (!context.transactions().locks().lock(context.transaction().backend(), tag, mode, txn::LockWait::NoWait)) {
          throw SqlError(Sqlstate::LockNotAvailable, "could not obtain lock on relation \"" + child->name + "\"");
        }
      }
      context.lock_relation(child->oid, mode);
    }
  }
  return {"LOCK TABLE", {}, {}};
}

namespace {

struct ReindexOptions {
  bool concurrently = false;
  std::optional<Oid> tablespace;  // as relations keep it
  bool global = false;            // TABLESPACE pg_global
};

ReindexOptions reindex_options(const ast::ReindexStmt& statement, CommandContext& context) {
  ReindexOptions options;
  for (const auto* option : statement.params) {
    auto* text = ast::node_cast<ast::String>(option->arg);
    if (option->defname == "tablespace" && text != nullptr) {
      options.global = text->sval == "pg_global";
      if (!options.global) options.tablespace = target_tablespace(context, text->sval);
    } else if (option->defname == "concurrently") {
      options.concurrently = text == nullptr || text->sval != "off";
    } else if (option->defname != "verbose") {
      throw SqlError(Sqlstate::SyntaxError, "unrecognized REINDEX option \"" + std::string(option->defname) + "\"").position(position_of(context, *option));
    }
  }
  return options;
}

void check_global(const ReindexOptions& options) {
  if (!options.global) return;
  throw SqlError(Sqlstate::FeatureNotSupported, options.concurrently ? "cannot move non-shared relation to tablespace \"pg_global\""
                                                                     : "only shared relations can be placed in pg_global tablespace");
}

void rebuild_in(CommandContext& context, const catalog::Relation& table, const catalog::Index& index, const ReindexOptions& options) {
  check_global(options);
  if (options.tablespace && *options.tablespace != index.tablespace && !table.is_partitioned()) {
    auto moved = std::make_shared<catalog::Index>(index);
    moved->tablespace = *options.tablespace;
    context.catalog_changes().put(moved);
    return rebuild_index(context, table, *moved);
  }
  rebuild_index(context, table, index);
}

void reindex_table(CommandContext& context, Oid oid, const ReindexOptions& options) {
  context.lock_relation(oid, txn::LockMode::AccessExclusive);
  auto version = context.catalog_version();
  auto table = version->relation(oid);
  if (table == nullptr) return;
  for (const auto& index : version->indexes_of(*table)) rebuild_in(context, *table, *index, options);
  if (!table->is_partitioned()) return;
  for (const auto& part : version->children(oid)) reindex_table(context, part->oid, options);
}

}  // namespace

CommandResult reindex(const ast::ReindexStmt& statement, CommandContext& context) {
  ReindexOptions options = reindex_options(statement, context);
  switch (statement.kind) {
    case ast::ReindexObjectType::Index: {
      auto object = open_object(context, *statement.relation, txn::LockMode::AccessExclusive);
      if (object->kind != ObjectKind::Index) throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not an index");
      check_owner(context, *object);
      const auto& index = static_cast<const catalog::Index&>(*object);
      auto table = context.catalog_version()->relation(index.table);
      if (table->is_partitioned()) {
        reindex_table(context, table->oid, options);
      } else {
        rebuild_in(context, *table, index, options);
      }
      break;
    }
    case ast::ReindexObjectType::Table: {
      auto table = open_table(context, *statement.relation, txn::LockMode::AccessExclusive);
      check_owner(context, *table);
      if (table->indexes.empty()) notice(context, "table \"" + table->name + "\" has no indexes to reindex");
      reindex_table(context, table->oid, options);
      break;
    }
    case ast::ReindexObjectType::Schema:
    case ast::ReindexObjectType::Database: {
      bool whole = statement.kind == ast::ReindexObjectType::Database;
      context.prevent_in_transaction_block(whole ? "REINDEX DATABASE" : "REINDEX SCHEMA");
      Oid schema = whole ? kInvalidOid : find_schema(context, statement.name, false);
      auto version = context.catalog_version();
      if (whole && !statement.name.empty() && version->find_database(statement.name) != context.database()) {
        throw SqlError(Sqlstate::FeatureNotSupported, "can only reindex the currently open database");
      }
      for (const auto& object : version->objects(context.database())) {
        bool table = object->kind == ObjectKind::Relation && static_cast<const catalog::Relation&>(*object).relkind == 'r';
        if (table && !is_system(*version, *object) && (whole || object->schema == schema)) reindex_table(context, object->oid, options);
      }
      break;
    }
    case ast::ReindexObjectType::System: break;
  }
  return {"REINDEX", {}, {}};
}

CommandResult cluster(const ast::ClusterStmt& statement, CommandContext& context) {
  if (statement.relation == nullptr) {
    context.prevent_in_transaction_block("CLUSTER");
    return {"CLUSTER", {}, {}};
  }
  auto table = open_table(context, *statement.relation, txn::LockMode::AccessExclusive);
  check_owner(context, *table);
  if (!statement.indexname.empty()) {
    auto version = context.catalog_version();
    Oid index = version->find_relation(table->schema, statement.indexname, context.database());
    auto found = version->index(index);
    if (found == nullptr || found->table != table->oid) {
      throw SqlError(Sqlstate::UndefinedObject, "index \"" + std::string(statement.indexname) + "\" for table \"" + table->name + "\" does not exist");
    }
  }
  return {"CLUSTER", {}, {}};
}

}  // namespace aegis::commands
