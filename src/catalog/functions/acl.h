// Access lists: items "grantee=privileges/grantor", each privilege a letter, followed by * when it may be granted on.
#pragma once

#include <string>
#include <string_view>

#include "aegis/catalog/catalog.h"

namespace aegis::catalog {

struct AclItem {
  std::string grantee;  // empty: PUBLIC
  std::string privileges;
  std::string grantor;
};
// Throws 22P02.
AclItem parse_acl_item(std::string_view text);

// What PUBLIC may do with an object without an access list. `kind` is acldefault's letter.
std::string default_public_privileges(char kind, bool is_system);
// Whether `member` has the rights of `role` (through groups; `inherited`: only those it has without SET ROLE).
bool is_member(const Version& version, Oid member, Oid role, bool inherited);

}  // namespace aegis::catalog
