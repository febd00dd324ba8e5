// The hash that PostgreSQL's hash partitioning uses, with its results.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "aegis/types/type.h"

namespace aegis::functions {

inline constexpr uint64_t kPartitionSeed = 0x7A5B22367996DCFDull;

// Of a key's values; nulls do not count. `own`: hashes that users' operator classes gave, by key.
uint64_t partition_hash(std::span<const types::Type> types, std::span<const types::Value> values, std::span<const std::optional<uint64_t>> own = {});
// One value's, by PostgreSQL's hash…extended() of the type.
uint64_t extended_hash(const types::Value& value, types::Type type, uint64_t seed);
// False: values of the type have no hash.
bool can_partition_by_hash(types::Type type);

}  // namespace aegis::functions
