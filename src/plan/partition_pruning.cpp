#include "aegis/plan/partition_pruning.h"

#include "aegis/types/array.h"

namespace aegis::plan {
namespace {

using catalog::KeyCondition;
using Set = std::vector<bool>;

void intersect(Set& set, const Set& other) {
  for (size_t i = 0; i < set.size(); ++i) set[i] = set[i] && other[i];
}

Set matching(const catalog::PartitionMap& map, const PartitionCondition& condition, const ValueOf& value_of);

// One comparison with several values, together with the others, which are single.
Set matching_array(const catalog::PartitionMap& map, const PartitionCondition::Compare& compare, const Value& array,
                   const std::vector<KeyCondition>& others) {
  Set none(map.parts().size(), false);
  if (array.is_null) return none;
  types::ArrayView view(array.text());
  if (compare.all_of) {
    std::vector<KeyCondition> all = others;
    for (size_t i = 0; i < view.size(); ++i) {
      if (view.is_null(i)) return none;
      all.push_back({compare.key, compare.op, view.get(i)});
    }
    return map.matching(all);
  }
  for (size_t i = 0; i < view.size(); ++i) {
    if (view.is_null(i)) continue;
    std::vector<KeyCondition> all = others;
    all.push_back({compare.key, compare.op, view.get(i)});
    Set set = map.matching(all);
    for (size_t k = 0; k < none.size(); ++k) none[k] = none[k] || set[k];
  }
  return none;
}

Set matching(const catalog::PartitionMap& map, const PartitionCondition& condition, const ValueOf& value_of) {
  Set set(map.parts().size(), !condition.never);
  if (condition.never) return set;
  std::vector<KeyCondition> single;
  std::vector<std::pair<const PartitionCondition::Compare*, Value>> arrays;
  for (const auto& compare : condition.compares) {
    if (compare.value == nullptr) {
      single.push_back({compare.key, compare.op, Value::null()});
      continue;
    }
    Value value;
    if (!value_of(*compare.value, value)) continue;
    if (compare.any_of || compare.all_of) {
      arrays.emplace_back(&compare, value);
      continue;
    }
    if (value.is_null) return Set(set.size(), false);  // comparisons with null are never true
    single.push_back({compare.key, compare.op, value});
  }
  intersect(set, map.matching(single));
  for (const auto& [compare, value] : arrays) intersect(set, matching_array(map, *compare, value, single));
  for (const auto& alternatives : condition.alternatives) {
    Set any(set.size(), false);
    for (const auto& alternative : alternatives) {
      Set one = matching(map, alternative, value_of);
      for (size_t i = 0; i < any.size(); ++i) any[i] = any[i] || one[i];
    }
    intersect(set, any);
  }
  return set;
}

bool needs_values(const PartitionCondition& condition) {
  for (const auto& compare : condition.compares) {
    if (compare.value != nullptr && compare.value->kind != ExprKind::Constant) return true;
  }
  for (const auto& alternatives : condition.alternatives) {
    for (const auto& alternative : alternatives) {
      if (needs_values(alternative)) return true;
    }
  }
  return false;
}

}  // namespace

void prune_partitions(const PartitionPruning& pruning, const ValueOf& value_of, std::vector<bool>& leaves) {
  Set set = pruning.condition.empty() ? Set(pruning.parts.size(), true) : matching(*pruning.map, pruning.condition, value_of);
  for (size_t i = 0; i < pruning.parts.size(); ++i) {
    if (!set[i]) continue;
    const auto& part = pruning.parts[i];
    if (part.below != nullptr) prune_partitions(*part.below, value_of, leaves);
    else if (part.leaf >= 0) leaves[static_cast<size_t>(part.leaf)] = true;
  }
}

bool needs_values(const PartitionPruning& pruning) {
  if (needs_values(pruning.condition)) return true;
  for (const auto& part : pruning.parts) {
    if (part.below != nullptr && needs_values(*part.below)) return true;
  }
  return false;
}

}  // namespace aegis::plan
