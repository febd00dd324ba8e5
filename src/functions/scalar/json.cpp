// json: reading parts of its text, and making it of SQL values.
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "aegis/types/record.h"
#include "binding.h"
#include "json_convert.h"

namespace aegis::functions {

namespace {

JsonNode parsed(Text text) { return types::parse_json(text, types::JsonStrings::Decode); }

Value as_json(Call& call, const JsonSource& source, bool text) {
  if (text && source.kind() == JsonKind::Null) return Value::null();
  return types::string_value(text ? source.plain_text() : source.json_text(), call.arena());
}

template <bool text>
Value object_field(Call& call, std::span<const Value> row) {
  JsonNode node = parsed(row[0].text());
  JsonSource found;
  if (node.kind != JsonKind::Object || !source_of(node, row[0].text()).find(row[1].text(), found)) return Value::null();
  return as_json(call, found, text);
}

template <bool text>
Value array_element(Call& call, std::span<const Value> row) {
  JsonNode node = parsed(row[0].text());
  if (node.kind != JsonKind::Array) return Value::null();
  int64_t index = row[1].i32;
  if (index < 0) index += static_cast<int64_t>(node.items.size());
  if (index < 0 || index >= static_cast<int64_t>(node.items.size())) return Value::null();
  return as_json(call, source_of(node.items[static_cast<size_t>(index)], row[0].text()), text);
}

bool parse_index(Text text, int64_t& index) {
  std::string copy(text);
  char* end = nullptr;
  errno = 0;
  index = std::strtol(copy.c_str(), &end, 10);
  return end != copy.c_str() && *end == '\0' && errno == 0 && index <= INT32_MAX && index >= INT32_MIN;
}

template <bool text>
Value extract_path(Call& call, std::span<const Value> row) {
  types::ArrayView path(row[1].text());
  JsonNode node = parsed(row[0].text());
  JsonSource at = source_of(node, row[0].text());
  for (size_t i = 0; i < path.size(); ++i) {
    if (path.is_null(i)) return Value::null();
    Value step = path.get(i);
    if (at.kind() == JsonKind::Object) {
      JsonSource next;
      if (!at.find(step.text(), next)) return Value::null();
      at = next;
    } else if (at.kind() == JsonKind::Array) {
      int64_t index;
      if (!parse_index(step.text(), index)) return Value::null();
      auto size = static_cast<int64_t>(at.size());
      if (index < 0) index += size;
      if (index < 0 || index >= size) return Value::null();
      at = at.item(static_cast<size_t>(index));
    } else {
      return Value::null();
    }
  }
  return as_json(call, at, text);
}

int32_t array_length(Text text) {
  JsonNode node = parsed(text);
  if (node.kind == JsonKind::Object) throw SqlError(Sqlstate::InvalidParameterValue, "cannot get array length of a non-array");
  if (node.kind != JsonKind::Array) throw SqlError(Sqlstate::InvalidParameterValue, "cannot get array length of a scalar");
  return static_cast<int32_t>(node.items.size());
}

std::string type_of(Text text) { return types::json_kind_name(parsed(text).kind); }

void append_without_nulls(const JsonNode& node, Text text, std::string& out) {
  if (node.kind == JsonKind::Object) {
    out += '{';
    bool first = true;
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (node.items[i].kind == JsonKind::Null) continue;
      if (!first) out += ',';
      first = false;
      types::append_json_string(node.keys[i], out);
      out += ':';
      append_without_nulls(node.items[i], text, out);
    }
    out += '}';
  } else if (node.kind == JsonKind::Array) {
    out += '[';
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out += ',';
      append_without_nulls(node.items[i], text, out);
    }
    out += ']';
  } else if (node.kind == JsonKind::String) {
    types::append_json_string(node.text, out);
  } else {
    out += text.substr(node.start, node.end - node.start);
  }
}
std::string strip_nulls(Text text) {
  std::string out;
  append_without_nulls(parsed(text), text, out);
  return out;
}

Value to_json(Call& call, std::span<const Value> row) {
  std::string out;
  append_json(call.types(), call.argument_type(0), row[0], {row.size() > 1 && row[1].boolean}, out);
  return types::string_value(out, call.arena());
}

Value build_array(Call& call, std::span<const Value> row) {
  VariadicArguments arguments(call, row);
  if (arguments.is_null_array()) return Value::null();
  std::string out = "[";
  for (size_t i = 0; i < arguments.values().size(); ++i) {
    if (i > 0) out += ", ";
    append_json(call.types(), arguments.type(i), arguments.values()[i], {}, out);
  }
  return types::string_value(out + "]", call.arena());
}

void check_pairs(size_t count, const char* function) {
  if (count % 2 == 0) return;
  throw SqlError(Sqlstate::InvalidParameterValue, "argument list must have even number of elements")
      .hint(std::string("The arguments of ") + function + "() must consist of alternating keys and values.");
}

Value build_object(Call& call, std::span<const Value> row) {
  VariadicArguments arguments(call, row);
  if (arguments.is_null_array()) return Value::null();
  auto values = arguments.values();
  check_pairs(values.size(), "json_build_object");
  std::string out = "{";
  for (size_t i = 0; i < values.size(); i += 2) {
    if (i > 0) out += ", ";
    if (values[i].is_null) {
      throw SqlError(Sqlstate::InvalidParameterValue, "argument " + std::to_string(i + 1) + " cannot be null").hint("Object keys should be text.");
    }
    append_json_key(call.types(), arguments.type(i), values[i], out);
    out += " : ";
    append_json(call.types(), arguments.type(i + 1), values[i + 1], {}, out);
  }
  return types::string_value(out + "}", call.arena());
}

struct Pairs {
  std::vector<Value> keys, values;
};
Pairs pairs_of(std::span<const Value> row) {
  Pairs pairs;
  if (row.size() == 2) {
    types::ArrayView keys(row[0].text()), values(row[1].text());
    if (keys.dimensions() > 1 || keys.dimensions() != values.dimensions()) {
      throw SqlError(Sqlstate::ArraySubscriptError, "wrong number of array subscripts");
    }
    if (keys.size() != values.size()) throw SqlError(Sqlstate::ArraySubscriptError, "mismatched array dimensions");
    for (size_t i = 0; i < keys.size(); ++i) {
      pairs.keys.push_back(keys.get(i));
      pairs.values.push_back(values.get(i));
    }
  } else {
    types::ArrayView array(row[0].text());
    if (array.dimensions() == 1 && array.length(0) % 2 != 0) {
      throw SqlError(Sqlstate::ArraySubscriptError, "array must have even number of elements");
    }
    if (array.dimensions() == 2 && array.length(1) != 2) throw SqlError(Sqlstate::ArraySubscriptError, "array must have two columns");
    if (array.dimensions() > 2) throw SqlError(Sqlstate::ArraySubscriptError, "wrong number of array subscripts");
    for (size_t i = 0; i + 1 < array.size(); i += 2) {
      pairs.keys.push_back(array.get(i));
      pairs.values.push_back(array.get(i + 1));
    }
  }
  for (const Value& key : pairs.keys) {
    if (key.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "null value not allowed for object key");
  }
  return pairs;
}

Value json_object(Call& call, std::span<const Value> row) {
  Pairs pairs = pairs_of(row);
  std::string out = "{";
  for (size_t i = 0; i < pairs.keys.size(); ++i) {
    if (i > 0) out += ", ";
    types::append_json_string(pairs.keys[i].text(), out);
    out += " : ";
    if (pairs.values[i].is_null) {
      out += "null";
    } else {
      types::append_json_string(pairs.values[i].text(), out);
    }
  }
  return types::string_value(out + "}", call.arena());
}

Value jsonb_object(Call& call, std::span<const Value> row) {
  Pairs pairs = pairs_of(row);
  JsonNode node;
  node.kind = JsonKind::Object;
  for (size_t i = 0; i < pairs.keys.size(); ++i) {
    node.add(pairs.keys[i].text(), pairs.values[i].is_null ? JsonNode() : JsonNode::of_text(pairs.values[i].text()));
  }
  return types::jsonb_value(node, call.arena());
}

Value to_jsonb(Call& call, std::span<const Value> row) {
  return types::jsonb_value(json_node_of(call.types(), call.argument_type(0), row[0], call.arena()), call.arena());
}

Value jsonb_build_array(Call& call, std::span<const Value> row) {
  VariadicArguments arguments(call, row);
  if (arguments.is_null_array()) return Value::null();
  JsonNode node;
  node.kind = JsonKind::Array;
  for (size_t i = 0; i < arguments.values().size(); ++i) {
    node.items.push_back(json_node_of(call.types(), arguments.type(i), arguments.values()[i], call.arena()));
  }
  return types::jsonb_value(node, call.arena());
}

Value jsonb_build_object(Call& call, std::span<const Value> row) {
  VariadicArguments arguments(call, row);
  if (arguments.is_null_array()) return Value::null();
  auto values = arguments.values();
  check_pairs(values.size(), "jsonb_build_object");
  JsonNode node;
  node.kind = JsonKind::Object;
  for (size_t i = 0; i < values.size(); i += 2) {
    if (values[i].is_null) throw SqlError(Sqlstate::InvalidParameterValue, "argument " + std::to_string(i + 1) + ": key must not be null");
    node.add(json_key_of(call.types(), arguments.type(i), values[i]), json_node_of(call.types(), arguments.type(i + 1), values[i + 1], call.arena()));
  }
  return types::jsonb_value(node, call.arena());
}

// json[b]_populate_record(base, json).
template <bool binary>
Value populate_record(Call& call, std::span<const Value> row) {
  Oid type = call.argument_type(0);
  const types::TypeInfo& info = types::type_info(types::base_type(type));
  if (info.kind != 'c' && info.oid != types::oid::kRecord) {
    throw SqlError(Sqlstate::DatatypeMismatch, std::string("first argument of ") + (binary ? "jsonb" : "json") + "_populate_record must be a row type");
  }
  JsonPopulation population(call.types(), call.arena());
  std::vector<JsonPopulation::Field> fields;
  bool defined = JsonPopulation::defined_fields(row, binary ? 2 : 3, row[0], fields);
  if (!defined) fields = population.fields_of(type, row[0]);
  if (fields.empty() && info.oid == types::oid::kRecord) {
    throw SqlError(Sqlstate::FeatureNotSupported, std::string("could not determine row type for result of ") + (binary ? "jsonb" : "json") + "_populate_record")
        .hint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.");
  }
  if (row[1].is_null) return row[0];
  uint32_t shape = info.oid == types::oid::kRecord && !row[0].is_null ? types::RecordView(row[0].text()).shape() : 0;
  auto make = [&](const JsonSource& source) {
    if (source.kind() != JsonKind::Object) {
      const char* what = source.kind() == JsonKind::Array ? "an array" : "a scalar";
      throw SqlError(Sqlstate::InvalidParameterValue, std::string("cannot call ") + (binary ? "jsonb" : "json") + "_populate_record on " + what);
    }
    Value made = population.record(fields, row[0], source, shape);
    if (types::type_info(type).kind == 'd') call.types().names->check_domain(type, made);
    return made;
  };
  if (binary) return make(source_of(JsonbView(row[1].text())));
  JsonNode node = parsed(row[1].text());
  return make(source_of(node, row[1].text()));
}

constexpr ScalarBinding kBindings[] = {
    {"json_object_field", strict_value_kernel<object_field<false>>},
    {"json_object_field_text", strict_value_kernel<object_field<true>>},
    {"json_array_element", strict_value_kernel<array_element<false>>},
    {"json_array_element_text", strict_value_kernel<array_element<true>>},
    {"json_extract_path", strict_value_kernel<extract_path<false>>},
    {"json_extract_path_text", strict_value_kernel<extract_path<true>>},
    {"json_array_length", kernel<array_length>},
    {"json_typeof", kernel<type_of>},
    {"json_strip_nulls", kernel<strip_nulls>},
    {"to_json", strict_value_kernel<to_json>},
    {"array_to_json", strict_value_kernel<to_json>},
    {"array_to_json_pretty", strict_value_kernel<to_json>},
    {"row_to_json", strict_value_kernel<to_json>},
    {"row_to_json_pretty", strict_value_kernel<to_json>},
    {"json_build_array", value_kernel<build_array>},
    {"json_build_array_noargs", value_kernel<build_array>},
    {"json_build_object", value_kernel<build_object>},
    {"json_build_object_noargs", value_kernel<build_object>},
    {"json_object", strict_value_kernel<json_object>},
    {"json_object_two_arg", strict_value_kernel<json_object>},
    {"jsonb_object", strict_value_kernel<jsonb_object>},
    {"jsonb_object_two_arg", strict_value_kernel<jsonb_object>},
    {"to_jsonb", strict_value_kernel<to_jsonb>},
    {"jsonb_build_array", value_kernel<jsonb_build_array>},
    {"jsonb_build_array_noargs", value_kernel<jsonb_build_array>},
    {"jsonb_build_object", value_kernel<jsonb_build_object>},
    {"jsonb_build_object_noargs", value_kernel<jsonb_build_object>},
    {"json_populate_record", value_kernel<populate_record<false>>},
    {"jsonb_populate_record", value_kernel<populate_record<true>>},
};

}  // namespace

std::span<const ScalarBinding> json_bindings() { return kBindings; }

}  // namespace aegis::functions
