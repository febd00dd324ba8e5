// bytea's text forms.
#pragma once

#include <string>
#include <string_view>

namespace aegis::types {

// Hex ("\x…") or escape form; throws 22P02 or 22023.
std::string parse_bytea(std::string_view text);
// Hex digits (blanks between pairs allowed) to bytes.
std::string parse_hex(std::string_view digits);
void append_hex(std::string_view bytes, std::string& out);
void append_bytea_escaped(std::string_view bytes, std::string& out);

}  // namespace aegis::types
