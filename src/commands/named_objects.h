// Tablespaces, conversions, large objects, access methods and languages by what COMMENT, ALTER, GRANT and DROP call them.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

bool is_named_object(ast::ObjectType type);
// 42704 when absent; null if missing_ok.
catalog::ObjectPtr find_named_object(CommandContext& context, ast::ObjectType type, const ast::Node& object, bool missing_ok = false);
// The number of a large object; 22P02 or 22003 for one that is none.
Oid large_object_number(const ast::Node& object);
// COMMENT ON LANGUAGE and on access methods of the system, which are not in the catalog themselves.
void comment_on_built_in(CommandContext& context, ast::ObjectType type, std::string_view name, const std::string& text);
bool is_built_in_object(ast::ObjectType type, std::string_view name);
void rename_tablespace(CommandContext& context, std::string_view before, std::string_view name);
void rename_conversion(CommandContext& context, const ast::Node& object, std::string_view name);

}  // namespace aegis::commands
