// Functions in FROM and set-returning functions in a target list.
#include <fmt/format.h>

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/functions/output.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/record.h"
#include "expression/evaluation.h"
#include "operators/build.h"
#include "operators/scans.h"

namespace aegis::executor {
namespace {

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

// One function call over the rows of a chunk: its results row by row. A plain function gives one row.
class SetCall {
 public:
  // `declared`: the types of a column definition list, which a set function of an extension gives itself.
  SetCall(const plan::Expr& call, QueryState& query, std::span<const plan::ColumnInfo> declared = {}) : call_(call), query_(query), declared_(declared) {
    if (call.kind == plan::ExprKind::Call && call.function->returns_set) {
      if (call.function->set == nullptr) throw_not_supported("function " + std::string(call.function->name));
      for (const auto& arg : call.args) {
        arguments_.emplace_back(*arg, evaluation_context(query));
        types_.push_back(arg->type);
      }
      site_.result = call.type;
      site_.collation = call.collation;
      site_.variadic_array = call.variadic_array;
    } else {
      single_ = std::make_unique<ExpressionEvaluator>(call, evaluation_context(query));
    }
    // A function with OUT columns gives those; others give one.
    bool columns = call.kind == plan::ExprKind::Call && call.function->result == types::oid::kRecord && !call.function->out_types.empty();
    if (columns) {
      std::vector<Oid> arguments;
      for (const auto& arg : call.args) arguments.push_back(arg->type.oid);
      for (size_t c = 0; c < call.function->out_types.size(); ++c) {
        out_.add_column(functions::output_type(*call.function, c, arguments));
      }
      is_record_ = single_ != nullptr;
    } else if (!declared.empty() && single_ == nullptr && call.type.oid == types::oid::kRecord && call.function->user_defined &&
               call.function->set != functions::scan_routine_kernel) {
      for (const auto& column : declared) out_.add_column(column.type.oid);
    } else {
      out_.add_column(call.type.oid);
    }
  }

  size_t column_count() const { return out_.column_count(); }
  Oid column_type(size_t column) const { return out_.column(column).type(); }

  // Rows of a chunk come in order. Arguments are evaluated once a chunk, with its first row.
  void start(const Chunk& rows, size_t row) {
    out_.reset();
    at_ = 0;
    single_done_ = false;
    scan_ = nullptr;
    if (single_) {
      if (row == 0) single_values_ = &single_->evaluate(rows);
      single_value_ = single_values_->get(row);
      return;
    }
    if (row == 0) {
      argument_values_.clear();
      for (auto& argument : arguments_) argument_values_.push_back(&argument.evaluate(rows));
    }
    values_.clear();
    bytes_.reset();
    bool null = false;
    for (const Vector* vector : argument_values_) {
      values_.push_back(types::copy_value(vector->physical(), vector->get(row), bytes_));
      null = null || values_.back().is_null;
    }
    if (null && call_.function->strict) return;
    site_.arguments = types_;
    functions::CallContext context{query_.context.types, query_.context.services, site_, cache_, call_.function};
    scan_ = call_.function->set(context, values_);
  }

  // Moves to the next row; false at the end.
  bool advance() {
    if (single_) {
      if (single_done_) return false;
      single_done_ = true;
      out_.reset();
      if (is_record_) {
        for (size_t c = 0; c < out_.column_count(); ++c) {
          if (single_value_.is_null) {
            out_.column(c).set_null(0);
          } else {
            out_.column(c).set(0, types::RecordView(single_value_.text()).get(c));
          }
        }
      } else {
        out_.column(0).set(0, single_value_);
      }
      out_.set_size(1);
      at_ = 0;
      return true;
    }
    if (scan_ == nullptr) return false;
    ++at_;
    while (at_ >= out_.size() || fresh_ != scan_.get()) {
      fresh_ = scan_.get();
      query_.check_interrupts();
      out_.reset();
      if (!scan_->next(out_)) {
        scan_ = nullptr;
        fresh_ = nullptr;
        return false;
      }
      at_ = 0;
      if (out_.size() > 0) break;
    }
    return true;
  }

  // Valid until the next advance().
  Value value(size_t column) const { return out_.column(column).get(at_); }
  // Column `column` of those declared, valid as long; a record with a column definition list is taken apart.
  Value field(size_t column) {
    bool whole = declared_.size() == 1 && column_type(0) == types::oid::kRecord && declared_[0].type.oid != types::oid::kRecord;
    if (column_count() == declared_.size() && !whole) return value(column);
    Value record = value(0);
    if (record.is_null) return record;
    types::RecordView view(record.text());
    if (view.size() != declared_.size()) {
      throw_mismatch(fmt::format("Returned row contains {} attributes, but query expects {}.", view.size(), declared_.size()),
                     fmt::format("Number of returned columns ({}) does not match expected column count ({}).", view.size(), declared_.size()));
    }
    if (fields_.size() < declared_.size()) fields_.resize(declared_.size());
    Field& field = fields_[column];
    if (field.given != view.type(column)) prepare_field(field, view.type(column), column);
    Value value = view.get(column);
    return field.cast == nullptr ? value : field.cast->evaluate(std::span(&value, 1), bytes_);
  }
  // The row as one value.
  Value whole(Arena& arena) const {
    bool columns = call_.kind == plan::ExprKind::Call && call_.function->result == types::oid::kRecord && !call_.function->out_types.empty();
    if (!columns) return value(0);
    types::RecordBuilder builder;
    for (size_t c = 0; c < out_.column_count(); ++c) builder.add(out_.column(c).type(), value(c));
    return Value::of_string(builder.finish(arena));
  }

 private:
  struct Field {
    Oid given = kInvalidOid;
    plan::ExprPtr expr;
    std::unique_ptr<ParameterEvaluator> cast;  // null: the value is what was declared already
  };

  // What a function in SQL returns is assigned to the declared types; other languages must return those.
  void prepare_field(Field& field, Oid given, size_t column) {
    types::Type target = declared_[column].type;
    field = {};
    field.given = given;
    types::Type source{given == types::oid::kUnknown ? types::oid::kText : given};
    const auto* names = query_.context.types.names;
    auto routine = this->routine();
    if (routine != nullptr && routine->language == "sql") {
      if (source.oid == target.oid && target.typmod == -1) return;
      field.expr = analyzer::make_cast(query_.context.types, source, target, functions::CastContext::Assignment);
      if (field.expr == nullptr) {
        SqlError error(Sqlstate::InvalidFunctionDefinition, "return type mismatch in function declared to return record");
        error.detail(fmt::format("Final statement returns {} instead of {} at column {}.", types::format_type(source, names),
                                 types::format_type({target.oid}, names), column + 1));
        error.fields().context = fmt::format("SQL function \"{}\" during startup", routine->name);
        throw error;
      }
      field.cast = std::make_unique<ParameterEvaluator>(*field.expr, query_.context.types, query_.context.services);
      return;
    }
    // Types of one family (text, varchar) keep their values alike; others must not be read as each other.
    auto output = [](Oid type) { return types::type_info(types::base_type(type)).output; };
    bool exact = routine != nullptr && routine->language == "plpgsql";
    if (source.oid == target.oid || (!exact && output(source.oid) == output(target.oid))) return;
    std::string returned = types::format_type(source, names), expected = types::format_type({target.oid}, names);
    throw_mismatch(fmt::format("Returned type {} at ordinal position {}, but query expects {}.", returned, column + 1, expected),
                   fmt::format("Returned type {} does not match expected type {} in column {}.", returned, expected, column + 1));
  }

  catalog::RoutinePtr routine() const {
    return call_.function != nullptr && call_.function->user_defined ? query_.context.catalog->routine(call_.function->oid) : nullptr;
  }

  // A record that is not of the declared columns, with what PostgreSQL says of it itself or in PL/pgSQL.
  [[noreturn]] void throw_mismatch(std::string detail, std::string plpgsql_detail) const {
    auto routine = this->routine();
    if (routine == nullptr || routine->language != "plpgsql") {
      throw SqlError(Sqlstate::DatatypeMismatch, "function return row and query-specified return row do not match").detail(std::move(detail));
    }
    SqlError error(Sqlstate::DatatypeMismatch, "returned record type does not match expected record type");
    error.detail(std::move(plpgsql_detail));
    std::string arguments;
    for (Oid type : call_.function->arguments) {
      arguments += (arguments.empty() ? "" : ",") + types::format_type({type}, query_.context.types.names);
    }
    error.fields().context = fmt::format("PL/pgSQL function {}({}) while casting return value to function's return type",
                                         functions::quote_identifier(routine->name), arguments);
    throw error;
  }

  const plan::Expr& call_;
  QueryState& query_;
  std::span<const plan::ColumnInfo> declared_;  // by a column definition list, or the function's own
  std::vector<Field> fields_;
  std::vector<ExpressionEvaluator> arguments_;
  std::vector<types::Type> types_;
  functions::CallSite site_;
  std::shared_ptr<void> cache_;
  std::vector<const Vector*> argument_values_;
  std::unique_ptr<ExpressionEvaluator> single_;
  const Vector* single_values_ = nullptr;
  bool is_record_ = false;
  bool single_done_ = false;
  Value single_value_;
  std::vector<Value> values_;
  Arena bytes_;
  std::unique_ptr<functions::SetScan> scan_;
  const functions::SetScan* fresh_ = nullptr;
  Chunk out_;
  size_t at_ = 0;
};

class FunctionScanOperator : public Operator {
 public:
  FunctionScanOperator(const plan::FunctionScan& plan, QueryState& query) : Operator(plan, query), scan_(plan) {
    if (!plan.children.empty()) children_.push_back(build_operator(*plan.children[0], query));
  }
  bool parallel_safe() const override { return false; }

  struct State : OperatorState {
    State(FunctionScanOperator& op) : filters(op.scan_.filters, evaluation_context(op.query_)) {
      size_t own = op.scan_.ordinality ? 1 : 0;
      for (size_t count : op.scan_.column_counts) own += count;
      std::span<const plan::ColumnInfo> columns = std::span(op.scan_.output).last(own);
      for (size_t k = 0; k < op.scan_.calls.size(); ++k) {
        calls.push_back(std::make_unique<SetCall>(*op.scan_.calls[k], op.query_, columns.first(op.scan_.column_counts[k])));
        columns = columns.subspan(op.scan_.column_counts[k]);
      }
      if (!op.children_.empty()) {
        input = op.children_[0]->make_chunk();
        child = op.children_[0]->make_state();
      } else {
        input.set_size(1);
      }
    }
    std::vector<std::unique_ptr<SetCall>> calls;
    std::vector<bool> live;
    FilterEvaluator filters;
    Chunk input;
    StatePtr child;
    bool has_input = false;
    bool done = false;
    bool in_row = false;
    bool gave_row = false;
    size_t row = 0;
    int64_t ordinal = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (!state.done) {
      if (!state.has_input) {
        query_.check_interrupts();
        if (state.child == nullptr) {
          if (state.row > 0) break;
        } else if (!children_[0]->pull(*state.child, state.input)) {
          break;
        }
        state.row = 0;
        state.has_input = true;
      }
      fill(state, out);
      if (out.size() == 0) continue;
      state.filters.apply(out);
      if (out.size() > 0) return true;
    }
    state.done = true;
    out.set_size(0);
    return false;
  }

 private:
  void fill(State& state, Chunk& out) {
    out.reset();
    size_t width = children_.empty() ? 0 : state.input.column_count();
    size_t count = 0;
    while (count < vector::chunk_rows() && state.row < state.input.size()) {
      if (!state.in_row) {
        for (auto& call : state.calls) call->start(state.input, state.row);
        state.live.assign(state.calls.size(), true);
        state.in_row = true;
        state.gave_row = false;
        state.ordinal = 0;
      }
      // ROWS FROM: as many rows as the longest has, the shorter ones padded with nulls.
      bool any = false;
      for (size_t k = 0; k < state.calls.size(); ++k) {
        if (state.live[k]) state.live[k] = state.calls[k]->advance();
        any = any || state.live[k];
      }
      bool pad = !any && scan_.left && !state.gave_row;
      if (!any && !pad) {
        state.in_row = false;
        ++state.row;
        continue;
      }
      state.gave_row = true;
      for (size_t c = 0; c < width; ++c) out.column(c).set(count, state.input.column(c).get(state.row));
      size_t column = width;
      for (size_t k = 0; k < state.calls.size(); ++k) {
        for (size_t c = 0; c < scan_.column_counts[k]; ++c, ++column) {
          out.column(column).set(count, state.live[k] && !pad ? state.calls[k]->field(c) : Value::null());
        }
      }
      if (scan_.ordinality) out.column(column).set(count, pad ? Value::null() : Value::of_i64(++state.ordinal));
      if (pad) {
        state.in_row = false;
        ++state.row;
      }
      ++count;
    }
    if (state.row >= state.input.size()) {
      state.has_input = false;
      if (state.child == nullptr) state.row = 1;
    }
    out.set_size(count);
  }

  const plan::FunctionScan& scan_;
};

// Target list with set-returning calls: rows are repeated until the longest set ends.
class ProjectSetOperator : public Operator {
 public:
  ProjectSetOperator(const plan::ProjectSet& plan, QueryState& query) : Operator(plan, query), project_(plan) {
    children_.push_back(build_operator(*plan.children[0], query));
    for (const auto& expr : plan.exprs) {
      plan::ExprPtr copy = expr->clone();
      lift(copy);
      outer_.push_back(std::move(copy));
    }
  }
  bool parallel_safe() const override { return false; }

  struct State : OperatorState {
    State(ProjectSetOperator& op) : input(op.children_[0]->make_chunk()), child(op.children_[0]->make_state()), outer(op.outer_, evaluation_context(op.query_)) {
      for (const auto& call : op.calls_) calls.push_back(std::make_unique<SetCall>(*call, op.query_));
      for (const auto& column : op.project_.children[0]->output) extended.add_column(column.type.oid);
      for (const auto& call : op.calls_) extended.add_column(call->type.oid);
    }
    Chunk input;
    StatePtr child;
    ProjectionEvaluator outer;
    std::vector<std::unique_ptr<SetCall>> calls;
    std::vector<bool> live;
    Chunk extended;  // the input's columns, then one value of each call
    bool has_input = false;
    bool in_row = false;
    size_t row = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (true) {
      if (!state.has_input) {
        query_.check_interrupts();
        if (!children_[0]->pull(*state.child, state.input)) break;
        state.row = 0;
        state.has_input = true;
      }
      size_t count = extend(state);
      if (count == 0) continue;
      state.outer.evaluate(state.extended, out);
      return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  // Replaces each outermost set-returning call by an input behind the child's columns.
  void lift(plan::ExprPtr& expr) {
    if (expr->kind == plan::ExprKind::Call && expr->function->returns_set) {
      for (const auto& arg : expr->args) {
        if (plan::returns_set(*arg)) throw_not_supported("a set-returning function as the argument of another");
      }
      uint32_t index = static_cast<uint32_t>(plan_.children[0]->output.size() + calls_.size());
      plan::ExprPtr input = plan::make_input(index, expr->type);
      calls_.push_back(std::move(expr));
      expr = std::move(input);
      return;
    }
    plan::for_each_child(*expr, [&](plan::ExprPtr& child) { lift(child); });
  }

  size_t extend(State& state) {
    state.extended.reset();
    size_t width = state.input.column_count();
    size_t count = 0;
    while (count < vector::chunk_rows() && state.row < state.input.size()) {
      if (!state.in_row) {
        for (auto& call : state.calls) call->start(state.input, state.row);
        state.live.assign(state.calls.size(), true);
        state.in_row = true;
      }
      bool any = false;
      for (size_t k = 0; k < state.calls.size(); ++k) {
        if (state.live[k]) state.live[k] = state.calls[k]->advance();
        any = any || state.live[k];
      }
      if (!any) {
        state.in_row = false;
        ++state.row;
        continue;
      }
      for (size_t c = 0; c < width; ++c) state.extended.column(c).set(count, state.input.column(c).get(state.row));
      for (size_t k = 0; k < state.calls.size(); ++k) {
        auto& column = state.extended.column(width + k);
        column.set(count, state.live[k] ? state.calls[k]->whole(column.heap()) : Value::null());
      }
      ++count;
    }
    if (state.row >= state.input.size()) state.has_input = false;
    state.extended.set_size(count);
    return count;
  }

  const plan::ProjectSet& project_;
  plan::ExprList outer_;
  plan::ExprList calls_;
};

}  // namespace

Operator* build_function_scan(const plan::FunctionScan& plan, QueryState& query) {
  return add_operator(query, std::make_unique<FunctionScanOperator>(plan, query));
}
Operator* build_project_set(const plan::ProjectSet& plan, QueryState& query) {
  return add_operator(query, std::make_unique<ProjectSetOperator>(plan, query));
}

}  // namespace aegis::executor
