// Functions in SQL: their statements run one after the other, the last one gives the result.
#pragma once

#include "aegis/routines/routines.h"

namespace aegis::routines {

// The arguments of a SQL function: by name, by function.name, or as $n.
class ArgumentNames : public Names {
 public:
  ArgumentNames(const catalog::Routine& routine, std::span<const Type> types);
  void begin() override { used_.clear(); }
  bool types_changed() const override { return false; }
  void values(std::vector<Value>& out) const override;
  std::optional<Variable> find(std::span<const std::string_view> names) override;
  bool expand(std::span<const std::string_view>, std::vector<std::pair<std::string, Variable>>&) override { return false; }
  std::optional<Variable> parameter(int number) override;

  void set_values(std::span<const Value> values) { values_ = values; }

 private:
  Variable use(size_t argument);
  std::string routine_;
  std::vector<std::string> names_;
  std::vector<Type> types_;
  std::vector<size_t> used_;  // argument of each parameter
  std::span<const Value> values_;
};

std::shared_ptr<Compiled> compile_sql_function(Runner& runner, const catalog::RoutinePtr& routine, std::span<const Type> arguments, Type result, Oid collation);

// The output columns of a routine with these argument types: one for a scalar result.
std::vector<Column> result_columns(const catalog::Routine& routine, std::span<const Type> arguments, Type result);

}  // namespace aegis::routines
