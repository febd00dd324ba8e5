// What event triggers can ask about the command that fired them. A session has one state for each command that runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aegis/base/ids.h"

namespace aegis::commands {

struct DroppedObject {
  Oid catalog = kInvalidOid, object = kInvalidOid;
  int column = 0;
  bool original = false;  // named by the command
  bool normal = false;    // reached by a dependency that is not automatic
  bool temporary = false;
  std::string type;
  std::optional<std::string> schema, name;
  std::string identity;
  std::vector<std::string> address_names, address_arguments;
};

struct CollectedCommand {
  Oid catalog = kInvalidOid, object = kInvalidOid;  // none: GRANT and REVOKE
  int column = 0;
  std::string tag;
  std::string type;  // of GRANT and REVOKE
};

struct EventState {
  enum class Event : uint8_t { None, CommandStart, CommandEnd, Drop, TableRewrite };
  Event running = Event::None;  // whose functions run now
  std::string tag;
  std::vector<DroppedObject> dropped;
  std::vector<CollectedCommand> commands;
  Oid rewritten = kInvalidOid;
  int rewrite_reason = 0;
  std::vector<Oid> rewritten_before;
};

}  // namespace aegis::commands
