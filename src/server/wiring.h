// Puts the modules together: opens the engine, loads the catalog, rebuilds indexes, serves, stops.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace aegis::server {

struct ServeOptions {
  std::string directory;  // ":memory:" keeps everything in memory
  std::vector<std::pair<std::string, std::string>> settings;  // of the command line
};

// Returns the process's exit status.
int serve(const ServeOptions& options);

}  // namespace aegis::server
