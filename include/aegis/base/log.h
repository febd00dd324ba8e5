// The server's log: lines on standard error in PostgreSQL's shape, "2026-01-02 03:04:05.678 UTC [pid] LOG:  text".
// Thread safe.
#pragma once

#include <string_view>

namespace aegis {

enum class LogLevel { Debug, Info, Notice, Warning, Error, Log, Fatal, Panic };

// Lines below `level` are dropped (PostgreSQL's order for log_min_messages). The default is Warning.
void set_log_level(LogLevel level);
void log_line(LogLevel level, std::string_view text);

}  // namespace aegis
