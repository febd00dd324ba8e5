// How the keys of SQL types are made.
#include "aegis/base/error.h"
#include "aegis/storage/key_encoding.h"
#include "aegis/types/array.h"
#include "aegis/types/bit.h"
#include "aegis/types/json.h"
#include "aegis/types/network.h"
#include "aegis/types/range.h"
#include "aegis/types/record.h"
#include "aegis/types/text_search.h"
#include "aegis/types/type.h"

namespace aegis::storage {
namespace {

namespace oid = types::oid;
using types::Value;

void put_number(std::string& out, uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

// Elements first, then their count, the number of dimensions, and these: as array_cmp does. An element is 1 and its key,
// 2 for null, which comes last; 0 ends them.
void array_sort_key(const Value& value, Oid type, std::string& out) {
  types::ArrayView array(value.text());
  KeyColumn element;
  set_key_type(element, types::type_info(types::base_type(type)).element);
  for (size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      out.push_back(2);
      continue;
    }
    out.push_back(1);
    append_key(out, element, array.get(i));
  }
  out.push_back(0);
  put_number(out, static_cast<uint32_t>(array.dimensions()));
  for (int d = 0; d < array.dimensions(); ++d) {
    put_number(out, static_cast<uint32_t>(array.length(d)));
    put_number(out, static_cast<uint32_t>(array.lower(d)) ^ 0x80000000u);
  }
}

void put_range(std::string& out, Oid range_type, const types::Range& range) {
  if (range.empty) return out.push_back(0);
  out.push_back(1);
  KeyColumn subtype;
  set_key_type(subtype, types::type_info(range_type).base);
  for (const types::RangeBound* bound : {&range.lower, &range.upper}) {
    if (bound->infinite) {
      out.push_back(bound->lower ? 0 : 2);
      continue;
    }
    out.push_back(1);
    append_key(out, subtype, bound->value);
    // [a is before (a, and a) before a].
    out.push_back(bound->inclusive == bound->lower ? 0 : 1);
  }
}

void range_sort_key(const Value& value, Oid type, std::string& out) {
  put_range(out, types::base_type(type), types::read_range(value.text()));
}

void multirange_sort_key(const Value& value, Oid type, std::string& out) {
  Oid range_type = types::type_info(types::base_type(type)).base;
  for (const auto& range : types::read_multirange(value.text())) {
    out.push_back(1);
    put_range(out, range_type, range);
  }
  out.push_back(0);
}

// The network, the mask's length, then the whole address: of two networks one inside the other the wider has zeros where
// the narrower has bits, so this is the order of network_cmp.
void network_sort_key(const Value& value, Oid, std::string& out) {
  auto address = types::read_address(value.text());
  auto network = types::network_of(address);
  out.push_back(address.v6 ? 1 : 0);
  out.append(reinterpret_cast<const char*>(network.bytes), static_cast<size_t>(network.size()));
  out.push_back(static_cast<char>(address.bits));
  out.append(reinterpret_cast<const char*>(address.bytes), static_cast<size_t>(address.size()));
}

void bit_sort_key(const Value& value, Oid, std::string& out) {
  auto bits = types::read_bits(value.text());
  for (char byte : bits.bytes) {
    out.push_back(1);
    out.push_back(byte);
  }
  out.push_back(0);
  put_number(out, bits.count);
}

// Fields one by one, each a 1 and its key, or 2 for null, which comes last; 3 ends them. Fields that are null at the end are
// left out, as those that were added to the type later: they are the same.
void record_sort_key(const Value& value, Oid, std::string& out) {
  types::RecordView record(value.text());
  size_t count = record.size();
  while (count > 0 && record.get(count - 1).is_null) --count;
  for (size_t i = 0; i < count; ++i) {
    Value field = record.get(i);
    if (field.is_null) {
      out.push_back(2);
      continue;
    }
    KeyColumn how;
    if (!set_key_type(how, record.type(i))) {
      throw SqlError(Sqlstate::UndefinedFunction, "could not identify a comparison function for type " + types::format_type({record.type(i)}));
    }
    out.push_back(1);
    append_key(out, how, field);
  }
  out.push_back(3);
}

// The number of elements before these.
void oidvector_sort_key(const Value& value, Oid, std::string& out) {
  types::ArrayView array(value.text());
  put_number(out, static_cast<uint32_t>(array.size()));
  for (size_t i = 0; i < array.size(); ++i) put_number(out, array.get(i).oid());
}

void tsvector_sort_key(const Value& value, Oid, std::string& out) { types::append_tsvector_sort_key(value.text(), out); }
void tsquery_sort_key(const Value& value, Oid, std::string& out) { types::append_tsquery_sort_key(value.text(), out); }

enum class JsonRank : uint8_t { EmptyArray = 1, Null, String, Number, Bool, Array, Object };

// As compare_jsonb: kinds in this order, containers by their size before what they hold. An empty array at the root comes
// before everything.
void put_jsonb(types::JsonbView view, std::string& out) {
  auto put_rank = [&](JsonRank rank) { out.push_back(static_cast<char>(rank)); };
  KeyColumn text;
  text.type = types::PhysicalType::String;
  text.kind = KeyKind::Bytes;
  switch (view.kind()) {
    case types::JsonKind::Null: return put_rank(JsonRank::Null);
    case types::JsonKind::String:
      put_rank(JsonRank::String);
      return append_key(out, text, Value::of_string(view.text()));
    case types::JsonKind::Number: {
      put_rank(JsonRank::Number);
      KeyColumn number;
      number.type = types::PhysicalType::Numeric;
      number.kind = KeyKind::Numeric;
      return append_key(out, number, Value::of_numeric(view.number()));
    }
    case types::JsonKind::False:
    case types::JsonKind::True:
      put_rank(JsonRank::Bool);
      return out.push_back(view.kind() == types::JsonKind::True ? 1 : 0);
    case types::JsonKind::Array:
    case types::JsonKind::Object: break;
  }
  const bool object = view.kind() == types::JsonKind::Object;
  put_rank(object ? JsonRank::Object : JsonRank::Array);
  put_number(out, view.size());
  for (uint32_t i = 0; i < view.size(); ++i) {
    if (object) append_key(out, text, Value::of_string(view.key(i)));
    put_jsonb(object ? view.value(i) : view.element(i), out);
  }
}

void jsonb_sort_key(const Value& value, Oid, std::string& out) {
  types::JsonbView view(value.text());
  if (view.kind() == types::JsonKind::Array && view.size() == 0) return out.push_back(static_cast<char>(JsonRank::EmptyArray));
  put_jsonb(view, out);
}

bool set_custom(KeyColumn& column, Oid type, void (*sort_key)(const Value&, Oid, std::string&)) {
  column.kind = KeyKind::Custom;
  column.sort_key = sort_key;
  column.sql_type = type;
  return true;
}

}  // namespace

bool set_key_type(KeyColumn& column, Oid declared) {
  Oid type = types::base_type(declared);
  column.type = types::physical_type(declared);
  switch (type) {
    case oid::kText:
    case oid::kVarchar:
    case oid::kName:
    case oid::kMacaddr:
    case oid::kMacaddr8:
    case oid::kBytea: column.kind = KeyKind::Bytes; return true;
    case oid::kBpchar: column.kind = KeyKind::PaddedText; return true;
    case oid::kChar:
    case oid::kOid:
    case oid::kXid:
    case oid::kCid:
    case oid::kPgLsn:
    case oid::kXid8:
    case oid::kRegproc:
    case oid::kRegprocedure:
    case oid::kRegoper:
    case oid::kRegoperator:
    case oid::kRegclass:
    case oid::kRegtype:
    case oid::kRegconfig:
    case oid::kRegdictionary:
    case oid::kRegnamespace:
    case oid::kRegrole:
    case oid::kRegcollation: column.kind = KeyKind::Unsigned; return true;
    case oid::kInet:
    case oid::kCidr: return set_custom(column, type, network_sort_key);
    case oid::kBit:
    case oid::kVarbit: return set_custom(column, type, bit_sort_key);
    case oid::kJsonb: return set_custom(column, type, jsonb_sort_key);
    case oid::kTsvector: return set_custom(column, type, tsvector_sort_key);
    case oid::kTsquery: return set_custom(column, type, tsquery_sort_key);
    case oid::kOidvector: return set_custom(column, type, oidvector_sort_key);
    case oid::kInt2vector: return set_custom(column, type, array_sort_key);
    default: break;
  }
  if (column.type != types::PhysicalType::String) {
    column.kind = default_key_kind(column.type);
    return true;
  }
  const auto* info = types::find_type(type);
  if (info == nullptr) return false;
  if (info->sort_key != nullptr) return set_custom(column, type, info->sort_key);
  KeyColumn part;
  if (info->kind == 'c') return set_custom(column, type, record_sort_key);
  if (types::is_array(type)) return set_key_type(part, info->element) && set_custom(column, type, array_sort_key);
  if (info->kind == 'r') return set_key_type(part, info->base) && set_custom(column, type, range_sort_key);
  if (info->kind == 'm') return set_key_type(part, types::type_info(info->base).base) && set_custom(column, type, multirange_sort_key);
  return false;
}

}  // namespace aegis::storage
