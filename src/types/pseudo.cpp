// Types without values of their own: pseudo-types, void, and built-in types this server does not have yet.
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

std::string name_of(Oid type) { return std::string(type_info(type).sql_name); }

Value pseudo_input(const TypeContext&, std::string_view, Type type, Arena&) {
  throw SqlError(Sqlstate::FeatureNotSupported, "cannot accept a value of type " + name_of(type.oid));
}
void pseudo_output(const TypeContext&, const Value&, Oid type, std::string&) {
  throw SqlError(Sqlstate::FeatureNotSupported, "cannot display a value of type " + name_of(type));
}

Value void_input(const TypeContext&, std::string_view, Type, Arena&) { return Value::of_string(""); }
void void_output(const TypeContext&, const Value&, Oid, std::string&) {}

Value absent_input(const TypeContext&, std::string_view, Type type, Arena&) {
  throw_not_supported("type " + name_of(type.oid));
}
void absent_output(const TypeContext&, const Value&, Oid type, std::string&) { throw_not_supported("type " + name_of(type)); }

}  // namespace

const Family kPseudoFamily = {pseudo_input, pseudo_output, pseudo_input, pseudo_output};
const Family kVoidFamily = {void_input, void_output, void_input, void_output};
const Family kAbsentFamily = {absent_input, absent_output, absent_input, absent_output};

}  // namespace aegis::types
