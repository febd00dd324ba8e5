#pragma once

#include <string>
#include <string_view>

namespace aegis::catalog {

// A view's SELECT in the layout of pg_get_viewdef: clauses on lines of their own, indented, key words in capitals,
// ending in a semicolon.
std::string lay_out_view(std::string_view sql);

}  // namespace aegis::catalog
