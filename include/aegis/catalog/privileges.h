// Who may do what: access lists as PostgreSQL keeps and reads them (aclchk.c, acl.c). Privileges are aclitem's letters.
#pragma once

#include <string>
#include <string_view>

#include "aegis/catalog/catalog.h"

namespace aegis::catalog {

struct AclItem {
  std::string grantee;     // a role's name; empty: PUBLIC
  std::string privileges;  // letters, each followed by * when it may be granted on
  std::string grantor;
};
// Throws 22P02.
AclItem parse_acl_item(std::string_view text);
std::string format_acl_item(const AclItem& item);
// The list an object without one stands for.
std::vector<AclItem> default_acl(const Version& version, const Object& object);
// What PUBLIC may do with an object without an access list. `kind` is acldefault's letter.
std::string default_public_privileges(char kind, bool is_system);

// "table", "view", "sequence", "index", "schema", … as messages call the object's kind.
std::string_view kind_name(const Object& object);
// acldefault's letter of an object's kind: r table, s sequence, n schema, d database, f routine, T type.
char privilege_kind(const Object& object);
// The letters there are for a kind of object, in aclitem's order.
std::string_view all_privileges(char kind);

// Whether `member` has the rights of `role` (through groups; `inherited`: only those it has without SET ROLE).
bool is_member(const Version& version, Oid member, Oid role, bool inherited);

// pg_database_owner, the owner of schema public, stands for the owner of the database.
Oid acting_owner(const Version& version, Oid owner, Oid database);

// Superusers hold everything, owners their objects. `role` 0 is PUBLIC.
bool has_privilege(const Version& version, Oid role, const Object& object, char letter, bool grant_option = false);
// On the table or on the column (0-based).
bool has_column_privilege(const Version& version, Oid role, const Relation& relation, int column, char letter, bool grant_option = false);
// On the table or on any of its columns.
bool has_any_column_privilege(const Version& version, Oid role, const Relation& relation, char letter);

// Throws 42501: permission denied for <kind> <name>.
[[noreturn]] void throw_permission_denied(const Object& object);
void check_privilege(const Version& version, Oid role, const Object& object, char letter);

}  // namespace aegis::catalog
