// Inserts rows of a partitioned table into its partitions: for COPY, rows that UPDATE moves, and MERGE.
#pragma once

#include <memory>
#include <vector>

#include "write/partition/router.h"
#include "write/writer.h"

namespace aegis::executor {

class RoutedWriter {
 public:
  RoutedWriter(catalog::RelationPtr root, const ExecutionContext& context);
  ~RoutedWriter();

  // Rows in the root's columns.
  void insert(const Chunk& rows);
  // One row in the columns of `from`, a table of the family; BEFORE triggers may change it. Gives the
  // partition it went to; kInvalidOid: a trigger dropped it.
  // `moved`: an UPDATE took it from another partition.
  Oid insert_row(const catalog::Relation& from, Chunk& row, bool moved = true);
  // Rows go to the tables that triggers of `root` see.
  void collect_in(Triggers& root) { collector_ = &root; }
  // Of all partitions written to.
  void finish();

 private:
  RowWriter& writer(uint32_t leaf);
  bool insert_one(uint32_t leaf, Chunk& row, bool moved = false);

  catalog::RelationPtr root_;
  const ExecutionContext& context_;
  PartitionRouter router_;
  std::vector<std::unique_ptr<RowWriter>> writers_;
  std::vector<uint32_t> leaves_;
  Triggers* collector_ = nullptr;
};

}  // namespace aegis::executor
