// ALTER … RENAME, SET SCHEMA and OWNER TO.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult rename(const ast::RenameStmt& statement, CommandContext& context);
CommandResult set_schema(const ast::AlterObjectSchemaStmt& statement, CommandContext& context);
CommandResult alter_owner(const ast::AlterOwnerStmt& statement, CommandContext& context);
CommandResult comment(const ast::CommentStmt& statement, CommandContext& context);

class DefinitionKeeper;
// Before a function or a type gets another name or schema: what names it is kept as bound expressions, to be written anew.
// 0A000 when something else names it.
void remember_expressions(CommandContext& context, const catalog::Object& object, DefinitionKeeper& keeper);

}  // namespace aegis::commands
