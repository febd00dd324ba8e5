// Grouping by texts of nondeterministic collations: by their collation keys, with one of the equal texts shown.
#pragma once

#include <functional>
#include <memory>

#include "aegis/plan/logical.h"

namespace aegis::analyzer {

// Whether values equal by the expression's collation may have other bytes. 0A000 for types that have no collation keys.
bool needs_collation_key(const plan::Expr& expr);
plan::ExprPtr collation_key(plan::ExprPtr expr);
// Makes groups of texts that need it groups of their keys; what stands for the aggregate has the same columns.
plan::LogicalPtr group_by_collation_keys(std::unique_ptr<plan::Aggregate> aggregate, const std::function<uint32_t()>& new_table);
// The rows of `op` (columns of these bindings) without duplicates, as columns of `table`.
plan::LogicalPtr distinct_by_collation_keys(plan::LogicalPtr op, const std::vector<plan::ColumnInfo>& columns, uint32_t below, uint32_t table,
                                            const std::function<uint32_t()>& new_table);
// INTERSECT and EXCEPT without ALL: rows of both children, by which of them have such a row.
plan::LogicalPtr set_operation_by_collation_keys(std::unique_ptr<plan::SetOp> op, const std::function<uint32_t()>& new_table);

}  // namespace aegis::analyzer
