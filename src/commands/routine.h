// CREATE, ALTER and DROP of functions and procedures, and finding them by name and argument types.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"
#include "dependency.h"

namespace aegis::commands {

CommandResult create_routine(const ast::CreateFunctionStmt& statement, CommandContext& context);
CommandResult alter_routine(const ast::AlterFunctionStmt& statement, CommandContext& context);
CommandResult run_do_block(const ast::DoStmt& statement, CommandContext& context);
CommandResult call_procedure(const ast::CallStmt& statement, CommandContext& context);

// The user-defined routine that `name` means; `type` says which kinds of routine are meant. Null when missing_ok and absent
// (a notice has been given), else 42883. Built-in functions are refused with 42501.
catalog::RoutinePtr find_routine(CommandContext& context, const ast::ObjectWithArgs& name, ast::ObjectType type, bool missing_ok = false,
                                  bool dropping = false);

// The routine of that schema, name and input types; null when there is none.
catalog::RoutinePtr find_same_routine(CommandContext& context, const catalog::Routine& routine);
// CREATE OR REPLACE: makes `routine` the next form of `existing`, unless it differs in what others rely on.
void replace_routine(CommandContext& context, const catalog::Routine& existing, catalog::Routine& routine);

}  // namespace aegis::commands
