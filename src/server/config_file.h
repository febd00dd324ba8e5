// aegis.conf: lines of `name = value` in postgresql.conf's form.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aegis::server {

// Throws SqlError F0000 naming the line.
std::vector<std::pair<std::string, std::string>> parse_config(std::string_view text);

}  // namespace aegis::server
