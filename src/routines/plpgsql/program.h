// A PL/pgSQL function ready to run: its variables numbered, its SQL prepared. One Program a routine and argument types in a
// session; the values of one call are in a Frame, so that functions may call themselves.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "aegis/parser/plpgsql.h"
#include "aegis/plan/expression.h"
#include "aegis/routines/routines.h"

namespace aegis::routines::plpgsql {

namespace pl = parser::plpgsql;

struct Field {
  std::string name;
  Type type;
  plan::OwnedValue value;
};

// A variable: a scalar, or a record with fields.
struct Datum {
  std::string name;
  int line = 0;
  Type type;
  Oid collation = kInvalidOid;  // of COLLATE; 0: the arguments'
  bool is_record = false;
  bool fixed_fields = false;  // of a table's row type: assignments convert
  Oid row_type = kInvalidOid; // that type, as SQL sees the whole variable; 0: record
  std::vector<Column> fields; // of a fixed record
  bool constant = false;
  bool not_null = false;
  StatementPtr initial;       // null: NULL
  pl::Sql initial_sql;
  const pl::Declaration* cursor = nullptr;  // of a bound cursor
  StatementPtr cursor_query;
  std::vector<int> cursor_arguments;  // datums
  bool is_cursor_parameter = false;
};

struct Slot {
  plan::OwnedValue value;      // a scalar
  std::vector<Field> fields;   // a record
  bool assigned = false;       // a record has a structure
  bool is_null_record = false;
};

struct Frame {
  std::vector<Slot> slots;
  const ErrorFields* error = nullptr;  // in an exception handler
  int line = 0;
  const char* at = nullptr;            // what the statement is called in contexts
  const char* phase = nullptr;         // instead of a statement
  uint64_t row_count = 0;
  bool returned = false;
  Value result;
  Arena result_bytes;
  std::vector<std::unique_ptr<vector::Chunk>> rows;  // RETURN NEXT and RETURN QUERY
  bool returned_row = false;                          // a trigger function returned a row, not null
  std::vector<Field> result_row;
  const TriggerCall* trigger = nullptr;
  const EventCall* event = nullptr;
};

// A block's names.
struct Scope {
  std::string label;
  std::unordered_map<std::string, int> names;
  Scope* parent = nullptr;
};

class Program;

// The names that one piece of SQL uses.
class SqlNames final : public Names {
 public:
  SqlNames(Program& program, Scope* scope);
  Conflict conflict() const override;
  void begin() override { used_.clear(); }
  bool types_changed() const override;
  void values(std::vector<Value>& out) const override;
  std::optional<Variable> find(std::span<const std::string_view> names) override;
  bool expand(std::span<const std::string_view> names, std::vector<std::pair<std::string, Variable>>& fields) override;
  std::optional<Variable> parameter(int number) override;
  // "a = '1', b = NULL" of the variables used, as errors of INTO STRICT show them.
  std::string parameters_text() const;

 private:
  struct Use {
    int datum;
    int field;  // -1: the whole
    std::string field_name;
    Type type;
  };
  Variable use(Use use);
  int find_in(const Scope& scope, std::string_view name) const;
  Program& program_;
  Scope* scope_;
  size_t declared_;  // variables there were: those declared later are not seen
  std::vector<Use> used_;
  mutable Arena records_;
};

// The names of a dynamic command: $1, … of USING.
class UsingNames final : public Names {
 public:
  void begin() override { used_.clear(); }
  bool types_changed() const override { return false; }
  void values(std::vector<Value>& out) const override;
  std::optional<Variable> find(std::span<const std::string_view>) override { return std::nullopt; }
  bool expand(std::span<const std::string_view>, std::vector<std::pair<std::string, Variable>>&) override { return false; }
  std::optional<Variable> parameter(int number) override;
  void add(Type type, const Value& value);
  std::string parameters_text(Runner& runner) const;

 private:
  std::vector<Type> types_;
  std::vector<Value> values_;
  std::vector<size_t> used_;
  Arena arena_;
};

struct CompiledStatement;
using CompiledBody = std::vector<CompiledStatement>;

struct CompiledTarget {
  int datum = -1;
  std::string field;  // of a record
  std::vector<std::pair<StatementPtr, StatementPtr>> subscripts;  // index, or lower and upper
  bool slice = false;
};

struct CompiledBranch {
  std::vector<StatementPtr> conditions;
  CompiledBody body;
};

struct CompiledHandler {
  const pl::Handler* source;
  CompiledBody body;
};

struct CompiledBlock {
  const pl::Block* source = nullptr;
  Scope* scope = nullptr;
  std::vector<int> variables;  // set to their initial values at entry
  CompiledBody body;
  std::vector<CompiledHandler> handlers;
  int sqlstate = -1, sqlerrm = -1;  // in handlers
};

struct CompiledStatement {
  const pl::Statement* source = nullptr;
  StatementPtr sql, upper, step;
  SqlNames* names = nullptr;  // those that sql uses, of INTO
  std::vector<StatementPtr> arguments;
  std::vector<StatementPtr> options;
  std::vector<CompiledTarget> targets;  // of CALL: one a written argument, without a datum where it is no variable
  bool is_call = false;
  std::vector<CompiledBranch> branches;
  CompiledBody body;
  std::unique_ptr<CompiledBlock> block;
  Scope* scope = nullptr;
  int variable = -1;        // a loop's own variable; a cursor variable
  int case_value = -1;
  std::string assignment;   // "x := y", for contexts
};

class Program final : public Compiled, public std::enable_shared_from_this<Program> {
 public:
  // `trigger`: the function is compiled for a trigger on that table.
  // `validating`: it is made by CREATE FUNCTION, which plpgsql.extra_warnings and extra_errors are about.
  Program(Runner& runner, catalog::RoutinePtr routine, std::span<const Type> arguments, Type result, catalog::RelationPtr trigger_table, Oid collation,
          bool validating = false);
  // An anonymous block.
  Program(Runner& runner, std::string_view code);
  ~Program() override;

  Value call(std::span<const Value> arguments, Arena& arena) override;
  std::unique_ptr<functions::SetScan> scan(std::span<const Value> arguments) override;
  void run_block();
  std::vector<Value> call_procedure(std::span<const Value> arguments, std::vector<Column>& columns, Arena& arena);
  bool fire(const TriggerCall& call, std::vector<Value>& row, Arena& arena);
  void fire(const EventCall& call);

  Frame& frame() { return *frame_; }
  const Datum& datum(int index) const { return datums_[index]; }
  const Slot& slot(int index) const { return frame_->slots[index]; }
  const std::vector<int>& parameter_datums() const { return parameter_datums_; }
  const std::string& name() const { return name_; }
  Names::Conflict conflict() const { return conflict_; }
  const catalog::RelationPtr& trigger_table() const { return trigger_table_; }
  const types::TypeContext& types() const { return runner_.types(); }

 private:
  friend class SqlNames;
  friend class Compiler;
  friend class Executor;
  void run(Frame& frame, std::span<const Value> arguments);
  void add_call_context(ErrorFields& fields, const Frame& frame) const;
  // Of the functions that called the one that runs.
  static void add_callers(ErrorFields& fields);
  Value finish_result(Frame& frame, Arena& arena);

  Runner& runner_;
  catalog::RoutinePtr routine_;
  std::string text_;
  std::string name_;        // for scopes: function.argument
  std::string signature_;   // "f(integer,text)", or "inline_code_block"
  std::unique_ptr<pl::Source> source_;
  std::vector<Datum> datums_;
  std::vector<std::unique_ptr<Scope>> scopes_;
  std::vector<std::unique_ptr<SqlNames>> names_;
  std::vector<int> argument_datums_;   // of input arguments, in order
  std::vector<int> parameter_datums_;  // $1, … : of all arguments
  std::vector<int> output_datums_;     // of OUT, INOUT and TABLE arguments
  std::vector<Column> columns_;        // the result's
  Type result_;
  bool returns_set_ = false;
  bool is_procedure_ = false;
  bool is_block_ = false;
  bool read_only_ = false;
  bool validating_ = false;
  bool print_strict_params_ = false;
  catalog::RelationPtr trigger_table_;
  Oid collation_ = types::kDefaultCollation;  // of the arguments
  Names::Conflict conflict_ = Names::Conflict::Error;
  int found_ = -1;
  int new_ = -1, old_ = -1;
  std::unordered_map<std::string, int> trigger_variables_;
  CompiledBlock block_;
  Frame* frame_ = nullptr;
};

}  // namespace aegis::routines::plpgsql
