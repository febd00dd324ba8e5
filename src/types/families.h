// The operations of each family of types; registry.cpp joins them to pg_type's rows.
#pragma once

#include "aegis/types/type.h"

namespace aegis::types {

struct Family {
  decltype(TypeInfo::input) input = nullptr;
  decltype(TypeInfo::output) output = nullptr;
  decltype(TypeInfo::receive) receive = nullptr;
  decltype(TypeInfo::send) send = nullptr;
  decltype(TypeInfo::compare) compare = nullptr;
  decltype(TypeInfo::hash) hash = nullptr;
  decltype(TypeInfo::typmod_in) typmod_in = nullptr;
  decltype(TypeInfo::typmod_out) typmod_out = nullptr;
};

extern const Family kBoolFamily, kInt2Family, kInt4Family, kInt8Family, kFloat4Family, kFloat8Family, kNumericFamily;
extern const Family kTextFamily, kVarcharFamily, kBpcharFamily, kNameFamily, kCharFamily, kCstringFamily, kByteaFamily;
extern const Family kCitextFamily, kHstoreFamily;
void hstore_sort_key(const Value& value, Oid type, std::string& out);
void citext_sort_key(const Value& value, Oid type, std::string& out);
extern const Family kJsonFamily, kXmlFamily, kOpaqueTextFamily;
extern const Family kDateFamily, kTimeFamily, kTimetzFamily, kTimestampFamily, kTimestamptzFamily, kIntervalFamily;
extern const Family kUuidFamily, kOidFamily, kRegFamily, kXidFamily, kXid8Family, kTidFamily, kPgLsnFamily;
extern const Family kVectorFamily;  // int2vector, oidvector
extern const Family kArrayFamily, kRecordFamily, kVoidFamily, kPseudoFamily, kAbsentFamily;

extern const Family kRangeFamily, kMultirangeFamily, kJsonbFamily, kJsonPathFamily, kTsVectorFamily, kTsQueryFamily;
extern const Family kBitFamily, kVarbitFamily, kMoneyFamily, kInetFamily, kCidrFamily, kMacaddrFamily, kMacaddr8Family;
extern const Family kPointFamily, kLsegFamily, kLineFamily, kBoxFamily, kPathFamily, kPolygonFamily, kCircleFamily;

extern const Family kSnapshotFamily;

// Parses the single integer of a typmod list; throws 22023 "invalid type modifier".
int32_t single_typmod(std::span<const std::string_view> arguments);
int32_t parse_typmod(std::string_view text);

}  // namespace aegis::types
