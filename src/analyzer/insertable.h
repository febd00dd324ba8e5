// What INSERT and MERGE ask of a column.
#pragma once

#include "aegis/catalog/objects.h"
#include "aegis/parser/ast_queries.h"

namespace aegis::analyzer {

// 428C9 for a value where only the column's own may be.
void check_insertable(const catalog::Column& column, ast::OverridingKind overriding);

}  // namespace aegis::analyzer
