// What access lists and policies say of a role, when the role is renamed or goes. (Access lists name roles, as aclitem's text does.)
#pragma once

#include <string>

#include "aegis/commands/command.h"

namespace aegis::commands {

// One line for each privilege (or policy) of `object` that names the role, as DROP ROLE's detail has them.
std::string role_uses(CommandContext& context, const catalog::Object& object, Oid role, bool policies);
// In every database.
void rename_in_access_lists(CommandContext& context, const std::string& from, const std::string& to);
// DROP OWNED: in this database.
void revoke_everything_from(CommandContext& context, Oid role);

}  // namespace aegis::commands
