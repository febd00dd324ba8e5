// From bound query to physical plan: rewrites, join order, access paths.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/plan/logical.h"
#include "aegis/plan/physical.h"
#include "aegis/types/type.h"
#include "aegis/vector/vector.h"

namespace aegis::planner {

struct ColumnStatistics {
  double distinct = 0;  // distinct non-null values; 0: not known
  double null_fraction = 0;
  double average_width = 0;  // bytes
};

// Rows of a table chosen at random. Predicates are estimated by evaluating them on these rows, so what columns have to
// do with each other, patterns and function calls need no statistics of their own. Only columns that were asked for are
// filled in.
struct TableSample {
  double row_count = 0;                   // of the table when the sample was taken
  size_t sampled = 0;                     // rows that the statistics of columns are from
  std::vector<ColumnStatistics> columns;  // by column number
  std::vector<vector::Chunk> rows;        // the first of them; a chunk column for each column of the table
};

// What is known of the data. Implemented above the planner; thread safe.
class Statistics {
 public:
  virtual ~Statistics() = default;
  virtual double row_count(const catalog::Relation& table) = 0;
  // With the columns of these numbers. Null when nothing is known.
  virtual std::shared_ptr<const TableSample> sample(const catalog::Relation& table, std::span<const int> columns) = 0;
};

struct PlannerOptions {
  bool enable_hashjoin = true;
  bool enable_nestloop = true;
  bool enable_indexscan = true;
  bool enable_bitmapscan = true;
  bool enable_seqscan = true;
  bool enable_sort = true;
  bool enable_hashagg = true;
  bool enable_partition_pruning = true;
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
  // A definition kept in the catalog, over Inputs that are the relation's columns; null function: none.
  std::function<plan::ExprPtr(const catalog::Relation& relation, std::string_view sql)> bind_definition = nullptr;
  // Whether an index on expressions has all rows it should; null function: all do.
  std::function<bool(const catalog::Index& index)> index_is_whole = nullptr;
  // How many of the rows pass all predicates, which are over Inputs; nothing if evaluation fails.
  std::function<std::optional<size_t>(const plan::ExprList& predicates, const vector::Chunk& rows)> count_matches;
};

plan::PhysicalPlan plan_query(const PlannerContext& context, plan::BoundQuery query);

}  // namespace aegis::planner
