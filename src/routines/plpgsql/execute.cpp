// Running PL/pgSQL: blocks, exceptions, loops and branches. statements.cpp has the other statements.
#include <algorithm>

#include "aegis/functions/output.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "plpgsql/executor.h"

namespace aegis::routines::plpgsql {

namespace oid = types::oid;
using K = pl::StatementKind;

namespace {

const char* statement_name(const pl::Statement& statement) {
  switch (statement.kind) {
    case K::Block: return "statement block";
    case K::Assign: return "assignment";
    case K::If: return "IF";
    case K::Case: return "CASE";
    case K::Loop: return "LOOP";
    case K::While: return "WHILE";
    case K::ForInteger: return "FOR with integer loop variable";
    case K::ForQuery: return "FOR over SELECT rows";
    case K::ForExecute: return "FOR over EXECUTE statement";
    case K::ForCursor: return "FOR over cursor";
    case K::Foreach: return "FOREACH over array";
    case K::Exit: return "EXIT";
    case K::Continue: return "CONTINUE";
    case K::Return: return "RETURN";
    case K::ReturnNext: return "RETURN NEXT";
    case K::ReturnQuery: return "RETURN QUERY";
    case K::Raise: return "RAISE";
    case K::Assert: return "ASSERT";
    case K::Perform: return "PERFORM";
    case K::Execute: return "EXECUTE";
    case K::Sql: return "SQL statement";
    case K::GetDiagnostics: return statement.stacked ? "GET STACKED DIAGNOSTICS" : "GET DIAGNOSTICS";
    case K::Open: return "OPEN";
    case K::Fetch: return "FETCH";
    case K::Move: return "MOVE";
    case K::Close: return "CLOSE";
    case K::Commit: return "COMMIT";
    case K::Rollback: return "ROLLBACK";
    case K::Null: return "NULL";
  }
  return "";
}

constexpr std::pair<Sqlstate, std::string_view> kConditions[] = {
#define AEGIS_SQLSTATE(name, code, condition) {Sqlstate::name, condition},
#include "aegis/base/sqlstate.def"
#undef AEGIS_SQLSTATE
};

}  // namespace

bool is_condition(const std::string& name) {
  return std::any_of(std::begin(kConditions), std::end(kConditions), [&](const auto& c) { return c.second == name; });
}

Sqlstate condition_state(const std::string& name) {
  for (const auto& [state, condition] : kConditions) {
    if (condition == name) return state;
  }
  return Sqlstate::RaiseException;
}

bool matches_condition(const ErrorFields& error, const std::string& name) {
  if (name == "others") return error.sqlstate != Sqlstate::QueryCanceled && error.sqlstate != Sqlstate::AssertFailure;
  std::string_view code = error_code(error);
  auto matches = [&](std::string_view wanted) { return wanted == code || (wanted.ends_with("000") && wanted.substr(0, 2) == code.substr(0, 2)); };
  if (name.starts_with("SQLSTATE ")) return matches(std::string_view(name).substr(9));
  return std::any_of(std::begin(kConditions), std::end(kConditions), [&](const auto& c) { return c.second == name && matches(sqlstate_code(c.first)); });
}

// --- Blocks -------------------------------------------------------------------------------------------------

void Executor::initialize(const CompiledBlock& block) {
  frame_.line = block.source->line;
  for (int index : block.variables) {
    const Datum& datum = program_.datums_[index];
    Slot& slot = frame_.slots[index];
    slot = Slot();
    if (datum.is_record) {
      slot.assigned = datum.fixed_fields;
      slot.is_null_record = true;
      for (const auto& field : datum.fields) slot.fields.push_back({field.name, field.type, plan::OwnedValue()});
    }
    bool domain = types::type_info(datum.type.oid).kind == 'd';
    if (datum.cursor != nullptr) set_variable(index, Value::of_string(datum.name));  // a bound cursor's portal has its name
    if (datum.initial == nullptr && !domain) continue;
    frame_.phase = "during statement block local variable initialization";
    if (datum.line > 0) frame_.line = datum.line;
    if (datum.initial == nullptr) {
      // Null may not be one of a domain's values.
      set_variable(index, runner_.convert(Value::null(), {types::base_type(datum.type.oid)}, datum.type, true, scratch_));
      scratch_.reset();
      frame_.phase = nullptr;
      continue;
    }
    Type type;
    Value value = evaluate(datum.initial, type);
    if (datum.is_record) {
      assign_record(index, value.is_null ? std::vector<Field>() : fields_of_record(index, value), value.is_null);
    } else {
      assign(index, value, type);
    }
    scratch_.reset();
    frame_.phase = nullptr;
  }
  frame_.phase = nullptr;
}

Flow Executor::block(const CompiledBlock& block) {
  Flow flow;
  if (block.handlers.empty()) {
    initialize(block);
    flow = body(block.body);
  } else {
    flow = handled_block(block);
  }
  if (flow == Flow::Exit && !exit_label_.empty() && exit_label_ == block.source->label) {
    exit_label_.clear();
    return Flow::Next;
  }
  return flow;
}

Flow Executor::handled_block(const CompiledBlock& block) {
  initialize(block);
  size_t subtransaction = runner_.begin_subtransaction();
  ErrorFields fields;
  const CompiledHandler* chosen = nullptr;
  try {
    Flow flow = body(block.body);
    runner_.release_subtransaction(subtransaction);
    return flow;
  } catch (const std::exception& error) {
    fields = error_fields_of(error);
    if (fields.severity == "FATAL") throw;
    runner_.rollback_subtransaction(subtransaction);
    for (const auto& handler : block.handlers) {
      for (const auto& condition : handler.source->conditions) {
        if (matches_condition(fields, condition)) chosen = &handler;
        if (chosen != nullptr) break;
      }
      if (chosen != nullptr) break;
    }
    if (chosen == nullptr) throw;
  }
  program_.add_call_context(fields, frame_);
  frame_.phase = nullptr;
  const ErrorFields* before = frame_.error;
  frame_.error = &fields;
  set_variable(block.sqlstate, Value::of_string(error_code(fields)));
  set_variable(block.sqlerrm, Value::of_string(fields.message));
  struct Restore {
    Frame& frame;
    const ErrorFields* before;
    ~Restore() { frame.error = before; }
  } restore{frame_, before};
  return body(chosen->body);
}

Flow Executor::body(const CompiledBody& body) {
  for (const auto& item : body) {
    Flow flow = statement(item);
    if (flow != Flow::Next) return flow;
  }
  return Flow::Next;
}

Flow Executor::statement(const CompiledStatement& compiled) {
  const pl::Statement& source = *compiled.source;
  frame_.line = source.line;
  frame_.at = compiled.is_call ? "CALL" : statement_name(source);
  runner_.check_interrupts();
  switch (source.kind) {
    case K::Block: return block(*compiled.block);
    case K::Assign: do_assign(compiled); break;
    case K::If:
      for (const auto& branch : compiled.branches) {
        if (condition(branch.conditions[0])) return body(branch.body);
      }
      return body(compiled.body);
    case K::Case: return do_case(compiled);
    case K::Loop:
    case K::While: {
      bool leave = false;
      while (source.kind == K::Loop || condition(compiled.sql)) {
        Flow flow = loop_body(compiled, leave);
        if (leave) return flow;
        frame_.line = source.line;
        frame_.at = statement_name(source);
        runner_.check_interrupts();
      }
      return Flow::Next;
    }
    case K::ForInteger: return for_integer(compiled);
    case K::ForQuery: {
      if (compiled.variable >= 0) {
        frame_.at = "FOR over cursor";
        return for_cursor(compiled);
      }
      auto rows = open(compiled.sql);
      return for_rows(compiled, *rows);
    }
    case K::ForExecute: {
      StatementPtr keep;
      std::unique_ptr<UsingNames> names;
      auto rows = open_dynamic(compiled.sql, compiled.arguments, keep, names);
      if (rows == nullptr) return Flow::Next;
      return for_rows(compiled, *rows);
    }
    case K::Foreach: return foreach (compiled);
    case K::Exit:
    case K::Continue:
      if (compiled.sql != nullptr && !condition(compiled.sql)) return Flow::Next;
      exit_label_ = source.label;
      return source.kind == K::Exit ? Flow::Exit : Flow::Continue;
    case K::Return: do_return(compiled); return Flow::Return;
    case K::ReturnNext: do_return_next(compiled); break;
    case K::ReturnQuery: do_return_query(compiled); break;
    case K::Raise: do_raise(compiled); break;
    case K::Assert: do_assert(compiled); break;
    case K::Perform: {
      auto rows = open(compiled.sql);
      uint64_t count = 0;
      while (const auto* chunk = rows->next()) count += chunk->size();
      frame_.row_count = count;
      set_found(count > 0);
      break;
    }
    case K::Execute: do_execute(compiled); break;
    case K::Sql: do_sql(compiled); break;
    case K::GetDiagnostics: do_diagnostics(compiled); break;
    case K::Open: do_open(compiled); break;
    case K::Fetch:
    case K::Move: do_fetch(compiled); break;
    case K::Close: do_close(compiled); break;
    case K::Commit:
    case K::Rollback: runner_.end_transaction(source.kind == K::Commit, source.chain); break;
    case K::ForCursor:
    case K::Null: break;
  }
  scratch_.reset();
  return Flow::Next;
}

Flow Executor::do_case(const CompiledStatement& compiled) {
  if (compiled.sql != nullptr) {
    Type type;
    Value value = evaluate(compiled.sql, type);
    if (type.oid == oid::kUnknown) type = {oid::kText};
    program_.datums_[compiled.case_value].type = type;
    set_variable(compiled.case_value, value);
  }
  for (const auto& branch : compiled.branches) {
    if (condition(branch.conditions[0])) return body(branch.body);
  }
  if (!compiled.source->has_else) {
    throw SqlError(Sqlstate::CaseNotFound, "case not found").hint("CASE statement is missing ELSE part.");
  }
  return body(compiled.body);
}

// --- Loops --------------------------------------------------------------------------------------------------

// One round; `leave` when the loop is over, with what that means for the statements around it.
Flow Executor::loop_body(const CompiledStatement& compiled, bool& leave) {
  Flow flow = body(compiled.body);
  leave = true;
  if (flow == Flow::Return) return flow;
  bool mine = exit_label_.empty() || exit_label_ == compiled.source->label;
  if (flow == Flow::Exit) {
    if (!mine) return flow;
    exit_label_.clear();
    return Flow::Next;
  }
  if (flow == Flow::Continue) {
    if (!mine) return flow;
    exit_label_.clear();
  }
  leave = false;
  return Flow::Next;
}

int64_t Executor::integer(const StatementPtr& expression, const char* what) {
  Type type;
  Value value = evaluate(expression, type);
  if (value.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, std::string(what) + " of FOR loop cannot be null");
  return runner_.convert(value, type, {oid::kInt4}, true, scratch_).i32;
}

Flow Executor::for_integer(const CompiledStatement& compiled) {
  int64_t value = integer(compiled.sql, "lower bound");
  int64_t end = integer(compiled.upper, "upper bound");
  int64_t step = 1;
  if (compiled.step != nullptr) {
    step = integer(compiled.step, "BY value");
    if (step <= 0) throw SqlError(Sqlstate::InvalidParameterValue, "BY value of FOR loop must be greater than zero");
  }
  bool reverse = compiled.source->reverse;
  bool found = false;
  Flow flow = Flow::Next;
  while (reverse ? value >= end : value <= end) {
    found = true;
    set_variable(compiled.variable, Value::of_i32(static_cast<int32_t>(value)));
    bool leave = false;
    flow = loop_body(compiled, leave);
    if (leave) break;
    value += reverse ? -step : step;
    if (value > INT32_MAX || value < INT32_MIN) break;
    runner_.check_interrupts();
  }
  set_found(found);
  return flow;
}

Flow Executor::for_rows(const CompiledStatement& compiled, Rows& rows) {
  bool found = false;
  Flow flow = Flow::Next;
  // In a procedure the loop's body may end the transaction, and the query with it.
  std::vector<std::unique_ptr<vector::Chunk>> kept;
  bool keep = program_.is_procedure_ || program_.is_block_;
  auto copy = [&](const vector::Chunk& chunk) {
    auto own = std::make_unique<vector::Chunk>();
    for (size_t c = 0; c < rows.columns().size(); ++c) own->add_column(chunk.column(c).type(), chunk.column(c).physical());
    own->reset();
    for (size_t c = 0; c < rows.columns().size(); ++c) own->column(c).copy(chunk.column(c), nullptr, chunk.size(), 0);
    own->set_size(chunk.size());
    return own;
  };
  if (keep) {
    while (const auto* chunk = rows.next()) kept.push_back(copy(*chunk));
  }
  size_t at = 0;
  while (true) {
    std::unique_ptr<vector::Chunk> own;
    const vector::Chunk* chunk = nullptr;
    if (keep) {
      if (at == kept.size()) break;
      chunk = kept[at++].get();
    } else {
      chunk = rows.next();
      if (chunk == nullptr) break;
    }
    bool leave = false;
    for (size_t row = 0; row < chunk->size() && !leave; ++row) {
      found = true;
      assign_row(compiled.targets, rows.columns(), chunk, row);
      flow = loop_body(compiled, leave);
      runner_.check_interrupts();
    }
    if (leave) break;
  }
  if (!found) assign_row(compiled.targets, rows.columns(), nullptr, 0);
  set_found(found);
  return flow;
}

Flow Executor::for_cursor(const CompiledStatement& compiled) {
  Value given = frame_.slots[compiled.variable].value.get();
  bool named = !given.is_null;
  open_bound(compiled.variable, compiled.arguments, named ? std::string(given.text()) : std::string());
  std::string name(frame_.slots[compiled.variable].value.get().text());
  bool found = false;
  Flow flow = Flow::Next;
  while (true) {
    std::vector<Column> columns;
    uint64_t count = runner_.fetch_cursor(name, "NEXT", false, columns, [&](const vector::Chunk& chunk, size_t row) { assign_row(compiled.targets, columns, &chunk, row); });
    if (count == 0) break;
    found = true;
    bool leave = false;
    flow = loop_body(compiled, leave);
    if (leave) break;
  }
  runner_.close_cursor(name);
  if (!named) frame_.slots[compiled.variable].value = plan::OwnedValue(types::PhysicalType::String, Value::null());
  set_found(found);
  return flow;
}

Flow Executor::foreach (const CompiledStatement& compiled) {
  Type type;
  Arena arena;
  Value array = types::copy_value(types::PhysicalType::String, evaluate(compiled.sql, type), arena);
  if (array.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "FOREACH expression must not be null");
  const auto* info = types::find_type(type.oid);
  if (info == nullptr || !types::is_array(type.oid)) {
    throw SqlError(Sqlstate::DatatypeMismatch, "FOREACH expression must yield an array, not type " + types::format_type(type));
  }
  types::ArrayView view(array.text());
  int slice = compiled.source->slice;
  if (slice < 0 || slice > view.dimensions()) {
    throw SqlError(Sqlstate::ArraySubscriptError, "slice dimension (" + std::to_string(slice) + ") is out of the valid range 0.." + std::to_string(view.dimensions()));
  }
  const auto& target = compiled.targets[0];
  bool target_is_array = target.field.empty() && types::is_array(program_.datums_[target.datum].type.oid);
  if (slice > 0 && !target_is_array) throw SqlError(Sqlstate::DatatypeMismatch, "FOREACH ... SLICE loop variable must be of an array type");
  if (slice == 0 && target_is_array) throw SqlError(Sqlstate::DatatypeMismatch, "FOREACH loop variable must not be of an array type");
  size_t step = 1;
  std::vector<int32_t> lengths, lowers;
  for (int d = view.dimensions() - slice; d < view.dimensions(); ++d) {
    step *= static_cast<size_t>(view.length(d));
    lengths.push_back(view.length(d));
    lowers.push_back(view.lower(d));
  }
  bool found = false;
  Flow flow = Flow::Next;
  for (size_t i = 0; i < view.size() && step > 0; i += step) {
    found = true;
    if (slice == 0) {
      Value element = view.get(i);
      if (compiled.targets.size() == 1 && program_.datums_[target.datum].is_record && target.field.empty()) {
        assign_record(target.datum, element.is_null ? std::vector<Field>() : fields_of_record(target.datum, element), element.is_null);
      } else {
        assign_target(target, element, {info->element});
      }
    } else {
      types::ArrayBuilder builder(info->element);
      for (size_t j = i; j < i + step; ++j) builder.add(view.get(j));
      builder.set_dimensions(lengths, lowers);
      assign_target(target, builder.value(scratch_), type);
    }
    bool leave = false;
    flow = loop_body(compiled, leave);
    if (leave) break;
    runner_.check_interrupts();
  }
  set_found(found);
  return flow;
}

// --- Program ------------------------------------------------------------------------------------------------

Program::Program(Runner& runner, catalog::RoutinePtr routine, std::span<const Type> arguments, Type result, catalog::RelationPtr trigger_table, Oid collation,
                 bool validating)
    : runner_(runner), routine_(std::move(routine)), text_(routine_->body), name_(routine_->name), result_(result),
      returns_set_(routine_->returns_set), is_procedure_(routine_->routine_kind == 'p'), read_only_(routine_->volatility != 'v'), validating_(validating),
      trigger_table_(std::move(trigger_table)), collation_(collation) {
  // Rows are handled as records; what asks for them by their type's name is an aggregate.
  bool has_outputs = std::any_of(routine_->arguments.begin(), routine_->arguments.end(), [](const auto& a) { return !a.is_input() || a.mode == 'b'; });
  if (!has_outputs && types::type_info(result_.oid).kind == 'c') result_ = {oid::kRecord};
  signature_ = functions::quote_identifier(name_) + "(";
  bool first = true;
  for (const auto& type : arguments) {
    signature_ += (first ? "" : ",") + types::format_type({type.oid}, runner.types().names);
    first = false;
  }
  signature_ += ")";
  const auto& function = routine_->function();
  std::vector<Oid> types;
  for (const auto& type : arguments) types.push_back(type.oid);
  if (function.out_types.empty()) {
    columns_.push_back({name_, result});
  } else {
    for (size_t i = 0; i < function.out_types.size(); ++i) columns_.push_back({std::string(function.out_names[i]), {functions::output_type(function, i, types)}});
  }
  Compiler(*this).compile(arguments);
}

Program::Program(Runner& runner, std::string_view code) : runner_(runner), text_(code), name_("inline_code_block"), signature_("inline_code_block") {
  result_ = {oid::kVoid};
  is_block_ = true;
  Compiler(*this).compile({});
}

Program::~Program() = default;

void Program::add_call_context(ErrorFields& fields, const Frame& frame) const {
  std::string line = "PL/pgSQL function " + signature_;
  if (frame.phase != nullptr) {
    if (frame.line > 0) line += " line " + std::to_string(frame.line);
    line += std::string(" ") + frame.phase;
  } else if (frame.at != nullptr) {
    line += " line " + std::to_string(frame.line) + " at " + frame.at;
  }
  if (!fields.context.empty()) fields.context += "\n";
  fields.context += line;
}

namespace {

struct Call {
  const Program* program;
  const Frame* frame;
};
// What this thread runs, outermost first.
thread_local std::vector<Call> running;  // NOLINT

}  // namespace

void Program::add_callers(ErrorFields& fields) {
  for (size_t i = running.size(); i-- > 1;) running[i - 1].program->add_call_context(fields, *running[i - 1].frame);
}

void Program::run(Frame& frame, std::span<const Value> arguments) {
  frame.slots.resize(datums_.size());
  struct Enter {
    Enter(Program& program, Frame& frame) : program_(program), before_(program.frame_), keep_(program.shared_from_this()) {
      program.frame_ = &frame;
      running.push_back({&program, &frame});
    }
    ~Enter() {
      running.pop_back();
      program_.frame_ = before_;
    }
    Program& program_;
    Frame* before_;
    std::shared_ptr<Program> keep_;
  } enter(*this, frame);
  Executor executor(*this, frame);
  try {
    executor.set_variable(found_, Value::of_bool(false));
    for (size_t i = 0; i < argument_datums_.size() && i < arguments.size(); ++i) {
      int index = argument_datums_[i];
      if (datums_[index].is_record) {
        frame.phase = "while storing call arguments into local variables";
        if (!arguments[i].is_null) {
          types::RecordView view(arguments[i].text());
          std::vector<Field> fields;
          for (size_t f = 0; f < view.size(); ++f) {
            fields.push_back({"f" + std::to_string(f + 1), {view.type(f)}, plan::OwnedValue(types::physical_type(view.type(f)), view.get(f))});
          }
          executor.assign_record(index, std::move(fields), false);
        } else if (datums_[index].fixed_fields) {
          executor.assign_record(index, {}, true);
        }
        frame.phase = nullptr;
      } else {
        executor.set_variable(index, arguments[i]);
      }
    }
    if (frame.event != nullptr) {
      executor.set_variable(trigger_variables_.at("tg_event"), Value::of_string(frame.event->event));
      executor.set_variable(trigger_variables_.at("tg_tag"), Value::of_string(frame.event->tag));
    }
    if (frame.trigger != nullptr) {
      const TriggerCall& call = *frame.trigger;
      auto set = [&](const char* name, const Value& value) { executor.set_variable(trigger_variables_.at(name), value); };
      auto schema = runner_.catalog()->schema(call.table->schema);
      set("tg_name", Value::of_string(call.trigger->name));
      set("tg_when", Value::of_string(call.when));
      set("tg_level", Value::of_string(call.level));
      set("tg_op", Value::of_string(call.operation));
      set("tg_relid", Value::of_oid(call.table->oid));
      set("tg_relname", Value::of_string(call.table->name));
      set("tg_table_name", Value::of_string(call.table->name));
      std::string schema_name = schema == nullptr ? "" : schema->name;
      set("tg_table_schema", Value::of_string(schema_name));
      set("tg_nargs", Value::of_i32(static_cast<int32_t>(call.trigger->arguments.size())));
      types::ArrayBuilder array(oid::kText);
      for (const auto& argument : call.trigger->arguments) array.add(Value::of_string(argument));
      array.set_lower(0);
      Arena arena;
      set("tg_argv", array.value(arena));
      for (auto [index, row] : {std::pair{new_, call.new_row}, {old_, call.old_row}}) {
        Slot& slot = frame.slots[index];
        slot.assigned = true;
        slot.is_null_record = row == nullptr;
        size_t column = 0;
        for (const auto& info : trigger_table_->columns) {
          if (!info.dropped) {
            slot.fields.push_back({info.name, info.type, row == nullptr ? plan::OwnedValue() : plan::OwnedValue(types::physical_type(info.type.oid), (*row)[column])});
          }
          ++column;
        }
      }
    }
    Flow flow = executor.block(block_);
    if (flow == Flow::Exit || flow == Flow::Continue) {
      frame.at = nullptr;
      throw SqlError(Sqlstate::SyntaxError, flow == Flow::Exit ? "EXIT cannot be used outside a loop, unless it has a label" : "CONTINUE cannot be used outside a loop");
    }
    bool may_end = returns_set_ || result_.oid == oid::kEventTrigger || is_procedure_ || is_block_ || result_.oid == oid::kVoid || !output_datums_.empty();
    if (flow != Flow::Return && !may_end) {
      frame.at = nullptr;
      frame.phase = nullptr;
      throw SqlError(Sqlstate::SREFunctionExecutedNoReturnStatement,
                     trigger_table_ != nullptr ? "control reached end of trigger procedure without RETURN" : "control reached end of function without RETURN");
    }
  } catch (SqlError& error) {
    add_call_context(error.fields(), frame);
    throw;
  } catch (const StorageError& error) {
    SqlError wrapped(error.sqlstate(), error.what());
    add_call_context(wrapped.fields(), frame);
    throw wrapped;
  }
}

// The result of a function that returns one row.
Value Program::finish_result(Frame& frame, Arena& arena) {
  if (!output_datums_.empty()) {
    if (columns_.size() == 1 && result_.oid != oid::kRecord) {
      return types::copy_value(types::physical_type(result_.oid), frame.slots[output_datums_[0]].value.get(), arena);
    }
    types::RecordBuilder builder;
    for (int index : output_datums_) builder.add(datums_[index].type.oid, frame.slots[index].value.get());
    return Value::of_string(builder.finish(arena));
  }
  if (result_.oid == oid::kVoid) return Value::null();
  return types::copy_value(types::physical_type(result_.oid), frame.result, arena);
}

Value Program::call(std::span<const Value> arguments, Arena& arena) {
  Frame frame;
  run(frame, arguments);
  return finish_result(frame, arena);
}

namespace {

class RowsScan final : public functions::SetScan {
 public:
  RowsScan(std::vector<std::unique_ptr<vector::Chunk>> rows, bool as_record) : rows_(std::move(rows)), as_record_(as_record) {}
  bool next(vector::Chunk& out) override {
    if (at_ == rows_.size()) return false;
    const vector::Chunk& chunk = *rows_[at_++];
    if (!as_record_) {
      for (size_t c = 0; c < out.column_count(); ++c) out.column(c).copy(chunk.column(c), nullptr, chunk.size(), 0);
    } else {
      Arena arena;
      for (size_t row = 0; row < chunk.size(); ++row) {
        arena.reset();
        types::RecordBuilder builder;
        for (size_t c = 0; c < chunk.column_count(); ++c) builder.add(chunk.column(c).type(), chunk.column(c).get(row));
        out.column(0).set(row, Value::of_string(builder.finish(arena)));
      }
    }
    out.set_size(chunk.size());
    return true;
  }

 private:
  std::vector<std::unique_ptr<vector::Chunk>> rows_;
  bool as_record_;
  size_t at_ = 0;
};

}  // namespace

std::unique_ptr<functions::SetScan> Program::scan(std::span<const Value> arguments) {
  Frame frame;
  run(frame, arguments);
  bool as_record = result_.oid == oid::kRecord && routine_->function().out_types.empty();
  return std::make_unique<RowsScan>(std::move(frame.rows), as_record);
}

void Program::run_block() {
  Frame frame;
  run(frame, {});
}

std::vector<Value> Program::call_procedure(std::span<const Value> arguments, std::vector<Column>& columns, Arena& arena) {
  Frame frame;
  run(frame, arguments);
  std::vector<Value> values;
  for (size_t i = 0; i < output_datums_.size(); ++i) {
    const Datum& datum = datums_[output_datums_[i]];
    columns.push_back({datum.name.empty() ? "column" + std::to_string(i + 1) : datum.name, datum.type});
    values.push_back(types::copy_value(types::physical_type(datum.type.oid), frame.slots[output_datums_[i]].value.get(), arena));
  }
  return values;
}

void Program::fire(const EventCall& call) {
  Frame frame;
  frame.event = &call;
  run(frame, {});
}

bool Program::fire(const TriggerCall& call, std::vector<Value>& row, Arena& arena) {
  Frame frame;
  frame.trigger = &call;
  run(frame, {});
  if (!frame.returned_row) return false;
  row.clear();
  size_t field = 0;
  for (const auto& column : call.table->columns) {
    if (column.dropped) {
      row.push_back(Value::null());
      continue;
    }
    if (field >= frame.result_row.size()) {
      throw SqlError(Sqlstate::DatatypeMismatch, "returned row structure does not match the structure of the triggering table");
    }
    const Field& given = frame.result_row[field++];
    row.push_back(runner_.convert(given.value.get(), given.type, column.type, true, arena));
  }
  return true;
}

}  // namespace aegis::routines::plpgsql
