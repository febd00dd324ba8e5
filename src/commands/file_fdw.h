// The options of file_fdw's tables.
#pragma once

#include <string>
#include <vector>

#include "aegis/commands/command.h"

namespace aegis::commands {

// As file_fdw_validator.
void validate_file_options(CommandContext& context, const std::vector<std::string>& options, Oid catalog);

}  // namespace aegis::commands
