#include "aegis/catalog/privileges.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "functions/acl.h"

namespace aegis::catalog {
namespace {

bool reaches(const Version& version, Oid member, Oid role, bool inherited, int depth) {
  constexpr int kMaxDepth = 64;
  if (member == role) return true;
  auto subject = version.role(member);
  if (subject == nullptr || depth > kMaxDepth || (inherited && !subject->inherit)) return false;
  return std::any_of(subject->member_of.begin(), subject->member_of.end(),
                     [&](Oid group) { return reaches(version, group, role, inherited, depth + 1); });
}

bool is_superuser(const Version& version, Oid role) {
  auto subject = role == kInvalidOid ? nullptr : version.role(role);
  return subject != nullptr && subject->superuser;
}

bool is_system_object(const Object& object) {
  return object.oid < kFirstNormalOid || (object.kind == ObjectKind::Schema && object.name == "public");
}

bool listed(const Version& version, Oid role, const Object& object, const std::vector<std::string>& acl, char letter, bool grant_option) {
  for (const auto& text : acl) {
    AclItem item = parse_acl_item(text);
    if (!item.grantee.empty()) {
      Oid grantee = acting_owner(version, version.find_role(item.grantee), object.database);
      if (grantee == kInvalidOid || role == kInvalidOid || !is_member(version, role, grantee, true)) continue;
    }
    size_t at = item.privileges.find(letter);
    if (at == std::string::npos) continue;
    if (!grant_option || (at + 1 < item.privileges.size() && item.privileges[at + 1] == '*')) return true;
  }
  return false;
}

}  // namespace

std::string_view kind_name(const Object& object) {
  switch (object.kind) {
    case ObjectKind::Database: return "database";
    case ObjectKind::Role: return "role";
    case ObjectKind::Schema: return "schema";
    case ObjectKind::Index: return "index";
    case ObjectKind::Routine: {
      char kind = static_cast<const Routine&>(object).routine_kind;
      return kind == 'p' ? "procedure" : kind == 'a' ? "aggregate" : "function";
    }
    case ObjectKind::Trigger: return "trigger";
    case ObjectKind::Type: return "type";
    case ObjectKind::Operator: return "operator";
    case ObjectKind::Cast: return "cast";
    case ObjectKind::Collation: return "collation";
    case ObjectKind::Extension: return "extension";
    case ObjectKind::EventTrigger: return "event trigger";
    case ObjectKind::Statistics: return "statistics object";
    case ObjectKind::DefaultAcl: return "default privileges";
    case ObjectKind::Annotation: return "language";
    case ObjectKind::TsDictionary: return "text search dictionary";
    case ObjectKind::TsConfiguration: return "text search configuration";
    case ObjectKind::OperatorFamily: return "operator family";
    case ObjectKind::OperatorClass: return "operator class";
    case ObjectKind::ForeignDataWrapper: return "foreign-data wrapper";
    case ObjectKind::ForeignServer: return "foreign server";
    case ObjectKind::UserMapping: return "user mapping";
    case ObjectKind::Publication: return "publication";
    case ObjectKind::PublicationTable: return "publication relation";
    case ObjectKind::PublicationSchema: return "publication namespace";
    case ObjectKind::Subscription: return "subscription";
    case ObjectKind::Tablespace: return "tablespace";
    case ObjectKind::Conversion: return "conversion";
    case ObjectKind::LargeObject: return "large object";
    case ObjectKind::ParameterAcl: return "parameter";
    case ObjectKind::AccessMethod: return "access method";
    case ObjectKind::Relation: break;
  }
  switch (static_cast<const Relation&>(object).relkind) {
    case 'v': return "view";
    case 'S': return "sequence";
    case 'm': return "materialized view";
    case 'c': return "type";
    case 'f': return "foreign table";
    default: return "table";
  }
}

char privilege_kind(const Object& object) {
  switch (object.kind) {
    case ObjectKind::Schema: return 'n';
    case ObjectKind::Database: return 'd';
    case ObjectKind::Routine: return 'f';
    case ObjectKind::Type: return 'T';
    case ObjectKind::ForeignDataWrapper: return 'F';
    case ObjectKind::ForeignServer: return 'S';
    case ObjectKind::Tablespace: return 't';
    case ObjectKind::LargeObject: return 'L';
    case ObjectKind::ParameterAcl: return 'p';
    default: return object.kind == ObjectKind::Relation && static_cast<const Relation&>(object).relkind == 'S' ? 's' : 'r';
  }
}

std::string_view all_privileges(char kind) {
  switch (kind) {
    case 'n': return "UC";
    case 'd': return "CTc";
    case 'f': return "X";
    case 'T':
    case 'F':
    case 'S': return "U";
    case 's': return "rwU";
    case 't': return "C";
    case 'L': return "rw";
    case 'p': return "sA";
    case 'c': return "arwx";
    default: return "arwdDxt";
  }
}

bool is_member(const Version& version, Oid member, Oid role, bool inherited) { return reaches(version, member, role, inherited, 0); }

Oid acting_owner(const Version& version, Oid owner, Oid database) {
  auto found = owner == kDatabaseOwnerRole ? version.database(database) : nullptr;
  return found == nullptr ? owner : found->owner;
}

namespace {

// pg_read_all_data and pg_write_all_data.
bool has_by_predefined_role(const Version& version, Oid role, const Object& object, char letter) {
  constexpr Oid kReadAllData = 6181, kWriteAllData = 6182;
  bool schema = object.kind == ObjectKind::Schema && letter == 'U';
  bool relation = object.kind == ObjectKind::Relation;
  bool reads = schema || (relation && letter == 'r');
  bool writes = schema || (relation && (letter == 'a' || letter == 'w' || letter == 'd'));
  return (reads && is_member(version, role, kReadAllData, true)) || (writes && is_member(version, role, kWriteAllData, true));
}

}  // namespace

bool has_privilege(const Version& version, Oid role, const Object& object, char letter, bool grant_option) {
  if (is_superuser(version, role)) return true;
  if (!grant_option && role != kInvalidOid && has_by_predefined_role(version, role, object, letter)) return true;
  Oid owner = acting_owner(version, object.owner, object.database);
  if (object.acl.empty()) {
    // Without a list the owner holds everything, PUBLIC what its kind of object gives it.
    if (role != kInvalidOid && is_member(version, role, owner, true)) return true;
    return !grant_option && default_public_privileges(privilege_kind(object), is_system_object(object)).find(letter) != std::string::npos;
  }
  // An owner may have revoked their own privileges, never the right to grant them.
  if (grant_option && role != kInvalidOid && is_member(version, role, owner, true)) return true;
  return listed(version, role, object, object.acl, letter, grant_option);
}

bool has_column_privilege(const Version& version, Oid role, const Relation& relation, int column, char letter, bool grant_option) {
  if (has_privilege(version, role, relation, letter, grant_option)) return true;
  return column >= 0 && static_cast<size_t>(column) < relation.columns.size() && listed(version, role, relation, relation.columns[column].acl, letter, grant_option);
}

bool has_any_column_privilege(const Version& version, Oid role, const Relation& relation, char letter) {
  if (has_privilege(version, role, relation, letter)) return true;
  return std::any_of(relation.columns.begin(), relation.columns.end(), [&](const auto& column) { return !column.dropped && listed(version, role, relation, column.acl, letter, false); });
}

void throw_permission_denied(const Object& object) {
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for " + std::string(kind_name(object)) + " " + object.name);
}

void check_privilege(const Version& version, Oid role, const Object& object, char letter) {
  if (!has_privilege(version, role, object, letter)) throw_permission_denied(object);
}

}  // namespace aegis::catalog
