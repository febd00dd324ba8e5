// Access methods and the operator classes that PostgreSQL has for them. Those of users and extensions are objects.
#pragma once

#include <string_view>

#include "aegis/base/ids.h"

namespace aegis::catalog {

class Version;

// 0 when there is no such method.
Oid access_method(std::string_view name);
std::string_view access_method_name(Oid oid);
// The default class of a type; 0 when it has none.
Oid default_opclass(Oid method, Oid type);
Oid built_in_default_opclass(Oid method, Oid type);  // of exactly the type
// Empty when there is no such class.
std::string_view built_in_opclass_name(Oid oid);
// A class by its name, of the type (0: any); 0 when there is none.
Oid find_built_in_opclass(Oid method, std::string_view name, Oid type);
Oid built_in_opclass_family(Oid opclass);
Oid built_in_opclass_input(Oid opclass);
Oid built_in_opfamily(Oid method, std::string_view name);
std::string_view built_in_opfamily_name(Oid oid);

}  // namespace aegis::catalog
