// CREATE RULE and what changes rules.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_rule(const ast::RuleStmt& statement, CommandContext& context);
CommandResult drop_rules(const ast::DropStmt& statement, CommandContext& context);
CommandResult rename_rule(const ast::RenameStmt& statement, CommandContext& context);
// ALTER TABLE … ENABLE | DISABLE RULE; `enabled` as pg_rewrite.ev_enabled.
void enable_rule(CommandContext& context, Oid relation, std::string_view name, char enabled);
void comment_on_rule(CommandContext& context, const ast::RangeVar& relation, std::string_view name, std::string_view text);

}  // namespace aegis::commands
