// Hash join: the right input is built into a table of chained rows, whose directory words carry a 16-bit filter of the
// hashes below (Leis et al., "Morsel-driven parallelism"); the left input probes it.
#include <algorithm>
#include <cstring>

#include "aegis/base/error.h"
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

// A row's header.
struct Header {
  std::byte* next;
  uint64_t hash;
  uint8_t matched;
};
constexpr size_t kHeaderBytes = 24;
constexpr uint64_t kPointerMask = (uint64_t{1} << 48) - 1;

Header& header(std::byte* row) { return *reinterpret_cast<Header*>(row); }
uint64_t tag_of(uint64_t hash) { return uint64_t{1} << (48 + (hash >> 60)); }

class HashJoinOperator : public Operator {
 public:
  HashJoinOperator(const plan::HashJoin& plan, QueryState& query) : Operator(plan, query), join_(plan) {
    children_.push_back(build_operator(*plan.children[0], query));
    children_.push_back(build_operator(*plan.children[1], query));
    std::vector<Oid> types;
    std::vector<PhysicalType> physical;
    for (size_t k = 0; k < plan.right_keys.size(); ++k) {
      types.push_back(plan.right_keys[k]->type.oid);
      physical.push_back(types::physical_type(types.back()));
      equalities_.push_back(slot_equality(plan.left_keys[k]->type.oid, types::physical_type(plan.left_keys[k]->type.oid), physical.back()));
    }
    payload_at_ = types.size();
    keeps_payload_ = outputs_right() || !plan.residual.empty();
    if (keeps_payload_) {
      for (const auto& column : plan.children[1]->output) {
        types.push_back(column.type.oid);
        physical.push_back(types::physical_type(column.type.oid));
      }
    }
    layout_ = RowLayout(std::move(types), std::move(physical), kHeaderBytes);
  }

  bool parallel_safe() const override { return children_[0]->parallel_safe(); }
  size_t morsels() const override { return children_[0]->morsels(); }

  void open() override {
    build();
    children_[0]->open();
    active_probers_ = 0;
    unmatched_claimed_ = false;
  }

  void reset() override {
    Operator::reset();
    workers_.clear();
    directory_.clear();
    row_count_ = 0;
    has_null_key_ = false;
  }

  struct State : OperatorState {
    State(HashJoinOperator& op)
        : input(op.children_[0]->make_chunk()),
          child(op.children_[0]->make_state()),
          keys(op.join_.left_keys, evaluation_context(op.query_)),
          residual(op.join_.residual, evaluation_context(op.query_)) {
      for (const auto& key : op.join_.left_keys) key_chunk.add_column(key->type.oid);
      if (!op.join_.residual.empty()) {
        for (const auto& column : op.join_.children[0]->output) pairs.add_column(column.type.oid);
        for (const auto& column : op.join_.children[1]->output) pairs.add_column(column.type.oid);
      }
      ++op.active_probers_;
    }
    Chunk input;
    StatePtr child;
    ProjectionEvaluator keys;
    Chunk key_chunk;
    FilterEvaluator residual;
    Chunk pairs;
    std::vector<VectorView> key_views;
    uint64_t hashes[kMaxChunkRows];
    std::byte* chain[kMaxChunkRows];
    bool key_null[kMaxChunkRows];
    uint8_t matches[kMaxChunkRows];  // surviving matches of each probe row: 0, 1, 2 (many)
    size_t row = 0;
    bool has_input = false;
    bool probing = true;
    // Unmatched build rows, at the end.
    bool emits_unmatched = false;
    size_t worker = 0;
    size_t build_row = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (state.probing) {
      if (!state.has_input) {
        query_.check_interrupts();
        if (!children_[0]->pull(*state.child, state.input)) {
          finish_probing(state);
          break;
        }
        if (state.input.size() == 0) continue;
        start_chunk(state);
      }
      if (state.row < state.input.size()) {
        if (probe(state, out)) return true;
        continue;
      }
      state.has_input = false;
      if (emit_left(state, out)) return true;
    }
    if (state.emits_unmatched && emit_unmatched(state, out)) return true;
    out.set_size(0);
    return false;
  }

 private:
  struct Worker {
    Arena arena{1 << 16};
    std::vector<std::byte*> rows;
    std::unique_ptr<ProjectionEvaluator> keys;
    Chunk key_chunk;
    bool has_null_key = false;
  };

  bool outputs_right() const {
    return join_.type == JoinType::Inner || join_.type == JoinType::Left || join_.type == JoinType::Right || join_.type == JoinType::Full ||
           join_.type == JoinType::Single;
  }
  bool keeps_unmatched_build() const { return join_.type == JoinType::Right || join_.type == JoinType::Full; }

  void build() {
    Operator& source = *children_[1];
    source.open();
    size_t limit = worker_limit(source, query_);
    workers_.resize(limit);
    for (auto& worker : workers_) {
      worker = std::make_unique<Worker>();
      worker->keys = std::make_unique<ProjectionEvaluator>(join_.right_keys, evaluation_context(query_));
      for (const auto& key : join_.right_keys) worker->key_chunk.add_column(key->type.oid);
    }
    run_parallel(source, query_, limit, [&](size_t number, Chunk& chunk) { add_rows(*workers_[number], chunk); });
    for (const auto& worker : workers_) {
      row_count_ += worker->rows.size();
      has_null_key_ = has_null_key_ || worker->has_null_key;
    }
    size_t size = 1024;
    while (size < row_count_ * 2) size *= 2;
    directory_.assign(size, 0);
    uint64_t mask = size - 1;
    for (const auto& worker : workers_) {
      for (std::byte* row : worker->rows) {
        if (has_null(row)) continue;
        uint64_t hash = header(row).hash;
        uint64_t& word = directory_[hash & mask];
        header(row).next = reinterpret_cast<std::byte*>(word & kPointerMask);
        word = reinterpret_cast<uint64_t>(row) | (word & ~kPointerMask) | tag_of(hash);
      }
    }
    if (query_.instrument) {
      for (const auto& worker : workers_) counters().memory_bytes += worker->arena.allocated_bytes();
      counters().memory_bytes += directory_.size() * sizeof(uint64_t);
    }
  }

  bool has_null(const std::byte* row) const {
    for (size_t k = 0; k < payload_at_; ++k) {
      if (layout_.is_null(row, k)) return true;
    }
    return false;
  }

  void add_rows(Worker& worker, Chunk& chunk) {
    size_t count = chunk.size();
    if (count == 0) return;
    worker.keys->evaluate(chunk, worker.key_chunk);
    uint64_t hashes[kMaxChunkRows];
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      bool null = false;
      for (size_t k = 0; k < payload_at_; ++k) null = null || worker.key_chunk.column(k).is_null(i);
      worker.has_null_key = worker.has_null_key || null;
      if (!null || keeps_unmatched_build()) selection[kept++] = static_cast<uint32_t>(i);
    }
    for (size_t k = 0; k < payload_at_; ++k) {
      vector::hash_vector(worker.key_chunk.column(k), count, k == 0 ? vector::HashMode::Set : vector::HashMode::Combine, hashes);
    }
    std::byte* rows[kMaxChunkRows];
    auto* block = static_cast<std::byte*>(worker.arena.allocate(layout_.row_bytes() * std::max<size_t>(kept, 1), 16));
    for (size_t i = 0; i < kept; ++i) {
      rows[i] = block + i * layout_.row_bytes();
      header(rows[i]) = {nullptr, hashes[selection[i]], 0};
      worker.rows.push_back(rows[i]);
    }
    for (size_t k = 0; k < payload_at_; ++k) layout_.store_column(rows, kept, k, worker.key_chunk.column(k), selection, worker.arena);
    if (!keeps_payload_) return;
    for (size_t c = 0; c < chunk.column_count(); ++c) layout_.store_column(rows, kept, payload_at_ + c, chunk.column(c), selection, worker.arena);
  }

  void start_chunk(State& state) {
    size_t count = state.input.size();
    state.keys.evaluate(state.input, state.key_chunk);
    state.key_views.clear();
    for (size_t k = 0; k < payload_at_; ++k) {
      vector::hash_vector(state.key_chunk.column(k), count, k == 0 ? vector::HashMode::Set : vector::HashMode::Combine, state.hashes);
      state.key_views.push_back(state.key_chunk.column(k).view());
    }
    std::memset(state.matches, 0, count);
    std::memset(state.key_null, 0, count);
    for (const auto& view : state.key_views) {
      if (view.validity == nullptr) continue;
      for (size_t i = 0; i < count; ++i) state.key_null[i] |= !view.valid(i);
    }
    uint64_t mask = directory_.size() - 1;
    for (size_t i = 0; i < count; ++i) {
      uint64_t word = directory_[state.hashes[i] & mask];
      bool possible = !state.key_null[i] && (word & tag_of(state.hashes[i])) != 0;
      state.chain[i] = possible ? reinterpret_cast<std::byte*>(word & kPointerMask) : nullptr;
    }
    state.row = 0;
    state.has_input = true;
  }

  bool same_keys(const State& state, size_t i, const std::byte* row) const {
    for (size_t k = 0; k < payload_at_; ++k) {
      const VectorView& view = state.key_views[k];
      if (!equalities_[k](view, view.index(i), layout_.slot(row, k), join_.left_keys[k]->type.oid)) return false;
    }
    return true;
  }

  // Gathers up to a chunk of matching pairs and emits them; true if `out` has rows.
  bool probe(State& state, Chunk& out) {
    uint32_t left[kMaxChunkRows];
    std::byte* right[kMaxChunkRows];
    size_t pairs = 0;
    size_t count = state.input.size();
    // Without a residual, one match settles a semijoin's row.
    bool first_only = join_.residual.empty() && !outputs_right();
    while (state.row < count && pairs < kMaxChunkRows) {
      size_t i = state.row;
      std::byte* row = state.chain[i];
      while (row != nullptr && pairs < kMaxChunkRows) {
        if (header(row).hash == state.hashes[i] && same_keys(state, i, row)) {
          left[pairs] = static_cast<uint32_t>(i);
          right[pairs++] = row;
          if (first_only) {
            row = nullptr;
            break;
          }
        }
        row = header(row).next;
      }
      state.chain[i] = row;
      if (row == nullptr) ++state.row;
    }
    if (pairs == 0) return false;
    if (!join_.residual.empty()) pairs = filter_pairs(state, left, right, pairs);
    for (size_t p = 0; p < pairs; ++p) {
      uint8_t& matches = state.matches[left[p]];
      if (matches < 2) ++matches;
      if (matches == 2 && join_.type == JoinType::Single) {
        throw SqlError(Sqlstate::CardinalityViolation, "more than one row returned by a subquery used as an expression");
      }
      if (keeps_unmatched_build()) std::atomic_ref<uint8_t>(header(right[p]).matched).store(1, std::memory_order_relaxed);
    }
    if (pairs == 0 || !outputs_right()) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).slice(state.input.column(c), left, pairs);
    for (size_t c = 0; c + payload_at_ < layout_.column_count(); ++c) layout_.gather(right, pairs, payload_at_ + c, out.column(width + c));
    out.set_size(pairs);
    return true;
  }

  size_t filter_pairs(State& state, uint32_t* left, std::byte** right, size_t pairs) {
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) state.pairs.column(c).slice(state.input.column(c), left, pairs);
    for (size_t c = 0; c + payload_at_ < layout_.column_count(); ++c) layout_.gather(right, pairs, payload_at_ + c, state.pairs.column(width + c));
    state.pairs.set_size(pairs);
    uint32_t selection[kMaxChunkRows];
    size_t kept = state.residual.select(state.pairs, selection);
    for (size_t i = 0; i < kept; ++i) {
      left[i] = left[selection[i]];
      right[i] = right[selection[i]];
    }
    return kept;
  }

  // What is known of the probe rows once all their pairs have been seen.
  bool emit_left(State& state, Chunk& out) {
    size_t count = state.input.size();
    if (join_.type == JoinType::Mark) {
      for (size_t c = 0; c < state.input.column_count(); ++c) out.column(c).reference(state.input.column(c));
      auto& mark = out.column(state.input.column_count());
      uint8_t* marks = mark.start<uint8_t>();
      for (size_t i = 0; i < count; ++i) {
        marks[i] = state.matches[i] != 0;
        bool unknown = join_.null_aware && state.matches[i] == 0 && (has_null_key_ || (state.key_null[i] && row_count_ > 0));
        if (unknown) mark.set_null(i);
      }
      out.set_size(count);
      return true;
    }
    bool wants_matched = join_.type == JoinType::Semi;
    bool wants_unmatched = join_.type == JoinType::Anti || join_.type == JoinType::Left || join_.type == JoinType::Full || join_.type == JoinType::Single;
    if (!wants_matched && !wants_unmatched) return false;
    uint32_t selection[kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      if ((state.matches[i] != 0) == wants_matched) selection[kept++] = static_cast<uint32_t>(i);
    }
    if (kept == 0) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).slice(state.input.column(c), selection, kept);
    for (size_t c = width; c < out.column_count(); ++c) out.column(c).set_constant_null();
    out.set_size(kept);
    return true;
  }

  void finish_probing(State& state) {
    state.probing = false;
    if (--active_probers_ == 0 && keeps_unmatched_build() && !unmatched_claimed_.exchange(true)) state.emits_unmatched = true;
  }

  bool emit_unmatched(State& state, Chunk& out) {
    std::byte* rows[kMaxChunkRows];
    size_t count = 0;
    while (count < kMaxChunkRows && state.worker < workers_.size()) {
      const auto& all = workers_[state.worker]->rows;
      if (state.build_row >= all.size()) {
        ++state.worker;
        state.build_row = 0;
        continue;
      }
      std::byte* row = all[state.build_row++];
      if (header(row).matched == 0) rows[count++] = row;
    }
    if (count == 0) return false;
    size_t width = state.input.column_count();
    for (size_t c = 0; c < width; ++c) out.column(c).set_constant_null();
    for (size_t c = 0; c + payload_at_ < layout_.column_count(); ++c) layout_.gather(rows, count, payload_at_ + c, out.column(width + c));
    out.set_size(count);
    return true;
  }

  const plan::HashJoin& join_;
  RowLayout layout_;
  std::vector<SlotEquality> equalities_;
  size_t payload_at_ = 0;  // the first column behind the keys
  bool keeps_payload_ = true;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<uint64_t> directory_;
  size_t row_count_ = 0;
  bool has_null_key_ = false;
  std::atomic<int> active_probers_{0};
  std::atomic<bool> unmatched_claimed_{false};
};

}  // namespace

Operator* build_hash_join(const plan::HashJoin& plan, QueryState& query) {
  return add_operator(query, std::make_unique<HashJoinOperator>(plan, query));
}

}  // namespace aegis::executor
