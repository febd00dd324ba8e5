// What the write operators share: pulling from the child, RETURNING, counting.
#pragma once

#include "expression/evaluation.h"
#include "expression/evaluator.h"
#include "operator.h"
#include "operators/scans.h"
#include "write/triggers.h"
#include "write/writer.h"

namespace aegis::executor {

inline EvaluationContext write_context(QueryState& query) {
  return {query.context.types, query.context.services, &query.context.parameters, &query.exec_params};
}

class PartitionMembership;
class RoutedWriter;

// What a writer of one table among several is given by the one that hands it its rows (write/partition/multi_write.h).
struct LeafOf {
  const std::vector<plan::ColumnInfo>& input;  // what the rows handed over look like
  catalog::RelationPtr root;
  RoutedWriter* routed = nullptr;  // where rows go that leave the table; null: the root is not partitioned
};

class WriteOperator : public Operator {
 public:
  WriteOperator(const plan::PhysicalWrite& plan, QueryState& query)
      : Operator(plan, query), write_(plan), writer_(plan.relation, query.context, &plan.checks, &query.exec_params), returning_(plan.returning, write_context(query)) {
    children_.push_back(build_operator(*plan.children[0], query));
    for (const auto& column : plan.children[0]->output) returning_input_.add_column(column.type.oid);
    for (const auto& column : writer_.relation().columns) returning_input_.add_column(column.type.oid);
    returning_input_.add_column(types::oid::kOid);
  }
  WriteOperator(const plan::PhysicalWrite& plan, QueryState& query, const LeafOf& leaf)
      : Operator(plan, query), write_(plan), writer_(plan.relation, query.context, nullptr), returning_(plan.returning, write_context(query)) {
    for (const auto& column : leaf.input) returning_input_.add_column(column.type.oid);
    for (const auto& column : writer_.relation().columns) returning_input_.add_column(column.type.oid);
    returning_input_.add_column(types::oid::kOid);
    if (leaf.routed != nullptr) writer_.set_routed(leaf.root);
    writer_.add_view_checks(plan.checks, &query.exec_params);
  }
  RowWriter& writer() { return writer_; }
  bool write_rows(Chunk& input, Chunk& out) { return write(input, out); }

  bool parallel_safe() const override { return false; }
  void open() override {
    for (int16_t event : trigger_events()) writer_.triggers().before_statement(event, trigger_columns());
    Operator::open();
  }

  struct State : OperatorState {
    explicit State(Operator& child) : input(child.make_chunk()), child(child.make_state()) {}
    Chunk input;
    StatePtr child;
    bool finished = false;
  };
  StatePtr make_state() override { return std::make_unique<State>(*children_[0]); }

  bool next(OperatorState& base, Chunk& out) override {
    auto& state = static_cast<State&>(base);
    out.set_size(0);
    while (!state.finished) {
      query_.check_interrupts();
      if (!children_[0]->pull(*state.child, state.input)) {
        state.finished = true;
        writer_.finish();
        break;
      }
      if (state.input.size() == 0) continue;
      if (write(state.input, out)) return true;
    }
    return false;
  }

 protected:
  // Of pg_trigger.tgtype: what this statement does.
  virtual std::vector<int16_t> trigger_events() const = 0;
  // What an UPDATE assigns; null: no matter.
  virtual const std::vector<uint32_t>* trigger_columns() const { return nullptr; }
  // Writes for the input's rows; true if `out` got rows of RETURNING.
  virtual bool write(Chunk& input, Chunk& out) = 0;

  void count(uint64_t rows) { query_.affected_rows += rows; }

  // The table's columns that RETURNING reads.
  std::vector<uint32_t> returned_columns() const {
    size_t width = writer_.relation().columns.size();
    size_t before = returning_input_.column_count() - 1 - width;
    std::vector<uint32_t> columns;
    for (const auto& expr : write_.returning) {
      for (uint32_t column : input_columns(*expr)) {
        if (column >= before && column < before + width) columns.push_back(static_cast<uint32_t>(column - before));
      }
    }
    return columns;
  }

  // RETURNING over the input's rows `from[i]` and the rows of `rows`.
  // `tables`: where the rows are, if not in this writer's table.
  bool give(const Chunk& input, const std::vector<uint32_t>& from, const Chunk& rows, Chunk& out, const std::vector<Oid>* tables = nullptr) {
    if (write_.returning.empty() || from.empty()) return false;
    size_t width = input.column_count();
    for (size_t c = 0; c < width; ++c) returning_input_.column(c).slice(input.column(c), from.data(), from.size());
    for (size_t c = 0; c < rows.column_count(); ++c) returning_input_.column(width + c).reference(rows.column(c));
    Vector& table = returning_input_.column(width + rows.column_count());
    table.reset();
    if (tables == nullptr) table.set_constant(Value::of_oid(writer_.relation().oid));
    for (size_t i = 0; tables != nullptr && i < tables->size(); ++i) table.set(i, Value::of_oid((*tables)[i]));
    returning_input_.set_size(from.size());
    returning_.evaluate(returning_input_, out);
    return true;
  }

  const plan::PhysicalWrite& write_;
  RowWriter writer_;
  ProjectionEvaluator returning_;
  Chunk returning_input_;
};

// A row that changed while its writer waited: its newest version, put into the child's row, with the predicates that
// chose it evaluated again (PostgreSQL's EvalPlanQual, for the one table).
class Recheck {
 public:
  Recheck(const plan::PhysicalLockRows::Recheck& recheck, QueryState& query) : recheck_(recheck), predicates_(recheck.predicates, write_context(query)) {}

  // `row` is a one-row chunk of the child's columns, changed in place; false when the row no longer qualifies.
  bool run(const Chunk& newest, RowId id, Chunk& row) {
    for (auto [at, column] : recheck_.columns) {
      Value value = column == plan::kRowIdColumn   ? Value::of_i64(static_cast<int64_t>(id.value))
                    : column >= 0                  ? newest.column(column).get(0)
                                                   : row.column(at).get(0);
      row.column(at).set(0, value);
    }
    uint32_t selection[vector::kMaxChunkRows];
    return predicates_.empty() || predicates_.select(row, selection) == 1;
  }

 private:
  const plan::PhysicalLockRows::Recheck& recheck_;
  FilterEvaluator predicates_;
};

// A copy of one row of a chunk.
inline Chunk copy_row(const Chunk& rows, size_t row) {
  Chunk one;
  for (size_t c = 0; c < rows.column_count(); ++c) one.add_column(rows.column(c).type(), rows.column(c).physical());
  one.reset();
  for (size_t c = 0; c < rows.column_count(); ++c) one.column(c).set(0, rows.column(c).get(row));
  one.set_size(1);
  return one;
}

}  // namespace aegis::executor
