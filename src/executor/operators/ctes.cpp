// WITH: materialized queries, their readers, and recursion.
#include <algorithm>

#include "aegis/base/error.h"
#include "operators/build.h"
#include "operators/ctes.h"
#include "operators/grouping.h"
#include "operators/scans.h"

namespace aegis::executor {

bool MaterializeOperator::advance() {
  if (done_) return false;
  Operator& child = *children_[0];
  if (state_ == nullptr) {
    child.prepare();
    state_ = child.make_state();
    chunk_ = child.make_chunk();
  }
  query_.check_interrupts();
  done_ = !child.pull(*state_, chunk_);
  if (!done_) rows_.append(chunk_);
  return !done_;
}

void MaterializeOperator::run() {
  while (advance()) {
  }
}

bool MaterializeOperator::next(OperatorState&, Chunk& out) {
  out.set_size(0);
  return false;
}

namespace {

class CteScanOperator : public Operator {
 public:
  CteScanOperator(const plan::CteScan& plan, QueryState& query) : Operator(plan, query), scan_(plan) {}
  bool parallel_safe() const override { return false; }
  void open() override {
    if (source()->modifies_data()) source()->run();
  }
  void reset() override {}

  struct State : OperatorState {
    size_t next = 0;
    size_t row = 0;  // in that chunk
    Chunk copy;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    MaterializeOperator& from = *source();
    const ChunkList& rows = from.rows();
    while (true) {
      if (state.next < rows.chunk_count()) {
        const Chunk& chunk = rows.chunk(state.next);
        bool complete = from.done() || state.next + 1 < rows.chunk_count();
        if (complete && state.row == 0) {
          out.reference(chunk);
          ++state.next;
          return true;
        }
        if (state.row < chunk.size()) {
          // The last chunk still grows, so its rows are copied.
          state.copy = make_chunk();
          state.copy.reset();
          size_t before = state.row;
          if (chunk.column_count() == 0) {
            state.copy.set_size(chunk.size() - before);
            state.row = chunk.size();
          } else {
            state.row += state.copy.append(chunk, before);
          }
          out.reference(state.copy);
          return true;
        }
        if (complete) {
          ++state.next;
          state.row = 0;
          continue;
        }
      }
      if (!from.advance() && state.next >= rows.chunk_count()) break;
      if (from.done() && state.next + 1 == rows.chunk_count() && state.row >= rows.chunk(state.next).size()) break;
    }
    out.set_size(0);
    return false;
  }

 private:
  MaterializeOperator* source() {
    AEGIS_CHECK(scan_.cte < query_.materialized.size() && query_.materialized[scan_.cte] != nullptr);
    return static_cast<MaterializeOperator*>(query_.materialized[scan_.cte]);
  }
  const plan::CteScan& scan_;
};

class WorkTableScanOperator : public Operator {
 public:
  WorkTableScanOperator(const plan::WorkTableScan& plan, QueryState& query) : Operator(plan, query), scan_(plan) {}
  bool parallel_safe() const override { return false; }
  void reset() override {}

  struct State : OperatorState {
    size_t next = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    const ChunkList& rows = query_.work_tables.at(scan_.cte)->rows;
    if (state.next >= rows.chunk_count()) {
      out.set_size(0);
      return false;
    }
    out.reference(rows.chunk(state.next++));
    return true;
  }

 private:
  const plan::WorkTableScan& scan_;
};

// The non-recursive term's rows, then the recursive term over the last round's new rows until there are none.
class RecursiveUnionOperator : public Operator {
 public:
  RecursiveUnionOperator(const plan::PhysicalRecursiveUnion& plan, QueryState& query) : Operator(plan, query), union_(plan) {
    if (query.work_tables.size() <= plan.cte) query.work_tables.resize(plan.cte + 1);
    query.work_tables[plan.cte] = &work_;
    for (const auto& child : plan.children) children_.push_back(build_operator(*child, query));
  }
  bool parallel_safe() const override { return false; }
  void open() override {}
  void reset() override {
    work_.rows.clear();
    Operator::reset();
  }

  struct State : OperatorState {
    State(RecursiveUnionOperator& op) : input(op.children_[0]->make_chunk()) {
      if (op.union_.all) return;
      std::vector<Oid> types;
      for (const auto& column : op.union_.output) types.push_back(column.type.oid);
      seen = std::make_unique<GroupTable>(types, 0);
    }
    Chunk input;
    StatePtr child_state;
    ChunkList collected;
    std::unique_ptr<GroupTable> seen;
    bool recursive = false;
    bool done = false;
  };
  StatePtr make_state() override { return std::make_unique<State>(*this); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    while (!state.done) {
      query_.check_interrupts();
      Operator& child = *children_[state.recursive ? 1 : 0];
      if (state.child_state == nullptr) {
        child.prepare();
        state.child_state = child.make_state();
        state.input = child.make_chunk();
      }
      if (!child.pull(*state.child_state, state.input)) {
        // The next round reads what this one found.
        state.child_state = nullptr;
        if (state.recursive) children_[1]->reset();
        // WITH queries inside the recursive term that read the last round's rows.
        for (MaterializeOperator* inner : dependents()) inner->forget();
        state.recursive = true;
        work_.rows.clear();
        work_.rows.take(state.collected);
        state.done = work_.rows.row_count() == 0;
        continue;
      }
      out.reference(state.input);
      if (state.seen != nullptr) keep_new(state, out);
      if (out.size() == 0) continue;
      state.collected.append(out);
      return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  void keep_new(State& state, Chunk& out) {
    std::vector<const Vector*> keys;
    for (size_t i = 0; i < out.column_count(); ++i) keys.push_back(&out.column(i));
    std::byte* rows[vector::kMaxChunkRows];
    bool is_new[vector::kMaxChunkRows];
    state.seen->find_or_insert(keys, out.size(), rows, is_new);
    uint32_t selection[vector::kMaxChunkRows];
    size_t kept = 0;
    for (size_t i = 0; i < out.size(); ++i) {
      if (is_new[i]) selection[kept++] = static_cast<uint32_t>(i);
    }
    if (kept < out.size()) out.slice(selection, kept);
  }

  bool depends(const plan::PhysicalOp& op) {
    if (&op == &union_) return false;  // what reads this query's result
    if (op.kind == plan::PhysicalKind::WorkTableScan) return static_cast<const plan::WorkTableScan&>(op).cte == union_.cte;
    if (op.kind == plan::PhysicalKind::CteScan) {
      uint32_t cte = static_cast<const plan::CteScan&>(op).cte;
      if (cte >= query_.materialized.size() || query_.materialized[cte] == nullptr) return false;
      return depends(query_.materialized[cte]->plan());
    }
    return std::any_of(op.children.begin(), op.children.end(), [&](const auto& child) { return depends(*child); });
  }
  const std::vector<MaterializeOperator*>& dependents() {
    if (dependents_known_) return dependents_;
    dependents_known_ = true;
    for (Operator* op : query_.materialized) {
      if (op != nullptr && depends(op->plan())) dependents_.push_back(static_cast<MaterializeOperator*>(op));
    }
    return dependents_;
  }

  const plan::PhysicalRecursiveUnion& union_;
  WorkTable work_;
  bool dependents_known_ = false;
  std::vector<MaterializeOperator*> dependents_;
};

}  // namespace

Operator* build_cte(const plan::PhysicalOp& plan, QueryState& query) {
  switch (plan.kind) {
    case plan::PhysicalKind::Materialize: return add_operator(query, std::make_unique<MaterializeOperator>(static_cast<const plan::Materialize&>(plan), query));
    case plan::PhysicalKind::CteScan: return add_operator(query, std::make_unique<CteScanOperator>(static_cast<const plan::CteScan&>(plan), query));
    case plan::PhysicalKind::WorkTableScan:
      return add_operator(query, std::make_unique<WorkTableScanOperator>(static_cast<const plan::WorkTableScan&>(plan), query));
    default: return add_operator(query, std::make_unique<RecursiveUnionOperator>(static_cast<const plan::PhysicalRecursiveUnion&>(plan), query));
  }
}

}  // namespace aegis::executor
