// Filter, Project, Limit, DISTINCT ON and Append.
#include <algorithm>

#include "aegis/base/error.h"
#include "expression/evaluator.h"
#include "operators/build.h"
#include "operators/scans.h"

namespace aegis::executor {
namespace {

EvaluationContext evaluation_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

bool any_volatile(const plan::ExprList& exprs) {
  return std::any_of(exprs.begin(), exprs.end(), [](const auto& expr) { return plan::is_volatile(*expr); });
}

// Pulls from one child with one input chunk.
class UnaryOperator : public Operator {
 public:
  UnaryOperator(const plan::PhysicalOp& plan, QueryState& query) : Operator(plan, query) {
    children_.push_back(build_operator(*plan.children[0], query));
  }

 protected:
  struct State : OperatorState {
    explicit State(Operator& child) : input(child.make_chunk()), child_state(child.make_state()) {}
    Chunk input;
    StatePtr child_state;
  };
  Operator& child() { return *children_[0]; }
};

class FilterOperator : public UnaryOperator {
 public:
  FilterOperator(const plan::PhysicalFilter& plan, QueryState& query) : UnaryOperator(plan, query), filter_(plan) {}
  bool parallel_safe() const override { return !any_volatile(filter_.predicates) && Operator::parallel_safe(); }

  struct FilterState : State {
    FilterState(FilterOperator& op) : State(op.child()), filters(op.filter_.predicates, evaluation_context(op.query_)) {}
    FilterEvaluator filters;
  };
  StatePtr make_state() override { return std::make_unique<FilterState>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<FilterState&>(base);
    while (child().pull(*state.child_state, state.input)) {
      out.reference(state.input);
      state.filters.apply(out);
      if (query_.instrument) counters().rows_removed += state.input.size() - out.size();
      if (out.size() > 0) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  const plan::PhysicalFilter& filter_;
};

class ProjectOperator : public UnaryOperator {
 public:
  ProjectOperator(const plan::PhysicalProject& plan, QueryState& query) : UnaryOperator(plan, query), project_(plan) {}
  bool parallel_safe() const override { return !any_volatile(project_.exprs) && Operator::parallel_safe(); }

  struct ProjectState : State {
    ProjectState(ProjectOperator& op) : State(op.child()), exprs(op.project_.exprs, evaluation_context(op.query_)) {}
    ProjectionEvaluator exprs;
  };
  StatePtr make_state() override { return std::make_unique<ProjectState>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<ProjectState&>(base);
    if (!child().pull(*state.child_state, state.input)) {
      out.set_size(0);
      return false;
    }
    state.exprs.evaluate(state.input, out);
    return true;
  }

 private:
  const plan::PhysicalProject& project_;
};

int64_t row_limit(const plan::ExprPtr& expr, QueryState& query, int64_t absent, const char* what, Sqlstate error) {
  if (expr == nullptr) return absent;
  Chunk one;
  one.set_size(1);
  ExpressionEvaluator evaluator(*expr, evaluation_context(query));
  Value value = evaluator.evaluate(one).get(0);
  if (value.is_null) return absent;
  if (value.i64 < 0) throw SqlError(error, std::string(what) + " must not be negative");
  return value.i64;
}

}  // namespace

int64_t evaluate_limit(const plan::ExprPtr& count, QueryState& query) {
  return row_limit(count, query, INT64_MAX, "LIMIT", Sqlstate::InvalidRowCountInLimitClause);
}

int64_t evaluate_offset(const plan::ExprPtr& offset, QueryState& query) {
  return row_limit(offset, query, 0, "OFFSET", Sqlstate::InvalidRowCountInResultOffsetClause);
}

namespace {

class LimitOperator : public UnaryOperator {
 public:
  LimitOperator(const plan::PhysicalLimit& plan, QueryState& query) : UnaryOperator(plan, query), limit_(plan) {}
  bool parallel_safe() const override { return false; }
  size_t morsels() const override { return 1; }

  struct LimitState : State {
    LimitState(LimitOperator& op) : State(op.child()) {
      skip = evaluate_offset(op.limit_.offset, op.query_);
      left = evaluate_limit(op.limit_.count, op.query_);
      for (const auto& key : op.limit_.tie_keys) {
        ties.emplace_back(*key.expr, evaluation_context(op.query_));
        last.emplace_back();
      }
    }
    int64_t skip;
    int64_t left;
    std::vector<ExpressionEvaluator> ties;
    std::vector<Value> last;  // keys of the last row within the limit
    Arena last_bytes;
    bool in_ties = false;
  };
  StatePtr make_state() override { return std::make_unique<LimitState>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<LimitState&>(base);
    while (state.left > 0 || state.in_ties) {
      if (!child().pull(*state.child_state, state.input)) break;
      size_t from = static_cast<size_t>(std::min<int64_t>(state.skip, state.input.size()));
      state.skip -= static_cast<int64_t>(from);
      size_t available = state.input.size() - from;
      if (available == 0) continue;
      size_t take = static_cast<size_t>(std::min<int64_t>(state.left, available));
      state.left -= static_cast<int64_t>(take);
      if (limit_.with_ties && take < available) {
        if (take > 0) remember(state, from + take - 1);
        size_t tied = take;
        while (tied < available && is_tied(state, from + tied)) ++tied;
        state.in_ties = tied == available;
        take = tied;
        state.left = 0;
      } else if (limit_.with_ties && state.left == 0) {
        remember(state, from + take - 1);
        state.in_ties = true;
      }
      if (take == 0) break;
      uint32_t selection[vector::kMaxChunkRows];
      for (size_t i = 0; i < take; ++i) selection[i] = static_cast<uint32_t>(from + i);
      if (from == 0 && take == state.input.size()) {
        out.reference(state.input);
      } else {
        out.slice_of(state.input, selection, take);
      }
      return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  void remember(LimitState& state, size_t row) {
    state.last_bytes.reset();
    for (size_t k = 0; k < state.ties.size(); ++k) {
      const Vector& values = state.ties[k].evaluate(state.input);
      state.last[k] = types::copy_value(values.physical(), values.get(row), state.last_bytes);
    }
  }

  bool is_tied(LimitState& state, size_t row) {
    for (size_t k = 0; k < state.ties.size(); ++k) {
      const Vector& values = state.ties[k].evaluate(state.input);
      Value value = values.get(row);
      if (value.is_null != state.last[k].is_null) return false;
      Oid type = state.ties[k].expr().type.oid;
      if (!value.is_null && types::type_info(type).compare(value, state.last[k], type) != 0) return false;
    }
    return true;
  }

  const plan::PhysicalLimit& limit_;
};

class DistinctOnOperator : public UnaryOperator {
 public:
  DistinctOnOperator(const plan::DistinctOn& plan, QueryState& query) : UnaryOperator(plan, query), distinct_(plan) {}
  bool parallel_safe() const override { return false; }

  struct DistinctState : State {
    DistinctState(DistinctOnOperator& op) : State(op.child()) {
      for (const auto& key : op.distinct_.keys) keys.emplace_back(*key, evaluation_context(op.query_));
      last.resize(keys.size());
    }
    std::vector<ExpressionEvaluator> keys;
    std::vector<Value> last;
    Arena last_bytes;
    bool has_last = false;
  };
  StatePtr make_state() override { return std::make_unique<DistinctState>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<DistinctState&>(base);
    while (child().pull(*state.child_state, state.input)) {
      std::vector<const Vector*> values;
      for (auto& key : state.keys) values.push_back(&key.evaluate(state.input));
      uint32_t selection[vector::kMaxChunkRows];
      size_t kept = 0;
      for (size_t row = 0; row < state.input.size(); ++row) {
        if (state.has_last && same(state, values, row)) continue;
        state.has_last = true;
        state.last_bytes.reset();
        for (size_t k = 0; k < values.size(); ++k) state.last[k] = types::copy_value(values[k]->physical(), values[k]->get(row), state.last_bytes);
        selection[kept++] = static_cast<uint32_t>(row);
      }
      if (kept == 0) continue;
      out.slice_of(state.input, selection, kept);
      return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  static bool same(DistinctState& state, const std::vector<const Vector*>& values, size_t row) {
    for (size_t k = 0; k < values.size(); ++k) {
      Value value = values[k]->get(row);
      if (value.is_null != state.last[k].is_null) return false;
      Oid type = state.keys[k].expr().type.oid;
      if (!value.is_null && types::type_info(type).compare(value, state.last[k], type) != 0) return false;
    }
    return true;
  }

  const plan::DistinctOn& distinct_;
};

class AppendOperator : public Operator {
 public:
  AppendOperator(const plan::Append& plan, QueryState& query) : Operator(plan, query), append_(plan) {
    scans_only_ = !plan.alias.empty();
    for (const auto& child : plan.children) {
      children_.push_back(build_operator(*child, query));
      scans_only_ = scans_only_ && child->kind == plan::PhysicalKind::TableScan && children_.back()->parallel_safe();
    }
  }
  // Scans of a table's partitions are divided among threads like those of a table.
  bool parallel_safe() const override { return scans_only_; }
  size_t morsels() const override { return scans_only_ ? all_morsels() : 1; }

  // A child is opened when it is reached: a LIMIT above may never get there. Opening a scan costs nothing.
  void open() override {
    wanted_ = wanted_partitions(append_, query_);
    for (size_t i = 0; i < children_.size() && scans_only_; ++i) {
      if (wanted_[i]) children_[i]->prepare();
    }
  }

  struct State : OperatorState {
    size_t child = 0;
    StatePtr state;
    Chunk input;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (state.child < children_.size()) {
      if (!wanted_[state.child]) {
        ++state.child;
        continue;
      }
      Operator& child = *children_[state.child];
      if (state.state == nullptr) {
        if (!scans_only_) child.prepare();
        state.state = child.make_state();
        state.input = child.make_chunk();
      }
      if (child.pull(*state.state, state.input)) {
        out.reference(state.input);
        return true;
      }
      state.state = nullptr;
      ++state.child;
    }
    out.set_size(0);
    return false;
  }

 private:
  size_t all_morsels() const {
    size_t total = 0;
    for (const auto* child : children_) total += child->morsels();
    return total;
  }

  const plan::Append& append_;
  bool scans_only_ = false;
  std::vector<bool> wanted_;
};

}  // namespace

Operator* build_simple(const plan::PhysicalOp& plan, QueryState& query) {
  switch (plan.kind) {
    case plan::PhysicalKind::Filter: return add_operator(query, std::make_unique<FilterOperator>(static_cast<const plan::PhysicalFilter&>(plan), query));
    case plan::PhysicalKind::Project: return add_operator(query, std::make_unique<ProjectOperator>(static_cast<const plan::PhysicalProject&>(plan), query));
    case plan::PhysicalKind::Limit: return add_operator(query, std::make_unique<LimitOperator>(static_cast<const plan::PhysicalLimit&>(plan), query));
    case plan::PhysicalKind::DistinctOn: return add_operator(query, std::make_unique<DistinctOnOperator>(static_cast<const plan::DistinctOn&>(plan), query));
    default:
      if (!static_cast<const plan::Append&>(plan).merge_keys.empty()) return build_merge_append(static_cast<const plan::Append&>(plan), query);
      return add_operator(query, std::make_unique<AppendOperator>(static_cast<const plan::Append&>(plan), query));
  }
}

}  // namespace aegis::executor
