// CREATE and ALTER OPERATOR CLASS and FAMILY, and finding both.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_operator_class(const ast::CreateOpClassStmt& statement, CommandContext& context);
CommandResult create_operator_family(const ast::CreateOpFamilyStmt& statement, CommandContext& context);
CommandResult alter_operator_family(const ast::AlterOpFamilyStmt& statement, CommandContext& context);

// DROP's, COMMENT's and ALTER's object, a ListNode of the method and a name. Null when missing_ok and absent (a notice has
// been given), else 42704.
catalog::ObjectPtr find_operator_class(CommandContext& context, ast::ObjectType type, const ast::Node& object, bool missing_ok = false);
// 42710 if a schema has such a class or family already.
void check_operator_class_name(CommandContext& context, const catalog::Object& object, Oid schema, std::string_view name);

}  // namespace aegis::commands
