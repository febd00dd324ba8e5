// EXPLAIN.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult explain(const ast::ExplainStmt& statement, CommandContext& context);
std::vector<plan::ColumnInfo> describe_explain(const ast::ExplainStmt& statement, CommandContext& context);

}  // namespace aegis::commands
