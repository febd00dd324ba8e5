// CREATE and ALTER EXTENSION.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"
#include "dependency.h"

namespace aegis::commands {

CommandResult create_extension(const ast::CreateExtensionStmt& statement, CommandContext& context);
CommandResult alter_extension(const ast::AlterExtensionStmt& statement, CommandContext& context);
// 42704 unless there is one (null with a notice when missing_ok).
std::shared_ptr<const catalog::Extension> find_extension(CommandContext& context, std::string_view name, bool missing_ok = false);
// ALTER EXTENSION … SET SCHEMA.
void move_extension(CommandContext& context, const catalog::Extension& extension, Oid schema);

}  // namespace aegis::commands
