// A set whose rows are made beforehand and given out in chunks.
#pragma once

#include <vector>

#include "aegis/functions/function.h"

namespace aegis::functions {

class ListScan : public SetScan {
 public:
  using Row = std::vector<Value>;
  Arena& arena() { return arena_; }
  void add(Row row) { rows_.push_back(std::move(row)); }
  bool next(Chunk& out) override {
    for (size_t c = 0; c < out.column_count(); ++c) out.column(c).reset();
    size_t count = 0;
    for (; count < vector::chunk_rows() && next_ < rows_.size(); ++next_, ++count) {
      for (size_t c = 0; c < out.column_count(); ++c) out.column(c).set(count, rows_[next_][c]);
    }
    out.set_size(count);
    return count > 0;
  }

 private:
  Arena arena_;
  std::vector<Row> rows_;
  size_t next_ = 0;
};

}  // namespace aegis::functions
