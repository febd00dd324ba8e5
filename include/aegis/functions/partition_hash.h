// The hash that PostgreSQL's hash partitioning uses, with its results.
#pragma once

#include <cstdint>
#include <span>

#include "aegis/types/type.h"

namespace aegis::functions {

// Of a key's values; nulls do not count.
uint64_t partition_hash(std::span<const types::Type> types, std::span<const types::Value> values);
// False: values of the type have no hash.
bool can_partition_by_hash(types::Type type);

}  // namespace aegis::functions
