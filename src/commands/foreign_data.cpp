#include "foreign_data.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "definition_options.h"
#include "dependency.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;

// ---- Wrappers ----

void require_superuser_for(CommandContext& context, std::string_view name, const char* what, const char* hint) {
  if (context.is_superuser()) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, std::string("permission denied to ") + what + " foreign-data wrapper \"" + std::string(name) + "\"").hint(hint);
}

// The function of that name with those arguments; 42883.
Oid find_support_function(CommandContext& context, const ast::DefElem& option, std::span<const Oid> arguments, const char* argument_text, Oid result,
                          const char* result_text) {
  auto names = option_name(option);
  auto version = context.catalog_version();
  ast::NameList list(names.data(), names.size());
  const auto* function = analyzer::find_exact_function(context.analyzer_context(*version), list, arguments);
  if (function == nullptr) throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(list) + argument_text + " does not exist");
  if (result != kInvalidOid && function->result != result) {
    throw SqlError(Sqlstate::WrongObjectType, "function " + dotted(list) + " must return type " + result_text);
  }
  return function->oid;
}

struct SupportFunctions {
  bool has_handler = false, has_validator = false;
  Oid handler = kInvalidOid, validator = kInvalidOid;
};

SupportFunctions read_functions(CommandContext& context, ast::List<ast::DefElem> options) {
  constexpr Oid kFdwHandler = 3115, kValidatorArguments[] = {1009, types::oid::kOid};
  SupportFunctions out;
  for (const auto* option : options) {
    bool handler = option->defname == "handler";
    bool& given = handler ? out.has_handler : out.has_validator;
    if (given) throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, *option));
    given = true;
    if (option->arg == nullptr) continue;
    if (handler) out.handler = find_support_function(context, *option, {}, "()", kFdwHandler, "fdw_handler");
    else out.validator = find_support_function(context, *option, kValidatorArguments, "(text[], oid)", kInvalidOid, "");
  }
  return out;
}

void set_dependencies(catalog::ForeignDataWrapper& wrapper) {
  std::erase_if(wrapper.dependencies, [](const auto& d) { return d.kind == 'n'; });
  for (Oid function : {wrapper.handler, wrapper.validator}) {
    if (function >= kFirstNormalOid) wrapper.dependencies.push_back({function, 0, 'n'});
  }
}

}  // namespace

CommandResult create_wrapper(const ast::CreateFdwStmt& statement, CommandContext& context) {
  require_superuser_for(context, statement.fdwname, "create", "Must be superuser to create a foreign-data wrapper.");
  std::string name(statement.fdwname);
  lock_name(context, catalog::kPgForeignDataWrapperOid, 0, name);
  if (context.catalog_version()->find_named(ObjectKind::ForeignDataWrapper, context.database(), name) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "foreign-data wrapper \"" + name + "\" already exists");
  }
  auto functions = read_functions(context, statement.func_options);
  auto wrapper = std::make_shared<catalog::ForeignDataWrapper>();
  wrapper->oid = context.catalog().allocate_oid();
  wrapper->database = context.database();
  wrapper->name = name;
  wrapper->owner = context.current_role();
  wrapper->handler = functions.handler;
  wrapper->validator = functions.validator;
  wrapper->options = foreign_options(context, {}, statement.options, catalog::kPgForeignDataWrapperOid, *wrapper);
  set_dependencies(*wrapper);
  context.catalog_changes().put(wrapper);
  return {"CREATE FOREIGN DATA WRAPPER", {}, {}};
}

CommandResult alter_wrapper(const ast::AlterFdwStmt& statement, CommandContext& context) {
  require_superuser_for(context, statement.fdwname, "alter", "Must be superuser to alter a foreign-data wrapper.");
  auto changed = copy_of(find_wrapper(context, statement.fdwname));
  auto functions = read_functions(context, statement.func_options);
  if (functions.has_handler) {
    changed->handler = functions.handler;
    warning(context, "changing the foreign-data wrapper handler can change behavior of existing foreign tables");
  }
  if (functions.has_validator) {
    changed->validator = functions.validator;
    if (functions.validator != kInvalidOid) {
      warning(context, "changing the foreign-data wrapper validator can cause the options for dependent objects to become invalid");
    }
  }
  if (!statement.options.empty()) {
    changed->options = foreign_options(context, changed->options, statement.options, catalog::kPgForeignDataWrapperOid, *changed);
  }
  set_dependencies(*changed);
  context.catalog_changes().put(changed);
  return {"ALTER FOREIGN DATA WRAPPER", {}, {}};
}

std::shared_ptr<const catalog::ForeignDataWrapper> find_wrapper(CommandContext& context, std::string_view name, bool missing_ok) {
  auto version = context.catalog_version();
  Oid found = version->find_named(ObjectKind::ForeignDataWrapper, context.database(), name);
  if (found != kInvalidOid) return std::static_pointer_cast<const catalog::ForeignDataWrapper>(version->find(found));
  std::string text = "foreign-data wrapper \"" + std::string(name) + "\" does not exist";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

std::shared_ptr<const catalog::ForeignDataWrapper> wrapper_of(const catalog::Version& version, Oid server) {
  auto found = version.find(server);
  if (found == nullptr || found->kind != ObjectKind::ForeignServer) return nullptr;
  return std::static_pointer_cast<const catalog::ForeignDataWrapper>(version.find(static_cast<const catalog::ForeignServer&>(*found).wrapper));
}

void check_wrapper_owner(CommandContext& context, const catalog::ForeignDataWrapper& wrapper, Oid owner) {
  std::string text = "permission denied to change owner of foreign-data wrapper \"" + wrapper.name + "\"";
  if (!context.is_superuser()) throw SqlError(Sqlstate::InsufficientPrivilege, text).hint("Must be superuser to change owner of a foreign-data wrapper.");
  auto role = context.catalog_version()->role(owner);
  if (role == nullptr || !role->superuser) throw SqlError(Sqlstate::InsufficientPrivilege, text).hint("The owner of a foreign-data wrapper must be a superuser.");
}

// ---- Servers ----

std::shared_ptr<const catalog::ForeignServer> find_server(CommandContext& context, std::string_view name, bool missing_ok) {
  auto version = context.catalog_version();
  Oid found = version->find_named(ObjectKind::ForeignServer, context.database(), name);
  if (found != kInvalidOid) return std::static_pointer_cast<const catalog::ForeignServer>(version->find(found));
  std::string text = "server \"" + std::string(name) + "\" does not exist";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

void check_server_owner(CommandContext& context, const catalog::ForeignServer& server, Oid owner) {
  if (context.is_superuser()) return;
  auto version = context.catalog_version();
  if (!is_member_of(*version, context.current_role(), owner)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "must be member of role \"" + version->role(owner)->name + "\"");
  }
  catalog::check_privilege(*version, owner, *version->find(server.wrapper), 'U');
}

CommandResult create_server(const ast::CreateForeignServerStmt& statement, CommandContext& context) {
  std::string name(statement.servername);
  lock_name(context, catalog::kPgForeignServerOid, 0, name);
  auto version = context.catalog_version();
  if (version->find_named(ObjectKind::ForeignServer, context.database(), name) != kInvalidOid) {
    std::string text = "server \"" + name + "\" already exists";
    if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateObject, text);
    notice(context, text + ", skipping", Sqlstate::DuplicateObject);
    return {"CREATE SERVER", {}, {}};
  }
  auto wrapper = find_wrapper(context, statement.fdwname);
  catalog::check_privilege(*version, context.current_role(), *wrapper, 'U');
  auto server = std::make_shared<catalog::ForeignServer>();
  server->oid = context.catalog().allocate_oid();
  server->database = context.database();
  server->name = name;
  server->owner = context.current_role();
  server->wrapper = wrapper->oid;
  server->type = statement.servertype;
  server->version = statement.version;
  server->options = foreign_options(context, {}, statement.options, catalog::kPgForeignServerOid, *wrapper);
  server->dependencies.push_back({wrapper->oid, 0, 'n'});
  context.catalog_changes().put(server);
  return {"CREATE SERVER", {}, {}};
}

CommandResult alter_server(const ast::AlterForeignServerStmt& statement, CommandContext& context) {
  auto server = find_server(context, statement.servername);
  check_owner(context, *server);
  auto changed = copy_of(server);
  if (statement.has_version) changed->version = statement.version;
  if (!statement.options.empty()) {
    auto wrapper = wrapper_of(*context.catalog_version(), server->oid);
    changed->options = foreign_options(context, changed->options, statement.options, catalog::kPgForeignServerOid, *wrapper);
  }
  context.catalog_changes().put(changed);
  return {"ALTER SERVER", {}, {}};
}

// ---- User mappings ----
namespace {

std::string user_name(CommandContext& context, Oid user) {
  auto role = user == kInvalidOid ? nullptr : context.catalog_version()->role(user);
  return role == nullptr ? "public" : role->name;
}

Oid mapped_user(CommandContext& context, const ast::RoleSpec& user) {
  return user.roletype == ast::RoleSpecType::Public ? kInvalidOid : find_role(context, user);
}

// The server's owner may do everything, others what concerns themselves.
void check_may_map(CommandContext& context, const catalog::ForeignServer& server, Oid user) {
  auto version = context.catalog_version();
  if (context.is_superuser() || is_member_of(*version, context.current_role(), server.owner)) return;
  if (user != context.current_role()) throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of foreign server " + server.name);
  catalog::check_privilege(*version, context.current_role(), server, 'U');
}

std::shared_ptr<const catalog::UserMapping> find_mapping(CommandContext& context, const catalog::ForeignServer& server, Oid user) {
  auto version = context.catalog_version();
  Oid found = version->find_named(ObjectKind::UserMapping, context.database(), std::to_string(user), server.oid);
  return found == kInvalidOid ? nullptr : std::static_pointer_cast<const catalog::UserMapping>(version->find(found));
}

std::string missing_mapping(CommandContext& context, const catalog::ForeignServer& server, Oid user) {
  return "user mapping for \"" + user_name(context, user) + "\" does not exist for server \"" + server.name + "\"";
}

}  // namespace

CommandResult create_user_mapping(const ast::CreateUserMappingStmt& statement, CommandContext& context) {
  Oid user = mapped_user(context, *statement.user);
  auto server = find_server(context, statement.servername);
  check_may_map(context, *server, user);
  lock_name(context, catalog::kPgUserMappingOid, server->oid, std::to_string(user));
  if (find_mapping(context, *server, user) != nullptr) {
    std::string text = "user mapping for \"" + user_name(context, user) + "\" already exists for server \"" + server->name + "\"";
    if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateObject, text);
    notice(context, text + ", skipping", Sqlstate::DuplicateObject);
    return {"CREATE USER MAPPING", {}, {}};
  }
  auto mapping = std::make_shared<catalog::UserMapping>();
  mapping->oid = context.catalog().allocate_oid();
  mapping->database = context.database();
  mapping->owner = mapping->user = user;
  mapping->server = server->oid;
  mapping->options = foreign_options(context, {}, statement.options, catalog::kPgUserMappingOid, *wrapper_of(*context.catalog_version(), server->oid));
  mapping->dependencies.push_back({server->oid, 0, 'n'});
  context.catalog_changes().put(mapping);
  return {"CREATE USER MAPPING", {}, {}};
}

CommandResult alter_user_mapping(const ast::AlterUserMappingStmt& statement, CommandContext& context) {
  Oid user = mapped_user(context, *statement.user);
  auto server = find_server(context, statement.servername);
  auto mapping = find_mapping(context, *server, user);
  if (mapping == nullptr) throw SqlError(Sqlstate::UndefinedObject, missing_mapping(context, *server, user));
  check_may_map(context, *server, user);
  auto changed = copy_of(mapping);
  changed->options = foreign_options(context, changed->options, statement.options, catalog::kPgUserMappingOid, *wrapper_of(*context.catalog_version(), server->oid));
  context.catalog_changes().put(changed);
  return {"ALTER USER MAPPING", {}, {}};
}

CommandResult drop_user_mapping(const ast::DropUserMappingStmt& statement, CommandContext& context) {
  CommandResult done{"DROP USER MAPPING", {}, {}};
  Oid user = kInvalidOid;
  if (statement.user->roletype != ast::RoleSpecType::Public) {
    user = find_role(context, *statement.user, statement.missing_ok);
    if (user == kInvalidOid) {
      notice(context, "role \"" + std::string(statement.user->rolename) + "\" does not exist, skipping");
      return done;
    }
  }
  auto server = find_server(context, statement.servername, statement.missing_ok);
  if (server == nullptr) return done;
  auto mapping = find_mapping(context, *server, user);
  if (mapping == nullptr) {
    std::string text = missing_mapping(context, *server, user);
    if (!statement.missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
    notice(context, text + ", skipping");
    return done;
  }
  check_may_map(context, *server, user);
  drop_targets(context, {{DropTarget::Part::Whole, mapping->oid, 0}}, ast::DropBehavior::Cascade);
  return done;
}

}  // namespace aegis::commands
