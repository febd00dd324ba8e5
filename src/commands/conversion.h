// CREATE CONVERSION, and finding one.
#pragma once

#include <span>
#include <string_view>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_conversion(const ast::CreateConversionStmt& statement, CommandContext& context);
// 42704 when absent; null if missing_ok. Those of the system are nobody's: 42501.
catalog::ObjectPtr find_conversion(CommandContext& context, std::span<const std::string_view> name, bool missing_ok = false);
// 42710 if the schema has one of that name.
void check_conversion_name(CommandContext& context, Oid schema, std::string_view name);

}  // namespace aegis::commands
