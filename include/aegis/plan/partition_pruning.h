// Conditions on the keys of a partitioned table and of those below it, as far as they help to leave partitions out: when
// planning for what is constant, when running for parameters.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "aegis/catalog/partition.h"
#include "aegis/plan/expression.h"

namespace aegis::plan {

// A conjunction: comparisons with values, and disjunctions of conjunctions.
struct PartitionCondition {
  struct Compare {
    size_t key = 0;
    catalog::KeyCondition::Op op = catalog::KeyCondition::Op::Equal;
    ExprPtr value;          // of the key's type, without columns; null for null tests
    bool any_of = false;    // value is an array: op with one of its elements
    bool all_of = false;    // with all of them
  };
  std::vector<Compare> compares;
  std::vector<std::vector<PartitionCondition>> alternatives;
  bool never = false;  // cannot be true
  bool empty() const { return compares.empty() && alternatives.empty() && !never; }
};

struct PartitionPruning {
  struct Part {
    int leaf = -1;                            // number of the scan; -1: a partitioned table, or pruned already
    std::unique_ptr<PartitionPruning> below;  // of a partitioned table
  };
  std::shared_ptr<const catalog::PartitionMap> map;
  PartitionCondition condition;
  std::vector<Part> parts;  // in the map's order
};

// Gives the value of an expression without columns; false: not known yet.
using ValueOf = std::function<bool(const Expr& expr, Value& value)>;

// Marks the leaves that may have rows.
void prune_partitions(const PartitionPruning& pruning, const ValueOf& value_of, std::vector<bool>& leaves);
bool needs_values(const PartitionPruning& pruning);  // anything that is no constant

}  // namespace aegis::plan
