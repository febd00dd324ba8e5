// CREATE, ALTER and DROP COLLATION.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_collation(const ast::DefineStmt& statement, CommandContext& context);
CommandResult refresh_collation(const ast::AlterCollationStmt& statement, CommandContext& context);
// The OID of a collation by its written name. 42704 at `location`.
Oid resolve_collation(CommandContext& context, ast::NameList name, int location);
// Its name as SQL finds it in any search path.
std::string collation_sql(const catalog::Version& version, Oid collation);
// A user's collation by name: 42704 when there is none (null when missing_ok), 42501 for one of the system's.
catalog::ObjectPtr find_user_collation(CommandContext& context, std::span<const std::string_view> name, bool missing_ok = false);
// Throws 42710 when the schema has a collation of that name.
void check_collation_name(CommandContext& context, Oid schema, std::string_view name, const catalog::Collation& collation);

}  // namespace aegis::commands
