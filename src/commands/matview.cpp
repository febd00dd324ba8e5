#include "matview.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "names.h"
#include "objects.h"
#include "sql_scan.h"
#include "access_method.h"
#include "table.h"
#include "tablespace.h"
#include "truncate.h"
#include "view.h"

namespace aegis::commands {

namespace {

// The text of the SELECT between AS and WITH [NO] DATA.
std::string query_text(const ast::CreateTableAsStmt& statement, std::string_view sql) {
  size_t from = statement.location > 0 ? static_cast<size_t>(statement.location) : 0;
  auto words = scan_sql(sql, from);
  size_t i = 0;
  while (i < words.size() && !(words[i].depth == 0 && words[i].is("as"))) ++i;
  size_t first = i + 1, last = first;
  while (last < words.size() && !(words[last].depth == 0 && words[last].is(";"))) ++last;
  if (last >= first + 2 && words[last - 1].is("data") && words[last - 2].is("with")) {
    last -= 2;
  } else if (last >= first + 3 && words[last - 1].is("data") && words[last - 2].is("no") && words[last - 3].is("with")) {
    last -= 3;
  }
  if (first >= last) throw InternalError("a materialized view's query was not found in its statement");
  return std::string(sql.substr(words[first].start, words[last - 1].stop - words[first].start));
}

void check_populated(const plan::BoundQuery& query, const catalog::Version& version) {
  for (const auto& used : query.relations) {
    auto relation = version.relation(used.relation);
    if (relation == nullptr || relation->relkind != 'm' || relation->populated) continue;
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "materialized view \"" + relation->name + "\" has not been populated")
        .hint("Use the REFRESH MATERIALIZED VIEW command.");
  }
}

// Writes the query's rows into the (empty) view; gives their number.
uint64_t fill(CommandContext& context, Oid view, const std::shared_ptr<const plan::PhysicalPlan>& plan, const storage::Snapshot& snapshot) {
  auto version = context.catalog_version();
  auto table = version->relation(view);
  executor::TableWriter writer(table, context.execution_context(snapshot, version));
  executor::Execution execution(plan, context.execution_context(snapshot, version));
  vector::Chunk out;
  for (const auto& column : table->columns) out.add_column(column.type.oid);
  uint64_t rows = 0;
  while (const vector::Chunk* chunk = execution.next()) {
    for (size_t i = 0; i < out.column_count(); ++i) out.column(i).reference(chunk->column(i));
    out.set_size(chunk->size());
    writer.insert(out);
    rows += chunk->size();
  }
  execution.finish();
  writer.finish();
  return rows;
}

plan::BoundQuery bind_view(CommandContext& context, const catalog::Relation& view, const catalog::Version& version) {
  auto base = context.analyzer_context(version);
  analyzer::AnalyzerContext analysis{base.catalog, base.database, view.view_search_path, view.owner, base.types, view.view_sql, base.temp_schema};
  auto parsed = parser::parse(view.view_sql);
  std::vector<types::Type> parameters;
  return analyzer::analyze(analysis, *parsed.statements.at(0).stmt, parameters);
}

std::shared_ptr<const plan::PhysicalPlan> plan_view(CommandContext& context, plan::BoundQuery bound) {
  auto version = context.catalog_version();
  analyzer::check_permissions(*version, bound);
  check_populated(bound, *version);
  auto plan = context.plan(std::move(bound), *version);
  for (const auto& locked : plan->relations) context.lock_relation(locked.relation, static_cast<txn::LockMode>(locked.lock_mode));
  return plan;
}

}  // namespace

CommandResult create_matview(const ast::CreateTableAsStmt& statement, CommandContext& context) {
  const auto& into = *statement.into;
  if (into.rel->relpersistence == ast::RelPersistence::Unlogged) {
    throw SqlError(Sqlstate::FeatureNotSupported, "materialized views cannot be unlogged");
  }
  auto version = context.catalog_version();
  std::vector<types::Type> parameters;
  auto analysis = context.analyzer_context(*version);
  auto bound = analyzer::analyze(analysis, *statement.query, parameters);
  if (!parameters.empty()) throw SqlError(Sqlstate::FeatureNotSupported, "materialized views may not be defined using bound parameters");
  for (const auto& used : bound.relations) {
    auto relation = version->relation(used.relation);
    if (used.lock_mode >= 3) throw SqlError(Sqlstate::FeatureNotSupported, "materialized views must not use data-modifying statements in WITH");
    if (relation != nullptr && relation->persistence == 't') {
      throw SqlError(Sqlstate::FeatureNotSupported, "materialized views must not use temporary tables or views");
    }
  }
  auto view = begin_relation(context, *into.rel, 'm', statement.if_not_exists);
  if (view == nullptr) return {"CREATE MATERIALIZED VIEW", {}, {}};
  view->options = table_options(into.options);
  view->tablespace = new_tablespace(context, into.table_space_name, 'p', false);
  view->access_method = table_access_method(context, into.access_method);
  add_result_columns(*view, bound, into.col_names);
  view->view_sql = query_text(statement, context.sql());
  view->view_search_path = analysis.search_path;
  define_view_query(context, *view, bound, !into.col_names.empty());
  view->populated = !into.skip_data;
  if (into.skip_data) analyzer::check_permissions(*version, bound);
  auto plan = into.skip_data ? nullptr : plan_view(context, std::move(bound));
  auto snapshot = context.transaction().take_snapshot();
  put_new_table(context, view);
  if (plan == nullptr) return {"CREATE MATERIALIZED VIEW", {}, {}};
  return {"SELECT " + std::to_string(fill(context, view->oid, plan, *snapshot)), {}, {}};
}

namespace {

void require_unique_index(CommandContext& context, const catalog::Relation& view) {
  auto version = context.catalog_version();
  for (const auto& index : version->indexes_of(view)) {
    auto plain = [](const auto& key) { return key.column >= 0; };
    if (index->unique && index->immediate && index->predicate_sql.empty() && std::all_of(index->columns.begin(), index->columns.end(), plain)) return;
  }
  throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot refresh materialized view \"" + sql_name(*version, view) + "\" concurrently")
      .hint("Create a unique index with no WHERE clause on one or more columns of the materialized view.");
}

// A key that is there twice shows up when the index is made, or as a row that has no counterpart.
[[noreturn]] void throw_duplicate(const SqlError& error, const catalog::Relation& view, bool concurrent) {
  if (concurrent) {
    throw SqlError(Sqlstate::CardinalityViolation, "new data for materialized view \"" + view.name + "\" contains duplicate rows without any null columns");
  }
  const auto& fields = error.fields();
  SqlError out(Sqlstate::UniqueViolation, "could not create unique index \"" + fields.constraint + "\"");
  std::string detail = fields.detail;
  if (size_t end = detail.rfind(" already exists."); end != std::string::npos) detail = detail.substr(0, end) + " is duplicated.";
  throw out.detail(detail).schema(fields.schema).table(fields.table).constraint(fields.constraint);
}

}  // namespace

CommandResult refresh_matview(const ast::RefreshMatViewStmt& statement, CommandContext& context) {
  auto mode = statement.concurrent ? txn::LockMode::Exclusive : txn::LockMode::AccessExclusive;
  auto object = open_object(context, *statement.relation, mode);
  if (object->kind != catalog::ObjectKind::Relation || static_cast<const catalog::Relation&>(*object).relkind != 'm') {
    throw SqlError(Sqlstate::FeatureNotSupported, "\"" + object->name + "\" is not a materialized view");
  }
  check_owner(context, *object);
  auto view = context.catalog_version()->relation(object->oid);
  if (statement.concurrent && !view->populated) {
    throw SqlError(Sqlstate::FeatureNotSupported, "CONCURRENTLY cannot be used when the materialized view is not populated");
  }
  if (statement.concurrent && statement.skip_data) {
    throw SqlError(Sqlstate::SyntaxError, "CONCURRENTLY and WITH NO DATA options cannot be used together");
  }
  if (statement.concurrent) require_unique_index(context, *view);
  check_not_in_use(context, *view, "REFRESH MATERIALIZED VIEW");
  std::shared_ptr<const plan::PhysicalPlan> plan;
  if (!statement.skip_data) {
    // Bound before its rows go: a catalog version holds while it is planned.
    auto version = context.catalog_version();
    plan = plan_view(context, bind_view(context, *view, *version));
  }
  auto snapshot = context.transaction().take_snapshot();
  empty_table(context, *context.catalog_version()->relation(view->oid));
  auto changed = copy_of(context.catalog_version()->relation(view->oid));
  changed->populated = !statement.skip_data;
  context.catalog_changes().put(changed);
  if (plan != nullptr) {
    try {
      fill(context, view->oid, plan, *snapshot);
    } catch (const SqlError& error) {
      if (error.fields().sqlstate == Sqlstate::UniqueViolation) throw_duplicate(error, *view, statement.concurrent);
      throw;
    }
    context.refresh_statistics(*context.catalog_version()->relation(view->oid));
  }
  return {"REFRESH MATERIALIZED VIEW", {}, {}};
}

}  // namespace aegis::commands
