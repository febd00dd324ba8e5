// Running a command's parts.
#pragma once

#include "aegis/commands/command.h"

namespace aegis::commands {

// Runs the command without event triggers.
CommandResult dispatch_command(const ast::Node& node, CommandContext& context);
// Runs a command that is part of another (CREATE SCHEMA's elements, an extension's script): event triggers fire for the whole.
CommandResult execute_part(const ast::Node& node, CommandContext& context);
// "TABLE", "MATERIALIZED VIEW", …
std::string_view object_words(ast::ObjectType type);

}  // namespace aegis::commands
