// Randomness: a fast seeded generator, and the operating system's for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace aegis::os {

// xoshiro256**. Not for secrets, not thread safe.
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t next();
  // Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound);
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool one_in(uint64_t n) { return below(n) == 0; }

 private:
  uint64_t state_[4];
};

// Cryptographically strong bytes; throws StorageError.
void fill_random(std::span<std::byte> out);
uint64_t random_seed();

}  // namespace aegis::os
