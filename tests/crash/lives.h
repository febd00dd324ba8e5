// What the models of crash tests share: what was acknowledged, and what may still be lost of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "aegis/os/file_system.h"
#include "aegis/os/random.h"

namespace aegis::storage {

struct Failure {
  std::string what;
};

inline void require(bool condition, const std::string& what) {
  if (!condition) throw Failure{what};
}

// The states that were acknowledged, oldest first; the last is the present one. Until a synchronous one is acknowledged, a
// crash may take others back, in order.
template <typename World>
struct History {
  struct State {
    World world;
    bool synchronous;
  };
  std::deque<State> states{{World{}, true}};

  const World& present() const { return states.back().world; }
  void add(World world, bool synchronous) {
    states.push_back({std::move(world), synchronous});
    if (synchronous) forget();
  }
  void restart_from(const World& world) { states = {{world, true}}; }
  // Whether a crash can have left it.
  bool may_be_left(const World& world) const {
    for (size_t i = states.size(); i-- > 0;) {
      if (states[i].world == world) return true;
      if (states[i].synchronous) break;
    }
    return false;
  }
  bool ever_had(const World& world) const {
    for (const State& state : states) {
      if (state.world == world) return true;
    }
    return false;
  }

 private:
  // Keeps the states from the synchronous one before the last: a flipped bit in the last write can't be told from a tear.
  void forget() {
    size_t seen = 0;
    for (size_t i = states.size(); i-- > 0;) {
      if (!states[i].synchronous || ++seen < 2) continue;
      states.erase(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  }
};

// A life ends by a stop in order or a killed process, which lose nothing (`one_in` so many of those that did not crash
// anyway), or by a power cut.
inline void end_life(std::unique_ptr<os::FaultyFileSystem>& files, os::Random& random, uint64_t one_in) {
  if (!files->crashed() && random.one_in(one_in)) {
    files = files->copy();
  } else {
    files->restart();
  }
}

}  // namespace aegis::storage
