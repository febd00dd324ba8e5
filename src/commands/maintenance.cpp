#include "maintenance.h"

#include <algorithm>
#include <optional>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "tablespace.h"

namespace aegis::commands {
using catalog::ObjectKind;

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
      auto owned = whole ? std::static_pointer_cast<const catalog::Object>(version->database(context.database()))
                         : std::static_pointer_cast<const catalog::Object>(version->schema(schema));
      if (owned != nullptr) check_owner(context, *owned);
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

}  // namespace aegis::commands
