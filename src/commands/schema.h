// CREATE SCHEMA.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_schema(const ast::CreateSchemaStmt& statement, CommandContext& context);

}  // namespace aegis::commands
