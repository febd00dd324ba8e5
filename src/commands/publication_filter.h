// Row filters of publications.
#pragma once

#include "definition.h"

namespace aegis::commands {

// Binds a WHERE clause and refuses what is not simple: users' functions, operators, types and collations, subqueries, system
// columns, and what is not immutable.
Definition define_row_filter(CommandContext& context, const ast::Node& clause, const catalog::Relation& table);

}  // namespace aegis::commands
