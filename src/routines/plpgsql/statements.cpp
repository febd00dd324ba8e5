// PL/pgSQL's statements that are no control structure: assignments, SQL, RETURN, RAISE, cursors, diagnostics.
#include <algorithm>

#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "plpgsql/executor.h"

namespace aegis::routines::plpgsql {

namespace oid = types::oid;
using K = pl::StatementKind;

namespace {

std::string severity_of(std::string level) {
  std::transform(level.begin(), level.end(), level.begin(), ::toupper);
  return level;
}

// What the text of a statement becomes in an error: a position inside it, or a line of context.
void locate(ErrorFields& fields, const std::string& text, const char* kind) {
  if (fields.position > 0 && fields.internal_query.empty()) {
    fields.internal_position = fields.position;
    fields.internal_query = text;
    fields.position = 0;
    return;
  }
  if (!fields.context.empty()) fields.context += "\n";
  fields.context += std::string(kind) + " \"" + text + "\"";
}

bool is_row(Type type) { return type.oid == oid::kRecord || (type.oid != oid::kUnknown && types::type_info(types::base_type(type.oid)).kind == 'c'); }

// Errors of records without a structure are found while an expression is bound, at no position.
bool is_binding_error(Sqlstate state) { return state == Sqlstate::UndefinedColumn || state == Sqlstate::ObjectNotInPrerequisiteState; }

}  // namespace

// --- Expressions --------------------------------------------------------------------------------------------

Value Executor::evaluate(const StatementPtr& expression, Type& type) {
  try {
    return runner_.evaluate(expression, program_.read_only_, scratch_, type);
  } catch (SqlError& error) {
    auto& fields = error.fields();
    bool unbound = fields.position == 0 && fields.internal_query.empty() && fields.context.empty() && is_binding_error(fields.sqlstate);
    if (fields.position > 0 && fields.internal_query.empty()) locate(fields, expression->text(), "SQL expression");
    if (unbound) fields.context = "SQL expression \"" + expression->text() + "\"";
    throw;
  }
}

bool Executor::condition(const StatementPtr& expression) {
  Type type;
  Value value = evaluate(expression, type);
  if (value.is_null) return false;
  if (type.oid != oid::kBool) value = runner_.convert(value, type, {oid::kBool}, true, scratch_);
  return !value.is_null && value.boolean;
}

std::string Executor::text_of(const Value& value, Type type) {
  std::string text;
  types::type_info(type.oid).output(runner_.types(), value, type.oid, text);
  return text;
}

std::string Executor::evaluate_text(const StatementPtr& expression, bool& is_null) {
  Type type;
  Value value = evaluate(expression, type);
  is_null = value.is_null;
  return is_null ? std::string() : text_of(value, type);
}

std::unique_ptr<Rows> Executor::open(const StatementPtr& statement) {
  try {
    return runner_.open(statement, program_.read_only_);
  } catch (SqlError& error) {
    locate(error.fields(), statement->text(), "SQL statement");
    throw;
  }
}

std::unique_ptr<Rows> Executor::open_dynamic(const StatementPtr& command, const std::vector<StatementPtr>& arguments, StatementPtr& keep,
                                             std::unique_ptr<UsingNames>& names) {
  bool is_null = false;
  std::string text = evaluate_text(command, is_null);
  if (is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "query string argument of EXECUTE is null");
  names = std::make_unique<UsingNames>();
  for (const auto& argument : arguments) {
    Type type;
    Value value = evaluate(argument, type);
    if (type.oid == oid::kUnknown) type = {oid::kText};
    names->add(type, value);
  }
  try {
    auto statements = runner_.parse(text, names.get());
    std::unique_ptr<Rows> rows;
    for (size_t i = 0; i < statements.size(); ++i) {
      keep = statements[i];
      rows = runner_.open(keep, program_.read_only_);
      if (i + 1 < statements.size()) {
        while (rows->next() != nullptr) {}
      }
    }
    return rows;
  } catch (SqlError& error) {
    locate(error.fields(), text, "SQL statement");
    throw;
  }
}

// --- Assignment ---------------------------------------------------------------------------------------------

void Executor::assign(int index, const Value& value, Type type) {
  const Datum& datum = program_.datums_[index];
  if (value.is_null && datum.not_null) {
    throw SqlError(Sqlstate::NullValueNotAllowed, "null value cannot be assigned to variable \"" + datum.name + "\" declared NOT NULL");
  }
  if (type.oid == datum.type.oid && datum.type.typmod == -1) return set_variable(index, value);
  Arena arena;
  Value converted = value;
  if (value.is_null) {
    runner_.convert(value, {types::base_type(datum.type.oid)}, datum.type, true, arena);
  } else {
    converted = type.oid == oid::kUnknown ? types::type_info(datum.type.oid).input(runner_.types(), value.text(), datum.type, arena)
                                          : runner_.convert(value, type, datum.type, true, arena);
  }
  set_variable(index, converted);
}

void Executor::assign_record(int index, std::vector<Field> fields, bool is_null) {
  const Datum& datum = program_.datums_[index];
  Slot& slot = frame_.slots[index];
  slot.is_null_record = is_null;
  if (!datum.fixed_fields) {
    // A record without a value keeps no structure, unless the query said one.
    slot.assigned = true;
    slot.fields = std::move(fields);
    return;
  }
  slot.assigned = true;
  for (size_t i = 0; i < datum.fields.size(); ++i) {
    if (slot.fields.size() <= i) slot.fields.push_back({datum.fields[i].name, datum.fields[i].type, plan::OwnedValue()});
    Arena arena;
    Value value = i < fields.size() ? fields[i].value.get() : Value::null();
    if (!value.is_null) value = runner_.convert(value, fields[i].type, datum.fields[i].type, true, arena);
    slot.fields[i].value = plan::OwnedValue(types::physical_type(datum.fields[i].type.oid), value);
  }
}

std::vector<Field> Executor::fields_of(const std::vector<Column>& columns, const vector::Chunk* chunk, size_t row) {
  std::vector<Field> fields;
  for (size_t c = 0; c < columns.size(); ++c) {
    Type type = columns[c].type.oid == oid::kUnknown ? Type{oid::kText} : columns[c].type;
    fields.push_back({columns[c].name, type, chunk == nullptr ? plan::OwnedValue() : plan::OwnedValue(types::physical_type(type.oid), chunk->column(c).get(row))});
  }
  return fields;
}

std::vector<Field> Executor::fields_of_record(int index, const Value& record) {
  types::RecordView view(record.text());
  const Datum& datum = program_.datums_[index];
  const Slot& slot = frame_.slots[index];
  std::vector<Field> fields;
  for (size_t i = 0; i < view.size(); ++i) {
    std::string name = "f" + std::to_string(i + 1);
    if (datum.fixed_fields && i < datum.fields.size()) name = datum.fields[i].name;
    else if (slot.fields.size() == view.size()) name = slot.fields[i].name;
    fields.push_back({std::move(name), {view.type(i)}, plan::OwnedValue(types::physical_type(view.type(i)), view.get(i))});
  }
  return fields;
}

void Executor::assign_target(const CompiledTarget& target, const Value& value, Type type) {
  if (!target.subscripts.empty()) return assign_element(target, value, type);
  if (target.field.empty()) {
    if (program_.datums_[target.datum].is_record) {
      if (!value.is_null && !is_row(type)) {
        throw SqlError(Sqlstate::DatatypeMismatch, "cannot assign non-composite value to a record variable");
      }
      return assign_record(target.datum, value.is_null ? std::vector<Field>() : fields_of_record(target.datum, value), value.is_null);
    }
    return assign(target.datum, value, type);
  }
  Slot& slot = frame_.slots[target.datum];
  if (!slot.assigned) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "record \"" + program_.datums_[target.datum].name + "\" is not assigned yet")
        .detail("The tuple structure of a not-yet-assigned record is indeterminate.");
  }
  for (auto& field : slot.fields) {
    if (field.name != target.field) continue;
    Arena arena;
    Value converted = value;
    if (!value.is_null && type.oid != field.type.oid) {
      converted = type.oid == oid::kUnknown ? types::type_info(field.type.oid).input(runner_.types(), value.text(), field.type, arena)
                                            : runner_.convert(value, type, field.type, true, arena);
    } else if (!value.is_null && field.type.typmod != -1) {
      converted = runner_.convert(value, type, field.type, true, arena);
    }
    field.value = plan::OwnedValue(types::physical_type(field.type.oid), converted);
    slot.is_null_record = false;
    return;
  }
  throw SqlError(Sqlstate::UndefinedColumn, "record \"" + program_.datums_[target.datum].name + "\" has no field \"" + target.field + "\"");
}

// a[i][j] := value, as PostgreSQL does it: a one-dimensional array grows, with nulls in the gap.
void Executor::assign_element(const CompiledTarget& target, const Value& value, Type type) {
  if (target.slice) throw_not_supported("assignment to a slice of an array");
  const Datum& datum = program_.datums_[target.datum];
  CompiledTarget whole = target;
  whole.subscripts.clear();
  Type array_type = datum.type;
  Value current = Value::null();
  if (!target.field.empty()) {
    for (const auto& field : frame_.slots[target.datum].fields) {
      if (field.name != target.field) continue;
      array_type = field.type;
      current = field.value.get();
    }
  } else {
    current = frame_.slots[target.datum].value.get();
  }
  const auto* info = types::find_type(array_type.oid);
  if (info != nullptr && info->kind == 'd') {
    array_type = {info->base, info->base_typmod};
    info = types::find_type(array_type.oid);
  }
  if (info == nullptr || info->element == kInvalidOid) throw SqlError(Sqlstate::DatatypeMismatch, "cannot subscript type " + types::format_type(array_type) + " because it does not support subscripting");
  Arena arena;
  std::vector<int64_t> indexes;
  for (const auto& [index, unused] : target.subscripts) {
    Type index_type;
    Value subscript = evaluate(index, index_type);
    if (subscript.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "array subscript in assignment must not be null");
    indexes.push_back(runner_.convert(subscript, index_type, {oid::kInt4}, true, arena).i32);
  }
  Type element_type{info->element, array_type.typmod};
  Value element = value;
  if (!value.is_null) {
    element = type.oid == oid::kUnknown ? types::type_info(element_type.oid).input(runner_.types(), value.text(), element_type, arena)
                                        : runner_.convert(value, type, element_type, true, arena);
  }
  types::ArrayBuilder builder(info->element);
  std::vector<int32_t> lengths, lowers;
  bool empty = current.is_null || types::ArrayView(current.text()).dimensions() == 0;
  if (empty) {
    for (int64_t index : indexes) {
      lengths.push_back(1);
      lowers.push_back(static_cast<int32_t>(index));
    }
    builder.add(element);
  } else {
    types::ArrayView view(current.text());
    if (view.dimensions() != static_cast<int>(indexes.size())) throw SqlError(Sqlstate::ArraySubscriptError, "wrong number of array subscripts");
    for (int d = 0; d < view.dimensions(); ++d) {
      lengths.push_back(view.length(d));
      lowers.push_back(view.lower(d));
    }
    if (view.dimensions() == 1) {
      int64_t lower = std::min<int64_t>(lowers[0], indexes[0]);
      int64_t upper = std::max<int64_t>(static_cast<int64_t>(lowers[0]) + lengths[0] - 1, indexes[0]);
      if (upper - lower + 1 > static_cast<int64_t>(types::kMaxArrayElements)) {
        throw SqlError(Sqlstate::ProgramLimitExceeded, "array size exceeds the maximum allowed (" + std::to_string(types::kMaxArrayElements) + ")");
      }
      for (int64_t i = lower; i <= upper; ++i) {
        int64_t at = i - lowers[0];
        bool inside = at >= 0 && at < lengths[0];
        builder.add(i == indexes[0] ? element : inside ? view.get(static_cast<size_t>(at)) : Value::null());
      }
      lowers[0] = static_cast<int32_t>(lower);
      lengths[0] = static_cast<int32_t>(upper - lower + 1);
    } else {
      size_t position = 0;
      for (size_t d = 0; d < indexes.size(); ++d) {
        int64_t at = indexes[d] - lowers[d];
        if (at < 0 || at >= lengths[d]) throw SqlError(Sqlstate::ArraySubscriptError, "array subscript out of range");
        position = position * static_cast<size_t>(lengths[d]) + static_cast<size_t>(at);
      }
      for (size_t i = 0; i < view.size(); ++i) builder.add(i == position ? element : view.get(i));
    }
  }
  builder.set_dimensions(lengths, lowers);
  assign_target(whole, builder.value(arena), array_type);
}

// A row into INTO's targets or a loop's variables; no chunk: nulls.
void Executor::assign_row(const std::vector<CompiledTarget>& targets, const std::vector<Column>& columns, const vector::Chunk* chunk, size_t row) {
  if (targets.size() == 1 && targets[0].field.empty() && targets[0].subscripts.empty() && program_.datums_[targets[0].datum].is_record) {
    // One column that is a record gives its fields.
    if (columns.size() == 1 && is_row(columns[0].type) && chunk != nullptr) {
      Value record = chunk->column(0).get(row);
      return assign_record(targets[0].datum, record.is_null ? std::vector<Field>() : fields_of_record(targets[0].datum, record), record.is_null);
    }
    return assign_record(targets[0].datum, fields_of(columns, chunk, row), chunk == nullptr);
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (chunk == nullptr || i >= columns.size()) {
      assign_target(targets[i], Value::null(), {oid::kUnknown});
    } else {
      assign_target(targets[i], chunk->column(i).get(row), columns[i].type);
    }
  }
}

void Executor::do_assign(const CompiledStatement& compiled) {
  Type type;
  Value value;
  try {
    value = runner_.evaluate(compiled.sql, program_.read_only_, scratch_, type);
  } catch (SqlError& error) {
    auto& fields = error.fields();
    if (fields.position > 0 && fields.internal_query.empty()) {
      fields.position += static_cast<int>(compiled.assignment.size() - compiled.sql->text().size());
      locate(fields, compiled.assignment, "PL/pgSQL assignment");
    } else if (fields.internal_query.empty() && fields.context.empty() && is_binding_error(fields.sqlstate)) {
      fields.context = "PL/pgSQL assignment \"" + compiled.assignment + "\"";
    }
    throw;
  }
  // A record from another variable keeps its fields' names.
  const auto& target = compiled.targets[0];
  if (target.field.empty() && target.subscripts.empty() && program_.datums_[target.datum].is_record && !value.is_null) {
    int source = -1;
    for (Scope* scope = compiled.scope; scope != nullptr && source < 0; scope = scope->parent) {
      auto found = scope->names.find(compiled.sql->text());
      if (found != scope->names.end()) source = found->second;
    }
    if (source >= 0 && program_.datums_[source].is_record) {
      std::vector<Field> copy = frame_.slots[source].fields;
      return assign_record(target.datum, std::move(copy), frame_.slots[source].is_null_record);
    }
  }
  assign_target(target, value, type);
}

// --- SQL ----------------------------------------------------------------------------------------------------

bool Executor::extra_check(const char* setting, std::string_view check) const { return lists_check(runner_.setting(setting), check); }

// strict_multi_assignment of plpgsql.extra_errors and extra_warnings.
void Executor::check_widths(const std::vector<CompiledTarget>& targets, size_t given) {
  bool error = extra_check("plpgsql.extra_errors", "strict_multi_assignment");
  if (!error && !extra_check("plpgsql.extra_warnings", "strict_multi_assignment")) return;
  size_t wanted = targets.size();
  if (wanted == 1 && targets[0].field.empty() && targets[0].subscripts.empty() && program_.datums_[targets[0].datum].is_record) {
    if (!program_.datums_[targets[0].datum].fixed_fields) return;
    wanted = program_.datums_[targets[0].datum].fields.size();
  }
  if (wanted == given) return;
  SqlError mismatch(Sqlstate::DatatypeMismatch, "number of source and target fields in assignment does not match");
  mismatch.detail(std::string("strict_multi_assignment check of ") + (error ? "extra_errors" : "extra_warnings") + " is active.");
  mismatch.hint("Make sure the query returns the exact list of columns.");
  if (error) throw mismatch;
  mismatch.fields().severity = "WARNING";
  runner_.notice(mismatch.fields());
}

void Executor::do_into(const CompiledStatement& compiled, Rows& rows, bool is_select, const std::string& parameters) {
  bool strict = compiled.source->strict;
  auto with_parameters = [&](SqlError error) {
    if (strict && program_.print_strict_params_ && !parameters.empty()) error.detail("parameters: " + parameters);
    return error;
  };
  const vector::Chunk* chunk = rows.next();
  while (chunk != nullptr && chunk->size() == 0) chunk = rows.next();
  check_widths(compiled.targets, rows.columns().size());
  if (chunk == nullptr) {
    if (strict) throw with_parameters(SqlError(Sqlstate::NoDataFound, "query returned no rows"));
    assign_row(compiled.targets, rows.columns(), nullptr, 0);
    frame_.row_count = 0;
    set_found(false);
    return;
  }
  bool must = strict || !is_select;
  bool dynamic = compiled.source->kind == K::Execute;
  bool error = must || (!dynamic && extra_check("plpgsql.extra_errors", "too_many_rows"));
  bool checked = error || (!dynamic && extra_check("plpgsql.extra_warnings", "too_many_rows"));
  bool more = chunk->size() > 1;
  assign_row(compiled.targets, rows.columns(), chunk, 0);
  if (!more && checked) {
    while (const auto* next = rows.next()) more = more || next->size() > 0;
  }
  if (more && checked) {
    SqlError several = with_parameters(SqlError(Sqlstate::TooManyRows, "query returned more than one row"));
    if (!dynamic) several.hint("Make sure the query returns a single row, or use LIMIT 1.");
    if (error) throw several;
    several.fields().severity = "WARNING";
    runner_.notice(several.fields());
  }
  frame_.row_count = 1;
  set_found(true);
}

void Executor::do_sql(const CompiledStatement& compiled) {
  auto rows = open(compiled.sql);
  bool is_query = compiled.sql->kind() != StatementKind::Utility;
  if (compiled.source->has_into) {
    if (!compiled.sql->returns_rows()) throw SqlError(Sqlstate::SyntaxError, "INTO used with a command that cannot return data");
    std::string parameters;
    if (compiled.source->strict && program_.print_strict_params_) parameters = static_cast<SqlNames*>(compiled.names)->parameters_text();
    return do_into(compiled, *rows, compiled.sql->kind() == StatementKind::Select, parameters);
  }
  if (compiled.sql->kind() == StatementKind::Select) {
    throw SqlError(Sqlstate::SyntaxError, "query has no destination for result data")
        .hint("If you want to discard the results of a SELECT, use PERFORM instead.");
  }
  if (is_query && compiled.sql->returns_rows()) {
    throw SqlError(Sqlstate::SyntaxError, "query has no destination for result data");
  }
  if (compiled.is_call) {
    assign_outputs(compiled, *rows);
  } else {
    while (rows->next() != nullptr) {}
  }
  frame_.row_count = rows->affected();
  if (is_query) set_found(rows->affected() > 0);
}

void Executor::assign_outputs(const CompiledStatement& compiled, Rows& rows) {
  const auto* chunk = rows.next();
  if (chunk == nullptr || rows.columns().empty()) return;
  const auto& outputs = compiled.sql->output_arguments();
  for (size_t i = 0; i < rows.columns().size() && i < outputs.size(); ++i) {
    bool variable = outputs[i] >= 0 && static_cast<size_t>(outputs[i]) < compiled.targets.size() && compiled.targets[outputs[i]].datum >= 0;
    if (!variable) {
      throw SqlError(Sqlstate::SyntaxError,
                     "procedure parameter \"" + rows.columns()[i].name + "\" is an output parameter but corresponding argument is not writable");
    }
    const auto& target = compiled.targets[outputs[i]];
    if (program_.datums_[target.datum].constant) {
      throw SqlError(Sqlstate::ErrorInAssignment, "variable \"" + program_.datums_[target.datum].name + "\" is declared CONSTANT");
    }
    assign_target(target, chunk->column(i).get(0), rows.columns()[i].type);
  }
}

void Executor::do_execute(const CompiledStatement& compiled) {
  StatementPtr keep;
  std::unique_ptr<UsingNames> names;
  auto rows = open_dynamic(compiled.sql, compiled.arguments, keep, names);
  if (rows == nullptr) return;
  if (compiled.source->has_into) {
    if (!keep->returns_rows()) throw SqlError(Sqlstate::SyntaxError, "INTO used with a command that cannot return data");
    // FOUND stays as it is: EXECUTE does not set it.
    Value found = frame_.slots[program_.found_].value.get();
    do_into(compiled, *rows, true, program_.print_strict_params_ ? names->parameters_text(runner_) : std::string());
    set_variable(program_.found_, found);
    return;
  }
  uint64_t given = 0;
  while (const auto* chunk = rows->next()) given += chunk->size();
  frame_.row_count = keep->kind() == StatementKind::Select ? given : rows->affected();
}

// --- Results ------------------------------------------------------------------------------------------------

void Executor::do_return(const CompiledStatement& compiled) {
  frame_.returned = true;
  if (program_.result_.oid == oid::kEventTrigger) return;
  if (program_.trigger_table_ != nullptr) {
    if (compiled.variable >= 0) {
      const Slot& slot = frame_.slots[compiled.variable];
      frame_.returned_row = !slot.is_null_record;
      frame_.result_row = slot.fields;
      return;
    }
    Type type;
    Value value = evaluate(compiled.sql, type);
    frame_.returned_row = !value.is_null;
    if (value.is_null) return;
    if (!is_row(type)) throw SqlError(Sqlstate::DatatypeMismatch, "cannot return non-composite value from function returning composite type");
    types::RecordView view(value.text());
    for (size_t i = 0; i < view.size(); ++i) {
      frame_.result_row.push_back({"f" + std::to_string(i + 1), {view.type(i)}, plan::OwnedValue(types::physical_type(view.type(i)), view.get(i))});
    }
    return;
  }
  if (program_.returns_set_ || (compiled.sql == nullptr && compiled.variable < 0)) return;
  if (program_.result_.oid != oid::kRecord) {
    if (compiled.variable >= 0) throw SqlError(Sqlstate::DatatypeMismatch, "cannot return a record as " + types::format_type(program_.result_));
    Type type;
    Value value = evaluate(compiled.sql, type);
    frame_.phase = "while casting return value to function's return type";
    frame_.line = 0;
    if (!value.is_null && type.oid == oid::kUnknown) {
      frame_.result = types::type_info(program_.result_.oid).input(runner_.types(), value.text(), program_.result_, frame_.result_bytes);
    } else {
      frame_.result = runner_.convert(value, type, program_.result_, true, frame_.result_bytes);
    }
    frame_.phase = nullptr;
    return;
  }
  // A record: its fields become the declared columns.
  std::vector<Field> fields;
  if (compiled.variable >= 0) {
    const Slot& slot = frame_.slots[compiled.variable];
    if (!slot.assigned || slot.is_null_record) {
      frame_.result = Value::null();
      return;
    }
    fields = slot.fields;
  } else {
    Type type;
    Value value = evaluate(compiled.sql, type);
    if (value.is_null) {
      frame_.result = Value::null();
      return;
    }
    if (!is_row(type)) throw SqlError(Sqlstate::DatatypeMismatch, "cannot return non-composite value from function returning composite type");
    types::RecordView view(value.text());
    for (size_t i = 0; i < view.size(); ++i) fields.push_back({"", {view.type(i)}, plan::OwnedValue(types::physical_type(view.type(i)), view.get(i))});
  }
  bool declared = !program_.routine_->function().out_types.empty();
  if (declared && fields.size() != program_.columns_.size()) {
    frame_.phase = "while casting return value to function's return type";
    frame_.line = 0;
    throw SqlError(Sqlstate::DatatypeMismatch, "returned record type does not match expected record type")
        .detail("Number of returned columns (" + std::to_string(fields.size()) + ") does not match expected column count (" +
                std::to_string(program_.columns_.size()) + ").");
  }
  types::RecordBuilder builder;
  for (size_t i = 0; i < fields.size(); ++i) {
    Type type = declared ? program_.columns_[i].type : fields[i].type;
    builder.add(type.oid, runner_.convert(fields[i].value.get(), fields[i].type, type, true, frame_.result_bytes));
  }
  frame_.result = Value::of_string(builder.finish(frame_.result_bytes));
}

void Executor::add_row(std::span<const Value> values, std::span<const Type> types) {
  bool declared = program_.result_.oid != oid::kRecord || !program_.routine_->function().out_types.empty();
  if (declared && values.size() != program_.columns_.size()) {
    throw SqlError(Sqlstate::DatatypeMismatch, "structure of query does not match function result type")
        .detail("Number of returned columns (" + std::to_string(values.size()) + ") does not match expected column count (" +
                std::to_string(program_.columns_.size()) + ").");
  }
  if (frame_.rows.empty() || frame_.rows.back()->size() == vector::chunk_rows()) {
    auto chunk = std::make_unique<vector::Chunk>();
    for (size_t i = 0; i < values.size(); ++i) chunk->add_column(declared ? program_.columns_[i].type.oid : types[i].oid);
    chunk->reset();
    frame_.rows.push_back(std::move(chunk));
  }
  vector::Chunk& chunk = *frame_.rows.back();
  size_t row = chunk.size();
  if (chunk.column_count() != values.size()) throw SqlError(Sqlstate::DatatypeMismatch, "wrong record type supplied in RETURN NEXT");
  for (size_t i = 0; i < values.size(); ++i) {
    Type type = declared ? program_.columns_[i].type : types[i];
    Arena arena;
    Value value = values[i];
    if (!value.is_null && types[i].oid == oid::kUnknown) value = types::type_info(type.oid).input(runner_.types(), value.text(), type, arena);
    else if (!value.is_null) value = runner_.convert(value, types[i], type, true, arena);
    chunk.column(i).set(row, value);
  }
  chunk.set_size(row + 1);
}

void Executor::do_return_next(const CompiledStatement& compiled) {
  std::vector<Value> values;
  std::vector<Type> types;
  if (compiled.sql == nullptr && compiled.variable < 0) {
    if (program_.output_datums_.empty()) throw SqlError(Sqlstate::SyntaxError, "RETURN NEXT must have a parameter");
    for (int index : program_.output_datums_) {
      values.push_back(frame_.slots[index].value.get());
      types.push_back(program_.datums_[index].type);
    }
    return add_row(values, types);
  }
  if (compiled.variable >= 0) {
    const Slot& slot = frame_.slots[compiled.variable];
    if (!slot.assigned) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "record \"" + program_.datums_[compiled.variable].name + "\" is not assigned yet")
          .detail("The tuple structure of a not-yet-assigned record is indeterminate.");
    }
    for (const auto& field : slot.fields) {
      values.push_back(field.value.get());
      types.push_back(field.type);
    }
    if (program_.result_.oid != oid::kRecord) throw SqlError(Sqlstate::DatatypeMismatch, "wrong result type supplied in RETURN NEXT");
    return add_row(values, types);
  }
  Type type;
  Value value = evaluate(compiled.sql, type);
  if (program_.result_.oid == oid::kRecord) {
    if (!value.is_null && !is_row(type)) throw SqlError(Sqlstate::DatatypeMismatch, "cannot return non-composite value from function returning composite type");
    if (value.is_null) {
      values.assign(program_.columns_.size(), Value::null());
      for (const auto& column : program_.columns_) types.push_back(column.type);
      return add_row(values, types);
    }
    types::RecordView view(value.text());
    for (size_t i = 0; i < view.size(); ++i) {
      values.push_back(view.get(i));
      types.push_back({view.type(i)});
    }
    return add_row(values, types);
  }
  values.push_back(value);
  types.push_back(type);
  add_row(values, types);
}

void Executor::do_return_query(const CompiledStatement& compiled) {
  StatementPtr keep = compiled.sql;
  std::unique_ptr<UsingNames> names;
  auto rows = compiled.source->dynamic ? open_dynamic(compiled.sql, compiled.arguments, keep, names) : open(compiled.sql);
  uint64_t count = 0;
  if (rows != nullptr) {
    std::vector<Type> types;
    for (const auto& column : rows->columns()) types.push_back(column.type);
    bool record = program_.result_.oid == oid::kRecord && types.size() == 1 && is_row(types[0]);
    bool declared = program_.result_.oid != oid::kRecord || !program_.routine_->function().out_types.empty();
    if (declared && !record) {
      for (size_t i = 0; i < types.size() && i < program_.columns_.size(); ++i) {
        if (types[i].oid == program_.columns_[i].type.oid || types[i].oid == oid::kUnknown) continue;
        throw SqlError(Sqlstate::DatatypeMismatch, "structure of query does not match function result type")
            .detail("Returned type " + types::format_type(types[i]) + " does not match expected type " + types::format_type(program_.columns_[i].type) +
                    " in column " + std::to_string(i + 1) + ".");
      }
      if (types.size() != program_.columns_.size()) {
        throw SqlError(Sqlstate::DatatypeMismatch, "structure of query does not match function result type")
            .detail("Number of returned columns (" + std::to_string(types.size()) + ") does not match expected column count (" +
                    std::to_string(program_.columns_.size()) + ").");
      }
    }
    std::vector<Value> values(types.size());
    while (const auto* chunk = rows->next()) {
      for (size_t row = 0; row < chunk->size(); ++row) {
        if (record) {
          Value whole = chunk->column(0).get(row);
          std::vector<Value> fields;
          std::vector<Type> field_types;
          if (!whole.is_null) {
            types::RecordView view(whole.text());
            for (size_t i = 0; i < view.size(); ++i) {
              fields.push_back(view.get(i));
              field_types.push_back({view.type(i)});
            }
          }
          add_row(fields, field_types);
        } else {
          for (size_t c = 0; c < types.size(); ++c) values[c] = chunk->column(c).get(row);
          add_row(values, types);
        }
        ++count;
      }
    }
  }
  frame_.row_count = count;
  set_found(count > 0);
}

// --- RAISE, ASSERT, diagnostics -----------------------------------------------------------------------------

void Executor::do_raise(const CompiledStatement& compiled) {
  const pl::Statement& source = *compiled.source;
  if (source.name.empty()) {
    if (frame_.error == nullptr) throw SqlError(Sqlstate::StackedDiagnosticsAccessedWithoutActiveHandler, "RAISE without parameters cannot be used outside an exception handler");
    SqlError again(frame_.error->sqlstate, frame_.error->message);
    again.fields() = *frame_.error;
    throw again;
  }
  ErrorFields fields;
  fields.severity = source.name == "exception" ? "ERROR" : severity_of(source.name);
  fields.sqlstate = source.name == "exception" ? Sqlstate::RaiseException : source.name == "warning" ? Sqlstate::Warning : Sqlstate::SuccessfulCompletion;
  auto set_code = [&](const std::string& name) {
    std::string code = name.starts_with("SQLSTATE ") ? name.substr(9) : std::string(sqlstate_code(condition_state(name)));
    fields.user_code = code;
    if (!name.starts_with("SQLSTATE ")) fields.sqlstate = condition_state(name);
  };
  bool has_code = false;
  if (!source.condition.empty()) {
    set_code(source.condition);
    fields.message = source.condition.starts_with("SQLSTATE ") ? source.condition.substr(9) : source.condition;
    has_code = true;
  }
  if (source.has_format) {
    size_t next = 0;
    for (size_t i = 0; i < source.text.size(); ++i) {
      if (source.text[i] != '%') {
        fields.message += source.text[i];
        continue;
      }
      if (i + 1 < source.text.size() && source.text[i + 1] == '%') {
        fields.message += '%';
        ++i;
        continue;
      }
      bool is_null = false;
      std::string text = evaluate_text(compiled.arguments[next++], is_null);
      fields.message += is_null ? "<NULL>" : text;
    }
  }
  bool has_message = source.has_format;
  for (size_t i = 0; i < source.options.size(); ++i) {
    const std::string& name = source.options[i].first;
    bool is_null = false;
    std::string value = evaluate_text(compiled.options[i], is_null);
    if (is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "RAISE statement option cannot be null");
    if (name == "message") {
      if (has_message) throw SqlError(Sqlstate::SyntaxError, "RAISE option already specified: MESSAGE");
      fields.message = value;
      has_message = true;
    } else if (name == "detail") {
      fields.detail = value;
    } else if (name == "hint") {
      fields.hint = value;
    } else if (name == "errcode") {
      if (has_code) throw SqlError(Sqlstate::SyntaxError, "RAISE option already specified: ERRCODE");
      bool is_code = value.size() == 5 && std::all_of(value.begin(), value.end(), [](char c) { return isdigit(static_cast<unsigned char>(c)) || (c >= 'A' && c <= 'Z'); });
      if (is_code) set_code("SQLSTATE " + value);
      else if (is_condition(value)) set_code(value);
      else throw SqlError(Sqlstate::UndefinedObject, "unrecognized exception condition \"" + value + "\"");
      has_code = true;
      if (!has_message) fields.message = value;
    } else if (name == "column") {
      fields.column = value;
    } else if (name == "constraint") {
      fields.constraint = value;
    } else if (name == "datatype") {
      fields.datatype = value;
    } else if (name == "table") {
      fields.table = value;
    } else if (name == "schema") {
      fields.schema = value;
    } else {
      throw SqlError(Sqlstate::SyntaxError, "unrecognized RAISE statement option");
    }
  }
  if (fields.message.empty() && !has_message) fields.message = error_code(fields);
  if (source.name != "exception") return runner_.notice(std::move(fields));
  SqlError error(fields.sqlstate, fields.message);
  error.fields() = std::move(fields);
  throw error;
}

void Executor::do_assert(const CompiledStatement& compiled) {
  if (runner_.setting("plpgsql.check_asserts") == "off") return;
  if (condition(compiled.sql)) return;
  std::string message = "assertion failed";
  if (!compiled.arguments.empty()) {
    bool is_null = false;
    std::string text = evaluate_text(compiled.arguments[0], is_null);
    if (!is_null) message = text;
  }
  throw SqlError(Sqlstate::AssertFailure, message);
}

void Executor::do_diagnostics(const CompiledStatement& compiled) {
  const pl::Statement& source = *compiled.source;
  if (source.stacked && frame_.error == nullptr) {
    throw SqlError(Sqlstate::StackedDiagnosticsAccessedWithoutActiveHandler, "GET STACKED DIAGNOSTICS cannot be used outside an exception handler");
  }
  for (size_t i = 0; i < source.names.size(); ++i) {
    const std::string& item = source.names[i];
    std::string text;
    if (item == "row_count" && !source.stacked) {
      assign_target(compiled.targets[i], Value::of_i64(static_cast<int64_t>(frame_.row_count)), {oid::kInt8});
      continue;
    }
    if (item == "pg_context" && !source.stacked) {
      ErrorFields here;
      program_.add_call_context(here, frame_);
      Program::add_callers(here);
      text = here.context;
    } else if (source.stacked) {
      const ErrorFields& error = *frame_.error;
      if (item == "returned_sqlstate") text = error_code(error);
      else if (item == "message_text") text = error.message;
      else if (item == "pg_exception_detail") text = error.detail;
      else if (item == "pg_exception_hint") text = error.hint;
      else if (item == "pg_exception_context") text = error.context;
      else if (item == "column_name") text = error.column;
      else if (item == "constraint_name") text = error.constraint;
      else if (item == "pg_datatype_name") text = error.datatype;
      else if (item == "table_name") text = error.table;
      else if (item == "schema_name") text = error.schema;
      else throw SqlError(Sqlstate::SyntaxError, "diagnostics item " + item + " is not allowed in GET STACKED DIAGNOSTICS");
    } else {
      throw SqlError(Sqlstate::SyntaxError, "diagnostics item " + item + " is not allowed in GET CURRENT DIAGNOSTICS");
    }
    assign_target(compiled.targets[i], Value::of_string(text), {oid::kText});
  }
}

// --- Cursors ------------------------------------------------------------------------------------------------

void Executor::open_bound(int variable, const std::vector<StatementPtr>& arguments, const std::string& name) {
  const Datum& datum = program_.datums_[variable];
  for (size_t i = 0; i < arguments.size(); ++i) {
    Type type;
    Value value = evaluate(arguments[i], type);
    assign(datum.cursor_arguments[i], value, type);
  }
  std::string opened;
  try {
    opened = runner_.open_cursor(name, datum.cursor_query, datum.cursor->scroll, datum.cursor->no_scroll, program_.read_only_);
  } catch (SqlError& error) {
    if (error.fields().sqlstate != Sqlstate::DuplicateCursor) locate(error.fields(), datum.cursor_query->text(), "SQL statement");
    throw;
  }
  set_variable(variable, Value::of_string(opened));
}

void Executor::do_open(const CompiledStatement& compiled) {
  const pl::Statement& source = *compiled.source;
  const Slot& slot = frame_.slots[compiled.variable];
  std::string name = slot.value.get().is_null ? std::string() : std::string(slot.value.get().text());
  const Datum& datum = program_.datums_[compiled.variable];
  if (name.empty() && datum.constant) throw SqlError(Sqlstate::ErrorInAssignment, "variable \"" + datum.name + "\" is declared CONSTANT");
  if (compiled.sql == nullptr) {
    if (datum.cursor == nullptr) throw SqlError(Sqlstate::SyntaxError, "syntax error: OPEN of an unbound cursor needs a query");
    return open_bound(compiled.variable, compiled.arguments, name);
  }
  if (datum.cursor != nullptr) throw SqlError(Sqlstate::SyntaxError, "cursor \"" + datum.name + "\" is bound to a query");
  std::string opened;
  if (!source.dynamic) {
    opened = runner_.open_cursor(name, compiled.sql, source.scroll, source.no_scroll, program_.read_only_);
  } else {
    bool is_null = false;
    std::string text = evaluate_text(compiled.sql, is_null);
    if (is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "query string argument of EXECUTE is null");
    UsingNames names;
    for (const auto& argument : compiled.arguments) {
      Type type;
      Value value = evaluate(argument, type);
      names.add(type.oid == oid::kUnknown ? Type{oid::kText} : type, value);
    }
    auto statements = runner_.parse(text, &names);
    if (statements.size() != 1 || statements[0]->kind() == StatementKind::Utility) {
      throw SqlError(Sqlstate::InvalidCursorDefinition, "cannot open multi-query plan as cursor");
    }
    opened = runner_.open_cursor(name, statements[0], source.scroll, source.no_scroll, program_.read_only_);
  }
  set_variable(compiled.variable, Value::of_string(opened));
}

void Executor::do_fetch(const CompiledStatement& compiled) {
  const pl::Statement& source = *compiled.source;
  Value cursor = frame_.slots[compiled.variable].value.get();
  if (cursor.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "cursor variable \"" + source.name + "\" is null");
  std::string name(cursor.text());
  std::string direction = source.text.empty() ? "NEXT" : source.text;
  // ABSOLUTE, RELATIVE, FORWARD and BACKWARD take an expression here.
  std::string lower = direction;
  std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
  for (const char* word : {"absolute ", "relative ", "forward ", "backward "}) {
    if (!lower.starts_with(word)) continue;
    std::string count = direction.substr(std::string_view(word).size());
    std::string folded = count;
    std::transform(folded.begin(), folded.end(), folded.begin(), ::tolower);
    if (folded == "all") break;
    program_.names_.push_back(std::make_unique<SqlNames>(program_, compiled.scope));
    auto expression = runner_.parse_expression(count, program_.names_.back().get());
    Type type;
    Value value = evaluate(expression, type);
    if (value.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "relative or absolute cursor position is null");
    direction = std::string(word) + std::to_string(runner_.convert(value, type, {oid::kInt4}, true, scratch_).i32);
    break;
  }
  std::vector<Column> columns;
  bool any = false;
  uint64_t count = runner_.fetch_cursor(name, direction, source.kind == K::Move, columns, [&](const vector::Chunk& chunk, size_t row) {
    any = true;
    assign_row(compiled.targets, columns, &chunk, row);
  });
  if (source.kind == K::Fetch && !any) assign_row(compiled.targets, columns, nullptr, 0);
  frame_.row_count = count;
  set_found(count > 0);
}

void Executor::do_close(const CompiledStatement& compiled) {
  Value cursor = frame_.slots[compiled.variable].value.get();
  if (cursor.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "cursor variable \"" + compiled.source->name + "\" is null");
  runner_.close_cursor(std::string(cursor.text()));
}

}  // namespace aegis::routines::plpgsql
