// The extensions that are built in: a script of SQL statements each, whose functions are native ones (LANGUAGE internal)
// of src/functions/extension/. CREATE EXTENSION runs the script.
#pragma once

#include <span>
#include <string_view>

namespace aegis::catalog {

struct ExtensionScript {
  std::string_view name;
  std::string_view version;  // of PostgreSQL's extension that it stands for
  std::string_view comment;
  bool trusted;  // any role with CREATE on the database may make it
  std::string_view sql;
};

// By name.
std::span<const ExtensionScript> extension_scripts();
// Null when there is none.
const ExtensionScript* find_extension_script(std::string_view name);

}  // namespace aegis::catalog
