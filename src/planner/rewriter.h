// State shared by the rewrites of one query.
#pragma once

#include <set>
#include <vector>

#include "aegis/plan/walk.h"
#include "aegis/planner/planner.h"

namespace aegis::planner {

using plan::ColumnBinding;
using plan::Expr;
using plan::ExprKind;
using plan::ExprList;
using plan::ExprPtr;
using plan::LogicalKind;
using plan::LogicalOp;
using plan::LogicalPtr;
using types::Type;

using BindingSet = std::set<ColumnBinding>;

// An uncorrelated subquery, planned on its own; its value is exec param `exec_param`.
struct InitPlan {
  plan::SubqueryKind kind;
  LogicalPtr plan;
  ColumnBinding column;  // the value's, for Scalar and Array
  uint32_t exec_param;
};

struct RewriteState {
  const PlannerContext& context;
  uint32_t next_table;
  std::vector<InitPlan> init_plans;
  std::vector<Type> exec_param_types;

  uint32_t new_table() { return next_table++; }
  uint32_t new_exec_param(Type type) {
    exec_param_types.push_back(type);
    return static_cast<uint32_t>(exec_param_types.size() - 1);
  }
};

// --- Expression helpers (rewrite/expressions.cpp) ---
void collect_columns(const Expr& expr, BindingSet& out);  // not into subquery plans
bool only_uses(const Expr& expr, const BindingSet& columns);
BindingSet binding_set(const LogicalOp& op);
// Columns used anywhere in the tree that nothing in it produces.
BindingSet free_columns(LogicalOp& op);
ExprList split_and(ExprPtr expr);
ExprPtr join_and(ExprList conjuncts);
ExprPtr make_not(ExprPtr expr);
// Replaces Column bindings by expressions of a projection.
void substitute(ExprPtr& expr, uint32_t table, const ExprList& replacements);
// True if the predicate cannot be true when all of `columns` are null.
bool rejects_nulls(const Expr& predicate, const BindingSet& columns);
void fold_constants(ExprPtr& expr, const PlannerContext& context);

// An equality of two operands by which rows can be hashed and found: of texts, that of their bytes.
bool is_equality(const Expr& expr);
// A comparison in the order of an index.
bool compares_bytes(const Expr& comparison, const types::TypeContext& types);

// --- Rewrites, in the order they run ---
void inline_ctes(LogicalPtr& root);
void unnest_subqueries(LogicalPtr& root, RewriteState& state);
void push_down_predicates(LogicalPtr& root, RewriteState& state);
void order_joins(LogicalPtr& root, RewriteState& state);

// Fills estimated_rows of the tree (estimate/cardinality.cpp).
double estimate(LogicalOp& op, const PlannerContext& context);
// Rows of the table, and of those below it where they are read.
double stored_rows(const plan::Get& get, const PlannerContext& context);
// Share of `op`'s rows that pass.
double selectivity(const Expr& predicate, const LogicalOp& op, const PlannerContext& context);
// Share of a table's rows that pass all of the predicates, which may depend on each other.
double table_selectivity(const std::vector<const Expr*>& predicates, const plan::Get& get, const PlannerContext& context);
// Distinct values of a column in the output of `op`, at most its rows.
double distinct_values(const Expr& expr, const LogicalOp& op, const PlannerContext& context);
// The same before predicates took rows away: of two joined columns the larger domain holds the other.
double domain_size(const Expr& expr, const LogicalOp& op, const PlannerContext& context);

}  // namespace aegis::planner
