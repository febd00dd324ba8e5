// From rewritten logical tree to physical operators.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "aegis/plan/physical.h"
#include "rewriter.h"

namespace aegis::planner {

// A physical operator and where the logical columns are in its output.
struct Node {
  plan::PhysicalPtr op;
  std::map<ColumnBinding, uint32_t> layout;
};

// One way to use an index for a table's predicates.
struct AccessPath {
  catalog::IndexPtr index;
  plan::IndexRange range;   // expressions still over Columns
  double rows = 0;
  bool unique_lookup = false;
  std::vector<size_t> covered;  // positions of predicates that rows of the range fulfil
};

// What an index on expressions, or a partial one, is made of: keys (null: a plain column, or nothing the query has) and the
// predicate's conjuncts.
struct IndexTerms {
  ExprList keys;
  ExprList predicate;
};
// Makes the expression for a column of the table; null if the query does not have it.
using ColumnMaker = std::function<ExprPtr(int column)>;
// False: the index must not be read, as rows may be missing from it or its predicate is about other columns.
bool open_index_terms(const catalog::Index& index, const catalog::Relation& relation, const ColumnMaker& column_of,
                      const PlannerContext& context, IndexTerms& out);
bool is_key_expression(const Expr& expr, const Expr& key);
// Whether `wanted` is true wherever all of `given` are.
bool is_implied(const Expr& wanted, const std::vector<const Expr*>& given, const types::TypeContext& types);

// The inverted index that answers most of a table's predicates; query expressions are over Columns.
struct InvertedPath {
  catalog::IndexPtr index;
  std::vector<plan::InvertedCondition> conditions;
  std::vector<size_t> used;  // positions of the predicates
  double rows = 0;
};
InvertedPath choose_inverted_path(const plan::Get& get, const ExprList& predicates, const BindingSet& available, const PlannerContext& context);

// Row-level security's conditions before the statement's own.
void security_first(ExprList& predicates);

class Lowering {
 public:
  Lowering(RewriteState& state, plan::PhysicalPlan& out) : state_(state), out_(out) {}

  // All columns of `bindings`, in order and nothing else.
  plan::PhysicalPtr lower_exact(LogicalOp& op, const std::vector<ColumnBinding>& bindings);
  Node lower(LogicalOp& op, const BindingSet& needed);

 private:
  friend class IndexMatcher;

  Node lower_get(plan::Get& get, ExprList predicates, const BindingSet& needed);
  // Of a table with others below it (lower_partitions.cpp).
  Node lower_family(plan::Get& get, ExprList predicates, const BindingSet& needed);
  std::unique_ptr<plan::PartitionPruning> find_leaves(const catalog::RelationPtr& table, const plan::Get& get, const ExprList& predicates,
                                                      const BindingSet& available, std::vector<catalog::RelationPtr>& leaves);
  bool lower_partition_join(plan::Join& join, const BindingSet& needed, Node& out);
  void bind_pruning(plan::PartitionPruning& pruning);
  void bind_condition(plan::PartitionCondition& condition);
  Node lower_filter(plan::Filter& filter, const BindingSet& needed);
  Node lower_project(plan::Project& project, const BindingSet& needed);
  Node lower_join(plan::Join& join, const BindingSet& needed);
  Node lower_lateral(plan::Join& join, const BindingSet& needed, const BindingSet& outer);
  bool lower_index_join(plan::Join& join, const BindingSet& needed, Node& out);
  Node lower_hash_join(plan::Join& join, Node left, Node right, ExprList left_keys, ExprList right_keys,
                       std::vector<const functions::Function*> equalities, ExprList residual, plan::JoinType type);
  Node lower_nested_loop(plan::Join& join, Node left, Node right, ExprList conditions);
  Node lower_aggregate(plan::Aggregate& aggregate, const BindingSet& needed);
  Node lower_window(plan::Window& window, const BindingSet& needed);
  Node lower_sort(plan::Sort& sort, const BindingSet& needed, plan::Limit* limit);
  Node lower_limit(plan::Limit& limit, const BindingSet& needed);
  Node lower_distinct(plan::Distinct& distinct, const BindingSet& needed);
  Node lower_set_op(plan::SetOp& set, const BindingSet& needed);
  Node lower_with(plan::With& with, const BindingSet& needed);
  Node lower_lock_rows(plan::LockRows& lock, const BindingSet& needed);
  Node lower_insert(plan::Insert& insert);
  Node lower_update(plan::Update& update);
  Node lower_delete(plan::Delete& del);
  Node lower_merge(plan::Merge& merge);
  void finish_write(plan::Write& write, plan::PhysicalWrite& out, const Node& child, Node& node);
  plan::PhysicalLockRows::Recheck make_recheck(LogicalOp& source, uint32_t table, const Node& child);
  Oid ordering_index(const plan::PhysicalOp& op, const std::vector<plan::SortKey>& keys, bool* backward);
  plan::PhysicalPtr read_in_order(plan::PhysicalPtr op, Oid index, bool backward);
  bool use_order_of_index(Node& node, const std::vector<plan::SortKey>& keys);

  ExprPtr bind(const Expr& expr, const std::map<ColumnBinding, uint32_t>& layout);
  ExprList bind_all(const ExprList& list, const std::map<ColumnBinding, uint32_t>& layout);
  std::vector<plan::SortKey> bind_keys(const std::vector<plan::SortKey>& keys, const std::map<ColumnBinding, uint32_t>& layout);
  ExprPtr parameterize(ExprPtr expr);  // free outer columns become exec params

  RewriteState& state_;
  plan::PhysicalPlan& out_;
  std::map<ColumnBinding, uint32_t> outer_params_;
};

void add_needed(const Expr& expr, BindingSet& needed);
// The value as a column of `type` stores it; null if it can't be one for sure.
ExprPtr convert_to_key(const Expr& value, Oid type);
// The best index for predicates on `get` whose other side uses only `available` columns; none: index is null.
// `others` are known to hold, too. For lookups a path needs an equality.
enum class IndexUse : uint8_t { Scans, Lookups };
AccessPath choose_path(const plan::Get& get, const ExprList& predicates, const ExprList& others, const BindingSet& available,
                       const PlannerContext& context, IndexUse use);

}  // namespace aegis::planner
