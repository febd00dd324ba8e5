// Text search dictionaries and configurations.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_text_search(const ast::DefineStmt& statement, CommandContext& context);
CommandResult alter_text_search_dictionary(const ast::AlterTSDictionaryStmt& statement, CommandContext& context);
CommandResult alter_text_search_configuration(const ast::AlterTSConfigurationStmt& statement, CommandContext& context);

bool is_text_search(ast::ObjectType type);
// A dictionary or configuration by name. 42704 unless missing_ok.
catalog::ObjectPtr find_text_search(CommandContext& context, ast::ObjectType type, ast::NameList names, bool missing_ok = false);
// Throws 42710 when the schema has one of that kind and name.
void check_text_search_name(CommandContext& context, const catalog::Object& object, Oid schema, std::string_view name);

}  // namespace aegis::commands
