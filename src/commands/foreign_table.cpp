// CREATE, ALTER and IMPORT of foreign tables; what they share with tables is in create_table.cpp and alter_table.cpp.
#include "aegis/base/error.h"
#include "aegis/catalog/foreign.h"
#include "aegis/catalog/privileges.h"
#include "foreign_data.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

using ast::AlterTableType;

// How PostgreSQL calls a part of ALTER TABLE that foreign tables do not know; null: they do.
const char* refused_action(AlterTableType action) {
  switch (action) {
    case AlterTableType::AlterConstraint: return "ALTER CONSTRAINT";
    case AlterTableType::SetCompression: return "ALTER COLUMN ... SET COMPRESSION";
    case AlterTableType::ClusterOn: return "CLUSTER ON";
    case AlterTableType::DropCluster: return "SET WITHOUT CLUSTER";
    case AlterTableType::SetLogged: return "SET LOGGED";
    case AlterTableType::SetUnLogged: return "SET UNLOGGED";
    case AlterTableType::SetAccessMethod: return "SET ACCESS METHOD";
    case AlterTableType::SetTableSpace: return "SET TABLESPACE";
    case AlterTableType::SetRelOptions: return "SET";
    case AlterTableType::ResetRelOptions: return "RESET";
    case AlterTableType::EnableRule: return "ENABLE RULE";
    case AlterTableType::EnableAlwaysRule: return "ENABLE ALWAYS RULE";
    case AlterTableType::EnableReplicaRule: return "ENABLE REPLICA RULE";
    case AlterTableType::DisableRule: return "DISABLE RULE";
    case AlterTableType::AddOf: return "OF";
    case AlterTableType::DropOf: return "NOT OF";
    case AlterTableType::ReplicaIdentity: return "REPLICA IDENTITY";
    case AlterTableType::EnableRowSecurity: return "ENABLE ROW SECURITY";
    case AlterTableType::DisableRowSecurity: return "DISABLE ROW SECURITY";
    case AlterTableType::ForceRowSecurity: return "FORCE ROW SECURITY";
    case AlterTableType::NoForceRowSecurity: return "NO FORCE ROW SECURITY";
    case AlterTableType::AttachPartition: return "ATTACH PARTITION";
    case AlterTableType::DetachPartition: return "DETACH PARTITION";
    case AlterTableType::DetachPartitionFinalize: return "DETACH PARTITION ... FINALIZE";
    default: return nullptr;
  }
}

}  // namespace

void refuse_foreign_constraint(CommandContext& context, const ast::Constraint& constraint) {
  const char* what = constraint.contype == ast::ConstrType::Primary     ? "primary key"
                     : constraint.contype == ast::ConstrType::Unique    ? "unique"
                     : constraint.contype == ast::ConstrType::Foreign   ? "foreign key"
                     : constraint.contype == ast::ConstrType::Exclusion ? "exclusion"
                                                                        : nullptr;
  if (what == nullptr) return;
  throw SqlError(Sqlstate::FeatureNotSupported, std::string(what) + " constraints are not supported on foreign tables").position(position_of(context, constraint));
}

void refuse_foreign_elements(CommandContext& context, const ast::CreateStmt& statement) {
  for (const auto* element : statement.table_elts) {
    if (auto* column = ast::node_cast<ast::ColumnDef>(element)) {
      for (const auto* constraint : column->constraints) refuse_foreign_constraint(context, *constraint);
    } else if (auto* constraint = ast::node_cast<ast::Constraint>(element)) {
      refuse_foreign_constraint(context, *constraint);
    } else if (auto* like = ast::node_cast<ast::TableLikeClause>(element)) {
      throw SqlError(Sqlstate::FeatureNotSupported, "LIKE is not supported for creating foreign tables").position(position_of(context, *like->relation));
    }
  }
}

void check_foreign_partition(CommandContext& context, const catalog::Relation& parent, const std::string& message, const char* detail) {
  for (const auto& index : context.catalog_version()->indexes_of(parent)) {
    if (!index->unique) continue;
    std::string name = detail[0] == 'P' ? "Partitioned table" : "Table";
    throw SqlError(Sqlstate::WrongObjectType, message).detail(name + " \"" + parent.name + "\" " + (detail[0] == 'P' ? detail + 1 : detail));
  }
}

void set_foreign_server(CommandContext& context, catalog::Relation& table, const ast::CreateForeignTableStmt& statement, const catalog::Relation* parent) {
  if (parent != nullptr) {
    check_foreign_partition(context, *parent, "cannot create foreign partition of partitioned table \"" + parent->name + "\"", "contains indexes that are unique.");
  }
  auto server = find_server(context, statement.servername);
  catalog::check_privilege(*context.catalog_version(), context.current_role(), *server, 'U');
  table.server = server->oid;
}

void set_column_options(CommandContext& context, catalog::Relation& table, int column, ast::List<ast::DefElem> options) {
  auto& list = table.columns[static_cast<size_t>(column)].foreign_options;
  list = foreign_options(context, list, options, catalog::kPgAttributeOid, *wrapper_of(*context.catalog_version(), table.server));
}

void set_foreign_options(CommandContext& context, catalog::Relation& table, const ast::CreateForeignTableStmt& statement) {
  constexpr Oid kPgForeignTable = 3118;
  table.foreign_options = foreign_options(context, {}, statement.options, kPgForeignTable, *wrapper_of(*context.catalog_version(), table.server));
  for (const auto* element : statement.base->table_elts) {
    auto* column = ast::node_cast<ast::ColumnDef>(element);
    if (column == nullptr || column->fdwoptions.empty()) continue;
    set_column_options(context, table, table.find_column(column->colname), column->fdwoptions);
  }
}

void alter_foreign_options(CommandContext& context, Oid oid, const ast::AlterTableCmd& command) {
  auto table = copy_of(context.catalog_version()->relation(oid));
  bool of_column = command.subtype == AlterTableType::AlterColumnGenericOptions;
  if (!table->is_foreign()) {
    throw SqlError(Sqlstate::WrongObjectType, std::string("ALTER action ") + (of_column ? "ALTER COLUMN ... OPTIONS" : "OPTIONS") +
                                                  " cannot be performed on relation \"" + table->name + "\"")
        .detail("This operation is not supported for tables.");
  }
  std::vector<ast::DefElem*> options;
  for (auto* item : ast::node_cast<ast::ListNode>(command.def)->items) options.push_back(ast::node_cast<ast::DefElem>(item));
  if (!of_column) {
    constexpr Oid kPgForeignTable = 3118;
    table->foreign_options = foreign_options(context, table->foreign_options, options, kPgForeignTable, *wrapper_of(*context.catalog_version(), table->server));
  } else {
    for (std::string_view system : {"tableoid", "xmin", "xmax", "cmin", "cmax", "ctid"}) {
      if (command.name == system) throw SqlError(Sqlstate::FeatureNotSupported, "cannot alter system column \"" + std::string(system) + "\"");
    }
    set_column_options(context, *table, require_column(*table, command.name), options);
  }
  context.catalog_changes().put(table);
}

void check_foreign_alteration(const catalog::Relation& table, AlterTableType action) {
  const char* refused = refused_action(action);
  if (refused == nullptr) return;
  throw SqlError(Sqlstate::WrongObjectType, std::string("ALTER action ") + refused + " cannot be performed on relation \"" + table.name + "\"")
      .detail("This operation is not supported for foreign tables.");
}

CommandResult import_foreign_schema(const ast::ImportForeignSchemaStmt& statement, CommandContext& context) {
  auto server = find_server(context, statement.server_name);
  auto version = context.catalog_version();
  catalog::check_privilege(*version, context.current_role(), *server, 'U');
  find_schema(context, statement.local_schema, false);
  auto wrapper = wrapper_of(*version, server->oid);
  if (wrapper->handler == kInvalidOid) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "foreign-data wrapper \"" + wrapper->name + "\" has no handler");
  }
  throw SqlError(Sqlstate::FdwNoSchemas, "foreign-data wrapper \"" + wrapper->name + "\" does not support IMPORT FOREIGN SCHEMA");
}

}  // namespace aegis::commands
