// SQL functions whose answers are in the catalog: pg_get_viewdef, obj_description, has_table_privilege, ….
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aegis/catalog/system.h"
#include "aegis/types/type.h"

namespace aegis::catalog {

// `symbol` is pg_proc.prosrc (see functions::Services::catalog_function); no argument is null. The result's bytes are in
// `arena`. False: there is no such function here.
bool call_catalog_function(const SystemContext& context, const types::TypeContext& types, std::string_view symbol,
                           std::span<const types::Value> arguments, Arena& arena, types::Value& result);

// A kept expression's text, its names without the schemas that the search path makes needless.
std::string visible_sql(const Version& version, Oid database, const std::vector<Oid>& search_path, std::string_view sql);

}  // namespace aegis::catalog
