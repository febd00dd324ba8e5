#include "extension.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/extensions.h"
#include "aegis/catalog/privileges.h"
#include "aegis/parser/parser.h"
#include "command_dispatch.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

bool is_fixed(std::string_view name) { return name == "plpgsql" || name == "aegis"; }

constexpr std::string_view kSetting = "client_min_messages";

// Runs the script with the extension's schema in front; everything it makes is a member.
void run_script(CommandContext& context, const catalog::ExtensionScript& script, const catalog::Extension& extension) {
  auto& changes = context.catalog_changes();
  size_t before = changes.change_count();
  // Notices of a script's statements say nothing to its user.
  struct Quiet {
    explicit Quiet(CommandContext& c) : context(c), before(c.setting(kSetting)) { context.services().set_setting(kSetting, "warning", true); }
    ~Quiet() { context.services().set_setting(kSetting, before, true); }
    CommandContext& context;
    std::string before;
  };
  struct Inner {
    Inner(CommandContext& c, Oid schema) : context(c) { context.set_inner_schema(schema); }
    ~Inner() { context.set_inner_schema(kInvalidOid); }
    CommandContext& context;
  };
  {
    Inner inner(context, extension.schema);
    Quiet quiet(context);
    auto parsed = parser::parse(script.sql);
    for (const auto& statement : parsed.statements) execute_part(*statement.stmt, context);
  }
  for (Oid oid : changes.changed_since(before)) {
    auto object = context.catalog_version()->find(oid);
    if (object == nullptr) continue;
    auto member = clone_object(*object);
    catalog::Dependency dependency{extension.oid, 0, 'e'};
    if (std::find(member->dependencies.begin(), member->dependencies.end(), dependency) != member->dependencies.end()) continue;
    member->dependencies.push_back(dependency);
    changes.put(member);
  }
}

void check_may_install(CommandContext& context, const catalog::ExtensionScript& script) {
  if (context.is_superuser()) return;
  auto version = context.catalog_version();
  auto database = version->database(context.database());
  bool may = script.trusted && database != nullptr && catalog::has_privilege(*version, context.current_role(), *database, 'C');
  if (may) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to create extension \"" + std::string(script.name) + "\"")
      .hint(script.trusted ? "Must have CREATE privilege on current database to create this extension." : "Must be superuser to create this extension.");
}

}  // namespace

CommandResult create_extension(const ast::CreateExtensionStmt& statement, CommandContext& context) {
  std::string name(statement.extname);
  lock_name(context, catalog::kPgExtensionOid, 0, name);
  auto version = context.catalog_version();
  if (is_fixed(name) || version->find_extension(context.database(), name) != nullptr) {
    if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateObject, "extension \"" + name + "\" already exists");
    notice(context, "extension \"" + name + "\" already exists, skipping", Sqlstate::DuplicateObject);
    return {"CREATE EXTENSION", {}, {}};
  }
  const auto* script = catalog::find_extension_script(name);
  if (script == nullptr) {
    throw SqlError(Sqlstate::FeatureNotSupported, "extension \"" + name + "\" is not available")
        .detail("Extensions are built into the server; this is not one of them.")
        .hint("The view pg_available_extensions lists those there are.");
  }
  check_may_install(context, *script);
  Oid schema = kInvalidOid;
  for (const auto* option : statement.options) {
    if (option->defname == "schema") schema = find_schema(context, ast::node_cast<ast::String>(option->arg)->sval, false);
    if (option->defname == "new_version" && ast::node_cast<ast::String>(option->arg)->sval != script->version) {
      throw SqlError(Sqlstate::InvalidParameterValue, "extension \"" + name + "\" has no installation script nor update path for version \"" +
                                                          std::string(ast::node_cast<ast::String>(option->arg)->sval) + "\"");
    }
  }
  auto extension = std::make_shared<catalog::Extension>();
  extension->oid = context.catalog().allocate_oid();
  extension->database = context.database();
  extension->schema = schema == kInvalidOid ? context.creation_schema() : schema;
  extension->name = name;
  extension->owner = context.current_role();
  extension->version = script->version;
  extension->comment = script->comment;
  context.catalog_changes().put(extension);
  run_script(context, *script, *extension);
  return {"CREATE EXTENSION", {}, {}};
}

std::shared_ptr<const catalog::Extension> find_extension(CommandContext& context, std::string_view name, bool missing_ok) {
  if (is_fixed(name)) {
    throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot drop extension " + std::string(name) + " because it is required by the database system");
  }
  auto found = context.catalog_version()->find_extension(context.database(), name);
  if (found != nullptr) return found;
  std::string text = "extension \"" + std::string(name) + "\" does not exist";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

CommandResult alter_extension(const ast::AlterExtensionStmt& statement, CommandContext& context) {
  auto extension = find_extension(context, statement.extname);
  check_owner(context, *extension);
  for (const auto* option : statement.options) {
    if (option->defname == "new_version" && ast::node_cast<ast::String>(option->arg)->sval != extension->version) {
      throw SqlError(Sqlstate::InvalidParameterValue, "extension \"" + extension->name + "\" has no update path from version \"" + extension->version +
                                                          "\" to version \"" + std::string(ast::node_cast<ast::String>(option->arg)->sval) + "\"");
    }
  }
  notice(context, "version \"" + extension->version + "\" of extension \"" + extension->name + "\" is already installed");
  return {"ALTER EXTENSION", {}, {}};
}

void move_extension(CommandContext& context, const catalog::Extension& extension, Oid schema) {
  auto version = context.catalog_version();
  for (const auto& dependent : version->dependents(extension.oid)) {
    if (dependent.dependency.kind != 'e' || dependent.object->schema != extension.schema) continue;
    auto member = clone_object(*dependent.object);
    member->schema = schema;
    context.catalog_changes().put(member);
  }
  auto moved = clone_object(extension);
  moved->schema = schema;
  context.catalog_changes().put(moved);
}

}  // namespace aegis::commands
