// CREATE, ALTER and DROP TABLESPACE, and putting relations into them.
#pragma once

#include <string_view>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_tablespace(const ast::CreateTableSpaceStmt& statement, CommandContext& context);
CommandResult drop_tablespace(const ast::DropTableSpaceStmt& statement, CommandContext& context);
CommandResult alter_tablespace(const ast::AlterTableSpaceOptionsStmt& statement, CommandContext& context);
CommandResult move_all(const ast::AlterTableMoveAllStmt& statement, CommandContext& context);

// 42704 when absent.
Oid require_tablespace(CommandContext& context, std::string_view name);
void check_tablespace_name(CommandContext& context, std::string_view name);
// What a new relation's `tablespace` is: by the clause (empty: none), the parent's, or the setting's. Checks privileges.
Oid new_tablespace(CommandContext& context, std::string_view clause, char persistence, bool partitioned, Oid inherited = kInvalidOid);
// Where a relation that is moved there has it; checks privileges.
Oid target_tablespace(CommandContext& context, std::string_view name);
// Moves a table, materialized view or index; a partitioned one only says where new parts go.
void move_relation_to(CommandContext& context, Oid relation, Oid tablespace);
// The tablespace of a database.
Oid database_tablespace(CommandContext& context, std::string_view name);
void move_database(CommandContext& context, catalog::Database& database, Oid tablespace);

}  // namespace aegis::commands
