// What readers may want to know of values that are apart from a table's rows: reading them costs a read of a file each.
#pragma once

#include <cstdint>
#include <span>

#include "aegis/storage/fwd.h"

namespace aegis::storage {

// Whether some values of the column are.
bool has_values_apart(const Table& table, uint32_t column);

}  // namespace aegis::storage
