// What the models of crash tests share: what was acknowledged, and what may still be lost of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "aegis/base/error.h"
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

// What happens to the machine in a life, after some calls: nothing, a crash, a call that fails, or a full disk.
enum class Fault : uint8_t { None, Crash, Io, Space };

inline void plan_fault(os::FaultyFileSystem& files, Fault fault, uint64_t calls) {
  switch (fault) {
    case Fault::None: break;
    case Fault::Crash: files.crash_after(calls); break;
    case Fault::Io: files.fail_io_after(calls); break;
    case Fault::Space: files.fail_space_after(calls); break;
  }
}

inline Fault plan_life(os::FaultyFileSystem& files, os::Random& random) {
  constexpr Fault kFaults[] = {Fault::Io, Fault::Space, Fault::Space, Fault::None};
  constexpr uint64_t kCalls[] = {0, 200, 150, 100};  // at most, by fault
  uint64_t choice = random.below(8);
  Fault fault = choice < 4 ? kFaults[choice] : Fault::Crash;
  uint64_t most = kCalls[static_cast<int>(fault)];
  plan_fault(files, fault, most == 0 ? 0 : 1 + random.below(most));
  return fault;
}

// Recovery itself may be interrupted, again and again: `open` has then failed, or not, and `close` gives up what it has.
// Returns how often.
template <typename Open, typename Close>
uint64_t start_again(os::FaultyFileSystem& files, os::Random& random, Open&& open, Close&& close) {
  uint64_t interrupted = 0;
  for (; interrupted < 3 && random.one_in(3); ++interrupted) {
    Fault fault = random.one_in(2) ? Fault::Crash : random.one_in(2) ? Fault::Io : Fault::Space;
    plan_fault(files, fault, 1 + random.below(40));
    try {
      open();
    } catch (const StorageError& error) {
      require(error.sqlstate() != Sqlstate::DataCorrupted, std::string("recovery: ") + error.what());
    }
    close();
    files.restart();
  }
  open();
  return interrupted;
}

// Where a bit of a file at rest was flipped; without a path: nowhere, the file is empty.
struct Flip {
  std::string path;
  uint64_t bit = 0;
};
inline Flip flip_some_bit(os::FaultyFileSystem& files, os::Random& random, const std::vector<std::string>& paths) {
  Flip flip{paths[random.below(paths.size())]};
  uint64_t bits = files.open(flip.path, os::OpenMode::Read)->size() * 8;
  if (bits == 0) return {};
  flip.bit = random.below(bits);
  files.flip_bit(flip.path, flip.bit);
  return flip;
}

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
