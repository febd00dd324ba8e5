// CREATE AGGREGATE.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_aggregate(const ast::DefineStmt& statement, CommandContext& context);

}  // namespace aegis::commands
