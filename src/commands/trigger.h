// CREATE TRIGGER and what changes triggers.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_trigger(const ast::CreateTrigStmt& statement, CommandContext& context);
// 42704 `trigger "x" for table "t" does not exist`; null when missing_ok, with a notice.
catalog::TriggerPtr find_trigger(CommandContext& context, const catalog::Relation& table, std::string_view name, bool missing_ok = false);
// ALTER TABLE … ENABLE | DISABLE TRIGGER; an empty name: all of them. `enabled` as pg_trigger.tgenabled.
void enable_triggers(CommandContext& context, const catalog::Relation& table, std::string_view name, char enabled, bool recurse);

}  // namespace aegis::commands
