#include "system/row.h"

#include "aegis/base/error.h"

namespace aegis::catalog {

using types::Value;
namespace oid = types::oid;

namespace {

const SystemTable& table_of(Oid oid) {
  const SystemTable* table = find_system_table(oid);
  AEGIS_CHECK(table != nullptr);
  return *table;
}

template <typename T, typename Make>
Value array_of(Arena& arena, Oid element, std::span<const T> items, int lower, Make make) {
  types::ArrayBuilder builder(element);
  for (const T& item : items) builder.add(make(item));
  if (lower != 1) builder.set_lower(lower);
  return builder.value(arena);
}

Value int2(int number) { return Value::of_i16(static_cast<int16_t>(number)); }

}  // namespace

Row::Row(Oid table, RowSink& sink) : table_(table_of(table)), sink_(sink) {
  for (const auto& column : table_.columns) {
    Value value;
    if (column.not_null) {
      value.is_null = false;
      if (column.type == oid::kInt2vector) value = int2vector(sink.arena(), {});
      if (column.type == oid::kOidvector) value = oidvector(sink.arena(), {});
    }
    defaults_.push_back(value);
  }
  values_ = defaults_;
}

void Row::set_number(int column, int64_t value) {
  using types::PhysicalType;
  Value& slot = values_[column];
  switch (types::physical_type(table_.columns[column].type)) {
    case PhysicalType::Bool: slot = Value::of_bool(value != 0); return;
    case PhysicalType::Int8: slot = Value::of_i8(static_cast<int8_t>(value)); return;
    case PhysicalType::Int16: slot = Value::of_i16(static_cast<int16_t>(value)); return;
    case PhysicalType::Int32: slot = Value::of_i32(static_cast<int32_t>(value)); return;
    case PhysicalType::Int64: slot = Value::of_i64(value); return;
    case PhysicalType::Float32: slot = Value::of_f32(static_cast<float>(value)); return;
    case PhysicalType::Float64: slot = Value::of_f64(static_cast<double>(value)); return;
    case PhysicalType::TimeTz:
    case PhysicalType::Interval:
    case PhysicalType::Uuid:
    case PhysicalType::Numeric:
    case PhysicalType::String: break;
  }
  AEGIS_CHECK(false);
}

Row& Row::set_real(int column, double value) {
  bool single = types::physical_type(table_.columns[column].type) == types::PhysicalType::Float32;
  values_[column] = single ? Value::of_f32(static_cast<float>(value)) : Value::of_f64(value);
  return *this;
}

Row& Row::set_texts(int column, const std::vector<std::string>& texts) {
  if (texts.empty()) return *this;
  return set(column, array_of(arena(), oid::kText, std::span<const std::string>(texts), 1,
                              [](const std::string& text) { return Value::of_string(text); }));
}

Row& Row::set_oids(int column, const std::vector<Oid>& oids) {
  return set(column, array_of(arena(), oid::kOid, std::span<const Oid>(oids), 1, [](Oid value) { return Value::of_oid(value); }));
}

Row& Row::set_acl(int column, const std::vector<std::string>& items) {
  if (items.empty()) return *this;
  return set(column, array_of(arena(), oid::kAclitem, std::span<const std::string>(items), 1,
                              [](const std::string& text) { return Value::of_string(text); }));
}

Row& Row::set_text_or_null(int column, std::string_view text) {
  if (!text.empty()) set(column, text);
  return *this;
}

void Row::emit() {
  sink_.add(values_);
  values_ = defaults_;
}

Value int2_array(Arena& arena, std::span<const int> numbers) { return array_of(arena, oid::kInt2, numbers, 1, int2); }
Value int2vector(Arena& arena, std::span<const int> numbers) { return array_of(arena, oid::kInt2, numbers, 0, int2); }
Value oid_array(Arena& arena, std::span<const Oid> oids) { return array_of(arena, oid::kOid, oids, 1, Value::of_oid); }
Value oidvector(Arena& arena, std::span<const Oid> oids) { return array_of(arena, oid::kOid, oids, 0, Value::of_oid); }

}  // namespace aegis::catalog
