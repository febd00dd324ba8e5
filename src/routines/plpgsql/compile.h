#pragma once

#include "plpgsql/program.h"

namespace aegis::routines::plpgsql {

// Makes a Program of its text.
class Compiler {
 public:
  explicit Compiler(Program& program) : program_(program) {}
  void compile(std::span<const Type> arguments);

 private:
  Scope* push_scope(Scope* parent, std::string label);
  int add_datum(Scope* scope, Datum datum, bool unique = false);
  int find_datum(Scope* scope, const std::string& name) const;
  void check_shadowing(const Scope* scope, const std::string& name, int position);
  SqlNames* names(Scope* scope);
  StatementPtr expression(const pl::Sql& sql, Scope* scope);
  StatementPtr query(const pl::Sql& sql, Scope* scope);
  catalog::RelationPtr relation_named(const std::string& name);
  void set_type(Datum& datum, std::string text, Scope* scope);
  void declare(const pl::Declaration& declaration, Scope* scope, CompiledBlock& block);
  void block(const pl::Block& source, Scope* parent, CompiledBlock& out);
  void body(const pl::Body& source, Scope* scope, CompiledBody& out);
  CompiledStatement statement(const pl::Statement& source, Scope* scope);
  CompiledTarget target(const pl::Target& source, Scope* scope, bool check_constant);
  void return_statement(const pl::Statement& source, Scope* scope, CompiledStatement& out);
  void call_targets(const pl::Statement& source, Scope* scope, CompiledStatement& out);
  int record_variable(const std::string& text, Scope* scope) const;
  void arguments(const catalog::Routine& routine, std::span<const Type> actual, Scope* scope);
  void trigger_variables(Scope* scope);
  static void check_condition(const std::string& name);

  Program& program_;
  void cursor_arguments(const pl::Statement& source, const Datum& cursor, Scope* scope, CompiledStatement& out);
  int declared_at_ = 0;  // the declaration being compiled, for errors
};

// Whether the value of plpgsql.extra_warnings or extra_errors asks for the check.
bool lists_check(std::string_view list, std::string_view check);
// Whether PostgreSQL has an error condition of that name, and whether an error is one of it.
bool is_condition(const std::string& name);
bool matches_condition(const ErrorFields& error, const std::string& name);
Sqlstate condition_state(const std::string& name);

}  // namespace aegis::routines::plpgsql
