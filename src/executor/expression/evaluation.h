// The nodes an evaluator is made of: one per expression, each with the buffer its result is in.
#pragma once

#include <memory>
#include <vector>

#include "aegis/base/error.h"
#include "evaluator.h"

namespace aegis::executor {

class Evaluation {
 public:
  explicit Evaluation(const plan::Expr& expr) : expr_(expr), result_(expr.type.oid) {}
  virtual ~Evaluation() = default;
  virtual const Vector& evaluate(const Chunk& rows) = 0;
  const plan::Expr& expr() const { return expr_; }

 protected:
  const plan::Expr& expr_;
  Vector result_;
};

using EvaluationPtr = std::unique_ptr<Evaluation>;

EvaluationPtr make_evaluation(const plan::Expr& expr, const EvaluationContext& context);
// Nodes over arrays and records (evaluate_nested.cpp); null for other kinds.
EvaluationPtr make_nested_evaluation(const plan::Expr& expr, const EvaluationContext& context);

std::vector<uint32_t> input_columns(const plan::Expr& expr);

// Some rows of a chunk, for expressions that must not see the others. Slices only the columns that are read.
class Slicer {
 public:
  explicit Slicer(std::vector<uint32_t> inputs) : inputs_(std::move(inputs)) {}
  const Chunk& slice(const Chunk& rows, const uint32_t* selection, size_t count);

 private:
  std::vector<uint32_t> inputs_;
  Chunk chunk_;
};

// Writes source's values [0, count) to target's rows positions[i]; out-of-line bytes stay where they are.
void scatter(const Vector& source, size_t count, const uint32_t* positions, Vector& target);

// A call's function with what it needs to run.
class Callable {
 public:
  Callable(const functions::Function& function, std::vector<types::Type> arguments, types::Type result, Oid collation,
           const EvaluationContext& context, bool variadic_array = false);
  void operator()(std::span<const Vector* const> arguments, size_t count, Vector& result);

 private:
  const functions::Function& function_;
  functions::ScalarKernel kernel_;
  std::vector<types::Type> arguments_;
  functions::CallSite site_;
  std::shared_ptr<void> cache_;
  const EvaluationContext context_;
};

}  // namespace aegis::executor
