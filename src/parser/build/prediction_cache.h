// ANTLR keeps what its predictions found out for as long as the process lives: 8 KB or so for every new way a statement goes on.
// Clients that never send the same shape twice would fill the memory with it, so it is dropped now and then, and learned again.
#pragma once

#include <antlr4-runtime.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>

namespace aegis::parser {

// One for each grammar. Thread safe.
class PredictionCache {
 public:
  // Held while a parser of the grammar runs.
  [[nodiscard]] std::shared_lock<std::shared_mutex> use() { return std::shared_lock(mutex_); }

  // Call after a parse, without the lock above. Looks at the size in one call of 64.
  void tend(antlr4::Parser& parser) {
    if (uses_.fetch_add(1, std::memory_order_relaxed) % 64 != 0) return;
    auto* simulator = parser.getInterpreter<antlr4::atn::ParserATNSimulator>();
    std::lock_guard lock(mutex_);
    size_t states = 0;
    for (const auto& dfa : simulator->decisionToDFA) states += dfa.states.size();
    if (states <= kMaxStates) return;
    simulator->clearDFA();
    simulator->getSharedContextCache().clear();
  }

 private:
  // Twenty thousand statements of PostgreSQL's regression tests make 2,500.
  static constexpr size_t kMaxStates = 10'000;

  std::shared_mutex mutex_;
  std::atomic<uint32_t> uses_{0};
};

}  // namespace aegis::parser
