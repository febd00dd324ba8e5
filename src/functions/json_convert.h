// SQL values as JSON, and JSON as SQL values.
#pragma once

#include "aegis/types/json.h"
#include "call.h"

namespace aegis::functions {

using types::JsonbView;
using types::JsonKind;
using types::JsonNode;

struct JsonStyle {
  bool line_feeds = false;  // between the elements of the outermost array or record
};
void append_json(const TypeContext& context, Oid type, const Value& value, JsonStyle style, std::string& out);
// A key of an object: text that must not be null nor a container.
void append_json_key(const TypeContext& context, Oid type, const Value& value, std::string& out);
JsonNode json_node_of(const TypeContext& context, Oid type, const Value& value, Arena& arena);
std::string json_key_of(const TypeContext& context, Oid type, const Value& value);
// Dates and times in ISO 8601 with a T, whatever DateStyle says.
std::string datetime_text(const TypeContext& context, Oid type, const Value& value);
// Whether values of the type are written as arrays or objects.
bool is_structured(Oid type);

// What a value is made from: json's text with its parse, or jsonb.
struct JsonSource {
  const JsonNode* node = nullptr;  // of json
  std::string_view text;           // that the node was parsed from
  JsonbView view;                  // of jsonb

  JsonKind kind() const { return node != nullptr ? node->kind : view.kind(); }
  size_t size() const { return node != nullptr ? node->items.size() : view.size(); }
  JsonSource item(size_t i) const;
  // The last member of that name; false if there is none.
  bool find(std::string_view key, JsonSource& out) const;
  std::string_view key(size_t i) const { return node != nullptr ? std::string_view(node->keys[i]) : view.key(static_cast<uint32_t>(i)); }
  // As JSON text, or for a string its characters.
  std::string json_text() const;
  std::string plain_text() const;
};
JsonSource source_of(const JsonNode& node, std::string_view text);
JsonSource source_of(JsonbView view);

// json_populate_record and its kin. `function` is named in errors.
class JsonPopulation {
 public:
  JsonPopulation(const TypeContext& context, Arena& arena) : context_(context), arena_(arena) {}
  struct Field {
    std::string name;
    types::Type type;
    bool dropped = false;
  };
  // The columns of AS (name type, …), which the analyzer passes as the last arguments: arrays of names, types and
  // typmods. False if there are none among arguments that are `plain` in number without them. A base record of other
  // types is refused (42804).
  static bool defined_fields(std::span<const Value> arguments, size_t plain, const Value& base, std::vector<Field>& fields);
  // Fields of a composite, or of a record value.
  std::vector<Field> fields_of(Oid type, const Value& record) const;
  Value record(const std::vector<Field>& fields, const Value& base, const JsonSource& source, uint32_t shape = 0);
  // `base`: what was there before, of which fields that are not given stay.
  Value value(types::Type type, const JsonSource* source, std::string_view key, const Value& base = Value::null());

 private:
  Value array(types::Type type, const JsonSource& source, std::string_view key);
  Value scalar(types::Type type, const JsonSource& source);

  const TypeContext& context_;
  Arena& arena_;
};

}  // namespace aegis::functions
