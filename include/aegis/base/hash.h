// Hashes and checksums. hash_* are seedless and stable within one process only, except where said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aegis {

// A finalizer with full avalanche (MurmurHash3's fmix64).
inline uint64_t hash_int(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

inline uint64_t hash_combine(uint64_t a, uint64_t b) { return hash_int(a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6) + (a >> 2))); }

// XXH3.
uint64_t hash_bytes(const void* data, size_t size);
inline uint64_t hash_bytes(std::string_view text) { return hash_bytes(text.data(), text.size()); }

// CRC-32C (Castagnoli) as stored on disk; `crc` continues an earlier checksum. Uses the SSE4.2 instruction
// where the processor has it.
uint32_t crc32c(const void* data, size_t size, uint32_t crc = 0);

}  // namespace aegis
