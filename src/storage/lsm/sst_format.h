// Numbers of the SST format, private to its writer and reader.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aegis::storage::lsm {

inline constexpr uint64_t kSstMagic = 0x3154535369676541;  // "AegiSST1"
inline constexpr uint32_t kSstVersion = 2;
inline constexpr size_t kFooterBytes = 8 + 4 + 4 + 8 + 4;
// Data blocks whose keys share an index and a filter block: about 8 KiB of keys and 12 KiB of filter.
inline constexpr size_t kPartitionBlocks = 64;
inline constexpr size_t kWriteBytes = 256 << 10;

}  // namespace aegis::storage::lsm
