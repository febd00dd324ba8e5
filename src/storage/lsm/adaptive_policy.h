// Which compaction style a tree should have, found out by trying: a bandit with three arms (Auer, Cesa-Bianchi, Fischer:
// "Finite-time Analysis of the Multiarmed Bandit Problem", 2002, with older rounds counting less and less). What a round
// cost is bytes moved for each byte that users wrote or asked for, and the space that is more than the last level needs.
// Any style is valid at any time, so a bad choice costs time and nothing else.
#pragma once

#include <array>
#include <cstdint>

#include "lsm/options.h"

namespace aegis::storage::lsm {

// Totals of a tree.
struct TreeTotals {
  uint64_t flushes = 0;
  uint64_t flushed_bytes = 0;
  uint64_t compaction_bytes = 0;  // read and written
  uint64_t gets = 0;
  uint64_t blocks_read = 0;       // by gets: files asked that no filter answered for
  uint64_t size_bytes = 0;        // now
  uint64_t last_level_bytes = 0;
};

class AdaptivePolicy {
 public:
  CompactionStyle style() const { return kArms[arm_]; }
  // True when a round has ended, and the style may be another.
  bool observe(const TreeTotals& totals);

  static constexpr std::array kArms{CompactionStyle::Leveled, CompactionStyle::Flexible, CompactionStyle::Tiered};
  static constexpr uint64_t kRoundFlushes = 12;
  uint64_t rounds(size_t arm) const { return arms_[arm].rounds; }
  double cost(size_t arm) const { return arms_[arm].weight == 0 ? 0 : arms_[arm].cost / arms_[arm].weight; }

 private:
  struct Arm {
    double cost = 0;    // sums, of which each round takes a part away
    double weight = 0;
    uint64_t rounds = 0;
  };
  static double cost_of(const TreeTotals& begin, const TreeTotals& end);
  size_t choose() const;

  std::array<Arm, kArms.size()> arms_;
  size_t arm_ = 0;
  bool started_ = false;
  TreeTotals begin_;
};

}  // namespace aegis::storage::lsm
