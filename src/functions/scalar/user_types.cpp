// Enums, domains, and assignments to parts of arrays and rows.
#include "aegis/functions/user_types.h"

#include <algorithm>

#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "aegis/types/record.h"
#include "binding.h"
#include "compare.h"
#include "jsonb_path_access.h"

namespace aegis::functions {

namespace {

// --- Enums ---

std::shared_ptr<const types::UserType> enum_of(Call& call, size_t argument) {
  Oid type = call.argument_type(argument);
  auto* names = call.types().names;
  auto found = names == nullptr ? nullptr : names->user_type(types::base_type(type));
  if (found == nullptr) throw SqlError(Sqlstate::FeatureNotSupported, "could not determine actual enum type");
  return found;
}

Value enum_first(Call& call, std::span<const Value>) {
  auto type = enum_of(call, 0);
  if (type->labels.empty()) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "enum " + types::format_type({call.argument_type(0)}, call.types().names) + " contains no values");
  }
  return Value::of_i64(type->labels.front().position);
}
Value enum_last(Call& call, std::span<const Value>) {
  auto type = enum_of(call, 0);
  if (type->labels.empty()) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "enum " + types::format_type({call.argument_type(0)}, call.types().names) + " contains no values");
  }
  return Value::of_i64(type->labels.back().position);
}
Value enum_range(Call& call, std::span<const Value> row) {
  auto type = enum_of(call, 0);
  types::ArrayBuilder builder(call.argument_type(0));
  bool bounded = row.size() == 2;
  for (const auto& label : type->labels) {
    if (bounded && !row[0].is_null && label.position < row[0].i64) continue;
    if (bounded && !row[1].is_null && label.position > row[1].i64) continue;
    builder.add(Value::of_i64(label.position));
  }
  return builder.value(call.arena());
}

// --- Assignments ---

Value check_domain(Call& call, std::span<const Value> row) {
  if (call.types().names != nullptr) call.types().names->check_domain(call.result_type(), row[0]);
  return row[0];
}

struct Bounds {
  int32_t lower;
  int32_t upper;
};

[[noreturn]] void throw_subscript(const char* message) { throw SqlError(Sqlstate::ArraySubscriptError, message); }

int64_t count_of(std::span<const int32_t> lengths) {
  int64_t count = 1;
  for (int32_t length : lengths) count *= length;
  return count;
}

// Position of an element within an array of that shape.
size_t position_in(std::span<const int32_t> index, std::span<const int32_t> lowers, std::span<const int32_t> lengths) {
  size_t at = 0;
  for (size_t d = 0; d < index.size(); ++d) at = at * static_cast<size_t>(lengths[d]) + static_cast<size_t>(index[d] - lowers[d]);
  return at;
}

class ArrayAssignment {
 public:
  ArrayAssignment(Call& call, std::span<const Value> row) : call_(call), row_(row), given_(static_cast<uint32_t>(row[2].i32)) {
    slice_ = (given_ >> 30) != 0;
    dimensions_ = (row.size() - 3) / 2;
    element_ = types::type_info(types::base_type(call.result_type())).element;
  }

  Value run() {
    if (slice_ && row_[1].is_null) return row_[0];  // PostgreSQL ignores a null slice
    load();
    for (size_t d = 0; d < dimensions_; ++d) bounds_.push_back(bounds_of(d));
    if (lengths_.empty()) {
      start();
    } else {
      if (lengths_.size() < dimensions_ || (!slice_ && lengths_.size() != dimensions_)) throw_subscript("wrong number of array subscripts");
      extend();
    }
    store();
    return finish();
  }

 private:
  void load() {
    if (row_[0].is_null) return;
    types::ArrayView array(row_[0].text());
    for (int d = 0; d < array.dimensions(); ++d) {
      lengths_.push_back(array.length(d));
      lowers_.push_back(array.lower(d));
    }
    for (size_t i = 0; i < array.size(); ++i) values_.push_back(array.get(i));
  }

  Bounds bounds_of(size_t d) {
    bool has_lower = ((given_ >> (2 * d)) & 1) != 0;
    bool has_upper = ((given_ >> (2 * d + 1)) & 1) != 0;
    const Value& lower = row_[3 + 2 * d];
    const Value& upper = row_[4 + 2 * d];
    if ((has_lower && lower.is_null) || (has_upper && upper.is_null)) {
      throw SqlError(Sqlstate::NullValueNotAllowed, "array subscript in assignment must not be null");
    }
    bool known = d < lengths_.size();
    if (slice_ && (!has_lower || !has_upper) && !known) {
      throw SqlError(Sqlstate::ArraySubscriptError, "array slice subscript must provide both boundaries")
          .detail("When assigning to a slice of an empty array value, slice boundaries must be fully specified.");
    }
    int32_t last = known ? lowers_[d] + lengths_[d] - 1 : 0;
    if (!slice_) return {upper.i32, upper.i32};
    return {has_lower ? lower.i32 : lowers_[d], has_upper ? upper.i32 : last};
  }

  void start() {
    for (const Bounds& b : bounds_) {
      if (b.lower > b.upper) throw_subscript("upper bound cannot be less than lower bound");
      int64_t length = int64_t{b.upper} - b.lower + 1;
      if (length > static_cast<int64_t>(types::kMaxArrayElements)) throw_too_large();
      if (b.upper == INT32_MAX) throw SqlError(Sqlstate::ProgramLimitExceeded, "array lower bound is too large: " + std::to_string(b.lower));
      lowers_.push_back(b.lower);
      lengths_.push_back(static_cast<int32_t>(length));
    }
    check_size();
    values_.assign(static_cast<size_t>(count_of(lengths_)), Value::null());
  }

  // One-dimensional arrays grow at either end.
  void extend() {
    for (size_t d = 0; d < bounds_.size(); ++d) {
      const Bounds& b = bounds_[d];
      if (slice_ && b.lower > b.upper) throw_subscript("upper bound cannot be less than lower bound");
      int64_t last = int64_t{lowers_[d]} + lengths_[d] - 1;
      if (b.lower >= lowers_[d] && b.upper <= last) continue;
      if (lengths_.size() > 1) throw_subscript("array subscript out of range");
      int32_t lower = std::min(lowers_[d], b.lower);
      int64_t length = std::max<int64_t>(last, b.upper) - lower + 1;
      if (length > static_cast<int64_t>(types::kMaxArrayElements)) throw_too_large();
      std::vector<Value> grown(static_cast<size_t>(length), Value::null());
      std::copy(values_.begin(), values_.end(), grown.begin() + (lowers_[d] - lower));
      values_ = std::move(grown);
      lowers_[d] = lower;
      lengths_[d] = static_cast<int32_t>(length);
    }
    for (size_t d = bounds_.size(); d < lengths_.size(); ++d) bounds_.push_back({lowers_[d], lowers_[d] + lengths_[d] - 1});
  }

  [[noreturn]] static void throw_too_large() {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "array size exceeds the maximum allowed (134217727)");
  }
  void check_size() {
    int64_t count = 1;
    for (int32_t length : lengths_) {
      count *= length;
      if (count > static_cast<int64_t>(types::kMaxArrayElements)) throw_too_large();
    }
  }

  void store() {
    std::vector<int32_t> index;
    for (const Bounds& b : bounds_) index.push_back(b.lower);
    if (!slice_) {
      values_[position_in(index, lowers_, lengths_)] = row_[1];
      return;
    }
    types::ArrayView source(row_[1].text());
    size_t next = 0;
    while (true) {
      if (next >= source.size()) throw_subscript("source array too small");
      values_[position_in(index, lowers_, lengths_)] = source.get(next++);
      size_t d = index.size();
      while (d > 0) {
        --d;
        if (++index[d] <= bounds_[d].upper) break;
        index[d] = bounds_[d].lower;
        if (d == 0) return;
      }
    }
  }

  Value finish() {
    types::ArrayBuilder builder(element_);
    for (const Value& value : values_) builder.add(value);
    builder.set_dimensions(lengths_, lowers_);
    return builder.value(call_.arena());
  }

  Call& call_;
  std::span<const Value> row_;
  uint32_t given_;
  bool slice_;
  size_t dimensions_;
  Oid element_;
  std::vector<int32_t> lengths_, lowers_;
  std::vector<Value> values_;
  std::vector<Bounds> bounds_;
};

// point[0] := …; of a null point, or to null, nothing happens.
Value assign_fixed(Call& call, std::span<const Value> row, Oid element) {
  if (row[0].is_null || row[1].is_null) return row[0];
  if (row.size() != 5) throw_subscript("wrong number of array subscripts");
  if (row[4].is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "array subscript in assignment must not be null");
  std::string bytes(row[0].text());
  size_t width = element == types::oid::kFloat8 ? sizeof(double) : 2 * sizeof(double);
  int32_t index = row[4].i32;
  if (index < 0 || static_cast<size_t>(index) >= bytes.size() / width) throw_subscript("array subscript out of range");
  char* at = bytes.data() + static_cast<size_t>(index) * width;
  if (element == types::oid::kFloat8) {
    std::memcpy(at, &row[1].f64, width);
  } else {
    std::memcpy(at, row[1].text().data(), width);
  }
  return Value::of_string(call.arena().copy(bytes));
}

Value assign_array(Call& call, std::span<const Value> row) {
  if (Oid element = fixed_array_element(types::base_type(call.result_type()))) return assign_fixed(call, row, element);
  return ArrayAssignment(call, row).run();
}

Value assign_field(Call& call, std::span<const Value> row) {
  Oid type = types::base_type(call.result_type());
  auto definition = call.types().names == nullptr ? nullptr : call.types().names->user_type(type);
  if (definition == nullptr) throw InternalError("a composite type is not known");
  types::RecordBuilder builder;
  for (size_t i = 0; i < definition->fields.size(); ++i) {
    Value old;
    if (!row[0].is_null) {
      types::RecordView record(row[0].text());
      if (i < record.size() && !definition->fields[i].dropped) old = record.get(i);
    }
    builder.add(definition->fields[i].type.oid, static_cast<int32_t>(i) == row[2].i32 ? row[1] : old);
  }
  return Value::of_string(builder.finish(call.arena()));
}

Value fetch_jsonb(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  std::vector<Text> path;
  for (const Value& step : row.subspan(1)) {
    if (step.is_null) return Value::null();
    path.push_back(step.text());
  }
  return jsonb_get_path(row[0].text(), path, call.arena());
}

Value assign_jsonb(Call& call, std::span<const Value> row) {
  std::vector<Text> path;
  for (const Value& step : row.subspan(2)) {
    if (step.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "jsonb subscript in assignment must not be null");
    path.push_back(step.text());
  }
  return jsonb_assign_path(row[0], row[1], path, call.arena());
}

// Any number of arguments of any types.
Function make_function(std::string_view name, ScalarKernel kernel) {
  Function function;
  function.name = name;
  function.symbol = name;
  function.result = types::oid::kAny;
  function.volatility = Volatility::Stable;
  function.strict = false;
  function.kernel = kernel;
  return function;
}

constexpr ScalarBinding kBindings[] = {
    {"enum_eq", kernel<is_equal<int64_t, int64_t>>},
    {"enum_ne", kernel<is_unequal<int64_t, int64_t>>},
    {"enum_lt", kernel<is_less<int64_t, int64_t>>},
    {"enum_le", kernel<is_less_or_equal<int64_t, int64_t>>},
    {"enum_gt", kernel<is_greater<int64_t, int64_t>>},
    {"enum_ge", kernel<is_greater_or_equal<int64_t, int64_t>>},
    {"enum_cmp", kernel<order_of<int64_t, int64_t>>},
    {"enum_larger", kernel<larger<int64_t>>},
    {"enum_smaller", kernel<smaller<int64_t>>},
    {"enum_first", value_kernel<enum_first>},
    {"enum_last", value_kernel<enum_last>},
    {"enum_range_all", value_kernel<enum_range>},
    {"enum_range_bounds", value_kernel<enum_range>},
};

}  // namespace

std::span<const ScalarBinding> user_type_bindings() { return kBindings; }

const Function& domain_check_function() {
  static const Function function = make_function("domain_check", value_kernel<check_domain>);
  return function;
}
const Function& array_assign_function() {
  static const Function function = make_function("array_assign", value_kernel<assign_array>);
  return function;
}
Oid fixed_array_element(Oid type) {
  switch (type) {
    case types::oid::kPoint:
    case types::oid::kLine: return types::oid::kFloat8;
    case types::oid::kLseg:
    case types::oid::kBox: return types::oid::kPoint;
    default: return kInvalidOid;
  }
}
const Function& record_assign_function() {
  static const Function function = make_function("record_assign", value_kernel<assign_field>);
  return function;
}
const Function& jsonb_fetch_function() {
  static const Function function = make_function("jsonb_fetch", value_kernel<fetch_jsonb>);
  return function;
}
const Function& jsonb_assign_function() {
  static const Function function = make_function("jsonb_assign", value_kernel<assign_jsonb>);
  return function;
}

}  // namespace aegis::functions
