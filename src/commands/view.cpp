#include "view.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "names.h"
#include "objects.h"
#include "sql_scan.h"
#include "table.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

// The text of the SELECT inside CREATE VIEW.
std::string query_text(const ast::ViewStmt& statement, std::string_view sql, bool& recursive) {
  size_t from = statement.location > 0 ? static_cast<size_t>(statement.location) : 0;
  auto words = scan_sql(sql, from);
  size_t i = 0;
  recursive = false;
  while (i < words.size() && !words[i].is("view")) recursive = words[i++].is("recursive") || recursive;
  while (i < words.size() && !(words[i].depth == 0 && words[i].is("as"))) ++i;
  size_t first = i + 1;
  size_t last = first;
  // A view that CREATE SCHEMA makes ends where the next element begins.
  auto ends = [&](const SqlWord& word) { return word.depth == 0 && (word.is(";") || word.is("create") || word.is("grant")); };
  while (last < words.size() && !ends(words[last])) ++last;
  if (statement.with_check_option != ast::ViewCheckOption::None && last >= 3 && words[last - 1].is("option")) {
    last -= words[last - 3].is("with") ? 3 : 4;
  }
  if (first >= last) throw InternalError("a view's query was not found in its statement");
  return std::string(sql.substr(words[first].start, words[last - 1].stop - words[first].start));
}

plan::BoundQuery bind_text(CommandContext& context, const std::string& sql, const std::vector<Oid>& path, const catalog::Version& version) {
  auto base = context.analyzer_context(version);
  analyzer::AnalyzerContext analysis{base.catalog, base.database, path, base.role, base.types, sql, base.temp_schema};
  auto parsed = parser::parse(sql);
  std::vector<types::Type> parameters;
  auto bound = analyzer::analyze(analysis, *parsed.statements.at(0).stmt, parameters);
  if (!parameters.empty()) throw SqlError(Sqlstate::UndefinedParameter, "there is no parameter $1");
  return bound;
}

bool same_output(const plan::BoundQuery& a, const plan::BoundQuery& b) {
  return std::equal(a.output.begin(), a.output.end(), b.output.begin(), b.output.end(), [](const auto& x, const auto& y) {
    return x.name == y.name && x.type == y.type && x.table_oid == y.table_oid && x.attribute_number == y.attribute_number;
  });
}

// `SELECT * FROM …` becomes the list of columns, so that later columns of the tables do not appear in the view.
std::string expand_star(CommandContext& context, const std::string& sql, const plan::BoundQuery& bound, const std::vector<Oid>& path,
                        const catalog::Version& version) {
  auto words = scan_sql(sql);
  size_t at = 1;
  if (words.size() < 3 || !words[0].is("select")) return sql;
  if (words[1].is("all") || words[1].is("distinct")) at = 2;
  if (at + 1 >= words.size() || !words[at].is("*") || !words[at + 1].is("from")) return sql;
  std::string list;
  for (const auto& column : bound.output) list += (list.empty() ? "" : ", ") + functions::quote_identifier(column.name);
  if (list.empty()) return sql;
  std::string expanded = sql.substr(0, words[at].start) + list + sql.substr(words[at].stop);
  try {
    if (same_output(bind_text(context, expanded, path, version), bound)) return expanded;
  } catch (const SqlError&) {
    // Two columns of one name: the text stays as it was.
  }
  return sql;
}

// Only what the view itself names: a view inside brings its own tables into the query.
std::vector<catalog::Dependency> direct_dependencies(const plan::BoundQuery& bound, const catalog::Version& version) {
  auto all = analyzer::dependencies_of(bound);
  for (auto& dependency : all) {
    auto owner = dependency.column == 0 && version.find(dependency.object) == nullptr ? version.type_owner(dependency.object) : nullptr;
    if (owner != nullptr) dependency.object = owner->oid;
  }
  std::vector<catalog::Dependency> inherited;
  for (const auto& dependency : all) {
    auto relation = version.relation(dependency.object);
    if (relation != nullptr && relation->relkind == 'v') {
      inherited.insert(inherited.end(), relation->dependencies.begin(), relation->dependencies.end());
      for (const auto& deeper : relation->dependencies) {
        auto inner = version.relation(deeper.object);
        if (inner != nullptr && inner->relkind == 'v') {
          inherited.insert(inherited.end(), inner->dependencies.begin(), inner->dependencies.end());
        }
      }
    }
  }
  std::erase_if(all, [&](const auto& d) {
    return d.object < kFirstNormalOid || std::find(inherited.begin(), inherited.end(), d) != inherited.end();
  });
  return all;
}

std::vector<catalog::Column> view_columns(const ast::ViewStmt& statement, const plan::BoundQuery& bound) {
  if (statement.aliases.size() > bound.output.size()) {
    throw SqlError(Sqlstate::SyntaxError, "CREATE VIEW specifies more column names than columns");
  }
  std::vector<catalog::Column> columns;
  for (size_t i = 0; i < bound.output.size(); ++i) {
    catalog::Column column;
    column.name = i < statement.aliases.size() ? std::string(statement.aliases[i]) : bound.output[i].name;
    column.type = bound.output[i].type;
    if (column.type.oid == oid::kUnknown) column.type = {oid::kText};
    column.collation = result_collation(bound.output[i], column.name);
    for (const auto& other : columns) {
      if (other.name == column.name) throw SqlError(Sqlstate::DuplicateColumn, "column \"" + column.name + "\" specified more than once");
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

void check_replacement(const catalog::Relation& old, const std::vector<catalog::Column>& columns) {
  if (columns.size() < old.columns.size()) throw SqlError(Sqlstate::InvalidTableDefinition, "cannot drop columns from view");
  for (size_t i = 0; i < old.columns.size(); ++i) {
    const auto& before = old.columns[i];
    if (before.name != columns[i].name) {
      throw SqlError(Sqlstate::InvalidTableDefinition,
                     "cannot change name of view column \"" + before.name + "\" to \"" + columns[i].name + "\"")
          .hint("Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
    }
    if (before.type != columns[i].type) {
      throw SqlError(Sqlstate::InvalidTableDefinition, "cannot change data type of view column \"" + before.name + "\" from " +
                                                           types::format_type(before.type) + " to " + types::format_type(columns[i].type));
    }
  }
}

// The view to replace, or a new one.
std::shared_ptr<catalog::Relation> target_view(CommandContext& context, const ast::ViewStmt& statement, bool temporary, bool& replaces) {
  ast::RangeVar name = *statement.view;
  if (temporary) name.relpersistence = ast::RelPersistence::Temp;
  replaces = false;
  if (statement.replace) {
    NewName made = creation_name(context, name);
    lock_name(context, catalog::kPgClassOid, made.schema, made.name);
    Oid existing = context.catalog_version()->find_relation(made.schema, made.name, context.database());
    if (existing != kInvalidOid) {
      context.lock_relation(existing, txn::LockMode::AccessExclusive);
      auto object = context.catalog_version()->relation(existing);
      if (object == nullptr || object->relkind != 'v') {
        throw SqlError(Sqlstate::WrongObjectType, "\"" + made.name + "\" is not a view");
      }
      check_owner(context, *object);
      replaces = true;
      return copy_of(object);
    }
  }
  return begin_relation(context, name, 'v', false);
}

}  // namespace

bool has_star(std::string_view sql) {
  auto words = scan_sql(sql);
  for (size_t i = 1; i < words.size(); ++i) {
    if (!words[i].is("*")) continue;
    const auto& before = words[i - 1];
    if (before.is(".") || before.is(",") || before.is("select") || before.is("all") || before.is("distinct")) return true;
    if (before.is("(") && !(i + 1 < words.size() && words[i + 1].is(")"))) return true;
  }
  return false;
}

void refresh_view_dependencies(CommandContext& context, catalog::Relation& view) {
  auto version = context.catalog_version();
  auto bound = bind_text(context, view.view_sql, view.view_search_path, *version);
  view.dependencies = direct_dependencies(bound, *version);
}

void apply_view_options(catalog::Relation& view) {
  view.check_option = 'n';
  for (const auto& option : view.options) {
    if (option == "check_option=local") view.check_option = 'l';
    if (option == "check_option=cascaded") view.check_option = 'c';
  }
}

void check_updatable(CommandContext& context, const catalog::Relation& view) {
  auto version = context.catalog_version();
  std::string why = analyzer::why_not_updatable(context.analyzer_context(*version), view);
  if (why.empty()) return;
  throw SqlError(Sqlstate::FeatureNotSupported, "WITH CHECK OPTION is supported only on automatically updatable views").hint(why);
}

void define_view_query(CommandContext& context, catalog::Relation& view, const plan::BoundQuery& bound, bool named) {
  auto version = context.catalog_version();
  view.view_sql = expand_star(context, view.view_sql, bound, view.view_search_path, *version);
  view.dependencies = direct_dependencies(bound, *version);
  if (!named) return;
  std::string names;
  for (const auto& column : view.columns) names += (names.empty() ? "" : ", ") + functions::quote_identifier(column.name);
  view.view_sql = "SELECT " + names + " FROM (" + view.view_sql + ") query(" + names + ")";
}

CommandResult create_view(const ast::ViewStmt& statement, CommandContext& context) {
  bool recursive = false;
  std::string sql = query_text(statement, context.sql(), recursive);
  if (recursive) {
    std::string names, name = functions::quote_identifier(statement.view->relname);
    for (auto alias : statement.aliases) names += (names.empty() ? "" : ", ") + functions::quote_identifier(alias);
    sql = "WITH RECURSIVE " + name + " (" + names + ") AS (" + sql + ") SELECT " + names + " FROM " + name;
  }
  if (auto* select = ast::node_cast<ast::SelectStmt>(statement.query); select == nullptr) {
    throw_not_supported("a view of this statement");
  } else if (select->into_clause != nullptr) {
    throw SqlError(Sqlstate::FeatureNotSupported, "views must not contain SELECT INTO");
  }
  auto version = context.catalog_version();
  auto path = context.search_path();
  std::vector<types::Type> parameters;
  // Bound from the statement itself first, so that errors have its positions.
  if (!recursive) analyzer::analyze(context.analyzer_context(*version), *statement.query, parameters);
  auto analysis_path = context.analyzer_context(*version).search_path;
  auto bound = bind_text(context, sql, analysis_path, *version);
  for (const auto& locked : bound.relations) context.lock_relation(locked.relation, txn::LockMode::AccessShare);
  auto columns = view_columns(statement, bound);
  auto dependencies = direct_dependencies(bound, *version);
  bool temporary = statement.view->relpersistence == ast::RelPersistence::Temp;
  for (const auto& dependency : dependencies) {
    auto used = version->relation(dependency.object);
    if (used == nullptr || used->persistence != 't' || temporary) continue;
    temporary = true;
    notice(context, "view \"" + std::string(statement.view->relname) + "\" will be a temporary view");
  }
  bool replaces = false;
  auto view = target_view(context, statement, temporary, replaces);
  if (replaces) check_replacement(*view, columns);
  view->columns = std::move(columns);
  view->view_sql = sql;
  view->view_search_path = analysis_path;
  define_view_query(context, *view, bound, !statement.aliases.empty());
  view->dependencies = std::move(dependencies);
  view->options = view_options(statement.options);
  if (statement.with_check_option != ast::ViewCheckOption::None) {
    view->options.push_back(statement.with_check_option == ast::ViewCheckOption::Local ? "check_option=local" : "check_option=cascaded");
  }
  apply_view_options(*view);
  if (view->check_option != 'n') check_updatable(context, *view);
  if (std::any_of(view->dependencies.begin(), view->dependencies.end(), [&](const auto& d) { return d.object == view->oid; })) {
    throw SqlError(Sqlstate::InvalidRecursion, "infinite recursion detected in rules for relation \"" + view->name + "\"");
  }
  context.catalog_changes().put(view);
  return {"CREATE VIEW", {}, {}};
}

}  // namespace aegis::commands
