#include "aegis/plan/walk.h"

namespace aegis::plan {
namespace {

void visit_list(ExprList& list, const std::function<void(ExprPtr&)>& visit) {
  for (auto& expr : list) visit(expr);
}

void visit_write(Write& write, const std::function<void(ExprPtr&)>& visit) {
  visit_list(write.returning, visit);
  for (auto& check : write.checks) {
    if (check.condition) visit(check.condition);
  }
}

}  // namespace

void for_each_expression(LogicalOp& op, const std::function<void(ExprPtr&)>& visit) {
  switch (op.kind) {
    case LogicalKind::Get:
    case LogicalKind::SystemGet:
    case LogicalKind::CteRef:
    case LogicalKind::WorkTable:
    case LogicalKind::SetOp:
    case LogicalKind::RecursiveUnion:
    case LogicalKind::With:
    case LogicalKind::LockRows: return;
    case LogicalKind::Function: return visit_list(static_cast<FunctionGet&>(op).calls, visit);
    case LogicalKind::Values:
      for (auto& row : static_cast<Values&>(op).rows) visit_list(row, visit);
      return;
    case LogicalKind::Filter: return visit_list(static_cast<Filter&>(op).predicates, visit);
    case LogicalKind::Project: return visit_list(static_cast<Project&>(op).exprs, visit);
    case LogicalKind::Join: return visit_list(static_cast<Join&>(op).conditions, visit);
    case LogicalKind::Aggregate:
      visit_list(static_cast<Aggregate&>(op).groups, visit);
      return visit_list(static_cast<Aggregate&>(op).aggregates, visit);
    case LogicalKind::Window: return visit_list(static_cast<Window&>(op).calls, visit);
    case LogicalKind::Sort:
      for (auto& key : static_cast<Sort&>(op).keys) visit(key.expr);
      return;
    case LogicalKind::Limit: {
      auto& limit = static_cast<Limit&>(op);
      if (limit.count) visit(limit.count);
      if (limit.offset) visit(limit.offset);
      for (auto& key : limit.tie_keys) visit(key.expr);
      return;
    }
    case LogicalKind::Distinct: return visit_list(static_cast<Distinct&>(op).keys, visit);
    case LogicalKind::Insert: {
      auto& insert = static_cast<Insert&>(op);
      visit_write(insert, visit);
      visit_list(insert.set_exprs, visit);
      if (insert.conflict_where) visit(insert.conflict_where);
      return;
    }
    case LogicalKind::Update:
      visit_write(static_cast<Update&>(op), visit);
      return visit_list(static_cast<Update&>(op).set_exprs, visit);
    case LogicalKind::Delete: return visit_write(static_cast<Delete&>(op), visit);
    case LogicalKind::Merge: {
      auto& merge = static_cast<Merge&>(op);
      visit_write(merge, visit);
      for (auto& when : merge.whens) {
        if (when.condition) visit(when.condition);
        visit_list(when.exprs, visit);
      }
      return;
    }
  }
}

void for_each_operator(LogicalOp& op, const std::function<void(LogicalOp&)>& visit) {
  visit(op);
  for (auto& child : op.children) for_each_operator(*child, visit);
}

void rewrite(ExprPtr& expr, const std::function<void(ExprPtr&)>& edit) {
  for_each_child(*expr, [&](ExprPtr& child) { rewrite(child, edit); });
  if (expr->subquery) rewrite(*expr->subquery->plan, edit);
  edit(expr);
}

void rewrite(LogicalOp& op, const std::function<void(ExprPtr&)>& edit) {
  for_each_expression(op, [&](ExprPtr& expr) { rewrite(expr, edit); });
  for (auto& child : op.children) rewrite(*child, edit);
}

std::vector<ColumnBinding> output_bindings(const LogicalOp& op) {
  std::vector<ColumnBinding> out;
  auto add = [&](uint32_t table, size_t count) {
    for (size_t i = 0; i < count; ++i) out.push_back({table, static_cast<uint32_t>(i)});
  };
  auto add_child = [&](size_t i) {
    auto below = output_bindings(*op.children[i]);
    out.insert(out.end(), below.begin(), below.end());
  };
  switch (op.kind) {
    case LogicalKind::Get: add(static_cast<const Get&>(op).table, static_cast<const Get&>(op).columns.size()); break;
    case LogicalKind::SystemGet: add(static_cast<const SystemGet&>(op).table, static_cast<const SystemGet&>(op).columns.size()); break;
    case LogicalKind::Function: {
      if (!op.children.empty()) add_child(0);
      add(static_cast<const FunctionGet&>(op).table, static_cast<const FunctionGet&>(op).columns.size());
      break;
    }
    case LogicalKind::Values: add(static_cast<const Values&>(op).table, static_cast<const Values&>(op).columns.size()); break;
    case LogicalKind::CteRef: add(static_cast<const CteRef&>(op).table, static_cast<const CteRef&>(op).columns.size()); break;
    case LogicalKind::WorkTable: add(static_cast<const WorkTable&>(op).table, static_cast<const WorkTable&>(op).columns.size()); break;
    case LogicalKind::Filter:
    case LogicalKind::Sort:
    case LogicalKind::Limit:
    case LogicalKind::Distinct:
    case LogicalKind::LockRows:
    case LogicalKind::With: add_child(0); break;
    case LogicalKind::Project: add(static_cast<const Project&>(op).table, static_cast<const Project&>(op).exprs.size()); break;
    case LogicalKind::Join: {
      auto& join = static_cast<const Join&>(op);
      add_child(0);
      if (join.type == JoinType::Mark) {
        add(join.mark_table, 1);
      } else if (join.type != JoinType::Semi && join.type != JoinType::Anti) {
        add_child(1);
      }
      break;
    }
    case LogicalKind::Aggregate: {
      auto& aggregate = static_cast<const Aggregate&>(op);
      add(aggregate.table, aggregate.groups.size() + aggregate.aggregates.size() + aggregate.grouping_calls.size());
      break;
    }
    case LogicalKind::Window:
      add_child(0);
      add(static_cast<const Window&>(op).table, static_cast<const Window&>(op).calls.size());
      break;
    case LogicalKind::SetOp: add(static_cast<const SetOp&>(op).table, static_cast<const SetOp&>(op).columns.size()); break;
    case LogicalKind::RecursiveUnion:
      add(static_cast<const RecursiveUnion&>(op).table, static_cast<const RecursiveUnion&>(op).columns.size());
      break;
    case LogicalKind::Insert:
    case LogicalKind::Update:
    case LogicalKind::Delete:
    case LogicalKind::Merge: {
      auto& write = static_cast<const Write&>(op);
      add(write.returning_table, write.returning.size());
      break;
    }
  }
  return out;
}

}  // namespace aegis::plan
