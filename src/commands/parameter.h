// GRANT … ON PARAMETER and ALTER SYSTEM.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// What GRANT changes the list of: made when it is first asked for. 42704 for a parameter there is not.
std::shared_ptr<const catalog::ParameterAcl> parameter_to_grant(CommandContext& context, std::string_view name);
CommandResult alter_system(const ast::AlterSystemStmt& statement, CommandContext& context);

}  // namespace aegis::commands
