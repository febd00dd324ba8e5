// Puts pg_catalog and information_schema into a catalog.
#pragma once

namespace aegis::catalog {
class Catalog;
}
namespace aegis::types {
struct TypeContext;
}

namespace aegis::commands {

// Adds the schemas, the generated tables and the views over them as objects shared by all databases. They are kept in
// memory only, so every start calls this once, before the first statement.
void install_system_catalog(catalog::Catalog& catalog, const types::TypeContext& types);

}  // namespace aegis::commands
