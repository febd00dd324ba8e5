#include "lower.h"

#include <algorithm>

#include "aegis/types/collation.h"
#include "aegis/base/error.h"
#include "aegis/catalog/foreign.h"
#include "aegis/catalog/system.h"
#include "aegis/functions/function.h"
#include "aegis/functions/inverted.h"

namespace aegis::planner {

using plan::PhysicalPtr;

namespace {

// An index lookup fetches rows one by one; a scan reads them in order.
constexpr double kFetchCost = 8;

int width_of(const std::vector<plan::ColumnInfo>& columns) {
  int width = 0;
  for (const auto& column : columns) {
    const auto* info = types::find_type(column.type.oid);
    width += info != nullptr && info->length > 0 ? info->length : 32;
  }
  return width;
}

plan::ColumnInfo info_of(const Expr& expr, const std::string& name) { return {name, expr.type, expr.collation}; }

void set_estimates(plan::PhysicalOp& op, double rows, double own_cost) {
  op.estimated_rows = std::max(1.0, rows);
  op.width = width_of(op.output);
  for (const auto& child : op.children) {
    op.total_cost += child->total_cost;
    op.startup_cost = std::max(op.startup_cost, child->startup_cost);
  }
  op.total_cost += own_cost;
}

}  // namespace

void add_needed(const Expr& expr, BindingSet& needed) { collect_columns(expr, needed); }

ExprPtr Lowering::parameterize(ExprPtr expr) {
  plan::rewrite(expr, [&](ExprPtr& part) {
    if (part->kind != ExprKind::Column) return;
    auto param = outer_params_.find(part->binding);
    if (param == outer_params_.end()) return;
    auto value = std::make_unique<Expr>(ExprKind::ExecParam, part->type);
    value->index = param->second;
    value->collation = part->collation;
    value->name = part->name;
    part = std::move(value);
  });
  return expr;
}

ExprPtr Lowering::bind(const Expr& expr, const std::map<ColumnBinding, uint32_t>& layout) {
  ExprPtr bound = expr.clone();
  plan::rewrite(bound, [&](ExprPtr& part) {
    if (part->kind != ExprKind::Column) return;
    auto at = layout.find(part->binding);
    ExprPtr replacement;
    if (at != layout.end()) {
      replacement = plan::make_input(at->second, part->type, part->name);
    } else {
      auto param = outer_params_.find(part->binding);
      AEGIS_CHECK(param != outer_params_.end());
      replacement = std::make_unique<Expr>(ExprKind::ExecParam, part->type);
      replacement->index = param->second;
      replacement->name = part->name;
    }
    replacement->collation = part->collation;
    replacement->location = part->location;
    part = std::move(replacement);
  });
  if (state_.context.fold) fold_constants(bound, state_.context);
  return bound;
}

ExprList Lowering::bind_all(const ExprList& list, const std::map<ColumnBinding, uint32_t>& layout) {
  ExprList bound;
  for (const auto& expr : list) bound.push_back(bind(*expr, layout));
  return bound;
}

std::vector<plan::SortKey> Lowering::bind_keys(const std::vector<plan::SortKey>& keys, const std::map<ColumnBinding, uint32_t>& layout) {
  std::vector<plan::SortKey> bound;
  for (const auto& key : keys) {
    plan::SortKey copy;
    copy.expr = bind(*key.expr, layout);
    copy.descending = key.descending;
    copy.nulls_first = key.nulls_first;
    bound.push_back(std::move(copy));
  }
  return bound;
}

PhysicalPtr Lowering::lower_exact(LogicalOp& op, const std::vector<ColumnBinding>& bindings) {
  Node node = lower(op, BindingSet(bindings.begin(), bindings.end()));
  bool exact = node.op->output.size() == bindings.size();
  for (size_t i = 0; i < bindings.size() && exact; ++i) exact = node.layout.at(bindings[i]) == i;
  if (exact) return std::move(node.op);
  auto project = std::make_unique<plan::PhysicalProject>();
  for (const auto& binding : bindings) {
    uint32_t at = node.layout.at(binding);
    const auto& column = node.op->output[at];
    ExprPtr input = plan::make_input(at, column.type, column.name);
    input->collation = column.collation;
    project->exprs.push_back(std::move(input));
    project->output.push_back(column);
  }
  double rows = node.op->estimated_rows;
  project->children.push_back(std::move(node.op));
  set_estimates(*project, rows, rows * 0.0025);
  return project;
}

Node Lowering::lower(LogicalOp& op, const BindingSet& needed) {
  switch (op.kind) {
    case LogicalKind::Get: return lower_get(static_cast<plan::Get&>(op), {}, needed);
    case LogicalKind::Filter: return lower_filter(static_cast<plan::Filter&>(op), needed);
    case LogicalKind::Project: return lower_project(static_cast<plan::Project&>(op), needed);
    case LogicalKind::Join: return lower_join(static_cast<plan::Join&>(op), needed);
    case LogicalKind::Aggregate: return lower_aggregate(static_cast<plan::Aggregate&>(op), needed);
    case LogicalKind::Window: return lower_window(static_cast<plan::Window&>(op), needed);
    case LogicalKind::Sort: return lower_sort(static_cast<plan::Sort&>(op), needed, nullptr);
    case LogicalKind::Limit: return lower_limit(static_cast<plan::Limit&>(op), needed);
    case LogicalKind::Distinct: return lower_distinct(static_cast<plan::Distinct&>(op), needed);
    case LogicalKind::SetOp: return lower_set_op(static_cast<plan::SetOp&>(op), needed);
    case LogicalKind::With: return lower_with(static_cast<plan::With&>(op), needed);
    case LogicalKind::LockRows: return lower_lock_rows(static_cast<plan::LockRows&>(op), needed);
    case LogicalKind::Insert: return lower_insert(static_cast<plan::Insert&>(op));
    case LogicalKind::Update: return lower_update(static_cast<plan::Update&>(op));
    case LogicalKind::Delete: return lower_delete(static_cast<plan::Delete&>(op));
    case LogicalKind::Merge: return lower_merge(static_cast<plan::Merge&>(op));
    case LogicalKind::SystemGet: {
      auto& get = static_cast<plan::SystemGet&>(op);
      Node node;
      auto scan = std::make_unique<plan::SystemScan>();
      scan->source = get.source;
      scan->alias = get.alias;
      for (size_t i = 0; i < get.columns.size(); ++i) {
        ColumnBinding binding{get.table, static_cast<uint32_t>(i)};
        if (needed.count(binding) == 0) continue;
        node.layout[binding] = static_cast<uint32_t>(scan->columns.size());
        scan->columns.push_back(static_cast<int>(i));
        scan->output.push_back(get.columns[i]);
      }
      set_estimates(*scan, op.estimated_rows, 10);
      node.op = std::move(scan);
      return node;
    }
    case LogicalKind::Function: {
      auto& get = static_cast<plan::FunctionGet&>(op);
      Node node;
      auto scan = std::make_unique<plan::FunctionScan>();
      scan->calls = bind_all(get.calls, {});
      scan->column_counts = get.column_counts;
      scan->ordinality = get.ordinality;
      scan->alias = get.alias;
      scan->output = get.columns;
      for (size_t i = 0; i < get.columns.size(); ++i) node.layout[{get.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(i);
      set_estimates(*scan, op.estimated_rows, 10);
      node.op = std::move(scan);
      return node;
    }
    case LogicalKind::Values: {
      auto& values = static_cast<plan::Values&>(op);
      Node node;
      auto scan = std::make_unique<plan::ValuesScan>();
      for (const auto& row : values.rows) scan->rows.push_back(bind_all(row, {}));
      scan->output = values.columns;
      for (size_t i = 0; i < values.columns.size(); ++i) node.layout[{values.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(i);
      set_estimates(*scan, static_cast<double>(values.rows.size()), 0.01 * static_cast<double>(values.rows.size()));
      node.op = std::move(scan);
      return node;
    }
    case LogicalKind::CteRef: {
      auto& ref = static_cast<plan::CteRef&>(op);
      Node node;
      auto scan = std::make_unique<plan::CteScan>();
      scan->cte = ref.cte;
      scan->name = ref.alias;
      scan->output = ref.columns;
      for (size_t i = 0; i < ref.columns.size(); ++i) node.layout[{ref.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(i);
      set_estimates(*scan, op.estimated_rows, 10);
      node.op = std::move(scan);
      return node;
    }
    case LogicalKind::WorkTable: {
      auto& work = static_cast<plan::WorkTable&>(op);
      Node node;
      auto scan = std::make_unique<plan::WorkTableScan>();
      scan->cte = work.cte;
      scan->output = work.columns;
      for (size_t i = 0; i < work.columns.size(); ++i) node.layout[{work.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(i);
      set_estimates(*scan, op.estimated_rows, 10);
      node.op = std::move(scan);
      return node;
    }
    case LogicalKind::RecursiveUnion: {
      auto& recursive = static_cast<plan::RecursiveUnion&>(op);
      Node node;
      auto physical = std::make_unique<plan::PhysicalRecursiveUnion>();
      physical->cte = recursive.cte;
      physical->all = recursive.all;
      physical->output = recursive.columns;
      for (auto& child : recursive.children) physical->children.push_back(lower_exact(*child, plan::output_bindings(*child)));
      for (size_t i = 0; i < recursive.columns.size(); ++i) node.layout[{recursive.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(i);
      set_estimates(*physical, op.estimated_rows, op.estimated_rows * 0.01);
      node.op = std::move(physical);
      return node;
    }
  }
  throw InternalError("no lowering for a logical operator");
}

Node Lowering::lower_get(plan::Get& get, ExprList predicates, const BindingSet& needed) {
  if (get.inherits || get.relation->is_partitioned()) return lower_family(get, std::move(predicates), needed);
  Node node;
  std::vector<int> columns;
  std::vector<plan::ColumnInfo> output;
  BindingSet wanted = needed;
  for (const auto& predicate : predicates) add_needed(*predicate, wanted);
  for (size_t i = 0; i < get.columns.size(); ++i) {
    ColumnBinding binding{get.table, static_cast<uint32_t>(i)};
    if (wanted.count(binding) == 0) continue;
    node.layout[binding] = static_cast<uint32_t>(columns.size());
    columns.push_back(get.columns[i]);
    output.push_back(get.column_infos[i]);
  }
  double table_rows = std::max(1.0, state_.context.statistics.row_count(*get.relation));
  double rows = table_rows;
  get.estimated_rows = table_rows;
  std::vector<const Expr*> all;
  for (const auto& predicate : predicates) all.push_back(predicate.get());
  rows *= table_selectivity(all, get, state_.context);
  BindingSet outer;
  for (const auto& [binding, param] : outer_params_) outer.insert(binding);
  AccessPath path = choose_path(get, predicates, {}, outer, state_.context, IndexUse::Scans);
  ExprList filters = bind_all(predicates, node.layout);
  InvertedPath inverted = choose_inverted_path(get, predicates, outer, state_.context);
  bool seqscan = state_.context.options.enable_seqscan;
  if (inverted.index != nullptr && (path.index == nullptr || inverted.rows < path.rows) && (inverted.rows * kFetchCost < table_rows || !seqscan)) {
    auto scan = std::make_unique<plan::IndexScan>();
    scan->relation = get.relation;
    scan->alias = get.alias;
    scan->index = inverted.index->oid;
    for (auto& condition : inverted.conditions) {
      condition.query = bind(*condition.query, {});
      scan->inverted.push_back(std::move(condition));
    }
    for (size_t used : inverted.used) scan->filters.push_back(std::move(filters[used]));
    scan->recheck_count = scan->filters.size();
    for (auto& filter : filters) {
      if (filter != nullptr) scan->filters.push_back(std::move(filter));
    }
    scan->columns = std::move(columns);
    scan->output = std::move(output);
    scan->startup_cost = 0.5;
    set_estimates(*scan, rows, 0.5 + inverted.rows * 0.05 * kFetchCost);
    node.op = std::move(scan);
    return node;
  }
  if (path.index != nullptr && (path.unique_lookup || path.rows * kFetchCost < table_rows || !state_.context.options.enable_seqscan)) {
    auto scan = std::make_unique<plan::IndexScan>();
    scan->relation = get.relation;
    scan->alias = get.alias;
    scan->index = path.index->oid;
    scan->range.equal = bind_all(path.range.equal, {});
    if (path.range.lower) scan->range.lower = bind(*path.range.lower, {});
    if (path.range.upper) scan->range.upper = bind(*path.range.upper, {});
    scan->range.lower_inclusive = path.range.lower_inclusive;
    scan->range.upper_inclusive = path.range.upper_inclusive;
    scan->columns = std::move(columns);
    scan->output = std::move(output);
    scan->filters = std::move(filters);
    scan->covered = std::move(path.covered);
    scan->startup_cost = 0.15;
    set_estimates(*scan, std::min(rows, path.rows), 0.15 + path.rows * 0.05 * kFetchCost);
    node.op = std::move(scan);
    return node;
  }
  if (get.relation->is_foreign()) catalog::foreign_handler(state_.context.catalog, *get.relation);
  auto scan = std::make_unique<plan::TableScan>();
  scan->relation = get.relation;
  scan->alias = get.alias;
  scan->columns = std::move(columns);
  scan->output = std::move(output);
  scan->filters = std::move(filters);
  set_estimates(*scan, rows, table_rows * (0.01 + 0.0025 * static_cast<double>(predicates.size())));
  node.op = std::move(scan);
  return node;
}

void security_first(ExprList& predicates) {
  std::stable_partition(predicates.begin(), predicates.end(), [](const auto& predicate) { return predicate->security; });
}

Node Lowering::lower_filter(plan::Filter& filter, const BindingSet& needed) {
  LogicalOp& child = *filter.children[0];
  security_first(filter.predicates);
  if (child.kind == LogicalKind::Get) {
    ExprList predicates;
    for (const auto& predicate : filter.predicates) predicates.push_back(predicate->clone());
    return lower_get(static_cast<plan::Get&>(child), std::move(predicates), needed);
  }
  BindingSet wanted = needed;
  for (const auto& predicate : filter.predicates) add_needed(*predicate, wanted);
  Node node = lower(child, wanted);
  double rows = node.op->estimated_rows;
  for (const auto& predicate : filter.predicates) rows *= selectivity(*predicate, child, state_.context);
  if (child.kind == LogicalKind::SystemGet) {
    static_cast<plan::SystemScan&>(*node.op).filters = bind_all(filter.predicates, node.layout);
    node.op->estimated_rows = std::max(1.0, rows);
    return node;
  }
  auto physical = std::make_unique<plan::PhysicalFilter>();
  physical->predicates = bind_all(filter.predicates, node.layout);
  physical->output = node.op->output;
  double cost = node.op->estimated_rows * 0.0025 * static_cast<double>(filter.predicates.size());
  physical->children.push_back(std::move(node.op));
  set_estimates(*physical, rows, cost);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_project(plan::Project& project, const BindingSet& needed) {
  auto is_wanted = [&](size_t i) {
    const Expr& expr = *project.exprs[i];
    return needed.count({project.table, static_cast<uint32_t>(i)}) != 0 || plan::is_volatile(expr) || plan::returns_set(expr);
  };
  BindingSet below;
  bool only_columns = true;
  bool sets = false;
  for (size_t i = 0; i < project.exprs.size(); ++i) {
    if (!is_wanted(i)) continue;
    add_needed(*project.exprs[i], below);
    only_columns = only_columns && project.exprs[i]->kind == ExprKind::Column && outer_params_.count(project.exprs[i]->binding) == 0;
    sets = sets || plan::returns_set(*project.exprs[i]);
  }
  Node child = lower(*project.children[0], below);
  Node node;
  if (only_columns) {
    for (size_t i = 0; i < project.exprs.size(); ++i) {
      if (!is_wanted(i)) continue;
      uint32_t at = child.layout.at(project.exprs[i]->binding);
      node.layout[{project.table, static_cast<uint32_t>(i)}] = at;
    }
    node.op = std::move(child.op);
    return node;
  }
  ExprList exprs;
  std::vector<plan::ColumnInfo> output;
  for (size_t i = 0; i < project.exprs.size(); ++i) {
    if (!is_wanted(i)) continue;
    node.layout[{project.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(exprs.size());
    output.push_back(info_of(*project.exprs[i], project.names[i]));
    exprs.push_back(bind(*project.exprs[i], child.layout));
  }
  double rows = child.op->estimated_rows * (sets ? 100 : 1);
  PhysicalPtr physical;
  if (sets) {
    auto op = std::make_unique<plan::ProjectSet>();
    op->exprs = std::move(exprs);
    physical = std::move(op);
  } else {
    auto op = std::make_unique<plan::PhysicalProject>();
    op->exprs = std::move(exprs);
    physical = std::move(op);
  }
  physical->output = std::move(output);
  physical->children.push_back(std::move(child.op));
  set_estimates(*physical, rows, rows * 0.0025);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_aggregate(plan::Aggregate& aggregate, const BindingSet&) {
  BindingSet below;
  for (const auto& group : aggregate.groups) add_needed(*group, below);
  for (const auto& call : aggregate.aggregates) add_needed(*call, below);
  Node child = lower(*aggregate.children[0], below);
  auto physical = std::make_unique<plan::HashAggregate>();
  physical->groups = bind_all(aggregate.groups, child.layout);
  physical->aggregates = bind_all(aggregate.aggregates, child.layout);
  physical->sets = aggregate.sets;
  physical->grouping_calls = aggregate.grouping_calls;
  Node node;
  auto add = [&](plan::ColumnInfo info) {
    node.layout[{aggregate.table, static_cast<uint32_t>(physical->output.size())}] = static_cast<uint32_t>(physical->output.size());
    physical->output.push_back(std::move(info));
  };
  for (const auto& group : aggregate.groups) add(info_of(*group, group->name));
  for (const auto& call : aggregate.aggregates) add(info_of(*call, std::string(call->function->name)));
  for (size_t i = 0; i < aggregate.grouping_calls.size(); ++i) add({"grouping", {types::oid::kInt4}});
  double input = child.op->estimated_rows;
  physical->children.push_back(std::move(child.op));
  physical->startup_cost = input * 0.0125;
  set_estimates(*physical, aggregate.estimated_rows, input * 0.0125 + aggregate.estimated_rows * 0.01);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_window(plan::Window& window, const BindingSet& needed) {
  BindingSet below;
  for (const auto& binding : needed) {
    if (binding.table != window.table) below.insert(binding);
  }
  for (const auto& call : window.calls) add_needed(*call, below);
  Node node = lower(*window.children[0], below);
  auto physical = std::make_unique<plan::PhysicalWindow>();
  physical->calls = bind_all(window.calls, node.layout);
  physical->output = node.op->output;
  for (size_t i = 0; i < window.calls.size(); ++i) {
    node.layout[{window.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(physical->output.size());
    physical->output.push_back(info_of(*window.calls[i], std::string(window.calls[i]->function->name)));
  }
  double rows = node.op->estimated_rows;
  physical->children.push_back(std::move(node.op));
  set_estimates(*physical, rows, rows * 0.05);
  node.op = std::move(physical);
  return node;
}

namespace {

bool has_index_order(const catalog::Index& index, const IndexTerms& terms, size_t skip, const std::vector<plan::SortKey>& keys,
                     const std::vector<int>& columns, const types::TypeContext& types, bool* backward) {
  if (skip + keys.size() > index.columns.size() || index.method == "hash" || index.method == "brin" || functions::is_inverted_method(index.method)) return false;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!types::orders_by_bytes(keys[i].expr->collation, types)) return false;
    const Expr& expr = keys[i].expr->kind == ExprKind::Relabel && keys[i].expr->explicit_collation ? *keys[i].expr->args[0] : *keys[i].expr;
    const auto& key = index.columns[skip + i];
    if (key.column < 0) {
      const Expr* own = skip + i < terms.keys.size() ? terms.keys[skip + i].get() : nullptr;
      if (own == nullptr || !is_key_expression(expr, *own)) return false;
    } else if (expr.kind != ExprKind::Input || columns[expr.index] != key.column) {
      return false;
    }
    bool reversed = keys[i].descending != key.descending;
    if ((keys[i].nulls_first != key.nulls_first) != reversed) return false;
    if (i > 0 && reversed != *backward) return false;
    *backward = reversed;
  }
  return true;
}

}  // namespace

// The index whose order is the one asked for, of a scan that may read it; kInvalidOid: none.
Oid Lowering::ordering_index(const plan::PhysicalOp& op, const std::vector<plan::SortKey>& keys, bool* backward) {
  *backward = false;
  auto maker = [](const auto& scan) -> ColumnMaker {
    return [&scan](int wanted) -> ExprPtr {
      for (size_t i = 0; i < scan.columns.size(); ++i) {
        if (scan.columns[i] != wanted) continue;
        ExprPtr input = plan::make_input(static_cast<uint32_t>(i), scan.output[i].type, scan.output[i].name);
        input->collation = scan.output[i].collation;
        return input;
      }
      return nullptr;
    };
  };
  if (op.kind == plan::PhysicalKind::Project) {
    // What is computed above the scan may be an index's key.
    auto& project = static_cast<const plan::PhysicalProject&>(op);
    std::vector<plan::SortKey> below;
    for (const auto& key : keys) {
      below.push_back(key.clone());
      plan::rewrite(below.back().expr, [&](ExprPtr& part) {
        if (part->kind == ExprKind::Input) part = project.exprs[part->index]->clone();
      });
    }
    return ordering_index(*op.children[0], below, backward);
  }
  if (op.kind == plan::PhysicalKind::IndexScan) {
    auto& scan = static_cast<const plan::IndexScan&>(op);
    auto index = state_.context.catalog.index(scan.index);
    if (!scan.inverted.empty()) return kInvalidOid;
    IndexTerms terms;
    if (!open_index_terms(*index, *scan.relation, maker(scan), state_.context, terms)) return kInvalidOid;
    // The equality prefix is constant, so the order is that of the columns behind it.
    return has_index_order(*index, terms, scan.range.equal.size(), keys, scan.columns, state_.context.types, backward) ? scan.index : kInvalidOid;
  }
  if (op.kind != plan::PhysicalKind::TableScan) return kInvalidOid;
  auto& scan = static_cast<const plan::TableScan&>(op);
  std::vector<const Expr*> known;
  for (const auto& filter : scan.filters) known.push_back(filter.get());
  for (const auto& index : state_.context.catalog.indexes_of(*scan.relation)) {
    if (!index->valid || (known.empty() && !index->predicate_sql.empty())) continue;
    IndexTerms terms;
    if (!open_index_terms(*index, *scan.relation, maker(scan), state_.context, terms)) continue;
    bool implied = std::all_of(terms.predicate.begin(), terms.predicate.end(), [&](const auto& part) { return is_implied(*part, known, state_.context.types); });
    if (implied && has_index_order(*index, terms, 0, keys, scan.columns, state_.context.types, backward)) return index->oid;
  }
  return kInvalidOid;
}

PhysicalPtr Lowering::read_in_order(PhysicalPtr op, Oid index, bool backward) {
  if (op->kind == plan::PhysicalKind::Project) {
    op->children[0] = read_in_order(std::move(op->children[0]), index, backward);
    return op;
  }
  if (op->kind == plan::PhysicalKind::IndexScan) {
    auto& scan = static_cast<plan::IndexScan&>(*op);
    scan.backward = backward;
    scan.in_key_order = true;
    return op;
  }
  auto& scan = static_cast<plan::TableScan&>(*op);
  auto ordered = std::make_unique<plan::IndexScan>();
  ordered->relation = scan.relation;
  ordered->alias = scan.alias;
  ordered->index = index;
  ordered->backward = backward;
  ordered->in_key_order = true;
  ordered->columns = scan.columns;
  ordered->filters = std::move(scan.filters);
  ordered->output = scan.output;
  set_estimates(*ordered, scan.estimated_rows, scan.total_cost * kFetchCost);
  return ordered;
}

// Reads the table in an index's order when that is the order asked for; those of partitions are merged.
bool Lowering::use_order_of_index(Node& node, const std::vector<plan::SortKey>& keys) {
  if (!state_.context.options.enable_indexscan) return false;
  bool backward = false;
  if (node.op->kind != plan::PhysicalKind::Append) {
    Oid index = ordering_index(*node.op, keys, &backward);
    if (index == kInvalidOid) return false;
    node.op = read_in_order(std::move(node.op), index, backward);
    return true;
  }
  auto& append = static_cast<plan::Append&>(*node.op);
  if (append.alias.empty()) return false;
  std::vector<std::pair<Oid, bool>> found;
  for (const auto& child : append.children) {
    Oid index = ordering_index(*child, keys, &backward);
    if (index == kInvalidOid) return false;
    found.emplace_back(index, backward);
  }
  for (size_t i = 0; i < found.size(); ++i) append.children[i] = read_in_order(std::move(append.children[i]), found[i].first, found[i].second);
  for (const auto& key : keys) append.merge_keys.push_back(key.clone());
  return true;
}

Node Lowering::lower_sort(plan::Sort& sort, const BindingSet& needed, plan::Limit* limit) {
  BindingSet below = needed;
  for (const auto& key : sort.keys) add_needed(*key.expr, below);
  Node node = lower(*sort.children[0], below);
  auto keys = bind_keys(sort.keys, node.layout);
  double rows = node.op->estimated_rows;
  // A limit makes the ordered read worth its fetches; so does a scan that uses the index anyway.
  bool few = limit != nullptr && limit->count != nullptr;
  const bool projected = node.op->kind == plan::PhysicalKind::Project && node.op->children[0]->kind == plan::PhysicalKind::IndexScan;
  bool indexed = node.op->kind == plan::PhysicalKind::IndexScan || projected ||
                 (node.op->kind == plan::PhysicalKind::Append && std::all_of(node.op->children.begin(), node.op->children.end(), [](const auto& child) {
                    return child->kind == plan::PhysicalKind::IndexScan;
                  }));
  if ((few || indexed) && use_order_of_index(node, keys)) {
    if (limit == nullptr) return node;
    auto physical = std::make_unique<plan::PhysicalLimit>();
    if (limit->count) physical->count = bind(*limit->count, {});
    if (limit->offset) physical->offset = bind(*limit->offset, {});
    physical->output = node.op->output;
    physical->children.push_back(std::move(node.op));
    set_estimates(*physical, limit->estimated_rows, 0);
    node.op = std::move(physical);
    return node;
  }
  if (limit != nullptr) {
    auto top = std::make_unique<plan::TopN>();
    top->keys = std::move(keys);
    top->count = bind(*limit->count, {});
    if (limit->offset) top->offset = bind(*limit->offset, {});
    top->output = node.op->output;
    top->children.push_back(std::move(node.op));
    set_estimates(*top, limit->estimated_rows, rows * 0.015);
    top->startup_cost = top->total_cost;
    node.op = std::move(top);
    return node;
  }
  auto physical = std::make_unique<plan::PhysicalSort>();
  physical->keys = std::move(keys);
  physical->output = node.op->output;
  physical->children.push_back(std::move(node.op));
  set_estimates(*physical, rows, rows * 0.03);
  physical->startup_cost = physical->total_cost;
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_limit(plan::Limit& limit, const BindingSet& needed) {
  constexpr int64_t kLargestTopN = 100000;
  bool small = limit.count != nullptr && !(limit.count->kind == ExprKind::Constant &&
                                           (limit.count->value.get().is_null || limit.count->value.get().i64 > kLargestTopN));
  if (limit.children[0]->kind == LogicalKind::Sort && small && !limit.with_ties) {
    return lower_sort(static_cast<plan::Sort&>(*limit.children[0]), needed, &limit);
  }
  BindingSet below = needed;
  for (const auto& key : limit.tie_keys) add_needed(*key.expr, below);
  Node node = lower(*limit.children[0], below);
  auto physical = std::make_unique<plan::PhysicalLimit>();
  if (limit.count) physical->count = bind(*limit.count, {});
  if (limit.offset) physical->offset = bind(*limit.offset, {});
  physical->with_ties = limit.with_ties;
  if (limit.with_ties) physical->tie_keys = bind_keys(limit.tie_keys, node.layout);
  physical->output = node.op->output;
  physical->children.push_back(std::move(node.op));
  set_estimates(*physical, limit.estimated_rows, 0);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_distinct(plan::Distinct& distinct, const BindingSet& needed) {
  if (!distinct.keys.empty()) {
    BindingSet below = needed;
    for (const auto& key : distinct.keys) add_needed(*key, below);
    Node node = lower(*distinct.children[0], below);
    auto physical = std::make_unique<plan::DistinctOn>();
    physical->keys = bind_all(distinct.keys, node.layout);
    physical->output = node.op->output;
    physical->children.push_back(std::move(node.op));
    set_estimates(*physical, distinct.estimated_rows, 0);
    node.op = std::move(physical);
    return node;
  }
  auto bindings = plan::output_bindings(*distinct.children[0]);
  Node node;
  auto physical = std::make_unique<plan::HashAggregate>();
  PhysicalPtr child = lower_exact(*distinct.children[0], bindings);
  for (size_t i = 0; i < bindings.size(); ++i) {
    ExprPtr input = plan::make_input(static_cast<uint32_t>(i), child->output[i].type, child->output[i].name);
    input->collation = child->output[i].collation;
    physical->groups.push_back(std::move(input));
    node.layout[bindings[i]] = static_cast<uint32_t>(i);
  }
  physical->output = child->output;
  double rows = child->estimated_rows;
  physical->children.push_back(std::move(child));
  set_estimates(*physical, distinct.estimated_rows, rows * 0.0125);
  physical->startup_cost = physical->total_cost;
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_set_op(plan::SetOp& set, const BindingSet&) {
  Node node;
  for (size_t i = 0; i < set.columns.size(); ++i) node.layout[{set.table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(i);
  std::vector<PhysicalPtr> children;
  for (auto& child : set.children) children.push_back(lower_exact(*child, plan::output_bindings(*child)));
  if (set.op != plan::SetOpKind::Union) {
    auto physical = std::make_unique<plan::PhysicalSetOp>();
    physical->op = set.op;
    physical->all = set.all;
    physical->output = set.columns;
    physical->children = std::move(children);
    set_estimates(*physical, set.estimated_rows, set.estimated_rows * 0.02);
    physical->startup_cost = physical->total_cost;
    node.op = std::move(physical);
    return node;
  }
  auto append = std::make_unique<plan::Append>();
  append->output = set.columns;
  // UNION ALL of UNION ALLs is one list.
  for (auto& child : children) {
    if (child->kind == plan::PhysicalKind::Append) {
      for (auto& inner : child->children) append->children.push_back(std::move(inner));
    } else {
      append->children.push_back(std::move(child));
    }
  }
  set_estimates(*append, set.estimated_rows, 0);
  node.op = std::move(append);
  if (set.all) return node;
  auto unique = std::make_unique<plan::HashAggregate>();
  for (size_t i = 0; i < set.columns.size(); ++i) {
    ExprPtr input = plan::make_input(static_cast<uint32_t>(i), set.columns[i].type, set.columns[i].name);
    input->collation = set.columns[i].collation;
    unique->groups.push_back(std::move(input));
  }
  unique->output = set.columns;
  unique->children.push_back(std::move(node.op));
  set_estimates(*unique, set.estimated_rows, set.estimated_rows * 0.0125);
  unique->startup_cost = unique->total_cost;
  node.op = std::move(unique);
  return node;
}

Node Lowering::lower_with(plan::With& with, const BindingSet& needed) {
  for (size_t i = 0; i < with.ctes.size(); ++i) {
    LogicalOp& definition = *with.children[i + 1];
    auto free = free_columns(definition);
    if (!free.empty()) throw_not_supported("WITH inside a lateral or correlated subquery that refers to its outer query");
    auto materialize = std::make_unique<plan::Materialize>();
    materialize->cte = with.ctes[i].cte;
    materialize->name = with.ctes[i].name;
    materialize->modifies_data = with.ctes[i].modifies_data;
    auto saved = std::move(outer_params_);
    outer_params_.clear();
    PhysicalPtr child = lower_exact(definition, plan::output_bindings(definition));
    outer_params_ = std::move(saved);
    materialize->output = child->output;
    double rows = child->estimated_rows;
    materialize->children.push_back(std::move(child));
    set_estimates(*materialize, rows, rows * 0.001);
    out_.ctes.push_back(std::move(materialize));
  }
  return lower(*with.children[0], needed);
}

}  // namespace aegis::planner
