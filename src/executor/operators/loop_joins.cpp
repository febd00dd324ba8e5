// Joins that pair rows one by one: nested loop over a materialized side, index lookups, and Apply.
#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "expression/evaluator.h"
#include "operators/build.h"
#include "operators/scans.h"
#include "pipeline/rows.h"

namespace aegis::executor {
namespace {

using plan::JoinType;
using vector::kMaxChunkRows;

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

bool outputs_right(JoinType type) {
  return type == JoinType::Inner || type == JoinType::Left || type == JoinType::Right || type == JoinType::Full || type == JoinType::Single;
}

plan::ExprPtr conjunction(const plan::ExprList& conditions) {
  auto all = std::make_unique<plan::Expr>(plan::ExprKind::And, types::Type{types::oid::kBool});
  for (const auto& condition : conditions) all->args.push_back(condition->clone());
  return all;
}

// The matches of one chunk of left rows, and what they make of those rows.
class LeftRows {
 public:
  LeftRows(JoinType type, bool null_aware) : type_(type), null_aware_(null_aware) {}

  void start(size_t count) {
    matches_.assign(count, 0);
    unknown_.assign(count, 0);
  }
  void match(size_t row) {
    if (matches_[row] < 2) ++matches_[row];
    if (matches_[row] == 2 && type_ == JoinType::Single) {
      throw SqlError(Sqlstate::CardinalityViolation, "more than one row returned by a subquery used as an expression");
    }
  }
  void unknown(size_t row) { unknown_[row] = 1; }
  bool matched(size_t row) const { return matches_[row] != 0; }
  // No further pair can change this row's fate.
  bool settled(size_t row) const { return matches_[row] != 0 && (type_ == JoinType::Semi || type_ == JoinType::Anti || type_ == JoinType::Mark); }

  // Rows that come out by themselves; true if there are any. Right columns are null.
  bool emit(const Chunk& left, Chunk& out) const {
    size_t width = left.column_count();
    if (type_ == JoinType::Mark) {
      for (size_t c = 0; c < width; ++c) out.column(c).reference(left.column(c));
      uint8_t* marks = out.column(width).start<uint8_t>();
      for (size_t i = 0; i < left.size(); ++i) {
        marks[i] = matches_[i] != 0;
        if (null_aware_ && matches_[i] == 0 && unknown_[i] != 0) out.column(width).set_null(i);
      }
      out.set_size(left.size());
      return left.size() > 0;
    }
    bool wants_matched = type_ == JoinType::Semi;
    bool wants_unmatched = type_ == JoinType::Anti || type_ == JoinType::Left || type_ == JoinType::Full || type_ == JoinType::Single;
    if (!wants_matched && !wants_unmatched) return false;
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < left.size(); ++i) {
      if (matched(i) == wants_matched) selection[kept++] = static_cast<uint32_t>(i);
    }
    if (kept == 0) return false;
    for (size_t c = 0; c < width; ++c) out.column(c).slice(left.column(c), selection, kept);
    for (size_t c = width; c < out.column_count(); ++c) out.column(c).set_constant_null();
    out.set_size(kept);
    return true;
  }

 private:
  JoinType type_;
  bool null_aware_;
  std::vector<uint8_t> matches_;
  std::vector<uint8_t> unknown_;
};

void add_columns(Chunk& chunk, const std::vector<plan::ColumnInfo>& columns) {
  for (const auto& column : columns) chunk.add_column(column.type.oid);
}

class NestedLoopOperator : public Operator {
 public:
  NestedLoopOperator(const plan::NestedLoop& plan, QueryState& query) : Operator(plan, query), join_(plan), condition_(conjunction(plan.conditions)) {
    children_.push_back(build_operator(*plan.children[0], query));
    children_.push_back(build_operator(*plan.children[1], query));
  }
  bool parallel_safe() const override { return false; }

  void open() override {
    Operator& right = *children_[1];
    right.prepare();
    right_.clear();
    StatePtr state = right.make_state();
    Chunk chunk = right.make_chunk();
    while (right.pull(*state, chunk)) {
      query_.check_interrupts();
      right_.append(chunk);
    }
    right_matched_.assign(right_.chunk_count(), {});
    for (size_t i = 0; i < right_.chunk_count(); ++i) right_matched_[i].assign(right_.chunk(i).size(), 0);
    children_[0]->prepare();
  }

  struct State : OperatorState {
    State(NestedLoopOperator& op)
        : input(op.children_[0]->make_chunk()),
          child(op.children_[0]->make_state()),
          condition(*op.condition_, evaluation_context(op.query_)),
          left(op.join_.type, op.join_.null_aware) {
      add_columns(pairs, op.join_.children[0]->output);
      add_columns(pairs, op.join_.children[1]->output);
    }
    Chunk input;
    StatePtr child;
    ExpressionEvaluator condition;
    LeftRows left;
    Chunk pairs;
    bool has_input = false;
    size_t right_chunk = 0;
    size_t left_row = 0;
    size_t right_row = 0;
    bool exhausted = false;
    size_t unmatched_chunk = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (!state.exhausted) {
      query_.check_interrupts();
      if (!state.has_input) {
        if (!children_[0]->pull(*state.child, state.input)) {
          state.exhausted = true;
          break;
        }
        if (state.input.size() == 0) continue;
        state.left.start(state.input.size());
        state.right_chunk = state.left_row = state.right_row = 0;
        state.has_input = true;
      }
      if (state.right_chunk < right_.chunk_count()) {
        if (match_pairs(state, out)) return true;
        continue;
      }
      state.has_input = false;
      if (state.left.emit(state.input, out)) return true;
    }
    if (join_.type == JoinType::Right || join_.type == JoinType::Full) {
      while (state.unmatched_chunk < right_.chunk_count()) {
        if (emit_unmatched(state.unmatched_chunk++, state, out)) return true;
      }
    }
    out.set_size(0);
    return false;
  }

 private:
  // The next pairs of the left chunk with one right chunk.
  bool match_pairs(State& state, Chunk& out) {
    const Chunk& right = right_.chunk(state.right_chunk);
    uint32_t left_rows[kMaxChunkRows];
    uint32_t right_rows[kMaxChunkRows];
    size_t pairs = 0;
    while (pairs < kMaxChunkRows && state.left_row < state.input.size()) {
      if (state.left.settled(state.left_row)) {
        state.right_row = right.size();
      }
      while (pairs < kMaxChunkRows && state.right_row < right.size()) {
        left_rows[pairs] = static_cast<uint32_t>(state.left_row);
        right_rows[pairs++] = static_cast<uint32_t>(state.right_row++);
      }
      if (state.right_row == right.size()) {
        state.right_row = 0;
        ++state.left_row;
      }
    }
    size_t current = state.right_chunk;
    if (state.left_row == state.input.size()) {
      state.left_row = 0;
      ++state.right_chunk;
    }
    if (pairs == 0) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) state.pairs.column(c).slice(state.input.column(c), left_rows, pairs);
    for (size_t c = 0; c < right.column_count(); ++c) state.pairs.column(width + c).slice(right.column(c), right_rows, pairs);
    state.pairs.set_size(pairs);
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    const Vector& verdicts = state.condition.evaluate(state.pairs);
    VectorView view = verdicts.view();
    for (size_t p = 0; p < pairs; ++p) {
      if (!view.valid(p)) {
        state.left.unknown(left_rows[p]);
      } else if (view.at<uint8_t>(p) != 0) {
        state.left.match(left_rows[p]);
        right_matched_[current][right_rows[p]] = 1;
        selection[kept++] = static_cast<uint32_t>(p);
      }
    }
    if (kept == 0 || !outputs_right(join_.type)) return false;
    out.slice_of(state.pairs, selection, kept);
    return true;
  }

  bool emit_unmatched(size_t number, State& state, Chunk& out) {
    const Chunk& right = right_.chunk(number);
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < right.size(); ++i) {
      if (right_matched_[number][i] == 0) selection[kept++] = static_cast<uint32_t>(i);
    }
    if (kept == 0) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).set_constant_null();
    for (size_t c = 0; c < right.column_count(); ++c) out.column(width + c).slice(right.column(c), selection, kept);
    out.set_size(kept);
    return true;
  }

  const plan::NestedLoop& join_;
  plan::ExprPtr condition_;
  ChunkList right_;
  std::vector<std::vector<uint8_t>> right_matched_;
};

// What IndexJoin and Apply share: right rows gathered for several left rows, then filtered and emitted together.
class PairBuffer {
 public:
  PairBuffer(const std::vector<plan::ColumnInfo>& left, const std::vector<Oid>& right, const plan::ExprPtr& condition, QueryState& query)
      : condition_(*condition, evaluation_context(query)), left_width_(left.size()), right_(right) {
    add_columns(pairs_, left);
    for (Oid type : right) pairs_.add_column(type);
    right_.reset();
  }

  bool full() const { return left_rows_.size() >= kMaxChunkRows / 2; }
  bool empty() const { return left_rows_.empty(); }
  // Adds rows of `right` for a left row; at most kMaxChunkRows altogether (`from` and the result are for the rest).
  size_t add(size_t left_row, const Chunk& right, size_t from) {
    size_t count = std::min(right.size() - from, kMaxChunkRows - left_rows_.size());
    if (right_.column_count() > 0) {
      right_.append(right, from);
    } else {
      right_.set_size(right_.size() + count);
    }
    left_rows_.insert(left_rows_.end(), count, static_cast<uint32_t>(left_row));
    return count;
  }

  // Filters the pairs, notes the matches, and (for joins that give right columns) emits them.
  bool flush(const Chunk& left, LeftRows& rows, bool emits, Chunk& out) {
    size_t count = left_rows_.size();
    for (size_t c = 0; c < left_width_; ++c) pairs_.column(c).slice(left.column(c), left_rows_.data(), count);
    for (size_t c = 0; c < right_.column_count(); ++c) pairs_.column(left_width_ + c).reference(right_.column(c));
    pairs_.set_size(count);
    VectorView view = condition_.evaluate(pairs_).view();
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t p = 0; p < count; ++p) {
      if (!view.valid(p)) {
        rows.unknown(left_rows_[p]);
      } else if (view.at<uint8_t>(p) != 0) {
        rows.match(left_rows_[p]);
        selection[kept++] = static_cast<uint32_t>(p);
      }
    }
    bool any = kept > 0 && emits;
    if (any) {
      // The buffers are used again: hand out copies of the right columns.
      for (size_t c = 0; c < left_width_; ++c) out.column(c).slice(pairs_.column(c), selection, kept);
      for (size_t c = 0; c < right_.column_count(); ++c) {
        auto& column = out.column(left_width_ + c);
        column.reset();
        column.copy(right_.column(c), selection, kept, 0);
      }
      out.set_size(kept);
    }
    left_rows_.clear();
    right_.reset();
    return any;
  }

 private:
  ExpressionEvaluator condition_;
  size_t left_width_;
  Chunk right_;
  Chunk pairs_;
  std::vector<uint32_t> left_rows_;
};

std::vector<Oid> column_types(const catalog::Relation& relation, const std::vector<int>& columns) {
  std::vector<Oid> types;
  for (int column : columns) {
    types.push_back(column >= 0 ? relation.columns[column].type.oid : column == plan::kRowIdColumn ? types::oid::kInt8 : types::oid::kOid);
  }
  return types;
}

class IndexJoinOperator : public Operator {
 public:
  IndexJoinOperator(const plan::IndexJoin& plan, QueryState& query)
      : Operator(plan, query), join_(plan), filter_(conjunction(plan.filters)), lookup_(query, plan.relation, plan.index, plan.range, plan.columns) {
    children_.push_back(build_operator(*plan.children[0], query));
  }

  struct State : OperatorState {
    State(IndexJoinOperator& op)
        : input(op.children_[0]->make_chunk()),
          child(op.children_[0]->make_state()),
          cursor(op.lookup_),
          found(column_types(*op.join_.relation, op.join_.columns)),
          left(op.join_.type, false),
          pairs(op.join_.children[0]->output, column_types(*op.join_.relation, op.join_.columns), op.filter_, op.query_) {}
    Chunk input;
    StatePtr child;
    IndexLookup::Cursor cursor;
    Chunk found;
    size_t found_from = 0;
    LeftRows left;
    PairBuffer pairs;
    bool has_input = false;
    bool in_row = false;
    size_t row = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    bool emits = outputs_right(join_.type);
    while (true) {
      if (!state.has_input) {
        query_.check_interrupts();
        if (!children_[0]->pull(*state.child, state.input)) break;
        if (state.input.size() == 0) continue;
        state.left.start(state.input.size());
        state.row = 0;
        state.in_row = false;
        state.has_input = true;
      }
      while (state.row < state.input.size()) {
        if (!state.in_row) {
          lookup_.start(state.cursor, state.input, state.row, false);
          state.in_row = true;
          state.found.set_size(0);
          state.found_from = 0;
        }
        if (state.found_from == state.found.size()) {
          state.found_from = 0;
          if (!lookup_.next(state.cursor, state.found)) {
            state.in_row = false;
            ++state.row;
            continue;
          }
        }
        state.found_from += state.pairs.add(state.row, state.found, state.found_from);
        if (state.pairs.full() && state.pairs.flush(state.input, state.left, emits, out)) return true;
      }
      if (!state.pairs.empty() && state.pairs.flush(state.input, state.left, emits, out)) return true;
      state.has_input = false;
      if (state.left.emit(state.input, out)) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  const plan::IndexJoin& join_;
  plan::ExprPtr filter_;
  IndexLookup lookup_;
};

class ApplyOperator : public Operator {
 public:
  ApplyOperator(const plan::Apply& plan, QueryState& query) : Operator(plan, query), apply_(plan), condition_(conjunction(plan.conditions)) {
    children_.push_back(build_operator(*plan.children[0], query));
    children_.push_back(build_operator(*plan.children[1], query));
  }
  bool parallel_safe() const override { return false; }
  void open() override { children_[0]->prepare(); }

  struct State : OperatorState {
    State(ApplyOperator& op)
        : input(op.children_[0]->make_chunk()),
          child(op.children_[0]->make_state()),
          found(op.children_[1]->make_chunk()),
          left(op.apply_.type, op.apply_.null_aware),
          params(op.apply_.params, evaluation_context(op.query_)),
          pairs(op.apply_.children[0]->output, right_types(op), op.condition_, op.query_) {
      for (const auto& param : op.apply_.params) param_values.add_column(param->type.oid);
    }
    static std::vector<Oid> right_types(const ApplyOperator& op) {
      std::vector<Oid> types;
      for (const auto& column : op.apply_.children[1]->output) types.push_back(column.type.oid);
      return types;
    }
    Chunk input;
    StatePtr child;
    StatePtr inner;
    Chunk found;
    size_t found_from = 0;
    LeftRows left;
    ProjectionEvaluator params;
    Chunk param_values;
    Arena param_bytes;
    PairBuffer pairs;
    bool has_input = false;
    size_t row = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    bool emits = outputs_right(apply_.type);
    while (true) {
      if (!state.has_input) {
        query_.check_interrupts();
        if (!children_[0]->pull(*state.child, state.input)) break;
        if (state.input.size() == 0) continue;
        state.params.evaluate(state.input, state.param_values);
        if (apply_.subquery == plan::SubqueryKind::Array) return gather_arrays(state, out);
        state.left.start(state.input.size());
        state.row = 0;
        state.has_input = true;
      }
      while (state.row < state.input.size()) {
        if (state.inner == nullptr) start_row(state, state.row);
        if (state.found_from == state.found.size()) {
          state.found_from = 0;
          if (!children_[1]->pull(*state.inner, state.found)) {
            state.found.set_size(0);
            state.inner = nullptr;
            // The right side's memory is about to be used again.
            ++state.row;
            if (!state.pairs.empty() && state.pairs.full() && state.pairs.flush(state.input, state.left, emits, out)) return true;
            continue;
          }
        }
        state.found_from += state.pairs.add(state.row, state.found, state.found_from);
        if (state.pairs.full() && state.pairs.flush(state.input, state.left, emits, out)) return true;
      }
      if (!state.pairs.empty() && state.pairs.flush(state.input, state.left, emits, out)) return true;
      state.has_input = false;
      if (state.left.emit(state.input, out)) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  void start_row(State& state, size_t row) {
    query_.check_interrupts();
    state.param_bytes.reset();
    for (size_t k = 0; k < apply_.exec_params.size(); ++k) {
      const Vector& values = state.param_values.column(k);
      query_.exec_params[apply_.exec_params[k]] = types::copy_value(values.physical(), values.get(row), state.param_bytes);
    }
    children_[1]->reset();
    children_[1]->prepare();
    state.inner = children_[1]->make_state();
    state.found = children_[1]->make_chunk();
    state.found_from = 0;
  }

  bool gather_arrays(State& state, Chunk& out) {
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).reference(state.input.column(c));
    Vector& arrays = out.column(width);
    arrays.reset();
    for (size_t row = 0; row < state.input.size(); ++row) {
      start_row(state, row);
      arrays.set(row, collect_array(*children_[1], *state.inner, state.found, arrays.type(), arrays.heap()));
      state.inner = nullptr;
    }
    out.set_size(state.input.size());
    return true;
  }

  const plan::Apply& apply_;
  plan::ExprPtr condition_;
};

}  // namespace

Value collect_array(Operator& source, OperatorState& state, Chunk& chunk, Oid array_type, Arena& arena) {
  Oid column_type = chunk.column(0).type();
  bool nested = column_type == array_type;
  types::ArrayBuilder builder(types::type_info(array_type).element);
  Arena bytes;
  std::vector<int32_t> inner_lengths;
  int32_t rows = 0;
  while (source.pull(state, chunk)) {
    for (size_t i = 0; i < chunk.size(); ++i) {
      Value value = types::copy_value(chunk.column(0).physical(), chunk.column(0).get(i), bytes);
      ++rows;
      if (!nested) {
        builder.add(value);
        continue;
      }
      if (value.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "cannot accumulate null arrays");
      types::ArrayView view(bytes.copy(value.text()));
      std::vector<int32_t> lengths;
      for (int d = 0; d < view.dimensions(); ++d) lengths.push_back(view.length(d));
      if (rows > 1 && lengths != inner_lengths) {
        throw SqlError(Sqlstate::ArraySubscriptError, "cannot accumulate arrays of different dimensionality");
      }
      inner_lengths = lengths;
      for (size_t k = 0; k < view.size(); ++k) builder.add(view.get(k));
    }
  }
  if (nested && rows > 0) {
    std::vector<int32_t> lengths{rows};
    lengths.insert(lengths.end(), inner_lengths.begin(), inner_lengths.end());
    builder.set_dimensions(lengths, std::vector<int32_t>(lengths.size(), 1));
  }
  return builder.value(arena);
}

Operator* build_nested_loop(const plan::NestedLoop& plan, QueryState& query) {
  return add_operator(query, std::make_unique<NestedLoopOperator>(plan, query));
}
Operator* build_index_join(const plan::IndexJoin& plan, QueryState& query) {
  return add_operator(query, std::make_unique<IndexJoinOperator>(plan, query));
}
Operator* build_apply(const plan::Apply& plan, QueryState& query) { return add_operator(query, std::make_unique<ApplyOperator>(plan, query)); }

}  // namespace aegis::executor
