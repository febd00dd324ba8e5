// Enums, domains and composites: their descriptions and operations. What ALTER TYPE can change is asked of the
// context at each call.
#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "aegis/types/record.h"
#include "families.h"

namespace aegis::types {

const UserType::Label* UserType::find_label(std::string_view name) const {
  for (const auto& label : labels) {
    if (label.name == name) return &label;
  }
  return nullptr;
}
const UserType::Label* UserType::find_label(int64_t position) const {
  for (const auto& label : labels) {
    if (label.position == position) return &label;
  }
  return nullptr;
}

std::shared_ptr<const UserType> ObjectNames::user_type(Oid) { return nullptr; }
void ObjectNames::check_domain(Oid, const Value&) {}

namespace {

std::shared_ptr<const UserType> definition_of(const TypeContext& context, Oid type) {
  std::shared_ptr<const UserType> found = context.names == nullptr ? nullptr : context.names->user_type(type);
  if (found == nullptr) throw SqlError(Sqlstate::UndefinedObject, "type with OID " + std::to_string(type) + " does not exist");
  return found;
}

// --- Enums: the value is the label's position ---

Value enum_input(const TypeContext& context, std::string_view text, Type type, Arena&) {
  auto definition = definition_of(context, type.oid);
  if (const auto* label = definition->find_label(text)) return Value::of_i64(label->position);
  throw SqlError(Sqlstate::InvalidTextRepresentation,
                 "invalid input value for enum " + format_type({type.oid}, context.names) + ": \"" + std::string(text) + "\"");
}
void enum_output(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  auto definition = definition_of(context, type);
  const auto* label = definition->find_label(value.i64);
  if (label == nullptr) throw SqlError(Sqlstate::InvalidBinaryRepresentation, "invalid internal value for enum: " + std::to_string(value.i64));
  out += label->name;
}
int enum_compare(const Value& a, const Value& b, Oid) { return a.i64 < b.i64 ? -1 : a.i64 > b.i64; }
uint64_t enum_hash(const Value& value, Oid) { return hash_int(static_cast<uint64_t>(value.i64)); }

// --- Domains: the value is the base type's ---

Value checked(const TypeContext& context, Value value, Type domain, const TypeInfo& info, Arena& arena) {
  if (info.base_typmod >= 0) value = apply_typmod(value, {info.base, info.base_typmod}, CastKind::Implicit, arena);
  if (context.names != nullptr) context.names->check_domain(domain.oid, value);
  return value;
}
Value domain_input(const TypeContext& context, std::string_view text, Type type, Arena& arena) {
  const TypeInfo& info = type_info(type.oid);
  Value value = type_info(info.base).input(context, text, {info.base, info.base == oid::kInterval ? info.base_typmod : -1}, arena);
  return checked(context, value, type, info, arena);
}
Value domain_receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  const TypeInfo& info = type_info(type.oid);
  return checked(context, type_info(info.base).receive(context, bytes, {info.base, -1}, arena), type, info, arena);
}
void domain_output(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  Oid base = type_info(type).base;
  type_info(base).output(context, value, base, out);
}
void domain_send(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  Oid base = type_info(type).base;
  type_info(base).send(context, value, base, out);
}
int domain_compare(const Value& a, const Value& b, Oid type) {
  Oid base = type_info(type).base;
  return type_info(base).compare(a, b, base);
}
uint64_t domain_hash(const Value& value, Oid type) {
  Oid base = type_info(type).base;
  return type_info(base).hash(value, base);
}

// --- Composites ---

Value composite_input(const TypeContext& context, std::string_view text, Type type, Arena& arena) {
  return parse_record(context, text, *definition_of(context, type.oid), arena);
}
void composite_output(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  append_record(context, value.text(), out, definition_of(context, type).get());
}
Value composite_receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  auto definition = definition_of(context, type.oid);
  BinaryReader reader(bytes);
  int32_t count = reader.int32();
  size_t live = 0;
  for (const auto& field : definition->fields) live += !field.dropped;
  if (count < 0 || static_cast<size_t>(count) != live) {
    throw SqlError(Sqlstate::DatatypeMismatch, "wrong number of columns: " + std::to_string(count) + ", expected " + std::to_string(live));
  }
  RecordBuilder builder;
  for (const auto& field : definition->fields) {
    if (field.dropped) {
      builder.add(field.type.oid, Value::null());
      continue;
    }
    auto given = static_cast<Oid>(reader.int32());
    if (given != field.type.oid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "binary data has type " + std::to_string(given) + " instead of expected " +
                                                     std::to_string(field.type.oid) + " in record column");
    }
    int32_t size = reader.int32();
    builder.add(field.type.oid, size < 0 ? Value::null()
                                         : type_info(given).receive(context, reader.take(static_cast<size_t>(size)), field.type, arena));
  }
  return Value::of_string(builder.finish(arena));
}

TypeInfo describe(Oid type, std::string_view name, char kind, char category, PhysicalType physical) {
  TypeInfo info{};
  info.oid = type;
  info.name = name;
  info.sql_name = name;
  info.kind = kind;
  info.category = category;
  info.physical = physical;
  info.length = -1;
  info.alignment = 'd';
  info.storage = 'x';
  info.base_typmod = -1;
  return info;
}
void set_family(TypeInfo& info, const Family& family) {
  info.input = family.input;
  info.output = family.output;
  info.receive = family.receive;
  info.send = family.send;
  info.compare = family.compare;
  info.hash = family.hash;
}

}  // namespace

TypeInfo describe_enum(Oid type, std::string_view name, Oid array) {
  TypeInfo info = describe(type, name, 'e', 'E', PhysicalType::Int64);
  info.length = 4;
  info.by_value = true;
  info.alignment = 'i';
  info.storage = 'p';
  info.array = array;
  set_family(info, {enum_input, enum_output, enum_input, enum_output, enum_compare, enum_hash});
  return info;
}

TypeInfo describe_domain(Oid type, std::string_view name, Oid array, Type base, Oid collation) {
  const TypeInfo& outer = type_info(base.oid);
  Type bottom = base_type(base);
  if (bottom.oid == base.oid) bottom = base;
  const TypeInfo& below = type_info(bottom.oid);
  TypeInfo info = describe(type, name, 'd', below.category, below.physical);
  info.length = outer.length;
  info.by_value = outer.by_value;
  info.alignment = outer.alignment;
  info.storage = outer.storage;
  info.array = array;
  info.collation = collation;
  info.base = bottom.oid;
  info.base_typmod = bottom.typmod;
  set_family(info, {domain_input, domain_output, domain_receive, domain_send, below.compare == nullptr ? nullptr : domain_compare,
                    below.hash == nullptr ? nullptr : domain_hash});
  return info;
}

TypeInfo describe_composite(Oid type, std::string_view name, Oid array) {
  TypeInfo info = describe(type, name, 'c', 'C', PhysicalType::String);
  info.array = array;
  set_family(info, {composite_input, composite_output, composite_receive, kRecordFamily.send, kRecordFamily.compare, kRecordFamily.hash});
  return info;
}

// A base type shares the representation and the text form of the built-in type whose input function it names.
const TypeInfo* native_type(std::string_view symbol) {
  for (const TypeInfo& type : all_types()) {
    if (type.kind != 'b' || type.category == 'A' || !symbol.starts_with(type.name)) continue;
    std::string_view rest = symbol.substr(type.name.size());
    if (rest == "in" || rest == "_in") return &type;
  }
  return symbol == "cash_in" ? &type_info(oid::kMoney) : nullptr;
}

extern const Family kLtreeFamily, kLqueryFamily, kLtxtqueryFamily;
void ltree_sort_key(const Value& value, Oid type, std::string& out);

// Types of extensions with operations of their own, over the representation of text.
struct ExtensionType {
  std::string_view input;
  const Family* family;
  void (*sort_key)(const Value& value, Oid type, std::string& out);
};
const ExtensionType* extension_type(std::string_view symbol) {
  static const ExtensionType kKnown[] = {{"citextin", &kCitextFamily, citext_sort_key}, {"hstore_in", &kHstoreFamily, hstore_sort_key},
                                         {"ltree_in", &kLtreeFamily, ltree_sort_key}, {"lquery_in", &kLqueryFamily, nullptr}, {"ltxtq_in", &kLtxtqueryFamily, nullptr}};
  for (const auto& known : kKnown) {
    if (known.input == symbol) return &known;
  }
  return nullptr;
}

bool is_native_input(std::string_view symbol) { return extension_type(symbol) != nullptr || native_type(symbol) != nullptr; }

TypeInfo describe_base(Oid type, std::string_view name, Oid array, std::string_view input_symbol, const BaseTraits& traits) {
  const ExtensionType* own = extension_type(input_symbol);
  const TypeInfo* like = native_type(own != nullptr ? "textin" : input_symbol);
  TypeInfo info = like == nullptr ? type_info(oid::kText) : *like;
  info.oid = type;
  info.name = name;
  info.sql_name = name;
  info.length = traits.length;
  info.by_value = traits.by_value;
  info.alignment = traits.alignment;
  info.storage = traits.storage;
  info.category = traits.category;
  info.preferred = traits.preferred;
  info.collation = traits.collation;
  info.array = array;
  info.element = kInvalidOid;
  if (own != nullptr) {
    set_family(info, *own->family);
    info.sort_key = own->sort_key;
  }
  return info;
}

TypeInfo describe_shell(Oid type, std::string_view name) {
  TypeInfo info = describe(type, name, 'p', 'P', PhysicalType::String);
  set_family(info, kPseudoFamily);
  return info;
}

TypeInfo describe_array(Oid type, std::string_view name, Oid element) {
  const TypeInfo& of = type_info(element);
  TypeInfo info = describe(type, name, 'b', 'A', PhysicalType::String);
  info.element = element;
  info.collation = of.collation;
  info.alignment = of.alignment == 'd' ? 'd' : 'i';
  set_family(info, kArrayFamily);
  if (of.compare == nullptr) info.compare = nullptr;
  if (of.hash == nullptr) info.hash = nullptr;
  return info;
}

TypeInfo describe_range(Oid type, std::string_view name, Oid array, Oid subtype, Oid multirange) {
  TypeInfo info = describe(type, name, 'r', 'R', PhysicalType::String);
  info.array = array;
  info.base = subtype;
  info.multirange = multirange;
  set_family(info, kRangeFamily);
  if (type_info(subtype).hash == nullptr) info.hash = nullptr;
  return info;
}

TypeInfo describe_multirange(Oid type, std::string_view name, Oid array, Oid range) {
  TypeInfo info = describe(type, name, 'm', 'R', PhysicalType::String);
  info.array = array;
  info.base = range;
  set_family(info, kMultirangeFamily);
  if (type_info(range).hash == nullptr) info.hash = nullptr;
  return info;
}

}  // namespace aegis::types
