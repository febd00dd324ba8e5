#include "aegis/planner/planner.h"

#include <functional>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "lower/lower.h"
#include "rewriter.h"

namespace aegis::planner {
namespace {

bool is_foldable(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Call: return expr.function->volatility == functions::Volatility::Immutable && !expr.function->returns_set;
    case ExprKind::Relabel:
    case ExprKind::Typmod:
    case ExprKind::And:
    case ExprKind::Or:
    case ExprKind::Not:
    case ExprKind::NullTest:
    case ExprKind::BoolTest:
    case ExprKind::Case:
    case ExprKind::Coalesce:
    case ExprKind::Distinct:
    case ExprKind::NullIf: return true;
    default: return false;
  }
}

void number(plan::PhysicalOp& op, uint32_t& next) {
  op.id = next++;
  for (auto& child : op.children) number(*child, next);
}

bool writes(const plan::PhysicalOp& op) {
  switch (op.kind) {
    case plan::PhysicalKind::Insert:
    case plan::PhysicalKind::Update:
    case plan::PhysicalKind::Delete:
    case plan::PhysicalKind::Merge:
    case plan::PhysicalKind::LockRows: return true;
    default: break;
  }
  for (const auto& child : op.children) {
    if (writes(*child)) return true;
  }
  return false;
}

void prepare(LogicalPtr& root, RewriteState& state) {
  push_down_predicates(root, state);
  order_joins(root, state);
  estimate(*root, state.context);
}

// Checks whose subqueries look at the row become queries of their own, with the row's columns as parameters.
void plan_checks(const PlannerContext& context, plan::BoundQuery& query) {
  plan::for_each_operator(*query.root, [&](LogicalOp& op) {
    bool writes = op.kind == LogicalKind::Insert || op.kind == LogicalKind::Update || op.kind == LogicalKind::Merge;
    if (!writes) return;
    auto& write = static_cast<plan::Write&>(op);
    for (auto& check : write.checks) {
      bool simple = true;
      plan::walk(*check.condition, [&](const Expr& part) {
        simple = simple && (part.subquery == nullptr || (part.subquery->kind == plan::SubqueryKind::Scalar && part.subquery->correlated.empty()));
        return simple;
      });
      if (simple) continue;
      std::function<void(ExprPtr&)> to_parameter = [&](ExprPtr& part) {
        if (part->subquery != nullptr) {
          std::erase_if(part->subquery->correlated, [&](const auto& binding) { return binding.table == write.table; });
          if (part->subquery->comparison != nullptr) plan::rewrite(part->subquery->comparison, to_parameter);
        }
        if (part->kind != ExprKind::Column || part->binding.table != write.table) return;
        auto parameter = std::make_unique<Expr>(ExprKind::Param, part->type);
        parameter->index = part->binding.column;
        parameter->collation = part->collation;
        part = std::move(parameter);
      };
      plan::rewrite(check.condition, to_parameter);
      plan::BoundQuery inner;
      inner.table_count = query.table_count;
      inner.cte_count = query.cte_count;
      inner.relations = query.relations;
      for (const auto& column : write.relation->columns) inner.parameter_types.push_back(column.type);
      auto values = std::make_unique<plan::Values>();
      values->table = inner.table_count++;
      values->rows.emplace_back();
      auto project = std::make_unique<plan::Project>();
      project->table = inner.table_count++;
      project->names.push_back("passes");
      project->exprs.push_back(std::move(check.condition));
      plan::OutputColumn output;
      output.name = "passes";
      output.type = {types::oid::kBool};
      output.binding = {project->table, 0};
      inner.output.push_back(std::move(output));
      project->children.push_back(std::move(values));
      inner.root = std::move(project);
      check.query = std::make_shared<plan::PhysicalPlan>(plan_query(context, std::move(inner)));
    }
  });
}

}  // namespace

void fold_constants(ExprPtr& expr, const PlannerContext& context) {
  plan::rewrite(expr, [&](ExprPtr& part) {
    if (!is_foldable(*part) || part->args.empty()) return;
    for (const auto& arg : part->args) {
      if (arg->kind != ExprKind::Constant) return;
    }
    if (ExprPtr value = context.fold(*part)) {
      value->location = part->location;
      part = std::move(value);
    }
  });
}

plan::PhysicalPlan plan_query(const PlannerContext& context, plan::BoundQuery query) {
  plan_checks(context, query);
  RewriteState state{context, query.table_count, {}, {}};
  inline_ctes(query.root);
  unnest_subqueries(query.root, state);
  if (context.fold) {
    plan::rewrite(*query.root, [&](ExprPtr& part) {
      if (!is_foldable(*part) || part->args.empty()) return;
      for (const auto& arg : part->args) {
        if (arg->kind != ExprKind::Constant) return;
      }
      if (ExprPtr value = context.fold(*part)) {
        value->location = part->location;
        part = std::move(value);
      }
    });
  }
  prepare(query.root, state);

  plan::PhysicalPlan out;
  out.command = query.command;
  out.output = std::move(query.output);
  out.returns_rows = query.returns_rows;
  out.parameter_types = std::move(query.parameter_types);
  out.relations = std::move(query.relations);
  Lowering lowering(state, out);
  if (out.returns_rows) {
    std::vector<ColumnBinding> bindings;
    for (const auto& column : out.output) bindings.push_back(column.binding);
    out.root = lowering.lower_exact(*query.root, bindings);
  } else {
    out.root = lowering.lower(*query.root, {}).op;
  }
  for (size_t i = 0; i < state.init_plans.size(); ++i) {
    InitPlan& init = state.init_plans[i];
    prepare(init.plan, state);
    plan::SubPlan sub;
    sub.kind = init.kind;
    sub.exec_param = init.exec_param;
    if (init.kind == plan::SubqueryKind::Exists) {
      sub.plan = lowering.lower(*init.plan, {}).op;
    } else {
      sub.plan = lowering.lower_exact(*init.plan, {init.column});
    }
    out.init_plans.push_back(std::move(sub));
  }
  out.exec_param_count = static_cast<uint32_t>(state.exec_param_types.size());
  out.exec_param_types = std::move(state.exec_param_types);
  number(*out.root, out.op_count);
  out.reads_only = !writes(*out.root);
  for (auto& cte : out.ctes) {
    number(*cte, out.op_count);
    out.reads_only = out.reads_only && !writes(*cte);
  }
  for (auto& init : out.init_plans) number(*init.plan, out.op_count);
  return out;
}

}  // namespace aegis::planner
