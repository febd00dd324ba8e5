// CREATE, ALTER and DROP DATABASE.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_database(const ast::CreatedbStmt& statement, CommandContext& context);
CommandResult alter_database(const ast::AlterDatabaseStmt& statement, CommandContext& context);
CommandResult alter_database_set(const ast::AlterDatabaseSetStmt& statement, CommandContext& context);
CommandResult refresh_database_collation(const ast::AlterDatabaseRefreshCollStmt& statement, CommandContext& context);
CommandResult drop_database(const ast::DropdbStmt& statement, CommandContext& context);

}  // namespace aegis::commands
