// SELECT … FOR UPDATE and its kin.
#include <map>

#include "write/build_write.h"
#include "write/partition/leaf_plan.h"
#include "write/write_operator.h"

namespace aegis::executor {
namespace {

using Outcome = RowWriter::Outcome;

class LockRowsOperator : public Operator {
 public:
  LockRowsOperator(const plan::PhysicalLockRows& plan, QueryState& query) : Operator(plan, query), lock_(plan) {
    children_.push_back(build_operator(*plan.children[0], query));
    members_.resize(plan.targets.size());
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
  // One table of a target, which may have others below it.
  struct Member {
    std::unique_ptr<RowWriter> writer;
    plan::PhysicalLockRows::Recheck own;  // in the table's columns
    std::unique_ptr<Recheck> recheck;
  };

  Member& member_of(size_t i, const Chunk& row) {
    static const std::vector<plan::PhysicalWrite::Check> kNoChecks;
    const auto& target = lock_.targets[i];
    Oid table = target.relation->oid;
    if (target.table_oid_column >= 0) table = row.column(static_cast<size_t>(target.table_oid_column)).get(0).oid();
    Member& member = members_[i][table];
    if (member.writer != nullptr) return member;
    auto relation = table == target.relation->oid ? target.relation : query_.context.catalog->relation(table);
    member.writer = std::make_unique<RowWriter>(relation, query_.context, &kNoChecks);
    const plan::PhysicalLockRows::Recheck* recheck = &lock_.rechecks[i];
    if (table != target.relation->oid) {
      member.own = leaf_recheck(*recheck, *target.relation, *relation);
      recheck = &member.own;
    }
    member.recheck = std::make_unique<Recheck>(*recheck, query_);
    return member;
  }

  // Locks the row's tables; false when one was skipped or no longer qualifies.
  bool lock_row(Chunk& row) {
    for (size_t i = 0; i < lock_.targets.size(); ++i) {
      const auto& target = lock_.targets[i];
      Value value = row.column(target.row_id_column).get(0);
      if (value.is_null) continue;  // padded by an outer join
      RowId id(static_cast<uint64_t>(value.i64));
      Member& member = member_of(i, row);
      RowWriter& writer = *member.writer;
      auto mode = static_cast<storage::RowLockMode>(target.mode);
      bool skipped = false;
      Outcome outcome = writer.lock(query_.context.snapshot, id, mode, target.wait, &skipped);
      if (skipped) return false;
      while (outcome == Outcome::Changed) {
        if (writer.repeatable_read()) RowWriter::throw_serialization(false);
        auto latest = query_.context.transaction.take_latest_snapshot();
        outcome = writer.lock(*latest, id, mode, target.wait, &skipped);
        if (skipped) return false;
        if (outcome == Outcome::Changed) continue;
        if (outcome == Outcome::Gone) break;
        Chunk newest;
        if (!writer.fetch_latest(id, newest) || !member.recheck->run(newest, id, row)) return false;
      }
      if (outcome == Outcome::Gone) {
        if (writer.repeatable_read()) RowWriter::throw_serialization(true);
        return false;
      }
      // A row this very statement has changed (in a WITH query) is not returned, as in PostgreSQL.
      if (outcome == Outcome::Own) return false;
    }
    return true;
  }

  const plan::PhysicalLockRows& lock_;
  std::vector<std::map<Oid, Member>> members_;  // one map a target
};

}  // namespace

Operator* build_lock_rows(const plan::PhysicalLockRows& plan, QueryState& query) {
  return add_operator(query, std::make_unique<LockRowsOperator>(plan, query));
}

}  // namespace aegis::executor
