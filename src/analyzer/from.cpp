// FROM: tables, views, subqueries, functions and joins (parse_clause.c, parse_relation.c).
#include <algorithm>
#include <deque>
#include <utility>

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "aegis/catalog/system.h"
#include "aegis/functions/quoting.h"
#include "aegis/parser/ast_ddl.h"
#include "aegis/parser/parser.h"
#include "query_analyzer.h"
#include "query_recorder.h"
#include "rule_rows.h"

namespace aegis::analyzer {

using ast::node_cast;
using plan::LogicalPtr;

namespace {

constexpr int kAccessShareLock = 1;
constexpr int kMaxViewDepth = 100;

LogicalPtr cross_join(LogicalPtr left, LogicalPtr right) {
  if (left == nullptr) return right;
  auto join = std::make_unique<plan::Join>();
  join->children.push_back(std::move(left));
  join->children.push_back(std::move(right));
  return join;
}

}  // namespace

void QueryAnalyzer::add_lock(Oid relation, int mode, bool inherited) {
  for (auto& lock : locks_) {
    if (lock.relation != relation) continue;
    lock.lock_mode = std::max(lock.lock_mode, mode);
    lock.inherited = lock.inherited && inherited;
    return;
  }
  locks_.push_back({relation, mode, inherited});
}

void QueryAnalyzer::inherit_from(plan::Get& get, int lock_mode) {
  if (!context_.catalog.has_children(get.relation->oid)) return;
  get.inherits = true;
  for (const auto& relation : context_.catalog.family(get.relation->oid)) {
    if (relation->oid != get.relation->oid) add_lock(relation->oid, lock_mode, true);
  }
}

std::optional<plan::ColumnBinding> QueryAnalyzer::table_oid_of(plan::Get& get) {
  if (!get.inherits && !get.relation->is_partitioned()) return std::nullopt;
  auto at = static_cast<uint32_t>(get.columns.size());
  get.columns.push_back(plan::kTableOidColumn);
  get.column_infos.push_back({"tableoid", {oid::kOid}});
  return plan::ColumnBinding{get.table, at};
}

void QueryAnalyzer::note_read(Oid relation, uint32_t table) {
  plan::BoundQuery::Permission permission{relation, check_as_};
  permission.reads = true;
  permission.tables.push_back(table);
  permissions_.push_back(std::move(permission));
}

void QueryAnalyzer::lend(QueryAnalyzer& inner, const catalog::Relation& view) {
  inner.next_table_ = next_table_;
  inner.next_cte_ = next_cte_;
  inner.view_depth_ = view_depth_ + 1;
  inner.locks_ = std::move(locks_);
  inner.permissions_ = std::move(permissions_);
  inner.used_columns_ = std::move(used_columns_);
  inner.secured_ = secured_;
  inner.check_as_ = inside_role(view, check_as_);
}

void QueryAnalyzer::take_back(QueryAnalyzer& inner) {
  next_table_ = inner.next_table_;
  next_cte_ = inner.next_cte_;
  locks_ = std::move(inner.locks_);
  permissions_ = std::move(inner.permissions_);
  used_columns_ = std::move(inner.used_columns_);
}

void QueryAnalyzer::check_alias_unique(const std::vector<RangeItem>& items, int location) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].relation_visible || items[i].alias.empty()) continue;
    for (size_t k = 0; k < i; ++k) {
      // Two tables of one name in different schemas may both be there under their full names.
      if (items[k].relation_visible && items[k].alias == items[i].alias &&
          (items[k].schema.empty() || items[i].schema.empty() || items[k].schema == items[i].schema)) {
        throw SqlError(Sqlstate::DuplicateAlias, "table name \"" + items[i].alias + "\" specified more than once").position(position(location));
      }
    }
  }
}

LogicalPtr QueryAnalyzer::bind_from(ast::NodeList from, Scope& scope) {
  LogicalPtr op;
  for (auto* node : from) {
    std::vector<RangeItem> items;
    LogicalPtr right = bind_from_item(*node, scope, items);
    op = cross_join(std::move(op), std::move(right));
    for (auto& item : items) scope.items.push_back(std::move(item));
    check_alias_unique(scope.items, -1);
  }
  if (op == nullptr) {
    auto values = std::make_unique<plan::Values>();
    values->table = new_table();
    values->rows.emplace_back();
    op = std::move(values);
  }
  return op;
}

void QueryAnalyzer::record_item(const ast::Node& node, const RangeItem& item) {
  const ast::Alias* alias = nullptr;
  switch (node.tag) {
    case ast::NodeTag::RangeVar: alias = static_cast<const ast::RangeVar&>(node).alias; break;
    case ast::NodeTag::RangeSubselect: alias = static_cast<const ast::RangeSubselect&>(node).alias; break;
    case ast::NodeTag::RangeFunction: alias = static_cast<const ast::RangeFunction&>(node).alias; break;
    case ast::NodeTag::RangeTableFunc: alias = static_cast<const ast::RangeTableFunc&>(node).alias; break;
    default: return;
  }
  recorder_->add_item(node, item, alias != nullptr);
  auto* name = node_cast<ast::RangeVar>(&node);
  if (name == nullptr || item.relation != nullptr) return;
  if (item.view_of != kInvalidOid) recorder_->ranges[&node].relation = context_.catalog.relation(item.view_of);
}

LogicalPtr QueryAnalyzer::bind_from_item(const ast::Node& node, Scope& scope, std::vector<RangeItem>& items) {
  if (recorder_ != nullptr && node.tag != ast::NodeTag::JoinExpr && node.tag != ast::NodeTag::RangeTableSample) {
    QueryRecorder* recorder = recorder_;
    size_t before = items.size();
    recorder_ = nullptr;
    struct Restore {
      QueryRecorder*& slot;
      QueryRecorder* value;
      ~Restore() { slot = value; }
    } restore{recorder_, recorder};
    bool inside = node.tag == ast::NodeTag::RangeSubselect || node.tag == ast::NodeTag::RangeFunction || node.tag == ast::NodeTag::RangeTableFunc;
    if (inside) recorder_ = recorder;
    LogicalPtr op = bind_plain_item(node, scope, items);
    recorder_ = recorder;
    if (items.size() > before) record_item(node, items.back());
    return op;
  }
  return bind_plain_item(node, scope, items);
}

LogicalPtr QueryAnalyzer::bind_plain_item(const ast::Node& node, Scope& scope, std::vector<RangeItem>& items) {
  switch (node.tag) {
    case ast::NodeTag::RangeVar: return bind_range_var(static_cast<const ast::RangeVar&>(node), scope, items, kAccessShareLock);
    case ast::NodeTag::RangeSubselect: return bind_subselect(static_cast<const ast::RangeSubselect&>(node), scope, items);
    case ast::NodeTag::RangeFunction: return bind_function(static_cast<const ast::RangeFunction&>(node), scope, items);
    case ast::NodeTag::JoinExpr: return bind_join(static_cast<const ast::JoinExpr&>(node), scope, items);
    case ast::NodeTag::RangeTableSample: return bind_sample(static_cast<const ast::RangeTableSample&>(node), scope, items);
    case ast::NodeTag::RangeTableFunc: return bind_xml_table(static_cast<const ast::RangeTableFunc&>(node), scope, items);
    default: break;
  }
  throw_not_supported("this FROM item", position(node.location));
}

void QueryAnalyzer::apply_alias(RangeItem& item, const ast::Alias* alias) {
  if (alias == nullptr) return;
  item.alias = alias->aliasname;
  item.schema.clear();
  if (alias->colnames.size() > item.columns.size()) {
    throw SqlError(Sqlstate::InvalidColumnReference, "table \"" + item.alias + "\" has " + std::to_string(item.columns.size()) +
                                                         " columns available but " + std::to_string(alias->colnames.size()) + " columns specified")
        .position(position(alias->location));
  }
  for (size_t i = 0; i < alias->colnames.size(); ++i) item.columns[i].name = alias->colnames[i];
}

LogicalPtr QueryAnalyzer::bind_range_var(const ast::RangeVar& name, Scope& scope, std::vector<RangeItem>& items, int lock_mode) {
  if (name.schemaname.empty()) {
    for (Scope* at = &scope; at != nullptr; at = at->parent) {
      for (auto cte = at->ctes.rbegin(); cte != at->ctes.rend(); ++cte) {
        if (cte->name != name.relname) continue;
        if (!cte->returns_rows) {
          throw SqlError(Sqlstate::FeatureNotSupported, "WITH query \"" + cte->name + "\" does not have a RETURNING clause").position(position(name.location));
        }
        RangeItem item;
        item.alias = name.relname;
        item.table = new_table();
        for (size_t i = 0; i < cte->columns.size(); ++i) {
          const auto& column = cte->columns[i];
          item.columns.push_back({column.name, column.type, column.collation, {item.table, static_cast<uint32_t>(i)}});
        }
        item.unlockable = "a WITH query";
        item.star_columns = cte->star_columns;
        apply_alias(item, name.alias);
        LogicalPtr op;
        if (cte->is_work_table) {
          ++*cte->work_references;
          scope.reads_work_table = true;
          auto work = std::make_unique<plan::WorkTable>();
          work->table = item.table;
          work->cte = cte->cte;
          work->columns = cte->columns;
          op = std::move(work);
        } else {
          if (cte->record != nullptr) ++cte->record->reference_count;
          auto ref = std::make_unique<plan::CteRef>();
          ref->table = item.table;
          ref->cte = cte->cte;
          ref->columns = cte->columns;
          ref->alias = item.alias;
          op = std::move(ref);
        }
        items.push_back(std::move(item));
        return op;
      }
    }
  }
  if (name.schemaname.empty() && context_.transitions != nullptr) {
    for (size_t i = 0; i < context_.transitions->size(); ++i) {
      if ((*context_.transitions)[i].name == name.relname) return bind_transition(i, name.alias, items);
    }
  }
  Oid oid = find_relation(context_, name, false);
  auto relation = context_.catalog.relation(oid);
  if (relation == nullptr) {
    throw SqlError(Sqlstate::WrongObjectType, "cannot open relation \"" + std::string(name.relname) + "\"")
        .detail("This operation is not supported for indexes.")
        .position(position(name.location));
  }
  LogicalPtr op = bind_relation(relation, name.alias, items, lock_mode);
  if (name.inh && op->kind == plan::LogicalKind::Get) inherit_from(static_cast<plan::Get&>(*op), lock_mode);
  if (!relation->row_security) return op;
  return secure(std::move(op), *relation, locks_for(items.back().alias).empty() ? "r" : "wr", items.back());
}

namespace {

// What gives a transition table's rows: a function that the session knows, with the table's columns.
struct TransitionFunction {
  functions::Function function;
  std::vector<std::string> names;
  std::vector<std::string_view> out_names;
  std::vector<Oid> out_types;
};

std::shared_ptr<const functions::Function> transition_function(const catalog::Relation& table) {
  auto made = std::make_shared<TransitionFunction>();
  for (const auto& column : table.columns) {
    made->names.push_back(column.name);
    made->out_types.push_back(column.type.oid);
  }
  made->out_names.assign(made->names.begin(), made->names.end());
  auto& function = made->function;
  static constexpr Oid kArguments[] = {oid::kInt4};
  function.name = function.symbol = "transition_rows";
  function.arguments = kArguments;
  function.result = oid::kRecord;
  function.volatility = functions::Volatility::Volatile;
  function.returns_set = true;
  function.out_types = made->out_types;
  function.out_names = made->out_names;
  function.set = functions::scan_routine_kernel;
  return {made, &made->function};
}

}  // namespace

LogicalPtr QueryAnalyzer::bind_transition(size_t number, const ast::Alias* alias, std::vector<RangeItem>& items) {
  const auto& transition = (*context_.transitions)[number];
  auto function = transition_function(*transition.table);
  ExprList args;
  args.push_back(plan::make_constant({oid::kInt4}, types::Value::of_i32(static_cast<int32_t>(number))));
  ExprPtr call = plan::make_call(*function, {oid::kRecord}, std::move(args));
  call->function_owner = function;
  auto get = std::make_unique<plan::FunctionGet>();
  get->table = new_table();
  RangeItem item;
  item.table = get->table;
  item.unlockable = "a named tuplestore";
  item.alias = transition.name;
  const auto& columns = transition.table->columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    get->columns.push_back({columns[i].name, columns[i].type, columns[i].collation});
    if (columns[i].dropped) continue;
    item.columns.push_back({columns[i].name, columns[i].type, columns[i].collation, {item.table, static_cast<uint32_t>(i)}});
  }
  get->column_counts.push_back(static_cast<uint32_t>(columns.size()));
  get->calls.push_back(std::move(call));
  apply_alias(item, alias);
  get->alias = item.alias;
  items.push_back(std::move(item));
  return get;
}

namespace {

// A sequence read as a table has one row.
catalog::Relation sequence_view(const catalog::Relation& sequence) {
  catalog::Relation view = sequence;
  std::string number = std::to_string(sequence.oid);
  view.view_sql = "SELECT information_schema._pg_sequence_position(" + number + "), 0::bigint, information_schema._pg_sequence_is_called(" +
                  number + ")";
  view.view_search_path = {catalog::kPgCatalogSchema};
  view.columns.clear();
  for (auto [name, type] : {std::pair{"last_value", oid::kInt8}, {"log_cnt", oid::kInt8}, {"is_called", oid::kBool}}) {
    catalog::Column column;
    column.name = name;
    column.type = {type};
    view.columns.push_back(std::move(column));
  }
  return view;
}

}  // namespace

LogicalPtr QueryAnalyzer::bind_relation(catalog::RelationPtr relation, const ast::Alias* alias, std::vector<RangeItem>& items, int lock_mode) {
  if (relation->relkind == 'v') return bind_view(*relation, alias, items);
  if (relation->relkind == 'S') return bind_view(sequence_view(*relation), alias, items);
  RangeItem item;
  item.alias = relation->name;
  if (auto schema = context_.catalog.schema(relation->schema)) item.schema = schema->name;
  item.relation = relation;
  item.table = new_table();
  const auto* system = catalog::find_system_table(relation->oid);
  auto get = std::make_unique<plan::Get>();
  auto system_get = std::make_unique<plan::SystemGet>();
  for (size_t i = 0; i < relation->columns.size(); ++i) {
    const auto& column = relation->columns[i];
    uint32_t number = static_cast<uint32_t>(system != nullptr ? i : get->columns.size());
    if (system != nullptr) {
      system_get->columns.push_back({column.name, column.type, column.collation});
    } else {
      if (column.dropped) continue;
      get->columns.push_back(static_cast<int>(i));
      get->column_infos.push_back({column.name, column.type, column.collation});
    }
    item.columns.push_back({column.name, column.type, column.collation, {item.table, number}, nullptr, relation->oid, static_cast<int16_t>(i + 1)});
  }
  note_read(relation->oid, item.table);
  apply_alias(item, alias);
  if (system != nullptr) {
    system_get->table = item.table;
    system_get->source = system;
    system_get->alias = item.alias;
    items.push_back(std::move(item));
    return system_get;
  }
  if (!relation->is_table() && !relation->is_partitioned()) {
    throw SqlError(Sqlstate::WrongObjectType, "cannot open relation \"" + relation->name + "\"").detail("This operation is not supported for composite types.");
  }
  add_lock(relation->oid, lock_mode);
  get->table = item.table;
  get->relation = relation;
  get->alias = item.alias;
  item.get = get.get();
  items.push_back(std::move(item));
  return get;
}

LogicalPtr QueryAnalyzer::bind_view(const catalog::Relation& view, const ast::Alias* alias, std::vector<RangeItem>& items) {
  if (view_depth_ > kMaxViewDepth) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "infinite recursion detected in rules for relation \"" + view.name + "\"");
  }
  AnalyzerContext context{context_.catalog, context_.database, view.view_search_path, context_.role, context_.types, view.view_sql, context_.temp_schema};
  context.row_security = context_.row_security;
  QueryAnalyzer inner(context, nullptr);
  uint32_t table = new_table();
  note_read(view.oid, table);  // asked for before what is inside
  lend(inner, view);
  inner.locks_inside_ = locks_for(alias == nullptr ? view.name : std::string(alias->aliasname));
  auto parsed = parser::parse(view.view_sql);
  BoundSelect select = inner.bind_query(*parsed.statements.at(0).stmt, nullptr);
  take_back(inner);
  if (catalog::find_system_table(view.oid) == nullptr) add_lock(view.oid, kAccessShareLock);

  RangeItem item;
  item.alias = view.name;
  if (auto schema = context_.catalog.schema(view.schema)) item.schema = schema->name;
  item.view_of = view.oid;
  // A projection of its own gives the view's columns their declared names and types.
  auto project = std::make_unique<plan::Project>();
  project->table = item.table = table;
  for (size_t i = 0; i < select.columns.size() && i < view.columns.size(); ++i) {
    const auto& declared = view.columns[i];
    ExprPtr column = plan::make_column(select.columns[i].binding, select.columns[i].type, select.columns[i].name);
    column->collation = declared.collation;
    project->exprs.push_back(std::move(column));
    project->names.push_back(declared.name);
    item.columns.push_back({declared.name, declared.type, declared.collation, {item.table, static_cast<uint32_t>(i)}, nullptr, view.oid,
                            static_cast<int16_t>(i + 1)});
  }
  bool barrier = std::find(view.options.begin(), view.options.end(), "security_barrier=true") != view.options.end();
  if (barrier) {
    // Nothing of the statement's is evaluated on rows that the view leaves out.
    auto limit = std::make_unique<plan::Limit>();
    limit->children.push_back(std::move(select.op));
    select.op = std::move(limit);
  }
  project->children.push_back(std::move(select.op));
  apply_alias(item, alias);
  project->alias = item.alias;
  items.push_back(std::move(item));
  return project;
}

LogicalPtr QueryAnalyzer::bind_subselect(const ast::RangeSubselect& sub, Scope& scope, std::vector<RangeItem>& items) {
  if (sub.alias == nullptr) {
    throw SqlError(Sqlstate::SyntaxError, "subquery in FROM must have an alias")
        .hint("For example, FROM (SELECT ...) [AS] foo.")
        .position(position(sub.location));
  }
  // Without LATERAL, the subquery sees this level's outer queries and WITH names, but not its FROM.
  Scope barrier;
  barrier.parent = scope.parent;
  barrier.ctes = scope.ctes;
  locks_inside_ = locks_for(sub.alias->aliasname);
  Clause around = std::exchange(scope.inner_clause, Clause::From);
  BoundSelect select = bind_query(*sub.subquery, sub.lateral ? &scope : &barrier);
  scope.inner_clause = around;
  if (!sub.lateral) {
    // What the subquery took from outer levels, this level takes too.
    for (const auto& binding : barrier.correlated) {
      if (std::find(scope.correlated.begin(), scope.correlated.end(), binding) == scope.correlated.end()) scope.correlated.push_back(binding);
    }
  }
  RangeItem item;
  auto project = std::make_unique<plan::Project>();
  project->table = item.table = new_table();
  for (size_t i = 0; i < select.columns.size(); ++i) {
    const auto& column = select.columns[i];
    ExprPtr expr = plan::make_column(column.binding, column.type, column.name);
    expr->collation = column.collation;
    note_record({item.table, static_cast<uint32_t>(i)}, *expr);
    project->exprs.push_back(std::move(expr));
    project->names.push_back(column.name);
    item.columns.push_back({column.name, column.type, column.collation, {item.table, static_cast<uint32_t>(i)}, nullptr,
                            column.table_oid, column.attribute_number});
  }
  project->children.push_back(std::move(select.op));
  apply_alias(item, sub.alias);
  if (sub.alias != nullptr && sub.alias->location == kRuleRowsLocation) item.columns_visible = false;
  project->alias = item.alias;
  items.push_back(std::move(item));
  return project;
}

namespace {

// The relation that has the rows of a function without arguments.
std::string_view relation_of_function(const ast::RangeFunction& function) {
  if (function.functions.size() != 1 || function.ordinality || !function.coldeflist.empty()) return {};
  auto* call = ast::node_cast<ast::FuncCall>(function.functions[0]->func);
  if (call == nullptr || !call->args.empty()) return {};
  if (call->funcname.size() > 1 && call->funcname[call->funcname.size() - 2] != "pg_catalog") return {};
  for (auto [name, relation] : {std::pair{"pg_show_all_settings", "pg_settings"}, {"pg_prepared_statement", "pg_prepared_statements"},
                                {"pg_cursor", "pg_cursors"}, {"pg_lock_status", "pg_locks"}}) {
    if (call->funcname.back() == name) return relation;
  }
  return {};
}

}  // namespace

namespace {

// unnest(a, b, …) is one call an array.
bool is_unnest_of_several(const ast::RangeFunctionItem& item) {
  auto* call = ast::node_cast<ast::FuncCall>(item.func);
  if (call == nullptr || call->funcname.size() != 1 || call->funcname[0] != "unnest" || call->args.size() < 2) return false;
  bool plain = call->agg_order.empty() && call->agg_filter == nullptr && call->over == nullptr && !call->agg_star && !call->agg_distinct;
  return plain && !call->func_variadic && item.coldeflist.empty();
}

// The entries of FROM ROWS FROM (…), and of what is written shorter.
struct FunctionEntries {
  explicit FunctionEntries(const ast::RangeFunction& function) {
    for (auto* item : function.functions) {
      if (!function.coldeflist.empty() || !is_unnest_of_several(*item)) {
        list.push_back(item);
        continue;
      }
      auto* whole = ast::node_cast<ast::FuncCall>(item->func);
      for (ast::Node*& argument : whole->args) {
        calls.push_back(*whole);
        calls.back().funcname = names;
        calls.back().args = ast::NodeList(&argument, 1);
        items.emplace_back().func = &calls.back();
        list.push_back(&items.back());
      }
    }
  }
  std::string_view names[2] = {"pg_catalog", "unnest"};
  std::deque<ast::FuncCall> calls;
  std::deque<ast::RangeFunctionItem> items;
  std::vector<const ast::RangeFunctionItem*> list;
};

bool is_json_to_record(const functions::Function& function) {
  std::string_view symbol = function.symbol;
  if (!symbol.starts_with("json")) return false;
  symbol.remove_prefix(symbol.starts_with("jsonb_") ? 6 : 5);
  return symbol == "to_record" || symbol == "to_recordset" || symbol == "populate_record" || symbol == "populate_recordset";
}

}  // namespace

LogicalPtr QueryAnalyzer::bind_function(const ast::RangeFunction& function, Scope& scope, std::vector<RangeItem>& items) {
  if (auto relation = relation_of_function(function); !relation.empty()) {
    const auto* system = catalog::find_system_table("pg_catalog", relation);
    auto found = system == nullptr ? nullptr : context_.catalog.relation(system->oid);
    if (found != nullptr) return bind_relation(std::move(found), function.alias, items, kAccessShareLock);
  }
  auto get = std::make_unique<plan::FunctionGet>();
  get->table = new_table();
  get->ordinality = function.ordinality;
  RangeItem item;
  item.table = get->table;
  item.unlockable = "a function";
  auto add = [&](std::string name, Type type) {
    get->columns.push_back({name, type, type_collation(type.oid)});
    item.columns.push_back({std::move(name), type, type_collation(type.oid), {item.table, static_cast<uint32_t>(item.columns.size())}});
  };
  FunctionEntries entries(function);
  bool single = entries.list.size() == 1;
  std::vector<Expansion> expansions;
  for (const auto* entry : entries.list) {
    ExprPtr call = bind(*entry->func, scope, Clause::FromFunction);
    resolve_unknown(call);
    if (item.alias.empty()) item.alias = figure_column_name(*entry->func);
    ast::List<ast::ColumnDef> definitions = !entry->coldeflist.empty() ? entry->coldeflist : single ? function.coldeflist : ast::List<ast::ColumnDef>();
    const functions::Function* target = call->kind == ExprKind::Call ? call->function : nullptr;
    size_t before = item.columns.size();
    Oid composite = types::base_type(call->type.oid);
    bool from_json = !definitions.empty() && target != nullptr && call->type.oid == oid::kRecord && is_json_to_record(*target);
    if (from_json || (definitions.empty() && type_category(composite) == 'C' && type_kind(composite) == 'c')) {
      // One column with the whole row: a projection above takes it apart.
      Expansion expansion{item.columns.size(), {}};
      if (from_json) {
        expansion.fields = define_columns(definitions);
        pass_definitions(expansion.fields, *call);
      } else {
        auto definition = catalog::type_definition(context_.catalog, composite);
        if (definition != nullptr) expansion.fields = definition->fields;
      }
      expansions.push_back(std::move(expansion));
      add(figure_column_name(*entry->func), call->type);
    } else if (!definitions.empty()) {
      if (call->type.oid != oid::kRecord || (target != nullptr && !target->out_types.empty())) {
        throw SqlError(Sqlstate::SyntaxError, call->type.oid != oid::kRecord
                                                  ? "a column definition list is only allowed for functions returning \"record\""
                                                  : "a column definition list is redundant for a function with OUT parameters")
            .position(position(entry->func->location));
      }
      for (auto* definition : definitions) add(std::string(definition->colname), resolve_type(context_, *definition->type_name));
    } else if (target != nullptr && target->result == oid::kRecord && !target->out_types.empty()) {
      for (size_t i = 0; i < target->out_types.size(); ++i) add(std::string(target->out_names[i]), {output_type(*call, i)});
    } else if (call->type.oid == oid::kRecord && target != nullptr) {
      throw SqlError(Sqlstate::SyntaxError, "a column definition list is required for functions returning \"record\"")
          .position(position(entry->func->location));
    } else {
      std::string name = single && function.alias != nullptr ? std::string(function.alias->aliasname) : figure_column_name(*entry->func);
      if (target != nullptr && target->out_names.size() == 1) {
        name = target->out_names[0];
      } else if (auto routine = target != nullptr && target->user_defined ? context_.catalog.routine(target->oid) : nullptr) {
        // The only OUT argument names the column, before the alias does.
        const catalog::RoutineArgument* out = nullptr;
        size_t outputs = 0;
        for (const auto& argument : routine->arguments) {
          if (argument.is_input() && argument.mode != 'b') continue;
          out = &argument;
          ++outputs;
        }
        if (outputs == 1 && !out->name.empty()) name = out->name;
      }
      add(std::move(name), call->type);
    }
    get->column_counts.push_back(static_cast<uint32_t>(item.columns.size() - before));
    if (recorder_ != nullptr) {
      auto& record = recorder_->ranges[&function];
      record.calls.push_back(recorder_->text(*call));
      for (auto* definition : definitions) {
        Type type = resolve_type(context_, *definition->type_name);
        record.real_columns.push_back(functions::quote_identifier(definition->colname) + " " + types::format_type(type, context_.types.names));
      }
    }
    get->calls.push_back(std::move(call));
  }
  if (function.ordinality) add("ordinality", {oid::kInt8});
  LogicalPtr op;
  if (!expansions.empty()) {
    if (function.alias != nullptr) item.alias = std::string(function.alias->aliasname);
    get->alias = item.alias;
    op = expand_rows(std::move(get), expansions, item);
    apply_alias(item, function.alias);
    items.push_back(std::move(item));
    return op;
  }
  apply_alias(item, function.alias);
  get->alias = item.alias;
  items.push_back(std::move(item));
  return get;
}

std::vector<types::UserType::Field> QueryAnalyzer::define_columns(ast::List<ast::ColumnDef> definitions) {
  std::vector<types::UserType::Field> fields;
  for (auto* definition : definitions) {
    fields.push_back({std::string(definition->colname), resolve_type(context_, *definition->type_name), false});
  }
  return fields;
}

// json_to_record and its kin are told their columns by three more arguments.
void QueryAnalyzer::pass_definitions(const std::vector<types::UserType::Field>& fields, Expr& call) {
  Arena arena;
  types::ArrayBuilder names(oid::kText), oids(oid::kOid), typmods(oid::kInt4);
  for (const auto& field : fields) {
    names.add(types::Value::of_string(arena.copy(std::string_view(field.name))));
    oids.add(types::Value::of_oid(field.type.oid));
    typmods.add(types::Value::of_i32(field.type.typmod));
  }
  call.args.push_back(plan::make_constant({oid::kTextArray}, names.value(arena)));
  call.args.push_back(plan::make_constant({oid::kOidArray}, oids.value(arena)));
  call.args.push_back(plan::make_constant({oid::kInt4Array}, typmods.value(arena)));
}

// Replaces columns of a row type by the row's columns.
LogicalPtr QueryAnalyzer::expand_rows(LogicalPtr rows, const std::vector<Expansion>& expansions, RangeItem& item) {
  auto project = std::make_unique<plan::Project>();
  project->table = new_table();
  std::vector<RangeColumn> columns;
  auto add = [&](std::string name, ExprPtr expr) {
    Type type = expr->type;
    columns.push_back({name, type, expr->collation, {project->table, static_cast<uint32_t>(project->exprs.size())}});
    project->names.push_back(std::move(name));
    project->exprs.push_back(std::move(expr));
  };
  for (size_t i = 0; i < item.columns.size(); ++i) {
    const auto& column = item.columns[i];
    auto whole = [&] {
      ExprPtr expr = plan::make_column(column.binding, column.type, column.name);
      expr->collation = column.collation;
      return expr;
    };
    auto expansion = std::find_if(expansions.begin(), expansions.end(), [&](const auto& e) { return e.column == i; });
    if (expansion == expansions.end()) {
      add(column.name, whole());
      continue;
    }
    for (size_t k = 0; k < expansion->fields.size(); ++k) {
      const auto& field = expansion->fields[k];
      if (!field.dropped) add(field.name, make_field(whole(), k, field, -1));
    }
  }
  project->children.push_back(std::move(rows));
  item.table = project->table;
  item.columns = std::move(columns);
  return project;
}

LogicalPtr QueryAnalyzer::bind_join(const ast::JoinExpr& join, Scope& scope, std::vector<RangeItem>& items) {
  std::vector<RangeItem> left_items;
  std::vector<RangeItem> right_items;
  LogicalPtr left = bind_from_item(*join.larg, scope, left_items);
  // The right side may refer laterally to the left.
  size_t outer_count = scope.items.size();
  for (const auto& item : left_items) scope.items.push_back(item);
  LogicalPtr right = bind_from_item(*join.rarg, scope, right_items);
  scope.items.resize(outer_count);

  auto op = std::make_unique<plan::Join>();
  switch (join.jointype) {
    case ast::JoinType::Inner: op->type = plan::JoinType::Inner; break;
    case ast::JoinType::Left: op->type = plan::JoinType::Left; break;
    case ast::JoinType::Right: op->type = plan::JoinType::Right; break;
    case ast::JoinType::Full: op->type = plan::JoinType::Full; break;
  }
  op->children.push_back(std::move(left));
  op->children.push_back(std::move(right));

  auto visible = [](const std::vector<RangeItem>& list) {
    std::vector<const RangeColumn*> columns;
    for (const auto& item : list) {
      if (!item.columns_visible) continue;
      for (const auto& column : item.columns) columns.push_back(&column);
    }
    return columns;
  };
  auto left_columns = visible(left_items);
  auto right_columns = visible(right_items);
  std::vector<std::string> using_names;
  for (auto name : join.using_clause) using_names.emplace_back(name);
  if (join.is_natural) {
    for (const auto* l : left_columns) {
      for (const auto* r : right_columns) {
        if (l->name == r->name) using_names.push_back(l->name);
      }
    }
  }
  std::vector<RangeColumn> merged;
  auto find_using = [&](const std::vector<const RangeColumn*>& columns, const std::string& name, const char* side) {
    const RangeColumn* found = nullptr;
    for (const auto* column : columns) {
      if (column->name != name) continue;
      if (found != nullptr) {
        throw SqlError(Sqlstate::AmbiguousColumn, "common column name \"" + name + "\" appears more than once in " + side + " table")
            .position(position(join.location));
      }
      found = column;
    }
    if (found == nullptr) {
      throw SqlError(Sqlstate::UndefinedColumn, "column \"" + name + "\" specified in USING clause does not exist in " + side + " table")
          .position(position(join.location));
    }
    return found;
  };
  auto column_expr = [&](const RangeColumn& column) { return use_column(column, scope, scope, join.location); };
  for (size_t i = 0; i < using_names.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (using_names[k] == using_names[i]) {
        throw SqlError(Sqlstate::DuplicateColumn, "column name \"" + using_names[i] + "\" appears more than once in USING clause").position(position(join.location));
      }
    }
    const RangeColumn* l = find_using(left_columns, using_names[i], "left");
    const RangeColumn* r = find_using(right_columns, using_names[i], "right");
    ExprList both;
    both.push_back(column_expr(*l));
    both.push_back(column_expr(*r));
    Oid common = coercion_.common_type(both, nullptr);
    if (common == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "JOIN/USING types " + types::format_type({l->type.oid}) + " and " + types::format_type({r->type.oid}) +
                                                     " cannot be matched")
          .position(position(join.location));
    }
    int32_t typmod = Coercion::common_typmod(both, common);
    std::string_view equal = "=";
    op->conditions.push_back(bind_operator(ast::NameList(&equal, 1), both[0]->clone(), both[1]->clone(), join.location));
    bool right_fits = join.jointype == ast::JoinType::Inner && l->type.oid != common && r->type.oid == common;
    bool take_right = join.jointype == ast::JoinType::Right || right_fits;
    RangeColumn column = take_right ? *r : *l;
    if (join.jointype == ast::JoinType::Full) {
      auto coalesce = std::make_unique<Expr>(ExprKind::Coalesce, Type{common, typmod});
      for (auto& side : both) coalesce->args.push_back(coerce_or_throw(std::move(side), {common}, CastContext::Implicit, "JOIN/USING"));
      derive_collation(*coalesce);
      coalesce->name = column.name;
      column.merged = std::move(coalesce);
      column.type = {common, typmod};
    } else if (column.type.oid != common) {
      column.merged = coerce_or_throw(std::move(take_right ? both[1] : both[0]), {common}, CastContext::Implicit, "JOIN/USING");
      column.type = {common, typmod};
    }
    merged.push_back(std::move(column));
  }

  if (recorder_ != nullptr) recorder_->ranges[&join].using_names = using_names;
  RangeItem joined;
  joined.relation_visible = false;
  joined.columns = merged;
  auto is_merged = [&](const RangeColumn* column) {
    return std::find(using_names.begin(), using_names.end(), column->name) != using_names.end();
  };
  for (const auto* column : left_columns) {
    if (!is_merged(column)) joined.columns.push_back(*column);
  }
  for (const auto* column : right_columns) {
    if (!is_merged(column)) joined.columns.push_back(*column);
  }

  size_t left_count = items.size() + left_items.size();
  for (auto& item : left_items) items.push_back(std::move(item));
  for (auto& item : right_items) items.push_back(std::move(item));
  check_alias_unique(items, join.location);
  if (join.quals != nullptr) {
    std::vector<RangeItem> outside = std::move(scope.items);
    scope.items = items;
    ExprList conditions = bind_conjuncts(join.quals, scope, Clause::JoinOn, "JOIN/ON");
    if (recorder_ != nullptr) recorder_->ranges[&join].quals = recorder_->conjunction(conditions);
    for (auto& condition : conditions) op->conditions.push_back(std::move(condition));
    // A system column asked for in ON was added through the item's operator; nothing else changes here.
    scope.items = std::move(outside);
  }
  bool left_nullable = join.jointype == ast::JoinType::Right || join.jointype == ast::JoinType::Full;
  bool right_nullable = join.jointype == ast::JoinType::Left || join.jointype == ast::JoinType::Full;
  for (size_t i = 0; i < items.size(); ++i) items[i].nullable = items[i].nullable || (i < left_count ? left_nullable : right_nullable);
  for (auto& item : items) item.columns_visible = false;
  if (join.join_using_alias != nullptr) {
    RangeItem alias;
    alias.unlockable = "a join";
    alias.alias = join.join_using_alias->aliasname;
    alias.columns = merged;
    alias.columns_visible = false;
    items.push_back(std::move(alias));
  }
  if (join.alias != nullptr) {
    if (join.join_using_alias != nullptr) items.back().alias.clear();
    for (auto& item : items) item.relation_visible = false;
    joined.relation_visible = true;
    joined.unlockable = "a join";
    apply_alias(joined, join.alias);
    if (recorder_ != nullptr) recorder_->add_join_columns(join, joined);
  }
  items.push_back(std::move(joined));
  return op;
}

}  // namespace aegis::analyzer
