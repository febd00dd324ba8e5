// Row-level security: CREATE, ALTER and DROP POLICY.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_policy(const ast::CreatePolicyStmt& statement, CommandContext& context);
CommandResult alter_policy(const ast::AlterPolicyStmt& statement, CommandContext& context);
CommandResult drop_policies(const ast::DropStmt& statement, CommandContext& context);
void rename_policy(CommandContext& context, const ast::RangeVar& table, std::string_view name, std::string_view to);

}  // namespace aegis::commands
