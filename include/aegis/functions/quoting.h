// SQL text of names and strings.
#pragma once

#include <string>
#include <string_view>

namespace aegis::functions {

// A name as it must be written: quoted when it is a keyword, or not of lower-case letters, digits and _.
std::string quote_identifier(std::string_view name);
// A string constant; with E'' when it contains a backslash.
std::string quote_literal(std::string_view text);

}  // namespace aegis::functions
