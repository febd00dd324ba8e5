// ALTER TABLE on a table with others below it: which parts of the statement reach them, and how.
#pragma once

#include <functional>

#include "aegis/commands/command.h"
#include "aegis/parser/ast.h"

namespace aegis::commands {

// Carries one part of ALTER TABLE out on the table by `run`, and on those below it where it concerns them; `recurse` is
// false for ONLY.
using RunAlteration = std::function<void(Oid table, const ast::AlterTableCmd& command)>;
void alter_family(CommandContext& context, Oid table, const ast::AlterTableCmd& command, bool recurse, const RunAlteration& run);

}  // namespace aegis::commands
