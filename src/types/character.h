// Fitting strings into varchar(n) and char(n).
#pragma once

#include "aegis/types/type.h"

namespace aegis::types {

std::string_view fit_varchar(std::string_view text, int32_t typmod, CastKind kind);
Value fit_bpchar(std::string_view text, int32_t typmod, CastKind kind, Arena& arena);
std::string invalid_utf8_message(std::string_view bytes);

}  // namespace aegis::types
