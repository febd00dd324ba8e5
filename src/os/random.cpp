#include "aegis/os/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "aegis/base/error.h"

namespace aegis::os {
namespace {

uint64_t rotate_left(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

// SplitMix64, the usual way to spread a seed over a larger state.
uint64_t split_mix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = split_mix(seed);
}

uint64_t Random::next() {
  uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
}

void fill_random(std::span<std::byte> out) {
  while (!out.empty()) {
    ssize_t n = ::getrandom(out.data(), out.size(), 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      throw StorageError(Sqlstate::IoError, std::string("could not generate random bytes: ") + std::strerror(errno));
    }
    out = out.subspan(static_cast<size_t>(n));
  }
}

uint64_t random_seed() {
  uint64_t seed;
  fill_random(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

}  // namespace aegis::os
