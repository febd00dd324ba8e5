// Roles, membership and ownership.
#pragma once

#include <string>
#include <string_view>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_role(const ast::CreateRoleStmt& statement, CommandContext& context);
CommandResult alter_role(const ast::AlterRoleStmt& statement, CommandContext& context);
CommandResult alter_role_set(const ast::AlterRoleSetStmt& statement, CommandContext& context);
CommandResult drop_role(const ast::DropRoleStmt& statement, CommandContext& context);
CommandResult grant_role(const ast::GrantRoleStmt& statement, CommandContext& context);
CommandResult grant(const ast::GrantStmt& statement, CommandContext& context);
CommandResult alter_default_privileges(const ast::AlterDefaultPrivilegesStmt& statement, CommandContext& context);
// Gives a new object (its owner and schema known) the privileges that ALTER DEFAULT PRIVILEGES says.
void apply_default_privileges(CommandContext& context, catalog::Object& object);
CommandResult reassign_owned(const ast::ReassignOwnedStmt& statement, CommandContext& context);
CommandResult drop_owned(const ast::DropOwnedStmt& statement, CommandContext& context);

// SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey of a password; one that is a verifier already stays.
std::string scram_verifier(std::string_view password);
// Changes a list of name=value by SET or RESET.
void apply_setting(CommandContext& context, std::vector<std::string>& settings, const ast::VariableSetStmt& set);

}  // namespace aegis::commands
