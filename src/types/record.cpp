#include "aegis/types/record.h"

#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

struct FieldHeader {
  uint32_t type;
  uint8_t physical;
  uint8_t is_null;
  uint16_t unused;
  uint32_t offset;
  uint32_t size;
};
static_assert(sizeof(FieldHeader) == 16);

FieldHeader header_at(std::string_view bytes, size_t i) {
  FieldHeader header;
  std::memcpy(&header, bytes.data() + 4 + i * sizeof header, sizeof header);
  return header;
}

}  // namespace

Oid RecordView::type(size_t i) const { return header_at(bytes_, i).type; }

Value RecordView::get(size_t i) const {
  FieldHeader header = header_at(bytes_, i);
  if (header.is_null) return Value::null();
  auto physical = static_cast<PhysicalType>(header.physical);
  if (physical == PhysicalType::String) return Value::of_string(bytes_.substr(header.offset, header.size));
  Value value = load_slot(physical, bytes_.data() + header.offset);
  if (physical == PhysicalType::Numeric && value.numeric.kind == Numeric::Kind::Big) {
    value.numeric.big = reinterpret_cast<const uint8_t*>(bytes_.data()) + header.offset + 16;
  }
  return value;
}

void RecordBuilder::add(Oid type, const Value& value) { add(type, physical_type(type), value); }
void RecordBuilder::add(Oid type, PhysicalType physical, const Value& value) {
  fields_.push_back({type, physical, value});
}

std::string_view RecordBuilder::finish(Arena& arena) const {
  std::string bytes;
  uint32_t count = static_cast<uint32_t>(fields_.size());
  bytes.append(reinterpret_cast<const char*>(&count), 4);
  bytes.resize(4 + fields_.size() * sizeof(FieldHeader));
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    FieldHeader header{field.type, static_cast<uint8_t>(field.physical), field.value.is_null, 0,
                       static_cast<uint32_t>(bytes.size()), 0};
    if (!field.value.is_null) {
      if (field.physical == PhysicalType::String) {
        bytes += field.value.text();
      } else {
        bytes.append(reinterpret_cast<const char*>(field.value.slot), physical_size(field.physical));
        bytes += out_of_line(field.physical, field.value.slot);
      }
      header.size = static_cast<uint32_t>(bytes.size()) - header.offset;
    }
    std::memcpy(bytes.data() + 4 + i * sizeof header, &header, sizeof header);
  }
  return arena.copy(std::string_view(bytes));
}

void append_record(const TypeContext& context, std::string_view record, std::string& out) {
  RecordView view(record);
  std::string field;
  out += '(';
  for (size_t i = 0; i < view.size(); ++i) {
    if (i > 0) out += ',';
    Value value = view.get(i);
    if (value.is_null) continue;
    field.clear();
    type_info(view.type(i)).output(context, value, view.type(i), field);
    bool quote = field.empty() || std::any_of(field.begin(), field.end(), [](char c) {
      return c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || is_space(c);
    });
    if (!quote) {
      out += field;
      continue;
    }
    out += '"';
    for (char c : field) {
      if (c == '"' || c == '\\') out += c;
      out += c;
    }
    out += '"';
  }
  out += ')';
}

int compare_records(std::string_view a, std::string_view b) {
  RecordView x(a);
  RecordView y(b);
  size_t count = std::min(x.size(), y.size());
  for (size_t i = 0; i < count; ++i) {
    if (x.type(i) != y.type(i)) {
      throw SqlError(Sqlstate::DatatypeMismatch, "cannot compare dissimilar column types " +
                                                     format_type({x.type(i), -1}) + " and " + format_type({y.type(i), -1}) +
                                                     " at record column " + std::to_string(i + 1));
    }
    Value vx = x.get(i);
    Value vy = y.get(i);
    if (vx.is_null || vy.is_null) {
      if (vx.is_null && vy.is_null) continue;
      return vx.is_null ? 1 : -1;
    }
    const TypeInfo& info = type_info(x.type(i));
    if (info.compare == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction,
                     "could not identify a comparison function for type " + std::string(info.sql_name));
    }
    if (int order = info.compare(vx, vy, x.type(i)); order != 0) return order;
  }
  if (x.size() != y.size()) {
    throw SqlError(Sqlstate::DatatypeMismatch, "cannot compare record types with different numbers of columns");
  }
  return 0;
}

uint64_t hash_record(std::string_view record) {
  RecordView view(record);
  uint64_t hash = view.size();
  for (size_t i = 0; i < view.size(); ++i) {
    Value value = view.get(i);
    const TypeInfo& info = type_info(view.type(i));
    if (info.hash == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction,
                     "could not identify a hash function for type " + std::string(info.sql_name));
    }
    hash = hash_combine(hash, value.is_null ? 0 : info.hash(value, view.type(i)));
  }
  return hash;
}

namespace {

Value record_input(const TypeContext&, std::string_view, Type, Arena&) {
  throw SqlError(Sqlstate::FeatureNotSupported, "input of anonymous composite types is not implemented");
}
Value record_receive(const TypeContext&, std::string_view, Type, Arena&) {
  throw SqlError(Sqlstate::FeatureNotSupported, "input of anonymous composite types is not implemented");
}
void record_output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  append_record(context, value.text(), out);
}
void record_send(const TypeContext& context, const Value& value, Oid, std::string& out) {
  RecordView view(value.text());
  append_int32(out, static_cast<int32_t>(view.size()));
  for (size_t i = 0; i < view.size(); ++i) {
    append_int32(out, static_cast<int32_t>(view.type(i)));
    Value field = view.get(i);
    if (field.is_null) {
      append_int32(out, -1);
      continue;
    }
    size_t at = out.size();
    append_int32(out, 0);
    type_info(view.type(i)).send(context, field, view.type(i), out);
    uint32_t length = __builtin_bswap32(static_cast<uint32_t>(out.size() - at - 4));
    std::memcpy(out.data() + at, &length, 4);
  }
}
int record_compare(const Value& a, const Value& b, Oid) { return compare_records(a.text(), b.text()); }
uint64_t record_hash(const Value& value, Oid) { return hash_record(value.text()); }

}  // namespace

const Family kRecordFamily = {record_input, record_output, record_receive, record_send, record_compare, record_hash};

}  // namespace aegis::types
