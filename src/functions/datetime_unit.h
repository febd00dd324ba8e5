// Units of date_part, extract and date_trunc, and the errors about them.
#pragma once

#include "aegis/types/datetime.h"
#include "call.h"
#include "unicode.h"

namespace aegis::functions {

[[noreturn]] inline void throw_unit(const char* what, Sqlstate state, Text unit, Oid type) {
  throw SqlError(state, "unit \"" + lower(unit) + "\" not " + what + " for type " + types::format_type({type, -1}));
}
[[noreturn]] inline void throw_unit_not_supported(Text unit, Oid type) {
  if (types::find_unit(unit) == types::Unit::Unknown) {
    throw_unit("recognized", Sqlstate::InvalidParameterValue, unit, type);
  }
  throw_unit("supported", Sqlstate::FeatureNotSupported, unit, type);
}

}  // namespace aegis::functions
