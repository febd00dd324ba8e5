// jsonb: its parts, tests, order and casts.
#include <limits>

#include "aegis/base/hash.h"
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "aegis/types/json.h"
#include "aegis/types/numeric.h"
#include "binding.h"
#include "compare.h"
#include "jsonb_path_access.h"

namespace aegis::functions {

using types::JsonbView;
using types::JsonKind;
namespace numeric = types::numeric;

bool parse_json_index(Text text, int64_t& index) {
  std::string copy(text);
  char* end = nullptr;
  errno = 0;
  index = std::strtol(copy.c_str(), &end, 10);
  return end != copy.c_str() && *end == '\0' && errno == 0 && index <= INT32_MAX && index >= INT32_MIN;
}

namespace {

Value as_jsonb(JsonbView view, Arena& arena) { return types::string_value(view.bytes(), arena); }
Value as_text(JsonbView view, Arena& arena) {
  if (view.kind() == JsonKind::Null) return Value::null();
  if (view.kind() == JsonKind::String) return types::string_value(view.text(), arena);
  std::string text;
  types::append_jsonb(view, text);
  return types::string_value(text, arena);
}
template <bool text>
Value as_result(JsonbView view, Arena& arena) {
  return text ? as_text(view, arena) : as_jsonb(view, arena);
}

bool step_into(JsonbView& at, Text step) {
  if (at.kind() == JsonKind::Object) {
    int found = at.find(step);
    if (found < 0) return false;
    at = at.value(static_cast<uint32_t>(found));
    return true;
  }
  if (at.kind() != JsonKind::Array) return false;
  int64_t index;
  if (!parse_json_index(step, index)) return false;
  if (index < 0) index += at.size();
  if (index < 0 || index >= at.size()) return false;
  at = at.element(static_cast<uint32_t>(index));
  return true;
}

template <bool text>
Value object_field(Call& call, std::span<const Value> row) {
  JsonbView view(row[0].text());
  if (view.kind() != JsonKind::Object) return Value::null();
  int found = view.find(row[1].text());
  return found < 0 ? Value::null() : as_result<text>(view.value(static_cast<uint32_t>(found)), call.arena());
}
template <bool text>
Value array_element(Call& call, std::span<const Value> row) {
  JsonbView view(row[0].text());
  if (view.kind() != JsonKind::Array) return Value::null();
  int64_t index = row[1].i32;
  if (index < 0) index += view.size();
  if (index < 0 || index >= view.size()) return Value::null();
  return as_result<text>(view.element(static_cast<uint32_t>(index)), call.arena());
}
template <bool text>
Value extract_path(Call& call, std::span<const Value> row) {
  types::ArrayView path(row[1].text());
  JsonbView at(row[0].text());
  for (size_t i = 0; i < path.size(); ++i) {
    if (path.is_null(i)) return Value::null();
    Value step = path.get(i);
    if (!step_into(at, step.text())) return Value::null();
  }
  return as_result<text>(at, call.arena());
}

int32_t array_length(Text bytes) {
  JsonbView view(bytes);
  if (!view.is_container()) throw SqlError(Sqlstate::InvalidParameterValue, "cannot get array length of a scalar");
  if (view.kind() == JsonKind::Object) throw SqlError(Sqlstate::InvalidParameterValue, "cannot get array length of a non-array");
  return static_cast<int32_t>(view.size());
}

bool exists(JsonbView view, Text key) {
  if (view.kind() == JsonKind::Object) return view.find(key) >= 0;
  if (view.kind() == JsonKind::String) return view.text() == key;
  if (view.kind() != JsonKind::Array) return false;
  for (uint32_t i = 0; i < view.size(); ++i) {
    JsonbView element = view.element(i);
    if (element.kind() == JsonKind::String && element.text() == key) return true;
  }
  return false;
}
template <bool all>
bool exists_many(Text bytes, Text keys) {
  JsonbView view(bytes);
  types::ArrayView array(keys);
  for (size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) continue;
    Value key = array.get(i);
    if (exists(view, key.text()) != all) return !all;
  }
  return all;
}

// A scalar at the root counts as an array of itself, but an array is never in it.
bool contains(Text container, Text wanted) {
  JsonbView a(container), b(wanted);
  if (a.kind() == JsonKind::Array && !b.is_container()) {
    for (uint32_t i = 0; i < a.size(); ++i) {
      JsonbView element = a.element(i);
      if (!element.is_container() && types::compare_jsonb(element, b) == 0) return true;
    }
    return false;
  }
  return types::jsonb_contains(a, b);
}

int order(const StringView& a, const StringView& b) { return types::compare_jsonb(JsonbView(a.view()), JsonbView(b.view())); }
using Order = Ordered<order, StringView>;

std::string pretty(Text bytes) {
  std::string out;
  types::append_jsonb_pretty(JsonbView(bytes), 0, out);
  return out;
}

[[noreturn]] void throw_cast(JsonbView view, const char* type) {
  const char* kind = "null";
  switch (view.kind()) {
    case JsonKind::Null: break;
    case JsonKind::String: kind = "string"; break;
    case JsonKind::Number: kind = "numeric"; break;
    case JsonKind::False:
    case JsonKind::True: kind = "boolean"; break;
    case JsonKind::Array: kind = "array"; break;
    case JsonKind::Object: kind = "object"; break;
  }
  throw SqlError(Sqlstate::InvalidParameterValue, std::string("cannot cast jsonb ") + kind + " to type " + type);
}
Numeric number_of(Text bytes, const char* type) {
  JsonbView view(bytes);
  if (view.kind() != JsonKind::Number) throw_cast(view, type);
  return view.number();
}
template <typename T>
T integer_of(Text bytes, const char* type) {
  int64_t value = numeric::to_int64(number_of(bytes, type), type);
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) throw_out_of_range(type);
  return static_cast<T>(value);
}

constexpr ScalarBinding kBindings[] = {
    {"jsonb_object_field", strict_value_kernel<object_field<false>>},
    {"jsonb_object_field_text", strict_value_kernel<object_field<true>>},
    {"jsonb_array_element", strict_value_kernel<array_element<false>>},
    {"jsonb_array_element_text", strict_value_kernel<array_element<true>>},
    {"jsonb_extract_path", strict_value_kernel<extract_path<false>>},
    {"jsonb_extract_path_text", strict_value_kernel<extract_path<true>>},
    {"jsonb_array_length", kernel<array_length>},
    {"jsonb_typeof", kernel<[](Text a) { return std::string(types::json_kind_name(JsonbView(a).kind())); }>},
    {"jsonb_exists", kernel<[](Text a, Text key) { return exists(JsonbView(a), key); }>},
    {"jsonb_exists_any", kernel<exists_many<false>>},
    {"jsonb_exists_all", kernel<exists_many<true>>},
    {"jsonb_contains", kernel<contains>},
    {"jsonb_contained", kernel<[](Text a, Text b) { return contains(b, a); }>},
    {"jsonb_eq", kernel<Order::equal>},
    {"jsonb_ne", kernel<Order::unequal>},
    {"jsonb_lt", kernel<Order::less>},
    {"jsonb_le", kernel<Order::less_or_equal>},
    {"jsonb_gt", kernel<Order::greater>},
    {"jsonb_ge", kernel<Order::greater_or_equal>},
    {"jsonb_cmp", kernel<Order::order>},
    {"jsonb_pretty", kernel<pretty>},
    {"jsonb_bool", kernel<[](Text a) {
       JsonbView view(a);
       if (!view.is_bool()) throw_cast(view, "boolean");
       return view.kind() == JsonKind::True;
     }>},
    {"jsonb_numeric", strict_value_kernel<[](Call& c, std::span<const Value> row) {
       return types::copy_value(types::PhysicalType::Numeric, Value::of_numeric(number_of(row[0].text(), "numeric")), c.arena());
     }>},
    {"jsonb_int2", kernel<[](Text a) { return integer_of<int16_t>(a, "smallint"); }>},
    {"jsonb_int4", kernel<[](Text a) { return integer_of<int32_t>(a, "integer"); }>},
    {"jsonb_int8", kernel<[](Text a) { return integer_of<int64_t>(a, "bigint"); }>},
    {"jsonb_float4", kernel<[](Text a) { return numeric::to_float(number_of(a, "real")); }>},
    {"jsonb_float8", kernel<[](Text a) { return numeric::to_double(number_of(a, "double precision")); }>},
};

}  // namespace

Value jsonb_get_path(Text jsonb, const std::vector<Text>& path, Arena& arena) {
  JsonbView at(jsonb);
  for (Text step : path) {
    if (!step_into(at, step)) return Value::null();
  }
  return as_jsonb(at, arena);
}

std::span<const ScalarBinding> jsonb_bindings() { return kBindings; }

}  // namespace aegis::functions
