// The state of binding one statement. Its member functions are spread over the files of this folder by topic.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aegis/analyzer/analyzer.h"
#include "aegis/functions/function.h"
#include "coercion.h"
#include "scope.h"
#include "write_target.h"

namespace aegis::analyzer {

using plan::Expr;
using plan::ExprKind;
using plan::ExprList;
using plan::ExprPtr;
using plan::LogicalPtr;
using types::Type;
namespace oid = types::oid;

// Where an expression stands: decides what it may contain and how errors call the place.
enum class Clause : uint8_t {
  SelectTarget, From, FromFunction, JoinOn, Where, Having, GroupBy, OrderBy, DistinctOn, Limit, Offset, Values, InsertTarget,
  UpdateSource, Returning, Policy, Filter, WindowPartition, WindowOrder, WindowFrame, AggregateArgument, Default, Check, Index,
  IndexPredicate, Generated, Standalone, MergeWhen, PartitionKey, Statistics
};
const char* clause_name(Clause clause);

struct TargetColumn {
  ExprPtr expr;
  std::string name;
  Oid table_oid = kInvalidOid;
  int16_t attribute_number = 0;
};

// A bound query level: its operators and the columns it gives.
struct BoundSelect {
  plan::LogicalPtr op;
  std::vector<plan::OutputColumn> columns;  // `binding` says where in op
  std::vector<plan::ColumnBinding> correlated;
};

struct ViewLevel;
class QueryRecorder;
struct SearchCycle;

class QueryAnalyzer {
 public:
  QueryAnalyzer(const AnalyzerContext& context, std::vector<Type>* parameter_types);
  // Keeps what it finds out, to write the query again.
  void record_in(QueryRecorder& recorder) { recorder_ = &recorder; }

  plan::BoundQuery analyze_statement(const ast::Node& statement);
  ExprPtr definition(const ast::Node& node, const catalog::Relation* relation, Type target, Clause clause);

  // `wanted`: columns that are to be assigned; null: any.
  int updatable_events(const catalog::Relation& view, bool include_triggers, const std::set<int>* wanted, int depth);
  std::string why_not_updatable(const catalog::Relation& view);
  bool check_policy_condition(const ast::Node& condition, const catalog::Relation& table);
  BoundCall procedure_call(const ast::FuncCall& call);
  FunctionMatch match_function(ast::NameList name, std::span<const Oid> types);
  const functions::Function* exact_function(ast::NameList name, std::span<const Oid> types);
  const functions::Operator* exact_operator(ast::NameList name, Oid left, Oid right);

  // --- Errors ---
  int position(int location) const;

  // --- select.cpp ---
  BoundSelect bind_query(const ast::Node& query, Scope* parent, bool keep_unknown = false);

 private:
  friend class Coercion;
  // --- select.cpp, set_operations.cpp ---
  BoundSelect bind_select(const ast::SelectStmt& select, Scope& scope, bool keep_unknown);
  BoundSelect bind_simple_select(const ast::SelectStmt& select, Scope& scope, bool keep_unknown);
  BoundSelect bind_values(const ast::SelectStmt& select, Scope& scope);
  BoundSelect bind_set_operation(const ast::SelectStmt& select, Scope& scope);
  void bind_target_list(ast::List<ast::ResTarget> targets, Scope& scope, Clause clause, std::vector<TargetColumn>& out);
  // An item of a VALUES row; with its expression when it is of a star's columns.
  struct ValueItem {
    const ast::Node* node;
    ExprPtr expr;
  };
  std::vector<ValueItem> expand_values(ast::NodeList nodes, Scope& scope, Clause clause);
  void expand_star(const ast::ColumnRef& ref, Scope& scope, std::vector<TargetColumn>& out);
  size_t find_order_target(const ast::Node& node, std::vector<TargetColumn>& targets, size_t visible, Scope& scope, Clause clause);
  plan::SortKey sort_key(const ast::SortBy& sort, ExprPtr expr);
  void resolve_unknown(ExprPtr& expr);
  plan::LogicalPtr apply_limit(const ast::SelectStmt& select, Scope& scope, plan::LogicalPtr op, std::vector<plan::SortKey> ties);
  struct AskedLock {
    ast::LockClauseStrength strength;
    ast::LockWaitPolicy wait;
  };
  std::vector<plan::LockRows::Target> bind_locking(const ast::SelectStmt& select, const std::vector<AskedLock>& from_outside, Scope& scope, std::vector<TargetColumn>& targets);
  BoundSelect order_by_output(const ast::SelectStmt& select, Scope& scope, BoundSelect result);
  // Gives column i of a bound query another type, inside its projection where that is still open.
  void coerce_column(BoundSelect& select, size_t i, Type target, functions::CastContext context, const char* construct, ExprList& wrapped);

  // --- grouping.cpp ---
  plan::LogicalPtr bind_grouping(const ast::SelectStmt& select, Scope& scope, plan::LogicalPtr op, std::vector<TargetColumn>& targets,
                                 size_t visible, ExprPtr& having);
  plan::LogicalPtr bind_windows(Scope& scope, plan::LogicalPtr op, std::vector<TargetColumn>& targets);

  // --- with.cpp ---
  void bind_ctes(const ast::WithClause& with, Scope& scope, plan::With& out);
  // --- recursion.cpp ---
  static bool names_itself(const ast::CommonTableExpr& cte);
  std::vector<const ast::CommonTableExpr*> ordered_ctes(const ast::WithClause& with);
  void check_recursion(const ast::CommonTableExpr& cte);
  void bind_recursive_cte(const ast::CommonTableExpr& cte, Scope& scope, plan::With& out);
  // --- search_cycle.cpp ---
  // Checks the clauses and adds their columns to the query's.
  void begin_search_cycle(const ast::CommonTableExpr& cte, Scope& scope, CteEntry& entry, SearchCycle& out);
  // That the names exist and are new; after the terms are bound.
  void check_search_cycle(const SearchCycle& clauses) const;
  // To the targets of the recursive term: the clauses' columns of the work table.
  void add_work_columns(const ast::SelectStmt& select, const plan::LogicalOp& from, std::vector<TargetColumn>& targets);
  plan::LogicalPtr extend_term(plan::LogicalPtr op, uint32_t table, const std::vector<plan::ColumnInfo>& all, const SearchCycle& clauses, bool recursive);
  static void attach_with(std::unique_ptr<plan::With> with, BoundSelect& select);

  // --- from.cpp ---
  plan::LogicalPtr bind_from(ast::NodeList from, Scope& scope);
  void record_item(const ast::Node& node, const RangeItem& item);
  plan::LogicalPtr bind_plain_item(const ast::Node& node, Scope& scope, std::vector<RangeItem>& items);
  plan::LogicalPtr bind_from_item(const ast::Node& node, Scope& scope, std::vector<RangeItem>& items);
  plan::LogicalPtr bind_range_var(const ast::RangeVar& name, Scope& scope, std::vector<RangeItem>& items, int lock_mode);
  plan::LogicalPtr bind_transition(size_t number, const ast::Alias* alias, std::vector<RangeItem>& items);
  plan::LogicalPtr bind_relation(catalog::RelationPtr relation, const ast::Alias* alias, std::vector<RangeItem>& items, int lock_mode);
  plan::LogicalPtr bind_view(const catalog::Relation& view, const ast::Alias* alias, std::vector<RangeItem>& items);
  plan::LogicalPtr bind_subselect(const ast::RangeSubselect& sub, Scope& scope, std::vector<RangeItem>& items);
  plan::LogicalPtr bind_function(const ast::RangeFunction& function, Scope& scope, std::vector<RangeItem>& items);
  // A column of FROM that is a row to be taken apart.
  struct Expansion {
    size_t column;
    std::vector<types::UserType::Field> fields;
  };
  plan::LogicalPtr expand_rows(plan::LogicalPtr rows, const std::vector<Expansion>& expansions, RangeItem& item);
  std::vector<types::UserType::Field> define_columns(ast::List<ast::ColumnDef> definitions);
  void pass_definitions(const std::vector<types::UserType::Field>& fields, Expr& call);
  plan::LogicalPtr bind_join(const ast::JoinExpr& join, Scope& scope, std::vector<RangeItem>& items);
  void apply_alias(RangeItem& item, const ast::Alias* alias);
  void check_alias_unique(const std::vector<RangeItem>& items, int location);
  void add_lock(Oid relation, int mode, bool inherited = false);
  // The tables below it are read or written as well.
  void inherit_from(plan::Get& get, int lock_mode);
  // The column that tells which table a row is of; nothing when it can only be one.
  std::optional<plan::ColumnBinding> table_oid_of(plan::Get& get);
  void note_read(Oid relation, uint32_t table);
  // Around an analyzer of a view's query: what both collect.
  void lend(QueryAnalyzer& inner, const catalog::Relation& view);
  void take_back(QueryAnalyzer& inner);

  // --- names.cpp ---
  ExprPtr bind_column_ref(const ast::ColumnRef& ref, Scope& scope, Clause clause);
  ExprPtr bind_column(const ast::ColumnRef& ref, Scope& scope, Clause clause);
  ExprPtr make_variable(const VariableScope::Variable& variable, int location);
  ExprPtr try_column(std::string_view name, Scope& scope, int location);
  ExprPtr use_column(const RangeColumn& column, Scope& from, Scope& owner, int location);
  const RangeItem* find_item(std::string_view schema, std::string_view alias, Scope& scope, Scope** owner, int location);
  static void hint_column(SqlError& error, std::string_view table, std::string_view name, const Scope& scope);
  ExprPtr whole_row(const RangeItem& item, Scope& from, Scope& owner, int location);
  ExprPtr row_of(const RangeItem& item, Scope& from, Scope& owner, int location);

  // --- expressions.cpp ---
  ExprPtr bind(const ast::Node& node, Scope& scope, Clause clause);
  ExprPtr bind_optional(const ast::Node* node, Scope& scope, Clause clause);
  ExprPtr bind_boolean(const ast::Node& node, Scope& scope, Clause clause, const char* construct);
  ExprList bind_conjuncts(const ast::Node* node, Scope& scope, Clause clause, const char* construct);
  ExprPtr bind_constant(const ast::AConst& constant);
  ExprPtr bind_param(const ast::ParamRef& param);
  ExprPtr bind_a_expr(const ast::AExpr& expr, Scope& scope, Clause clause);
  ExprPtr bind_in(const ast::AExpr& expr, Scope& scope, Clause clause);
  ExprPtr bind_between(const ast::AExpr& expr, Scope& scope, Clause clause);
  ExprPtr bind_distinct(const ast::AExpr& expr, Scope& scope, Clause clause);
  ExprPtr bind_array_compare(const ast::AExpr& expr, Scope& scope, Clause clause);
  ExprPtr bind_bool_expr(const ast::BoolExpr& expr, Scope& scope, Clause clause);
  ExprPtr bind_case(const ast::CaseExpr& expr, Scope& scope, Clause clause);
  void refuse_sets(const Expr& expr, const char* construct);
  ExprPtr bind_common(ExprKind kind, ast::NodeList args, Scope& scope, Clause clause, const char* construct, int location);
  ExprPtr bind_null_test(const ast::NullTest& test, Scope& scope, Clause clause);
  ExprPtr bind_boolean_test(const ast::BooleanTest& test, Scope& scope, Clause clause);
  ExprPtr bind_row(const ast::RowExpr& row, Scope& scope, Clause clause);
  ExprPtr bind_array(const ast::AArrayExpr& array, Scope& scope, Clause clause, Type target);
  ExprPtr bind_indirection(const ast::AIndirection& indirection, Scope& scope, Clause clause);
  ExprPtr make_field(ExprPtr value, size_t index, const types::UserType::Field& field, int location);
  // A field of a named composite by name; null (and `value` untouched) if there is none.
  ExprPtr select_field(ExprPtr& value, std::string_view name, int location);
  ExprPtr subscript_jsonb(ExprPtr value, std::span<const ast::AIndices* const> subscripts, bool slice, Scope& scope, Clause clause, int location);
  ExprPtr jsonb_subscript(const ast::Node& node, Scope& scope, Clause clause);
  ExprPtr bind_sub_link(const ast::SubLink& link, Scope& scope, Clause clause);
  ExprPtr bind_type_cast(const ast::TypeCast& cast, Scope& scope, Clause clause);
  // --- xml.cpp ---
  ExprPtr bind_xml(const ast::XmlExpr& expr, Scope& scope, Clause clause);
  ExprPtr bind_xml_serialize(const ast::XmlSerialize& serialize, Scope& scope, Clause clause);
  void bind_named_values(ast::List<ast::ResTarget> targets, const char* what, Scope& scope, Clause clause, ExprList& args);
  plan::LogicalPtr bind_xml_table(const ast::RangeTableFunc& table, Scope& scope, std::vector<RangeItem>& items);
  // --- collations.cpp ---
  // Sets the collation that `expr` has, or compares its operands by, from theirs. 42P21 when two explicit ones differ.
  void derive_collation(Expr& expr);  // from all its arguments
  void derive_collation(Expr& expr, std::span<const Expr* const> operands);
  // 42P21 when rows are to be ordered or told apart by a text whose implicit collations differ.
  void require_collation(const Expr& expr);
  // 0A000 where texts that a collation calls equal would have to be found by their bytes.
  void require_deterministic(const Expr& expr, const char* construct);
  std::string collation_name(Oid collation) const;
  ExprPtr collation_for(const Expr& expr);  // COLLATION FOR (expr)
  ExprPtr bind_collate(const ast::CollateClause& collate, Scope& scope, Clause clause);
  ExprPtr bind_sql_value(const ast::SQLValueFunction& function);
  ExprPtr bind_row_comparison(ast::NameList op, ExprList left, ExprList right, int location);
  ExprPtr bind_operator(ast::NameList op, ExprPtr left, ExprPtr right, int location);
  ExprPtr bind_grouping_func(const ast::GroupingFunc& grouping, Scope& scope);

  // --- calls.cpp ---
  ExprPtr bind_type_function(const ast::FuncCall& call, ExprList& args, std::span<const std::string_view> names);
  ExprPtr bind_call(const ast::FuncCall& call, Scope& scope, Clause clause);
  std::vector<const functions::Function*> find_overloads(ast::NameList name, bool built_in);
  ExprPtr bind_aggregate(const ast::FuncCall& call, const functions::Function& function, ExprList args, Type result, Scope& scope, Clause clause);
  ExprPtr bind_window_call(const ast::FuncCall& call, const functions::Function& function, ExprList args, Type result, Scope& scope, Clause clause);
  std::shared_ptr<const functions::UserAggregate> user_aggregate(const functions::Function& function, const ExprList& args, Type result);
  std::unique_ptr<plan::WindowSpec> bind_window_def(const ast::WindowDef& def, Scope& scope);
  void unify_hypothetical_arguments(const ast::FuncCall& call, ExprList& args, std::span<const std::string_view> names);
  // The level that an aggregate over these belongs to: the innermost one that has a column of theirs.
  static Scope& aggregate_level(const ExprList& args, const Expr* filter, Scope& scope);
  ExprPtr bind_frame_offset(const ast::Node& node, Scope& scope, const char* mode);
  const functions::Function* find_in_range(Type column, Type given, int location);
  void bind_frame(const ast::WindowDef& def, plan::WindowSpec& spec, Scope& scope);

  // --- operators.cpp ---
  // Null when nothing fits; throws 42725 when too much does.
  const functions::Operator* lookup_operator(std::string_view name, Type left, Type right, int location);
  std::vector<const functions::Operator*> find_operators(ast::NameList name);
  const functions::Operator* lookup_operator(ast::NameList name, Type left, Type right, int location);
  const functions::Operator& find_operator(ast::NameList name, Type left, Type right, int location);
  const functions::Operator& find_operator(std::string_view name, Type left, Type right, int location);
  ExprPtr call_operator(const functions::Operator& op, ExprPtr left, ExprPtr right, int location);
  // Makes `expr` a use of the operator and its function, which it keeps alive; 42883 for a shell.
  void set_operator(Expr& expr, const functions::Operator& op, int location);
  // The default equality of a type; 42883 when it has none.
  const functions::Function* equality_function(Type type, int location);
  void check_sortable(Type type, int location);
  ExprPtr coerce_or_throw(ExprPtr expr, Type target, functions::CastContext context, const char* construct);

  // --- dml.cpp ---
  BoundSelect bind_writer(const ast::Node& statement, Scope& scope);
  LogicalPtr bind_insert(const ast::InsertStmt& insert, Scope& scope, BoundSelect& returning);
  LogicalPtr bind_update(const ast::UpdateStmt& update, Scope& scope, BoundSelect& returning);
  LogicalPtr bind_delete(const ast::DeleteStmt& del, Scope& scope, BoundSelect& returning);
  LogicalPtr bind_merge(const ast::MergeStmt& merge, Scope& scope);
  LogicalPtr bind_insert_source(const ast::InsertStmt& insert, const WriteTarget& target, std::span<const int> columns, Scope& scope,
                                ExprList& provided);
  ExprList full_row(const catalog::Relation& relation, std::span<const int> columns, ExprList provided);
  LogicalPtr add_generated(const catalog::Relation& relation, std::unique_ptr<plan::Project> row);
  ExprPtr default_of(const catalog::Relation& relation, int column);
  ExprPtr stored_expression(std::string_view sql, const catalog::Relation& relation, Type target, Clause clause, uint32_t table);
  void add_checks(plan::Write& write);
  void bind_returning(ast::List<ast::ResTarget> list, Scope& scope, plan::Write& write, BoundSelect& returning);
  void bind_on_conflict(const ast::OnConflictClause& clause, Scope& scope, plan::Insert& insert, WriteTarget& target, const std::string& alias);
  bool serves_inference(const catalog::Index& index, const catalog::Relation& relation, const std::vector<int>& columns, const ExprList& expressions,
                        const std::vector<Oid>& collations, const ExprList& where);
  std::vector<Oid> infer_arbiters(const ast::InferClause& infer, const WriteTarget& target);
  ExprPtr assign(ExprPtr value, const catalog::Relation& relation, int column, int location);
  // The value a column or a part of it has after an assignment through `path`; `value` null is DEFAULT.
  ExprPtr assign_part(ExprPtr current, Type type, ast::NodeList path, size_t at, ExprPtr value, Scope& scope, const std::string& column, int location);
  ExprPtr assign_subscripts(ExprPtr current, Type type, ast::NodeList path, size_t at, ExprPtr value, Scope& scope, const std::string& column,
                            int location);
  ExprPtr base_column(const WriteTarget& target, int column);
  ExprPtr assign_given(const ast::InsertStmt& insert, size_t i, ExprPtr expr, const catalog::Relation& relation, int column, Scope& scope, int location);
  void merge_parts(const ast::InsertStmt& insert, const catalog::Relation& relation, std::vector<int>& columns, ExprList& provided, Scope& scope);
  void bind_set_list(ast::List<ast::ResTarget> list, Scope& scope, const WriteTarget& into, std::vector<int>& columns, ExprList& exprs);
  void recompute_generated(const catalog::Relation& relation, std::vector<int>& columns, ExprList& exprs, const std::function<ExprPtr(int)>& old_column);
  std::vector<int> insert_columns(ast::List<ast::ResTarget> cols, const WriteTarget& target);

  // --- rules.cpp ---
 public:
  // Binds a rule's parts with OLD and NEW in view, for its recorder.
  void bind_rule(const catalog::Relation& relation, const ast::Node* condition, std::span<const ast::Node* const> actions, const ast::Node& old_node,
                 const ast::Node& new_node, std::string* condition_text, std::vector<catalog::Dependency>* used = nullptr);

 private:
  void record_target(const ast::RangeVar& name, const RangeItem& item);
  void record_returning(const ast::Node& statement, const plan::Write& write);
  void refuse_rules(const catalog::Relation& relation, char event);
  // --- row_identity.cpp ---
  ExprPtr bind_current_of(const ast::CurrentOfExpr& current, Scope& scope);
  LogicalPtr bind_sample(const ast::RangeTableSample& sample, Scope& scope, std::vector<RangeItem>& items);

  // --- policies.cpp ---
  bool reads_columns_of(uint32_t table) const;
  bool is_secured(const catalog::Relation& relation);
  bool applies(const catalog::Policy& policy, char command);
  ExprPtr bind_policy(const catalog::Policy& policy, const std::string& sql, const RangeItem& item);
  void add_policies(const catalog::Relation& relation, char command, const RangeItem& item, ExprList& out);
  LogicalPtr secure(LogicalPtr op, const catalog::Relation& relation, std::string_view commands, const RangeItem& item);
  void add_policy_checks(const WriteTarget& target, std::string_view commands, plan::CheckOf of, plan::Write& write);

  // --- write_target.cpp ---
  Oid base_role(const WriteTarget& target);
  static Oid inside_role(const catalog::Relation& view, Oid role);
  WriteTarget find_target(const ast::RangeVar& name, const char* verb);
  LogicalPtr bind_target_get(const ast::RangeVar& name, WriteTarget& target, std::vector<RangeItem>& items, plan::ColumnBinding& row_id,
                             std::optional<plan::ColumnBinding>& table_oid);
  RangeItem row_item(const catalog::Relation& relation, std::string alias, uint32_t table);
  RangeItem target_row(const WriteTarget& target, std::string alias, uint32_t table);
  int target_column(const WriteTarget& target, std::string_view name, int location);
  [[noreturn]] static void throw_unassignable(const WriteTarget& target, const WriteTarget::ViewColumn& column);
  plan::BoundQuery::Permission& note_write(const WriteTarget& target, uint32_t table);
  void note_written(const WriteTarget& target, const std::vector<int>& columns, char letter, uint32_t table);
  void add_view_checks(const WriteTarget& target, plan::Write& write);
  bool has_instead_trigger(const catalog::Relation& view, std::string_view verb);
  catalog::RelationPtr relation_below(const catalog::Relation& view);
  bool view_inherits(const catalog::Relation& view);
  catalog::RelationPtr table_below(const catalog::Relation& view, std::string_view verb, int depth);
  ViewLevel view_level(const catalog::Relation& view, std::string_view verb, bool cascaded, const std::function<plan::ColumnBinding(int)>& column_of);
  LogicalPtr bind_instead_source(const ast::RangeVar& name, WriteTarget& target, ast::NodeList joined, Scope& scope);
  void bind_instead_returning(ast::List<ast::ResTarget> list, const WriteTarget& target, Scope& scope, plan::Write& op, BoundSelect& returning);
  LogicalPtr bind_instead_update(const ast::UpdateStmt& update, WriteTarget& target, Scope& scope, BoundSelect& returning);
  LogicalPtr bind_instead_delete(const ast::DeleteStmt& del, WriteTarget& target, Scope& scope, BoundSelect& returning);

  uint32_t new_table() { return next_table_++; }
  static std::string figure_column_name(const ast::Node& node);

  const AnalyzerContext& context_;
  Coercion coercion_;
  std::vector<Type>* parameter_types_;
  uint32_t next_table_ = 1;
  uint32_t next_cte_ = 0;
  QueryRecorder* recorder_ = nullptr;
  SearchCycle* search_cycle_ = nullptr;  // of the recursive term that is being bound
  int depth_ = 0;
  int view_depth_ = 0;
  std::vector<plan::BoundQuery::LockedRelation> locks_;
  // What is done to relations, by whom; and the columns read, as (table number, attribute number).
  std::vector<plan::BoundQuery::Permission> permissions_;
  std::vector<std::pair<uint32_t, int16_t>> used_columns_;
  // Of permissions below a view that is written to (by position): the view's columns as theirs, -1 where there is none.
  std::map<size_t, std::vector<int>> read_maps_;
  Oid check_as_;
  // The locks that FOR UPDATE and its kin ask for of all that the FROM list being bound reads, and whose they are.
  std::vector<AskedLock> locks_for(std::string_view alias) const;
  std::vector<AskedLock> locks_inside_;            // for the query that is bound next, from one around it
  const ast::SelectStmt* locking_ = nullptr;       // whose FROM list is being bound
  const std::vector<AskedLock>* locking_all_ = nullptr;
  std::vector<Oid> secured_;  // relations whose policies are being bound
  std::vector<std::unique_ptr<AnalyzerContext>> view_contexts_;
  // Names and types of the fields of record columns, as far as they are known.
  using RecordFields = std::vector<std::pair<std::string, Type>>;
  std::map<plan::ColumnBinding, RecordFields> records_;
  void note_record(plan::ColumnBinding binding, const Expr& source);
  ExprPtr system_column(const RangeItem& item, std::string_view name, Scope& scope, Scope& owner, int location);
  // Window definitions of the level being bound, by name.
  std::map<std::string, const ast::WindowDef*, std::less<>> named_windows_;
};

// Where a column among an Aggregate's groups was found that the primary key, which is grouped by, brings along.
inline constexpr int kBroughtByKey = -2;

// Throws 42501 unless the current role may look into the schema.
void check_schema_usage(const AnalyzerContext& context, Oid schema, int position);

// The type of an OUT column of a call.
Oid output_type(const Expr& call, size_t column);

}  // namespace aegis::analyzer
