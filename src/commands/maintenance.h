// CHECKPOINT, LOCK, REINDEX.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult checkpoint(CommandContext& context);
CommandResult lock_tables(const ast::LockStmt& statement, CommandContext& context);
CommandResult reindex(const ast::ReindexStmt& statement, CommandContext& context);

}  // namespace aegis::commands
