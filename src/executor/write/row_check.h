// Conditions on the rows of a write: CHECK constraints, WITH CHECK OPTION of views, and row-level security.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aegis/executor/executor.h"
#include "expression/evaluator.h"

namespace aegis::executor {

class RowCheck {
 public:
  // `check` and `context` outlive it.
  RowCheck(const plan::PhysicalWrite::Check& check, const EvaluationContext& evaluation, const ExecutionContext& context);
  // Of a constraint of the table itself.
  RowCheck(std::string name, const plan::Expr& condition, const EvaluationContext& evaluation, const ExecutionContext& context);

  const std::string& name() const { return name_; }
  bool of_view() const { return of_view_; }
  const std::string& policy_table() const { return policy_table_; }
  plan::CheckOf of() const { return of_; }
  // The table's columns that it looks at.
  const std::vector<uint32_t>& inputs() const { return inputs_; }
  // The first row that doesn't meet it; rows.size() when all do. For constraints null is as good as true.
  size_t first_bad(const Chunk& rows);

 private:
  bool passes_query(const Chunk& rows, size_t row);

  std::string name_;
  bool of_view_ = false;
  std::string policy_table_;
  plan::CheckOf of_ = plan::CheckOf::Always;
  std::unique_ptr<ExpressionEvaluator> evaluator_;
  std::shared_ptr<const plan::PhysicalPlan> query_;
  std::vector<int> columns_;
  std::vector<uint32_t> inputs_;
  const ExecutionContext& context_;
};

}  // namespace aegis::executor
