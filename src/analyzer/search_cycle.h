// What the SEARCH and CYCLE clauses of a WITH query come to.
#pragma once

#include <vector>

#include "aegis/parser/ast_queries.h"
#include "aegis/plan/logical.h"

namespace aegis::analyzer {

struct SearchCycle {
  const ast::CTESearchClause* search = nullptr;
  const ast::CTECycleClause* cycle = nullptr;
  std::vector<plan::ColumnInfo> columns;  // the query's own
  plan::ExprList mark;                    // the values in a cycle and outside of one
  plan::Type mark_type;
  uint32_t cte = 0;                       // its work table
  const ast::SelectStmt* term = nullptr;  // the recursive one
  bool found = false;                     // the term reads the work table at its top level
  bool any() const { return search != nullptr || cycle != nullptr; }
};

}  // namespace aegis::analyzer
