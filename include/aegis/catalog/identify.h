// What SQL calls an object, in the forms of pg_identify_object and its kin (PostgreSQL's objectaddress.c).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aegis/catalog/system.h"
#include "aegis/types/type.h"

namespace aegis::catalog {

struct ObjectIdentity {
  std::string type;  // "table column"
  bool found = false;
  std::optional<std::string> schema, name;  // quoted where needed; the name only where it is unique in the schema
  std::string identity;
  std::vector<std::string> names, arguments;  // what pg_get_object_address takes
};

ObjectIdentity identify_object(const SystemContext& context, const types::TypeContext& types, Oid catalog, Oid object, int column);
// "table a", as messages call it; empty when there is none.
std::string describe_object(const SystemContext& context, const types::TypeContext& types, Oid catalog, Oid object, int column);
// A type with its schema: pg_catalog.text, integer[], s.t.
std::string qualified_type(const SystemContext& context, Oid type);

}  // namespace aegis::catalog
