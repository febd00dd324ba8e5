// Functions whose answers are queries over the views: pg_stat_get_… and their like.
#pragma once

#include <span>
#include <string_view>

#include "aegis/functions/function.h"

namespace aegis::session {

// Whether it is one of them.
bool is_report_function(std::string_view symbol);
// Runs queries, so the caller holds no lock.
types::Value report_function(functions::Services& services, const types::TypeContext& context, std::string_view symbol,
                             std::span<const types::Value> arguments, Arena& arena);

}  // namespace aegis::session
