#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/types/collation.h"
#include "rewriter.h"

namespace aegis::planner {

void collect_columns(const Expr& expr, BindingSet& out) {
  plan::walk(expr, [&](const Expr& part) {
    if (part.kind == ExprKind::Column) out.insert(part.binding);
    return true;
  });
}

bool is_equality(const Expr& expr) {
  return expr.kind == ExprKind::Call && expr.op != nullptr && expr.args.size() == 2 && expr.op->standard_name() == "=" && types::is_deterministic(expr.collation);
}

bool compares_bytes(const Expr& comparison, const types::TypeContext& types) {
  return is_equality(comparison) || types::orders_by_bytes(comparison.collation, types);
}

bool only_uses(const Expr& expr, const BindingSet& columns) {
  BindingSet used;
  collect_columns(expr, used);
  return std::includes(columns.begin(), columns.end(), used.begin(), used.end());
}

BindingSet binding_set(const LogicalOp& op) {
  auto list = plan::output_bindings(op);
  return {list.begin(), list.end()};
}

BindingSet free_columns(LogicalOp& op) {
  std::set<uint32_t> defined;
  BindingSet used;
  std::function<void(LogicalOp&)> visit = [&](LogicalOp& inner) {
    switch (inner.kind) {
      case LogicalKind::Get: defined.insert(static_cast<plan::Get&>(inner).table); break;
      case LogicalKind::SystemGet: defined.insert(static_cast<plan::SystemGet&>(inner).table); break;
      case LogicalKind::Function: defined.insert(static_cast<plan::FunctionGet&>(inner).table); break;
      case LogicalKind::Values: defined.insert(static_cast<plan::Values&>(inner).table); break;
      case LogicalKind::CteRef: defined.insert(static_cast<plan::CteRef&>(inner).table); break;
      case LogicalKind::WorkTable: defined.insert(static_cast<plan::WorkTable&>(inner).table); break;
      case LogicalKind::Project: defined.insert(static_cast<plan::Project&>(inner).table); break;
      case LogicalKind::Join: defined.insert(static_cast<plan::Join&>(inner).mark_table); break;
      case LogicalKind::Aggregate: defined.insert(static_cast<plan::Aggregate&>(inner).table); break;
      case LogicalKind::Window: defined.insert(static_cast<plan::Window&>(inner).table); break;
      case LogicalKind::SetOp: defined.insert(static_cast<plan::SetOp&>(inner).table); break;
      case LogicalKind::RecursiveUnion: defined.insert(static_cast<plan::RecursiveUnion&>(inner).table); break;
      case LogicalKind::Insert: defined.insert(static_cast<plan::Insert&>(inner).excluded_table); [[fallthrough]];
      case LogicalKind::Update:
      case LogicalKind::Delete:
      case LogicalKind::Merge: {
        auto& write = static_cast<plan::Write&>(inner);
        defined.insert(write.table);
        defined.insert(write.returning_table);
        break;
      }
      default: break;
    }
    plan::for_each_expression(inner, [&](ExprPtr& root) {
      plan::rewrite(root, [&](ExprPtr& part) {
        if (part->kind == ExprKind::Column) used.insert(part->binding);
        if (part->subquery) visit(*part->subquery->plan);
      });
    });
    for (auto& child : inner.children) visit(*child);
  };
  visit(op);
  BindingSet result;
  for (const auto& binding : used) {
    if (defined.count(binding.table) == 0) result.insert(binding);
  }
  return result;
}

ExprList split_and(ExprPtr expr) {
  ExprList out;
  if (expr->kind == ExprKind::And) {
    for (auto& arg : expr->args) {
      for (auto& part : split_and(std::move(arg))) out.push_back(std::move(part));
    }
  } else {
    out.push_back(std::move(expr));
  }
  return out;
}

ExprPtr join_and(ExprList conjuncts) {
  if (conjuncts.empty()) return plan::make_bool(true);
  if (conjuncts.size() == 1) return std::move(conjuncts[0]);
  auto expr = std::make_unique<Expr>(ExprKind::And, Type{types::oid::kBool});
  expr->args = std::move(conjuncts);
  return expr;
}

ExprPtr make_not(ExprPtr inner) {
  auto expr = std::make_unique<Expr>(ExprKind::Not, Type{types::oid::kBool});
  expr->args.push_back(std::move(inner));
  return expr;
}

void substitute(ExprPtr& expr, uint32_t table, const ExprList& replacements) {
  plan::rewrite(expr, [&](ExprPtr& part) {
    if (part->kind == ExprKind::Column && part->binding.table == table) part = replacements[part->binding.column]->clone();
  });
}

namespace {

// True if the expression is null whenever all of `columns` are.
bool null_on_nulls(const Expr& expr, const BindingSet& columns) {
  switch (expr.kind) {
    case ExprKind::Column: return columns.count(expr.binding) != 0;
    case ExprKind::Call:
      if (expr.function == nullptr || !expr.function->strict || expr.function->returns_set) return false;
      return std::any_of(expr.args.begin(), expr.args.end(), [&](const auto& arg) { return null_on_nulls(*arg, columns); });
    case ExprKind::Relabel:
    case ExprKind::CastIo:
    case ExprKind::Typmod:
    case ExprKind::Not: return null_on_nulls(*expr.args[0], columns);
    case ExprKind::InList: return null_on_nulls(*expr.args[0], columns);
    case ExprKind::ArrayCompare: return null_on_nulls(*expr.args[0], columns);
    default: return false;
  }
}

}  // namespace

bool rejects_nulls(const Expr& predicate, const BindingSet& columns) {
  switch (predicate.kind) {
    case ExprKind::And:
      return std::any_of(predicate.args.begin(), predicate.args.end(), [&](const auto& arg) { return rejects_nulls(*arg, columns); });
    case ExprKind::Or:
      return std::all_of(predicate.args.begin(), predicate.args.end(), [&](const auto& arg) { return rejects_nulls(*arg, columns); });
    case ExprKind::NullTest: return predicate.negated && !predicate.row_test && null_on_nulls(*predicate.args[0], columns);
    case ExprKind::BoolTest:
      return (predicate.bool_test == plan::BoolTestKind::IsTrue || predicate.bool_test == plan::BoolTestKind::IsFalse) &&
             null_on_nulls(*predicate.args[0], columns);
    default: return null_on_nulls(predicate, columns);
  }
}

}  // namespace aegis::planner
