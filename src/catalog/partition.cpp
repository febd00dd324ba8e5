#include "aegis/catalog/partition.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/collation_key.h"
#include "aegis/functions/partition_hash.h"
#include "aegis/types/collation.h"

namespace aegis::catalog {
namespace {

// Knows labels of enums only: bounds are made of constants.
class BoundNames final : public types::ObjectNames {
 public:
  explicit BoundNames(const Version& version) : version_(version) {}
  bool lookup(Oid, std::string_view, Oid&) override { return false; }
  bool name_of(Oid, Oid, std::string&) override { return false; }
  bool type_name(Oid, std::string&) override { return false; }
  std::shared_ptr<const types::UserType> user_type(Oid type) override { return type_definition(version_, type); }

 private:
  const Version& version_;
};

}  // namespace

Value PartitionMap::parse(const Version& version, const PartitionDatum& datum, Type type, Arena& arena) {
  if (datum.kind != 'v') return Value::null();
  BoundNames names(version);
  types::TypeContext context;
  context.names = &names;
  Value value = types::type_info(type.oid).input(context, arena.copy(datum.text), type, arena);
  return types::copy_value(types::physical_type(type.oid), value, arena);
}

Oid partition_hash_function(const Version& version, const PartitionColumn& key) {
  auto made = key.opclass == kInvalidOid ? nullptr : version.operator_class(key.opclass);
  auto family = made == nullptr ? nullptr : version.operator_family(made->family);
  if (family == nullptr) return kInvalidOid;
  for (const auto& member : family->functions) {
    if (member.number == 2 && member.left == made->input && member.right == made->input) return member.object;
  }
  return kInvalidOid;
}

PartitionMap::PartitionMap(const Version& version, const Relation& table) : strategy_(table.partition_key.strategy) {
  for (const auto& column : table.partition_key.columns) {
    types_.push_back(types::base_type(column.type));
    collations_.push_back(column.collation);
    hash_functions_.push_back(strategy_ == 'h' ? partition_hash_function(version, column) : kInvalidOid);
    needs_hasher_ = needs_hasher_ || hash_functions_.back() != kInvalidOid;
  }
  std::vector<RelationPtr> children = version.children(table.oid);
  std::erase_if(children, [](const auto& child) { return !child->is_partition(); });
  struct Ordered {
    RelationPtr table;
    Edge lower;
    Value first;
    bool only_null = false;
  };
  std::vector<Ordered> ordered;
  for (auto& child : children) {
    const auto& bound = child->partition_bound;
    Ordered item{child, {}, {}, false};
    if (strategy_ == 'r' && !bound.is_default) item.lower = make_edge(version, bound.lower, arena_);
    if (strategy_ == 'l' && !bound.is_default) {
      item.only_null = true;
      for (const auto& datum : bound.values) {
        if (datum.kind != 'v') continue;
        Value value = parse(version, datum, types_[0], arena_);
        if (item.only_null || compare(0, value, item.first) < 0) item.first = value;
        item.only_null = false;
      }
    }
    ordered.push_back(std::move(item));
  }
  std::stable_sort(ordered.begin(), ordered.end(), [&](const Ordered& a, const Ordered& b) {
    const auto& x = a.table->partition_bound;
    const auto& y = b.table->partition_bound;
    if (x.is_default != y.is_default) return y.is_default;
    if (x.is_default) return false;
    if (strategy_ == 'h') return std::pair(x.modulus, x.remainder) < std::pair(y.modulus, y.remainder);
    if (strategy_ == 'r') return compare_edges(a.lower, b.lower) < 0;
    if (a.only_null != b.only_null) return b.only_null;
    return !a.only_null && compare(0, a.first, b.first) < 0;
  });
  int32_t greatest = 0;
  for (auto& item : ordered) {
    int part = static_cast<int>(parts_.size());
    parts_.push_back(item.table);
    const auto& bound = item.table->partition_bound;
    if (bound.is_default) {
      default_ = part;
    } else if (strategy_ == 'r') {
      ranges_.push_back({std::move(item.lower), make_edge(version, bound.upper, arena_), part});
    } else if (strategy_ == 'l') {
      for (const auto& datum : bound.values) {
        if (datum.kind == 'n') null_part_ = part;
        else list_.push_back({parse(version, datum, types_[0], arena_), part});
      }
    } else {
      greatest = std::max(greatest, bound.modulus);
    }
  }
  std::sort(list_.begin(), list_.end(), [&](const auto& a, const auto& b) { return compare(0, a.value, b.value) < 0; });
  hash_parts_.assign(static_cast<size_t>(greatest), -1);
  for (size_t part = 0; part < parts_.size() && strategy_ == 'h'; ++part) {
    const auto& bound = parts_[part]->partition_bound;
    for (int32_t at = bound.remainder; at < greatest; at += bound.modulus) hash_parts_[static_cast<size_t>(at)] = static_cast<int>(part);
  }
}

PartitionMap::Edge PartitionMap::make_edge(const Version& version, const std::vector<PartitionDatum>& datums, Arena& arena) const {
  Edge edge;
  for (size_t i = 0; i < datums.size(); ++i) {
    edge.infinity.push_back(datums[i].kind == '-' ? int8_t{-1} : datums[i].kind == '+' ? int8_t{1} : int8_t{0});
    edge.values.push_back(parse(version, datums[i], types_[i], arena));
  }
  return edge;
}

int PartitionMap::compare(size_t key, const Value& a, const Value& b) const {
  const auto& info = types::type_info(types_[key].oid);
  if (!types::is_deterministic(collations_[key])) {
    return functions::collation_key(a, types_[key], collations_[key], {}).compare(functions::collation_key(b, types_[key], collations_[key], {}));
  }
  return info.compare(a, b, types_[key].oid);
}

int PartitionMap::compare_key(const Edge& edge, std::span<const Value> key) const {
  for (size_t i = 0; i < key.size(); ++i) {
    if (edge.infinity[i] != 0) return -edge.infinity[i];
    int order = compare(i, key[i], edge.values[i]);
    if (order != 0) return order;
  }
  return 0;
}

int PartitionMap::compare_edges(const Edge& a, const Edge& b) const {
  for (size_t i = 0; i < types_.size(); ++i) {
    if (a.infinity[i] != b.infinity[i]) return a.infinity[i] < b.infinity[i] ? -1 : 1;
    if (a.infinity[i] != 0) return 0;
    int order = compare(i, a.values[i], b.values[i]);
    if (order != 0) return order;
  }
  return 0;
}

int PartitionMap::route_list(const Value& value) const {
  auto at = std::lower_bound(list_.begin(), list_.end(), value, [&](const auto& entry, const Value& v) { return compare(0, entry.value, v) < 0; });
  return at != list_.end() && compare(0, at->value, value) == 0 ? at->part : -1;
}

int PartitionMap::route_range(std::span<const Value> key) const {
  auto at = std::upper_bound(ranges_.begin(), ranges_.end(), key, [&](std::span<const Value> k, const auto& range) { return compare_key(range.lower, k) < 0; });
  if (at == ranges_.begin()) return -1;
  --at;
  return compare_key(at->upper, key) < 0 ? at->part : -1;
}

int PartitionMap::route(std::span<const Value> key, KeyHasher* hasher) const {
  int part = -1;
  if (strategy_ == 'h') {
    bool collated = std::any_of(collations_.begin(), collations_.end(), [](Oid collation) { return !types::is_deterministic(collation); });
    std::vector<std::optional<uint64_t>> own(needs_hasher_ || collated ? key.size() : 0);
    for (size_t i = 0; i < own.size(); ++i) {
      if (!key[i].is_null && hash_functions_[i] == kInvalidOid && !types::is_deterministic(collations_[i])) {
        std::string bytes = functions::collation_key(key[i], types_[i], collations_[i], {});
        own[i] = functions::extended_hash(Value::of_string(bytes), {types::oid::kBytea}, functions::kPartitionSeed);
      }
      if (hash_functions_[i] == kInvalidOid || key[i].is_null) continue;
      AEGIS_CHECK(hasher != nullptr);
      own[i] = hasher->hash(hash_functions_[i], key[i]);
    }
    uint64_t hash = functions::partition_hash(types_, key, own);
    return hash_parts_.empty() ? -1 : hash_parts_[hash % hash_parts_.size()];
  }
  if (strategy_ == 'l') {
    part = key[0].is_null ? null_part_ : route_list(key[0]);
  } else if (std::none_of(key.begin(), key.end(), [](const Value& v) { return v.is_null; })) {
    part = route_range(key);
  }
  return part >= 0 ? part : default_;
}

// A value of a list meets all conditions or it does not; the default partition is left out only for a value that another
// one has, and nulls meet no condition but IS NULL.
std::vector<bool> PartitionMap::match_list(std::span<const KeyCondition> conditions) const {
  using Op = KeyCondition::Op;
  std::vector<bool> set(parts_.size(), false);
  auto passes = [&](const Value& value) {
    return std::all_of(conditions.begin(), conditions.end(), [&](const KeyCondition& condition) {
      if (condition.op == Op::IsNull) return false;
      if (condition.op == Op::IsNotNull) return true;
      int order = compare(0, value, condition.value);
      switch (condition.op) {
        case Op::NotEqual: return order != 0;
        case Op::Less: return order < 0;
        case Op::LessEqual: return order <= 0;
        case Op::Greater: return order > 0;
        case Op::GreaterEqual: return order >= 0;
        default: return order == 0;
      }
    });
  };
  for (const auto& entry : list_) {
    if (!set[static_cast<size_t>(entry.part)] && passes(entry.value)) set[static_cast<size_t>(entry.part)] = true;
  }
  bool nulls = std::all_of(conditions.begin(), conditions.end(), [](const KeyCondition& c) { return c.op == Op::IsNull; });
  if (nulls && null_part_ >= 0) set[static_cast<size_t>(null_part_)] = true;
  if (default_ < 0) return set;
  bool others = std::all_of(conditions.begin(), conditions.end(), [&](const KeyCondition& condition) {
    if (condition.op == Op::IsNull) return null_part_ < 0;
    return condition.op != Op::Equal || route_list(condition.value) < 0;
  });
  bool is_null = std::any_of(conditions.begin(), conditions.end(), [](const KeyCondition& c) { return c.op == Op::IsNull; });
  bool contradiction = is_null && !nulls;
  if (others && !contradiction) set[static_cast<size_t>(default_)] = true;
  return set;
}

// Rows whose first key columns are `equal` and whose next one meets `last`. The default partition is among them when the
// other ones leave a part of that uncovered, seen as PostgreSQL sees it.
std::vector<bool> PartitionMap::match_range(std::span<const Value> equal, const KeyCondition* last) const {
  using Op = KeyCondition::Op;
  std::vector<bool> set(parts_.size(), false);
  size_t count = types_.size();
  size_t given = equal.size() + (last != nullptr ? 1 : 0);
  // The keys wanted are between these two; an infinity stands before or behind all keys with the columns in front of it.
  Edge low, high;
  low.infinity.assign(count, -1);
  high.infinity.assign(count, 1);
  low.values.assign(count, Value::null());
  high.values.assign(count, Value::null());
  auto fix = [](Edge& edge, size_t i, const Value& value) {
    edge.infinity[i] = 0;
    edge.values[i] = value;
  };
  for (size_t i = 0; i < equal.size(); ++i) {
    fix(low, i, equal[i]);
    fix(high, i, equal[i]);
  }
  bool high_included = given == count;
  if (last != nullptr) {
    size_t k = equal.size();
    bool lower = last->op == Op::Greater || last->op == Op::GreaterEqual;
    fix(lower ? low : high, k, last->value);
    if (last->op == Op::Greater) std::fill(low.infinity.begin() + static_cast<long>(k) + 1, low.infinity.end(), int8_t{1});
    if (last->op == Op::Less) std::fill(high.infinity.begin() + static_cast<long>(k) + 1, high.infinity.end(), int8_t{-1});
    high_included = given == count && last->op == Op::LessEqual;
  }
  const Range* first = nullptr;
  const Range* previous = nullptr;
  bool gap = false;
  for (const auto& range : ranges_) {
    if (compare_edges(range.upper, low) <= 0) continue;
    int order = compare_edges(range.lower, high);
    if (order > 0 || (order == 0 && !high_included)) break;
    set[static_cast<size_t>(range.part)] = true;
    if (first == nullptr) first = &range;
    if (previous != nullptr && compare_edges(previous->upper, range.lower) != 0) gap = true;
    previous = &range;
  }
  if (default_ < 0) return set;
  bool covered = first != nullptr && !gap && given == count && compare_edges(first->lower, low) <= 0;
  if (covered) {
    int order = compare_edges(previous->upper, high);
    covered = high_included ? order > 0 : order >= 0;
  }
  set[static_cast<size_t>(default_)] = !covered;
  return set;
}

std::vector<bool> PartitionMap::matching(std::span<const KeyCondition> conditions) const {
  using Op = KeyCondition::Op;
  std::vector<bool> set(parts_.size(), true);
  auto keep = [&](const std::vector<bool>& other) {
    for (size_t i = 0; i < set.size(); ++i) set[i] = set[i] && other[i];
  };
  if (strategy_ == 'l') return conditions.empty() ? set : match_list(conditions);
  auto find = [&](size_t key, auto&& wanted) -> const KeyCondition* {
    for (const auto& condition : conditions) {
      if (condition.key == key && wanted(condition.op)) return &condition;
    }
    return nullptr;
  };
  if (strategy_ == 'h') {
    if (needs_hasher_) return set;
    std::vector<Value> key;
    for (size_t i = 0; i < types_.size(); ++i) {
      const auto* condition = find(i, [](Op op) { return op == Op::Equal || op == Op::IsNull; });
      if (condition == nullptr) return set;
      key.push_back(condition->op == Op::IsNull ? Value::null() : condition->value);
    }
    int part = route(key);
    set.assign(parts_.size(), false);
    if (part >= 0) set[static_cast<size_t>(part)] = true;
    return set;
  }
  for (size_t i = 0; i < types_.size(); ++i) {
    if (find(i, [](Op op) { return op == Op::IsNull; }) == nullptr) continue;
    set.assign(parts_.size(), false);
    if (default_ >= 0) set[static_cast<size_t>(default_)] = true;
    return set;
  }
  std::vector<Value> equal;
  for (size_t i = 0; i < types_.size(); ++i) {
    const auto* condition = find(i, [](Op op) { return op == Op::Equal; });
    // Every inequality on the column behind the equal ones is a step of its own.
    for (const auto& other : conditions) {
      if (other.key != i || (other.op != Op::Less && other.op != Op::LessEqual && other.op != Op::Greater && other.op != Op::GreaterEqual)) continue;
      keep(match_range(equal, &other));
    }
    if (condition == nullptr) break;
    equal.push_back(condition->value);
  }
  if (!equal.empty()) keep(match_range(equal, nullptr));
  // A second equality contradicts the first, unless they are the same.
  for (const auto& condition : conditions) {
    if (condition.op != Op::Equal || condition.key >= equal.size()) continue;
    if (compare(condition.key, condition.value, equal[condition.key]) != 0) set.assign(parts_.size(), false);
  }
  return set;
}

bool PartitionMap::is_ordered() const {
  if (default_ >= 0) return false;
  if (strategy_ == 'r') return true;
  if (strategy_ != 'l') return false;
  if (null_part_ >= 0 && null_part_ != static_cast<int>(parts_.size()) - 1) return false;
  for (size_t i = 1; i < list_.size(); ++i) {
    if (list_[i].part < list_[i - 1].part) return false;
  }
  return null_part_ < 0 || std::none_of(list_.begin(), list_.end(), [&](const auto& entry) { return entry.part == null_part_; });
}

int PartitionMap::overlapping(const Version& version, const PartitionBound& bound, size_t* at) const {
  if (at != nullptr) *at = 0;
  if (bound.is_default) return default_;
  Arena arena;
  if (strategy_ == 'h') {
    for (size_t part = 0; part < parts_.size(); ++part) {
      const auto& other = parts_[part]->partition_bound;
      int32_t smaller = std::min(other.modulus, bound.modulus);
      if (other.remainder % smaller == bound.remainder % smaller) return static_cast<int>(part);
    }
  } else if (strategy_ == 'l') {
    for (size_t i = 0; i < bound.values.size(); ++i) {
      int part = bound.values[i].kind == 'n' ? null_part_ : route_list(parse(version, bound.values[i], types_[0], arena));
      if (at != nullptr) *at = i;
      if (part >= 0) return part;
    }
  } else {
    Edge lower = make_edge(version, bound.lower, arena), upper = make_edge(version, bound.upper, arena);
    for (const auto& range : ranges_) {
      if (compare_edges(range.upper, lower) > 0 && compare_edges(range.lower, upper) < 0) return range.part;
    }
  }
  return -1;
}

bool PartitionMap::is_empty_range(const Version& version, const PartitionBound& bound) const {
  Arena arena;
  return compare_edges(make_edge(version, bound.lower, arena), make_edge(version, bound.upper, arena)) >= 0;
}

std::shared_ptr<const PartitionMap> PartitionMaps::find(const Version& version, const Relation& table) {
  std::lock_guard lock(mutex_);
  auto& found = maps_[table.oid];
  if (found == nullptr) found = std::make_shared<PartitionMap>(version, table);
  return found;
}

std::vector<int> match_columns(const Relation& from, const Relation& to) {
  std::vector<int> result;
  for (size_t i = 0; i < from.columns.size(); ++i) {
    const auto& column = from.columns[i];
    if (column.dropped) {
      result.push_back(-1);
    } else if (i < to.columns.size() && !to.columns[i].dropped && to.columns[i].name == column.name) {
      result.push_back(static_cast<int>(i));
    } else {
      result.push_back(to.find_column(column.name));
    }
  }
  return result;
}

bool same_columns(const Relation& a, const Relation& b) {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(), [](const Column& x, const Column& y) {
    return x.dropped == y.dropped && (x.dropped ? types::physical_type(x.type.oid) == types::physical_type(y.type.oid) : x.name == y.name);
  });
}

}  // namespace aegis::catalog
