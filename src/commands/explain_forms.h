// EXPLAIN's forms besides text, and the settings it may show.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aegis/commands/command.h"

namespace aegis::commands {

enum class ExplainForm : uint8_t { Text, Json, Xml, Yaml };

// The JSON form in another one.
std::string explain_form(const std::string& json, ExplainForm form);
// Settings that change plans and do not have their default, as SHOW gives them.
std::vector<std::pair<std::string, std::string>> explain_settings(CommandContext& context);

}  // namespace aegis::commands
