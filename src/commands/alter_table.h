// ALTER TABLE, and ALTER of indexes, views and sequences in its form.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult alter_table(const ast::AlterTableStmt& statement, CommandContext& context);

// The parts, each on the table as the catalog has it now; they put what they change.
void add_column(CommandContext& context, Oid table, const ast::AlterTableCmd& command);
void alter_column_type(CommandContext& context, Oid table, const ast::AlterTableCmd& command);
void add_identity(CommandContext& context, Oid table, const ast::AlterTableCmd& command);
void set_identity(CommandContext& context, Oid table, const ast::AlterTableCmd& command);
void drop_identity(CommandContext& context, Oid table, const ast::AlterTableCmd& command);

}  // namespace aegis::commands
