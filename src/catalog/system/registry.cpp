// The list of generated catalog tables. To add one: a file beside this with its columns and generator, and its line in
// tables.h and here.
#include "aegis/catalog/system.h"

#include "system/tables.h"

namespace aegis::catalog {
namespace {

const SystemTable* const kTables[] = {&kPgNamespace};

}  // namespace

std::span<const SystemTable* const> system_tables() { return kTables; }

const SystemTable* find_system_table(std::string_view schema, std::string_view name) {
  for (const auto* table : kTables) {
    if (table->schema == schema && table->name == name) return table;
  }
  return nullptr;
}

const SystemTable* find_system_table(Oid oid) {
  for (const auto* table : kTables) {
    if (table->oid == oid) return table;
  }
  return nullptr;
}

}  // namespace aegis::catalog
