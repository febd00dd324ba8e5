// Reaching and replacing parts of jsonb by a path of keys and positions.
#pragma once

#include "call.h"

namespace aegis::functions {

Value jsonb_get_path(Text jsonb, const std::vector<Text>& path, Arena& arena);
// What subscripted assignment makes of `source` (null: an empty array or object); a null `value` is JSON null.
Value jsonb_assign_path(const Value& source, const Value& value, const std::vector<Text>& path, Arena& arena);
// A whole number within int4.
bool parse_json_index(Text text, int64_t& index);

}  // namespace aegis::functions
