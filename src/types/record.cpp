#include "aegis/types/record.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

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
constexpr size_t kHeaderAt = 8;

struct Shapes {
  std::mutex mutex;
  std::map<std::vector<std::string>, uint32_t> numbers;
  std::deque<const std::vector<std::string>*> names;
};
Shapes& shapes() {
  static Shapes* instance = new Shapes();
  return *instance;
}

FieldHeader header_at(std::string_view bytes, size_t i) {
  FieldHeader header;
  std::memcpy(&header, bytes.data() + kHeaderAt + i * sizeof header, sizeof header);
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
  bytes.append(reinterpret_cast<const char*>(&shape_), 4);
  bytes.resize(kHeaderAt + fields_.size() * sizeof(FieldHeader));
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
    std::memcpy(bytes.data() + kHeaderAt + i * sizeof header, &header, sizeof header);
  }
  return arena.copy(std::string_view(bytes));
}

uint32_t record_shape(const std::vector<std::string>& names) {
  Shapes& known = shapes();
  std::lock_guard lock(known.mutex);
  auto [at, added] = known.numbers.emplace(names, static_cast<uint32_t>(known.names.size() + 1));
  if (added) known.names.push_back(&at->first);
  return at->second;
}

const std::vector<std::string>* shape_names(uint32_t shape) {
  if (shape == 0) return nullptr;
  Shapes& known = shapes();
  std::lock_guard lock(known.mutex);
  return shape <= known.names.size() ? known.names[shape - 1] : nullptr;
}

std::vector<std::string> record_field_names(const TypeContext& context, Oid type, const RecordView& record) {
  std::vector<std::string> names;
  if (type != oid::kRecord && context.names != nullptr) {
    if (auto user = context.names->user_type(type)) {
      for (const auto& field : user->fields) names.push_back(field.dropped ? "" : field.name);
      names.resize(record.size());
      return names;
    }
  }
  if (const auto* known = shape_names(record.shape()); known != nullptr && known->size() == record.size()) return *known;
  for (size_t i = 0; i < record.size(); ++i) names.push_back("f" + std::to_string(i + 1));
  return names;
}

void append_record(const TypeContext& context, std::string_view record, std::string& out, const UserType* type) {
  RecordView view(record);
  std::string field;
  out += '(';
  bool first = true;
  size_t count = type == nullptr ? view.size() : type->fields.size();
  for (size_t i = 0; i < count; ++i) {
    if (type != nullptr && type->fields[i].dropped) continue;
    if (!first) out += ',';
    first = false;
    if (i >= view.size()) continue;
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

class RecordReader {
 public:
  RecordReader(const TypeContext& context, std::string_view text, const UserType& type, Arena& arena)
      : context_(context), text_(text), type_(type), arena_(arena) {}

  Value read() {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != '(') fail("Missing left parenthesis.");
    ++at_;
    RecordBuilder builder;
    bool first = true;
    for (const auto& field : type_.fields) {
      if (field.dropped) {
        builder.add(field.type.oid, Value::null());
        continue;
      }
      if (!first) {
        if (at_ < text_.size() && text_[at_] == ',') {
          ++at_;
        } else {
          fail("Too few columns.");
        }
      }
      first = false;
      builder.add(field.type.oid, read_field(field.type));
    }
    if (at_ >= text_.size() || text_[at_] != ')') fail("Too many columns.");
    ++at_;
    skip_space();
    if (at_ < text_.size()) fail("Junk after right parenthesis.");
    return Value::of_string(builder.finish(arena_));
  }

 private:
  [[noreturn]] void fail(const char* detail) {
    throw SqlError(Sqlstate::InvalidTextRepresentation, "malformed record literal: \"" + std::string(text_) + "\"").detail(detail);
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  Value read_field(Type type) {
    const TypeInfo& info = type_info(type.oid);
    if (at_ >= text_.size() || text_[at_] == ',' || text_[at_] == ')') {
      if (info.kind == 'd' && context_.names != nullptr) context_.names->check_domain(type.oid, Value::null());
      return Value::null();
    }
    std::string field;
    bool quoted = false;
    while (quoted || at_ >= text_.size() || (text_[at_] != ',' && text_[at_] != ')')) {
      if (at_ >= text_.size()) fail("Unexpected end of input.");
      char c = text_[at_++];
      if (c == '\\') {
        if (at_ >= text_.size()) fail("Unexpected end of input.");
        field += text_[at_++];
      } else if (c == '"') {
        if (!quoted) {
          quoted = true;
        } else if (at_ < text_.size() && text_[at_] == '"') {
          field += '"';
          ++at_;
        } else {
          quoted = false;
        }
      } else {
        field += c;
      }
    }
    Value value = info.input(context_, field, type, arena_);
    return type.typmod < 0 ? value : apply_typmod(value, type, CastKind::Implicit, arena_);
  }

  const TypeContext& context_;
  std::string_view text_;
  const UserType& type_;
  Arena& arena_;
  size_t at_ = 0;
};

}  // namespace

Value parse_record(const TypeContext& context, std::string_view text, const UserType& type, Arena& arena) {
  return RecordReader(context, text, type, arena).read();
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
