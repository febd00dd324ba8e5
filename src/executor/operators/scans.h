// What scans share with index joins and writers.
#pragma once

#include "aegis/storage/index.h"
#include "aegis/storage/key_encoding.h"
#include "aegis/storage/table.h"
#include "expression/evaluator.h"
#include "operator.h"
#include "operators/late_columns.h"
#include "pipeline/rows.h"

namespace aegis::executor {

std::shared_ptr<storage::Table> find_table(QueryState& query, const catalog::Relation& relation);
Operator* add_operator(QueryState& query, std::unique_ptr<Operator> op);
Operator* build_scan(const plan::PhysicalOp& plan, QueryState& query);

// How index column i orders its values; `column` is the table's position.
storage::KeyColumn index_key_column(const catalog::Index& index, const catalog::Relation& table, size_t i);

// An IndexScan with conditions for an inverted index.
std::unique_ptr<Operator> make_inverted_scan(const plan::IndexScan& plan, QueryState& query);

// Rows of a table by an index range, for one outer row after another.
class IndexLookup {
 public:
  // `late`: output columns that are left to the caller.
  IndexLookup(QueryState& query, catalog::RelationPtr relation, Oid index, const plan::IndexRange& range, const std::vector<int>& columns,
              const std::vector<bool>& late = {});

  // One thread's position.
  struct Cursor {
    explicit Cursor(const IndexLookup& lookup);
    std::vector<ExpressionEvaluator> equal;
    std::unique_ptr<ExpressionEvaluator> lower;
    std::unique_ptr<ExpressionEvaluator> upper;
    std::vector<const Vector*> bound_values;
    std::unique_ptr<storage::IndexCursor> scan;
    std::vector<storage::IndexEntry> entries;
    std::vector<RowId> rows;
    std::vector<uint32_t> found;
    std::vector<RowId> kept;  // those of the last chunk
    std::string point_key;
    std::vector<RowId> point_rows;  // of a key with more rows than a chunk has
    size_t point_at = 0;
    storage::KeyBatch keys;
    Chunk read;
    size_t batch = 64;  // entries read at once; grows, so that LIMIT 1 reads few
    bool is_point = false;
    bool by_row = false;  // entries of a batch in the order of their rows, which are read so faster
    bool done = true;
  };

  // Begins the lookup for row `row` of `outer` (row 0 first: the bounds of all its rows are computed then).
  void start(Cursor& cursor, const Chunk& outer, size_t row, bool backward);
  // The next visible rows into `out`'s leading columns; false at the end.
  bool next(Cursor& cursor, Chunk& out);

 private:
  void evaluate_bounds(Cursor& cursor, const Chunk& outer);
  void compute_keys(Cursor& cursor) const;
  void count_index_blocks(const storage::BufferCounts& before);

  QueryState& query_;
  catalog::RelationPtr relation_;
  const plan::IndexRange& range_;
  ColumnMap map_;
  std::vector<uint32_t> stored_;  // those of the map, and what keys are made of
  std::shared_ptr<storage::Table> table_;
  catalog::IndexPtr info_;
  std::shared_ptr<storage::Index> index_;
  std::vector<storage::KeyColumn> keys_;  // columns: positions in Cursor::read
};

}  // namespace aegis::executor
