// TRUNCATE, and giving a table fresh storage.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult truncate(const ast::TruncateStmt& statement, CommandContext& context);
// Replaces the table's rows by none under a new storage id, with its indexes; puts the table.
void empty_table(CommandContext& context, const catalog::Relation& table);

}  // namespace aegis::commands
