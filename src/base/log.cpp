#include "aegis/base/log.h"

#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <ctime>

namespace aegis {
namespace {

std::atomic<LogLevel> minimum_level{LogLevel::Warning};

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return "DEBUG";
    case LogLevel::Info: return "INFO";
    case LogLevel::Notice: return "NOTICE";
    case LogLevel::Warning: return "WARNING";
    case LogLevel::Error: return "ERROR";
    case LogLevel::Log: return "LOG";
    case LogLevel::Fatal: return "FATAL";
    case LogLevel::Panic: return "PANIC";
  }
  return "LOG";
}

}  // namespace

void set_log_level(LogLevel level) { minimum_level = level; }

void log_line(LogLevel level, std::string_view text) {
  if (level < minimum_level.load(std::memory_order_relaxed)) return;
  timeval now;
  gettimeofday(&now, nullptr);
  tm utc;
  gmtime_r(&now.tv_sec, &utc);
  char stamp[32];
  strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &utc);
  // One call, so that lines of different threads do not mix.
  fprintf(stderr, "%s.%03d UTC [%d] %s:  %.*s\n", stamp, static_cast<int>(now.tv_usec / 1000), getpid(),
          level_name(level), static_cast<int>(text.size()), text.data());
}

}  // namespace aegis
