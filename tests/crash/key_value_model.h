// Lives of a key-value store against a model; see fault_model.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace aegis::storage {

struct KeyValueFigures {
  uint64_t lives = 0, writes = 0, synchronous = 0, snapshots = 0, refused = 0, crashes = 0;
  uint64_t flips = 0, flips_reported = 0, flips_harmless = 0, flips_torn_tail = 0, value_files = 0;
};

// Nothing, or what went wrong.
std::string run_key_value_seed(uint64_t seed, int lives, KeyValueFigures& figures);

}  // namespace aegis::storage
