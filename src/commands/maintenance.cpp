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

namespace {

const char* plural_kind(char relkind) {
  switch (relkind) {
    case 'S': return "sequences";
    case 'm': return "materialized views";
    case 'c': return "composite types";
    case 'f': return "foreign tables";
    default: return "indexes";
  }
}

// Locks relations, and what views among them read with the rights of the views' owners.
class TableLocker {
 public:
  TableLocker(CommandContext& context, txn::LockMode mode, bool nowait) : context_(context), mode_(mode), nowait_(nowait) {}

  void lock(Oid oid, Oid role, bool inherited) {
    if (std::find(seen_.begin(), seen_.end(), oid) != seen_.end()) return;
    auto version = context_.catalog_version();
    auto relation = version->relation(oid);
    if (relation == nullptr) return;
    check(*version, *relation, role);
    take(*relation);
    version = context_.catalog_version();
    relation = version->relation(oid);
    if (relation == nullptr) return;
    if (relation->relkind == 'v') return lock_below(*version, *relation, role);
    if (!inherited) return;
    for (const auto& child : version->family(oid)) {
      if (child->oid != oid) take(*child);
    }
  }

 private:
  void check(const catalog::Version& version, const catalog::Relation& relation, Oid role) {
    std::string_view enough = mode_ == txn::LockMode::AccessShare ? "r" : mode_ == txn::LockMode::RowExclusive ? "awdD" : "wdD";
    bool may = std::any_of(enough.begin(), enough.end(), [&](char c) { return catalog::has_privilege(version, role, relation, c); });
    if (!may) catalog::throw_permission_denied(relation);
  }

  void take(const catalog::Relation& relation) {
    if (nowait_) {
      auto tag = txn::LockTag::relation(context_.database(), relation.oid);
      if (!context_.transactions().locks().lock(context_.transaction().backend(), tag, mode_, txn::LockWait::NoWait)) {
        throw SqlError(Sqlstate::LockNotAvailable, "could not obtain lock on relation \"" + relation.name + "\"");
      }
    }
    context_.lock_relation(relation.oid, mode_);
  }

  void lock_below(const catalog::Version& version, const catalog::Relation& view, Oid role) {
    seen_.push_back(view.oid);
    bool invoker = std::find(view.options.begin(), view.options.end(), "security_invoker=true") != view.options.end();
    for (const auto& dependency : view.dependencies) {
      auto below = dependency.column == 0 ? version.relation(dependency.object) : nullptr;
      bool lockable = below != nullptr && (below->relkind == 'r' || below->relkind == 'p' || below->relkind == 'v');
      if (lockable) lock(below->oid, invoker ? role : view.owner, true);
    }
    seen_.pop_back();
  }

  CommandContext& context_;
  txn::LockMode mode_;
  bool nowait_;
  std::vector<Oid> seen_;  // views around
};

}  // namespace

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
      throw SqlError(Sqlstate::WrongObjectType, "cannot lock relation \"" + std::string(name->relname) + "\"")
          .detail(std::string("This operation is not supported for ") + plural_kind(relation == nullptr ? 'i' : relation->relkind) + ".");
    }
    TableLocker(context, mode, statement.nowait).lock(oid, context.current_role(), name->inh);
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

namespace {

void refuse_block(CommandContext& context, const catalog::Object& object, bool table) {
  try {
    context.prevent_in_transaction_block(table ? "REINDEX TABLE" : "REINDEX INDEX");
  } catch (SqlError& error) {
    auto schema = context.catalog_version()->schema(object.schema);
    error.context(std::string("while reindexing partitioned ") + (table ? "table" : "index") + " \"" + (schema ? schema->name + "." : "") + object.name + "\"");
    throw;
  }
}

// CONCURRENTLY must leave the catalogs alone.
void refuse_catalog(CommandContext& context, const ast::ReindexStmt& statement) {
  auto version = context.catalog_version();
  bool found = false;
  if (statement.kind == ast::ReindexObjectType::System) {
    found = true;
  } else if (statement.relation != nullptr) {
    auto object = version->find(analyzer::find_relation(context.analyzer_context(*version), *statement.relation, true));
    found = object != nullptr && is_system(*version, *object);
  }
  if (found) throw SqlError(Sqlstate::FeatureNotSupported, "cannot reindex system catalogs concurrently");
}

}  // namespace

CommandResult reindex(const ast::ReindexStmt& statement, CommandContext& context) {
  ReindexOptions options = reindex_options(statement, context);
  if (statement.kind == ast::ReindexObjectType::System) context.prevent_in_transaction_block("REINDEX SYSTEM");
  if (options.concurrently) {
    context.prevent_in_transaction_block("REINDEX CONCURRENTLY");
    refuse_catalog(context, statement);
  }
  switch (statement.kind) {
    case ast::ReindexObjectType::Index: {
      auto object = open_object(context, *statement.relation, txn::LockMode::AccessExclusive);
      if (object->kind != ObjectKind::Index) throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not an index");
      check_owner(context, *object);
      const auto& index = static_cast<const catalog::Index&>(*object);
      auto table = context.catalog_version()->relation(index.table);
      if (options.concurrently && !index.exclusion.empty()) {
        throw SqlError(Sqlstate::FeatureNotSupported, "concurrent index creation for exclusion constraints is not supported");
      }
      if (table->is_partitioned()) {
        refuse_block(context, *object, false);
        reindex_table(context, table->oid, options);
      } else {
        rebuild_in(context, *table, index, options);
      }
      break;
    }
    case ast::ReindexObjectType::Table: {
      auto table = open_table(context, *statement.relation, txn::LockMode::AccessExclusive);
      check_owner(context, *table);
      if (table->is_partitioned()) refuse_block(context, *table, true);
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
