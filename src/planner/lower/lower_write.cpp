// Writers and FOR UPDATE.
#include <algorithm>

#include "aegis/base/error.h"
#include "lower.h"

namespace aegis::planner {

using plan::PhysicalPtr;

namespace {

// The predicates that decide whether a row of the tree's output is there: those of filters and inner joins.
void collect_predicates(LogicalOp& op, std::vector<const Expr*>& out) {
  if (op.kind == LogicalKind::Filter) {
    for (const auto& predicate : static_cast<plan::Filter&>(op).predicates) out.push_back(predicate.get());
    collect_predicates(*op.children[0], out);
  } else if (op.kind == LogicalKind::Join) {
    auto& join = static_cast<plan::Join&>(op);
    if (join.type == plan::JoinType::Inner) {
      for (const auto& condition : join.conditions) out.push_back(condition.get());
      collect_predicates(*op.children[0], out);
      collect_predicates(*op.children[1], out);
    } else {
      collect_predicates(*op.children[0], out);
    }
  }
}

const plan::Get* find_get(const LogicalOp& op, uint32_t table) {
  if (op.kind == LogicalKind::Get && static_cast<const plan::Get&>(op).table == table) return static_cast<const plan::Get*>(&op);
  for (const auto& child : op.children) {
    if (const auto* found = find_get(*child, table)) return found;
  }
  return nullptr;
}

void need_predicates(LogicalOp& op, BindingSet& needed) {
  std::vector<const Expr*> predicates;
  collect_predicates(op, predicates);
  for (const auto* predicate : predicates) add_needed(*predicate, needed);
}

}  // namespace

plan::PhysicalLockRows::Recheck Lowering::make_recheck(LogicalOp& source, uint32_t table, const Node& child) {
  plan::PhysicalLockRows::Recheck recheck;
  const plan::Get* get = find_get(source, table);
  if (get == nullptr) return recheck;
  for (const auto& [binding, at] : child.layout) {
    if (binding.table == table) recheck.columns.emplace_back(at, get->columns[binding.column]);
  }
  std::vector<const Expr*> predicates;
  collect_predicates(source, predicates);
  for (const auto* predicate : predicates) {
    BindingSet used;
    collect_columns(*predicate, used);
    bool bindable = std::all_of(used.begin(), used.end(), [&](const auto& b) { return child.layout.count(b) != 0 || outer_params_.count(b) != 0; });
    if (bindable) recheck.predicates.push_back(bind(*predicate, child.layout));
  }
  return recheck;
}

// The locks are taken below the projection and above the sort: on rows in the order they are delivered, and so that a
// changed row's expressions are computed from its newest version.
Node Lowering::lower_lock_rows(plan::LockRows& lock, const BindingSet& needed) {
  LogicalOp* child = lock.children[0].get();
  plan::Sort* sort = nullptr;
  if (child->kind == LogicalKind::Sort) {
    sort = static_cast<plan::Sort*>(child);
    child = child->children[0].get();
  }
  AEGIS_CHECK(child->kind == LogicalKind::Project);
  auto& project = static_cast<plan::Project&>(*child);
  LogicalOp& source = *project.children[0];
  BindingSet below;
  for (size_t i = 0; i < project.exprs.size(); ++i) {
    if (needed.count({project.table, static_cast<uint32_t>(i)}) != 0) add_needed(*project.exprs[i], below);
  }
  std::vector<ColumnBinding> row_ids;
  for (const auto& target : lock.targets) {
    row_ids.push_back(project.exprs[target.row_id.column]->binding);
    below.insert(row_ids.back());
    if (target.table_oid) below.insert(*target.table_oid);
  }
  need_predicates(source, below);
  std::vector<plan::SortKey> keys;
  if (sort != nullptr) {
    for (auto& key : sort->keys) {
      substitute(key.expr, project.table, project.exprs);
      add_needed(*key.expr, below);
    }
  }
  Node node = lower(source, below);
  double rows = node.op->estimated_rows;
  if (sort != nullptr) {
    auto bound = bind_keys(sort->keys, node.layout);
    if (!use_order_of_index(node, bound)) {
      auto physical = std::make_unique<plan::PhysicalSort>();
      physical->keys = std::move(bound);
      physical->output = node.op->output;
      physical->estimated_rows = rows;
      physical->total_cost = node.op->total_cost + rows * 0.03;
      physical->children.push_back(std::move(node.op));
      node.op = std::move(physical);
    }
  }
  auto physical = std::make_unique<plan::PhysicalLockRows>();
  for (size_t i = 0; i < lock.targets.size(); ++i) {
    const auto& target = lock.targets[i];
    int table_oid = target.table_oid ? static_cast<int>(node.layout.at(*target.table_oid)) : -1;
    physical->targets.push_back({target.relation, node.layout.at(row_ids[i]), target.mode, target.wait, table_oid});
    physical->rechecks.push_back(make_recheck(source, row_ids[i].table, node));
  }
  physical->output = node.op->output;
  physical->estimated_rows = rows;
  physical->total_cost = node.op->total_cost + rows * 0.01;
  physical->children.push_back(std::move(node.op));

  auto output = std::make_unique<plan::PhysicalProject>();
  Node result;
  for (size_t i = 0; i < project.exprs.size(); ++i) {
    ColumnBinding binding{project.table, static_cast<uint32_t>(i)};
    if (needed.count(binding) == 0) continue;
    result.layout[binding] = static_cast<uint32_t>(output->exprs.size());
    output->output.push_back({project.names[i], project.exprs[i]->type, project.exprs[i]->collation});
    output->exprs.push_back(bind(*project.exprs[i], node.layout));
  }
  output->estimated_rows = rows;
  output->total_cost = physical->total_cost;
  output->children.push_back(std::move(physical));
  result.op = std::move(output);
  return result;
}

void Lowering::finish_write(plan::Write& write, plan::PhysicalWrite& out, const Node& child, Node& node) {
  out.relation = write.relation;
  std::map<ColumnBinding, uint32_t> row;
  auto layout = child.layout;
  uint32_t width = static_cast<uint32_t>(out.children[0]->output.size());
  for (size_t i = 0; i < write.relation->columns.size(); ++i) {
    ColumnBinding binding{write.table, static_cast<uint32_t>(i)};
    row[binding] = static_cast<uint32_t>(i);
    layout[binding] = width + static_cast<uint32_t>(i);
  }
  // Behind the row: the OID of its table.
  auto row_width = static_cast<uint32_t>(write.relation->columns.size());
  layout[{write.table, row_width}] = width + row_width;
  for (const auto& check : write.checks) {
    plan::PhysicalWrite::Check physical{check.name, nullptr, check.of_view, check.policy_table, check.of, check.query, {}};
    if (check.query == nullptr) physical.condition = bind(*check.condition, row);
    for (size_t i = 0; check.query != nullptr && i < write.relation->columns.size(); ++i) physical.columns.push_back(static_cast<int>(i));
    out.checks.push_back(std::move(physical));
  }
  out.returning = bind_all(write.returning, layout);
  for (size_t i = 0; i < write.returning.size(); ++i) {
    node.layout[{write.returning_table, static_cast<uint32_t>(i)}] = static_cast<uint32_t>(i);
    out.output.push_back({write.returning_names[i], write.returning[i]->type, write.returning[i]->collation});
  }
  out.estimated_rows = out.children[0]->estimated_rows;
  out.total_cost = out.children[0]->total_cost;
}

Node Lowering::lower_insert(plan::Insert& insert) {
  auto physical = std::make_unique<plan::PhysicalInsert>();
  Node child;
  child.op = lower_exact(*insert.children[0], plan::output_bindings(*insert.children[0]));
  physical->children.push_back(std::move(child.op));
  physical->conflict = insert.conflict;
  physical->instead_event = insert.instead_event;
  physical->arbiter_indexes = insert.arbiter_indexes;
  physical->set_columns = insert.set_columns;
  std::map<ColumnBinding, uint32_t> both;
  uint32_t count = static_cast<uint32_t>(insert.relation->columns.size());
  for (uint32_t i = 0; i < count; ++i) {
    both[{insert.table, i}] = i;
    both[{insert.excluded_table, i}] = count + i;
  }
  physical->set_exprs = bind_all(insert.set_exprs, both);
  if (insert.conflict_where) physical->conflict_where = bind(*insert.conflict_where, both);
  Node node;
  finish_write(insert, *physical, child, node);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_update(plan::Update& update) {
  BindingSet needed{update.row_id};
  if (update.table_oid) needed.insert(*update.table_oid);
  for (const auto& expr : update.set_exprs) add_needed(*expr, needed);
  for (const auto& expr : update.returning) add_needed(*expr, needed);
  LogicalOp& source = *update.children[0];
  need_predicates(source, needed);
  Node child = lower(source, needed);
  auto physical = std::make_unique<plan::PhysicalUpdate>();
  physical->row_id_column = child.layout.at(update.row_id);
  if (update.table_oid) physical->table_oid_column = static_cast<int>(child.layout.at(*update.table_oid));
  physical->set_columns = update.set_columns;
  physical->set_exprs = bind_all(update.set_exprs, child.layout);
  physical->recheck = make_recheck(source, update.target_table, child);
  physical->children.push_back(std::move(child.op));
  Node node;
  finish_write(update, *physical, child, node);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_delete(plan::Delete& del) {
  BindingSet needed{del.row_id};
  if (del.table_oid) needed.insert(*del.table_oid);
  for (const auto& expr : del.returning) add_needed(*expr, needed);
  LogicalOp& source = *del.children[0];
  need_predicates(source, needed);
  Node child = lower(source, needed);
  auto physical = std::make_unique<plan::PhysicalDelete>();
  physical->row_id_column = child.layout.at(del.row_id);
  if (del.table_oid) physical->table_oid_column = static_cast<int>(child.layout.at(*del.table_oid));
  physical->recheck = make_recheck(source, del.target_table, child);
  physical->children.push_back(std::move(child.op));
  Node node;
  finish_write(del, *physical, child, node);
  node.op = std::move(physical);
  return node;
}

Node Lowering::lower_merge(plan::Merge& merge) {
  BindingSet needed{merge.row_id};
  if (merge.table_oid) needed.insert(*merge.table_oid);
  for (const auto& when : merge.whens) {
    if (when.condition) add_needed(*when.condition, needed);
    for (const auto& expr : when.exprs) add_needed(*expr, needed);
  }
  Node child = lower(*merge.children[0], needed);
  auto physical = std::make_unique<plan::PhysicalMerge>();
  physical->row_id_column = child.layout.at(merge.row_id);
  if (merge.table_oid) physical->table_oid_column = static_cast<int>(child.layout.at(*merge.table_oid));
  for (const auto& when : merge.whens) {
    plan::PhysicalMerge::When bound;
    bound.matched = when.matched;
    if (when.condition) bound.condition = bind(*when.condition, child.layout);
    bound.action = when.action;
    bound.columns = when.columns;
    bound.exprs = bind_all(when.exprs, child.layout);
    physical->whens.push_back(std::move(bound));
  }
  physical->children.push_back(std::move(child.op));
  Node node;
  finish_write(merge, *physical, child, node);
  node.op = std::move(physical);
  return node;
}

}  // namespace aegis::planner
