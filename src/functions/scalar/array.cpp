#include <algorithm>

#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "compare.h"

namespace aegis::functions {

using types::ArrayBuilder;
using types::ArrayView;

namespace {

struct Shape {
  std::vector<int32_t> lengths;
  std::vector<int32_t> lowers;
};

Shape shape_of(const ArrayView& array) {
  Shape shape;
  for (int d = 0; d < array.dimensions(); ++d) {
    shape.lengths.push_back(array.length(d));
    shape.lowers.push_back(array.lower(d));
  }
  return shape;
}

void add_all(ArrayBuilder& builder, const ArrayView& array) {
  for (size_t i = 0; i < array.size(); ++i) builder.add(array.get(i));
}

Value build(ArrayBuilder& builder, Shape shape, Arena& arena) {
  builder.set_dimensions(std::move(shape.lengths), std::move(shape.lowers));
  return builder.value(arena);
}

using Equal = bool (*)(const Value&, const Value&, Oid);
bool equal_values(const Value& a, const Value& b, Oid type) {
  const types::TypeInfo& info = types::type_info(type);
  if (info.compare == nullptr) {
    throw SqlError(Sqlstate::UndefinedFunction,
                   "could not identify an equality operator for type " + std::string(info.sql_name));
  }
  return info.compare(a, b, type) == 0;
}
// Nulls are equal to each other, as IS NOT DISTINCT FROM has it.
bool same_values(const Value& a, const Value& b, Oid type) {
  return a.is_null || b.is_null ? a.is_null == b.is_null : equal_values(a, b, type);
}

Oid element_type_of(Oid array) {
  const types::TypeInfo* info = types::find_type(array);
  if (info == nullptr || info->element == kInvalidOid) throw InternalError("not an array type");
  return info->element;
}

Value append(Call& call, std::span<const Value> row, size_t array_at, bool at_end) {
  const Value& array = row[array_at];
  const Value& element = row[1 - array_at];
  ArrayBuilder builder(element_type_of(call.argument_type(array_at)));
  int32_t lower = 1;
  if (!array.is_null) {
    ArrayView view(array.text());
    if (view.dimensions() > 1) {
      throw SqlError(Sqlstate::DataException, "argument must be empty or one-dimensional array");
    }
    if (view.dimensions() == 1) lower = view.lower(0);
    if (!at_end) builder.add(element);
    add_all(builder, view);
    if (at_end) builder.add(element);
  } else {
    builder.add(element);
  }
  builder.set_lower(lower);
  return builder.value(call.arena());
}

[[noreturn]] void throw_incompatible(std::string detail) {
  throw SqlError(Sqlstate::ArraySubscriptError, "cannot concatenate incompatible arrays").detail(std::move(detail));
}

Value concatenate(Call& call, std::span<const Value> row) {
  if (row[0].is_null || row[1].is_null) return row[0].is_null ? row[1] : row[0];
  ArrayView a(row[0].text());
  ArrayView b(row[1].text());
  if (a.dimensions() == 0) return row[1];
  if (b.dimensions() == 0) return row[0];
  int difference = a.dimensions() - b.dimensions();
  if (difference > 1 || difference < -1) {
    throw_incompatible("Arrays of " + std::to_string(a.dimensions()) + " and " + std::to_string(b.dimensions()) +
                       " dimensions are not compatible for concatenation.");
  }
  const ArrayView& larger = difference >= 0 ? a : b;
  const ArrayView& smaller = difference >= 0 ? b : a;
  Shape shape = shape_of(larger);
  int skip = difference == 0 ? 0 : 1;
  for (int d = 1; d < larger.dimensions(); ++d) {
    if (larger.length(d) != smaller.length(d - skip)) {
      throw_incompatible(difference == 0 ? "Arrays with differing element dimensions are not compatible for concatenation."
                                         : "Arrays with differing dimensions are not compatible for concatenation.");
    }
  }
  shape.lengths[0] += difference == 0 ? smaller.length(0) : 1;
  ArrayBuilder builder(a.element_type(), a.physical());
  add_all(builder, a);
  add_all(builder, b);
  return build(builder, std::move(shape), call.arena());
}

std::optional<int32_t> length(Text array, int32_t dimension) {
  ArrayView view(array);
  if (dimension < 1 || dimension > view.dimensions()) return std::nullopt;
  return view.length(dimension - 1);
}
std::optional<int32_t> lower(Text array, int32_t dimension) {
  ArrayView view(array);
  if (dimension < 1 || dimension > view.dimensions()) return std::nullopt;
  return view.lower(dimension - 1);
}
std::optional<int32_t> upper(Text array, int32_t dimension) {
  ArrayView view(array);
  if (dimension < 1 || dimension > view.dimensions()) return std::nullopt;
  return view.lower(dimension - 1) + view.length(dimension - 1) - 1;
}
std::optional<std::string> dimensions_text(Text array) {
  ArrayView view(array);
  if (view.dimensions() == 0) return std::nullopt;
  std::string out;
  for (int d = 0; d < view.dimensions(); ++d) {
    out += "[" + std::to_string(view.lower(d)) + ":" + std::to_string(view.lower(d) + view.length(d) - 1) + "]";
  }
  return out;
}

bool contains(Text container, Text wanted) {
  ArrayView a(container);
  ArrayView b(wanted);
  for (size_t i = 0; i < b.size(); ++i) {
    if (b.is_null(i)) return false;
    bool found = false;
    for (size_t k = 0; k < a.size() && !found; ++k) {
      found = !a.is_null(k) && equal_values(a.get(k), b.get(i), a.element_type());
    }
    if (!found) return false;
  }
  return true;
}
bool overlap(Text first, Text second) {
  ArrayView a(first);
  ArrayView b(second);
  for (size_t i = 0; i < b.size(); ++i) {
    if (b.is_null(i)) continue;
    for (size_t k = 0; k < a.size(); ++k) {
      if (!a.is_null(k) && equal_values(a.get(k), b.get(i), a.element_type())) return true;
    }
  }
  return false;
}

Value position(Call&, std::span<const Value> row) {
  if (row[0].is_null || (row.size() > 2 && row[2].is_null)) {
    if (row[0].is_null) return Value::null();
    throw SqlError(Sqlstate::NullValueNotAllowed, "initial position must not be null");
  }
  ArrayView array(row[0].text());
  if (array.dimensions() > 1) {
    throw SqlError(Sqlstate::FeatureNotSupported, "searching for elements in multidimensional arrays is not supported");
  }
  int32_t first = array.dimensions() == 0 ? 1 : array.lower(0);
  for (size_t i = 0; i < array.size(); ++i) {
    int32_t at = first + static_cast<int32_t>(i);
    if (row.size() > 2 && at < row[2].i32) continue;
    if (same_values(array.get(i), row[1], array.element_type())) return Value::of_i32(at);
  }
  return Value::null();
}
Value positions(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  ArrayView array(row[0].text());
  if (array.dimensions() > 1) {
    throw SqlError(Sqlstate::FeatureNotSupported, "searching for elements in multidimensional arrays is not supported");
  }
  ArrayBuilder builder(types::oid::kInt4);
  for (size_t i = 0; i < array.size(); ++i) {
    if (same_values(array.get(i), row[1], array.element_type())) {
      builder.add(Value::of_i32(array.lower(0) + static_cast<int32_t>(i)));
    }
  }
  return builder.value(call.arena());
}
Value remove(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  ArrayView array(row[0].text());
  if (array.dimensions() > 1) {
    throw SqlError(Sqlstate::FeatureNotSupported, "removing elements from multidimensional arrays is not supported");
  }
  ArrayBuilder builder(array.element_type(), array.physical());
  for (size_t i = 0; i < array.size(); ++i) {
    Value element = array.get(i);
    if (!same_values(element, row[1], array.element_type())) builder.add(element);
  }
  if (array.dimensions() == 1) builder.set_lower(array.lower(0));
  return builder.value(call.arena());
}
Value replace(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  ArrayView array(row[0].text());
  ArrayBuilder builder(array.element_type(), array.physical());
  for (size_t i = 0; i < array.size(); ++i) {
    Value element = array.get(i);
    builder.add(same_values(element, row[1], array.element_type()) ? row[2] : element);
  }
  return build(builder, shape_of(array), call.arena());
}

Value to_text(Call& call, std::span<const Value> row) {
  if (row[0].is_null || row[1].is_null) return Value::null();
  ArrayView array(row[0].text());
  const types::TypeInfo& info = types::type_info(array.element_type());
  std::string out;
  bool first = true;
  bool show_nulls = row.size() > 2 && !row[2].is_null;
  for (size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i) && !show_nulls) continue;
    if (!first) out += row[1].text();
    first = false;
    if (array.is_null(i)) {
      out += row[2].text();
    } else {
      info.output(call.types(), array.get(i), array.element_type(), out);
    }
  }
  return types::string_value(out, call.arena());
}

Value from_text(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  ArrayBuilder builder(types::oid::kText);
  for (Text piece : split_text(row[0].text(), row[1].is_null ? nullptr : &row[1])) {
    bool is_null = row.size() > 2 && !row[2].is_null && piece == row[2].text();
    builder.add(is_null ? Value::null() : Value::of_string(piece));
  }
  return builder.value(call.arena());
}

Value fill(Call& call, std::span<const Value> row) {
  if (row[1].is_null || (row.size() > 2 && row[2].is_null)) {
    throw SqlError(Sqlstate::NullValueNotAllowed, "dimension array or low bound array cannot be null");
  }
  auto numbers = [](const Value& value, const char* what) {
    ArrayView view(value.text());
    std::vector<int32_t> list;
    if (view.dimensions() > 1) {
      throw SqlError(Sqlstate::ArraySubscriptError, "wrong number of array subscripts")
          .detail("Dimension array must be one dimensional.");
    }
    for (size_t i = 0; i < view.size(); ++i) {
      if (view.is_null(i)) throw SqlError(Sqlstate::NullValueNotAllowed, std::string(what) + " values cannot be null");
      list.push_back(view.get(i).i32);
    }
    return list;
  };
  Shape shape;
  shape.lengths = numbers(row[1], "dimension");
  shape.lowers = row.size() > 2 ? numbers(row[2], "dimension") : std::vector<int32_t>(shape.lengths.size(), 1);
  if (shape.lengths.size() != shape.lowers.size()) {
    throw SqlError(Sqlstate::ArraySubscriptError, "wrong number of array subscripts")
        .detail("Low bound array has different size than dimensions array.");
  }
  if (shape.lengths.size() > static_cast<size_t>(types::kMaxArrayDimensions)) {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "number of array dimensions (" + std::to_string(shape.lengths.size()) +
                                                       ") exceeds the maximum allowed (6)");
  }
  size_t count = shape.lengths.empty() ? 0 : 1;
  for (int32_t length : shape.lengths) {
    count *= static_cast<size_t>(std::max(length, 0));
    if (length < 0 || count > types::kMaxArrayElements) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "array size exceeds the maximum allowed (134217727)");
    }
  }
  ArrayBuilder builder(element_type_of(call.result_type()));
  builder.reserve(count);
  for (size_t i = 0; i < count; ++i) builder.add(row[0]);
  if (count == 0) return builder.value(call.arena());
  return build(builder, std::move(shape), call.arena());
}

Value trim(Call& call, std::span<const Value> row) {
  ArrayView array(row[0].text());
  int32_t length = array.dimensions() == 0 ? 0 : array.length(0);
  int32_t count = row[1].i32;
  if (count < 0 || count > length) {
    throw SqlError(Sqlstate::ArrayElementError,
                   "number of elements to trim must be between 0 and " + std::to_string(length));
  }
  if (length == 0) return row[0];
  Shape shape = shape_of(array);
  size_t stride = array.size() / static_cast<size_t>(length);
  shape.lengths[0] -= count;
  shape.lowers.assign(shape.lowers.size(), 1);
  ArrayBuilder builder(array.element_type(), array.physical());
  for (size_t i = 0; i < stride * static_cast<size_t>(length - count); ++i) builder.add(array.get(i));
  if (builder.size() == 0) return builder.value(call.arena());
  return build(builder, std::move(shape), call.arena());
}

// width_bucket(operand, thresholds): how many sorted thresholds are not greater than the operand.
Value width_bucket(Call&, std::span<const Value> row) {
  ArrayView array(row[1].text());
  if (array.dimensions() > 1) throw SqlError(Sqlstate::ArraySubscriptError, "thresholds must be one-dimensional array");
  const types::TypeInfo& info = types::type_info(array.element_type());
  size_t low = 0;
  size_t high = array.size();
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (array.is_null(middle)) throw SqlError(Sqlstate::NullValueNotAllowed, "thresholds array must not contain NULLs");
    if (info.compare(row[0], array.get(middle), array.element_type()) < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return Value::of_i32(static_cast<int32_t>(low));
}

int order(const StringView& a, const StringView& b) { return types::compare_arrays(a.view(), b.view()); }
using Order = Ordered<order, StringView>;
// The shorter oidvector is the smaller one.
int order_vectors(const StringView& a, const StringView& b) {
  size_t x = ArrayView(a.view()).size();
  size_t y = ArrayView(b.view()).size();
  return x != y ? (x < y ? -1 : 1) : order(a, b);
}
using VectorOrder = Ordered<order_vectors, StringView>;

constexpr ScalarBinding kBindings[] = {
    {"array_eq", kernel<Order::equal>},
    {"array_ne", kernel<Order::unequal>},
    {"array_lt", kernel<Order::less>},
    {"array_le", kernel<Order::less_or_equal>},
    {"array_gt", kernel<Order::greater>},
    {"array_ge", kernel<Order::greater_or_equal>},
    {"btarraycmp", kernel<Order::order>},
    {"array_larger", kernel<Order::larger>},
    {"array_smaller", kernel<Order::smaller>},
    {"btoidvectorcmp", kernel<VectorOrder::order>},
    {"oidvectoreq", kernel<VectorOrder::equal>},
    {"oidvectorne", kernel<VectorOrder::unequal>},
    {"oidvectorlt", kernel<VectorOrder::less>},
    {"oidvectorle", kernel<VectorOrder::less_or_equal>},
    {"oidvectorgt", kernel<VectorOrder::greater>},
    {"oidvectorge", kernel<VectorOrder::greater_or_equal>},
    {"array_append", value_kernel<[](Call& c, std::span<const Value> row) { return append(c, row, 0, true); }>},
    {"array_prepend", value_kernel<[](Call& c, std::span<const Value> row) { return append(c, row, 1, false); }>},
    {"array_cat", value_kernel<concatenate>},
    {"array_length", kernel<length>},
    {"array_lower", kernel<lower>},
    {"array_upper", kernel<upper>},
    {"array_ndims", kernel<[](Text a) {
       int dimensions = ArrayView(a).dimensions();
       return dimensions == 0 ? std::nullopt : std::optional<int32_t>(dimensions);
     }>},
    {"array_dims", kernel<dimensions_text>},
    {"array_cardinality", kernel<[](Text a) { return static_cast<int32_t>(ArrayView(a).size()); }>},
    {"arraycontains", kernel<contains>},
    {"arraycontained", kernel<[](Text a, Text b) { return contains(b, a); }>},
    {"arrayoverlap", kernel<overlap>},
    {"array_position", value_kernel<position>},
    {"array_position_start", value_kernel<position>},
    {"array_positions", value_kernel<positions>},
    {"array_remove", value_kernel<remove>},
    {"array_replace", value_kernel<replace>},
    {"array_to_text", value_kernel<to_text>},
    {"array_to_text_null", value_kernel<to_text>},
    {"text_to_array", value_kernel<from_text>},
    {"text_to_array_null", value_kernel<from_text>},
    {"array_fill", value_kernel<fill>},
    {"array_fill_with_lower_bounds", value_kernel<fill>},
    {"trim_array", strict_value_kernel<trim>},
    {"width_bucket_array", strict_value_kernel<width_bucket>},
};

}  // namespace

// An absent delimiter splits between characters, an empty one not at all.
std::vector<Text> split_text(Text text, const Value* delimiter) {
  std::vector<Text> pieces;
  if (text.empty()) return pieces;
  if (delimiter == nullptr) {
    for (size_t at = 0; at < text.size(); at += types::utf8_bytes(text[at])) {
      pieces.push_back(text.substr(at, types::utf8_bytes(text[at])));
    }
    return pieces;
  }
  Text separator = delimiter->text();
  size_t start = 0;
  if (!separator.empty()) {
    for (size_t at = text.find(separator); at != Text::npos; at = text.find(separator, start)) {
      pieces.push_back(text.substr(start, at - start));
      start = at + separator.size();
    }
  }
  pieces.push_back(text.substr(start));
  return pieces;
}

std::span<const ScalarBinding> array_bindings() { return kBindings; }

}  // namespace aegis::functions
