// Letter case of UTF-8 text, by Unicode's simple mappings.
#pragma once

#include <string>
#include <string_view>

namespace aegis::functions {

std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string capitalize_words(std::string_view text);
bool is_alphanumeric(char32_t code);

}  // namespace aegis::functions
