// Constructors of operators, by family; build_operator() dispatches to them.
#pragma once

#include "operator.h"

namespace aegis::executor {

Operator* build_scan(const plan::PhysicalOp& plan, QueryState& query);
Operator* build_function_scan(const plan::FunctionScan& plan, QueryState& query);
Operator* build_project_set(const plan::ProjectSet& plan, QueryState& query);
Operator* build_simple(const plan::PhysicalOp& plan, QueryState& query);  // Filter, Project, Limit, DistinctOn, Append
Operator* build_merge_append(const plan::Append& plan, QueryState& query);
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

// Which children of an Append over partitions may have rows, by the values that are known now.
std::vector<bool> wanted_partitions(const plan::Append& append, QueryState& query);
// ARRAY(subquery): the source's single column as one array.
Value collect_array(Operator& source, OperatorState& state, Chunk& chunk, Oid array_type, Arena& arena);
// LIMIT's and OFFSET's values: INT64_MAX and 0 when absent or null.
int64_t evaluate_limit(const plan::ExprPtr& count, QueryState& query);
int64_t evaluate_offset(const plan::ExprPtr& offset, QueryState& query);

}  // namespace aegis::executor
