#pragma once

#include "aegis/catalog/system.h"

namespace aegis::catalog {

extern const SystemTable kPgNamespace;

}  // namespace aegis::catalog
