// CREATE and REFRESH MATERIALIZED VIEW.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_matview(const ast::CreateTableAsStmt& statement, CommandContext& context);
CommandResult refresh_matview(const ast::RefreshMatViewStmt& statement, CommandContext& context);

}  // namespace aegis::commands
