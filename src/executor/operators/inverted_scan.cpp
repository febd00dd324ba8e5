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
    late_ = late_columns(plan.columns, plan.filters, *table_);
    map_ = ColumnMap(plan.columns, late_);
  }

  bool parallel_safe() const override { return false; }
  void reset() override {}

  struct State : OperatorState {
    State(InvertedScanOperator& op, const EvaluationContext& context)
        : filters(op.scan_.filters, context), late(op.late_, op.scan_.columns, *op.scan_.relation, op.make_chunk()),
          read(op.map_.make_read_chunk(*op.scan_.relation)) {}
    FilterEvaluator filters;
    LateColumns late;
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
    while (true) {
      if (state.late.pending()) {
        state.late.take(*table_, query_.context.snapshot, out);
        return true;
      }
      if (state.next == state.rows.size()) break;
      query_.check_interrupts();
      size_t count = std::min(vector::chunk_rows(), state.rows.size() - state.next);
      state.ids.clear();
      for (size_t i = 0; i < count; ++i) state.ids.push_back(RowId(state.rows[state.next + i]));
      state.next += count;
      table_->fetch(query_.context.snapshot, state.ids, map_.stored, state.read, state.found);
      if (state.found.empty()) continue;
      for (size_t i = 0; i < state.found.size(); ++i) state.ids[i] = state.ids[state.found[i]];
      state.ids.resize(state.found.size());
      Chunk& rows = state.late.any() ? state.late.rows() : out;
      map_.emit(state.read, state.ids, scan_.relation->oid, rows);
      size_t before = rows.size(), passed = 0;
      if (state.late.any()) {
        passed = state.late.filter(state.filters, state.ids);
      } else {
        state.filters.apply(out);
        passed = out.size();
      }
      if (query_.instrument) counters().rows_removed += before - passed;
      index_->activity().rows.fetch_add(passed, std::memory_order_relaxed);
      if (passed > 0 && !state.late.any()) return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  EvaluationContext context() { return {query_.context.types, query_.context.services, &query_.context.parameters, &query_.exec_params}; }

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
  ColumnMap map_{std::vector<int>()};
  std::vector<bool> late_;
};

}  // namespace

std::unique_ptr<Operator> make_inverted_scan(const plan::IndexScan& plan, QueryState& query) {
  return std::make_unique<InvertedScanOperator>(plan, query);
}

}  // namespace aegis::executor
