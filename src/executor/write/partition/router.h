// Which partition a row belongs to, and rows in the columns of their partition.
#pragma once

#include <memory>
#include <vector>

#include "aegis/catalog/partition.h"
#include "expression/evaluator.h"
#include "operator.h"

namespace aegis::executor {

// A partition key over rows of one table of its family, be it the partitioned table or one below it.
class PartitionKeyReader {
 public:
  PartitionKeyReader(const catalog::Relation& parent, const catalog::Relation& rows_of, const ExecutionContext& context);
  // Key values of all rows of a chunk are computed when the first is asked for.
  void start(const Chunk& rows);
  std::span<const Value> read(const Chunk& rows, size_t row);
  int route(const catalog::PartitionMap& map, const Chunk& rows, size_t row) { return map.route(read(rows, row), &hasher_); }
  bool uses(const std::vector<uint32_t>& columns) const;

 private:
  class Hasher final : public catalog::KeyHasher {
   public:
    explicit Hasher(functions::Services& services) : services_(services) {}
    uint64_t hash(Oid function, const Value& value) override;

   private:
    functions::Services& services_;
    Arena arena_;
  };

  Hasher hasher_;
  std::vector<int> columns_;
  std::vector<plan::ExprPtr> exprs_;
  std::vector<std::unique_ptr<ExpressionEvaluator>> evaluators_;
  std::vector<const Vector*> computed_;
  std::vector<Value> values_;
  std::vector<uint32_t> used_;
  const Chunk* started_ = nullptr;
};

// Whether rows of a partition belong to it, by the keys of all tables above it (up to `root`, if given).
class PartitionMembership {
 public:
  PartitionMembership(const catalog::Relation& partition, const ExecutionContext& context, Oid root = kInvalidOid);
  void start(const Chunk& rows);
  bool belongs(const Chunk& rows, size_t row);
  // A change of these columns may move a row.
  bool concerns(const std::vector<uint32_t>& columns) const;

 private:
  struct Level {
    std::shared_ptr<const catalog::PartitionMap> map;
    int part = -1;
    PartitionKeyReader key;
  };
  std::vector<std::unique_ptr<Level>> levels_;
};

class PartitionRouter {
 public:
  struct Leaf {
    catalog::RelationPtr table;
    std::vector<int> from_root;  // its column i is the root's column from_root[i]; -1: none
    bool same = true;            // no conversion needed
  };

  PartitionRouter(catalog::RelationPtr root, const ExecutionContext& context);
  ~PartitionRouter();

  const catalog::Relation& root() const { return *root_; }
  // Number of each row's leaf. Throws 23514 for a row that has none.
  void route(const Chunk& rows, std::vector<uint32_t>& leaves);
  const Leaf& leaf(uint32_t number) const { return *leaves_[number]; }
  size_t leaf_count() const { return leaves_.size(); }
  // Some rows of the root in the leaf's columns; `out` refers to `rows`.
  static void convert(const Leaf& leaf, const Chunk& rows, const std::vector<uint32_t>& selection, Chunk& out);

 private:
  struct Level;
  uint32_t leaf_of(const catalog::RelationPtr& table);
  [[noreturn]] void throw_no_partition(Level& level, const Chunk& rows, size_t row);

  catalog::RelationPtr root_;
  const ExecutionContext& context_;
  std::vector<std::unique_ptr<Level>> levels_;
  std::vector<std::unique_ptr<Leaf>> leaves_;
  std::unique_ptr<PartitionMembership> own_;  // of a root that is a partition itself
};

Chunk row_chunk(const catalog::Relation& table);

}  // namespace aegis::executor
