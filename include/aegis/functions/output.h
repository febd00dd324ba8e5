// Types of what functions with OUT columns give.
#pragma once

#include <span>

#include "aegis/functions/function.h"

namespace aegis::functions {

// The type of OUT column `column` in a call with these arguments: anyelement and anyarray follow the arguments.
Oid output_type(const Function& function, size_t column, std::span<const Oid> arguments);

}  // namespace aegis::functions
