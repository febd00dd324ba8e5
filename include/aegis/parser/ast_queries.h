// Nodes of SELECT, INSERT, UPDATE, DELETE and MERGE, named as in PostgreSQL's parsenodes.h.
#pragma once

#include "aegis/parser/ast_expressions.h"

namespace aegis::ast {

enum class RelPersistence : char { Permanent = 'p', Unlogged = 'u', Temp = 't' };

struct Alias : NodeOf<NodeTag::Alias> {
  std::string_view aliasname;
  NameList colnames;
};

struct RangeVar : NodeOf<NodeTag::RangeVar> {
  std::string_view catalogname;
  std::string_view schemaname;
  std::string_view relname;
  bool inh = true;  // false: ONLY
  RelPersistence relpersistence = RelPersistence::Permanent;
  Alias* alias = nullptr;
};

// A target: SELECT's expression and its label; INSERT's column (name, indirection); UPDATE's column and
// value.
struct ResTarget : NodeOf<NodeTag::ResTarget> {
  std::string_view name;
  NodeList indirection;
  Node* val = nullptr;
};

// One column of `(a, b) = source` in UPDATE; the ResTargets of one assignment share `source`.
struct MultiAssignRef : NodeOf<NodeTag::MultiAssignRef> {
  Node* source = nullptr;
  int colno = 0;
  int ncolumns = 0;
};

struct RangeSubselect : NodeOf<NodeTag::RangeSubselect> {
  bool lateral = false;
  Node* subquery = nullptr;
  Alias* alias = nullptr;
};

struct ColumnDef;

struct RangeFunctionItem : NodeOf<NodeTag::RangeFunctionItem> {
  Node* func = nullptr;
  List<ColumnDef> coldeflist;
};
struct RangeFunction : NodeOf<NodeTag::RangeFunction> {
  bool lateral = false;
  bool ordinality = false;
  bool is_rowsfrom = false;
  List<RangeFunctionItem> functions;
  Alias* alias = nullptr;
  List<ColumnDef> coldeflist;
};

struct RangeTableFuncCol : NodeOf<NodeTag::RangeTableFuncCol> {
  std::string_view colname;
  TypeName* type_name = nullptr;
  bool for_ordinality = false;
  bool is_not_null = false;
  Node* colexpr = nullptr;
  Node* coldefexpr = nullptr;
};
// XMLTABLE
struct RangeTableFunc : NodeOf<NodeTag::RangeTableFunc> {
  bool lateral = false;
  Node* docexpr = nullptr;
  Node* rowexpr = nullptr;
  List<ResTarget> namespaces;
  List<RangeTableFuncCol> columns;
  Alias* alias = nullptr;
};

struct RangeTableSample : NodeOf<NodeTag::RangeTableSample> {
  Node* relation = nullptr;
  NameList method;
  NodeList args;
  Node* repeatable = nullptr;
};

enum class JoinType : uint8_t { Inner, Left, Full, Right };
struct JoinExpr : NodeOf<NodeTag::JoinExpr> {
  JoinType jointype = JoinType::Inner;  // CROSS JOIN is Inner without conditions
  bool is_natural = false;
  Node* larg = nullptr;
  Node* rarg = nullptr;
  NameList using_clause;
  Alias* join_using_alias = nullptr;
  Node* quals = nullptr;
  Alias* alias = nullptr;
};

enum class CTEMaterialize : uint8_t { Default, Always, Never };
struct CTESearchClause : NodeOf<NodeTag::CTESearchClause> {
  NameList search_col_list;
  bool search_breadth_first = false;
  std::string_view search_seq_column;
};
struct CTECycleClause : NodeOf<NodeTag::CTECycleClause> {
  NameList cycle_col_list;
  std::string_view cycle_mark_column;
  Node* cycle_mark_value = nullptr;
  Node* cycle_mark_default = nullptr;
  std::string_view cycle_path_column;
};
struct CommonTableExpr : NodeOf<NodeTag::CommonTableExpr> {
  std::string_view ctename;
  NameList aliascolnames;
  CTEMaterialize ctematerialized = CTEMaterialize::Default;
  Node* ctequery = nullptr;
  CTESearchClause* search_clause = nullptr;
  CTECycleClause* cycle_clause = nullptr;
};
struct WithClause : NodeOf<NodeTag::WithClause> {
  List<CommonTableExpr> ctes;
  bool recursive = false;
};

enum class GroupingSetKind : uint8_t { Empty, Simple, Rollup, Cube, Sets };
struct GroupingSet : NodeOf<NodeTag::GroupingSet> {
  GroupingSetKind kind = GroupingSetKind::Empty;
  NodeList content;
};

enum class LockClauseStrength : uint8_t { None, ForKeyShare, ForShare, ForNoKeyUpdate, ForUpdate };
enum class LockWaitPolicy : uint8_t { Block, Skip, Error };
struct LockingClause : NodeOf<NodeTag::LockingClause> {
  List<RangeVar> locked_rels;  // empty: all
  LockClauseStrength strength = LockClauseStrength::None;
  LockWaitPolicy wait_policy = LockWaitPolicy::Block;
};

struct DefElem;
enum class OnCommitAction : uint8_t { Noop, PreserveRows, DeleteRows, Drop };
// The target of SELECT INTO and of CREATE TABLE AS.
struct IntoClause : NodeOf<NodeTag::IntoClause> {
  RangeVar* rel = nullptr;
  NameList col_names;
  std::string_view access_method;
  List<DefElem> options;
  OnCommitAction on_commit = OnCommitAction::Noop;
  std::string_view table_space_name;
  bool skip_data = false;
};

enum class SetOperation : uint8_t { None, Union, Intersect, Except };
enum class LimitOption : uint8_t { Count, WithTies };

struct SelectStmt : NodeOf<NodeTag::SelectStmt> {
  bool distinct = false;     // DISTINCT or DISTINCT ON
  NodeList distinct_clause;  // the expressions of DISTINCT ON
  IntoClause* into_clause = nullptr;
  List<ResTarget> target_list;
  NodeList from_clause;
  Node* where_clause = nullptr;
  NodeList group_clause;  // expressions and GroupingSets
  bool group_distinct = false;
  Node* having_clause = nullptr;
  List<WindowDef> window_clause;
  List<ListNode> values_lists;  // of VALUES; target_list is empty then
  List<SortBy> sort_clause;
  Node* limit_offset = nullptr;
  Node* limit_count = nullptr;  // AConst Null for LIMIT ALL
  LimitOption limit_option = LimitOption::Count;
  List<LockingClause> locking_clause;
  WithClause* with_clause = nullptr;
  SetOperation op = SetOperation::None;
  bool all = false;
  SelectStmt* larg = nullptr;
  SelectStmt* rarg = nullptr;
};

struct IndexElem;
struct InferClause : NodeOf<NodeTag::InferClause> {
  List<IndexElem> index_elems;
  Node* where_clause = nullptr;
  std::string_view conname;
};
enum class OnConflictAction : uint8_t { None, Nothing, Update };
struct OnConflictClause : NodeOf<NodeTag::OnConflictClause> {
  OnConflictAction action = OnConflictAction::None;
  InferClause* infer = nullptr;
  List<ResTarget> target_list;
  Node* where_clause = nullptr;
};

enum class OverridingKind : uint8_t { NotSet, UserValue, SystemValue };

struct InsertStmt : NodeOf<NodeTag::InsertStmt> {
  RangeVar* relation = nullptr;
  List<ResTarget> cols;
  Node* select_stmt = nullptr;  // null: DEFAULT VALUES
  OnConflictClause* on_conflict_clause = nullptr;
  List<ResTarget> returning_list;
  WithClause* with_clause = nullptr;
  OverridingKind override = OverridingKind::NotSet;
};
struct DeleteStmt : NodeOf<NodeTag::DeleteStmt> {
  RangeVar* relation = nullptr;
  NodeList using_clause;
  Node* where_clause = nullptr;
  List<ResTarget> returning_list;
  WithClause* with_clause = nullptr;
};
struct UpdateStmt : NodeOf<NodeTag::UpdateStmt> {
  RangeVar* relation = nullptr;
  List<ResTarget> target_list;
  Node* where_clause = nullptr;
  NodeList from_clause;
  List<ResTarget> returning_list;
  WithClause* with_clause = nullptr;
};

enum class MergeCommand : uint8_t { Insert, Update, Delete, Nothing };
struct MergeWhenClause : NodeOf<NodeTag::MergeWhenClause> {
  bool matched = false;
  MergeCommand command_type = MergeCommand::Nothing;
  OverridingKind override = OverridingKind::NotSet;
  Node* condition = nullptr;
  List<ResTarget> target_list;
  NodeList values;  // of INSERT; empty: DEFAULT VALUES
};
struct MergeStmt : NodeOf<NodeTag::MergeStmt> {
  RangeVar* relation = nullptr;
  Node* source_relation = nullptr;
  Node* join_condition = nullptr;
  List<MergeWhenClause> merge_when_clauses;
  WithClause* with_clause = nullptr;
};

// RETURN expression, the body of an SQL function.
struct ReturnStmt : NodeOf<NodeTag::ReturnStmt> {
  Node* returnval = nullptr;
};

struct RawStmt {
  Node* stmt = nullptr;
  int stmt_location = 0;  // 0-based byte offset of its first token's text
  int stmt_len = 0;       // bytes, without the semicolon
};

}  // namespace aegis::ast
