// Loads many new rows of a table at once: they go straight to segment files, and their index entries to sorted files,
// without a stay in memory. For others they appear when the transaction commits, as all it does.
//
// reserve() and encode() may be used by several threads; the rest by one. Whatever fails, the statement must be undone
// (a rollback takes rows and files away).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "aegis/base/ids.h"
#include "aegis/storage/fwd.h"

namespace aegis::vector {
class Chunk;
}

namespace aegis::storage {

class Index;

struct LoadIndex {
  std::shared_ptr<Index> index;
  bool unique = false;
  bool nulls_conflict = false;  // NULLS NOT DISTINCT
};

class BulkLoad {
 public:
  // Rows in the form of segments, under one range of RowIds.
  class Part {
   public:
    virtual ~Part() = default;
  };

  virtual ~BulkLoad() = default;
  // The most rows of a part. Parts of fewer waste RowIds.
  virtual size_t part_rows() const = 0;
  // The RowId of a part's first row; the others follow.
  virtual RowId reserve() = 0;
  // The chunks have all of the table's columns by position.
  virtual std::unique_ptr<Part> encode(RowId first, std::span<const vector::Chunk> rows) const = 0;
  virtual void add(std::unique_ptr<Part> part) = 0;
  // Completes files and puts the index entries in place. Then calls `suspect` with the entries of unique indexes, by
  // position in the list of begin_load, whose key another row may have: these have to be checked (Index::check_unique).
  using Suspect = std::function<void(size_t index, std::string_view key, RowId row)>;
  virtual void finish(const Suspect& suspect) = 0;
};

}  // namespace aegis::storage
