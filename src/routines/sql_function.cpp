#include "sql_function.h"

#include "aegis/functions/output.h"
#include "aegis/types/record.h"

namespace aegis::routines {

namespace oid = types::oid;

ArgumentNames::ArgumentNames(const catalog::Routine& routine, std::span<const Type> types) : routine_(routine.name), types_(types.begin(), types.end()) {
  for (const auto& argument : routine.arguments) {
    if (argument.is_input()) names_.push_back(argument.name);
  }
}

void ArgumentNames::values(std::vector<Value>& out) const {
  out.clear();
  for (size_t argument : used_) out.push_back(values_[argument]);
}

Names::Variable ArgumentNames::use(size_t argument) {
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i] == argument) return {static_cast<uint32_t>(i), types_[argument]};
  }
  used_.push_back(argument);
  return {static_cast<uint32_t>(used_.size() - 1), types_[argument]};
}

std::optional<Names::Variable> ArgumentNames::find(std::span<const std::string_view> names) {
  if (names.size() > 2 || (names.size() == 2 && names[0] != routine_)) return std::nullopt;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (!names_[i].empty() && names_[i] == names.back()) return use(i);
  }
  return std::nullopt;
}

std::optional<Names::Variable> ArgumentNames::parameter(int number) {
  if (number < 1 || static_cast<size_t>(number) > types_.size()) return std::nullopt;
  return use(static_cast<size_t>(number) - 1);
}

std::vector<Column> result_columns(const catalog::Routine& routine, std::span<const Type> arguments, Type result) {
  const auto& function = routine.function();
  std::vector<Column> columns;
  if (function.out_types.empty()) {
    columns.push_back({routine.name, result});
    return columns;
  }
  std::vector<Oid> types;
  for (const auto& type : arguments) types.push_back(type.oid);
  for (size_t i = 0; i < function.out_types.size(); ++i) {
    columns.push_back({std::string(function.out_names[i]), {functions::output_type(function, i, types)}});
  }
  return columns;
}

namespace {

class SqlFunction final : public Compiled, public std::enable_shared_from_this<SqlFunction> {
 public:
  SqlFunction(Runner& runner, const catalog::RoutinePtr& routine, std::span<const Type> arguments, Type result, Oid collation)
      : runner_(runner), routine_(routine), names_(*routine, arguments), columns_(result_columns(*routine, arguments, result)), result_(result) {
    names_.collation = collation;
    statements_ = routine->sql_standard_body ? runner.parse_body(routine->body, &names_, routine->search_path) : runner.parse(routine->body, &names_);
  }

  void check() {
    if (statements_.empty()) {
      if (result_.oid != oid::kVoid) throw_mismatch("Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.");
      return;
    }
    for (auto& statement : statements_) runner_.bind(*statement);
    check_result();
  }

  Value call(std::span<const Value> arguments, Arena& arena) override {
    if (statements_.size() == 1 && result_.oid != oid::kVoid && result_.oid != oid::kRecord) {
      names_.set_values(arguments);
      try {
        if (runner_.is_simple(statements_[0])) {
          check_result();
          Type type;
          Value value = runner_.evaluate(statements_[0], routine_->volatility != 'v', arena, type);
          return type.oid == result_.oid ? value : runner_.convert(value, type, result_, false, arena);
        }
      } catch (SqlError& error) {
        add_context(error, 0);
        throw;
      }
    }
    auto rows = run(arguments);
    if (result_.oid == oid::kVoid || rows == nullptr) return Value::null();
    const vector::Chunk* chunk = rows->next();
    while (chunk != nullptr && chunk->size() == 0) chunk = rows->next();
    Value value = chunk == nullptr ? Value::null() : row_value(*rows, *chunk, 0, arena);
    // The rest of a statement that writes is done all the same.
    if (statements_.back()->kind() != StatementKind::Select) {
      while (rows->next() != nullptr) {}
    }
    return value;
  }

  std::unique_ptr<functions::SetScan> scan(std::span<const Value> arguments) override;

  // All statements but the last, which is left open; null when it gives no rows.
  std::unique_ptr<Rows> run(std::span<const Value> arguments) {
    bool read_only = routine_->volatility != 'v';
    std::unique_ptr<Rows> last;
    for (size_t i = 0; i < statements_.size(); ++i) {
      names_.set_values(arguments);
      at_ = i;
      try {
        last = runner_.open(statements_[i], read_only);
        if (i + 1 == statements_.size()) {
          check_result();
          break;
        }
        while (last->next() != nullptr) {}
      } catch (SqlError& error) {
        add_context(error, i);
        throw;
      }
    }
    if (statements_.empty() || !statements_.back()->returns_rows()) {
      if (last != nullptr) {
        while (last->next() != nullptr) {}
      }
      return nullptr;
    }
    return last;
  }

  // One row of the last statement as the function's output columns.
  Value column_value(const Rows& rows, const vector::Chunk& chunk, size_t row, size_t column, Arena& arena) {
    const Type& from = rows.columns()[column].type;
    const Type& to = columns_[column].type;
    Value value = chunk.column(column).get(row);
    if (from.oid == to.oid || value.is_null) return types::copy_value(types::physical_type(to.oid), value, arena);
    return runner_.convert(value, from, to, false, arena);
  }

  Value row_value(const Rows& rows, const vector::Chunk& chunk, size_t row, Arena& arena) {
    if (passes_record(rows)) return types::copy_value(types::PhysicalType::String, chunk.column(0).get(row), arena);
    if (result_.oid != oid::kRecord) return column_value(rows, chunk, row, 0, arena);
    types::RecordBuilder builder;
    for (size_t c = 0; c < rows.columns().size(); ++c) {
      bool declared = c < columns_.size() && has_columns();
      Type type = declared ? columns_[c].type : rows.columns()[c].type;
      builder.add(type.oid, declared ? column_value(rows, chunk, row, c, arena) : chunk.column(c).get(row));
    }
    return Value::of_string(builder.finish(arena));
  }

  const std::vector<Column>& columns() const { return columns_; }
  bool has_columns() const { return !routine_->function().out_types.empty(); }
  // The last statement gives whole rows in one column.
  bool passes_record(const Rows& rows) const {
    return result_.oid == oid::kRecord && rows.columns().size() == 1 && rows.columns()[0].type.oid == oid::kRecord;
  }
  Runner& runner() { return runner_; }

  void add_context(SqlError& error, size_t statement) {
    auto& context = error.fields().context;
    if (error.fields().position > 0) {
      error.fields().internal_position = error.fields().position;
      error.fields().internal_query = routine_->body;
      error.fields().position = 0;
    }
    if (!context.empty()) context += "\n";
    context += "SQL function \"" + routine_->name + "\" statement " + std::to_string(statement + 1);
  }

 private:
  [[noreturn]] void throw_mismatch(const std::string& detail) {
    throw SqlError(Sqlstate::InvalidFunctionDefinition,
                   "return type mismatch in function declared to return " + types::format_type(result_, runner_.types().names))
        .detail(detail);
  }

  void check_result() {
    if (result_.oid == oid::kVoid) return;
    const Statement& last = *statements_.back();
    if (!last.returns_rows()) throw_mismatch("Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.");
    const auto& given = last.columns();
    if (result_.oid == oid::kRecord) {
      if (!has_columns()) return;
      if (given.size() == 1 && given[0].type.oid == oid::kRecord) return;
      if (given.size() < columns_.size()) throw_mismatch("Final statement returns too few columns.");
      if (given.size() > columns_.size()) throw_mismatch("Final statement returns too many columns.");
    } else if (given.size() != 1) {
      throw_mismatch("Final statement must return exactly one column.");
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (given[i].type.oid == columns_[i].type.oid || given[i].type.oid == oid::kUnknown) continue;
      if (analyzer::make_cast(runner_.types(), given[i].type, columns_[i].type, functions::CastContext::Assignment) != nullptr) continue;
      const auto* names = runner_.types().names;
      std::string actual = types::format_type({given[i].type.oid}, names);
      if (result_.oid != oid::kRecord) throw_mismatch("Actual return type is " + actual + ".");
      throw_mismatch("Final statement returns " + actual + " instead of " + types::format_type({columns_[i].type.oid}, names) + " at column " +
                     std::to_string(i + 1) + ".");
    }
  }

  Runner& runner_;
  catalog::RoutinePtr routine_;
  ArgumentNames names_;
  std::vector<Column> columns_;
  Type result_;
  std::vector<StatementPtr> statements_;
  size_t at_ = 0;
};

class SqlFunctionScan final : public functions::SetScan {
 public:
  SqlFunctionScan(std::shared_ptr<SqlFunction> function, std::unique_ptr<Rows> rows) : function_(std::move(function)), rows_(std::move(rows)) {}
  bool next(vector::Chunk& out) override {
    if (rows_ == nullptr) return false;
    const vector::Chunk* chunk = rows_->next();
    if (chunk == nullptr) {
      rows_.reset();
      return false;
    }
    arena_.reset();
    bool apart = function_->has_columns();
    for (size_t row = 0; row < chunk->size(); ++row) {
      if (!apart) {
        out.column(0).set(row, function_->row_value(*rows_, *chunk, row, arena_));
      } else if (function_->passes_record(*rows_)) {
        Value record = chunk->column(0).get(row);
        for (size_t c = 0; c < out.column_count(); ++c) {
          out.column(c).set(row, record.is_null ? Value::null() : types::RecordView(record.text()).get(c));
        }
      } else {
        for (size_t c = 0; c < out.column_count(); ++c) out.column(c).set(row, function_->column_value(*rows_, *chunk, row, c, arena_));
      }
    }
    out.set_size(chunk->size());
    return true;
  }

 private:
  std::shared_ptr<SqlFunction> function_;
  std::unique_ptr<Rows> rows_;
  Arena arena_;
};

std::unique_ptr<functions::SetScan> SqlFunction::scan(std::span<const Value> arguments) {
  auto rows = run(arguments);
  if (rows == nullptr) return nullptr;
  return std::make_unique<SqlFunctionScan>(shared_from_this(), std::move(rows));
}

}  // namespace

std::shared_ptr<Compiled> compile_sql_function(Runner& runner, const catalog::RoutinePtr& routine, std::span<const Type> arguments, Type result, Oid collation) {
  auto function = std::make_shared<SqlFunction>(runner, routine, arguments, result, collation);
  function->check();
  return function;
}

}  // namespace aegis::routines
