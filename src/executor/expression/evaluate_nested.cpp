// Arrays and records in expressions.
#include <algorithm>
#include <cstring>

#include "aegis/functions/user_types.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "evaluation.h"

namespace aegis::executor {

using plan::Expr;
using plan::ExprKind;
using types::ArrayBuilder;
using types::ArrayView;
using vector::kMaxChunkRows;
using vector::VectorView;

namespace {

class NestedNode : public Evaluation {
 public:
  NestedNode(const Expr& expr, const EvaluationContext& context) : Evaluation(expr) {
    size_t count = expr.kind == ExprKind::ArrayCast ? 1 : expr.args.size();
    for (size_t i = 0; i < count; ++i) children_.push_back(make_evaluation(*expr.args[i], context));
  }

 protected:
  void evaluate_children(const Chunk& rows) {
    values_.clear();
    for (auto& child : children_) values_.push_back(&child->evaluate(rows));
  }
  std::vector<EvaluationPtr> children_;
  std::vector<const Vector*> values_;
};

// value op ANY|ALL (array)
class ArrayCompareNode : public NestedNode {
 public:
  ArrayCompareNode(const Expr& expr, const EvaluationContext& context)
      : NestedNode(expr, context),
        element_(types::type_info(expr.args[1]->type.oid).element),
        call_(*expr.function, {expr.args[0]->type, types::Type{element_}}, {types::oid::kBool}, expr.collation, context),
        left_(expr.args[0]->type.oid),
        elements_(element_),
        equal_(types::oid::kBool) {}

  const Vector& evaluate(const Chunk& rows) override {
    evaluate_children(rows);
    uint8_t* out = result_.start<uint8_t>();
    for (size_t row = 0; row < rows.size(); ++row) {
      Value array = values_[1]->get(row);
      if (array.is_null) {
        result_.set_null(row);
        continue;
      }
      ArrayView view(array.text());
      int verdict = compare(values_[0]->get(row), view);
      out[row] = verdict == 1;
      if (verdict < 0) result_.set_null(row);
    }
    return result_;
  }

 private:
  // 1 true, 0 false, -1 null.
  int compare(const Value& left, const ArrayView& array) {
    bool any = expr_.use_or;
    if (array.size() == 0) return any ? 0 : 1;
    if (left.is_null) return -1;
    bool saw_null = false;
    left_.set_constant(left);
    for (size_t from = 0; from < array.size(); from += kMaxChunkRows) {
      size_t count = std::min(kMaxChunkRows, array.size() - from);
      elements_.reset();
      for (size_t i = 0; i < count; ++i) elements_.set(i, array.get(from + i));
      const Vector* arguments[] = {&left_, &elements_};
      call_(arguments, count, equal_);
      VectorView view = equal_.view();
      for (size_t i = 0; i < count; ++i) {
        if (!view.valid(i)) {
          saw_null = true;
        } else if ((view.at<uint8_t>(i) != 0) == any) {
          return any ? 1 : 0;
        }
      }
    }
    return saw_null ? -1 : any ? 0 : 1;
  }

  Oid element_;
  Callable call_;
  Vector left_;
  Vector elements_;
  Vector equal_;
};

class ArrayNode : public NestedNode {
 public:
  using NestedNode::NestedNode;
  const Vector& evaluate(const Chunk& rows) override {
    evaluate_children(rows);
    result_.reset();
    Oid element = types::type_info(expr_.type.oid).element;
    bool nested = !expr_.args.empty() && expr_.args[0]->type.oid == expr_.type.oid;
    for (size_t row = 0; row < rows.size(); ++row) {
      ArrayBuilder builder(element);
      if (nested) {
        add_nested(row, builder);
      } else {
        for (const auto* column : values_) builder.add(column->get(row));
      }
      result_.set(row, builder.value(result_.heap()));
    }
    return result_;
  }

 private:
  // ARRAY[array, …]: one dimension more; all must have the same bounds, empty ones give an empty array.
  void add_nested(size_t row, ArrayBuilder& builder) {
    std::vector<int32_t> lengths, lowers;
    size_t empty = 0;
    for (size_t k = 0; k < values_.size(); ++k) {
      Value value = values_[k]->get(row);
      // The view must outlive the builder's use of its elements, so inline bytes are kept in the heap.
      if (value.is_null) {
        ++empty;
        continue;
      }
      ArrayView array(result_.heap().copy(value.text()));
      if (array.dimensions() == 0) {
        ++empty;
        continue;
      }
      std::vector<int32_t> own_lengths{static_cast<int32_t>(values_.size())}, own_lowers{1};
      for (int d = 0; d < array.dimensions(); ++d) {
        own_lengths.push_back(array.length(d));
        own_lowers.push_back(array.lower(d));
      }
      if (lengths.empty()) {
        lengths = own_lengths;
        lowers = own_lowers;
      } else if (lengths != own_lengths) {
        throw_ragged();
      }
      for (size_t i = 0; i < array.size(); ++i) builder.add(array.get(i));
    }
    if (lengths.empty()) return;
    if (empty > 0) throw_ragged();
    if (lengths.size() > static_cast<size_t>(types::kMaxArrayDimensions)) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "number of array dimensions (" + std::to_string(lengths.size()) +
                                                         ") exceeds the maximum allowed (" + std::to_string(types::kMaxArrayDimensions) + ")");
    }
    builder.set_dimensions(lengths, lowers);
  }
  [[noreturn]] static void throw_ragged() {
    throw SqlError(Sqlstate::ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions");
  }
};

class ArrayCastNode : public NestedNode {
 public:
  ArrayCastNode(const Expr& expr, const EvaluationContext& context)
      : NestedNode(expr, context), convert_(make_evaluation(*expr.args[1], context)) {
    elements_.add_column(types::type_info(expr.args[0]->type.oid).element);
  }

  const Vector& evaluate(const Chunk& rows) override {
    evaluate_children(rows);
    result_.reset();
    Oid element = types::type_info(expr_.type.oid).element;
    for (size_t row = 0; row < rows.size(); ++row) {
      Value value = values_[0]->get(row);
      if (value.is_null) {
        result_.set_null(row);
        continue;
      }
      ArrayView array(value.text());
      ArrayBuilder builder(element);
      for (size_t from = 0; from < array.size(); from += kMaxChunkRows) {
        size_t count = std::min(kMaxChunkRows, array.size() - from);
        elements_.reset();
        for (size_t i = 0; i < count; ++i) elements_.column(0).set(i, array.get(from + i));
        elements_.set_size(count);
        const Vector& converted = convert_->evaluate(elements_);
        auto physical = converted.physical();
        for (size_t i = 0; i < count; ++i) builder.add(types::copy_value(physical, converted.get(i), result_.heap()));
      }
      if (array.dimensions() > 0) {
        std::vector<int32_t> lengths, lowers;
        for (int d = 0; d < array.dimensions(); ++d) {
          lengths.push_back(array.length(d));
          lowers.push_back(array.lower(d));
        }
        builder.set_dimensions(lengths, lowers);
      }
      result_.set(row, builder.value(result_.heap()));
    }
    return result_;
  }

 private:
  EvaluationPtr convert_;
  Chunk elements_;
};

class RowNode : public NestedNode {
 public:
  RowNode(const Expr& expr, const EvaluationContext& context) : NestedNode(expr, context) {
    if (!expr.row_test || expr.type.oid != types::oid::kRecord) return;
    std::vector<std::string> names;
    for (const auto& arg : expr.args) names.push_back(arg->name);
    shape_ = types::record_shape(names);
  }
  const Vector& evaluate(const Chunk& rows) override {
    evaluate_children(rows);
    result_.reset();
    for (size_t row = 0; row < rows.size(); ++row) {
      types::RecordBuilder builder(shape_);
      for (size_t i = 0; i < values_.size(); ++i) {
        Oid type = expr_.args[i]->type.oid == types::oid::kUnknown ? types::oid::kText : expr_.args[i]->type.oid;
        builder.add(type, values_[i]->physical(), values_[i]->get(row));
      }
      result_.set(row, Value::of_string(builder.finish(result_.heap())));
    }
    return result_;
  }

 private:
  uint32_t shape_ = 0;
};

// A record IS NULL when all of its fields are, IS NOT NULL when none is.
class RowNullTestNode : public NestedNode {
 public:
  using NestedNode::NestedNode;
  const Vector& evaluate(const Chunk& rows) override {
    evaluate_children(rows);
    uint8_t* out = result_.start<uint8_t>();
    for (size_t row = 0; row < rows.size(); ++row) {
      Value value = values_[0]->get(row);
      if (value.is_null) {
        out[row] = !expr_.negated;
        continue;
      }
      types::RecordView record(value.text());
      bool all = true;
      for (size_t i = 0; i < record.size(); ++i) all = all && record.get(i).is_null != expr_.negated;
      out[row] = all;
    }
    return result_;
  }
};

class FieldNode : public NestedNode {
 public:
  using NestedNode::NestedNode;
  const Vector& evaluate(const Chunk& rows) override {
    evaluate_children(rows);
    result_.reset();
    for (size_t row = 0; row < rows.size(); ++row) {
      Value value = values_[0]->get(row);
      if (value.is_null) {
        result_.set_null(row);
        continue;
      }
      types::RecordView record(value.text());
      result_.set(row, expr_.index < record.size() ? record.get(expr_.index) : Value::null());
    }
    return result_;
  }
};

class SubscriptNode : public NestedNode {
 public:
  using NestedNode::NestedNode;
  const Vector& evaluate(const Chunk& rows) override {
    evaluate_children(rows);
    result_.reset();
    for (size_t row = 0; row < rows.size(); ++row) {
      Value value = values_[0]->get(row);
      if (value.is_null) {
        result_.set_null(row);
        continue;
      }
      result_.set(row, expr_.is_slice ? slice(row, value) : is_name_ ? byte_of_name(row, value) : is_shape_ ? part_of_shape(row, value) : element(row, value));
    }
    return result_;
  }

 private:
  const bool is_name_ = expr_.args[0]->type.oid == types::oid::kName;
  const bool is_shape_ = !expr_.is_slice && !is_name_ && functions::fixed_array_element(expr_.args[0]->type.oid) != kInvalidOid;

  // A number of a point or line, a point of a segment or box.
  Value part_of_shape(size_t row, const Value& value) {
    Value index = values_[1]->get(row);
    size_t width = expr_.type.oid == types::oid::kFloat8 ? sizeof(double) : 2 * sizeof(double);
    std::string_view bytes = value.text();
    if (index.is_null || index.i32 < 0 || static_cast<size_t>(index.i32) >= bytes.size() / width) return Value::null();
    std::string_view part = bytes.substr(static_cast<size_t>(index.i32) * width, width);
    if (expr_.type.oid != types::oid::kFloat8) return Value::of_string(result_.heap().copy(part));
    double number;
    std::memcpy(&number, part.data(), sizeof number);
    return Value::of_f64(number);
  }

  Value byte_of_name(size_t row, const Value& value) {
    constexpr int32_t kNameBytes = 64;
    Value index = values_[1]->get(row);
    if (index.is_null || index.i32 < 0 || index.i32 >= kNameBytes) return Value::null();
    std::string_view name = value.text();
    size_t at = static_cast<size_t>(index.i32);
    return Value::of_i8(at < name.size() ? static_cast<int8_t>(name[at]) : 0);
  }

  Value element(size_t row, const Value& value) {
    ArrayView array(value.text());
    if (array.dimensions() != static_cast<int>(expr_.index)) return Value::null();
    size_t at = 0;
    for (int d = 0; d < array.dimensions(); ++d) {
      Value index = values_[1 + d]->get(row);
      if (index.is_null || index.i32 < array.lower(d) || index.i32 - static_cast<int64_t>(array.lower(d)) >= array.length(d)) return Value::null();
      at = at * array.length(d) + static_cast<size_t>(index.i32 - array.lower(d));
    }
    return types::copy_value(result_.physical(), array.get(at), result_.heap());
  }

  // a[l:u], …: what lies inside the array, renumbered from 1.
  Value slice(size_t row, const Value& value) {
    std::string_view bytes = result_.heap().copy(value.text());
    ArrayView array(bytes);
    Oid element = types::type_info(expr_.type.oid).element;
    ArrayBuilder builder(element);
    auto omitted = [&](size_t argument) {
      return std::find(expr_.numbers.begin(), expr_.numbers.end(), static_cast<uint32_t>(argument)) != expr_.numbers.end();
    };
    int given = static_cast<int>(expr_.index);
    std::vector<int32_t> from, to;
    for (int d = 0; d < array.dimensions(); ++d) {
      int32_t lower = array.lower(d);
      int32_t upper = static_cast<int32_t>(lower + array.length(d) - 1);
      if (d < given) {
        size_t first = 1 + 2 * d;
        for (size_t argument : {first, first + 1}) {
          if (omitted(argument)) continue;
          Value bound = values_[argument]->get(row);
          if (bound.is_null) return Value::null();
          if (argument == first) {
            lower = std::max(lower, bound.i32);
          } else {
            upper = std::min(upper, bound.i32);
          }
        }
      }
      from.push_back(lower);
      to.push_back(upper);
    }
    bool empty = array.dimensions() == 0 || given > array.dimensions();
    std::vector<int32_t> lengths;
    for (size_t d = 0; d < from.size(); ++d) {
      empty = empty || from[d] > to[d];
      lengths.push_back(to[d] - from[d] + 1);
    }
    if (empty) return builder.value(result_.heap());
    std::vector<int32_t> index = from;
    while (true) {
      size_t at = 0;
      for (size_t d = 0; d < index.size(); ++d) at = at * array.length(static_cast<int>(d)) + static_cast<size_t>(index[d] - array.lower(static_cast<int>(d)));
      builder.add(array.get(at));
      size_t d = index.size();
      while (d-- > 0) {
        if (++index[d] <= to[d]) break;
        index[d] = from[d];
        if (d == 0) {
          builder.set_dimensions(lengths, std::vector<int32_t>(lengths.size(), 1));
          return builder.value(result_.heap());
        }
      }
    }
  }
};

}  // namespace

EvaluationPtr make_nested_evaluation(const Expr& expr, const EvaluationContext& context) {
  switch (expr.kind) {
    case ExprKind::ArrayCompare: return std::make_unique<ArrayCompareNode>(expr, context);
    case ExprKind::Array: return std::make_unique<ArrayNode>(expr, context);
    case ExprKind::ArrayCast: return std::make_unique<ArrayCastNode>(expr, context);
    case ExprKind::Row: return std::make_unique<RowNode>(expr, context);
    case ExprKind::Field: return std::make_unique<FieldNode>(expr, context);
    case ExprKind::Subscript: return std::make_unique<SubscriptNode>(expr, context);
    case ExprKind::NullTest: return std::make_unique<RowNullTestNode>(expr, context);
    default: return nullptr;
  }
}

}  // namespace aegis::executor
