// The registry of built-in SQL types: identity, text and binary forms, comparison, hashing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/base/arena.h"
#include "aegis/types/oids.h"
#include "aegis/types/value.h"

namespace aegis::types {

// A type as an expression has it. `typmod` is PostgreSQL's encoding (varchar(n): n + 4, …), -1 is none.
struct Type {
  Oid oid = kInvalidOid;
  int32_t typmod = -1;
  friend bool operator==(const Type&, const Type&) = default;
};

class TimeZone;

// The parts of a user-defined type that ALTER TYPE may change.
struct UserType {
  struct Label {
    std::string name;
    int64_t position;  // the value; never changes, and its order is the labels' order
    Oid oid;
  };
  struct Field {
    std::string name;
    Type type;
    bool dropped;
  };
  std::vector<Label> labels;  // of an enum, in order
  std::vector<Field> fields;  // of a composite; dropped ones stay

  const Label* find_label(std::string_view name) const;
  const Label* find_label(int64_t position) const;
};

// Turns names of catalog objects into OIDs and back for reg* types; the catalog implements it. `kind` is the
// reg* type's OID (oid::kRegclass, …). Both return false when there is no such object; lookup may throw
// SqlError for a malformed or ambiguous name.
class ObjectNames {
 public:
  virtual ~ObjectNames() = default;
  virtual bool lookup(Oid kind, std::string_view name, Oid& object) = 0;
  virtual bool name_of(Oid kind, Oid object, std::string& name) = 0;
  // Types that are not built in (enum, domain, composite, …); also used by format_type.
  virtual bool type_name(Oid type, std::string& name) = 0;
  // An enum or a composite as the running transaction sees it; null if there is none.
  virtual std::shared_ptr<const UserType> user_type(Oid type);
  // Throws 23502 or 23514 unless `value` may be of that domain.
  virtual void check_domain(Oid domain, const Value& value);
};

enum class DateStyle : uint8_t { Iso, Sql, Postgres, German };
enum class DateOrder : uint8_t { Mdy, Dmy, Ymd };
enum class IntervalStyle : uint8_t { Postgres, PostgresVerbose, SqlStandard, Iso8601 };

// What text forms and date arithmetic depend on. A session owns one and changes it by SET.
struct TypeContext {
  DateStyle date_style = DateStyle::Iso;
  DateOrder date_order = DateOrder::Mdy;
  IntervalStyle interval_style = IntervalStyle::Postgres;
  bool bytea_hex = true;
  int extra_float_digits = 1;
  const TimeZone* time_zone = nullptr;  // null is UTC
  int64_t transaction_timestamp = 0;    // microseconds since 2000-01-01 UTC: 'now', 'today'
  ObjectNames* names = nullptr;
  bool xml_document = false;    // xmloption
  bool xml_binary_hex = false;  // xmlbinary
  Oid database_collation = kInvalidOid;  // what "default" stands for (types/collation.h); 0: C.UTF-8
};

struct TypeInfo {
  Oid oid;
  std::string_view name;      // pg_type.typname, e.g. "int4"
  std::string_view sql_name;  // format_type's, e.g. "integer"
  int16_t length;             // typlen
  bool by_value;              // typbyval
  char alignment;             // typalign
  char storage;               // typstorage
  char kind;                  // typtype: b, p, …
  char category;              // typcategory
  bool preferred;             // typispreferred
  Oid array;                  // typarray
  Oid element;                // typelem of true arrays, and of int2vector and oidvector
  Oid collation;              // typcollation
  PhysicalType physical;

  // Text form → value; out-of-line bytes go to `arena`. Throws SqlError with PostgreSQL's texts (22P02, …).
  Value (*input)(const TypeContext&, std::string_view text, Type type, Arena& arena);
  // Appends the text form of `value` (never null).
  void (*output)(const TypeContext&, const Value& value, Oid type, std::string& out);
  // The protocol's binary form, without the length word.
  Value (*receive)(const TypeContext&, std::string_view bytes, Type type, Arena& arena);
  void (*send)(const TypeContext&, const Value& value, Oid type, std::string& out);
  // Default btree order: <0, 0, >0 (null if the type has none).
  int (*compare)(const Value& a, const Value& b, Oid type);
  // Hash consistent with compare() == 0 (null if none).
  uint64_t (*hash)(const Value& value, Oid type);
  // typmodin / typmodout: from the list in parentheses, and back as "(10,2)".
  int32_t (*typmod_in)(std::span<const std::string_view> arguments);
  std::string (*typmod_out)(int32_t typmod);

  // Domains: the type at the bottom, and its typmod. Ranges: the subtype. Multiranges: the range.
  Oid base = kInvalidOid;
  int32_t base_typmod = -1;
  Oid multirange = kInvalidOid;  // of ranges
  // Of String types whose order is not that of their bytes: appends bytes that order so (null: see storage's key_types.cpp).
  void (*sort_key)(const Value& value, Oid type, std::string& out) = nullptr;
  // Ranges: the numbers a canonical form counts in (discrete subtypes), 0 for continuous ones.
  bool discrete = false;
};

// Makes a user-defined type known. OIDs are never used twice, so a type once known stays; a second registration
// changes only its name, unless it fills in a shell.
void register_type(const TypeInfo& type);
// Descriptions of user-defined types, with the operations of their kind. `element` and `base` must be known already.
TypeInfo describe_enum(Oid type, std::string_view name, Oid array);
TypeInfo describe_domain(Oid type, std::string_view name, Oid array, Type base, Oid collation);
TypeInfo describe_composite(Oid type, std::string_view name, Oid array);
TypeInfo describe_array(Oid type, std::string_view name, Oid element);
TypeInfo describe_range(Oid type, std::string_view name, Oid array, Oid subtype, Oid multirange);
TypeInfo describe_multirange(Oid type, std::string_view name, Oid array, Oid range);

// What CREATE TYPE says of a base type besides its functions.
struct BaseTraits {
  int16_t length;
  bool by_value;
  char alignment, storage, category;
  bool preferred;
  Oid collation;
};
// `input_symbol`: the native input function of the type whose representation this one shares ("textin", "citextin", …).
TypeInfo describe_base(Oid type, std::string_view name, Oid array, std::string_view input_symbol, const BaseTraits& traits);
// A type that has a name only; nothing can be done with it.
TypeInfo describe_shell(Oid type, std::string_view name);
// Whether a base type may be made of a native input function of that name.
bool is_native_input(std::string_view symbol);

// The type below a domain; any other type itself.
Type base_type(Type type);
inline Oid base_type(Oid type) { return base_type(Type{type, -1}).oid; }

// Null if `type` is not built in.
const TypeInfo* find_type(Oid type);
// Throws InternalError if `type` is not built in.
const TypeInfo& type_info(Oid type);
// By pg_type name; null if there is none.
const TypeInfo* find_type_by_name(std::string_view name);
std::span<const TypeInfo> all_types();

// Physical type of any type: user-defined enums, domains over a base must be resolved by the caller first.
PhysicalType physical_type(Oid type);

inline bool is_array(Oid type) {
  const TypeInfo* info = find_type(type);
  return info != nullptr && (info->category == 'A' || type == oid::kRecordArray) && info->element != kInvalidOid;
}

// PostgreSQL's format_type(): "character varying(10)", "integer[]", "numeric(15,2)".
std::string format_type(Type type, const ObjectNames* names = nullptr);

// Casts `value` to its type's typmod (varchar(n), numeric(p,s), timestamp(p), …): an explicit cast truncates
// strings, an implicit one raises 22001. A typmod of -1 returns the value unchanged.
enum class CastKind : uint8_t { Implicit, Explicit };
Value apply_typmod(const Value& value, Type type, CastKind kind, Arena& arena);

}  // namespace aegis::types
