#include "lsm/adaptive_policy.h"

#include <doctest/doctest.h>

namespace aegis::storage::lsm {
namespace {

// Rounds in which a style costs so much; the number of the last `count` that had the cheapest.
int rounds_of_cheapest(AdaptivePolicy& policy, TreeTotals& totals, CompactionStyle cheapest, int count) {
  int met = 0;
  for (int round = 0; round < count; ++round) {
    totals.flushes += AdaptivePolicy::kRoundFlushes;
    totals.flushed_bytes += 1'000'000;
    totals.compaction_bytes += policy.style() == cheapest ? 1'000'000 : 4'000'000;
    if (policy.style() == cheapest) ++met;
    policy.observe(totals);
  }
  return met;
}

TEST_CASE("the adaptive policy finds the style that costs least, and another when that changes") {
  for (CompactionStyle cheapest : AdaptivePolicy::kArms) {
    AdaptivePolicy policy;
    TreeTotals totals;
    policy.observe(totals);
    rounds_of_cheapest(policy, totals, cheapest, 20);
    CHECK(rounds_of_cheapest(policy, totals, cheapest, 100) > 70);
    for (size_t arm = 0; arm < AdaptivePolicy::kArms.size(); ++arm) CHECK(policy.rounds(arm) > 0);
    CompactionStyle other = cheapest == CompactionStyle::Leveled ? CompactionStyle::Tiered : CompactionStyle::Leveled;
    rounds_of_cheapest(policy, totals, other, 60);
    CHECK(rounds_of_cheapest(policy, totals, other, 100) > 60);
  }
}

TEST_CASE("a round ends after so many flushes") {
  AdaptivePolicy policy;
  TreeTotals totals;
  CHECK(!policy.observe(totals));
  totals.flushes = AdaptivePolicy::kRoundFlushes - 1;
  CHECK(!policy.observe(totals));
  totals.flushes += 1;
  CHECK(policy.observe(totals));
}

}  // namespace
}  // namespace aegis::storage::lsm
