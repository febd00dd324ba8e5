// VACUUM and ANALYZE (vacuum.c).
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult vacuum(const ast::VacuumStmt& statement, CommandContext& context);

}  // namespace aegis::commands
