#include "system_objects.h"

#include "aegis/analyzer/analyzer.h"
#include "aegis/catalog/catalog.h"
#include "aegis/catalog/system.h"
#include "aegis/session/instance.h"

namespace aegis::server {

void install_system_objects(catalog::Catalog& catalog) {
  auto version = catalog.current();
  std::vector<catalog::ObjectPtr> objects;
  for (const catalog::SystemTable* table : catalog::system_tables()) {
    auto relation = std::make_shared<catalog::Relation>();
    relation->oid = table->oid;
    relation->schema = version->find_schema(kInvalidOid, table->schema);
    if (relation->schema == kInvalidOid) relation->schema = catalog::kPgCatalogSchema;
    relation->name = table->name;
    for (const catalog::SystemColumn& column : table->columns) {
      catalog::Column added;
      added.name = column.name;
      added.type = {column.type, -1};
      added.not_null = column.not_null;
      relation->columns.push_back(std::move(added));
    }
    objects.push_back(std::move(relation));
  }
  catalog.install_system_objects(std::move(objects));
}

void install_catalog_functions(session::Instance&) {}

}  // namespace aegis::server
