// INSERT into a partitioned table, and UPDATE, DELETE and MERGE of a table that has others below it: an operator that hands
// the rows to one writer a table.
#pragma once

#include "write/write_operator.h"

namespace aegis::executor {

Operator* build_multi_insert(const plan::PhysicalInsert& plan, QueryState& query);
Operator* build_multi_update(const plan::PhysicalUpdate& plan, QueryState& query);
Operator* build_multi_delete(const plan::PhysicalDelete& plan, QueryState& query);
Operator* build_multi_merge(const plan::PhysicalMerge& plan, QueryState& query);

// The writers of one table, without a child of their own.
std::unique_ptr<WriteOperator> make_leaf_insert(const plan::PhysicalInsert& plan, QueryState& query, const LeafOf& leaf);
std::unique_ptr<WriteOperator> make_leaf_update(const plan::PhysicalUpdate& plan, QueryState& query, const LeafOf& leaf);
std::unique_ptr<WriteOperator> make_leaf_delete(const plan::PhysicalDelete& plan, QueryState& query, const LeafOf& leaf);
std::unique_ptr<WriteOperator> make_leaf_merge(const plan::PhysicalMerge& plan, QueryState& query, const LeafOf& leaf);
std::vector<int16_t> merge_events(const plan::PhysicalMerge& plan);

}  // namespace aegis::executor
