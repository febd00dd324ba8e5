// The logical algebra: what the analyzer makes of a statement and the planner rewrites.
//
// Every operator that defines columns has a `table` number; its column i is the binding (table, i). Filter, Sort,
// Limit, Distinct and Lock pass their input's columns on. A Join passes on both inputs' columns.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/plan/expression.h"

namespace aegis::catalog {
struct Relation;
struct IndexInfo;
class SystemTable;
}  // namespace aegis::catalog

namespace aegis::plan {

enum class LogicalKind : uint8_t {
  Get, SystemGet, Function, Values, CteRef, WorkTable, Filter, Project, Join, Aggregate, Window, Sort, Limit,
  Distinct, SetOp, RecursiveUnion, With, LockRows, Insert, Update, Delete, Merge
};

enum class JoinType : uint8_t { Inner, Left, Right, Full, Semi, Anti, Single, Mark };

enum class SetOpKind : uint8_t { Union, Intersect, Except };

struct ColumnInfo {
  std::string name;
  Type type;
  Oid collation = kInvalidOid;
};

struct LogicalOp {
  LogicalKind kind;
  std::vector<std::unique_ptr<LogicalOp>> children;
  double estimated_rows = -1;
  explicit LogicalOp(LogicalKind k) : kind(k) {}
  virtual ~LogicalOp() = default;
};
using LogicalPtr = std::unique_ptr<LogicalOp>;

// A base table. Column i of the binding is the table's column number columns[i] (0-based, attnum - 1); the
// pseudo column kRowIdColumn is the RowId as int8, kTableOidColumn the table's OID.
inline constexpr int kRowIdColumn = -1;
inline constexpr int kTableOidColumn = -6;  // PostgreSQL's TableOidAttributeNumber
struct Get : LogicalOp {
  uint32_t table = 0;
  std::shared_ptr<const catalog::Relation> relation;
  std::vector<int> columns;
  std::vector<ColumnInfo> column_infos;  // parallel to columns
  std::string alias;
  bool inherits = false;  // the rows of tables below it are read as well
  Get() : LogicalOp(LogicalKind::Get) {}
};

// A pg_catalog or aegis table generated from memory.
struct SystemGet : LogicalOp {
  uint32_t table = 0;
  const catalog::SystemTable* source = nullptr;
  std::vector<ColumnInfo> columns;
  std::string alias;
  SystemGet() : LogicalOp(LogicalKind::SystemGet) {}
};

// FROM f(args) or ROWS FROM(...): each call gives column_counts[k] columns; then the ordinality column. With a
// child (LATERAL), it is evaluated for each row of the child and the child's columns are passed on as well.
struct FunctionGet : LogicalOp {
  uint32_t table = 0;
  ExprList calls;
  std::vector<uint32_t> column_counts;
  std::vector<ColumnInfo> columns;
  bool ordinality = false;
  std::string alias;
  FunctionGet() : LogicalOp(LogicalKind::Function) {}
};

struct Values : LogicalOp {
  uint32_t table = 0;
  std::vector<ExprList> rows;  // one empty row: SELECT without FROM
  std::vector<ColumnInfo> columns;
  std::string alias;
  Values() : LogicalOp(LogicalKind::Values) {}
};

struct CteRef : LogicalOp {
  uint32_t table = 0;
  uint32_t cte = 0;
  std::vector<ColumnInfo> columns;
  std::string alias;
  CteRef() : LogicalOp(LogicalKind::CteRef) {}
};

// Inside a recursive term: the rows of the last round.
struct WorkTable : LogicalOp {
  uint32_t table = 0;
  uint32_t cte = 0;
  std::vector<ColumnInfo> columns;
  WorkTable() : LogicalOp(LogicalKind::WorkTable) {}
};

struct Filter : LogicalOp {
  ExprList predicates;  // conjuncts
  Filter() : LogicalOp(LogicalKind::Filter) {}
};

// When an expression returns a set, rows are repeated as PostgreSQL's ProjectSet does.
struct Project : LogicalOp {
  uint32_t table = 0;
  ExprList exprs;
  std::vector<std::string> names;
  std::string alias;  // of a subquery in FROM, for EXPLAIN
  Project() : LogicalOp(LogicalKind::Project) {}
};

struct Join : LogicalOp {
  JoinType type = JoinType::Inner;
  ExprList conditions;  // conjuncts
  // For a right side that refers to the left (LATERAL, a correlated subquery that stays one): how its rows become
  // columns. Array gathers its single column into one array.
  SubqueryKind subquery = SubqueryKind::Row;
  // Mark: binding (mark_table, 0) is the boolean result (three-valued when null_aware).
  uint32_t mark_table = 0;
  bool null_aware = false;
  Join() : LogicalOp(LogicalKind::Join) {}
};

// Columns: groups first, then aggregates, then one int4 per Grouping call.
struct Aggregate : LogicalOp {
  uint32_t table = 0;
  ExprList groups;
  ExprList aggregates;                         // each of kind Aggregate
  std::vector<std::vector<uint32_t>> sets;     // grouping sets as group numbers; empty: one set of all groups
  std::vector<std::vector<uint32_t>> grouping_calls;  // GROUPING(args) as group numbers
  Aggregate() : LogicalOp(LogicalKind::Aggregate) {}
};

// Columns (table, i) are the window calls; the input's columns are passed on.
struct Window : LogicalOp {
  uint32_t table = 0;
  ExprList calls;  // each of kind Window, all with the same partition and order
  Window() : LogicalOp(LogicalKind::Window) {}
};

struct Sort : LogicalOp {
  std::vector<SortKey> keys;
  Sort() : LogicalOp(LogicalKind::Sort) {}
};

struct Limit : LogicalOp {
  ExprPtr count;   // null: no limit
  ExprPtr offset;  // may be null
  bool with_ties = false;
  std::vector<SortKey> tie_keys;  // the ORDER BY, for WITH TIES
  Limit() : LogicalOp(LogicalKind::Limit) {}
};

// DISTINCT over all columns of the input (keys empty) or DISTINCT ON (keys): the first row of each group in the
// input's order.
struct Distinct : LogicalOp {
  ExprList keys;
  Distinct() : LogicalOp(LogicalKind::Distinct) {}
};

// Both inputs' columns (in output order) have been made of the same types by the analyzer.
struct SetOp : LogicalOp {
  uint32_t table = 0;
  SetOpKind op = SetOpKind::Union;
  bool all = false;
  std::vector<ColumnInfo> columns;
  SetOp() : LogicalOp(LogicalKind::SetOp) {}
};

// children: the non-recursive and the recursive term.
struct RecursiveUnion : LogicalOp {
  uint32_t table = 0;
  uint32_t cte = 0;
  bool all = false;
  std::vector<ColumnInfo> columns;
  RecursiveUnion() : LogicalOp(LogicalKind::RecursiveUnion) {}
};

// children[0] is the main query, children[1 + i] the definition of CTE ctes[i], each with its columns in order.
struct With : LogicalOp {
  struct Cte {
    uint32_t cte;
    std::string name;
    std::optional<bool> materialized;  // as written
    bool modifies_data = false;
    uint32_t reference_count = 0;
  };
  std::vector<Cte> ctes;
  With() : LogicalOp(LogicalKind::With) {}
};

enum class RowLockMode : uint8_t { KeyShare, Share, NoKeyUpdate, Update };
enum class LockWait : uint8_t { Block, Skip, NoWait };

// FOR UPDATE / SHARE. Columns are passed on; `targets[i]` finds the RowId of a Get below.
struct LockRows : LogicalOp {
  struct Target {
    std::shared_ptr<const catalog::Relation> relation;
    ColumnBinding row_id;
    RowLockMode mode;
    LockWait wait;
    std::optional<ColumnBinding> table_oid = std::nullopt;  // of a table with children
  };
  std::vector<Target> targets;
  LockRows() : LogicalOp(LogicalKind::LockRows) {}
};

// What all writers share. RETURNING expressions see the new row as (table, i) for table column i (Delete: the
// old row) besides the input's columns.
// Which rows a check is of: any new row, or those of one action of ON CONFLICT or MERGE. Old rows are those that are there.
enum class CheckOf : uint8_t { Always, NewOnInsert, NewOnUpdate, OldOnUpdate, OldOnDelete };

struct Write : LogicalOp {
  uint32_t table = 0;
  std::shared_ptr<const catalog::Relation> relation;
  ExprList returning;
  std::vector<std::string> returning_names;
  uint32_t returning_table = 0;  // binding of the RETURNING columns
  // CHECK constraints and NOT NULL are the executor's; their expressions are over Columns (table, i).
  struct Check {
    std::string name;
    ExprPtr condition;
    bool of_view = false;  // WITH CHECK OPTION of the view `name`: must be true, not just not false
    std::string policy_table;  // row-level security of that table; `name`: the policy, empty: all permissive ones
    CheckOf of = CheckOf::Always;
    std::shared_ptr<const struct PhysicalPlan> query;  // set by the planner where the condition has subqueries over the row
  };
  std::vector<Check> checks;
  // The target's tableoid, when it has children.
  std::optional<ColumnBinding> table_oid;
  explicit Write(LogicalKind k) : LogicalOp(k) {}
};

enum class ConflictAction : uint8_t { None, Nothing, Update };

// The child gives one column per table column (defaults filled in).
struct Insert : Write {
  ConflictAction conflict = ConflictAction::None;
  // A write to a view that INSTEAD OF triggers do (bits of pg_trigger.tgtype; 0: a plain INSERT). The child gives the old
  // row (UPDATE, DELETE), then the new row (INSERT, UPDATE); set_columns are those that the UPDATE names.
  int16_t instead_event = 0;
  std::vector<Oid> arbiter_indexes;  // empty with Nothing: any
  // ON CONFLICT DO UPDATE: assignments over (table, i) the existing row and (excluded_table, i) the proposed.
  uint32_t excluded_table = 0;
  std::vector<int> set_columns;
  ExprList set_exprs;
  ExprPtr conflict_where;
  Insert() : Write(LogicalKind::Insert) {}
};

// The child gives the target's columns (a Get with table number `target_table`, including kRowIdColumn).
struct Update : Write {
  uint32_t target_table = 0;
  ColumnBinding row_id;
  std::vector<int> set_columns;
  ExprList set_exprs;  // over the child's columns
  Update() : Write(LogicalKind::Update) {}
};

struct Delete : Write {
  uint32_t target_table = 0;
  ColumnBinding row_id;
  Delete() : Write(LogicalKind::Delete) {}
};

// The child is the source left-joined with the target (row_id null: not matched).
struct Merge : Write {
  enum class Action : uint8_t { Nothing, Insert, Update, Delete };
  struct When {
    bool matched;
    ExprPtr condition;  // may be null
    Action action;
    std::vector<int> columns;
    ExprList exprs;  // Insert: one per table column
  };
  uint32_t target_table = 0;
  ColumnBinding row_id;
  std::vector<When> whens;
  Merge() : Write(LogicalKind::Merge) {}
};

struct OutputColumn {
  std::string name;
  Type type;
  Oid table_oid = kInvalidOid;  // where the column comes from, for RowDescription
  int16_t attribute_number = 0;
  ColumnBinding binding;
  Oid collation = kInvalidOid;
  int location = -1;  // of the expression in the statement
  bool explicit_collation = false;
};

enum class CommandKind : uint8_t { Select, Insert, Update, Delete, Merge };

// A planned-for statement: the noun between analyzer and planner.
struct BoundQuery {
  CommandKind command = CommandKind::Select;
  LogicalPtr root;
  std::vector<OutputColumn> output;  // empty for a writer without RETURNING
  bool returns_rows = true;
  std::vector<Type> parameter_types;
  uint32_t table_count = 0;  // next free table number
  uint32_t cte_count = 0;
  // Relations read or written, with the lock mode each needs (PostgreSQL's LOCKMODE numbers).
  struct LockedRelation {
    Oid relation;
    int lock_mode;
    bool inherited = false;  // read or written as a child of one that is named
  };
  std::vector<LockedRelation> relations;
  // What the statement does to relations and which routines it calls, for analyzer::check_permissions.
  struct Permission {
    Oid object;
    Oid role;                      // who must hold the privileges: the current role, or a view's owner
    bool reads = false;            // SELECT, even when no column is read
    std::vector<uint32_t> tables;  // the table numbers whose columns, when used, are read
    std::vector<int> read, inserted, updated;  // 0-based columns
    std::string letters;           // privileges on the whole object, as in aclitem
    std::string any_letters;       // on the object or any of its columns
  };
  std::vector<Permission> permissions;
};

}  // namespace aegis::plan
