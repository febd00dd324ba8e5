#include "schema.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "command_dispatch.h"
#include "names.h"
#include "objects.h"
#include "role.h"

namespace aegis::commands {

namespace {

// The schema an element names; it must be the new one or none. `order`: sequences and tables before what is built on them.
std::string_view schema_of(const ast::Node& element, int& order) {
  const ast::RangeVar* name = nullptr;
  if (auto* sequence = ast::node_cast<ast::CreateSeqStmt>(&element)) {
    order = 0;
    name = sequence->sequence;
  } else if (auto* table = ast::node_cast<ast::CreateStmt>(&element)) {
    order = 1;
    name = table->relation;
  } else if (auto* view = ast::node_cast<ast::ViewStmt>(&element)) {
    order = 2;
    name = view->view;
  } else if (auto* index = ast::node_cast<ast::IndexStmt>(&element)) {
    order = 3;
    name = index->relation;
  } else if (auto* trigger = ast::node_cast<ast::CreateTrigStmt>(&element)) {
    order = 4;
    name = trigger->relation;
  } else {
    order = 5;  // GRANT
  }
  return name == nullptr ? std::string_view() : name->schemaname;
}

void create_elements(const ast::CreateSchemaStmt& statement, const catalog::Schema& schema, CommandContext& context) {
  if (statement.schema_elts.empty()) return;
  std::vector<std::pair<int, const ast::Node*>> elements;
  for (const auto* element : statement.schema_elts) {
    int order;
    std::string_view named = schema_of(*element, order);
    if (!named.empty() && named != schema.name) {
      throw SqlError(Sqlstate::InvalidSchemaDefinition,
                     "CREATE specifies a schema (" + std::string(named) + ") different from the one being created (" + schema.name + ")");
    }
    elements.emplace_back(order, element);
  }
  std::stable_sort(elements.begin(), elements.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  struct Inner {
    Inner(CommandContext& c, Oid schema) : context(c) { context.set_inner_schema(schema); }
    ~Inner() { context.set_inner_schema(kInvalidOid); }
    CommandContext& context;
  } inner(context, schema.oid);
  for (const auto& [order, element] : elements) execute_part(*element, context);
}

}  // namespace

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
  auto schema = std::make_shared<catalog::Schema>();
  schema->oid = context.catalog().allocate_oid();
  schema->database = context.database();
  schema->name = name;
  schema->owner = owner;
  schema->database = context.database();
  apply_default_privileges(context, *schema);
  context.catalog_changes().put(schema);
  create_elements(statement, *schema, context);
  return {"CREATE SCHEMA", {}, {}};
}

}  // namespace aegis::commands
