// CREATE and ALTER OPERATOR, CREATE CAST, and finding both.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"
#include "dependency.h"

namespace aegis::commands {

CommandResult create_operator(const ast::DefineStmt& statement, CommandContext& context);
CommandResult alter_operator(const ast::AlterOperatorStmt& statement, CommandContext& context);
// The user-defined operator; null when missing_ok and absent (a notice has been given), else 42883.
catalog::OperatorPtr find_user_operator(CommandContext& context, const ast::ObjectWithArgs& name, bool missing_ok = false);

CommandResult create_cast(const ast::CreateCastStmt& statement, CommandContext& context);
// DROP CAST's and COMMENT ON CAST's object, a ListNode of two types.
catalog::CastPtr find_user_cast(CommandContext& context, const ast::Node& types, bool missing_ok = false);

}  // namespace aegis::commands
