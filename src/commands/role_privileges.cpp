#include "role_privileges.h"

#include <algorithm>
#include <functional>
#include <set>

#include "aegis/catalog/privileges.h"
#include "objects.h"

namespace aegis::commands {

using catalog::ObjectKind;

namespace {

bool names(const std::vector<std::string>& acl, const std::string& role) {
  return std::any_of(acl.begin(), acl.end(), [&](const auto& text) {
    auto item = catalog::parse_acl_item(text);
    return item.grantee == role || item.grantor == role;
  });
}

const std::string& role_name(CommandContext& context, Oid role) { return context.catalog_version()->role(role)->name; }

// Changes the lists of an object and its columns; puts it back when `edit` says that it changed one.
void edit_lists(CommandContext& context, const catalog::Object& object, const std::function<bool(std::vector<std::string>&)>& edit) {
  auto changed = clone_object(object);
  bool any = edit(changed->acl);
  if (object.kind == ObjectKind::Relation) {
    for (auto& column : static_cast<catalog::Relation&>(*changed).columns) any = edit(column.acl) || any;
  }
  if (any) context.catalog_changes().put(std::move(changed));
}

}  // namespace

std::string role_uses(CommandContext& context, const catalog::Object& object, Oid role, bool policies) {
  std::string name = role_name(context, role), lines;
  auto add = [&](const std::string& line) { lines += (lines.empty() ? "" : "\n") + line; };
  std::string what = describe(context, object);
  // An owner's are not told apart from owning it.
  bool owner = object.owner == role;
  if (!policies && !owner && names(object.acl, name)) add("privileges for " + what);
  if (object.kind != ObjectKind::Relation) return lines;
  const auto& relation = static_cast<const catalog::Relation&>(object);
  for (const auto& column : relation.columns) {
    if (policies) break;
    if (!owner && names(column.acl, name)) add("privileges for column " + column.name + " of " + what);
  }
  for (const auto& policy : relation.policies) {
    if (!policies) break;
    bool target = std::find(policy.roles.begin(), policy.roles.end(), role) != policy.roles.end();
    if (target) add("target of policy " + policy.name + " on " + what);
  }
  return lines;
}

void rename_in_access_lists(CommandContext& context, const std::string& from, const std::string& to) {
  auto edit = [&](std::vector<std::string>& acl) {
    if (!names(acl, from)) return false;
    for (auto& text : acl) {
      auto item = catalog::parse_acl_item(text);
      if (item.grantee == from) item.grantee = to;
      if (item.grantor == from) item.grantor = to;
      text = catalog::format_acl_item(item);
    }
    return true;
  };
  auto version = context.catalog_version();
  std::set<Oid> seen;
  auto each = [&](Oid database) {
    for (const auto& object : version->objects(database)) {
      if (object->oid >= kFirstNormalOid && seen.insert(object->oid).second) edit_lists(context, *object, edit);
      else if (object->kind == ObjectKind::Schema && !object->acl.empty() && seen.insert(object->oid).second) edit_lists(context, *object, edit);
    }
  };
  each(0);
  for (const auto& database : version->objects(0)) {
    if (database->kind == ObjectKind::Database) each(database->oid);
  }
}

void revoke_everything_from(CommandContext& context, Oid role) {
  std::string name = role_name(context, role);
  auto edit = [&](std::vector<std::string>& acl) {
    return std::erase_if(acl, [&](const auto& text) { return catalog::parse_acl_item(text).grantee == name; }) > 0;
  };
  auto version = context.catalog_version();
  for (const auto& object : version->objects(context.database())) {
    if (object->owner != role) edit_lists(context, *object, edit);
    if (object->kind != ObjectKind::Relation || static_cast<const catalog::Relation&>(*object).policies.empty()) continue;
    auto now = context.catalog_version()->relation(object->oid);
    auto changed = copy_of(now);
    std::erase_if(changed->policies, [&](catalog::Policy& policy) { return std::erase(policy.roles, role) > 0 && policy.roles.empty(); });
    context.catalog_changes().put(std::move(changed));
  }
}

}  // namespace aegis::commands
