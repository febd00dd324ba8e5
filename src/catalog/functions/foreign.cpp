// postgresql_fdw_validator, and what foreign tables are read by.
#include "aegis/catalog/foreign.h"

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

struct Option {
  std::string_view name;
  Oid catalog;
};
constexpr Option kLibpqOptions[] = {
    {"authtype", kPgForeignServerOid}, {"service", kPgForeignServerOid}, {"user", kPgUserMappingOid},     {"password", kPgUserMappingOid},
    {"connect_timeout", kPgForeignServerOid}, {"dbname", kPgForeignServerOid}, {"host", kPgForeignServerOid}, {"hostaddr", kPgForeignServerOid},
    {"port", kPgForeignServerOid},     {"tty", kPgForeignServerOid},     {"options", kPgForeignServerOid}, {"requiressl", kPgForeignServerOid},
    {"sslmode", kPgForeignServerOid},  {"gsslib", kPgForeignServerOid},
};

Value postgresql_validator(const CatalogCall& call) {
  types::ArrayView options(call.text(0));
  Oid catalog = call.oid(1);
  for (size_t i = 0; i < options.size(); ++i) {
    std::string_view name = options.get(i).text();
    name = name.substr(0, name.find('='));
    std::string valid;
    bool known = false;
    for (const auto& option : kLibpqOptions) {
      if (option.catalog != catalog) continue;
      known = known || option.name == name;
      valid += (valid.empty() ? "" : ", ") + std::string(option.name);
    }
    if (known) continue;
    throw SqlError(Sqlstate::SyntaxError, "invalid option \"" + std::string(name) + "\"")
        .hint(valid.empty() ? "There are no valid options in this context." : "Valid options in this context are: " + valid);
  }
  return Value::of_bool(true);
}

constexpr CatalogFunction kFunctions[] = {
    {"postgresql_fdw_validator", postgresql_validator},
};

}  // namespace

Oid foreign_handler(const Version& version, const Relation& table) {
  auto server = version.find(table.server);
  auto found = server == nullptr ? nullptr : version.find(static_cast<const ForeignServer&>(*server).wrapper);
  AEGIS_CHECK(found != nullptr && found->kind == ObjectKind::ForeignDataWrapper);
  const auto& wrapper = static_cast<const ForeignDataWrapper&>(*found);
  if (wrapper.handler == kInvalidOid) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "foreign-data wrapper \"" + wrapper.name + "\" has no handler");
  }
  return wrapper.handler;
}

void refuse_foreign_write(const Version& version, const Relation& table, std::string_view verb) {
  foreign_handler(version, table);
  throw SqlError(Sqlstate::FeatureNotSupported, "cannot " + std::string(verb) + " foreign table \"" + table.name + "\"");
}

std::span<const CatalogFunction> foreign_functions() { return kFunctions; }

}  // namespace aegis::catalog
