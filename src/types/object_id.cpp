// reg* types (an OID shown as a name), tid and pg_lsn.
#include <cstdio>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

[[noreturn]] void throw_missing(Oid kind, const std::string& name) {
  auto quoted = [&](const char* what) { return std::string(what) + " \"" + name + "\" does not exist"; };
  switch (kind) {
    case oid::kRegclass: throw SqlError(Sqlstate::UndefinedTable, quoted("relation"));
    case oid::kRegtype: throw SqlError(Sqlstate::UndefinedObject, quoted("type"));
    case oid::kRegproc:
    case oid::kRegprocedure: throw SqlError(Sqlstate::UndefinedFunction, quoted("function"));
    case oid::kRegoper:
    case oid::kRegoperator: throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + name);
    case oid::kRegrole: throw SqlError(Sqlstate::UndefinedObject, quoted("role"));
    case oid::kRegnamespace: throw SqlError(Sqlstate::UndefinedSchema, quoted("schema"));
    case oid::kRegconfig: throw SqlError(Sqlstate::UndefinedObject, quoted("text search configuration"));
    case oid::kRegdictionary: throw SqlError(Sqlstate::UndefinedObject, quoted("text search dictionary"));
    default:
      throw SqlError(Sqlstate::UndefinedObject, "collation \"" + name + "\" for encoding \"UTF8\" does not exist");
  }
}

Value reg_input(const TypeContext& context, std::string_view text, Type type, Arena&) {
  if (text == "-") return Value::of_oid(0);
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    uint64_t value = std::strtoull(std::string(text).c_str(), nullptr, 10);
    if (value > UINT32_MAX) throw_out_of_range("oid", text);
    return Value::of_oid(static_cast<Oid>(value));
  }
  Oid object = kInvalidOid;
  if (context.names != nullptr && context.names->lookup(type.oid, text, object)) return Value::of_oid(object);
  if (type.oid == oid::kRegtype) {
    if (const TypeInfo* info = find_type_by_name(text)) return Value::of_oid(info->oid);
  }
  throw_missing(type.oid, std::string(text));
}

void reg_output(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  Oid object = value.oid();
  if (object == kInvalidOid) {
    out += '-';
    return;
  }
  if (type == oid::kRegtype && find_type(object) != nullptr) {
    out += format_type({object, -1}, context.names);
    return;
  }
  std::string name;
  if (context.names != nullptr && context.names->name_of(type, object, name)) {
    out += name;
  } else {
    append_integer(object, out);
  }
}

// A block number of 32 bits and an offset of 16; of a table's rows, the two parts of their RowId.
Value tid_of(uint32_t block, uint16_t offset) { return Value::of_i64(static_cast<int64_t>((uint64_t{block} << 16) | offset)); }
Value tid_input(const TypeContext&, std::string_view text, Type, Arena&) {
  long long block = 0;
  long long offset = 0;
  int used = 0;
  std::string copy(trim_space(text));
  if (std::sscanf(copy.c_str(), "(%lld,%lld)%n", &block, &offset, &used) != 2 || used == 0 || block > UINT32_MAX ||
      block < INT32_MIN || offset < 0 || offset > UINT16_MAX) {
    throw_invalid_text("tid", text);
  }
  return tid_of(static_cast<uint32_t>(block), static_cast<uint16_t>(offset));
}
void tid_output(const TypeContext&, const Value& value, Oid, std::string& out) {
  auto bits = static_cast<uint64_t>(value.i64);
  out += "(" + std::to_string(static_cast<uint32_t>(bits >> 16)) + "," + std::to_string(bits & 0xffff) + ")";
}
Value tid_receive(const TypeContext&, std::string_view bytes, Type, Arena&) {
  BinaryReader reader(bytes);
  auto block = static_cast<uint32_t>(reader.int32());
  return tid_of(block, static_cast<uint16_t>(reader.int16()));
}
void tid_send(const TypeContext&, const Value& value, Oid, std::string& out) {
  append_int32(out, static_cast<int32_t>(value.i64 >> 16));
  append_int16(out, static_cast<int16_t>(value.i64));
}

Value lsn_input(const TypeContext&, std::string_view text, Type, Arena&) {
  size_t slash = text.find('/');
  auto is_hex = [](std::string_view part) {
    return !part.empty() && part.size() <= 8 &&
           part.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  };
  if (slash == std::string_view::npos || !is_hex(text.substr(0, slash)) || !is_hex(text.substr(slash + 1))) {
    throw_invalid_text("pg_lsn", text);
  }
  uint64_t high = std::stoul(std::string(text.substr(0, slash)), nullptr, 16);
  uint64_t low = std::stoul(std::string(text.substr(slash + 1)), nullptr, 16);
  return Value::of_i64(static_cast<int64_t>((high << 32) | low));
}
void lsn_output(const TypeContext&, const Value& value, Oid, std::string& out) {
  char buffer[32];
  auto lsn = static_cast<uint64_t>(value.i64);
  out.append(buffer, static_cast<size_t>(std::snprintf(buffer, sizeof buffer, "%X/%X", static_cast<uint32_t>(lsn >> 32),
                                                       static_cast<uint32_t>(lsn))));
}
int lsn_compare(const Value& a, const Value& b, Oid) {
  auto x = static_cast<uint64_t>(a.i64);
  auto y = static_cast<uint64_t>(b.i64);
  return x < y ? -1 : x > y;
}

}  // namespace

const Family kRegFamily = {reg_input,          reg_output,         kOidFamily.receive,
                           kOidFamily.send,    kOidFamily.compare, kOidFamily.hash};
const Family kTidFamily = {tid_input, tid_output, tid_receive, tid_send, kInt8Family.compare, kInt8Family.hash};
const Family kPgLsnFamily = {lsn_input, lsn_output, kInt8Family.receive, kInt8Family.send, lsn_compare, kInt8Family.hash};

}  // namespace aegis::types
