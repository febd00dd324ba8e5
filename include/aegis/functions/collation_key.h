// Bytes that are equal where a collation calls texts equal, and ordered as it orders them.
#pragma once

#include <string>

#include "aegis/functions/function.h"

namespace aegis::functions {

// collation_key(text or character): bytea, by the call's collation. SQL has no name for it.
const Function& collation_key_function();
// The same of a value of a text type; its own bytes where they decide.
std::string collation_key(const Value& text, Type type, Oid collation, const types::TypeContext& context);

}  // namespace aegis::functions
