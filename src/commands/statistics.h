// Extended statistics: CREATE and ALTER STATISTICS, and what ANALYZE finds for them.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

using StatisticsPtr = std::shared_ptr<const catalog::Statistics>;

CommandResult create_statistics(const ast::CreateStatsStmt& statement, CommandContext& context);
CommandResult alter_statistics(const ast::AlterStatsStmt& statement, CommandContext& context);
// 42704 unless missing_ok (then with a notice).
StatisticsPtr find_statistics(CommandContext& context, ast::NameList names, bool missing_ok = false);
// Builds those of the table; `columns`: the ones that ANALYZE was given, none: all.
void build_statistics(CommandContext& context, const catalog::Relation& table, const std::vector<int>& columns);

}  // namespace aegis::commands
