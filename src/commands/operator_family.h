// Operator families and classes: kept for the catalogs; indexes use the built-in ones.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

using DefinitionPtr = std::shared_ptr<const catalog::Definition>;

CommandResult create_operator_family(const ast::CreateOpFamilyStmt& statement, CommandContext& context);
CommandResult alter_operator_family(const ast::AlterOpFamilyStmt& statement, CommandContext& context);
CommandResult create_operator_class(const ast::CreateOpClassStmt& statement, CommandContext& context);

// Of the form {access method, name}; 42704 unless missing_ok (then with a notice).
DefinitionPtr find_family_or_class(CommandContext& context, const ast::Node& object, bool is_class, bool missing_ok = false);
// 42710 when the schema has one of that name.
void check_family_name(CommandContext& context, const catalog::Definition& definition, Oid schema, std::string_view name);
// "btree" of 403.
std::string access_method_name(Oid method);

}  // namespace aegis::commands
