#pragma once

#include "operator.h"
#include "pipeline/rows.h"

namespace aegis::executor {

// The rows a recursive term sees.
class WorkTable {
 public:
  ChunkList rows;
};

// Runs a WITH query once and keeps its rows.
class MaterializeOperator : public Operator {
 public:
  MaterializeOperator(const plan::Materialize& plan, QueryState& query) : Operator(plan, query) {
    children_.push_back(build_operator(*plan.children[0], query));
  }
  void run();
  void open() override {}
  void reset() override {}
  StatePtr make_state() override { return std::make_unique<OperatorState>(); }
  bool next(OperatorState& state, Chunk& out) override;
  const ChunkList& rows() const { return rows_; }

 private:
  ChunkList rows_;
  bool done_ = false;
};

}  // namespace aegis::executor
