// The input of aggregates with DISTINCT or ORDER BY: gathered, then fed group by group in order.
#pragma once

#include <functional>
#include <vector>

#include "aegis/plan/expression.h"
#include "aegis/types/collation.h"
#include "pipeline/rows.h"

namespace aegis::executor {

class OrderedInput {
 public:
  OrderedInput(const plan::Expr& call, const types::TypeContext& types);

  void add(const std::vector<std::byte*>& groups, const std::vector<const Vector*>& arguments, const std::vector<const Vector*>& order, size_t count);
  // Calls `consume` with runs of rows of one group.
  void feed(const std::function<void(std::byte* group, std::span<const Vector* const> arguments, size_t count)>& consume);

 private:
  struct Position {
    std::byte* group;
    uint32_t chunk;
    uint32_t row;
  };
  types::Value value(const Position& at, size_t column) const { return rows_.chunk(at.chunk).column(column).get(at.row); }
  int compare_rows(const Position& a, const Position& b) const;
  bool same_arguments(const Position& a, const Position& b) const;

  const plan::Expr& call_;
  size_t argument_count_;
  std::vector<const types::Collator*> collators_;  // by ORDER BY key; null: the type's order
  ChunkList rows_;
  std::vector<Position> positions_;
};

}  // namespace aegis::executor
