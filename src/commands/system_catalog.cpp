#include "aegis/commands/system_catalog.h"

#include <algorithm>

#include "aegis/analyzer/analyzer.h"
#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/parser/parser.h"

namespace aegis::commands {
namespace {

using catalog::Relation;

constexpr Oid kToastSchema = 99;

std::shared_ptr<catalog::Schema> make_schema(Oid oid, const char* name, const char* comment) {
  auto schema = std::make_shared<catalog::Schema>();
  schema->oid = oid;
  schema->name = name;
  schema->comment = comment;
  return schema;
}

std::shared_ptr<Relation> make_table(const catalog::SystemTable& table) {
  auto relation = std::make_shared<Relation>();
  relation->oid = table.oid;
  relation->schema = table.oid < catalog::kAegisSchema ? catalog::kPgCatalogSchema : catalog::kAegisSchema;
  relation->name = table.name;
  for (const auto& column : table.columns) {
    catalog::Column definition;
    definition.name = column.name;
    definition.type = {column.type};
    definition.collation = types::type_info(column.type).collation;
    definition.not_null = column.not_null && table.oid < 12000;
    relation->columns.push_back(std::move(definition));
  }
  return relation;
}

// PostgreSQL's predefined roles.
void add_roles(std::vector<catalog::ObjectPtr>& objects) {
  constexpr Oid kMonitor = 3373;
  constexpr Oid kReadAllSettings = 3374;
  constexpr Oid kReadAllStats = 3375;
  constexpr Oid kStatScanTables = 3377;
  struct Predefined {
    Oid oid;
    const char* name;
  };
  for (auto [oid, name] : {Predefined{catalog::kDatabaseOwnerRole, "pg_database_owner"}, {6181, "pg_read_all_data"}, {6182, "pg_write_all_data"},
                           {kMonitor, "pg_monitor"}, {kReadAllSettings, "pg_read_all_settings"}, {kReadAllStats, "pg_read_all_stats"},
                           {kStatScanTables, "pg_stat_scan_tables"}, {4569, "pg_read_server_files"}, {4570, "pg_write_server_files"},
                           {4571, "pg_execute_server_program"}, {4200, "pg_signal_backend"}, {4544, "pg_checkpoint"}}) {
    auto role = std::make_shared<catalog::Role>();
    role->oid = oid;
    role->name = name;
    if (oid == kMonitor) role->member_of = {kReadAllSettings, kReadAllStats, kStatScanTables};
    objects.push_back(std::move(role));
  }
}

class ViewInstaller {
 public:
  ViewInstaller(catalog::Catalog& catalog, const types::TypeContext& types) : catalog_(catalog), types_(types) {}

  // Views come in the order of their dependencies: each is analyzed when those before it are there.
  void add(const catalog::SystemView& view) {
    auto relation = std::make_shared<Relation>();
    relation->oid = view.oid;
    relation->schema = view.schema == "pg_catalog" ? catalog::kPgCatalogSchema : catalog::kInformationSchema;
    relation->name = view.name;
    relation->relkind = 'v';
    relation->view_sql = view.sql;
    relation->view_search_path = {catalog::kPgCatalogSchema};
    auto version = catalog_.current();
    analyzer::AnalyzerContext context{*version, kInvalidOid, relation->view_search_path, catalog::kBootstrapRole, types_, view.sql, kInvalidOid};
    auto parsed = parser::parse(view.sql);
    std::vector<types::Type> parameters;
    auto query = analyzer::analyze(context, *parsed.statements.at(0).stmt, parameters);
    for (const auto& output : query.output) {
      catalog::Column column;
      column.name = output.name;
      column.type = output.type;
      const auto* info = types::find_type(output.type.oid);
      column.collation = info == nullptr ? kInvalidOid : info->collation;
      relation->columns.push_back(std::move(column));
    }
    catalog_.install_system_objects({relation});
  }

 private:
  catalog::Catalog& catalog_;
  const types::TypeContext& types_;
};

}  // namespace

void install_system_catalog(catalog::Catalog& catalog, const types::TypeContext& types) {
  std::vector<catalog::ObjectPtr> objects{make_schema(catalog::kPgCatalogSchema, "pg_catalog", "system catalog schema"),
                                          make_schema(catalog::kInformationSchema, "information_schema", ""),
                                          make_schema(catalog::kAegisSchema, "aegis", "what the storage engine says of itself"),
                                          make_schema(kToastSchema, "pg_toast", "reserved schema for TOAST tables")};
  add_roles(objects);
  for (const auto* table : catalog::system_tables()) objects.push_back(make_table(*table));
  catalog.install_system_objects(std::move(objects));
  ViewInstaller installer(catalog, types);
  for (const auto& view : catalog::system_views()) installer.add(view);
}

}  // namespace aegis::commands
