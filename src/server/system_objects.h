// What the catalog module generates from memory, joined to the running server.
#pragma once

namespace aegis::catalog {
class Catalog;
}
namespace aegis::session {
class Instance;
}

namespace aegis::server {

// pg_catalog's and aegis's tables and views.
void install_system_objects(catalog::Catalog& catalog);
// pg_get_viewdef, has_table_privilege and their kin.
void install_catalog_functions(session::Instance& instance);

}  // namespace aegis::server
