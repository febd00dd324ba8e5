// Merge Append: inputs that are sorted become one sorted output.
#include "aegis/base/error.h"
#include "expression/evaluator.h"
#include "operators/build.h"
#include "operators/scans.h"

namespace aegis::executor {
namespace {

class MergeAppendOperator : public Operator {
 public:
  MergeAppendOperator(const plan::Append& plan, QueryState& query) : Operator(plan, query), append_(plan) {
    for (const auto& child : plan.children) children_.push_back(build_operator(*child, query));
  }
  bool parallel_safe() const override { return false; }

  void open() override {
    wanted_ = wanted_partitions(append_, query_);
    for (size_t i = 0; i < children_.size(); ++i) {
      if (wanted_[i]) children_[i]->prepare();
    }
  }

  struct Source {
    StatePtr state;
    Chunk rows;
    size_t row = 0;
    bool done = false;
    std::vector<ExpressionEvaluator> keys;
    std::vector<const Vector*> values;
  };
  struct State : OperatorState {
    std::vector<std::unique_ptr<Source>> sources;
  };

  StatePtr make_state() override {
    auto state = std::make_unique<State>();
    for (size_t i = 0; i < children_.size(); ++i) {
      auto source = std::make_unique<Source>();
      source->done = !wanted_[i];
      if (wanted_[i]) {
        source->state = children_[i]->make_state();
        source->rows = children_[i]->make_chunk();
        EvaluationContext context{query_.context.types, query_.context.services, &query_.context.parameters, &query_.exec_params};
        for (const auto& key : append_.merge_keys) source->keys.emplace_back(*key.expr, context);
        source->values.resize(source->keys.size());
        refill(i, *source);
      }
      state->sources.push_back(std::move(source));
    }
    return state;
  }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    query_.check_interrupts();
    out.reset();
    size_t count = 0;
    while (count < vector::chunk_rows()) {
      size_t best = children_.size();
      for (size_t i = 0; i < state.sources.size(); ++i) {
        if (state.sources[i]->done) continue;
        if (best == children_.size() || compare(*state.sources[i], *state.sources[best]) < 0) best = i;
      }
      if (best == children_.size()) break;
      Source& source = *state.sources[best];
      for (size_t c = 0; c < out.column_count(); ++c) out.column(c).set(count, source.rows.column(c).get(source.row));
      ++count;
      if (++source.row == source.rows.size()) refill(best, source);
    }
    out.set_size(count);
    return count > 0;
  }

 private:
  void refill(size_t child, Source& source) {
    source.row = 0;
    while (children_[child]->pull(*source.state, source.rows)) {
      if (source.rows.size() == 0) continue;
      for (size_t k = 0; k < source.keys.size(); ++k) source.values[k] = &source.keys[k].evaluate(source.rows);
      return;
    }
    source.done = true;
  }

  int compare(const Source& a, const Source& b) const {
    for (size_t k = 0; k < append_.merge_keys.size(); ++k) {
      const auto& key = append_.merge_keys[k];
      Value x = a.values[k]->get(a.row), y = b.values[k]->get(b.row);
      if (x.is_null || y.is_null) {
        if (x.is_null == y.is_null) continue;
        return x.is_null == key.nulls_first ? -1 : 1;
      }
      Oid type = key.expr->type.oid;
      int order = types::type_info(type).compare(x, y, type);
      if (order != 0) return key.descending ? -order : order;
    }
    return 0;
  }

  const plan::Append& append_;
  std::vector<bool> wanted_;
};

}  // namespace

std::vector<bool> wanted_partitions(const plan::Append& append, QueryState& query) {
  std::vector<bool> wanted(append.children.size(), append.pruning == nullptr);
  if (append.pruning == nullptr) return wanted;
  Arena bytes;
  plan::prune_partitions(*append.pruning, [&](const plan::Expr& expr, Value& value) {
    if (expr.kind == plan::ExprKind::Constant) {
      value = expr.value.get();
      return true;
    }
    Chunk one;
    one.set_size(1);
    ExpressionEvaluator evaluator(expr, {query.context.types, query.context.services, &query.context.parameters, &query.exec_params});
    const Vector& result = evaluator.evaluate(one);
    value = types::copy_value(result.physical(), result.get(0), bytes);
    return true;
  }, wanted);
  return wanted;
}

Operator* build_merge_append(const plan::Append& plan, QueryState& query) {
  return add_operator(query, std::make_unique<MergeAppendOperator>(plan, query));
}

}  // namespace aegis::executor
