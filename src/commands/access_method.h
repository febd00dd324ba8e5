// CREATE ACCESS METHOD, and the methods of tables, which all keep their rows as the engine does.
#pragma once

#include <string_view>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_access_method(const ast::CreateAmStmt& statement, CommandContext& context);
// catalog::Relation::access_method for USING `name`, or for default_table_access_method where it is empty.
Oid table_access_method(CommandContext& context, std::string_view name);

}  // namespace aegis::commands
