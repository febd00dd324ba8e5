#include "evaluator.h"

#include <algorithm>
#include <numeric>

#include "aegis/types/collation.h"
#include "aegis/base/hash.h"
#include "evaluation.h"

namespace aegis::executor {

using plan::Expr;
using plan::ExprKind;
using types::PhysicalType;
using vector::kMaxChunkRows;
using vector::VectorView;

std::vector<uint32_t> input_columns(const Expr& expr) {
  std::vector<uint32_t> columns;
  // An ArrayCast's conversion reads its own element, not the chunk.
  std::function<void(const Expr&)> visit = [&](const Expr& part) {
    if (part.kind == ExprKind::Input) columns.push_back(part.index);
    size_t count = part.kind == ExprKind::ArrayCast ? 1 : part.args.size();
    for (size_t i = 0; i < count; ++i) visit(*part.args[i]);
  };
  visit(expr);
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

const Chunk& Slicer::slice(const Chunk& rows, const uint32_t* selection, size_t count) {
  if (chunk_.column_count() != rows.column_count()) {
    chunk_ = Chunk();
    for (size_t i = 0; i < rows.column_count(); ++i) chunk_.add_column(rows.column(i).type(), rows.column(i).physical());
  }
  for (uint32_t column : inputs_) chunk_.column(column).slice(rows.column(column), selection, count);
  chunk_.set_size(count);
  return chunk_;
}

void scatter(const Vector& source, size_t count, const uint32_t* positions, Vector& target) {
  size_t width = types::physical_size(source.physical());
  VectorView view = source.view();
  auto* out = target.slots<std::byte>();
  for (size_t i = 0; i < count; ++i) {
    size_t at = view.index(i);
    if (vector::valid_at(view.validity, at)) {
      std::memcpy(out + positions[i] * width, view.bytes + at * width, width);
      target.set_valid(positions[i]);
    } else {
      target.set_null(positions[i]);
    }
  }
}

Callable::Callable(const functions::Function& function, std::vector<types::Type> arguments, types::Type result, Oid collation,
                   const EvaluationContext& context, bool variadic_array)
    : function_(function),
      kernel_(functions::collated_kernel(function, collation, context.types)),
      arguments_(std::move(arguments)),
      context_(context) {
  site_.arguments = arguments_;
  site_.result = result;
  site_.collation = collation;
  site_.variadic_array = variadic_array;
}

void Callable::operator()(std::span<const Vector* const> arguments, size_t count, Vector& result) {
  if (kernel_ == nullptr) throw_not_supported("function " + std::string(function_.name));
  // The site's span points at our own vector, which moves with us.
  site_.arguments = arguments_;
  functions::CallContext context{context_.types, context_.services, site_, cache_, &function_};
  kernel_(context, arguments, count, result);
}

namespace {

class ConstantNode : public Evaluation {
 public:
  explicit ConstantNode(const Expr& expr) : Evaluation(expr) { result_.set_constant(expr.value.get()); }
  const Vector& evaluate(const Chunk&) override { return result_; }
};

class InputNode : public Evaluation {
 public:
  using Evaluation::Evaluation;
  const Vector& evaluate(const Chunk& rows) override { return rows.column(expr_.index); }
};

class ParameterNode : public Evaluation {
 public:
  ParameterNode(const Expr& expr, const std::vector<Value>* values) : Evaluation(expr), values_(values) {
    AEGIS_CHECK(values != nullptr);
  }
  const Vector& evaluate(const Chunk&) override {
    AEGIS_CHECK(expr_.index < values_->size());
    result_.set_constant((*values_)[expr_.index]);
    return result_;
  }

 private:
  const std::vector<Value>* values_;
};

class ParentNode : public Evaluation {
 public:
  ParentNode(const Expr& expr, const EvaluationContext& context) : Evaluation(expr) {
    for (const auto& arg : expr.args) children_.push_back(make_evaluation(*arg, context));
  }

 protected:
  std::vector<EvaluationPtr> children_;
};

class CallNode : public ParentNode {
 public:
  CallNode(const Expr& expr, const EvaluationContext& context)
      : ParentNode(expr, context), call_(*expr.function, types_of(expr), expr.type, expr.collation, context, expr.variadic_array), arguments_(expr.args.size()), constant_(expr.type.oid, result_.physical()) {}

  const Vector& evaluate(const Chunk& rows) override {
    bool all_constant = !children_.empty();
    for (size_t i = 0; i < children_.size(); ++i) {
      arguments_[i] = &children_[i]->evaluate(rows);
      all_constant = all_constant && arguments_[i]->is_constant();
    }
    // Constants in, one value out; a volatile function is called for every row all the same.
    if (all_constant && expr_.function->volatility != functions::Volatility::Volatile) {
      call_(arguments_, 1, result_);
      return first_of_result();
    }
    bool stable_constant = children_.empty() && expr_.function->volatility != functions::Volatility::Volatile;
    if (stable_constant) {
      call_(arguments_, 1, result_);
      return first_of_result();
    }
    if (expr_.function->volatility == functions::Volatility::Volatile) spread_constants(rows.size());
    call_(arguments_, rows.size(), result_);
    return result_;
  }

  // The one value as a constant; its vector is kept, as expressions over parameters are evaluated again and again.
  const Vector& first_of_result() {
    if (result_.is_constant()) return result_;
    constant_.set_constant(result_.get(0));
    return constant_;
  }

  // Kernels compute a result once for constant arguments, which a volatile function must not do.
  void spread_constants(size_t count) {
    flat_.clear();
    flat_.reserve(arguments_.size());
    for (auto& argument : arguments_) {
      if (!argument->is_constant()) continue;
      Vector& copy = flat_.emplace_back(argument->type(), argument->physical());
      copy.reset();
      copy.copy(*argument, nullptr, count, 0);
      argument = &copy;
    }
  }

  static std::vector<types::Type> types_of(const Expr& expr) {
    std::vector<types::Type> types;
    for (const auto& arg : expr.args) types.push_back(arg->type);
    return types;
  }

 private:
  Callable call_;
  std::vector<const Vector*> arguments_;
  std::vector<Vector> flat_;
  Vector constant_;
};

class RelabelNode : public ParentNode {
 public:
  using ParentNode::ParentNode;
  const Vector& evaluate(const Chunk& rows) override {
    result_.reference(children_[0]->evaluate(rows));
    return result_;
  }
};

enum class Truth : uint8_t { False, True, Null };

Truth truth_at(const VectorView& view, size_t i) {
  size_t at = view.index(i);
  if (!vector::valid_at(view.validity, at)) return Truth::Null;
  return view.data<uint8_t>()[at] != 0 ? Truth::True : Truth::False;
}

// AND and OR: an operand is evaluated only for rows the earlier ones have not decided.
class JunctionNode : public ParentNode {
 public:
  JunctionNode(const Expr& expr, const EvaluationContext& context) : ParentNode(expr, context) {
    for (const auto& arg : expr.args) slicers_.emplace_back(input_columns(*arg));
  }

  const Vector& evaluate(const Chunk& rows) override {
    size_t count = rows.size();
    Truth deciding = expr_.kind == ExprKind::And ? Truth::False : Truth::True;
    Truth neutral = expr_.kind == ExprKind::And ? Truth::True : Truth::False;
    truths_.assign(count, neutral);
    open_.resize(count);
    std::iota(open_.begin(), open_.end(), 0);
    for (size_t k = 0; k < children_.size() && !open_.empty(); ++k) {
      const Chunk& part = open_.size() == count ? rows : slicers_[k].slice(rows, open_.data(), open_.size());
      const Vector& values = children_[k]->evaluate(part);
      VectorView view = values.view();
      size_t kept = 0;
      for (size_t i = 0; i < open_.size(); ++i) {
        Truth truth = truth_at(view, i);
        uint32_t row = open_[i];
        if (truth == deciding) {
          truths_[row] = deciding;
          continue;
        }
        if (truth == Truth::Null) truths_[row] = Truth::Null;
        open_[kept++] = row;
      }
      open_.resize(kept);
    }
    uint8_t* out = result_.start<uint8_t>();
    for (size_t i = 0; i < count; ++i) {
      out[i] = truths_[i] == Truth::True;
      if (truths_[i] == Truth::Null) result_.set_null(i);
    }
    return result_;
  }

 private:
  std::vector<Slicer> slicers_;
  std::vector<Truth> truths_;
  std::vector<uint32_t> open_;
};

class NotNode : public ParentNode {
 public:
  using ParentNode::ParentNode;
  const Vector& evaluate(const Chunk& rows) override {
    VectorView view = children_[0]->evaluate(rows).view();
    uint8_t* out = result_.start<uint8_t>();
    for (size_t i = 0; i < rows.size(); ++i) {
      Truth truth = truth_at(view, i);
      out[i] = truth == Truth::False;
      if (truth == Truth::Null) result_.set_null(i);
    }
    return result_;
  }
};

class NullTestNode : public ParentNode {
 public:
  using ParentNode::ParentNode;
  const Vector& evaluate(const Chunk& rows) override {
    VectorView view = children_[0]->evaluate(rows).view();
    uint8_t* out = result_.start<uint8_t>();
    for (size_t i = 0; i < rows.size(); ++i) out[i] = view.valid(i) == expr_.negated;
    return result_;
  }
};

class BoolTestNode : public ParentNode {
 public:
  using ParentNode::ParentNode;
  const Vector& evaluate(const Chunk& rows) override {
    VectorView view = children_[0]->evaluate(rows).view();
    uint8_t* out = result_.start<uint8_t>();
    Truth wanted = Truth::Null;
    bool negated = false;
    switch (expr_.bool_test) {
      case plan::BoolTestKind::IsTrue: wanted = Truth::True; break;
      case plan::BoolTestKind::IsNotTrue: wanted = Truth::True; negated = true; break;
      case plan::BoolTestKind::IsFalse: wanted = Truth::False; break;
      case plan::BoolTestKind::IsNotFalse: wanted = Truth::False; negated = true; break;
      case plan::BoolTestKind::IsUnknown: break;
      case plan::BoolTestKind::IsNotUnknown: negated = true; break;
    }
    for (size_t i = 0; i < rows.size(); ++i) out[i] = (truth_at(view, i) == wanted) != negated;
    return result_;
  }
};

// IS [NOT] DISTINCT FROM and NULLIF: equality, with nulls decided here.
class EqualityNode : public ParentNode {
 public:
  EqualityNode(const Expr& expr, const EvaluationContext& context)
      : ParentNode(expr, context),
        call_(*expr.function, CallNode::types_of(expr), {types::oid::kBool}, expr.collation, context),
        equal_(types::oid::kBool) {}

  const Vector& evaluate(const Chunk& rows) override {
    const Vector& left = children_[0]->evaluate(rows);
    const Vector& right = children_[1]->evaluate(rows);
    const Vector* arguments[] = {&left, &right};
    call_(arguments, rows.size(), equal_);
    VectorView l = left.view();
    VectorView r = right.view();
    VectorView e = equal_.view();
    if (expr_.kind == ExprKind::Distinct) {
      uint8_t* out = result_.start<uint8_t>();
      for (size_t i = 0; i < rows.size(); ++i) {
        bool same = l.valid(i) && r.valid(i) ? truth_at(e, i) == Truth::True : l.valid(i) == r.valid(i);
        out[i] = same == expr_.negated;
      }
      return result_;
    }
    result_.reset();
    positions_.clear();
    for (size_t i = 0; i < rows.size(); ++i) positions_.push_back(static_cast<uint32_t>(i));
    scatter(left, rows.size(), positions_.data(), result_);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (truth_at(e, i) == Truth::True) result_.set_null(i);
    }
    return result_;
  }

 private:
  Callable call_;
  Vector equal_;
  std::vector<uint32_t> positions_;
};

class CaseNode : public ParentNode {
 public:
  CaseNode(const Expr& expr, const EvaluationContext& context) : ParentNode(expr, context) {
    for (const auto& arg : expr.args) slicers_.emplace_back(input_columns(*arg));
  }

  const Vector& evaluate(const Chunk& rows) override {
    size_t count = rows.size();
    result_.reset();
    open_.resize(count);
    std::iota(open_.begin(), open_.end(), 0);
    size_t k = 0;
    for (; k + 1 < children_.size() && !open_.empty(); k += 2) {
      const Vector& condition = children_[k]->evaluate(part(k, rows, open_));
      VectorView view = condition.view();
      taken_.clear();
      size_t kept = 0;
      for (size_t i = 0; i < open_.size(); ++i) {
        if (truth_at(view, i) == Truth::True) {
          taken_.push_back(open_[i]);
        } else {
          open_[kept++] = open_[i];
        }
      }
      open_.resize(kept);
      if (taken_.empty()) continue;
      const Vector& values = children_[k + 1]->evaluate(part(k + 1, rows, taken_));
      scatter(values, taken_.size(), taken_.data(), result_);
    }
    if (open_.empty()) return result_;
    if (children_.size() % 2 == 1) {
      const Vector& values = children_.back()->evaluate(part(children_.size() - 1, rows, open_));
      scatter(values, open_.size(), open_.data(), result_);
    } else {
      for (uint32_t row : open_) result_.set_null(row);
    }
    return result_;
  }

 private:
  const Chunk& part(size_t k, const Chunk& rows, const std::vector<uint32_t>& selection) {
    return selection.size() == rows.size() ? rows : slicers_[k].slice(rows, selection.data(), selection.size());
  }

  std::vector<Slicer> slicers_;
  std::vector<uint32_t> open_;
  std::vector<uint32_t> taken_;
};

class CoalesceNode : public ParentNode {
 public:
  CoalesceNode(const Expr& expr, const EvaluationContext& context) : ParentNode(expr, context) {
    for (const auto& arg : expr.args) slicers_.emplace_back(input_columns(*arg));
  }

  const Vector& evaluate(const Chunk& rows) override {
    size_t count = rows.size();
    result_.reset();
    open_.resize(count);
    std::iota(open_.begin(), open_.end(), 0);
    for (size_t k = 0; k < children_.size() && !open_.empty(); ++k) {
      const Chunk& part = open_.size() == count ? rows : slicers_[k].slice(rows, open_.data(), open_.size());
      const Vector& values = children_[k]->evaluate(part);
      scatter(values, open_.size(), open_.data(), result_);
      VectorView view = values.view();
      size_t kept = 0;
      for (size_t i = 0; i < open_.size(); ++i) {
        if (!view.valid(i)) open_[kept++] = open_[i];
      }
      open_.resize(kept);
    }
    return result_;
  }

 private:
  std::vector<Slicer> slicers_;
  std::vector<uint32_t> open_;
};

class MinMaxNode : public ParentNode {
 public:
  MinMaxNode(const Expr& expr, const EvaluationContext& context)
      : ParentNode(expr, context), collator_(types::collator(expr.collation, context.types)) {}
  const Vector& evaluate(const Chunk& rows) override {
    const auto& info = types::type_info(expr_.type.oid);
    result_.reset();
    views_.clear();
    for (auto& child : children_) views_.push_back(&child->evaluate(rows));
    for (size_t i = 0; i < rows.size(); ++i) {
      Value best;
      for (const auto* column : views_) {
        Value value = column->get(i);
        if (value.is_null) continue;
        int order = best.is_null           ? 0
                    : collator_ != nullptr ? collator_->compare(value.text(), best.text())
                                           : info.compare(value, best, expr_.type.oid);
        if (best.is_null || (expr_.kind == ExprKind::Greatest ? order > 0 : order < 0)) best = value;
      }
      result_.set(i, best);
    }
    return result_;
  }

 private:
  const types::Collator* collator_;  // null: the type's order
  std::vector<const Vector*> views_;
};

class InListNode : public Evaluation {
 public:
  InListNode(const Expr& expr, const EvaluationContext& context)
      : Evaluation(expr),
        value_(make_evaluation(*expr.args[0], context)),
        call_(*expr.function, {expr.args[0]->type, expr.args[1]->type}, {types::oid::kBool}, expr.collation, context),
        equal_(types::oid::kBool) {
    const auto* info = types::find_type(expr.args[0]->type.oid);
    bool one_type = expr.args[0]->type.oid == expr.args[1]->type.oid;
    for (size_t i = 1; i < expr.args.size(); ++i) {
      const Value& value = expr.args[i]->value.get();
      if (value.is_null) {
        has_null_ = true;
        continue;
      }
      constants_.emplace_back(expr.args[i]->type.oid);
      constants_.back().set_constant(value);
    }
    if (one_type && info != nullptr && info->hash != nullptr && info->compare != nullptr && constants_.size() > 4) {
      info_ = info;
      size_t size = 16;
      while (size < constants_.size() * 2) size *= 2;
      table_.assign(size, -1);
      for (size_t i = 0; i < constants_.size(); ++i) {
        size_t at = hash_int(info->hash(constants_[i].get(0), info->oid)) & (size - 1);
        while (table_[at] >= 0) at = (at + 1) & (size - 1);
        table_[at] = static_cast<int>(i);
      }
    }
  }

  const Vector& evaluate(const Chunk& rows) override {
    const Vector& values = value_->evaluate(rows);
    size_t count = rows.size();
    uint8_t* out = result_.start<uint8_t>();
    std::memset(out, 0, count);
    if (info_ != nullptr) {
      for (size_t i = 0; i < count; ++i) {
        Value value = values.get(i);
        if (!value.is_null) out[i] = contains(value);
      }
    } else {
      for (const auto& constant : constants_) {
        const Vector* arguments[] = {&values, &constant};
        call_(arguments, count, equal_);
        VectorView view = equal_.view();
        for (size_t i = 0; i < count; ++i) out[i] |= truth_at(view, i) == Truth::True;
      }
    }
    VectorView view = values.view();
    for (size_t i = 0; i < count; ++i) {
      bool found = out[i] != 0;
      if (!view.valid(i) || (!found && has_null_)) {
        result_.set_null(i);
      } else {
        out[i] = found != expr_.negated;
      }
    }
    return result_;
  }

 private:
  bool contains(const Value& value) const {
    size_t mask = table_.size() - 1;
    for (size_t at = hash_int(info_->hash(value, info_->oid)) & mask; table_[at] >= 0; at = (at + 1) & mask) {
      if (info_->compare(constants_[table_[at]].get(0), value, info_->oid) == 0) return true;
    }
    return false;
  }

  EvaluationPtr value_;
  Callable call_;
  Vector equal_;
  std::vector<Vector> constants_;
  bool has_null_ = false;
  const types::TypeInfo* info_ = nullptr;
  std::vector<int> table_;
};

class CastIoNode : public ParentNode {
 public:
  CastIoNode(const Expr& expr, const EvaluationContext& context) : ParentNode(expr, context), types_(context.types) {}

  const Vector& evaluate(const Chunk& rows) override {
    const Vector& source = children_[0]->evaluate(rows);
    Oid from = expr_.args[0]->type.oid;
    const auto& source_info = types::type_info(from);
    const auto& target_info = types::type_info(expr_.type.oid);
    size_t count = source.is_constant() ? 1 : rows.size();
    result_.reset();
    for (size_t i = 0; i < count; ++i) {
      Value value = source.get(i);
      if (value.is_null) {
        result_.set_null(i);
        continue;
      }
      text_.clear();
      source_info.output(types_, value, from, text_);
      result_.set(i, target_info.input(types_, text_, expr_.type, scratch_));
      scratch_.reset();
    }
    if (source.is_constant()) {
      Vector constant(expr_.type.oid, result_.physical());
      constant.set_constant(result_.get(0));
      std::swap(constant, result_);
    }
    return result_;
  }

 private:
  const types::TypeContext& types_;
  std::string text_;
  Arena scratch_;
};

class TypmodNode : public ParentNode {
 public:
  using ParentNode::ParentNode;
  const Vector& evaluate(const Chunk& rows) override {
    const Vector& source = children_[0]->evaluate(rows);
    auto kind = expr_.negated ? types::CastKind::Implicit : types::CastKind::Explicit;
    size_t count = source.is_constant() ? 1 : rows.size();
    result_.reset();
    for (size_t i = 0; i < count; ++i) {
      Value value = source.get(i);
      if (value.is_null) {
        result_.set_null(i);
      } else {
        result_.set(i, types::apply_typmod(value, expr_.type, kind, result_.heap()));
      }
    }
    if (source.is_constant()) {
      Vector constant(expr_.type.oid, result_.physical());
      constant.set_constant(result_.get(0));
      std::swap(constant, result_);
    }
    return result_;
  }
};

}  // namespace

EvaluationPtr make_evaluation(const Expr& expr, const EvaluationContext& context) {
  switch (expr.kind) {
    case ExprKind::Constant: return std::make_unique<ConstantNode>(expr);
    case ExprKind::Input: return std::make_unique<InputNode>(expr);
    case ExprKind::Param: return std::make_unique<ParameterNode>(expr, context.parameters);
    case ExprKind::ExecParam: return std::make_unique<ParameterNode>(expr, context.exec_params);
    case ExprKind::Call:
      if (expr.function->returns_set) {
        throw SqlError(Sqlstate::FeatureNotSupported, "set-valued function called in context that cannot accept a set");
      }
      return std::make_unique<CallNode>(expr, context);
    case ExprKind::And:
    case ExprKind::Or: return std::make_unique<JunctionNode>(expr, context);
    case ExprKind::Not: return std::make_unique<NotNode>(expr, context);
    case ExprKind::NullTest:
      if (expr.row_test) return make_nested_evaluation(expr, context);
      return std::make_unique<NullTestNode>(expr, context);
    case ExprKind::BoolTest: return std::make_unique<BoolTestNode>(expr, context);
    case ExprKind::Distinct:
    case ExprKind::NullIf: return std::make_unique<EqualityNode>(expr, context);
    case ExprKind::Case: return std::make_unique<CaseNode>(expr, context);
    case ExprKind::Coalesce: return std::make_unique<CoalesceNode>(expr, context);
    case ExprKind::Greatest:
    case ExprKind::Least: return std::make_unique<MinMaxNode>(expr, context);
    case ExprKind::InList: return std::make_unique<InListNode>(expr, context);
    case ExprKind::CastIo: return std::make_unique<CastIoNode>(expr, context);
    case ExprKind::Relabel: return std::make_unique<RelabelNode>(expr, context);
    case ExprKind::Typmod: return std::make_unique<TypmodNode>(expr, context);
    case ExprKind::ArrayCompare:
    case ExprKind::Array:
    case ExprKind::ArrayCast:
    case ExprKind::Row:
    case ExprKind::Field:
    case ExprKind::Subscript: return make_nested_evaluation(expr, context);
    case ExprKind::Column:
    case ExprKind::Subquery:
    case ExprKind::Aggregate:
    case ExprKind::Window:
    case ExprKind::Grouping:
    case ExprKind::Default: break;
  }
  throw InternalError("an expression of this kind cannot be evaluated");
}

ExpressionEvaluator::ExpressionEvaluator(const Expr& expr, const EvaluationContext& context) : root_(make_evaluation(expr, context)) {}
ExpressionEvaluator::~ExpressionEvaluator() = default;
ExpressionEvaluator::ExpressionEvaluator(ExpressionEvaluator&&) noexcept = default;
const Vector& ExpressionEvaluator::evaluate(const Chunk& rows) { return root_->evaluate(rows); }
const Expr& ExpressionEvaluator::expr() const { return root_->expr(); }

FilterEvaluator::FilterEvaluator(const plan::ExprList& predicates, const EvaluationContext& context) {
  for (const auto& predicate : predicates) {
    predicates_.emplace_back(*predicate, context);
    inputs_.push_back(input_columns(*predicate));
  }
}

size_t FilterEvaluator::select(const Chunk& rows, uint32_t* selection) {
  size_t count = rows.size();
  bool all = true;
  for (size_t k = 0; k < predicates_.size() && count > 0; ++k) {
    const Chunk* part = &rows;
    if (!all) {
      if (sliced_.column_count() != rows.column_count()) {
        sliced_ = Chunk();
        for (size_t i = 0; i < rows.column_count(); ++i) sliced_.add_column(rows.column(i).type(), rows.column(i).physical());
      }
      for (uint32_t column : inputs_[k]) sliced_.column(column).slice(rows.column(column), selection, count);
      sliced_.set_size(count);
      part = &sliced_;
    }
    const Vector& values = predicates_[k].evaluate(*part);
    VectorView view = values.view();
    size_t kept = 0;
    if (all) {
      for (size_t i = 0; i < count; ++i) {
        selection[kept] = static_cast<uint32_t>(i);
        kept += truth_at(view, i) == Truth::True;
      }
      all = kept == count;
    } else {
      for (size_t i = 0; i < count; ++i) {
        selection[kept] = selection[i];
        kept += truth_at(view, i) == Truth::True;
      }
    }
    count = kept;
  }
  if (predicates_.empty()) std::iota(selection, selection + count, 0);
  return count;
}

void FilterEvaluator::apply(Chunk& rows) {
  if (predicates_.empty()) return;
  uint32_t selection[kMaxChunkRows];
  size_t count = select(rows, selection);
  if (count < rows.size()) rows.slice(selection, count);
}

ProjectionEvaluator::ProjectionEvaluator(const plan::ExprList& exprs, const EvaluationContext& context) {
  for (const auto& expr : exprs) exprs_.emplace_back(*expr, context);
}

void ProjectionEvaluator::evaluate(const Chunk& rows, Chunk& out) {
  for (size_t i = 0; i < exprs_.size(); ++i) out.column(i).reference(exprs_[i].evaluate(rows));
  out.set_size(rows.size());
}

}  // namespace aegis::executor
