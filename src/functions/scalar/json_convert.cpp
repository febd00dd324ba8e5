#include "json_convert.h"

#include <cmath>

#include "aegis/types/array.h"
#include "aegis/types/datetime.h"
#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "aegis/types/record.h"

namespace aegis::functions {

namespace oid = types::oid;

namespace {

enum class Form : uint8_t { Null, Bool, Number, Date, Timestamp, Timestamptz, Json, Jsonb, Array, Record, Text };

Form form_of(Oid type) {
  switch (type) {
    case oid::kBool: return Form::Bool;
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8:
    case oid::kFloat4:
    case oid::kFloat8:
    case oid::kNumeric: return Form::Number;
    case oid::kDate: return Form::Date;
    case oid::kTimestamp: return Form::Timestamp;
    case oid::kTimestamptz: return Form::Timestamptz;
    case oid::kJson: return Form::Json;
    case oid::kJsonb: return Form::Jsonb;
    case oid::kRecord: return Form::Record;
    default: break;
  }
  const types::TypeInfo* info = types::find_type(type);
  if (info == nullptr) return Form::Text;
  if (info->category == 'A' && info->element != kInvalidOid && info->kind == 'b') return Form::Array;
  return info->kind == 'c' ? Form::Record : Form::Text;
}

std::string output_text(const TypeContext& context, Oid type, const Value& value) {
  std::string text;
  types::type_info(type).output(context, value, type, text);
  return text;
}

bool is_plain_number(std::string_view text) {
  return !text.empty() && (text.back() >= '0' && text.back() <= '9');
}

void append_array_level(const TypeContext& context, const types::ArrayView& array, int dimension, size_t& next, JsonStyle style, std::string& out) {
  out += '[';
  for (int32_t i = 0; i < array.length(dimension); ++i) {
    if (i > 0) out += style.line_feeds ? ",\n " : ",";
    if (dimension + 1 < array.dimensions()) {
      append_array_level(context, array, dimension + 1, next, {}, out);
    } else {
      append_json(context, array.element_type(), array.get(next++), {}, out);
    }
  }
  out += ']';
}

JsonNode array_node(const TypeContext& context, const types::ArrayView& array, int dimension, size_t& next, Arena& arena) {
  JsonNode node;
  node.kind = JsonKind::Array;
  if (array.dimensions() == 0) return node;
  for (int32_t i = 0; i < array.length(dimension); ++i) {
    if (dimension + 1 < array.dimensions()) {
      node.items.push_back(array_node(context, array, dimension + 1, next, arena));
    } else {
      node.items.push_back(json_node_of(context, array.element_type(), array.get(next++), arena));
    }
  }
  return node;
}

template <typename F>
void for_each_field(const TypeContext& context, Oid type, const types::RecordView& record, F&& visit) {
  std::vector<std::string> names = types::record_field_names(context, type, record);
  std::shared_ptr<const types::UserType> user;
  if (type != oid::kRecord && context.names != nullptr) user = context.names->user_type(type);
  size_t count = user != nullptr ? user->fields.size() : record.size();
  for (size_t i = 0; i < count; ++i) {
    if (user != nullptr && user->fields[i].dropped) continue;
    bool there = i < record.size();
    visit(user != nullptr ? user->fields[i].name : names[i], there ? record.type(i) : user->fields[i].type.oid, there ? record.get(i) : Value::null());
  }
}

}  // namespace

std::string datetime_text(const TypeContext& context, Oid type, const Value& value) {
  TypeContext iso = context;
  iso.date_style = types::DateStyle::Iso;
  std::string text = output_text(iso, type, value);
  size_t blank = text.find(' ');
  if (type != oid::kDate && blank != std::string::npos && blank + 1 < text.size() && text[blank + 1] >= '0' && text[blank + 1] <= '9') text[blank] = 'T';
  if (type == oid::kTimestamptz) {
    // The zone has minutes here: +00 is written +00:00.
    bool bc = text.ends_with(" BC");
    size_t end = bc ? text.size() - 3 : text.size();
    size_t sign = text.find_last_of("+-", end - 1);
    if (sign != std::string::npos && end - sign == 3) text.insert(end, ":00");
  }
  return text;
}

bool is_structured(Oid type) {
  Form form = form_of(types::base_type(type));
  return form == Form::Array || form == Form::Record;
}

void append_json(const TypeContext& context, Oid type, const Value& value, JsonStyle style, std::string& out) {
  if (value.is_null) {
    out += "null";
    return;
  }
  type = types::base_type(type);
  switch (form_of(type)) {
    case Form::Null: out += "null"; return;
    case Form::Bool: out += value.boolean ? "true" : "false"; return;
    case Form::Number: {
      std::string text = output_text(context, type, value);
      if (is_plain_number(text)) {
        out += text;
      } else {
        types::append_json_string(text, out);
      }
      return;
    }
    case Form::Date:
    case Form::Timestamp:
    case Form::Timestamptz: types::append_json_string(datetime_text(context, type, value), out); return;
    case Form::Json: out += value.text(); return;
    case Form::Jsonb: types::append_jsonb(JsonbView(value.text()), out); return;
    case Form::Array: {
      types::ArrayView array(value.text());
      if (array.dimensions() == 0) {
        out += "[]";
        return;
      }
      size_t next = 0;
      append_array_level(context, array, 0, next, style, out);
      return;
    }
    case Form::Record: {
      out += '{';
      bool first = true;
      for_each_field(context, type, types::RecordView(value.text()), [&](const std::string& name, Oid of, const Value& field) {
        if (!first) out += style.line_feeds ? ",\n " : ",";
        first = false;
        types::append_json_string(name, out);
        out += ':';
        append_json(context, of, field, {}, out);
      });
      out += '}';
      return;
    }
    case Form::Text: types::append_json_string(output_text(context, type, value), out); return;
  }
}

std::string json_key_of(const TypeContext& context, Oid type, const Value& value) {
  type = types::base_type(type);
  switch (form_of(type)) {
    case Form::Array:
    case Form::Record:
    case Form::Json:
    case Form::Jsonb: throw SqlError(Sqlstate::InvalidParameterValue, "key value must be scalar, not array, composite, or json");
    case Form::Bool: return value.boolean ? "true" : "false";
    case Form::Date:
    case Form::Timestamp:
    case Form::Timestamptz: return datetime_text(context, type, value);
    default: return output_text(context, type, value);
  }
}

void append_json_key(const TypeContext& context, Oid type, const Value& value, std::string& out) {
  types::append_json_string(json_key_of(context, type, value), out);
}

JsonNode json_node_of(const TypeContext& context, Oid type, const Value& value, Arena& arena) {
  JsonNode node;
  if (value.is_null) return node;
  type = types::base_type(type);
  switch (form_of(type)) {
    case Form::Null: return node;
    case Form::Bool: return JsonNode::of_bool(value.boolean);
    case Form::Number: {
      std::string text = output_text(context, type, value);
      if (!is_plain_number(text)) return JsonNode::of_text(text);
      node.kind = JsonKind::Number;
      node.text = std::move(text);
      return node;
    }
    case Form::Date:
    case Form::Timestamp:
    case Form::Timestamptz: return JsonNode::of_text(datetime_text(context, type, value));
    case Form::Json: return types::parse_json(value.text(), types::JsonStrings::Decode);
    case Form::Jsonb: return JsonNode::of_jsonb(JsonbView(arena.copy(value.text())));
    case Form::Array: {
      size_t next = 0;
      return array_node(context, types::ArrayView(value.text()), 0, next, arena);
    }
    case Form::Record:
      node.kind = JsonKind::Object;
      for_each_field(context, type, types::RecordView(value.text()), [&](const std::string& name, Oid of, const Value& field) {
        node.add(name, json_node_of(context, of, field, arena));
      });
      return node;
    case Form::Text: return JsonNode::of_text(output_text(context, type, value));
  }
  return node;
}

// --- Sources ---

JsonSource source_of(const JsonNode& node, std::string_view text) {
  JsonSource source;
  source.node = &node;
  source.text = text;
  return source;
}
JsonSource source_of(JsonbView view) {
  JsonSource source;
  source.view = view;
  return source;
}

JsonSource JsonSource::item(size_t i) const {
  if (node != nullptr) return source_of(node->items[i], text);
  auto at = static_cast<uint32_t>(i);
  return source_of(view.kind() == JsonKind::Object ? view.value(at) : view.element(at));
}

bool JsonSource::find(std::string_view wanted, JsonSource& out) const {
  if (node == nullptr) {
    int at = view.find(wanted);
    if (at >= 0) out = source_of(view.value(static_cast<uint32_t>(at)));
    return at >= 0;
  }
  for (size_t i = node->keys.size(); i-- > 0;) {
    if (node->keys[i] != wanted) continue;
    out = source_of(node->items[i], text);
    return true;
  }
  return false;
}

std::string JsonSource::json_text() const {
  if (node != nullptr) return std::string(text.substr(node->start, node->end - node->start));
  std::string out;
  types::append_jsonb(view, out);
  return out;
}

std::string JsonSource::plain_text() const {
  if (kind() == JsonKind::String) return node != nullptr ? node->text : std::string(view.text());
  return json_text();
}

// --- Population ---

bool JsonPopulation::defined_fields(std::span<const Value> arguments, size_t plain, const Value& base, std::vector<Field>& fields) {
  if (arguments.size() < plain + 3) return false;
  auto given = arguments.last(3);
  types::ArrayView names(given[0].text()), oids(given[1].text()), typmods(given[2].text());
  fields.clear();
  for (size_t i = 0; i < names.size(); ++i) {
    Value name = names.get(i);
    fields.push_back({std::string(name.text()), {oids.get(i).oid(), typmods.get(i).i32}, false});
  }
  if (base.is_null) return true;
  types::RecordView record(base.text());
  auto mismatch = [](std::string detail) {
    throw SqlError(Sqlstate::DatatypeMismatch, "function return row and query-specified return row do not match").detail(std::move(detail));
  };
  if (record.size() != fields.size()) {
    mismatch("Returned row contains " + std::to_string(record.size()) + " attribute" + (record.size() == 1 ? "" : "s") + ", but query expects " +
             std::to_string(fields.size()) + ".");
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (record.type(i) == fields[i].type.oid) continue;
    mismatch("Returned type " + types::format_type({record.type(i)}) + " at ordinal position " + std::to_string(i + 1) + ", but query expects " +
             types::format_type({fields[i].type.oid}) + ".");
  }
  return true;
}

std::vector<JsonPopulation::Field> JsonPopulation::fields_of(Oid type, const Value& record) const {
  std::vector<Field> fields;
  type = types::base_type(type);
  auto user = type == oid::kRecord || context_.names == nullptr ? nullptr : context_.names->user_type(type);
  if (user != nullptr) {
    for (const auto& field : user->fields) fields.push_back({field.name, field.type, field.dropped});
    return fields;
  }
  if (record.is_null) return fields;
  types::RecordView view(record.text());
  auto names = types::record_field_names(context_, type, view);
  for (size_t i = 0; i < view.size(); ++i) fields.push_back({names[i], {view.type(i), -1}, false});
  return fields;
}

Value JsonPopulation::record(const std::vector<Field>& fields, const Value& base, const JsonSource& source, uint32_t shape) {
  if (source.kind() != JsonKind::Object) {
    throw SqlError(Sqlstate::InvalidParameterValue,
                   std::string("cannot call populate_composite on ") + (source.kind() == JsonKind::Array ? "an array" : "a scalar"));
  }
  if (!base.is_null && source.size() == 0) return base;
  types::RecordBuilder builder(shape);
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    Value made;
    if (!field.dropped) {
      JsonSource item;
      bool found = source.find(field.name, item);
      Value before;
      if (!base.is_null) {
        types::RecordView old(base.text());
        if (i < old.size()) before = old.get(i);
      }
      made = !found && !base.is_null ? before : value(field.type, found ? &item : nullptr, field.name, before);
    }
    builder.add(field.type.oid, made);
  }
  return Value::of_string(builder.finish(arena_));
}

Value JsonPopulation::scalar(types::Type type, const JsonSource& source) {
  if (type.oid == oid::kJson) return types::string_value(source.json_text(), arena_);
  if (type.oid == oid::kJsonb) {
    if (source.node == nullptr) return types::string_value(source.view.bytes(), arena_);
    return types::parse_jsonb(source.json_text(), arena_);
  }
  types::Type read_as{type.oid, type.oid == oid::kInterval ? type.typmod : -1};
  Value made = types::type_info(type.oid).input(context_, arena_.copy(source.plain_text()), read_as, arena_);
  return type.typmod < 0 ? made : types::apply_typmod(made, type, types::CastKind::Implicit, arena_);
}

Value JsonPopulation::value(types::Type type, const JsonSource* source, std::string_view key, const Value& base) {
  const types::TypeInfo& info = types::type_info(type.oid);
  bool null = source == nullptr || source->kind() == JsonKind::Null;
  if (info.kind == 'd') {
    Value made = null ? Value::null() : value({info.base, info.base_typmod}, source, key, base);
    if (context_.names != nullptr) context_.names->check_domain(type.oid, made);
    return made;
  }
  if (null) return Value::null();
  if (source->kind() == JsonKind::String) return scalar(type, *source);
  if (info.kind == 'c') return record(fields_of(type.oid, Value::null()), base, *source);
  if (form_of(type.oid) == Form::Array) return array(type, *source, key);
  return scalar(type, *source);
}

namespace {

class ArrayPopulation {
 public:
  ArrayPopulation(JsonPopulation& population, types::Type element, std::string_view key)
      : population_(population), element_(element), key_(key), builder(element.oid) {}

  void level(const JsonSource& source, size_t depth) {
    if (source.kind() != JsonKind::Array) expected_array(depth - 1);
    if (path_.size() < depth) path_.resize(depth);
    for (size_t i = 0; i < source.size(); ++i) {
      path_[depth - 1] = i;
      JsonSource item = source.item(i);
      if (dimensions_ == 0 && item.kind() != JsonKind::Array) set_dimensions(depth);
      if (dimensions_ == depth) {
        builder.add(population_.value(element_, &item, key_));
      } else {
        level(item, depth + 1);
      }
    }
    if (dimensions_ == 0) set_dimensions(depth);
    if (lengths[depth - 1] < 0) {
      lengths[depth - 1] = static_cast<int32_t>(source.size());
    } else if (lengths[depth - 1] != static_cast<int32_t>(source.size())) {
      throw SqlError(Sqlstate::InvalidTextRepresentation, "malformed JSON array")
          .detail("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }
    path_.resize(depth);
  }

 private:
  JsonPopulation& population_;
  types::Type element_;
  std::string_view key_;
  size_t dimensions_ = 0;
  std::vector<size_t> path_;

  void set_dimensions(size_t depth) {
    dimensions_ = depth;
    if (depth > static_cast<size_t>(types::kMaxArrayDimensions)) {
      throw SqlError(Sqlstate::ProgramLimitExceeded, "number of array dimensions (" + std::to_string(depth) + ") exceeds the maximum allowed (6)");
    }
    lengths.assign(depth, -1);
  }
  [[noreturn]] void expected_array(size_t depth) {
    SqlError error(Sqlstate::InvalidTextRepresentation, "expected JSON array");
    std::string indices;
    for (size_t i = 0; i < depth; ++i) indices += "[" + std::to_string(path_[i]) + "]";
    if (indices.empty()) {
      if (!key_.empty()) error.hint("See the value of key \"" + std::string(key_) + "\".");
    } else if (key_.empty()) {
      error.hint("See the array element " + indices + ".");
    } else {
      error.hint("See the array element " + indices + " of key \"" + std::string(key_) + "\".");
    }
    throw error;
  }

 public:
  types::ArrayBuilder builder;
  std::vector<int32_t> lengths;
};

}  // namespace

Value JsonPopulation::array(types::Type type, const JsonSource& source, std::string_view key) {
  ArrayPopulation population(*this, {types::type_info(type.oid).element, type.typmod}, key);
  population.level(source, 1);
  if (population.builder.size() > 0) population.builder.set_dimensions(population.lengths, std::vector<int32_t>(population.lengths.size(), 1));
  return population.builder.value(arena_);
}

}  // namespace aegis::functions
