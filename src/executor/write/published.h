// UPDATE and DELETE of tables that publications publish, or that have foreign tables below them.
#pragma once

#include "operator.h"

namespace aegis::executor {

// Throws when a table that the statement may change cannot tell subscribers which row was changed, or is foreign.
void check_published(const plan::PhysicalWrite& plan, QueryState& query);

}  // namespace aegis::executor
