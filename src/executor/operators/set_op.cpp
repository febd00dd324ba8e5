// INTERSECT and EXCEPT, with and without ALL: counts of each row on both sides.
#include <algorithm>
#include <cstring>

#include "operators/build.h"
#include "operators/grouping.h"
#include "operators/scans.h"

namespace aegis::executor {
namespace {

struct Counts {
  int64_t left;
  int64_t right;
};

class SetOpOperator : public Operator {
 public:
  SetOpOperator(const plan::PhysicalSetOp& plan, QueryState& query) : Operator(plan, query), set_(plan) {
    for (const auto& child : plan.children) children_.push_back(build_operator(*child, query));
  }
  bool parallel_safe() const override { return false; }
  size_t morsels() const override { return 1; }

  void open() override {
    std::vector<Oid> types;
    for (const auto& column : set_.output) types.push_back(column.type.oid);
    table_ = std::make_unique<GroupTable>(types, sizeof(Counts));
    for (size_t side = 0; side < 2; ++side) {
      Operator& child = *children_[side];
      child.prepare();
      StatePtr state = child.make_state();
      Chunk chunk = child.make_chunk();
      std::byte* rows[vector::kMaxChunkRows];
      while (child.pull(*state, chunk)) {
        query_.check_interrupts();
        std::vector<const Vector*> keys;
        for (size_t c = 0; c < chunk.column_count(); ++c) keys.push_back(&chunk.column(c));
        if (side == 0) {
          table_->find_or_insert(keys, chunk.size(), rows, nullptr);
        } else {
          table_->find(keys, chunk.size(), rows);
        }
        for (size_t i = 0; i < chunk.size(); ++i) {
          if (rows[i] == nullptr) continue;
          auto& counts = *reinterpret_cast<Counts*>(table_->payload(rows[i]));
          ++(side == 0 ? counts.left : counts.right);
        }
      }
    }
  }

  struct State : OperatorState {
    size_t row = 0;
    int64_t repeated = 0;
  };
  StatePtr make_state() override { return std::make_unique<State>(); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    const std::byte* rows[vector::kMaxChunkRows];
    size_t count = 0;
    while (count < vector::chunk_rows() && state.row < table_->rows().size()) {
      std::byte* row = table_->rows()[state.row];
      if (state.repeated < copies(*reinterpret_cast<Counts*>(table_->payload(row)))) {
        rows[count++] = row;
        ++state.repeated;
      } else {
        state.repeated = 0;
        ++state.row;
      }
    }
    if (count == 0) {
      out.set_size(0);
      return false;
    }
    for (size_t c = 0; c < out.column_count(); ++c) table_->layout().gather(rows, count, c, out.column(c));
    out.set_size(count);
    return true;
  }

 private:
  int64_t copies(const Counts& counts) const {
    if (set_.op == plan::SetOpKind::Intersect) {
      int64_t both = std::min(counts.left, counts.right);
      return set_.all ? both : std::min<int64_t>(both, 1);
    }
    if (set_.all) return std::max<int64_t>(0, counts.left - counts.right);
    return counts.right == 0 ? 1 : 0;
  }

  const plan::PhysicalSetOp& set_;
  std::unique_ptr<GroupTable> table_;
};

}  // namespace

Operator* build_set_op(const plan::PhysicalSetOp& plan, QueryState& query) { return add_operator(query, std::make_unique<SetOpOperator>(plan, query)); }

}  // namespace aegis::executor
