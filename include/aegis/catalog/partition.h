// The partitions of one partitioned table, made from their bounds: which one a row belongs to, and which ones may have
// rows that meet conditions on the partition key. Immutable; any thread may use it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aegis/base/arena.h"
#include "aegis/catalog/catalog.h"
#include "aegis/catalog/objects.h"
#include "aegis/types/type.h"

namespace aegis::catalog {

using types::Value;

// A condition on one column of a partition key.
struct KeyCondition {
  enum class Op : uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, IsNull, IsNotNull };
  size_t key = 0;
  Op op = Op::Equal;
  Value value;  // of the key's type, not null
};

// Calls the function that a user's hash operator class has for partitioning.
class KeyHasher {
 public:
  virtual ~KeyHasher() = default;
  virtual uint64_t hash(Oid function, const Value& value) = 0;
};

// The support function 2 of a key's operator class where that is a user's; 0: the type's own hash.
Oid partition_hash_function(const Version& version, const PartitionColumn& key);

class PartitionMap {
 public:
  PartitionMap(const Version& version, const Relation& table);

  char strategy() const { return strategy_; }
  size_t key_count() const { return types_.size(); }
  // In the order of their bounds (hash: of remainders), the default one last.
  const std::vector<RelationPtr>& parts() const { return parts_; }
  // Position of the default partition; -1: none.
  int default_part() const { return default_; }
  // Position of the partition for a key; -1: there is none. Without a hasher only if there are no users' hash functions.
  int route(std::span<const Value> key, KeyHasher* hasher = nullptr) const;
  bool needs_hasher() const { return needs_hasher_; }
  // By position, whether a row that meets all the conditions may be there.
  std::vector<bool> matching(std::span<const KeyCondition> conditions) const;
  // The first partition whose bound overlaps with a new one; -1: none. `at`: which of a list's values does.
  int overlapping(const Version& version, const PartitionBound& bound, size_t* at = nullptr) const;
  bool is_empty_range(const Version& version, const PartitionBound& bound) const;
  // The range's parts never interleave and follow each other in `parts()`'s order.
  bool is_ordered() const;

  // A datum's value; its bytes are in `arena`.
  static Value parse(const Version& version, const PartitionDatum& datum, Type type, Arena& arena);

 private:
  struct Edge {  // a bound of a range
    std::vector<int8_t> infinity;  // -1 MINVALUE, 1 MAXVALUE, 0: the value
    std::vector<Value> values;
  };
  struct Range {
    Edge lower, upper;
    int part;
  };
  struct ListEntry {
    Value value;
    int part;
  };
  int compare(size_t key, const Value& a, const Value& b) const;
  int compare_key(const Edge& edge, std::span<const Value> key) const;  // of a full key, with the edge
  int compare_edges(const Edge& a, const Edge& b) const;
  Edge make_edge(const Version& version, const std::vector<PartitionDatum>& datums, Arena& arena) const;
  int route_list(const Value& value) const;
  int route_range(std::span<const Value> key) const;
  std::vector<bool> match_list(std::span<const KeyCondition> conditions) const;
  std::vector<bool> match_range(std::span<const Value> equal, const KeyCondition* last) const;

  char strategy_;
  std::vector<Type> types_;
  std::vector<Oid> collations_;
  std::vector<Oid> hash_functions_;
  bool needs_hasher_ = false;
  std::vector<RelationPtr> parts_;
  int default_ = -1;
  int null_part_ = -1;
  std::vector<ListEntry> list_;    // sorted
  std::vector<Range> ranges_;      // sorted
  std::vector<int> hash_parts_;    // by remainder of the greatest modulus
  Arena arena_;
};

// Those of one catalog version, made when first asked for.
class PartitionMaps {
 public:
  std::shared_ptr<const PartitionMap> find(const Version& version, const Relation& table);

 private:
  std::mutex mutex_;
  std::map<Oid, std::shared_ptr<const PartitionMap>> maps_;
};

// Position of a table's column in another of the same family: by name. -1: dropped, or not there.
std::vector<int> match_columns(const Relation& from, const Relation& to);
bool same_columns(const Relation& a, const Relation& b);

// --- SQL texts ---
// "RANGE (a, lower(b))"; `columns_only`: "(a, lower(b))" without collations. With a version, users' operator classes are named.
std::string partition_key_text(const Relation& table, bool columns_only = false, const Version* version = nullptr);
// How values are shown: as `types` says, or (null) as they are kept.
struct DatumStyle {
  const Version* version = nullptr;
  const types::TypeContext* types = nullptr;
};
// "FOR VALUES FROM (1) TO (10)", "DEFAULT".
std::string partition_bound_text(const Relation& parent, const PartitionBound& bound, const DatumStyle& style = {});
std::string partition_datum_text(const PartitionDatum& datum, Type type, const DatumStyle& style = {});
// The condition that rows of a partition with this bound meet; empty: none.
std::string bound_constraint_text(const Version& version, const Relation& parent, const PartitionBound& bound);
// The condition that rows of a partition meet, its ancestors' included; empty: none.
std::string partition_constraint_text(const Version& version, const Relation& partition, const types::TypeContext* types = nullptr);

}  // namespace aegis::catalog
