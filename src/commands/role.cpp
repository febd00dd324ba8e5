#include "role.h"
#include "role_privileges.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/catalog/role_settings.h"
#include "aegis/settings/settings.h"
#include "dependency.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;

void require_create_role(CommandContext& context, const char* what) {
  auto role = context.catalog_version()->role(context.current_role());
  if (context.is_superuser() || (role != nullptr && role->create_role)) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, what);
}

void check_role_name(std::string_view name) {
  if (!name.starts_with("pg_")) return;
  throw SqlError(Sqlstate::ReservedName, "role name \"" + std::string(name) + "\" is reserved")
      .detail("Role names starting with \"pg_\" are reserved.");
}

void add_member(CommandContext& context, Oid member, Oid group, bool admin) {
  auto version = context.catalog_version();
  auto changed = copy_of(version->role(member));
  if (is_member_of(*version, group, member)) {
    throw SqlError(Sqlstate::InvalidGrantOperation,
                   "role \"" + version->role(group)->name + "\" is a member of role \"" + changed->name + "\"");
  }
  auto add = [&](std::vector<Oid>& list) {
    if (std::find(list.begin(), list.end(), group) == list.end()) list.push_back(group);
  };
  add(changed->member_of);
  if (admin) add(changed->admin_of);
  context.catalog_changes().put(changed);
}

void apply_option(CommandContext& context, catalog::Role& role, const ast::DefElem& option, bool is_new) {
  auto flag = [&] { return option.arg == nullptr || ast::node_cast<ast::Boolean>(option.arg)->boolval; };
  std::string_view name = option.defname;
  if (name == "superuser") {
    if (flag() != role.superuser) require_superuser(context, is_new ? "must be superuser to create superusers" : "must be superuser to alter superuser attribute");
    role.superuser = flag();
  } else if (name == "inherit") {
    role.inherit = flag();
  } else if (name == "createrole") {
    role.create_role = flag();
  } else if (name == "createdb") {
    role.create_database = flag();
  } else if (name == "canlogin") {
    role.can_login = flag();
  } else if (name == "isreplication") {
    if (flag() != role.replication) require_superuser(context, "must be superuser to create replication users");
    role.replication = flag();
  } else if (name == "bypassrls") {
    if (flag() != role.bypass_rls) require_superuser(context, "must be superuser to change bypassrls attribute");
    role.bypass_rls = flag();
  } else if (name == "connectionlimit") {
    role.connection_limit = ast::node_cast<ast::Integer>(option.arg)->ival;
    if (role.connection_limit < -1) throw SqlError(Sqlstate::InvalidParameterValue, "invalid connection limit: " + std::to_string(role.connection_limit));
  } else if (name == "validUntil") {
    Arena arena;
    const auto& info = types::type_info(types::oid::kTimestamptz);
    auto value = info.input(context.types(), ast::node_cast<ast::String>(option.arg)->sval, {types::oid::kTimestamptz}, arena);
    role.valid_until.clear();
    info.output(context.types(), value, types::oid::kTimestamptz, role.valid_until);
  } else if (name == "password") {
    auto* text = ast::node_cast<ast::String>(option.arg);
    role.password.clear();
    if (text == nullptr) return;
    if (text->sval.empty()) {
      notice(context, "empty string is not a valid password, clearing password");
    } else {
      role.password = scram_verifier(text->sval);
    }
  } else if (name != "sysid" && name != "rolemembers" && name != "adminmembers" && name != "addroleto") {
    throw_not_supported("role option " + std::string(name), position_of(context, option));
  }
}

std::vector<const ast::RoleSpec*> roles_of(const ast::DefElem& option) {
  std::vector<const ast::RoleSpec*> out;
  for (const auto* item : ast::node_cast<ast::ListNode>(option.arg)->items) out.push_back(ast::node_cast<ast::RoleSpec>(item));
  return out;
}

void check_options_once(CommandContext& context, ast::List<ast::DefElem> options) {
  for (size_t i = 0; i < options.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (options[k]->defname != options[i]->defname) continue;
      throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, *options[i]));
    }
  }
}

// Whether the current role may make others members of the group.
void check_group(CommandContext& context, Oid group) {
  auto version = context.catalog_version();
  auto role = version->role(group);
  if (role->superuser && !context.is_superuser()) throw SqlError(Sqlstate::InsufficientPrivilege, "must be superuser to alter superusers");
  if (role->name == "pg_database_owner") throw SqlError(Sqlstate::FeatureNotSupported, "role \"pg_database_owner\" cannot have explicit members");
}

void apply_members(CommandContext& context, Oid role, ast::List<ast::DefElem> options, int action) {
  for (const auto* option : options) {
    bool admin = option->defname == "adminmembers";
    if (option->defname == "addroleto") {
      for (const auto* group : roles_of(*option)) {
        check_group(context, find_role(context, *group));
        add_member(context, role, find_role(context, *group), false);
      }
    } else if (option->defname == "rolemembers" || admin) {
      for (const auto* member : roles_of(*option)) {
        Oid oid = find_role(context, *member);
        check_group(context, role);
        if (action > 0) {
          add_member(context, oid, role, admin);
          continue;
        }
        auto changed = copy_of(context.catalog_version()->role(oid));
        std::erase(changed->member_of, role);
        std::erase(changed->admin_of, role);
        context.catalog_changes().put(changed);
      }
    }
  }
}

}  // namespace

CommandResult create_role(const ast::CreateRoleStmt& statement, CommandContext& context) {
  require_create_role(context, "permission denied to create role");
  std::string name(statement.role);
  check_role_name(name);
  check_options_once(context, statement.options);
  lock_name(context, catalog::kPgAuthidOid, 0, name);
  if (find_role(context, name, true) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "role \"" + name + "\" already exists");
  }
  auto role = std::make_shared<catalog::Role>();
  role->oid = context.catalog().allocate_oid();
  role->name = name;
  role->can_login = statement.stmt_type == ast::RoleStmtType::User;
  for (const auto* option : statement.options) apply_option(context, *role, *option, true);
  context.catalog_changes().put(role);
  apply_members(context, role->oid, statement.options, 1);
  return {"CREATE ROLE", {}, {}};
}

CommandResult alter_role(const ast::AlterRoleStmt& statement, CommandContext& context) {
  Oid oid = find_role(context, *statement.role);
  auto changed = copy_of(context.catalog_version()->role(oid));
  check_options_once(context, statement.options);
  if (changed->superuser) require_superuser(context, "must be superuser to alter superuser roles or change superuser attribute");
  bool own_password = oid == context.current_role() && statement.options.size() == 1 && statement.options[0]->defname == "password";
  if (!own_password) require_create_role(context, "permission denied");
  for (const auto* option : statement.options) apply_option(context, *changed, *option, false);
  context.catalog_changes().put(changed);
  apply_members(context, oid, statement.options, statement.action);
  return {"ALTER ROLE", {}, {}};
}

namespace {

// A value that a later session or call will set.
void check_kept_setting(CommandContext& context, std::string_view name, const std::string& value) {
  auto id = settings::find(name);
  if (!id) return;
  const settings::Definition& definition = settings::definition(*id);
  auto refuse = [&](const char* why) {
    throw SqlError(Sqlstate::CantChangeRuntimeParam, "parameter \"" + std::string(definition.name) + "\" cannot be " + why);
  };
  switch (definition.context) {
    case settings::Context::Internal: refuse("changed"); break;
    case settings::Context::Postmaster: refuse("changed without restarting the server"); break;
    case settings::Context::Sighup: refuse("changed now"); break;
    case settings::Context::SuperuserBackend:
    case settings::Context::Superuser:
      if (!context.is_superuser()) {
        throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to set parameter \"" + std::string(definition.name) + "\"");
      }
      break;
    case settings::Context::Backend:
    case settings::Context::User: break;
  }
  settings::parse_value(definition, value);
}

}  // namespace

void apply_setting(CommandContext& context, std::vector<std::string>& settings, const ast::VariableSetStmt& set) {
  if (set.kind == ast::VariableSetKind::ResetAll) {
    settings.clear();
    return;
  }
  std::string prefix = std::string(set.name) + "=";
  std::erase_if(settings, [&](const auto& entry) { return entry.starts_with(prefix); });
  if (set.kind == ast::VariableSetKind::Reset || set.kind == ast::VariableSetKind::SetDefault) return;
  std::string value;
  if (set.kind == ast::VariableSetKind::SetCurrent) {
    value = context.setting(set.name);
  } else {
    auto id = settings::find(set.name);
    if (!id) {
      if (set.name.find('.') == std::string_view::npos) {
        throw SqlError(Sqlstate::UndefinedObject, "unrecognized configuration parameter \"" + std::string(set.name) + "\"");
      }
      settings::check_custom_name(set.name);
    }
    for (const auto* arg : set.args) {
      auto* constant = ast::node_cast<ast::AConst>(arg);
      if (constant == nullptr) throw_not_supported("this value of a setting");
      if (!value.empty()) value += ", ";
      if (constant->kind == ast::ConstKind::Integer) value += std::to_string(constant->ival);
      else if (constant->kind == ast::ConstKind::Boolean) value += constant->boolval ? "on" : "off";
      else value += constant->text;
    }
  }
  check_kept_setting(context, set.name, value);
  settings.push_back(prefix + value);
}

CommandResult alter_role_set(const ast::AlterRoleSetStmt& statement, CommandContext& context) {
  auto version = context.catalog_version();
  Oid role = statement.role == nullptr ? kInvalidOid : find_role(context, *statement.role);
  if (role != kInvalidOid && role != context.current_role()) require_create_role(context, "permission denied");
  if (role != kInvalidOid && version->role(role)->superuser) require_superuser(context, "must be superuser to alter superusers");
  if (!statement.database.empty()) {
    auto database = version->database(version->find_database(statement.database));
    if (database == nullptr) throw SqlError(Sqlstate::InvalidCatalogName, "database \"" + std::string(statement.database) + "\" does not exist");
    bool owner = context.is_superuser() || catalog::is_member(*version, context.current_role(), database->owner, true);
    if (role == kInvalidOid && !owner) throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of database " + database->name);
    auto changed = copy_of(database);
    auto settings = role == kInvalidOid ? catalog::own_settings(changed->settings) : catalog::settings_of_role(changed->settings, role);
    apply_setting(context, settings, *statement.setstmt);
    if (role == kInvalidOid) catalog::set_own_settings(changed->settings, settings);
    else catalog::set_settings_of_role(changed->settings, role, settings);
    context.catalog_changes().put(changed);
    return {"ALTER ROLE", {}, {}};
  }
  if (role == kInvalidOid) require_superuser(context, "must be superuser to alter settings globally");
  auto changed = copy_of(version->role(role == kInvalidOid ? catalog::kBootstrapRole : role));
  auto settings = role == kInvalidOid ? catalog::settings_of_role(changed->settings, role) : catalog::own_settings(changed->settings);
  apply_setting(context, settings, *statement.setstmt);
  if (role == kInvalidOid) catalog::set_settings_of_role(changed->settings, role, settings);
  else catalog::set_own_settings(changed->settings, settings);
  context.catalog_changes().put(changed);
  return {"ALTER ROLE", {}, {}};
}

CommandResult drop_role(const ast::DropRoleStmt& statement, CommandContext& context) {
  require_create_role(context, "permission denied to drop role");
  for (const auto* spec : statement.roles) {
    if (spec->roletype != ast::RoleSpecType::Cstring) {
      throw SqlError(Sqlstate::InvalidParameterValue, "cannot use special role specifier in DROP ROLE");
    }
    Oid oid = find_role(context, *spec, statement.missing_ok);
    if (oid == kInvalidOid) {
      notice(context, "role \"" + std::string(spec->rolename) + "\" does not exist, skipping");
      continue;
    }
    auto version = context.catalog_version();
    auto role = version->role(oid);
    if (oid == context.current_role()) throw SqlError(Sqlstate::ObjectInUse, "current user cannot be dropped");
    if (role->superuser) require_superuser(context, "must be superuser to drop superusers");
    std::string detail;
    std::vector<std::shared_ptr<const catalog::Role>> members;
    for (const auto& database : version->objects(0)) {
      if (database->kind == ObjectKind::Role) {
        auto other = std::static_pointer_cast<const catalog::Role>(database);
        if (std::find(other->member_of.begin(), other->member_of.end(), oid) != other->member_of.end()) members.push_back(other);
      }
      if (database->kind != ObjectKind::Database) continue;
      if (database->owner == oid) detail += (detail.empty() ? "" : "\n") + std::string("owner of database ") + database->name;
      if (database->oid != context.database()) {
        size_t count = 0;
        for (const auto& object : version->objects(database->oid)) count += object->database == database->oid && object->owner == oid;
        if (count > 0) {
          detail += (detail.empty() ? "" : "\n") + std::to_string(count) + (count == 1 ? " object" : " objects") + " in database " + database->name;
        }
        continue;
      }
      // By OID, policies by their own.
      std::vector<std::pair<Oid, std::string>> lines;
      for (const auto& object : version->objects(database->oid)) {
        bool owned = object->owner == oid;
        bool here = object->database == database->oid || object->kind == ObjectKind::Tablespace;
        if (owned && here && object->kind != ObjectKind::Index) lines.emplace_back(object->oid, "owner of " + describe(context, *object));
        if (std::string uses = owned ? std::string() : role_uses(context, *object, oid, false); !uses.empty()) lines.emplace_back(object->oid, uses);
        std::string policies = role_uses(context, *object, oid, true);
        if (!policies.empty()) lines.emplace_back(static_cast<const catalog::Relation&>(*object).policies.front().oid, policies);
      }
      std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      for (const auto& line : lines) detail += (detail.empty() ? "" : "\n") + line.second;
    }
    if (!detail.empty()) {
      throw SqlError(Sqlstate::DependentObjectsStillExist, "role \"" + role->name + "\" cannot be dropped because some objects depend on it")
          .detail(detail);
    }
    for (const auto& member : members) {
      auto changed = copy_of(member);
      std::erase(changed->member_of, oid);
      std::erase(changed->admin_of, oid);
      context.catalog_changes().put(changed);
    }
    for (const auto& object : version->objects(0)) {
      if (object->kind != ObjectKind::Database) continue;
      auto database = std::static_pointer_cast<const catalog::Database>(object);
      if (catalog::settings_of_role(database->settings, oid).empty()) continue;
      auto changed = copy_of(database);
      catalog::set_settings_of_role(changed->settings, oid, {});
      context.catalog_changes().put(changed);
    }
    context.catalog_changes().remove(oid);
  }
  return {"DROP ROLE", {}, {}};
}

CommandResult grant_role(const ast::GrantRoleStmt& statement, CommandContext& context) {
  for (const auto* granted : statement.granted_roles) {
    Oid group = find_role(context, granted->priv_name);
    auto version = context.catalog_version();
    check_group(context, group);
    auto own = version->role(context.current_role());
    bool admin = own != nullptr && std::find(own->admin_of.begin(), own->admin_of.end(), group) != own->admin_of.end();
    if (!context.is_superuser() && !admin && !(own != nullptr && own->create_role && !version->role(group)->superuser)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "must have admin option on role \"" + std::string(granted->priv_name) + "\"");
    }
    for (const auto* grantee : statement.grantee_roles) {
      Oid member = find_role(context, *grantee);
      auto current = context.catalog_version()->role(member);
      bool has = std::find(current->member_of.begin(), current->member_of.end(), group) != current->member_of.end();
      if (statement.is_grant) {
        if (has && !statement.admin_opt) {
          notice(context, "role \"" + current->name + "\" is already a member of role \"" + std::string(granted->priv_name) + "\"");
          continue;
        }
        add_member(context, member, group, statement.admin_opt);
        continue;
      }
      if (!has) {
        warning(context, "role \"" + current->name + "\" is not a member of role \"" + std::string(granted->priv_name) + "\"");
        continue;
      }
      auto changed = copy_of(current);
      if (!statement.admin_opt) std::erase(changed->member_of, group);
      std::erase(changed->admin_of, group);
      context.catalog_changes().put(changed);
    }
  }
  return {statement.is_grant ? "GRANT ROLE" : "REVOKE ROLE", {}, {}};
}

CommandResult reassign_owned(const ast::ReassignOwnedStmt& statement, CommandContext& context) {
  Oid target = find_role(context, *statement.newrole);
  for (const auto* spec : statement.roles) {
    Oid from = find_role(context, *spec);
    for (Oid role : {from, target}) {
      if (!catalog::is_member(*context.catalog_version(), context.current_role(), role, true) && !context.is_superuser()) {
        throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to reassign objects");
      }
    }
    auto version = context.catalog_version();
    for (const auto& object : version->objects(context.database())) {
      if (object->owner != from || object->kind == ObjectKind::Role || object->kind == ObjectKind::UserMapping) continue;
      set_owner(context, *object, target);
    }
  }
  return {"REASSIGN OWNED", {}, {}};
}

CommandResult drop_owned(const ast::DropOwnedStmt& statement, CommandContext& context) {
  std::vector<DropTarget> targets;
  for (const auto* spec : statement.roles) {
    Oid owner = find_role(context, *spec);
    auto version = context.catalog_version();
    if (!context.is_superuser() && !catalog::is_member(*version, context.current_role(), owner, true)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to drop objects");
    }
    for (const auto& object : version->objects(context.database())) {
      bool droppable = object->kind == ObjectKind::Schema || object->kind == ObjectKind::Relation || object->kind == ObjectKind::Routine ||
                       object->kind == ObjectKind::Type || object->kind == ObjectKind::Operator || object->kind == ObjectKind::Statistics ||
                       object->kind == ObjectKind::TsDictionary || object->kind == ObjectKind::TsConfiguration || object->kind == ObjectKind::EventTrigger ||
                       object->kind == ObjectKind::Extension || object->kind == ObjectKind::ForeignDataWrapper || object->kind == ObjectKind::ForeignServer ||
                       object->kind == ObjectKind::UserMapping || object->kind == ObjectKind::Publication || object->kind == ObjectKind::LargeObject ||
                       object->kind == ObjectKind::Conversion || object->kind == ObjectKind::Collation;
      if (object->owner == owner && object->kind == ObjectKind::DefaultAcl) context.catalog_changes().remove(object->oid);
      if (object->owner == owner && droppable && object->database == context.database() && !is_system(*version, *object)) {
        targets.push_back({DropTarget::Part::Whole, object->oid, 0});
      }
    }
  }
  if (!targets.empty()) drop_targets(context, targets, statement.behavior);
  for (const auto* spec : statement.roles) revoke_everything_from(context, find_role(context, *spec));
  return {"DROP OWNED", {}, {}};
}

}  // namespace aegis::commands
