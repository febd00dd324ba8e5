// Which output columns of a scan storage reads, which are made here, and which long values are read only for rows that
// have passed the filters, some rows at a time.
#pragma once

#include <vector>

#include "aegis/catalog/objects.h"
#include "aegis/storage/table.h"
#include "expression/evaluator.h"

namespace aegis::executor {

// Output columns that storage reads, and those made here.
struct ColumnMap {
  // Those marked in `late`, if it is not empty, are left to somebody else.
  explicit ColumnMap(const std::vector<int>& columns, const std::vector<bool>& late = {});
  // Moves a chunk of stored columns into the output chunk and adds the pseudo columns.
  void emit(Chunk& read, const std::vector<RowId>& rows, Oid table, Chunk& out) const;
  Chunk make_read_chunk(const catalog::Relation& relation) const;

  std::vector<uint32_t> stored;
  std::vector<size_t> stored_at;
  std::vector<std::pair<size_t, int>> made;
};

// Of the output columns: those that have values apart and that neither the filters nor anybody else (`read`, by the
// table's columns) reads. Empty: none.
std::vector<bool> late_columns(const std::vector<int>& columns, const plan::ExprList& filters, const storage::Table& table,
                               const std::vector<uint32_t>& read = {});

class LateColumns {
 public:
  // `rows`: a chunk of the output columns.
  LateColumns(const std::vector<bool>& late, const std::vector<int>& columns, const catalog::Relation& relation, Chunk rows);

  bool any() const { return !stored_.empty(); }
  // Rows that have passed are still to be taken.
  bool pending() const { return next_ < ids_.size(); }
  // For the scan to fill, but for the late columns. What it refers to has to stay until all rows are taken.
  Chunk& rows() { return rows_; }
  // `ids`: of rows(). Returns how many have passed.
  size_t filter(FilterEvaluator& filters, const std::vector<RowId>& ids);
  void take(const storage::Table& table, const storage::Snapshot& snapshot, Chunk& out);

 private:
  static constexpr size_t kMostAtOnce = 128;
  std::vector<uint32_t> stored_;
  std::vector<size_t> stored_at_;
  std::vector<bool> late_;
  Chunk rows_;
  Chunk read_;
  std::vector<uint32_t> found_;
  uint32_t selection_[vector::kMaxChunkRows];
  std::vector<RowId> ids_;  // of the rows that have passed
  size_t next_ = 0;
  size_t at_once_ = 4;  // grows, so that LIMIT 1 reads few
};

}  // namespace aegis::executor
