// What storage may be told of a scan's filter, so that it skips blocks without matching rows.
#pragma once

#include <vector>

#include "aegis/plan/expression.h"
#include "aegis/storage/table.h"

namespace aegis::executor {

// The conjuncts `column op constant` of `filters`, whose Inputs are columns[index] of the table. Values borrow from the
// filters and the parameters. The filter is to be applied all the same.
std::vector<storage::ScanBound> scan_bounds(const plan::ExprList& filters, const std::vector<int>& columns,
                                            const std::vector<types::Value>& parameters);

}  // namespace aegis::executor
