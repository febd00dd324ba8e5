// VACUUM, ANALYZE, CHECKPOINT, LOCK, REINDEX, CLUSTER.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult vacuum(const ast::VacuumStmt& statement, CommandContext& context);
CommandResult checkpoint(CommandContext& context);
CommandResult lock_tables(const ast::LockStmt& statement, CommandContext& context);
CommandResult reindex(const ast::ReindexStmt& statement, CommandContext& context);
CommandResult cluster(const ast::ClusterStmt& statement, CommandContext& context);

}  // namespace aegis::commands
