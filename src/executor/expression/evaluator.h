// Evaluates bound expressions over chunks. One per thread.
#pragma once

#include <memory>
#include <vector>

#include "aegis/functions/function.h"
#include "aegis/plan/expression.h"
#include "aegis/vector/vector.h"

namespace aegis::executor {

using types::Value;
using vector::Chunk;
using vector::Vector;

// What evaluation needs besides rows.
struct EvaluationContext {
  const types::TypeContext& types;
  functions::Services& services;
  const std::vector<Value>* parameters = nullptr;
  const std::vector<Value>* exec_params = nullptr;
};

class Evaluation;

class ExpressionEvaluator {
 public:
  // `expr` must outlive the evaluator.
  ExpressionEvaluator(const plan::Expr& expr, const EvaluationContext& context);
  ~ExpressionEvaluator();
  ExpressionEvaluator(ExpressionEvaluator&&) noexcept;

  // One value a row; may be a column of `rows` itself, a constant, or our own buffer: valid until the next call and as
  // long as `rows` is.
  const Vector& evaluate(const Chunk& rows);
  const plan::Expr& expr() const;

 private:
  std::unique_ptr<Evaluation> root_;
};

// Conjuncts as a filter.
class FilterEvaluator {
 public:
  FilterEvaluator(const plan::ExprList& predicates, const EvaluationContext& context);
  bool empty() const { return predicates_.empty(); }
  // Writes the numbers of the rows for which all predicates are true; returns how many.
  size_t select(const Chunk& rows, uint32_t* selection);
  // Keeps only those rows.
  void apply(Chunk& rows);

 private:
  std::vector<ExpressionEvaluator> predicates_;
  std::vector<std::vector<uint32_t>> inputs_;  // columns each predicate reads
  Chunk sliced_;
};

// Several expressions into the columns of a chunk.
class ProjectionEvaluator {
 public:
  ProjectionEvaluator(const plan::ExprList& exprs, const EvaluationContext& context);
  // `out`'s columns borrow from `rows` and from the evaluator.
  void evaluate(const Chunk& rows, Chunk& out);
  size_t size() const { return exprs_.size(); }

 private:
  std::vector<ExpressionEvaluator> exprs_;
};

}  // namespace aegis::executor
