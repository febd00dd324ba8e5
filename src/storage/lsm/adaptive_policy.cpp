#include "lsm/adaptive_policy.h"

#include <algorithm>
#include <cmath>

namespace aegis::storage::lsm {
namespace {

constexpr double kBlockBytes = 4096;
constexpr double kSpaceWeight = 0.5;
constexpr double kKept = 0.9;         // of what older rounds say, each round
constexpr double kExploration = 0.2;  // of the mean cost

}  // namespace

double AdaptivePolicy::cost_of(const TreeTotals& begin, const TreeTotals& end) {
  auto flushed = static_cast<double>(end.flushed_bytes - begin.flushed_bytes);
  auto compacted = static_cast<double>(end.compaction_bytes - begin.compaction_bytes);
  auto wanted = static_cast<double>(end.gets - begin.gets) * kBlockBytes;
  auto read = static_cast<double>(end.blocks_read - begin.blocks_read) * kBlockBytes;
  double moved = (flushed + compacted + read) / std::max(1.0, flushed + wanted);
  double space = end.last_level_bytes == 0
                     ? 0
                     : static_cast<double>(end.size_bytes) / static_cast<double>(end.last_level_bytes) - 1;
  return moved + kSpaceWeight * std::min(space, 4.0);
}

size_t AdaptivePolicy::choose() const {
  double all = 0, weight = 0;
  for (size_t i = 0; i < arms_.size(); ++i) {
    if (arms_[i].rounds == 0) return i;
    all += arms_[i].cost;
    weight += arms_[i].weight;
  }
  double mean = all / weight;
  auto hope = [&](const Arm& arm) {
    return arm.cost / arm.weight - kExploration * mean * std::sqrt(2 * std::log(std::max(2.0, weight)) / arm.weight);
  };
  auto best = std::min_element(arms_.begin(), arms_.end(), [&](const Arm& a, const Arm& b) { return hope(a) < hope(b); });
  return static_cast<size_t>(best - arms_.begin());
}

bool AdaptivePolicy::observe(const TreeTotals& totals) {
  if (!started_) {
    started_ = true;
    begin_ = totals;
    return false;
  }
  if (totals.flushes - begin_.flushes < kRoundFlushes) return false;
  for (Arm& arm : arms_) {
    arm.cost *= kKept;
    arm.weight *= kKept;
  }
  Arm& arm = arms_[arm_];
  arm.cost += cost_of(begin_, totals);
  arm.weight += 1;
  ++arm.rounds;
  begin_ = totals;
  arm_ = choose();
  return true;
}

}  // namespace aegis::storage::lsm
