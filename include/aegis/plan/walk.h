// Visiting the expressions and operators of a logical tree.
#pragma once

#include <functional>

#include "aegis/plan/logical.h"

namespace aegis::plan {

// Calls `visit` for each expression the operator itself holds (not its children's).
void for_each_expression(LogicalOp& op, const std::function<void(ExprPtr&)>& visit);

// Calls `visit` for the operator and everything below, parents first; plans of subqueries are not entered.
void for_each_operator(LogicalOp& op, const std::function<void(LogicalOp&)>& visit);

// Rewrites an expression bottom-up: `edit` may replace the slot it is given. Subquery plans are entered too, since
// their expressions may refer to outer columns.
void rewrite(ExprPtr& expr, const std::function<void(ExprPtr&)>& edit);
void rewrite(LogicalOp& op, const std::function<void(ExprPtr&)>& edit);

// The columns an operator gives, in order.
std::vector<ColumnBinding> output_bindings(const LogicalOp& op);

}  // namespace aegis::plan
