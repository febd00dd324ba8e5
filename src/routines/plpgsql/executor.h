#pragma once

#include "plpgsql/compile.h"
#include "plpgsql/program.h"

namespace aegis::routines::plpgsql {

enum class Flow : uint8_t { Next, Exit, Continue, Return };

// Runs one call of a Program.
class Executor {
 public:
  Executor(Program& program, Frame& frame) : program_(program), runner_(program.runner_), frame_(frame) {}
  Flow block(const CompiledBlock& block);
  // Converts to the variable's type; 22004 for a null where NOT NULL was declared.
  void assign(int datum, const Value& value, Type type);
  void assign_record(int datum, std::vector<Field> fields, bool is_null);
  void set_variable(int datum, const Value& value) { frame_.slots[datum].value = plan::OwnedValue(types::physical_type(program_.datums_[datum].type.oid), value); }
  // RETURN NEXT's row: one value a result column.
  void add_row(std::span<const Value> values, std::span<const Type> types);

 private:
  Flow body(const CompiledBody& body);
  Flow statement(const CompiledStatement& statement);
  Flow handled_block(const CompiledBlock& block);
  Flow loop_body(const CompiledStatement& statement, bool& leave);
  Flow for_integer(const CompiledStatement& statement);
  Flow for_rows(const CompiledStatement& statement, Rows& rows);
  Flow for_cursor(const CompiledStatement& statement);
  Flow foreach (const CompiledStatement& statement);
  void initialize(const CompiledBlock& block);

  Value evaluate(const StatementPtr& expression, Type& type);
  bool condition(const StatementPtr& expression);
  int64_t integer(const StatementPtr& expression, const char* what);
  std::string text_of(const Value& value, Type type);
  std::string evaluate_text(const StatementPtr& expression, bool& is_null);
  std::unique_ptr<Rows> open(const StatementPtr& statement);
  std::unique_ptr<Rows> open_dynamic(const StatementPtr& command, const std::vector<StatementPtr>& arguments, StatementPtr& keep, std::unique_ptr<UsingNames>& names);

  void assign_target(const CompiledTarget& target, const Value& value, Type type);
  void assign_element(const CompiledTarget& target, const Value& value, Type type);
  void assign_row(const std::vector<CompiledTarget>& targets, const std::vector<Column>& columns, const vector::Chunk* chunk, size_t row);
  std::vector<Field> fields_of(const std::vector<Column>& columns, const vector::Chunk* chunk, size_t row);
  std::vector<Field> fields_of_record(int datum, const Value& record);
  void set_found(bool found) { set_variable(program_.found_, Value::of_bool(found)); }

  void do_assign(const CompiledStatement& statement);
  // `parameters`: what they were, for errors of STRICT.
  void do_into(const CompiledStatement& statement, Rows& rows, bool is_select, const std::string& parameters);
  bool extra_check(const char* setting, std::string_view check) const;
  void check_widths(const std::vector<CompiledTarget>& targets, size_t given);
  void do_sql(const CompiledStatement& statement);
  void assign_outputs(const CompiledStatement& compiled, Rows& rows);
  void do_execute(const CompiledStatement& statement);
  void do_return(const CompiledStatement& statement);
  void do_return_next(const CompiledStatement& statement);
  void do_return_query(const CompiledStatement& statement);
  void do_raise(const CompiledStatement& statement);
  void do_assert(const CompiledStatement& statement);
  void do_diagnostics(const CompiledStatement& statement);
  void do_open(const CompiledStatement& statement);
  void open_bound(int variable, const std::vector<StatementPtr>& arguments, const std::string& name);
  void do_fetch(const CompiledStatement& statement);
  void do_close(const CompiledStatement& statement);
  Flow do_case(const CompiledStatement& statement);

  Program& program_;
  Runner& runner_;
  Frame& frame_;
  std::string exit_label_;
  Arena scratch_;
};

}  // namespace aegis::routines::plpgsql
