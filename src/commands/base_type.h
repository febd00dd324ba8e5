// CREATE TYPE of a base type or a shell.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_base_type(const ast::DefineStmt& statement, CommandContext& context);
// The shell or new shell that a function of a native language names before its type is made; kInvalidOid when the name
// means no shell and `create` is false.
Oid shell_type(CommandContext& context, ast::NameList names, bool create);

}  // namespace aegis::commands
