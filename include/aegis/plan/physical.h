// Physical plans: the contract between planner and executor. Expressions are over Input columns of the child's
// output chunk (for joins: left columns, then right columns), Param and ExecParam.
//
// A plan is immutable while it runs and may run in many sessions at once: the executor keeps its state apart.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aegis/plan/expression.h"
#include "aegis/plan/logical.h"
#include "aegis/plan/partition_pruning.h"

namespace aegis::plan {

enum class PhysicalKind : uint8_t {
  TableScan, IndexScan, SystemScan, FunctionScan, Values, CteScan, WorkTableScan, Filter, Project, ProjectSet,
  HashJoin, NestedLoop, IndexJoin, Apply, HashAggregate, Window, Sort, TopN, Limit, DistinctOn, SetOp, Append,
  RecursiveUnion, Materialize, LockRows, Insert, Update, Delete, Merge
};

// An expression to run once before, or for each outer row of, a plan: its value is stored in an ExecParam slot.
struct SubPlan {
  SubqueryKind kind;          // Scalar, Exists, Array
  std::unique_ptr<PhysicalOp> plan;
  uint32_t exec_param;        // where the result goes
};

struct PhysicalOp {
  PhysicalKind kind;
  std::vector<std::unique_ptr<PhysicalOp>> children;
  std::vector<ColumnInfo> output;  // names and types of the output chunk's columns
  double estimated_rows = 0;
  double startup_cost = 0;
  double total_cost = 0;
  int width = 0;  // estimated bytes a row
  uint32_t id = 0;  // number in the plan, in preorder; the executor's state and EXPLAIN ANALYZE counts use it
  explicit PhysicalOp(PhysicalKind k) : kind(k) {}
  virtual ~PhysicalOp() = default;
};
using PhysicalPtr = std::unique_ptr<PhysicalOp>;

// Outputs the given table columns (kRowIdColumn allowed). Filters are over the output's columns.
struct TableScan : PhysicalOp {
  std::shared_ptr<const catalog::Relation> relation;
  std::string alias;
  std::vector<int> columns;
  ExprList filters;
  TableScan() : PhysicalOp(PhysicalKind::TableScan) {}
};

// A bound of an index scan: values of the first keys.size() index columns, evaluated once (no Input) or, in an
// IndexJoin, over the outer row.
struct IndexRange {
  ExprList equal;            // equality prefix
  ExprPtr lower;             // on the next column
  ExprPtr upper;
  bool lower_inclusive = true;
  bool upper_inclusive = true;
};

// What an inverted index is asked: key column `key` stands left of the operator, `query` right of it.
struct InvertedCondition {
  uint32_t key = 0;
  std::string operator_name;
  Oid query_type = kInvalidOid;
  ExprPtr query;  // no Input
};

struct IndexScan : PhysicalOp {
  std::shared_ptr<const catalog::Relation> relation;
  std::string alias;
  Oid index = kInvalidOid;
  IndexRange range;
  bool backward = false;
  bool in_key_order = false;  // somebody counts on it; else rows may come in the table's order
  std::vector<int> columns;
  ExprList filters;  // all predicates, over the output; the range is rechecked by the executor
  std::vector<size_t> covered;  // positions of filters that the index answers: EXPLAIN does not show them again
  // Of an inverted index, instead of a range: rows that may fulfil all of them. The first `recheck_count` filters are
  // the conditions themselves.
  std::vector<InvertedCondition> inverted;
  size_t recheck_count = 0;
  IndexScan() : PhysicalOp(PhysicalKind::IndexScan) {}
};

struct SystemScan : PhysicalOp {
  const catalog::SystemTable* source = nullptr;
  std::string alias;
  std::vector<int> columns;
  ExprList filters;
  SystemScan() : PhysicalOp(PhysicalKind::SystemScan) {}
};

// With a child, evaluated for each child row (lateral): output is the child's columns, then the functions'.
struct FunctionScan : PhysicalOp {
  ExprList calls;
  std::vector<uint32_t> column_counts;
  bool ordinality = false;
  bool left = false;  // with a child: keep child rows that give no rows
  std::string alias;
  ExprList filters;
  FunctionScan() : PhysicalOp(PhysicalKind::FunctionScan) {}
};

struct ValuesScan : PhysicalOp {
  std::vector<ExprList> rows;
  ValuesScan() : PhysicalOp(PhysicalKind::Values) {}
};

// Reads the Materialize (or data-modifying CTE) of that number.
struct CteScan : PhysicalOp {
  uint32_t cte = 0;
  std::string name;
  ExprList filters;
  CteScan() : PhysicalOp(PhysicalKind::CteScan) {}
};

struct WorkTableScan : PhysicalOp {
  uint32_t cte = 0;
  std::string name;
  WorkTableScan() : PhysicalOp(PhysicalKind::WorkTableScan) {}
};

struct PhysicalFilter : PhysicalOp {
  ExprList predicates;
  PhysicalFilter() : PhysicalOp(PhysicalKind::Filter) {}
};

struct PhysicalProject : PhysicalOp {
  ExprList exprs;
  PhysicalProject() : PhysicalOp(PhysicalKind::Project) {}
};

struct ProjectSet : PhysicalOp {
  ExprList exprs;
  ProjectSet() : PhysicalOp(PhysicalKind::ProjectSet) {}
};

// children[0] probes, children[1] is built into the hash table. Types: all of JoinType. Output: Semi and Anti the
// left columns; Mark the left columns and the boolean; the others left then right columns. Right and Full emit
// unmatched build rows at the end. Single: Left, but a second match is 21000 ("more than one row returned by a
// subquery used as an expression").
struct HashJoin : PhysicalOp {
  JoinType type = JoinType::Inner;
  ExprList left_keys;   // over the left chunk
  ExprList right_keys;  // over the right chunk
  std::vector<const functions::Function*> equalities;  // left = right of each key
  ExprList residual;    // over left then right columns
  bool null_aware = false;  // Mark of NOT IN: null when unmatched and a null took part
  HashJoin() : PhysicalOp(PhysicalKind::HashJoin) {}
};

// children[1] is materialized once. Types as in HashJoin.
struct NestedLoop : PhysicalOp {
  JoinType type = JoinType::Inner;
  ExprList conditions;
  bool null_aware = false;
  NestedLoop() : PhysicalOp(PhysicalKind::NestedLoop) {}
};

// For each left row, looks up `range` (over the left chunk) in an index. Types: Inner, Left, Semi, Anti, Single.
// Output: left columns, then (not for Semi and Anti) the table's `columns`. `filters` are over left columns, then
// the table's columns.
struct IndexJoin : PhysicalOp {
  JoinType type = JoinType::Inner;
  std::shared_ptr<const catalog::Relation> relation;
  std::string alias;
  Oid index = kInvalidOid;
  IndexRange range;
  std::vector<int> columns;
  ExprList filters;
  std::vector<size_t> covered;  // as IndexScan's
  IndexJoin() : PhysicalOp(PhysicalKind::IndexJoin) {}
};

// children[1] is run again for each left row, with exec params set from `params` (over the left chunk). Output and
// types as NestedLoop; `conditions` are over left then right columns.
struct Apply : PhysicalOp {
  JoinType type = JoinType::Inner;
  std::vector<uint32_t> exec_params;
  ExprList params;
  ExprList conditions;
  bool null_aware = false;
  // SubqueryKind::Array collects the right side's single column into one array column.
  SubqueryKind subquery = SubqueryKind::Row;
  Apply() : PhysicalOp(PhysicalKind::Apply) {}
};

// Output: groups, aggregates, one int4 per grouping call.
struct HashAggregate : PhysicalOp {
  ExprList groups;
  ExprList aggregates;
  std::vector<std::vector<uint32_t>> sets;
  std::vector<std::vector<uint32_t>> grouping_calls;
  HashAggregate() : PhysicalOp(PhysicalKind::HashAggregate) {}
};

// Output: the child's columns, then the calls. All calls have the same partition and order keys.
struct PhysicalWindow : PhysicalOp {
  ExprList calls;
  PhysicalWindow() : PhysicalOp(PhysicalKind::Window) {}
};

struct PhysicalSort : PhysicalOp {
  std::vector<SortKey> keys;
  PhysicalSort() : PhysicalOp(PhysicalKind::Sort) {}
};

struct TopN : PhysicalOp {
  std::vector<SortKey> keys;
  ExprPtr count;
  ExprPtr offset;
  TopN() : PhysicalOp(PhysicalKind::TopN) {}
};

struct PhysicalLimit : PhysicalOp {
  ExprPtr count;
  ExprPtr offset;
  bool with_ties = false;
  std::vector<SortKey> tie_keys;
  PhysicalLimit() : PhysicalOp(PhysicalKind::Limit) {}
};

// Keeps the first row of each run of equal keys; the input is sorted by them.
struct DistinctOn : PhysicalOp {
  ExprList keys;
  DistinctOn() : PhysicalOp(PhysicalKind::DistinctOn) {}
};

// INTERSECT [ALL] and EXCEPT [ALL]; UNION is Append (and HashAggregate).
struct PhysicalSetOp : PhysicalOp {
  SetOpKind op = SetOpKind::Intersect;
  bool all = false;
  PhysicalSetOp() : PhysicalOp(PhysicalKind::SetOp) {}
};

// `pruning` (null: none): leaf i is children[i]; those it leaves out are not run.
struct Append : PhysicalOp {
  std::shared_ptr<const PartitionPruning> pruning;
  int removed = 0;          // left out by pruning when planning, for a table with children
  std::string alias;        // of the table whose children they are; empty: a UNION
  std::vector<SortKey> merge_keys;  // children are sorted by these, and so is the output
  Append() : PhysicalOp(PhysicalKind::Append) {}
};

struct PhysicalRecursiveUnion : PhysicalOp {
  uint32_t cte = 0;
  bool all = false;
  PhysicalRecursiveUnion() : PhysicalOp(PhysicalKind::RecursiveUnion) {}
};

// The definition of a CTE: run once, on first use (data-modifying ones always and to the end), read by CteScans.
struct Materialize : PhysicalOp {
  uint32_t cte = 0;
  std::string name;
  bool modifies_data = false;
  Materialize() : PhysicalOp(PhysicalKind::Materialize) {}
};

struct PhysicalLockRows : PhysicalOp {
  struct Target {
    std::shared_ptr<const catalog::Relation> relation;
    uint32_t row_id_column;  // of the child's output
    RowLockMode mode;
    LockWait wait;
    int table_oid_column = -1;  // of a table with children
  };
  std::vector<Target> targets;
  // READ COMMITTED recheck of a row that changed while it was waited for: the target's columns in the child's
  // output by table column number, and the predicates to evaluate again.
  struct Recheck {
    std::vector<std::pair<uint32_t, int>> columns;  // (child column, table column)
    ExprList predicates;
  };
  std::vector<Recheck> rechecks;  // one a target
  PhysicalLockRows() : PhysicalOp(PhysicalKind::LockRows) {}
};

struct PhysicalWrite : PhysicalOp {
  std::shared_ptr<const catalog::Relation> relation;
  // Over the new row's table columns (Input i is table column i).
  struct Check {
    std::string name;
    ExprPtr condition;
    bool of_view = false;
    std::string policy_table;
    CheckOf of = CheckOf::Always;
    // A condition with subqueries over the row, instead of `condition`: a query of one row and column whose parameter i is
    // the row's column columns[i].
    std::shared_ptr<const struct PhysicalPlan> query;
    std::vector<int> columns;
  };
  std::vector<Check> checks;
  // UPDATE, DELETE and MERGE of a table with children: the child's column that names the row's table; -1: none.
  int table_oid_column = -1;
  // Over the child's columns, then the row's table columns (new row; Delete: the old row), then its table's OID.
  ExprList returning;
  explicit PhysicalWrite(PhysicalKind k) : PhysicalOp(k) {}
};

struct PhysicalInsert : PhysicalWrite {
  ConflictAction conflict = ConflictAction::None;
  int16_t instead_event = 0;
  std::vector<Oid> arbiter_indexes;
  std::vector<int> set_columns;
  ExprList set_exprs;      // over the existing row's columns, then the proposed row's
  ExprPtr conflict_where;  // the same
  PhysicalInsert() : PhysicalWrite(PhysicalKind::Insert) {}
};

// `recheck` as in PhysicalLockRows: how to redo the row's predicates on its newest version.
struct PhysicalUpdate : PhysicalWrite {
  uint32_t row_id_column = 0;
  std::vector<int> set_columns;
  ExprList set_exprs;  // over the child's columns
  PhysicalLockRows::Recheck recheck;
  PhysicalUpdate() : PhysicalWrite(PhysicalKind::Update) {}
};

struct PhysicalDelete : PhysicalWrite {
  uint32_t row_id_column = 0;
  PhysicalLockRows::Recheck recheck;
  PhysicalDelete() : PhysicalWrite(PhysicalKind::Delete) {}
};

struct PhysicalMerge : PhysicalWrite {
  struct When {
    bool matched;
    ExprPtr condition;
    Merge::Action action;
    std::vector<int> columns;
    ExprList exprs;
  };
  uint32_t row_id_column = 0;
  std::vector<When> whens;
  PhysicalMerge() : PhysicalWrite(PhysicalKind::Merge) {}
};

struct PhysicalPlan {
  CommandKind command = CommandKind::Select;
  PhysicalPtr root;
  std::vector<std::unique_ptr<PhysicalOp>> ctes;  // each a Materialize
  std::vector<SubPlan> init_plans;                // uncorrelated; run on first use of their ExecParam
  uint32_t exec_param_count = 0;
  std::vector<Type> exec_param_types;
  uint32_t op_count = 0;
  std::vector<OutputColumn> output;  // parallel to root->output, or a prefix of it
  bool returns_rows = true;
  std::vector<Type> parameter_types;
  std::vector<BoundQuery::LockedRelation> relations;
  bool reads_only = true;
  bool calls_routines = false;  // user-defined functions: run on the statement's own thread
};

}  // namespace aegis::plan
