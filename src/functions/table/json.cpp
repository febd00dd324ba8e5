// Sets of JSON's parts: elements, members, keys, and rows made of objects.
#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "aegis/types/record.h"
#include "binding.h"
#include "json_convert.h"
#include "table/list_scan.h"

namespace aegis::functions {

namespace {

using Scan = std::unique_ptr<SetScan>;

// A json or jsonb argument, parsed once.
struct Parsed {
  JsonNode node;
  JsonSource source;
};
template <bool binary>
void read(Text text, Parsed& out) {
  if (binary) {
    out.source = source_of(JsonbView(text));
  } else {
    out.node = types::parse_json(text, types::JsonStrings::Decode);
    out.source = source_of(out.node, text);
  }
}

template <bool binary>
std::string name_of(const char* function) {
  return std::string(binary ? "jsonb_" : "json_") + function;
}

template <bool binary>
Value item_value(const JsonSource& item, bool text, Arena& arena) {
  if (text) return item.kind() == JsonKind::Null ? Value::null() : types::string_value(item.plain_text(), arena);
  if (binary) return types::string_value(item.view.bytes(), arena);
  return types::string_value(item.json_text(), arena);
}

template <bool binary, bool text>
Scan elements(CallContext&, std::span<const Value> arguments) {
  Parsed parsed;
  read<binary>(arguments[0].text(), parsed);
  if (parsed.source.kind() != JsonKind::Array) {
    if (binary) {
      throw SqlError(Sqlstate::InvalidParameterValue, parsed.source.kind() == JsonKind::Object ? "cannot extract elements from an object"
                                                                                               : "cannot extract elements from a scalar");
    }
    std::string function = text ? "json_array_elements_text" : "json_array_elements";
    throw SqlError(Sqlstate::InvalidParameterValue,
                   "cannot call " + function + " on a " + (parsed.source.kind() == JsonKind::Object ? "non-array" : "scalar"));
  }
  auto scan = std::make_unique<ListScan>();
  for (size_t i = 0; i < parsed.source.size(); ++i) scan->add({item_value<binary>(parsed.source.item(i), text, scan->arena())});
  return scan;
}

template <bool binary, bool text>
Scan each(CallContext&, std::span<const Value> arguments) {
  Parsed parsed;
  read<binary>(arguments[0].text(), parsed);
  if (parsed.source.kind() != JsonKind::Object) {
    if (binary) throw SqlError(Sqlstate::InvalidParameterValue, "cannot call " + name_of<binary>(text ? "each_text" : "each") + " on a non-object");
    throw SqlError(Sqlstate::InvalidParameterValue, parsed.source.kind() == JsonKind::Array ? "cannot deconstruct an array as an object"
                                                                                            : "cannot deconstruct a scalar");
  }
  auto scan = std::make_unique<ListScan>();
  for (size_t i = 0; i < parsed.source.size(); ++i) {
    Value key = types::string_value(parsed.source.key(i), scan->arena());
    scan->add({key, item_value<binary>(parsed.source.item(i), text, scan->arena())});
  }
  return scan;
}

template <bool binary>
Scan keys(CallContext&, std::span<const Value> arguments) {
  Parsed parsed;
  read<binary>(arguments[0].text(), parsed);
  if (parsed.source.kind() != JsonKind::Object) {
    throw SqlError(Sqlstate::InvalidParameterValue, "cannot call " + name_of<binary>("object_keys") + " on " +
                                                        (parsed.source.kind() == JsonKind::Array ? "an array" : "a scalar"));
  }
  auto scan = std::make_unique<ListScan>();
  for (size_t i = 0; i < parsed.source.size(); ++i) scan->add({types::string_value(parsed.source.key(i), scan->arena())});
  return scan;
}

[[noreturn]] void throw_not_objects(const std::string& function, JsonKind kind, bool outer) {
  if (outer && kind == JsonKind::Object) throw SqlError(Sqlstate::InvalidParameterValue, "cannot call " + function + " on an object");
  if (outer) throw SqlError(Sqlstate::InvalidParameterValue, "cannot call " + function + " on a scalar");
  throw SqlError(Sqlstate::InvalidParameterValue, "argument of " + function + " must be an array of objects");
}

template <bool binary>
Scan populate_set(CallContext& context, std::span<const Value> arguments) {
  Oid type = context.site.arguments[0].oid;
  std::string function = name_of<binary>("populate_recordset");
  const types::TypeInfo& info = types::type_info(types::base_type(type));
  if (info.kind != 'c' && info.oid != types::oid::kRecord) {
    throw SqlError(Sqlstate::DatatypeMismatch, "first argument of " + function + " must be a row type");
  }
  auto scan = std::make_unique<ListScan>();
  JsonPopulation population(context.types, scan->arena());
  std::vector<JsonPopulation::Field> fields;
  bool defined = JsonPopulation::defined_fields(arguments, binary ? 2 : 3, arguments[0], fields);
  if (!defined) fields = population.fields_of(type, arguments[0]);
  if (fields.empty() && info.oid == types::oid::kRecord) {
    throw SqlError(Sqlstate::FeatureNotSupported, "could not determine row type for result of " + function)
        .hint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.");
  }
  if (arguments[1].is_null) return nullptr;
  Parsed parsed;
  read<binary>(arguments[1].text(), parsed);
  if (parsed.source.kind() != JsonKind::Array) throw_not_objects(function, parsed.source.kind(), true);
  for (size_t i = 0; i < parsed.source.size(); ++i) {
    JsonSource item = parsed.source.item(i);
    if (item.kind() != JsonKind::Object) throw_not_objects(function, item.kind(), false);
    Value row = population.record(fields, arguments[0], item);
    if (types::type_info(type).kind == 'd') context.types.names->check_domain(type, row);
    scan->add({row});
  }
  return scan;
}

std::vector<JsonPopulation::Field> required_fields(const std::string& function, std::span<const Value> arguments) {
  std::vector<JsonPopulation::Field> fields;
  if (JsonPopulation::defined_fields(arguments, 1, Value::null(), fields)) return fields;
  throw SqlError(Sqlstate::FeatureNotSupported, "could not determine row type for result of " + function)
      .hint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.");
}

template <bool binary>
Scan to_record_set(CallContext& context, std::span<const Value> arguments) {
  std::string function = name_of<binary>("to_recordset");
  auto fields = required_fields(function, arguments);
  auto scan = std::make_unique<ListScan>();
  if (arguments[0].is_null) return nullptr;
  JsonPopulation population(context.types, scan->arena());
  Parsed parsed;
  read<binary>(arguments[0].text(), parsed);
  if (parsed.source.kind() != JsonKind::Array) throw_not_objects(function, parsed.source.kind(), true);
  for (size_t i = 0; i < parsed.source.size(); ++i) {
    JsonSource item = parsed.source.item(i);
    if (item.kind() != JsonKind::Object) throw_not_objects(function, item.kind(), false);
    scan->add({population.record(fields, Value::null(), item)});
  }
  return scan;
}

constexpr SetBinding kBindings[] = {
    {"json_array_elements", elements<false, false>},
    {"json_array_elements_text", elements<false, true>},
    {"jsonb_array_elements", elements<true, false>},
    {"jsonb_array_elements_text", elements<true, true>},
    {"json_each", each<false, false>},
    {"json_each_text", each<false, true>},
    {"jsonb_each", each<true, false>},
    {"jsonb_each_text", each<true, true>},
    {"json_object_keys", keys<false>},
    {"jsonb_object_keys", keys<true>},
    {"json_populate_recordset", populate_set<false>},
    {"jsonb_populate_recordset", populate_set<true>},
    {"json_to_recordset", to_record_set<false>},
    {"jsonb_to_recordset", to_record_set<true>},
};

template <bool binary>
Value to_record(Call& call, std::span<const Value> row) {
  std::string function = name_of<binary>("to_record");
  auto fields = required_fields(function, row);
  if (row[0].is_null) return Value::null();
  JsonPopulation population(call.types(), call.arena());
  Parsed parsed;
  read<binary>(row[0].text(), parsed);
  if (parsed.source.kind() != JsonKind::Object) {
    throw SqlError(Sqlstate::InvalidParameterValue, "cannot call " + function + " on " + (parsed.source.kind() == JsonKind::Array ? "an array" : "a scalar"));
  }
  return population.record(fields, Value::null(), parsed.source);
}

constexpr ScalarBinding kRecordBindings[] = {
    {"json_to_record", value_kernel<to_record<false>>},
    {"jsonb_to_record", value_kernel<to_record<true>>},
};

}  // namespace

std::span<const SetBinding> json_set_bindings() { return kBindings; }
std::span<const ScalarBinding> json_record_bindings() { return kRecordBindings; }

}  // namespace aegis::functions
