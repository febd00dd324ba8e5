// Changed copies of jsonb: concatenation, deletion, and replacement along a path.
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "aegis/types/json.h"
#include "binding.h"
#include "jsonb_path_access.h"

namespace aegis::functions {

using types::JsonbView;
using types::JsonKind;
using types::JsonNode;

namespace {

// One level decoded; what is below stays encoded.
JsonNode expand(JsonbView view) {
  if (!view.is_container()) return JsonNode::of_jsonb(view);
  JsonNode node;
  node.kind = view.kind();
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (node.kind == JsonKind::Object) {
      node.add(view.key(i), JsonNode::of_jsonb(view.value(i)));
    } else {
      node.items.push_back(JsonNode::of_jsonb(view.element(i)));
    }
  }
  return node;
}

Value concatenate(Call& call, std::span<const Value> row) {
  JsonbView a(row[0].text()), b(row[1].text());
  JsonNode result;
  if (a.kind() == JsonKind::Object && b.kind() == JsonKind::Object) {
    result = expand(a);
    for (uint32_t i = 0; i < b.size(); ++i) result.add(b.key(i), JsonNode::of_jsonb(b.value(i)));
    return types::jsonb_value(result, call.arena());
  }
  result.kind = JsonKind::Array;
  for (JsonbView part : {a, b}) {
    if (part.kind() == JsonKind::Array) {
      for (uint32_t i = 0; i < part.size(); ++i) result.items.push_back(JsonNode::of_jsonb(part.element(i)));
    } else {
      result.items.push_back(JsonNode::of_jsonb(part));
    }
  }
  return types::jsonb_value(result, call.arena());
}

template <typename F>
Value delete_if(Call& call, JsonbView view, F&& goes) {
  if (!view.is_container()) throw SqlError(Sqlstate::InvalidParameterValue, "cannot delete from scalar");
  JsonNode result;
  result.kind = view.kind();
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (view.kind() == JsonKind::Object) {
      if (!goes(view.key(i))) result.add(view.key(i), JsonNode::of_jsonb(view.value(i)));
    } else {
      JsonbView element = view.element(i);
      if (element.kind() != JsonKind::String || !goes(element.text())) result.items.push_back(JsonNode::of_jsonb(element));
    }
  }
  return types::jsonb_value(result, call.arena());
}

Value delete_key(Call& call, std::span<const Value> row) {
  Text key = row[1].text();
  return delete_if(call, JsonbView(row[0].text()), [&](Text other) { return other == key; });
}
Value delete_keys(Call& call, std::span<const Value> row) {
  types::ArrayView keys(row[1].text());
  if (keys.dimensions() > 1) throw SqlError(Sqlstate::ArraySubscriptError, "wrong number of array subscripts");
  return delete_if(call, JsonbView(row[0].text()), [&](Text other) {
    for (size_t i = 0; i < keys.size(); ++i) {
      Value key = keys.get(i);
      if (!key.is_null && key.text() == other) return true;
    }
    return false;
  });
}
Value delete_index(Call& call, std::span<const Value> row) {
  JsonbView view(row[0].text());
  if (!view.is_container()) throw SqlError(Sqlstate::InvalidParameterValue, "cannot delete from scalar");
  if (view.kind() == JsonKind::Object) throw SqlError(Sqlstate::InvalidParameterValue, "cannot delete from object using integer index");
  int64_t index = row[1].i32;
  if (index < 0) index += view.size();
  if (index < 0 || index >= view.size()) return row[0];
  JsonNode result = expand(view);
  result.items.erase(result.items.begin() + index);
  return types::jsonb_value(result, call.arena());
}

struct PathMode {
  bool remove = false;
  bool create = false;         // a missing last step is added
  bool insert_before = false;
  bool insert_after = false;
  bool fill_gaps = false;      // subscripted assignment: missing steps are made
  bool adds() const { return create || insert_before || insert_after; }
  bool inserts() const { return insert_before || insert_after; }
};

class PathEdit {
 public:
  PathEdit(std::vector<std::optional<std::string>> path, JsonNode value, PathMode mode)
      : path_(std::move(path)), value_(std::move(value)), mode_(mode) {}

  JsonNode edit(JsonbView view, size_t level) {
    if (!view.is_container()) {
      if (mode_.fill_gaps && level < path_.size()) throw_scalar();
      return JsonNode::of_jsonb(view);
    }
    return view.kind() == JsonKind::Object ? edit_object(view, level) : edit_array(view, level);
  }

  [[noreturn]] static void throw_scalar() {
    throw SqlError(Sqlstate::InvalidParameterValue, "cannot replace existing key")
        .detail("The path assumes key is a composite object, but it is a scalar value.");
  }

 private:
  bool is_last(size_t level) const { return level + 1 == path_.size(); }

  JsonNode edit_object(JsonbView view, size_t level) {
    JsonNode result;
    result.kind = JsonKind::Object;
    bool done = level >= path_.size() || !path_[level].has_value();
    for (uint32_t i = 0; i < view.size(); ++i) {
      Text key = view.key(i);
      if (done || key != *path_[level]) {
        result.add(key, JsonNode::of_jsonb(view.value(i)));
        continue;
      }
      done = true;
      if (!is_last(level)) {
        result.add(key, edit(view.value(i), level + 1));
        continue;
      }
      if (mode_.inserts()) {
        throw SqlError(Sqlstate::InvalidParameterValue, "cannot replace existing key").hint("Try using the function jsonb_set to replace key value.");
      }
      if (!mode_.remove) result.add(key, value_);
    }
    if (!done && mode_.adds() && is_last(level)) result.add(*path_[level], value_);
    if (!done && mode_.fill_gaps && !is_last(level)) result.add(*path_[level], build_rest(level));
    return result;
  }

  int64_t index_at(size_t level, JsonbView view) {
    int64_t size = view.size();
    if (level >= path_.size() || !path_[level].has_value()) return size;
    int64_t index;
    if (!parse_json_index(*path_[level], index)) {
      throw SqlError(Sqlstate::InvalidTextRepresentation,
                     "path element at position " + std::to_string(level + 1) + " is not an integer: \"" + *path_[level] + "\"");
    }
    if (index < 0) {
      if (-index > size) {
        if (mode_.fill_gaps) {
          throw SqlError(Sqlstate::InvalidParameterValue,
                         "path element at position " + std::to_string(level + 1) + " is out of range: " + std::to_string(index));
        }
        return INT32_MIN;
      }
      index += size;
    }
    return !mode_.fill_gaps && index > size ? size : index;
  }

  void add_nulls(JsonNode& array, int64_t count) {
    for (; count > 0; --count) array.items.emplace_back();
  }

  JsonNode edit_array(JsonbView view, size_t level) {
    JsonNode result;
    result.kind = JsonKind::Array;
    int64_t size = view.size();
    int64_t index = index_at(level, view);
    bool done = false;
    if ((index == INT32_MIN || size == 0) && level < path_.size() && is_last(level) && mode_.adds()) {
      if (mode_.fill_gaps && size == 0 && index > 0) add_nulls(result, index);
      result.items.push_back(value_);
      done = true;
    }
    for (uint32_t i = 0; i < view.size(); ++i) {
      JsonbView element = view.element(i);
      if (i != index || level >= path_.size()) {
        result.items.push_back(JsonNode::of_jsonb(element));
        continue;
      }
      done = true;
      if (!is_last(level)) {
        result.items.push_back(edit(element, level + 1));
        continue;
      }
      if (mode_.remove) continue;
      if (!mode_.insert_after) result.items.push_back(value_);
      if (mode_.inserts()) result.items.push_back(JsonNode::of_jsonb(element));
      if (mode_.insert_after) result.items.push_back(value_);
    }
    if (done || level >= path_.size()) return result;
    if (mode_.adds() && is_last(level)) {
      if (mode_.fill_gaps && index > size) add_nulls(result, index - size);
      result.items.push_back(value_);
    } else if (mode_.fill_gaps && !is_last(level)) {
      if (index > 0) add_nulls(result, index - size);
      result.items.push_back(build_rest(level));
    }
    return result;
  }

  // Arrays and objects for the steps behind `level`, with the value at their end.
  JsonNode build_rest(size_t level) {
    if (level + 1 >= path_.size()) return value_;
    JsonNode node;
    int64_t index;
    if (parse_json_index(*path_[level + 1], index)) {
      node.kind = JsonKind::Array;
      add_nulls(node, index);
      node.items.push_back(build_rest(level + 1));
    } else {
      node.kind = JsonKind::Object;
      node.add(*path_[level + 1], build_rest(level + 1));
    }
    return node;
  }

  std::vector<std::optional<std::string>> path_;
  JsonNode value_;
  PathMode mode_;
};

std::vector<std::optional<std::string>> path_of(const Value& array) {
  types::ArrayView view(array.text());
  if (view.dimensions() > 1) throw SqlError(Sqlstate::ArraySubscriptError, "wrong number of array subscripts");
  std::vector<std::optional<std::string>> path;
  for (size_t i = 0; i < view.size(); ++i) {
    Value step = view.get(i);
    path.push_back(step.is_null ? std::nullopt : std::optional<std::string>(step.text()));
  }
  return path;
}

void refuse_nulls(const std::vector<std::optional<std::string>>& path) {
  for (size_t i = 0; i < path.size(); ++i) {
    if (!path[i].has_value()) {
      throw SqlError(Sqlstate::NullValueNotAllowed, "path element at position " + std::to_string(i + 1) + " is null");
    }
  }
}

Value edit_path(Call& call, const Value& source, const Value& path, JsonNode value, PathMode mode, const char* scalar_error) {
  JsonbView view(source.text());
  auto steps = path_of(path);
  if (!view.is_container()) throw SqlError(Sqlstate::InvalidParameterValue, scalar_error);
  if (view.size() == 0 && !mode.adds()) return source;
  if (steps.empty()) return source;
  refuse_nulls(steps);
  return types::jsonb_value(PathEdit(std::move(steps), std::move(value), mode).edit(view, 0), call.arena());
}

Value delete_path(Call& call, std::span<const Value> row) {
  PathMode mode;
  mode.remove = true;
  return edit_path(call, row[0], row[1], {}, mode, "cannot delete path in scalar");
}
Value set_path(Call& call, std::span<const Value> row) {
  PathMode mode;
  mode.create = row[3].boolean;
  return edit_path(call, row[0], row[1], JsonNode::of_jsonb(JsonbView(row[2].text())), mode, "cannot set path in scalar");
}
Value insert_path(Call& call, std::span<const Value> row) {
  PathMode mode;
  (row[3].boolean ? mode.insert_after : mode.insert_before) = true;
  return edit_path(call, row[0], row[1], JsonNode::of_jsonb(JsonbView(row[2].text())), mode, "cannot set path in scalar");
}
Value set_path_lax(Call& call, std::span<const Value> row) {
  if (row[0].is_null || row[1].is_null || row[3].is_null) return Value::null();
  if (row[4].is_null) {
    throw SqlError(Sqlstate::InvalidParameterValue,
                   "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
  }
  if (!row[2].is_null) return set_path(call, row.first(4));
  Text treatment = row[4].text();
  if (treatment == "raise_exception") {
    throw SqlError(Sqlstate::NullValueNotAllowed, "JSON value must not be null")
        .detail("Exception was raised because null_value_treatment is \"raise_exception\".")
        .hint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.");
  }
  if (treatment == "return_target") return row[0];
  if (treatment == "delete_key") return delete_path(call, row.first(2));
  if (treatment == "use_json_null") {
    std::vector<Value> changed(row.begin(), row.begin() + 4);
    changed[2] = Value::of_string(std::string_view("\0", 1));
    return set_path(call, changed);
  }
  throw SqlError(Sqlstate::InvalidParameterValue,
                 "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
}

JsonNode without_nulls(JsonbView view) {
  if (!view.is_container()) return JsonNode::of_jsonb(view);
  JsonNode node;
  node.kind = view.kind();
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (node.kind == JsonKind::Array) {
      node.items.push_back(without_nulls(view.element(i)));
    } else if (view.value(i).kind() != JsonKind::Null) {
      node.add(view.key(i), without_nulls(view.value(i)));
    }
  }
  return node;
}

constexpr ScalarBinding kBindings[] = {
    {"jsonb_concat", strict_value_kernel<concatenate>},
    {"jsonb_delete", strict_value_kernel<delete_key>},
    {"jsonb_delete_idx", strict_value_kernel<delete_index>},
    {"jsonb_delete_array", strict_value_kernel<delete_keys>},
    {"jsonb_delete_path", strict_value_kernel<delete_path>},
    {"jsonb_set", strict_value_kernel<set_path>},
    {"jsonb_insert", strict_value_kernel<insert_path>},
    {"jsonb_set_lax", value_kernel<set_path_lax>},
    {"jsonb_strip_nulls", strict_value_kernel<[](Call& c, std::span<const Value> row) {
       return types::jsonb_value(without_nulls(JsonbView(row[0].text())), c.arena());
     }>},
};

}  // namespace

Value jsonb_assign_path(const Value& source, const Value& value, const std::vector<Text>& path, Arena& arena) {
  std::vector<std::optional<std::string>> steps;
  for (Text step : path) steps.emplace_back(step);
  JsonNode replacement = value.is_null ? JsonNode() : JsonNode::of_jsonb(JsonbView(value.text()));
  std::string empty;
  if (source.is_null) {
    int64_t index;
    JsonNode start;
    start.kind = !path.empty() && parse_json_index(path[0], index) ? JsonKind::Array : JsonKind::Object;
    empty = types::encode_jsonb(start);
  }
  PathMode mode;
  mode.create = true;
  mode.fill_gaps = true;
  JsonbView view(source.is_null ? std::string_view(empty) : source.text());
  return types::jsonb_value(PathEdit(std::move(steps), std::move(replacement), mode).edit(view, 0), arena);
}

std::span<const ScalarBinding> jsonb_edit_bindings() { return kBindings; }

}  // namespace aegis::functions
