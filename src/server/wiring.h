// Puts the modules together: opens the engine, loads the catalog, rebuilds indexes, serves, stops.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace aegis::catalog {
class Version;
}
namespace aegis::storage {
class Engine;
}

namespace aegis::server {

struct ServeOptions {
  std::string directory;  // ":memory:" keeps everything in memory
  std::vector<std::pair<std::string, std::string>> settings;  // of the command line
};

// Returns the process's exit status.
int serve(const ServeOptions& options);

// The definitions of indexes are in the catalog; the engine has their files, or makes the entries from the tables.
void rebuild_indexes(storage::Engine& engine, const catalog::Version& version);

}  // namespace aegis::server
