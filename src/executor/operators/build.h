// Constructors of operators, by family; build_operator() dispatches to them.
#pragma once

#include "operator.h"

namespace aegis::executor {

Operator* build_scan(const plan::PhysicalOp& plan, QueryState& query);
Operator* build_function_scan(const plan::FunctionScan& plan, QueryState& query);
Operator* build_project_set(const plan::ProjectSet& plan, QueryState& query);
Operator* build_simple(const plan::PhysicalOp& plan, QueryState& query);  // Filter, Project, Limit, DistinctOn, Append
Operator* build_cte(const plan::PhysicalOp& plan, QueryState& query);     // Materialize, CteScan, RecursiveUnion, WorkTableScan
Operator* build_set_op(const plan::PhysicalSetOp& plan, QueryState& query);
Operator* build_hash_join(const plan::HashJoin& plan, QueryState& query);
Operator* build_nested_loop(const plan::NestedLoop& plan, QueryState& query);
Operator* build_index_join(const plan::IndexJoin& plan, QueryState& query);
Operator* build_apply(const plan::Apply& plan, QueryState& query);
Operator* build_aggregate(const plan::HashAggregate& plan, QueryState& query);
Operator* build_sort(const plan::PhysicalOp& plan, QueryState& query);    // Sort, TopN
Operator* build_window(const plan::PhysicalWindow& plan, QueryState& query);
Operator* build_write(const plan::PhysicalOp& plan, QueryState& query);   // Insert, Update, Delete, Merge, LockRows

}  // namespace aegis::executor
