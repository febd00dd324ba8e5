// Finding the table that a writer writes to, through views (rewriteHandler.c: view_query_is_auto_updatable, rewriteTargetView).
#include "write_target.h"

#include <algorithm>

#include "aegis/catalog/privileges.h"
#include "aegis/base/error.h"
#include "aegis/catalog/foreign.h"
#include "aegis/catalog/system.h"
#include "aegis/parser/parser.h"
#include "aegis/plan/walk.h"
#include "query_analyzer.h"

namespace aegis::analyzer {

using ast::node_cast;

namespace {

constexpr int kAccessShareLock = 1;
constexpr int kRowExclusiveLock = 3;
constexpr int kMaxViewDepth = 100;
constexpr const char* kNotAColumn = "View columns that are not columns of their base relation are not updatable.";
constexpr const char* kSystemColumn = "View columns that refer to system columns are not updatable.";
constexpr const char* kWholeRow = "View columns that return whole-row references are not updatable.";

// `CREATE VIEW v(a, b) AS …` is kept as SELECT a, b FROM (…) query(a, b): the names are the view's, the query is inside.
const ast::SelectStmt* named_query(const ast::SelectStmt& select) {
  if (select.from_clause.size() != 1 || select.where_clause != nullptr) return nullptr;
  auto* sub = node_cast<ast::RangeSubselect>(select.from_clause[0]);
  if (sub == nullptr || sub->alias == nullptr || sub->alias->aliasname != "query" || sub->alias->colnames.size() != select.target_list.size()) return nullptr;
  return node_cast<ast::SelectStmt>(sub->subquery);
}

const char* why_not(const ast::SelectStmt& select) {
  if (select.distinct) return "Views containing DISTINCT are not automatically updatable.";
  if (!select.group_clause.empty()) return "Views containing GROUP BY are not automatically updatable.";
  if (select.having_clause != nullptr) return "Views containing HAVING are not automatically updatable.";
  if (select.op != ast::SetOperation::None) return "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.";
  if (select.with_clause != nullptr) return "Views containing WITH are not automatically updatable.";
  if (select.limit_count != nullptr || select.limit_offset != nullptr) return "Views containing LIMIT or OFFSET are not automatically updatable.";
  constexpr const char* kNotOne = "Views that do not select from a single table or view are not automatically updatable.";
  if (select.from_clause.size() != 1 || !select.values_lists.empty()) return kNotOne;
  if (ast::is_node<ast::RangeTableSample>(select.from_clause[0])) return "Views containing TABLESAMPLE are not automatically updatable.";
  if (!ast::is_node<ast::RangeVar>(select.from_clause[0])) return kNotOne;
  return nullptr;
}

[[noreturn]] void throw_not_updatable(const catalog::Relation& view, std::string_view verb, const char* why) {
  std::string name = "\"" + view.name + "\"";
  bool inserts = verb == "INSERT", updates = verb == "UPDATE";
  std::string doing = inserts ? "inserting into" : updates ? "updating" : "deleting from";
  std::string event = std::string(verb);
  SqlError error(Sqlstate::ObjectNotInPrerequisiteState, (inserts ? "cannot insert into view " : updates ? "cannot update view " : "cannot delete from view ") + name);
  if (why != nullptr) error.detail(why);
  throw error.hint("To enable " + doing + " the view, provide an INSTEAD OF " + event + " trigger or an unconditional ON " + event + " DO INSTEAD rule.");
}

int16_t event_of(std::string_view verb) {
  return verb == "INSERT" ? catalog::kTriggerInsert : verb == "UPDATE" ? catalog::kTriggerUpdate : catalog::kTriggerDelete;
}

}  // namespace

// One view's query, taken apart with its columns and conditions over the table's columns.
struct ViewLevel {
  std::vector<WriteTarget::ViewColumn> columns;
  ExprList predicates;                            // of this view and those below
  std::vector<WriteTarget::ViewCheck> checks;
};

bool QueryAnalyzer::has_instead_trigger(const catalog::Relation& view, std::string_view verb) {
  for (const auto& trigger : context_.catalog.triggers(view.oid)) {
    if (trigger->enabled != 'D' && (trigger->type & catalog::kTriggerInstead) != 0 && (trigger->type & event_of(verb)) != 0) return true;
  }
  return false;
}

catalog::RelationPtr QueryAnalyzer::relation_below(const catalog::Relation& view) {
  auto parsed = parser::parse(view.view_sql);
  const auto* select = node_cast<ast::SelectStmt>(parsed.statements.at(0).stmt);
  if (auto* inner = named_query(*select)) select = inner;
  AnalyzerContext context{context_.catalog, context_.database, view.view_search_path, context_.role, context_.types, view.view_sql, context_.temp_schema};
  return context_.catalog.relation(find_relation(context, static_cast<const ast::RangeVar&>(*select->from_clause[0]), false));
}

// Whether the view reads the tables that inherit from the one below, too.
bool QueryAnalyzer::view_inherits(const catalog::Relation& view) {
  auto parsed = parser::parse(view.view_sql);
  const auto* select = node_cast<ast::SelectStmt>(parsed.statements.at(0).stmt);
  if (auto* inner = named_query(*select)) select = inner;
  if (auto below = relation_below(view); below != nullptr && below->relkind == 'v') return view_inherits(*below);
  return static_cast<const ast::RangeVar&>(*select->from_clause[0]).inh;
}

// The table below a view; throws when the view can't be written through.
catalog::RelationPtr QueryAnalyzer::table_below(const catalog::Relation& view, std::string_view verb, int depth) {
  if (depth > kMaxViewDepth) throw SqlError(Sqlstate::InvalidObjectDefinition, "infinite recursion detected in rules for relation \"" + view.name + "\"");
  auto parsed = parser::parse(view.view_sql);
  const ast::SelectStmt* select = node_cast<ast::SelectStmt>(parsed.statements.at(0).stmt);
  if (select != nullptr) {
    if (auto* inner = named_query(*select)) select = inner;
  }
  const char* why = select == nullptr ? "Views that do not select from a single table or view are not automatically updatable." : why_not(*select);
  if (why != nullptr) throw_not_updatable(view, verb, why);
  AnalyzerContext context{context_.catalog, context_.database, view.view_search_path, context_.role, context_.types, view.view_sql, context_.temp_schema};
  Oid oid = find_relation(context, static_cast<const ast::RangeVar&>(*select->from_clause[0]), false);
  auto relation = context_.catalog.relation(oid);
  if (relation != nullptr && relation->relkind == 'v' && has_instead_trigger(*relation, verb)) {
    throw_not_supported("writing through a view over a view with INSTEAD OF triggers");
  }
  if (relation != nullptr && relation->relkind == 'v') return table_below(*relation, verb, depth + 1);
  if (relation == nullptr || (relation->relkind != 'r' && !relation->is_partitioned()) || catalog::find_system_table(oid) != nullptr) {
    throw_not_updatable(view, verb, "Views that do not select from a single table or view are not automatically updatable.");
  }
  return relation;
}

// `column_of(i)` is where the table's column i is read.
ViewLevel QueryAnalyzer::view_level(const catalog::Relation& view, std::string_view verb, bool cascaded, const std::function<plan::ColumnBinding(int)>& column_of) {
  auto parsed = parser::parse(view.view_sql);
  const ast::SelectStmt* select = node_cast<ast::SelectStmt>(parsed.statements.at(0).stmt);
  if (auto* inside = named_query(*select)) select = inside;
  AnalyzerContext context{context_.catalog, context_.database, view.view_search_path, context_.role, context_.types, view.view_sql, context_.temp_schema};
  QueryAnalyzer inner(context, nullptr);
  size_t used = used_columns_.size();
  lend(inner, view);
  const auto& name = static_cast<const ast::RangeVar&>(*select->from_clause[0]);
  auto below = context_.catalog.relation(find_relation(context, name, false));
  bool checked = cascaded || view.check_option != 'n';
  bool cascades = cascaded || view.check_option == 'c';

  ViewLevel level;
  RangeItem item;
  item.alias = below->name;
  std::vector<WriteTarget::ViewColumn> columns;  // of `below`
  if (below->relkind == 'v') {
    inner.add_lock(below->oid, kRowExclusiveLock);
    ViewLevel deeper = inner.view_level(*below, verb, cascades, column_of);
    columns = std::move(deeper.columns);
    level.predicates = std::move(deeper.predicates);
    level.checks = std::move(deeper.checks);
  } else {
    for (size_t i = 0; i < below->columns.size(); ++i) {
      const auto& column = below->columns[i];
      if (column.dropped) continue;
      WriteTarget::ViewColumn plain;
      plain.range = {column.name, column.type, column.collation, column_of(static_cast<int>(i)), nullptr, below->oid, static_cast<int16_t>(i + 1)};
      plain.column = static_cast<int>(i);
      columns.push_back(std::move(plain));
    }
  }
  for (const auto& column : columns) item.columns.push_back(column.range);
  inner.apply_alias(item, name.alias);
  Scope scope;
  scope.items.push_back(item);
  std::vector<TargetColumn> targets;
  inner.bind_target_list(select->target_list, scope, Clause::SelectTarget, targets);
  if (scope.has_aggregates) throw_not_updatable(view, verb, "Views that return aggregate functions are not automatically updatable.");
  if (scope.has_windows) throw_not_updatable(view, verb, "Views that return window functions are not automatically updatable.");
  for (size_t i = 0; i < targets.size() && i < view.columns.size(); ++i) {
    auto& expr = targets[i].expr;
    inner.resolve_unknown(expr);
    if (plan::returns_set(*expr)) throw_not_updatable(view, verb, "Views that return set-returning functions are not automatically updatable.");
    WriteTarget::ViewColumn made;
    const auto& declared = view.columns[i];
    made.range = {declared.name, declared.type, declared.collation, {}, nullptr, view.oid, static_cast<int16_t>(i + 1)};
    made.why = expr->kind == ExprKind::Row ? kWholeRow : kNotAColumn;
    for (const auto& column : columns) {
      if (expr->kind != ExprKind::Column || column.column < 0 || expr->binding != column.range.binding) continue;
      made.range.binding = expr->binding;
      made.column = column.column;
    }
    if (made.column < 0) {
      for (const auto& column : columns) {
        if (expr->kind == ExprKind::Column && column.range.merged == nullptr && expr->binding == column.range.binding) made.why = column.why;
      }
      if (made.why == kNotAColumn && ast::is_node<ast::ColumnRef>(select->target_list[std::min(i, select->target_list.size() - 1)]->val) &&
          expr->kind == ExprKind::Column) {
        made.why = kSystemColumn;
      }
      made.range.binding.table = columns.empty() ? 0 : columns.front().range.binding.table;
      made.range.merged = std::move(expr);
    }
    level.columns.push_back(std::move(made));
  }
  ExprList own;
  if (select->where_clause != nullptr) own = inner.bind_conjuncts(select->where_clause, scope, Clause::Where, "WHERE");
  if (checked) {
    WriteTarget::ViewCheck check{view.name, {}};
    // Bound once more rather than copied: subqueries have one place each.
    if (select->where_clause != nullptr) check.conditions = inner.bind_conjuncts(select->where_clause, scope, Clause::Where, "WHERE");
    level.checks.push_back(std::move(check));
  }
  for (auto& predicate : own) level.predicates.push_back(std::move(predicate));
  take_back(inner);
  used_columns_.resize(used);  // what the view itself reads is its owner's business
  return level;
}

WriteTarget QueryAnalyzer::find_target(const ast::RangeVar& name, const char* verb) {
  Oid oid = find_relation(context_, name, false);
  WriteTarget target;
  target.verb = verb;
  auto relation = context_.catalog.relation(oid);
  std::string quoted = "\"" + std::string(name.relname) + "\"";
  if (relation == nullptr) {
    throw SqlError(Sqlstate::WrongObjectType, "cannot open relation " + quoted).detail("This operation is not supported for indexes.").position(position(name.location));
  }
  if (relation->relkind == 'S') throw SqlError(Sqlstate::WrongObjectType, "cannot change sequence " + quoted).position(position(name.location));
  bool system = relation->schema == catalog::kPgCatalogSchema || relation->schema == catalog::kInformationSchema || relation->schema == catalog::kAegisSchema;
  if (system) {
    auto role = context_.catalog.role(context_.role);
    if (role == nullptr || !role->superuser) catalog::throw_permission_denied(*relation);
    if (relation->oid != catalog::kPgClassOid || std::string_view(verb) != "UPDATE") {
      throw_not_supported("writing to \"" + relation->name + "\"", position(name.location));
    }
    target.instead = true;
    target.relation = target.named = target.view = relation;
    return target;
  }
  add_lock(oid, kRowExclusiveLock);
  auto lock_partitions = [&](const catalog::Relation& table) {
    if (!table.is_partitioned()) return;
    for (const auto& part : context_.catalog.family(table.oid)) {
      if (part->oid != table.oid) add_lock(part->oid, kRowExclusiveLock, true);
    }
  };
  if (relation->is_foreign()) {
    std::string_view word(verb);
    catalog::refuse_foreign_write(context_.catalog, *relation, word == "INSERT" ? "insert into" : word == "DELETE" ? "delete from" : "update");
  }
  if (relation->relkind == 'm') throw SqlError(Sqlstate::WrongObjectType, "cannot change materialized view \"" + relation->name + "\"");
  if (relation->relkind != 'v') {
    lock_partitions(*relation);
    target.relation = target.named = std::move(relation);
    return target;
  }
  if (std::string_view(verb) == "MERGE") {
    throw SqlError(Sqlstate::WrongObjectType, "cannot execute MERGE on relation " + quoted).detail("This operation is not supported for views.");
  }
  target.view = relation;
  if (has_instead_trigger(*relation, verb)) {
    target.instead = true;
    target.relation = target.named = relation;
    return target;
  }
  target.relation = table_below(*relation, verb, 0);
  add_lock(target.relation->oid, kRowExclusiveLock);
  lock_partitions(*target.relation);
  ViewLevel level = view_level(*relation, verb, false, [](int i) { return plan::ColumnBinding{0, static_cast<uint32_t>(i)}; });
  target.view_columns = std::move(level.columns);
  bool any = std::any_of(target.view_columns.begin(), target.view_columns.end(), [](const auto& c) { return c.column >= 0; });
  if (!any && std::string_view(verb) != "DELETE") {
    throw_not_updatable(*relation, verb, "Views that have no updatable columns are not automatically updatable.");
  }
  auto named = std::make_shared<catalog::Relation>(*target.relation);
  named->name = relation->name;
  for (size_t i = 0; i < target.view_columns.size(); ++i) {
    int column = target.view_columns[i].column;
    if (column < 0 && std::string_view(verb) == "INSERT" && !relation->columns[i].default_sql.empty()) throw_unassignable(target, target.view_columns[i]);
    if (column < 0) continue;
    named->columns[column].name = target.view_columns[i].range.name;
    const auto& declared = relation->columns[i];
    if (!declared.default_sql.empty()) named->columns[column].default_sql = declared.default_sql;
  }
  target.named = std::move(named);
  return target;
}

// The table's column that a name in the statement stands for.
int QueryAnalyzer::target_column(const WriteTarget& target, std::string_view name, int location) {
  if (target.view != nullptr && !target.instead) {
    for (const auto& column : target.view_columns) {
      if (column.range.name != name) continue;
      if (column.column < 0) throw_unassignable(target, column);
      return column.column;
    }
  } else if (int column = target.relation->find_column(name); column >= 0) {
    bool kept = name == "reltuples" || name == "relpages" || name == "relallvisible";
    if (target.relation->oid == catalog::kPgClassOid && !kept) throw_not_supported("writing to pg_class." + std::string(name), position(location));
    return column;
  }
  throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(name) + "\" of relation \"" + std::string(target.name()) + "\" does not exist")
      .position(position(location));
}

void QueryAnalyzer::throw_unassignable(const WriteTarget& target, const WriteTarget::ViewColumn& column) {
  throw SqlError(Sqlstate::FeatureNotSupported, std::string("cannot ") + (std::string_view(target.verb) == "INSERT" ? "insert into" : "update") + " column \"" +
                                                    column.range.name + "\" of view \"" + target.view->name + "\"")
      .detail(column.why);
}

RangeItem QueryAnalyzer::row_item(const catalog::Relation& relation, std::string alias, uint32_t table) {
  RangeItem item;
  item.alias = std::move(alias);
  item.table = table;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const auto& column = relation.columns[i];
    if (column.dropped) continue;
    item.columns.push_back({column.name, column.type, column.collation, {table, static_cast<uint32_t>(i)}, nullptr, relation.oid, static_cast<int16_t>(i + 1)});
  }
  return item;
}

// The written row as the statement sees it.
RangeItem QueryAnalyzer::target_row(const WriteTarget& target, std::string alias, uint32_t table) {
  if (target.view == nullptr || target.instead) return row_item(*target.relation, std::move(alias), table);
  RangeItem item;
  item.alias = std::move(alias);
  item.table = table;
  ViewLevel level = view_level(*target.view, target.verb, false, [&](int i) { return plan::ColumnBinding{table, static_cast<uint32_t>(i)}; });
  for (auto& column : level.columns) item.columns.push_back(std::move(column.range));
  return item;
}

// As whom the table below is written to.
Oid QueryAnalyzer::base_role(const WriteTarget& target) {
  Oid role = check_as_;
  for (auto at = target.instead ? nullptr : target.view; at != nullptr && at->relkind == 'v'; at = relation_below(*at)) role = inside_role(*at, role);
  return role;
}

// With whose rights a view's query runs, when `role` uses it.
Oid QueryAnalyzer::inside_role(const catalog::Relation& view, Oid role) {
  bool invoker = std::find(view.options.begin(), view.options.end(), "security_invoker=true") != view.options.end();
  return invoker ? role : view.owner;
}

// The statement's own privileges on what it writes to; `table`: the number its row has.
plan::BoundQuery::Permission& QueryAnalyzer::note_write(const WriteTarget& target, uint32_t table) {
  plan::BoundQuery::Permission permission{target.view != nullptr ? target.view->oid : target.relation->oid, check_as_};
  permission.tables.push_back(table);
  permissions_.push_back(std::move(permission));
  return permissions_.back();
}

// Columns written (by table position): a INSERT, w UPDATE; d DELETE has none. A view's owner needs the same below it.
void QueryAnalyzer::note_written(const WriteTarget& target, const std::vector<int>& columns, char letter, uint32_t table) {
  auto add = [&](plan::BoundQuery::Permission& permission, const std::vector<int>& written) {
    if (letter == 'd') {
      permission.letters += 'd';
    } else if (written.empty()) {
      permission.any_letters += letter;
    } else {
      (letter == 'a' ? permission.inserted : permission.updated) = written;
    }
  };
  if (target.view == nullptr || target.instead) {
    add(note_write(target, table), columns);
    return;
  }
  std::vector<int> of_view, of_table;
  for (size_t i = 0; i < target.view_columns.size(); ++i) {
    int column = target.view_columns[i].column;
    if (column >= 0 && std::find(columns.begin(), columns.end(), column) != columns.end()) of_view.push_back(static_cast<int>(i));
  }
  for (int column : columns) {
    if (column >= 0) of_table.push_back(column);
  }
  add(note_write(target, table), of_view);
  Oid role = inside_role(*target.view, check_as_);
  auto at = target.view;
  while (at != nullptr && at->relkind == 'v') {  // down to the table, each as the owner of the view above
    auto below = relation_below(*at);
    plan::BoundQuery::Permission permission{below->oid, role};
    permission.tables.push_back(table);
    std::vector<int> map(target.view_columns.size(), -1);  // the view's columns as those of `below`
    if (below->relkind == 'v') {
      ViewLevel level = view_level(*below, target.verb, false, [](int i) { return plan::ColumnBinding{0, static_cast<uint32_t>(i)}; });
      for (size_t i = 0; i < map.size(); ++i) {
        for (size_t k = 0; k < level.columns.size() && map[i] < 0; ++k) {
          if (target.view_columns[i].column >= 0 && level.columns[k].column == target.view_columns[i].column) map[i] = static_cast<int>(k);
        }
      }
      std::vector<int> written;
      for (int column : of_view) {
        if (map[static_cast<size_t>(column)] >= 0) written.push_back(map[static_cast<size_t>(column)]);
      }
      add(permission, written);
      role = inside_role(*below, role);
    } else {
      for (size_t i = 0; i < map.size(); ++i) map[i] = target.view_columns[i].column;
      add(permission, of_table);
    }
    read_maps_[permissions_.size()] = std::move(map);
    permissions_.push_back(std::move(permission));
    at = below;
  }
}

void QueryAnalyzer::add_view_checks(const WriteTarget& target, plan::Write& write) {
  if (target.view == nullptr || target.instead) return;
  ViewLevel level = view_level(*target.view, target.verb, false, [&](int i) { return plan::ColumnBinding{write.table, static_cast<uint32_t>(i)}; });
  for (auto& check : level.checks) {
    for (auto& condition : check.conditions) {
      write.checks.push_back({check.view, std::move(condition), true, {}, plan::CheckOf::Always, nullptr});
    }
  }
}

LogicalPtr QueryAnalyzer::bind_target_get(const ast::RangeVar& name, WriteTarget& target, std::vector<RangeItem>& items, plan::ColumnBinding& row_id,
                                          std::optional<plan::ColumnBinding>& table_oid) {
  bool through_view = target.view != nullptr;
  LogicalPtr op = bind_relation(target.relation, through_view ? nullptr : name.alias, items, kRowExclusiveLock);
  permissions_.pop_back();  // the writer notes what it does to its target
  auto& get = static_cast<plan::Get&>(*op);
  target.base = items[0];
  row_id = {get.table, static_cast<uint32_t>(get.columns.size())};
  if (through_view) {
    std::vector<plan::ColumnBinding> places(target.relation->columns.size());
    for (const auto& column : target.base.columns) places[column.attribute_number - 1] = column.binding;
    ViewLevel level = view_level(*target.view, target.verb, false, [&](int i) { return places[i]; });
    RangeItem& item = items[0];
    item.alias = target.view->name;
    item.relation = nullptr;
    if (auto schema = context_.catalog.schema(target.view->schema)) item.schema = schema->name;
    item.columns.clear();
    for (auto& column : level.columns) item.columns.push_back(std::move(column.range));
    apply_alias(item, name.alias);
    if (!level.predicates.empty()) {
      auto filter = std::make_unique<plan::Filter>();
      filter->predicates = std::move(level.predicates);
      filter->children.push_back(std::move(op));
      op = std::move(filter);
    }
  }
  get.columns.push_back(plan::kRowIdColumn);
  get.column_infos.push_back({"ctid", {oid::kInt8}});
  if (through_view ? view_inherits(*target.view) : name.inh) inherit_from(get, kRowExclusiveLock);
  table_oid = table_oid_of(get);
  return op;
}

namespace {

// A write that triggers do: the child gives the old row, the new row, or both, as the event has them.
std::unique_ptr<plan::Insert> instead_write(const WriteTarget& target, int16_t event, LogicalPtr child, uint32_t table, uint32_t row_table, ExprList row) {
  auto project = std::make_unique<plan::Project>();
  project->table = row_table;
  for (size_t i = 0; i < row.size(); ++i) project->names.push_back(target.view->columns[i % target.view->columns.size()].name);
  project->exprs = std::move(row);
  project->children.push_back(std::move(child));
  auto op = std::make_unique<plan::Insert>();
  op->relation = target.relation;
  op->table = table;
  op->instead_event = event;
  op->children.push_back(std::move(project));
  return op;
}

}  // namespace

// As PostgreSQL's relation_is_updatable.
int QueryAnalyzer::updatable_events(const catalog::Relation& view, bool include_triggers, const std::set<int>* wanted, int depth) {
  constexpr int kAll = 28;
  if (depth > kMaxViewDepth) return 0;
  int events = 0;
  for (const auto& rule : view.rules) {
    if (rule.instead && rule.enabled != 'D' && rule.where_sql.empty() && rule.event >= '2' && rule.event <= '4') events |= 4 << (rule.event - '2');
  }
  if (include_triggers) {
    for (auto [verb, bit] : {std::pair{"UPDATE", 4}, {"INSERT", 8}, {"DELETE", 16}}) {
      if (has_instead_trigger(view, verb)) events |= bit;
    }
  }
  if ((events & kAll) == kAll || view.relkind != 'v') return events;
  auto parsed = parser::parse(view.view_sql);
  const ast::SelectStmt* select = node_cast<ast::SelectStmt>(parsed.statements.at(0).stmt);
  if (select != nullptr) {
    if (auto* inner = named_query(*select)) select = inner;
  }
  if (select == nullptr || why_not(*select) != nullptr) return events;
  AnalyzerContext context{context_.catalog, context_.database, view.view_search_path, context_.role, context_.types, view.view_sql, context_.temp_schema};
  auto below = context_.catalog.relation(find_relation(context, static_cast<const ast::RangeVar&>(*select->from_clause[0]), true));
  if (below == nullptr || catalog::find_system_table(below->oid) != nullptr) return events;
  std::set<int> columns;  // of `below`, that the wanted columns of the view are
  int at = 0;
  for (auto* target : select->target_list) {
    auto* ref = node_cast<ast::ColumnRef>(target->val);
    if (ref != nullptr && ref->star) {
      for (size_t i = 0; i < below->columns.size(); ++i) {
        if (below->columns[i].dropped) continue;
        if (wanted == nullptr || wanted->contains(at)) columns.insert(static_cast<int>(i));
        ++at;
      }
      continue;
    }
    int column = ref == nullptr ? -1 : below->find_column(ref->fields.back());
    if (column >= 0 && (wanted == nullptr || wanted->contains(at))) columns.insert(column);
    ++at;
  }
  int own = columns.empty() ? 16 : kAll;
  if (below->relkind == 'v') own &= updatable_events(*below, include_triggers, &columns, depth + 1);
  else if (below->relkind != 'r' && !below->is_partitioned()) own = 0;
  return events | own;
}

int updatable_events(const AnalyzerContext& context, const catalog::Relation& view, bool include_triggers, std::optional<int> column) {
  std::set<int> wanted;
  if (column) wanted.insert(*column);
  return QueryAnalyzer(context, nullptr).updatable_events(view, include_triggers, column ? &wanted : nullptr, 0);
}

std::string QueryAnalyzer::why_not_updatable(const catalog::Relation& view) {
  try {
    table_below(view, "DELETE", 0);
    view_level(view, "DELETE", false, [](int i) { return plan::ColumnBinding{0, static_cast<uint32_t>(i)}; });
  } catch (const SqlError& error) {  // this is how a view says that it can't be written to
    return error.fields().detail.empty() ? error.fields().message : error.fields().detail;
  }
  return {};
}

std::string why_not_updatable(const AnalyzerContext& context, const catalog::Relation& view) {
  return QueryAnalyzer(context, nullptr).why_not_updatable(view);
}

// Reads the view's rows; the scope gets the view and what is joined to it.
LogicalPtr QueryAnalyzer::bind_instead_source(const ast::RangeVar& name, WriteTarget& target, ast::NodeList joined, Scope& scope) {
  std::vector<RangeItem> items;
  LogicalPtr source = bind_relation(target.view, name.alias, items, kRowExclusiveLock);
  permissions_.back().reads = false;  // only if a column is used
  target.base = items[0];
  scope.items.push_back(std::move(items[0]));
  if (joined.empty()) return source;
  auto join = std::make_unique<plan::Join>();
  join->children.push_back(std::move(source));
  join->children.push_back(bind_from(joined, scope));
  return join;
}

void QueryAnalyzer::bind_instead_returning(ast::List<ast::ResTarget> list, const WriteTarget& target, Scope& scope, plan::Write& op, BoundSelect& returning) {
  scope.items[0] = row_item(*target.relation, scope.items[0].alias, op.table);
  bind_returning(list, scope, op, returning);
  for (const auto& expr : op.returning) {
    plan::walk(*expr, [&](const Expr& part) {
      if (part.kind == ExprKind::Column && part.binding.table != op.table) throw_not_supported("RETURNING columns of other tables with an INSTEAD OF trigger");
      return true;
    });
  }
}

LogicalPtr QueryAnalyzer::bind_instead_update(const ast::UpdateStmt& update, WriteTarget& target, Scope& scope, BoundSelect& returning) {
  LogicalPtr source = bind_instead_source(*update.relation, target, update.from_clause, scope);
  std::vector<int> columns;
  ExprList values;
  bind_set_list(update.target_list, scope, target, columns, values);
  if (update.where_clause != nullptr) {
    auto filter = std::make_unique<plan::Filter>();
    filter->predicates = bind_conjuncts(update.where_clause, scope, Clause::Where, "WHERE");
    filter->children.push_back(std::move(source));
    source = std::move(filter);
  }
  ExprList row;
  size_t width = target.view->columns.size();
  for (size_t i = 0; i < width; ++i) row.push_back(base_column(target, static_cast<int>(i)));
  for (size_t i = 0; i < width; ++i) row.push_back(row[i]->clone());
  for (size_t k = 0; k < columns.size(); ++k) row[width + static_cast<size_t>(columns[k])] = std::move(values[k]);
  uint32_t table = new_table();
  note_written(target, columns, 'w', table);
  auto op = instead_write(target, catalog::kTriggerUpdate, std::move(source), table, new_table(), std::move(row));
  op->set_columns = std::move(columns);
  bind_instead_returning(update.returning_list, target, scope, *op, returning);
  return op;
}

LogicalPtr QueryAnalyzer::bind_instead_delete(const ast::DeleteStmt& del, WriteTarget& target, Scope& scope, BoundSelect& returning) {
  LogicalPtr source = bind_instead_source(*del.relation, target, del.using_clause, scope);
  if (del.where_clause != nullptr) {
    auto filter = std::make_unique<plan::Filter>();
    filter->predicates = bind_conjuncts(del.where_clause, scope, Clause::Where, "WHERE");
    filter->children.push_back(std::move(source));
    source = std::move(filter);
  }
  ExprList row;
  for (size_t i = 0; i < target.view->columns.size(); ++i) row.push_back(base_column(target, static_cast<int>(i)));
  uint32_t table = new_table();
  note_written(target, {}, 'd', table);
  auto op = instead_write(target, catalog::kTriggerDelete, std::move(source), table, new_table(), std::move(row));
  bind_instead_returning(del.returning_list, target, scope, *op, returning);
  return op;
}

}  // namespace aegis::analyzer
