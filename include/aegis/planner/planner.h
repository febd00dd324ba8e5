// From bound query to physical plan: rewrites, join order, access paths.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "aegis/catalog/catalog.h"
#include "aegis/plan/logical.h"
#include "aegis/plan/physical.h"
#include "aegis/types/type.h"

namespace aegis::planner {

struct ColumnStatistics {
  double distinct = 0;         // distinct non-null values; 0: not known
  double null_fraction = 0;
  // Bounds of numbers, dates and times as doubles, in the type's own unit.
  std::optional<double> minimum;
  std::optional<double> maximum;
};

// What is known of the data. Implemented above the planner; thread safe.
class Statistics {
 public:
  virtual ~Statistics() = default;
  virtual double row_count(const catalog::Relation& table) = 0;
  // Null when nothing is known. Valid until the next call from this thread.
  virtual const ColumnStatistics* column(const catalog::Relation& table, int column) = 0;
};

struct PlannerOptions {
  bool enable_hashjoin = true;
  bool enable_nestloop = true;
  bool enable_indexscan = true;
  bool enable_seqscan = true;
  bool enable_sort = true;
  bool enable_hashagg = true;
  // Beyond so many relations in one join, the order is found greedily.
  size_t exhaustive_join_limit = 12;
};

struct PlannerContext {
  const catalog::Version& catalog;
  Statistics& statistics;
  const types::TypeContext& types;
  PlannerOptions options;
  // Evaluates an immutable expression of constants (the executor does it); null: leave it. Errors stay in the plan:
  // they are raised only if the expression is reached.
  std::function<plan::ExprPtr(const plan::Expr&)> fold;
};

plan::PhysicalPlan plan_query(const PlannerContext& context, plan::BoundQuery query);

}  // namespace aegis::planner
