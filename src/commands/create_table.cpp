#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/plan/walk.h"
#include "constraints.h"
#include "foreign_data.h"
#include "definition.h"
#include "matview.h"
#include "objects.h"
#include "role.h"
#include "partition/attach.h"
#include "partition/bound.h"
#include "partition/inherit.h"
#include "sequence.h"
#include "access_method.h"
#include "table.h"
#include "tablespace.h"
#include "typed_table.h"

namespace aegis::commands {

std::shared_ptr<catalog::Relation> begin_relation(CommandContext& context, const ast::RangeVar& name, char relkind, bool if_not_exists) {
  NewName made = creation_name(context, name);
  lock_name(context, catalog::kPgClassOid, made.schema, made.name);
  if (context.catalog_version()->find_relation(made.schema, made.name, context.database()) != kInvalidOid) {
    if (!if_not_exists) throw SqlError(Sqlstate::DuplicateTable, "relation \"" + made.name + "\" already exists");
    notice(context, "relation \"" + made.name + "\" already exists, skipping", Sqlstate::DuplicateTable);
    return nullptr;
  }
  auto relation = std::make_shared<catalog::Relation>();
  relation->relkind = relkind;
  relation->oid = context.catalog().allocate_oid();
  relation->row_type = context.catalog().allocate_oid();
  relation->array_type = context.catalog().allocate_oid();
  relation->database = context.database();
  relation->schema = made.schema;
  relation->name = made.name;
  relation->owner = context.current_role();
  if (relkind != 'c') apply_default_privileges(context, *relation);
  relation->persistence = made.persistence;
  return relation;
}

void put_new_table(CommandContext& context, const std::shared_ptr<catalog::Relation>& table) {
  if (!table->is_partitioned()) table->storage = TableId(context.catalog().allocate_oid());
  context.lock_relation(table->oid, txn::LockMode::AccessExclusive);
  if (!table->is_partitioned()) context.engine().create_table(context.transaction().context(), table->storage, storage_schema(*table, *context.catalog_version()));
  // A copy: the caller goes on changing its own.
  context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
}

namespace {

void refuse_unsupported(CommandContext&, const ast::CreateStmt& statement) {
  if (statement.partspec != nullptr && !statement.access_method.empty()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "specifying a table access method is not supported on a partitioned table");
  }
}

char on_commit_of(ast::OnCommitAction action, char persistence) {
  if (action != ast::OnCommitAction::Noop && persistence != 't') {
    throw SqlError(Sqlstate::InvalidTableDefinition, "ON COMMIT can only be used on temporary tables");
  }
  return action == ast::OnCommitAction::DeleteRows ? 'd' : action == ast::OnCommitAction::Drop ? 'D' : 'n';
}

// A UNIQUE that repeats another key adds nothing, as in PostgreSQL.
void merge_keys(PendingConstraints& pending) {
  auto columns = [](const PendingConstraints::Item& item) {
    return item.columns.empty() ? std::vector<std::string>(item.node.keys.begin(), item.node.keys.end()) : item.columns;
  };
  for (size_t i = 0; i < pending.keys.size(); ++i) {
    for (size_t k = i + 1; k < pending.keys.size();) {
      auto& prior = pending.keys[i];
      auto& later = pending.keys[k];
      bool same = later.node.contype == ast::ConstrType::Unique && columns(prior) == columns(later) &&
                  prior.node.including.empty() && later.node.including.empty() &&
                  prior.node.nulls_not_distinct == later.node.nulls_not_distinct && prior.node.deferrable == later.node.deferrable;
      if (!same) {
        ++k;
        continue;
      }
      if (prior.node.conname.empty()) prior.node.conname = later.node.conname;
      pending.keys.erase(pending.keys.begin() + static_cast<long>(k));
    }
  }
}

}  // namespace

static CommandResult make_table(const ast::CreateStmt& statement, CommandContext& context, const ast::CreateForeignTableStmt* foreign) {
  std::string tag = foreign != nullptr ? "CREATE FOREIGN TABLE" : "CREATE TABLE";
  refuse_unsupported(context, statement);
  bool as_partition = statement.partbound != nullptr;
  auto table = begin_relation(context, *statement.relation, foreign != nullptr ? 'f' : statement.partspec != nullptr ? 'p' : 'r', statement.if_not_exists);
  if (table == nullptr) return {tag, {}, {}};
  if (foreign != nullptr) refuse_foreign_elements(context, statement);
  table->on_commit = on_commit_of(statement.oncommit, table->persistence);
  table->options = table_options(statement.options);
  if (table->is_partitioned() && !table->options.empty()) {
    throw SqlError(Sqlstate::WrongObjectType, "cannot specify storage parameters for a partitioned table")
        .hint("Specify storage parameters for its leaf partitions, instead.");
  }
  if (statement.of_typename != nullptr) take_columns_of_type(context, *table, *statement.of_typename);
  bool typed = table->of_type != kInvalidOid;
  auto parents = open_parents(context, statement, *table);
  if (foreign != nullptr) set_foreign_server(context, *table, *foreign, as_partition ? parents[0].get() : nullptr);
  take_from_parents(context, *table, parents, as_partition);
  Oid inherited = as_partition ? parents[0]->tablespace : kInvalidOid;
  table->tablespace = new_tablespace(context, statement.tablespacename, table->persistence, table->is_partitioned(), inherited);
  if (!table->is_partitioned()) table->access_method = table_access_method(context, statement.access_method);

  PendingConstraints constraints;
  std::vector<PendingColumn> pending;
  std::vector<LikeClause> likes;
  for (const auto* element : statement.table_elts) {
    if (auto* column = ast::node_cast<ast::ColumnDef>(element)) {
      if (foreign == nullptr && !column->fdwoptions.empty()) {
        throw SqlError(Sqlstate::WrongObjectType, "ALTER action ALTER COLUMN ... OPTIONS cannot be performed on relation \"" + table->name + "\"")
            .detail("This operation is not supported for tables.");
      }
      int at = table->find_column(column->colname);
      if (as_partition || typed) {
        bool repeated = std::any_of(pending.begin(), pending.end(), [&](const auto& other) { return other.column == at; });
        if (repeated && at >= 0) {
          throw SqlError(Sqlstate::DuplicateColumn, "column \"" + std::string(column->colname) + "\" specified more than once");
        }
      }
      bool inherited = as_partition || typed || (at >= 0 && table->columns[at].inherit_count > 0);
      pending.push_back(inherited ? merge_column_definition(context, *table, *column, constraints, as_partition || typed)
                                  : add_column_definition(context, *table, *column, constraints));
    } else if (auto* constraint = ast::node_cast<ast::Constraint>(element)) {
      sort_constraint(context, *constraint, {}, constraints);
    } else if (auto* like = ast::node_cast<ast::TableLikeClause>(element)) {
      likes.push_back(copy_columns(context, *table, *like, pending));
    } else {
      throw_not_supported("this element of CREATE TABLE", position_of(context, *element));
    }
  }
  if (typed) {
    for (auto& column : table->columns) column.local = true;
  }
  // sort_constraint puts each primary key in front: the last one written is the first here.
  if (constraints.keys.size() > 1 && constraints.keys[1].node.contype == ast::ConstrType::Primary) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "multiple primary keys for table \"" + table->name + "\" are not allowed")
        .position(position_of(context, constraints.keys[0].node));
  }
  merge_keys(constraints);
  for (const auto& column : pending) finish_column(context, *table, column);
  require_one_default(*table);
  refresh_default_dependencies(context, *table);
  if (statement.partspec != nullptr) set_partition_key(context, *table, *statement.partspec);
  if (as_partition) {
    auto bound = make_bound(context, *parents[0], *statement.partbound);
    check_bound(context, *parents[0], table->name, bound, *statement.partbound);
    if (!bound.is_default) check_default_rows(context, *parents[0], bound, kInvalidOid);
    table->partition_bound = bound;
  }
  put_new_table(context, table);

  for (const auto& column : pending) {
    if (column.sequence == nullptr) continue;
    auto sequence = std::make_shared<catalog::Relation>(*column.sequence);
    own_sequence(*sequence, table->oid, column.column, column.sequence_kind);
    context.catalog_changes().put(sequence);
  }
  for (const auto& check : constraints.checks) {
    if (!merge_check(context, *table, check.node)) add_check(context, *table, check.node, false);
  }
  for (const auto& like : likes) copy_definitions(context, *table, like);
  // The parent's keys come first: one of the table's own may be the same.
  if (as_partition) {
    context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
    give_partition_parts(context, parents[0]->oid, table->oid);
    *table = *context.catalog_version()->relation(table->oid);
  }
  for (const auto& key : constraints.keys) add_key(context, *table, key.node, key.columns);
  if (!constraints.foreign_keys.empty()) context.catalog_changes().put(std::make_shared<catalog::Relation>(*table));
  for (const auto& key : constraints.foreign_keys) add_foreign_key(context, *table, key.node, key.columns, false);
  if (foreign != nullptr) set_foreign_options(context, *table, *foreign);
  context.catalog_changes().put(table);
  if (table->on_commit != 'n') context.on_commit_action(table->oid, table->on_commit);
  return {tag, {}, {}};
}

CommandResult create_table(const ast::CreateStmt& statement, CommandContext& context) { return make_table(statement, context, nullptr); }

CommandResult create_foreign_table(const ast::CreateForeignTableStmt& statement, CommandContext& context) {
  return make_table(*statement.base, context, &statement);
}

// ---- CREATE TABLE AS ----
namespace {

// `prepared`: of EXECUTE, with the values of its parameters.
plan::BoundQuery bind_query(CommandContext& context, const ast::Node& query, const catalog::Version& version, const PreparedQuery* prepared) {
  std::vector<types::Type> parameters;
  auto analysis = context.analyzer_context(version);
  if (prepared != nullptr) {
    parameters = prepared->types;
    analysis.sql = prepared->text;
  }
  auto bound = analyzer::analyze(analysis, query, parameters);
  if (prepared == nullptr || prepared->values.empty()) return bound;
  plan::rewrite(*bound.root, [&](plan::ExprPtr& expr) {
    if (expr->kind != plan::ExprKind::Param || expr->index >= prepared->values.size()) return;
    plan::ExprPtr value = plan::make_constant(expr->type, prepared->values[expr->index]);
    value->collation = expr->collation;
    expr = std::move(value);
  });
  return bound;
}

}  // namespace

Oid result_collation(const plan::OutputColumn& column, const std::string& name) {
  if (column.collation == types::kIndeterminateCollation) {
    throw SqlError(Sqlstate::IndeterminateCollation, "no collation was derived for column \"" + name + "\" with collatable type " + types::format_type({column.type.oid}))
        .hint("Use the COLLATE clause to set the collation explicitly.");
  }
  Oid own = types::type_info(column.type.oid == types::oid::kUnknown ? types::oid::kText : column.type.oid).collation;
  return own == kInvalidOid || column.collation == kInvalidOid ? own : column.collation;
}

void add_result_columns(catalog::Relation& table, const plan::BoundQuery& query, ast::NameList names) {
  if (names.size() > query.output.size()) {
    throw SqlError(Sqlstate::SyntaxError, "too many column names were specified");
  }
  for (size_t i = 0; i < query.output.size(); ++i) {
    catalog::Column column;
    column.name = i < names.size() ? std::string(names[i]) : query.output[i].name;
    column.type = query.output[i].type;
    if (column.type.oid == types::oid::kUnknown) column.type = {types::oid::kText};
    column.collation = result_collation(query.output[i], column.name);
    if (types::type_info(column.type.oid).kind == 'p') {
      throw SqlError(Sqlstate::InvalidTableDefinition, "column \"" + column.name + "\" has pseudo-type " + types::format_type({column.type.oid}));
    }
    if (table.find_column(column.name) >= 0) {
      throw SqlError(Sqlstate::DuplicateColumn, "column \"" + column.name + "\" specified more than once");
    }
    table.columns.push_back(std::move(column));
  }
}

namespace {

CommandResult fill_table(CommandContext& context, const ast::Node& query, const ast::IntoClause& into, bool if_not_exists,
                         const char* tag, const PreparedQuery* prepared = nullptr) {
  auto table = begin_relation(context, *into.rel, 'r', if_not_exists);
  if (table == nullptr) return {tag, {}, {}};
  table->on_commit = on_commit_of(into.on_commit, table->persistence);
  table->options = table_options(into.options);
  table->tablespace = new_tablespace(context, into.table_space_name, table->persistence, false);
  table->access_method = table_access_method(context, into.access_method);
  auto version = context.catalog_version();
  auto bound = bind_query(context, query, *version, prepared);
  add_result_columns(*table, bound, into.col_names);
  if (!into.skip_data) analyzer::check_permissions(*version, bound);
  auto plan = into.skip_data ? nullptr : context.plan(std::move(bound), *version);
  for (const auto& locked : plan ? plan->relations : std::vector<plan::BoundQuery::LockedRelation>{}) {
    context.lock_relation(locked.relation, static_cast<txn::LockMode>(locked.lock_mode));
  }
  auto snapshot = context.transaction().take_snapshot();
  put_new_table(context, table);
  if (table->on_commit != 'n') context.on_commit_action(table->oid, table->on_commit);
  uint64_t rows = 0;
  if (plan != nullptr) {
    version = context.catalog_version();
    executor::TableWriter writer(version->relation(table->oid), context.execution_context(*snapshot, version));
    executor::Execution execution(plan, context.execution_context(*snapshot, version));
    vector::Chunk out;
    for (const auto& column : table->columns) out.add_column(column.type.oid);
    while (const vector::Chunk* chunk = execution.next()) {
      for (size_t i = 0; i < out.column_count(); ++i) out.column(i).reference(chunk->column(i));
      out.set_size(chunk->size());
      writer.insert(out);
      rows += chunk->size();
    }
    execution.finish();
    writer.finish();
  }
  if (into.skip_data) return {tag, {}, {}};
  return {"SELECT " + std::to_string(rows), {}, {}};
}

}  // namespace

CommandResult create_table_as(const ast::CreateTableAsStmt& statement, CommandContext& context) {
  if (statement.objtype == ast::ObjectType::Matview) return create_matview(statement, context);
  if (auto* execute = ast::node_cast<ast::ExecuteStmt>(statement.query)) {
    PreparedQuery prepared = context.prepared_query(*execute);
    if (!ast::is_node<ast::SelectStmt>(prepared.node)) throw SqlError(Sqlstate::WrongObjectType, "prepared statement is not a SELECT");
    return fill_table(context, *prepared.node, *statement.into, statement.if_not_exists, "CREATE TABLE AS", &prepared);
  }
  return fill_table(context, *statement.query, *statement.into, statement.if_not_exists, "CREATE TABLE AS");
}

CommandResult select_into(const ast::SelectStmt& statement, CommandContext& context) {
  const ast::SelectStmt* leftmost = &statement;
  while (leftmost->into_clause == nullptr && leftmost->larg != nullptr) leftmost = leftmost->larg;
  // The same query without INTO.
  ast::SelectStmt plain = statement;
  plain.into_clause = nullptr;
  if (leftmost != &statement) throw_not_supported("SELECT INTO in a set operation");
  return fill_table(context, plain, *leftmost->into_clause, false, "SELECT INTO");
}

}  // namespace aegis::commands
