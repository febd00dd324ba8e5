// Lists of options as text: name = value, name = 'value', ….
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aegis/functions/text_search.h"

namespace aegis::functions::text_search {

// Throws 42601 "invalid parameter list format".
std::vector<DictionaryOption> parse_options(std::string_view text);

}  // namespace aegis::functions::text_search
