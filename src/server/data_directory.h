// What a data directory holds besides the engine's files: VERSION, aegis.conf, pg_hba.conf.
#pragma once

#include <string>

#include "aegis/os/file_system.h"

namespace aegis::server {

inline constexpr const char* kVersion = "0.1.0";

struct InitOptions {
  std::string user = "postgres";
  std::string auth;      // empty: peer on the Unix socket, scram-sha-256 elsewhere
  std::string password;  // of the superuser; empty: none
};

bool is_initialised(os::FileSystem& files, const std::string& directory);
// Absent or without files.
bool is_empty(os::FileSystem& files, const std::string& directory);
// Throws SqlError when the directory is not empty.
void initialise(os::FileSystem& files, const std::string& directory, const InitOptions& options);
// Throws when the directory is of another version.
void check_version(os::FileSystem& files, const std::string& directory);
std::string default_hba(const InitOptions& options);
// The name of the operating system's user who runs this.
std::string os_user();

}  // namespace aegis::server
