// SELECT … FOR UPDATE and its kin.
#include "write/build_write.h"
#include "write/write_operator.h"

namespace aegis::executor {
namespace {

using Outcome = RowWriter::Outcome;

class LockRowsOperator : public Operator {
 public:
  LockRowsOperator(const plan::PhysicalLockRows& plan, QueryState& query) : Operator(plan, query), lock_(plan) {
    children_.push_back(build_operator(*plan.children[0], query));
    static const std::vector<plan::PhysicalWrite::Check> kNoChecks;
    for (size_t i = 0; i < plan.targets.size(); ++i) {
      writers_.push_back(std::make_unique<RowWriter>(plan.targets[i].relation, query.context, &kNoChecks));
      rechecks_.push_back(std::make_unique<Recheck>(plan.rechecks[i], query));
    }
  }
  bool parallel_safe() const override { return false; }

  struct State : OperatorState {
    explicit State(Operator& child) : input(child.make_chunk()), child(child.make_state()) {}
    Chunk input;
    StatePtr child;
    size_t row = 0;  // of the input, the next
  };
  StatePtr make_state() override { return std::make_unique<State>(*children_[0]); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    // One row at a time: what a LIMIT above does not ask for must not be locked.
    while (state.row < state.input.size() || children_[0]->pull(*state.child, state.input)) {
      if (state.row >= state.input.size()) state.row = 0;
      if (state.input.size() == 0) continue;
      query_.check_interrupts();
      Chunk one = copy_row(state.input, state.row++);
      if (!lock_row(one)) continue;
      out.reset();
      for (size_t c = 0; c < one.column_count(); ++c) out.column(c).set(0, one.column(c).get(0));
      out.set_size(1);
      return true;
    }
    out.set_size(0);
    return false;
  }

 private:
  // Locks the row's tables; false when one was skipped or no longer qualifies.
  bool lock_row(Chunk& row) {
    for (size_t i = 0; i < lock_.targets.size(); ++i) {
      const auto& target = lock_.targets[i];
      Value value = row.column(target.row_id_column).get(0);
      if (value.is_null) continue;  // padded by an outer join
      RowId id(static_cast<uint64_t>(value.i64));
      auto mode = static_cast<storage::RowLockMode>(target.mode);
      bool skipped = false;
      Outcome outcome = writers_[i]->lock(query_.context.snapshot, id, mode, target.wait, &skipped);
      if (skipped) return false;
      while (outcome == Outcome::Changed) {
        if (writers_[i]->repeatable_read()) RowWriter::throw_serialization(false);
        auto latest = query_.context.transaction.take_latest_snapshot();
        outcome = writers_[i]->lock(*latest, id, mode, target.wait, &skipped);
        if (skipped) return false;
        if (outcome == Outcome::Changed) continue;
        if (outcome == Outcome::Gone) break;
        Chunk newest;
        if (!writers_[i]->fetch_latest(id, newest) || !rechecks_[i]->run(newest, id, row)) return false;
      }
      if (outcome == Outcome::Gone) {
        if (writers_[i]->repeatable_read()) RowWriter::throw_serialization(true);
        return false;
      }
      // A row this very statement has changed (in a WITH query) is not returned, as in PostgreSQL.
      if (outcome == Outcome::Own) return false;
    }
    return true;
  }

  const plan::PhysicalLockRows& lock_;
  std::vector<std::unique_ptr<RowWriter>> writers_;
  std::vector<std::unique_ptr<Recheck>> rechecks_;
};

}  // namespace

Operator* build_lock_rows(const plan::PhysicalLockRows& plan, QueryState& query) {
  return add_operator(query, std::make_unique<LockRowsOperator>(plan, query));
}

}  // namespace aegis::executor
