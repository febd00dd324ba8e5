// CREATE and ALTER EVENT TRIGGER, and firing them.
#pragma once

#include "aegis/commands/command.h"
#include "aegis/commands/event_state.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

CommandResult create_event_trigger(const ast::CreateEventTrigStmt& statement, CommandContext& context);
CommandResult alter_event_trigger(const ast::AlterEventTrigStmt& statement, CommandContext& context);
// 42704 unless missing_ok (then with a notice).
std::shared_ptr<const catalog::EventTrigger> find_event_trigger(CommandContext& context, std::string_view name, bool missing_ok = false);
void check_event_trigger_owner(CommandContext& context, const catalog::EventTrigger& trigger, Oid owner);

// Reasons of a rewrite, as pg_event_trigger_table_rewrite_reason gives them.
inline constexpr int kRewritePersistence = 1, kRewriteDefault = 2, kRewriteColumn = 4, kRewriteAccessMethod = 8;
// Before a table's rows are written anew.
void fire_table_rewrite(CommandContext& context, Oid table, int reason);

// The catalog that has the object; none for those that event triggers are not told of.
Oid catalog_of(const catalog::Object& object);
// Something is about to be dropped.
void note_dropped(CommandContext& context, Oid catalog, Oid object, int column, bool original, bool normal);
bool notes_drops(CommandContext& context);

}  // namespace aegis::commands
