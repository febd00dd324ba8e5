#pragma once

#include "aegis/types/text_search.h"
#include "call.h"

namespace aegis::functions {

// The tree of a tsquery, kept with the call for as long as it gets the same one; null when it is empty.
const types::TsNode* cached_query(Call& call, Text query);

}  // namespace aegis::functions
