#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/catalog_functions.h"
#include "aegis/functions/quoting.h"
#include "collation.h"
#include "alter_table.h"
#include "constraints.h"
#include "definition.h"
#include "expression_uses.h"
#include "foreign_data.h"
#include "dependency.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "event_trigger.h"
#include "rewrite.h"
#include "sequence.h"
#include "table.h"
#include "type.h"
#include "view.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

bool has_rows(CommandContext& context, const catalog::Relation& table) {
  auto storage = context.engine().table(table.storage);
  if (storage == nullptr || storage->end_row().value <= 1) return false;
  auto snapshot = context.transaction().take_latest_snapshot();
  vector::Chunk rows;
  std::vector<uint32_t> none;
  std::vector<RowId> ids;
  storage::ScanState state{RowId(1), storage->end_row()};
  while (storage->scan(*snapshot, none, state, rows, ids)) {
    if (!rows.empty()) return true;
  }
  return false;
}

plan::ExprPtr next_value_expression(CommandContext& context, const catalog::Relation& sequence, types::Type type) {
  auto version = context.catalog_version();
  std::string sql = "nextval(" + functions::quote_literal(sql_name(*version, sequence)) + "::regclass)";
  return define_sql(context, sql, nullptr, type, analyzer::DefinitionKind::Default).expr;
}

// What the rows that are there get in the new column; null: nothing.
plan::ExprPtr value_for_rows(CommandContext& context, const catalog::Relation& table, const PendingColumn& pending) {
  const auto& column = table.columns[pending.column];
  if (column.identity != 0) return next_value_expression(context, *pending.sequence, column.type);
  if (column.default_sql.empty()) {
    auto version = context.catalog_version();
    auto domain = version->user_type(column.type.oid);
    if (domain == nullptr || domain->typtype != 'd') return nullptr;
    // The default of the type, and null else, which may not be one of its values.
    std::string sql;
    for (auto at = domain; sql.empty() && at != nullptr && at->typtype == 'd'; at = version->user_type(at->base.oid)) sql = at->default_sql;
    return define_sql(context, sql.empty() ? "NULL" : sql, nullptr, column.type, analyzer::DefinitionKind::Default).expr;
  }
  auto kind = column.generated ? analyzer::DefinitionKind::Generated : analyzer::DefinitionKind::Default;
  return define_sql(context, column.default_sql, column.generated ? &table : nullptr, column.type, kind).expr;
}

void add_storage_column(CommandContext& context, const catalog::Relation& old_table, const std::shared_ptr<catalog::Relation>& table,
                        const PendingColumn& pending) {
  if (table->is_partitioned()) return context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
  auto& column = table->columns[pending.column];
  auto value = value_for_rows(context, *table, pending);
  bool rewrite = value != nullptr && has_rows(context, old_table) && (column.generated != 0 || plan::is_volatile(*value));
  if (rewrite) {
    std::vector<plan::ExprPtr> computed(table->columns.size());
    computed[pending.column] = std::move(value);
    fire_table_rewrite(context, table->oid, kRewriteDefault);
    return rewrite_table(context, old_table, table, std::move(computed));
  }
  Arena arena;
  types::Value missing;
  if (value != nullptr && has_rows(context, old_table) && column.generated == 0) {
    missing = executor::evaluate_constant(*value, context.types(), context.services(), arena);
    if (!missing.is_null) {
      column.has_missing = true;
      types::type_info(column.type.oid).output(context.types(), missing, column.type.oid, column.missing_text);
    }
  }
  context.engine().add_column(context.transaction().context(), table->storage, types::physical_type(column.type.oid), missing);
  context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
}

}  // namespace

void add_column(CommandContext& context, Oid oid, const ast::AlterTableCmd& command) {
  auto old_table = context.catalog_version()->relation(oid);
  const auto& definition = *ast::node_cast<ast::ColumnDef>(command.def);
  if (old_table->find_column(definition.colname) >= 0) {
    std::string text = "column \"" + std::string(definition.colname) + "\" of relation \"" + old_table->name + "\" already exists";
    if (!command.missing_ok) throw SqlError(Sqlstate::DuplicateColumn, text);
    return notice(context, text + ", skipping", Sqlstate::DuplicateColumn);
  }
  ViewKeeper views(context);
  views.remember(old_table->oid);
  auto table = copy_of(old_table);
  PendingConstraints constraints;
  if (!definition.fdwoptions.empty() && !table->is_foreign()) {
    throw SqlError(Sqlstate::WrongObjectType, "ALTER action ALTER COLUMN ... OPTIONS cannot be performed on relation \"" + table->name + "\"")
        .detail("This operation is not supported for tables.");
  }
  if (table->is_foreign()) {
    for (const auto* constraint : definition.constraints) refuse_foreign_constraint(context, *constraint);
  }
  PendingColumn pending = add_column_definition(context, *table, definition, constraints);
  check_not_inside(context, table->row_type, table->columns[pending.column].type.oid);
  if (!table->columns[pending.column].default_sql.empty()) refuse_used_rows(context, *old_table);
  finish_column(context, *table, pending);
  if (!definition.fdwoptions.empty()) set_column_options(context, *table, pending.column, definition.fdwoptions);
  refresh_default_dependencies(context, *table);
  bool not_null = table->columns[pending.column].not_null;
  add_storage_column(context, *old_table, table, pending);
  if (storage_compression(*table).back() != storage::ColumnCompression::Auto) apply_compression(context, *table);
  if (pending.sequence != nullptr) {
    auto sequence = copy_of(context.catalog_version()->relation(pending.sequence->oid));
    own_sequence(*sequence, table->oid, pending.column, pending.sequence_kind);
    context.catalog_changes().put(sequence);
  }
  if (not_null) validate_not_null(context, *table, pending.column);
  for (const auto& check : constraints.checks) add_check(context, *table, check.node, true);
  for (const auto& key : constraints.keys) add_key(context, *table, key.node, key.columns);
  context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
  for (const auto& key : constraints.foreign_keys) add_foreign_key(context, *table, key.node, key.columns, true);
  context.catalog_changes().put(table);
  views.update_for_column();
}

// ---- ALTER COLUMN TYPE ----
namespace {

void refuse_dependents(CommandContext& context, const catalog::Relation& table, int column) {
  auto version = context.catalog_version();
  const std::string& name = table.columns[column].name;
  for (const auto& dependent : version->dependents(table.oid, column + 1)) {
    auto view = version->relation(dependent.object->oid);
    if (view == nullptr || !view->is_view()) continue;
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot alter type of a column used by a view or rule")
        .detail("rule _RETURN on " + describe(context, *view) + " depends on column \"" + name + "\"");
  }
  for (const auto& use : expression_uses(context, table, column)) {
    auto user = version->find(use.target.object);
    auto refuse = [&](const char* what, const std::string& who) {
      throw SqlError(Sqlstate::FeatureNotSupported, std::string("cannot alter type of a column used ") + what)
          .detail(who + " depends on column \"" + name + "\"");
    };
    if (user->kind == catalog::ObjectKind::Trigger) refuse("in a trigger definition", describe(context, *user));
    if (user->kind != catalog::ObjectKind::Relation) continue;
    const auto& relation = static_cast<const catalog::Relation&>(*user);
    for (const auto& policy : relation.policies) {
      if (policy.oid == use.target.sub) refuse("in a policy definition", "policy " + policy.name + " on " + describe(context, relation));
    }
    for (const auto& rule : relation.rules) {
      if (rule.oid == use.target.sub) refuse("by a view or rule", "rule " + rule.name + " on " + describe(context, relation));
    }
  }
  for (const auto& other : table.columns) {
    if (other.dropped || !other.generated || &other == &table.columns[column]) continue;
    auto definition = define_sql(context, other.default_sql, &table, other.type, analyzer::DefinitionKind::Generated);
    if (std::find(definition.columns.begin(), definition.columns.end(), column) == definition.columns.end()) continue;
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot alter type of a column used by a generated column")
        .detail("Column \"" + name + "\" is used by generated column \"" + other.name + "\".");
  }
}

// Foreign keys over the column must still be able to compare its values.
void check_foreign_keys(CommandContext& context, const catalog::Relation& table, int column, types::Type target) {
  auto version = context.catalog_version();
  const std::string& name = table.columns[column].name;
  for (const auto& reference : version->referencing(table.oid)) {
    const auto& columns = reference.constraint->foreign_key.referenced_columns;
    for (size_t k = 0; k < columns.size(); ++k) {
      if (columns[k] != column) continue;
      const auto& other = reference.table->columns[static_cast<size_t>(reference.constraint->columns[k])];
      check_key_types(context, other.type, target, reference.constraint->name, other.name, name);
    }
  }
  for (const auto& constraint : table.constraints) {
    auto referenced = constraint.kind == 'f' ? version->relation(constraint.foreign_key.referenced) : nullptr;
    for (size_t k = 0; referenced != nullptr && k < constraint.columns.size(); ++k) {
      if (constraint.columns[k] != column) continue;
      const auto& other = referenced->columns[static_cast<size_t>(constraint.foreign_key.referenced_columns[k])];
      check_key_types(context, target, other.type, constraint.name, name, other.name);
    }
  }
}

plan::ExprPtr conversion(CommandContext& context, const catalog::Relation& table, int column, types::Type target, const ast::Node* using_node) {
  const auto& old = table.columns[column];
  try {
    if (using_node != nullptr) {
      auto version = context.catalog_version();
      return analyzer::analyze_definition(context.analyzer_context(*version), *using_node, &table, target, analyzer::DefinitionKind::Check);
    }
    return define_sql(context, functions::quote_identifier(old.name), &table, target, analyzer::DefinitionKind::Check).expr;
  } catch (SqlError& error) {
    bool uncastable = error.fields().sqlstate == Sqlstate::DatatypeMismatch;
    if (!uncastable) throw;
    std::string type = types::format_type(target);
    if (using_node != nullptr) {
      throw SqlError(Sqlstate::DatatypeMismatch, "result of USING clause for column \"" + old.name + "\" cannot be cast automatically to type " +
                                                     types::format_type({target.oid}))
          .hint("You might need to add an explicit cast.");
    }
    throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + old.name + "\" cannot be cast automatically to type " + types::format_type({target.oid}))
        .hint("You might need to specify \"USING " + functions::quote_identifier(old.name) + "::" + type + "\".");
  }
}

void convert_default(CommandContext& context, catalog::Column& column, types::Type target) {
  if (column.default_sql.empty() || column.generated != 0) return;
  try {
    auto definition = define_sql(context, column.default_sql, nullptr, target, analyzer::DefinitionKind::Default);
    if (definition.expr->kind == plan::ExprKind::Constant) column.default_sql = definition_text(context, *definition.expr);
  } catch (SqlError&) {
    throw SqlError(Sqlstate::DatatypeMismatch,
                   "default for column \"" + column.name + "\" cannot be cast automatically to type " + types::format_type({target.oid}));
  }
}

// Checks and index expressions are bound again: their operators follow the new type.
void rebind_definitions(CommandContext& context, catalog::Relation& table, int column) {
  for (auto& constraint : table.constraints) {
    if (constraint.kind != 'c') continue;
    auto definition = define_sql(context, constraint.check_sql, &table, {oid::kBool}, analyzer::DefinitionKind::Check);
    if (std::find(definition.columns.begin(), definition.columns.end(), column) == definition.columns.end()) continue;
    constraint.check_sql = definition_text(context, *definition.expr);
  }
  auto version = context.catalog_version();
  for (const auto& index : version->indexes_of(table)) {
    auto changed = copy_of(index);
    for (auto& key : changed->columns) {
      if (key.column == column) {
        key.type = table.columns[column].type;
        key.collation = table.columns[column].collation;
        require_ordering(key.type);
      } else if (key.column < 0) {
        // As it would be written now, since with other types it may mean another function.
        std::string sql = catalog::visible_sql(*version, context.database(), context.analyzer_context(*version).search_path, key.sql);
        auto definition = define_sql(context, sql, &table, {}, analyzer::DefinitionKind::IndexExpression);
        key.sql = definition_text(context, *definition.expr);
        key.type = definition.expr->type;
      }
    }
    if (!changed->predicate_sql.empty()) {
      auto definition = define_sql(context, changed->predicate_sql, &table, {oid::kBool}, analyzer::DefinitionKind::IndexPredicate);
      changed->predicate_sql = definition_text(context, *definition.expr);
    }
    context.catalog_changes().put(changed);
  }
}

}  // namespace

void alter_column_type(CommandContext& context, Oid table_oid, const ast::AlterTableCmd& command) {
  auto old_table = context.catalog_version()->relation(table_oid);
  int column = require_column(*old_table, command.name);
  const auto& definition = *ast::node_cast<ast::ColumnDef>(command.def);
  auto version = context.catalog_version();
  types::Type target = analyzer::resolve_type(context.analyzer_context(*version), *definition.type_name);
  if (types::type_info(target.oid).kind == 'p') {
    throw SqlError(Sqlstate::InvalidTableDefinition, "column \"" + std::string(command.name) + "\" has pseudo-type " + types::format_type({target.oid}));
  }
  if (old_table->is_foreign() && definition.raw_default != nullptr) throw SqlError(Sqlstate::WrongObjectType, "\"" + old_table->name + "\" is not a table");
  check_type_usage(context, target.oid);
  check_foreign_keys(context, *old_table, column, target);
  check_not_inside(context, old_table->row_type, target.oid);
  refuse_dependents(context, *old_table, column);
  refuse_used_rows(context, *old_table);
  auto table = copy_of(old_table);
  auto& changed = table->columns[column];
  if (changed.generated != 0) throw_not_supported("altering the type of a generated column");
  if (changed.identity != 0 && target.oid != oid::kInt2 && target.oid != oid::kInt4 && target.oid != oid::kInt8) {
    throw SqlError(Sqlstate::InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
  }
  auto expr = conversion(context, *old_table, column, target, definition.raw_default);
  convert_default(context, changed, target);
  changed.type = target;
  changed.collation = types::type_info(target.oid).collation;
  if (definition.coll_clause != nullptr) {
    changed.collation = resolve_collation(context, definition.coll_clause->collname, definition.coll_clause->location);
  }
  changed.compression = 0;
  changed.has_missing = false;
  changed.missing_text.clear();
  bool same_bytes = expr->kind == plan::ExprKind::Input ||
                    (expr->kind == plan::ExprKind::Relabel && expr->args[0]->kind == plan::ExprKind::Input);
  same_bytes = same_bytes && static_cast<int>(expr->kind == plan::ExprKind::Input ? expr->index : expr->args[0]->index) == column;
  context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
  try {
    rebind_definitions(context, *table, column);
  } catch (SqlError& error) {
    error.position(0);  // it would be of the definition's text
    throw;
  }
  if (same_bytes) {
    if (storage_compression(*table) != storage_compression(*old_table)) apply_compression(context, *table);
    context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
    version = context.catalog_version();
    for (const auto& index : version->indexes_of(*table)) rebuild_index(context, *table, *index);
  } else {
    std::vector<plan::ExprPtr> computed(table->columns.size());
    computed[column] = std::move(expr);
    fire_table_rewrite(context, table->oid, kRewriteColumn);
    rewrite_table(context, *old_table, table, std::move(computed));
  }
  if (changed.not_null) validate_not_null(context, *table, column);
  for (const auto& constraint : table->constraints) {
    if (constraint.kind == 'c' && constraint.validated) validate_check(context, *table, constraint);
  }
}

// ---- IDENTITY ----

void add_identity(CommandContext& context, Oid table_oid, const ast::AlterTableCmd& command) {
  auto table = copy_of(context.catalog_version()->relation(table_oid));
  int number = require_column(*table, command.name);
  auto& column = table->columns[number];
  const auto& node = *ast::node_cast<ast::Constraint>(command.def);
  std::string of = "column \"" + column.name + "\" of relation \"" + table->name + "\"";
  if (column.identity != 0) throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, of + " is already an identity column");
  if (!column.not_null) throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, of + " must be declared NOT NULL before identity can be added");
  if (!column.default_sql.empty()) throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, of + " already has a default value");
  Oid type = column.type.oid;
  if (type != oid::kInt2 && type != oid::kInt4 && type != oid::kInt8) {
    throw SqlError(Sqlstate::InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
  }
  SequenceRequest request{table->schema, "", table->persistence, type, table->owner};
  for (const auto* option : node.options) {
    if (option->defname == "sequence_name") request.name = ast::node_cast<ast::QualifiedName>(option->arg)->names.back();
  }
  if (request.name.empty()) request.name = choose_relation_name(context, table->schema, table->name, column.name, "seq");
  auto sequence = std::make_shared<catalog::Relation>(*make_sequence(context, request, node.options));
  own_sequence(*sequence, table->oid, number, 'i');
  column.identity = node.generated_when;
  column.identity_sequence = sequence->oid;
  context.catalog_changes().put(table);
  context.catalog_changes().put(sequence);
}

void set_identity(CommandContext& context, Oid table_oid, const ast::AlterTableCmd& command) {
  auto table = copy_of(context.catalog_version()->relation(table_oid));
  auto& column = table->columns[require_column(*table, command.name)];
  if (column.identity == 0) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState,
                   "column \"" + column.name + "\" of relation \"" + table->name + "\" is not an identity column");
  }
  std::vector<ast::DefElem*> sequence_options;
  for (auto* item : ast::node_cast<ast::ListNode>(command.def)->items) {
    auto* option = ast::node_cast<ast::DefElem>(item);
    if (option->defname == "generated") {
      auto* kind = ast::node_cast<ast::Integer>(option->arg);
      auto* text = ast::node_cast<ast::String>(option->arg);
      column.identity = kind != nullptr ? static_cast<char>(kind->ival) : text->sval[0];
    } else {
      sequence_options.push_back(option);
    }
  }
  context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
  if (sequence_options.empty()) return;
  auto sequence = copy_of(context.catalog_version()->relation(column.identity_sequence));
  change_sequence(context, *sequence, sequence_options);
  context.catalog_changes().put(sequence);
}

void drop_identity(CommandContext& context, Oid table_oid, const ast::AlterTableCmd& command) {
  auto table = copy_of(context.catalog_version()->relation(table_oid));
  auto& column = table->columns[require_column(*table, command.name)];
  if (column.identity == 0) {
    std::string text = "column \"" + column.name + "\" of relation \"" + table->name + "\" is not an identity column";
    if (!command.missing_ok) throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, text);
    return notice(context, text + ", skipping");
  }
  Oid sequence = column.identity_sequence;
  column.identity = 0;
  column.identity_sequence = kInvalidOid;
  context.catalog_changes().put(table);
  drop_targets(context, {{DropTarget::Part::Whole, sequence, 0}}, ast::DropBehavior::Restrict, true);
}

}  // namespace aegis::commands
