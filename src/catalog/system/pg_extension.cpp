// pg_extension and the extensions there could be.
#include <tuple>

#include "aegis/catalog/extensions.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {

using namespace columns;  // NOLINT: the column numbers are what this file is about

const ExtensionScript* find_extension_script(std::string_view name) {
  for (const auto& script : extension_scripts()) {
    if (script.name == name) return &script;
  }
  return nullptr;
}

void generate_pg_extension(const SystemContext& context, RowSink& sink) {
  Row row(pg_extension::kTable, sink);
  for (auto [oid, name, schema] : {std::tuple{kPlPgSqlExtension, "plpgsql", kPgCatalogSchema}, {kAegisExtension, "aegis", kAegisSchema}}) {
    row.set(pg_extension::oid, oid)
        .set(pg_extension::extname, name)
        .set(pg_extension::extowner, kBootstrapRole)
        .set(pg_extension::extnamespace, schema)
        .set(pg_extension::extversion, "1.0")
        .emit();
  }
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Extension) continue;
    row.set(pg_extension::oid, object->oid)
        .set(pg_extension::extname, object->name)
        .set(pg_extension::extowner, object->owner)
        .set(pg_extension::extnamespace, object->schema)
        .set(pg_extension::extrelocatable, true)
        .set(pg_extension::extversion, static_cast<const Extension&>(*object).version)
        .emit();
  }
}

namespace {

// Of supplied_columns.def, whose tables have no list of numbers.
constexpr Oid kAvailable = 12081, kAvailableVersions = 12085;

constexpr ExtensionScript kPlPgSql{"plpgsql", "1.0", "PL/pgSQL procedural language", true, ""};

template <typename F>
void for_each_available(const SystemContext& context, F&& visit) {
  visit(kPlPgSql, std::string_view("1.0"));
  for (const auto& script : extension_scripts()) {
    auto installed = context.version.find_extension(context.database, script.name);
    visit(script, installed == nullptr ? std::string_view() : std::string_view(installed->version));
  }
}

}  // namespace

void generate_pg_available_extensions(const SystemContext& context, RowSink& sink) {
  enum { kName, kDefaultVersion, kInstalledVersion, kComment };
  Row row(kAvailable, sink);
  for_each_available(context, [&](const ExtensionScript& script, std::string_view installed) {
    row.set(kName, script.name)
        .set(kDefaultVersion, script.version)
        .set_text_or_null(kInstalledVersion, installed)
        .set(kComment, script.comment)
        .emit();
  });
}

void generate_pg_available_extension_versions(const SystemContext& context, RowSink& sink) {
  enum { kName, kVersion, kInstalled, kSuperuser, kTrusted, kRelocatable, kSchema, kRequires, kComment };
  Row row(kAvailableVersions, sink);
  for_each_available(context, [&](const ExtensionScript& script, std::string_view installed) {
    row.set(kName, script.name)
        .set(kVersion, script.version)
        .set(kInstalled, !installed.empty())
        .set(kSuperuser, true)
        .set(kTrusted, script.trusted)
        .set(kRelocatable, true)
        .set(kComment, script.comment)
        .emit();
  });
}

}  // namespace aegis::catalog
