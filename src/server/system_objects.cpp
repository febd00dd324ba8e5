#include "system_objects.h"

#include "aegis/catalog/catalog_functions.h"
#include "aegis/commands/system_catalog.h"
#include "aegis/session/instance.h"
#include "aegis/types/type.h"

namespace aegis::server {

void install_system_objects(catalog::Catalog& catalog) { commands::install_system_catalog(catalog, types::TypeContext()); }

void install_catalog_functions(session::Instance& instance) { instance.catalog_functions = catalog::call_catalog_function; }

}  // namespace aegis::server
