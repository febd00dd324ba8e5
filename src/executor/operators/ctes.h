#pragma once

#include "operator.h"
#include "pipeline/rows.h"

namespace aegis::executor {

// The rows a recursive term sees.
class WorkTable {
 public:
  ChunkList rows;
};

// Runs a WITH query once, as far as its readers ask, and keeps its rows.
class MaterializeOperator : public Operator {
 public:
  MaterializeOperator(const plan::Materialize& plan, QueryState& query) : Operator(plan, query) {
    children_.push_back(build_operator(*plan.children[0], query));
    modifies_data_ = plan.modifies_data;
  }
  // Runs the query to its end.
  void run();
  // Gets more rows; false when there are none left.
  bool advance();
  bool done() const { return done_; }
  bool modifies_data() const { return modifies_data_; }
  void open() override {}
  void reset() override {}
  // The query is to be run anew for its next reader.
  void forget() {
    rows_.clear();
    state_ = nullptr;
    done_ = false;
    children_[0]->reset();
  }
  StatePtr make_state() override { return std::make_unique<OperatorState>(); }
  bool next(OperatorState& state, Chunk& out) override;
  const ChunkList& rows() const { return rows_; }

 private:
  ChunkList rows_;
  StatePtr state_;
  Chunk chunk_;
  bool modifies_data_ = false;
  bool done_ = false;
};

}  // namespace aegis::executor
