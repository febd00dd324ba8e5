// json_agg, json_object_agg and their jsonb forms.
#include "aegis/types/json.h"
#include "json_convert.h"
#include "state.h"

namespace aegis::functions {

namespace {

struct Bytes {
  ArenaList<char> list;
  void append(AggregateContext& context, std::string_view text) {
    size_t needed = list.size + text.size();
    if (needed > 0x3fffffff) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "string buffer exceeds maximum allowed length (1073741823 bytes)");
    }
    if (needed > list.capacity) {
      auto larger = static_cast<uint32_t>(std::max<size_t>(needed, list.capacity * 2UL + 64));
      char* moved = static_cast<char*>(context.arena.allocate(larger, 1));
      if (list.size > 0) std::memcpy(moved, list.items, list.size);
      list.items = moved;
      list.capacity = larger;
    }
    if (!text.empty()) std::memcpy(list.items + list.size, text.data(), text.size());
    list.size = static_cast<uint32_t>(needed);
  }
  std::string_view view() const { return {list.items, list.size}; }
};

struct JsonArray {
  static constexpr bool kStrict = false;
  Bytes bytes;
  bool any = false;

  void step(AggregateContext& context, const VectorView* a, size_t row) {
    Oid type = context.site.arguments[0].oid;
    Value value = argument_value(context, a[0], row, type);
    std::string text = any ? ", " : "[";
    if (any && !value.is_null && is_structured(type)) text += "\n ";
    append_json(context.types, type, value, {}, text);
    bytes.append(context, text);
    any = true;
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    if (!any) return result.set(row, Value::null());
    std::string text(bytes.view());
    result.set(row, Value::of_string(text + "]"));
  }
};

struct JsonObject {
  static constexpr bool kStrict = false;
  Bytes bytes;
  bool any = false;

  void step(AggregateContext& context, const VectorView* a, size_t row) {
    Value key = argument_value(context, a[0], row, context.site.arguments[0].oid);
    Value value = argument_value(context, a[1], row, context.site.arguments[1].oid);
    if (key.is_null) throw SqlError(Sqlstate::InvalidParameterValue, "field name must not be null");
    std::string text = any ? ", " : "{ ";
    append_json_key(context.types, context.site.arguments[0].oid, key, text);
    text += " : ";
    append_json(context.types, context.site.arguments[1].oid, value, {}, text);
    bytes.append(context, text);
    any = true;
  }
  void finish(AggregateContext&, Vector& result, size_t row) {
    if (!any) return result.set(row, Value::null());
    std::string text(bytes.view());
    result.set(row, Value::of_string(text + " }"));
  }
};

// Elements, or keys and values in turn, encoded in the arena.
struct JsonbList {
  static constexpr bool kStrict = false;
  ArenaList<StringView> values;

  void add(AggregateContext& context, const JsonNode& node) {
    std::string bytes = types::encode_jsonb(node);
    values.add(StringView(context.arena.copy(std::string_view(bytes))), context.arena);
  }
  void add_argument(AggregateContext& context, const VectorView* a, size_t row, size_t i) {
    Oid type = context.site.arguments[i].oid;
    add(context, json_node_of(context.types, type, argument_value(context, a[i], row, type), context.arena));
  }
  static JsonNode node_of(const StringView& bytes) { return JsonNode::of_jsonb(JsonbView(bytes.view())); }
};

struct JsonbArray : JsonbList {
  void step(AggregateContext& context, const VectorView* a, size_t row) { add_argument(context, a, row, 0); }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0) return result.set(row, Value::null());
    JsonNode node;
    node.kind = JsonKind::Array;
    for (uint32_t i = 0; i < values.size; ++i) node.items.push_back(node_of(values.items[i]));
    result.set(row, types::jsonb_value(node, context.arena));
  }
};

struct JsonbObject : JsonbList {
  void step(AggregateContext& context, const VectorView* a, size_t row) {
    Oid type = context.site.arguments[0].oid;
    Value key = argument_value(context, a[0], row, type);
    if (key.is_null) throw SqlError(Sqlstate::InvalidParameterValue, "field name must not be null");
    add(context, JsonNode::of_text(json_key_of(context.types, type, key)));
    add_argument(context, a, row, 1);
  }
  void finish(AggregateContext& context, Vector& result, size_t row) {
    if (values.size == 0) return result.set(row, Value::null());
    JsonNode node;
    node.kind = JsonKind::Object;
    for (uint32_t i = 0; i + 1 < values.size; i += 2) node.add(JsonbView(values.items[i].view()).text(), node_of(values.items[i + 1]));
    result.set(row, types::jsonb_value(node, context.arena));
  }
};

constexpr AggregateBinding kBindings[] = {
    {"json_agg(anyelement)", &kAggregate<JsonArray>},
    {"json_object_agg(any,any)", &kAggregate<JsonObject>},
    {"jsonb_agg(anyelement)", &kAggregate<JsonbArray>},
    {"jsonb_object_agg(any,any)", &kAggregate<JsonbObject>},
};

}  // namespace

std::span<const AggregateBinding> json_aggregate_bindings() { return kBindings; }

}  // namespace aegis::functions
