// Reads foreign tables for the executor.
#pragma once

#include <memory>

#include "aegis/commands/command.h"

namespace aegis::commands {

// By the handlers that the server has: file_fdw's. The context outlives it.
std::unique_ptr<executor::ForeignTables> make_foreign_tables(CommandContext& context);

}  // namespace aegis::commands
