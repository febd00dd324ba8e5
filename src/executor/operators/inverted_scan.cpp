// Rows by an inverted index: lists of rows of keys, cut and joined as the conditions say. Entries are of any version of a
// row, so each visible row is checked by the filters, which have the conditions too.
#include <algorithm>

#include "aegis/catalog/catalog.h"
#include "aegis/functions/inverted.h"
#include "aegis/storage/engine.h"
#include "operators/inverted_search.h"
#include "operators/scans.h"

namespace aegis::executor {

namespace {

class InvertedScanOperator : public Operator {
 public:
  InvertedScanOperator(const plan::IndexScan& plan, QueryState& query) : Operator(plan, query), scan_(plan), table_(find_table(query, *plan.relation)) {
    info_ = query.context.catalog->index(plan.index);
    AEGIS_CHECK(info_ != nullptr);
    index_ = query.context.engine.index(info_->storage);
    AEGIS_CHECK(index_ != nullptr);
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      if (plan.columns[i] >= 0) {
        stored_.push_back(static_cast<uint32_t>(plan.columns[i]));
        stored_at_.push_back(i);
      } else {
        made_.emplace_back(i, plan.columns[i]);
      }
    }
  }

  bool parallel_safe() const override { return false; }
  void reset() override {}

  struct State : OperatorState {
    State(InvertedScanOperator& op, const EvaluationContext& context) : filters(op.scan_.filters, context) {
      for (uint32_t column : op.stored_) read.add_column(op.scan_.relation->columns[column].type.oid);
    }
    FilterEvaluator filters;
    Chunk read;
    std::vector<uint64_t> rows;
    std::vector<RowId> ids;
    std::vector<uint32_t> found;
    size_t next = 0;
    bool started = false;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this, context()); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    if (!state.started) {
      state.started = true;
      state.rows = find_rows();
    }
    while (state.next < state.rows.size()) {
      query_.check_interrupts();
      size_t count = std::min(vector::chunk_rows(), state.rows.size() - state.next);
      state.ids.clear();
      for (size_t i = 0; i < count; ++i) state.ids.push_back(RowId(state.rows[state.next + i]));
      state.next += count;
      table_->fetch(query_.context.snapshot, state.ids, stored_, state.read, state.found);
      if (state.found.empty()) continue;
      emit(state, out);
      size_t before = out.size();
      state.filters.apply(out);
      if (query_.instrument) counters().rows_removed += before - out.size();
      index_->activity().rows.fetch_add(out.size(), std::memory_order_relaxed);
      if (out.size() > 0) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  EvaluationContext context() { return {query_.context.types, query_.context.services, &query_.context.parameters, &query_.exec_params}; }

  void emit(State& state, Chunk& out) const {
    for (size_t i = 0; i < stored_.size(); ++i) out.column(stored_at_[i]).reference(state.read.column(i));
    for (auto [at, which] : made_) {
      if (which == plan::kRowIdColumn) {
        int64_t* ids = out.column(at).start<int64_t>();
        for (size_t i = 0; i < state.found.size(); ++i) ids[i] = static_cast<int64_t>(state.ids[state.found[i]].value);
      } else {
        out.column(at).set_constant(Value::of_oid(scan_.relation->oid));
      }
    }
    out.set_size(state.found.size());
  }

  std::vector<uint64_t> find_rows() {
    index_->activity().scans.fetch_add(1, std::memory_order_relaxed);
    Chunk one;
    one.set_size(1);
    RowSet rows{true, {}};
    InvertedSearch search(*index_, query_.context.services);
    std::vector<RowSet> sets;
    for (const auto& condition : scan_.inverted) {
      ExpressionEvaluator evaluator(*condition.query, context());
      Value query = evaluator.evaluate(one).get(0);
      if (query.is_null) return {};
      const auto& key = info_->columns[condition.key];
      const auto* strategy = query_.context.catalog->inverted_strategy(key.opclass);
      AEGIS_CHECK(strategy != nullptr);
      auto asked = strategy->query(condition.operator_name, condition.query_type, types::base_type(key.type.oid), query);
      sets.push_back(search.find(asked, inverted_prefix(condition.key)));
    }
    rows = InvertedSearch::intersect(std::move(sets));
    if (rows.every) rows.rows = search.all(scan_.inverted[0].key);
    index_->activity().entries.fetch_add(rows.rows.size(), std::memory_order_relaxed);
    return std::move(rows.rows);
  }

  const plan::IndexScan& scan_;
  std::shared_ptr<storage::Table> table_;
  catalog::IndexPtr info_;
  std::shared_ptr<storage::Index> index_;
  std::vector<uint32_t> stored_;
  std::vector<size_t> stored_at_;
  std::vector<std::pair<size_t, int>> made_;
};

}  // namespace

std::unique_ptr<Operator> make_inverted_scan(const plan::IndexScan& plan, QueryState& query) {
  return std::make_unique<InvertedScanOperator>(plan, query);
}

}  // namespace aegis::executor
