// How the operator classes of extensions make keys.
#pragma once

#include <span>

#include "aegis/functions/inverted.h"

namespace aegis::functions {

std::span<const InvertedStrategy* const> extension_strategies();

}  // namespace aegis::functions
