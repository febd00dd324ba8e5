#include "schema.h"

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {

CommandResult create_schema(const ast::CreateSchemaStmt& statement, CommandContext& context) {
  auto version = context.catalog_version();
  Oid owner = statement.authrole != nullptr ? find_role(context, *statement.authrole) : context.current_role();
  std::string name(statement.schemaname);
  if (name.empty()) name = version->role(owner)->name;
  if (name.starts_with("pg_")) {
    throw SqlError(Sqlstate::ReservedName, "unacceptable schema name \"" + name + "\"")
        .detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  if (!context.is_superuser() && !is_member_of(*version, context.current_role(), owner)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "must be member of role \"" + version->role(owner)->name + "\"");
  }
  if (auto database = version->database(context.database())) catalog::check_privilege(*version, context.current_role(), *database, 'C');
  lock_name(context, catalog::kPgNamespaceOid, 0, name);
  if (context.catalog_version()->find_schema(context.database(), name) != kInvalidOid) {
    if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateSchema, "schema \"" + name + "\" already exists");
    notice(context, "schema \"" + name + "\" already exists, skipping", Sqlstate::DuplicateSchema);
    return {"CREATE SCHEMA", {}, {}};
  }
  if (!statement.schema_elts.empty()) throw_not_supported("CREATE SCHEMA with schema elements");
  auto schema = std::make_shared<catalog::Schema>();
  schema->oid = context.catalog().allocate_oid();
  schema->database = context.database();
  schema->name = name;
  schema->owner = owner;
  context.catalog_changes().put(schema);
  return {"CREATE SCHEMA", {}, {}};
}

}  // namespace aegis::commands
