// aegis verify and aegis inspect: for directories and files that no server uses.
#pragma once

#include <string>

namespace aegis::server {

// Checks a data directory and prints a report; the exit status is 1 if there are problems.
int verify(const std::string& directory);
// Prints what a file has; `kind` is wal, segment, sst or manifest. The exit status is 1 if the file is damaged.
int inspect(const std::string& kind, const std::string& file);

}  // namespace aegis::server
