// pg_table_is_visible and its kin: would the bare name find this object?
#include "aegis/functions/function.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

Value table_is_visible(const CatalogCall& call) {
  ObjectPtr object = find_relation_or_index(call.version(), call.oid(0));
  return object == nullptr ? Value::null() : Value::of_bool(is_visible(call.context, *object));
}

bool sees_built_ins(const CatalogCall& call) {
  for (Oid schema : call.context.search_path) {
    if (schema == kPgCatalogSchema) return true;
  }
  return false;
}

Value type_is_visible(const CatalogCall& call) {
  if (ObjectPtr owner = call.version().type_owner(call.oid(0)); owner != nullptr && owner->kind == ObjectKind::Type) {
    for (Oid schema : call.context.search_path) {
      Oid found = call.version().find_type(schema, owner->name, call.context.database);
      if (found != kInvalidOid) return Value::of_bool(schema == owner->schema);
    }
    return Value::of_bool(false);
  }
  if (call.oid(0) < kFirstNormalOid && types::find_type(call.oid(0)) != nullptr) return Value::of_bool(sees_built_ins(call));
  for (const auto& object : call.version().objects(call.context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const Relation&>(*object);
    if (relation.row_type == call.oid(0) || relation.array_type == call.oid(0)) return Value::of_bool(is_visible(call.context, relation));
  }
  return Value::null();
}

Value function_is_visible(const CatalogCall& call) {
  if (auto routine = call.version().routine(call.oid(0))) {
    // Visible unless a schema in front of its own has one with the same arguments.
    auto types = routine->input_types();
    for (Oid schema : call.context.search_path) {
      if (schema == routine->schema) return Value::of_bool(true);
      for (const auto& other : call.version().routines(schema, routine->name)) {
        if (other->input_types() == types) return Value::of_bool(false);
      }
    }
    return Value::of_bool(false);
  }
  const auto* function = functions::find_function(call.oid(0));
  if (function == nullptr) return Value::null();
  return Value::of_bool(sees_built_ins(call) && !function->name.starts_with("_pg_"));
}

Value operator_is_visible(const CatalogCall& call) {
  return functions::find_operator(call.oid(0)) == nullptr ? Value::null() : Value::of_bool(sees_built_ins(call));
}

Value text_search_is_visible(const CatalogCall& call) {
  ObjectPtr object = call.version().find(call.oid(0));
  bool known = object != nullptr && (object->kind == ObjectKind::TsConfiguration || object->kind == ObjectKind::TsDictionary);
  if (!known) return Value::null();
  for (Oid schema : call.context.search_path) {
    auto seen = call.version().find_text_search(object->kind, schema, object->name, call.context.database);
    if (seen != nullptr) return Value::of_bool(seen->oid == object->oid);
  }
  return Value::of_bool(false);
}

Value collation_is_visible(const CatalogCall& call) {
  std::string name = collation_name(call.version(), call.oid(0));
  if (name.empty()) return Value::null();
  std::string_view parts[] = {name};
  return Value::of_bool(find_collation(call.version(), call.context.database, call.context.search_path, parts) == call.oid(0));
}

Value operator_class_is_visible(const CatalogCall& call) {
  const auto& version = call.version();
  ObjectPtr object = version.find(call.oid(0));
  if (object == nullptr) return Value::of_bool(sees_built_ins(call));
  for (Oid schema : call.context.search_path) {
    ObjectPtr seen;
    if (object->kind == ObjectKind::OperatorClass) {
      seen = version.find_operator_class(static_cast<const OperatorClass&>(*object).method, schema, object->name, call.context.database);
    } else if (object->kind == ObjectKind::OperatorFamily) {
      seen = version.find_operator_family(static_cast<const OperatorFamily&>(*object).method, schema, object->name, call.context.database);
    } else {
      return Value::null();
    }
    if (seen != nullptr) return Value::of_bool(seen->oid == object->oid);
  }
  return Value::of_bool(false);
}

Value built_in_is_visible(const CatalogCall& call) { return Value::of_bool(sees_built_ins(call)); }
Value nothing(const CatalogCall&) { return Value::null(); }

Value is_other_temp_schema(const CatalogCall& call) {
  auto schema = call.version().schema(call.oid(0));
  return Value::of_bool(schema != nullptr && schema->oid != call.context.temp_schema && schema->name.starts_with("pg_temp_"));
}

constexpr CatalogFunction kFunctions[] = {
    {"pg_table_is_visible", table_is_visible},
    {"pg_type_is_visible", type_is_visible},
    {"pg_function_is_visible", function_is_visible},
    {"pg_operator_is_visible", operator_is_visible},
    {"pg_opclass_is_visible", built_in_is_visible},
    {"pg_opfamily_is_visible", built_in_is_visible},
    {"pg_collation_is_visible", collation_is_visible},
    {"pg_opclass_is_visible", operator_class_is_visible},
    {"pg_opfamily_is_visible", operator_class_is_visible},
    {"pg_collation_is_visible", built_in_is_visible},
    {"pg_conversion_is_visible", nothing},
    {"pg_ts_config_is_visible", text_search_is_visible},
    {"pg_ts_dict_is_visible", text_search_is_visible},
    {"pg_ts_parser_is_visible", built_in_is_visible},
    {"pg_ts_template_is_visible", built_in_is_visible},
    {"pg_is_other_temp_schema", is_other_temp_schema},
};

}  // namespace

std::span<const CatalogFunction> visibility_functions() { return kFunctions; }

}  // namespace aegis::catalog
