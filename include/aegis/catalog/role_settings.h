// What ALTER DATABASE … SET and ALTER ROLE … SET keep: texts "name=value" with the database or the role. Those of a role in one
// database are kept with the database, each after "@OID:" of the role; those of all roles with the bootstrap role, after "@0:".
#pragma once

#include <string>
#include <vector>

#include "aegis/base/ids.h"

namespace aegis::catalog {

// The object's own.
std::vector<std::string> own_settings(const std::vector<std::string>& kept);
// Those of `role`, or of all roles (0).
std::vector<std::string> settings_of_role(const std::vector<std::string>& kept, Oid role);
// Replaces them in `kept`.
void set_own_settings(std::vector<std::string>& kept, const std::vector<std::string>& settings);
void set_settings_of_role(std::vector<std::string>& kept, Oid role, const std::vector<std::string>& settings);
// Roles that have some, but for 0.
std::vector<Oid> roles_with_settings(const std::vector<std::string>& kept);

}  // namespace aegis::catalog
