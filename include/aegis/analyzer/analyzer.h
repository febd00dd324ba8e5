// From raw parse tree to bound query: names, types, coercions (PostgreSQL's parse_* rules).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/catalog/catalog.h"
#include "aegis/functions/function.h"
#include "aegis/parser/ast_queries.h"
#include "aegis/plan/logical.h"

namespace aegis::analyzer {

// Names that are not columns: the arguments and variables of the routine whose SQL is bound. They become parameters.
class VariableScope {
 public:
  struct Variable {
    uint32_t parameter;  // 0-based number among the statement's parameters
    types::Type type;
    Oid collation = kInvalidOid;  // its own; 0: the scope's
  };
  // Of variables whose types have one: that of the routine's arguments.
  Oid collation = types::kDefaultCollation;
  // When a name is a column as well.
  enum class Conflict : uint8_t { UseColumn, UseVariable, Error };
  virtual ~VariableScope() = default;
  virtual Conflict conflict() const { return Conflict::UseColumn; }
  // a, a.b or a.b.c; may throw.
  virtual std::optional<Variable> find(std::span<const std::string_view> names) = 0;
  // The fields of a record variable, for a.*; false when it is none.
  virtual bool expand(std::span<const std::string_view> names, std::vector<std::pair<std::string, Variable>>& fields) = 0;
  // $n, from 1.
  virtual std::optional<Variable> parameter(int number) = 0;
};

// A table that only a trigger's function sees (REFERENCING … TABLE AS), with the columns of `table`.
struct TransitionName {
  std::string name;
  catalog::RelationPtr table;
};

// What name resolution depends on. Everything referred to must outlive the call.
struct AnalyzerContext {
  const catalog::Version& catalog;
  Oid database = kInvalidOid;
  std::vector<Oid> search_path;  // in lookup order: temporary schema, pg_catalog (where implied), then the path
  Oid role = kInvalidOid;
  const types::TypeContext& types;
  std::string_view sql;  // the text locations refer to
  // True when the statement's relations must be stable across a wait (FOR UPDATE etc. need RowIds).
  Oid temp_schema = kInvalidOid;
  VariableScope* variables = nullptr;
  const std::vector<TransitionName>* transitions = nullptr;
  bool rules_applied = false;  // the statement is what rules made of another
  bool row_security = true;  // false: a statement that policies would restrict fails
};

// Binds SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE. `parameter_types`: on entry what the client declared (0:
// unknown), on return what every parameter was found to be.
plan::BoundQuery analyze(const AnalyzerContext& context, const ast::Node& statement, std::vector<types::Type>& parameter_types);

// Resolves a written type: 42704 when there is none.
types::Type resolve_type(const AnalyzerContext& context, const ast::TypeName& name);

// A collation by its written name; 42704 when there is none.
Oid find_collation(const AnalyzerContext& context, ast::NameList name, int position);

// A user-defined type (also a row type or an array) by its name's parts; kInvalidOid when absent.
Oid find_user_type(const AnalyzerContext& context, ast::NameList names);

// What an expression of a table's definition may not contain, for the error's text.
enum class DefinitionKind : uint8_t { Default, Check, IndexExpression, IndexPredicate, Generated, PartitionKey, Statistics };

// Binds an expression over the columns of `relation` (Input i is column i; null: no columns may be named), coerced to
// `target` by assignment unless its oid is 0.
plan::ExprPtr analyze_definition(const AnalyzerContext& context, const ast::Node& expression,
                                 const catalog::Relation* relation, types::Type target, DefinitionKind kind);
// The same from text kept in the catalog.
plan::ExprPtr analyze_definition_sql(const AnalyzerContext& context, std::string_view sql, const catalog::Relation* relation,
                                     types::Type target, DefinitionKind kind);

// An expression without columns (EXECUTE's arguments, SET, partition bounds), coerced to `target` unless its oid is 0.
plan::ExprPtr analyze_standalone(const AnalyzerContext& context, const ast::Node& expression, types::Type target);

// The value of parameter 0, of type `source`, as `target`; null when there is no such cast in the context.
plan::ExprPtr make_cast(const types::TypeContext& types, types::Type source, types::Type target, functions::CastContext context);

// CALL: the procedure and its arguments, coerced and with defaults filled in. Arguments for OUT parameters are left out.
struct BoundCall {
  catalog::RoutinePtr procedure;
  plan::ExprList arguments;  // one an input parameter
  std::vector<int> outputs;  // one an output parameter: which written argument stands for it, -1 for none
};
BoundCall analyze_call(const AnalyzerContext& context, const ast::FuncCall& call);

// An expression over `context.variables` (parameters) and no columns.
plan::ExprPtr analyze_variables(const AnalyzerContext& context, const ast::Node& expression, types::Type target);
plan::ExprPtr analyze_variables_sql(const AnalyzerContext& context, std::string_view sql, types::Type target);

// The function that a call with arguments of these types (polymorphic ones stand for themselves) would use, as CREATE
// AGGREGATE looks for its parts. 42883 when there is none, 42725 when there are several.
struct FunctionMatch {
  const functions::Function* function;
  std::vector<Oid> arguments;  // what the arguments become
  Oid result;
  bool coerces = false;  // an argument would have to be converted
};
FunctionMatch match_function(const AnalyzerContext& context, ast::NameList name, std::span<const Oid> types);
// The function of exactly these argument types; null when there is none.
const functions::Function* find_exact_function(const AnalyzerContext& context, ast::NameList name, std::span<const Oid> types);
// The operator of exactly these operands (left 0: prefix), built in or user-defined; null when there is none.
const functions::Operator* find_exact_operator(const AnalyzerContext& context, ast::NameList name, Oid left, Oid right);
// Whether a value of `source` is one of `target` as it is.
bool is_binary_coercible(const AnalyzerContext& context, Oid source, Oid target);

// Finds a relation or index by name as FROM would; kInvalidOid when missing_ok and absent, else 42P01 (or 3F000).
Oid find_relation(const AnalyzerContext& context, const ast::RangeVar& name, bool missing_ok);
// A dotted name's parts as a RangeVar in `arena`-free form: 1 to 3 parts.
ast::RangeVar range_var_of(const AnalyzerContext& context, ast::NameList names);

// Which commands a view takes (bits 4 UPDATE, 8 INSERT, 16 DELETE): by rules, by itself, and by INSTEAD OF triggers if those
// count. With a column (0-based): which of them can assign it.
int updatable_events(const AnalyzerContext& context, const catalog::Relation& view, bool include_triggers, std::optional<int> column = std::nullopt);
// Why rows can't be written through the view itself; empty when they can.
std::string why_not_updatable(const AnalyzerContext& context, const catalog::Relation& view);

// A view's query as pg_get_viewdef gives it, without the semicolon.
std::string view_text(const AnalyzerContext& context, const catalog::Relation& view, bool pretty);

// What rules make of a statement: others, in the order in which they are run. `main` is the one whose rows and tag the client
// gets; there may be none.
struct RewrittenStatement {
  const ast::Node* node = nullptr;  // null: NOTIFY
  bool main = false;
  bool by_owner = false;  // a rule's action: with the rights of the table's owner
  std::string channel, payload;
};
struct Rewriting {
  std::shared_ptr<void> keep;  // the nodes' memory
  std::vector<RewrittenStatement> statements;
  catalog::RelationPtr relation;
  char privilege = 'a';                    // that the caller needs on the relation
  const ast::SelectStmt* source = nullptr;  // what the statement reads, with the caller's rights; null: nothing
  std::vector<Oid> rule_path;              // in which names of the rules are looked up, behind the caller's
};
// Nothing when no rule applies.
std::optional<Rewriting> rewrite_by_rules(const AnalyzerContext& context, const ast::Node& statement);
// Checks a new rule; its dependencies.
std::vector<catalog::Dependency> check_rule(const AnalyzerContext& context, const catalog::Relation& relation, char event, const ast::Node* condition,
                                            std::span<const ast::Node* const> actions);
// CREATE RULE …, as pg_get_ruledef gives it.
std::string rule_text(const AnalyzerContext& context, const catalog::Relation& relation, const catalog::Rule& rule, bool pretty);

// Checks a policy's condition over `table`; whether it has a subquery.
bool check_policy(const AnalyzerContext& context, const ast::Node& condition, const catalog::Relation& table);

// Throws 42501 unless every role named in `query.permissions` holds what the statement needs.
void check_permissions(const catalog::Version& version, const plan::BoundQuery& query);

// The relations a SELECT refers to, for a view's dependencies: (relation, column) pairs; column 0 the whole.
std::vector<catalog::Dependency> dependencies_of(const plan::BoundQuery& query);

}  // namespace aegis::analyzer
