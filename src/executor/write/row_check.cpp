#include "write/row_check.h"

#include "expression/evaluation.h"

namespace aegis::executor {

RowCheck::RowCheck(const plan::PhysicalWrite::Check& check, const EvaluationContext& evaluation, const ExecutionContext& context)
    : name_(check.name), of_view_(check.of_view), policy_table_(check.policy_table), of_(check.of), query_(check.query), columns_(check.columns), context_(context) {
  if (check.condition != nullptr) {
    evaluator_ = std::make_unique<ExpressionEvaluator>(*check.condition, evaluation);
    inputs_ = input_columns(*check.condition);
  }
  for (int column : columns_) {
    if (column >= 0) inputs_.push_back(static_cast<uint32_t>(column));
  }
}

RowCheck::RowCheck(std::string name, const plan::Expr& condition, const EvaluationContext& evaluation, const ExecutionContext& context)
    : name_(std::move(name)), evaluator_(std::make_unique<ExpressionEvaluator>(condition, evaluation)), inputs_(input_columns(condition)), context_(context) {}

size_t RowCheck::first_bad(const Chunk& rows) {
  if (query_ != nullptr) {
    for (size_t row = 0; row < rows.size(); ++row) {
      if (!passes_query(rows, row)) return row;
    }
    return rows.size();
  }
  vector::VectorView view = evaluator_->evaluate(rows).view();
  for (size_t row = 0; row < rows.size(); ++row) {
    if (view.valid(row) ? view.at<uint8_t>(row) == 0 : of_view_) return row;
  }
  return rows.size();
}

bool RowCheck::passes_query(const Chunk& rows, size_t row) {
  ExecutionContext context = context_;
  context.parameters.clear();
  for (int column : columns_) context.parameters.push_back(column < 0 ? Value::null() : rows.column(static_cast<size_t>(column)).get(row));
  context.workers = nullptr;
  context.parallelism = 1;
  Execution execution(query_, std::move(context));
  const Chunk* result = execution.next();
  if (result == nullptr || result->size() == 0) return false;
  Value value = result->column(0).get(0);
  return !value.is_null && value.boolean;
}

}  // namespace aegis::executor
