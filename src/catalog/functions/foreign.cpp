// postgresql_fdw_validator, the statistics of subscriptions (which do nothing), and what foreign tables are read by.
#include "aegis/catalog/foreign.h"

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
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
    Value option = options.get(i);  // holds a short text itself
    std::string_view name = option.text();
    name = name.substr(0, name.find('='));
    std::string valid;
    bool known = false;
    for (const auto& allowed : kLibpqOptions) {
      if (allowed.catalog != catalog) continue;
      known = known || allowed.name == name;
      valid += (valid.empty() ? "" : ", ") + std::string(allowed.name);
    }
    if (known) continue;
    throw SqlError(Sqlstate::SyntaxError, "invalid option \"" + std::string(name) + "\"")
        .hint(valid.empty() ? "There are no valid options in this context." : "Valid options in this context are: " + valid);
  }
  return Value::of_bool(true);
}

Value subscription_statistics(const CatalogCall& call) {
  types::RecordBuilder record;
  record.add(types::oid::kOid, Value::of_oid(call.oid(0)));
  record.add(types::oid::kInt8, Value::of_i64(0));
  record.add(types::oid::kInt8, Value::of_i64(0));
  record.add(types::oid::kTimestamptz, Value::null());
  return Value::of_string(record.finish(call.arena));
}

Value reset_subscription_statistics(const CatalogCall& call) {
  if (call.oid(0) == kInvalidOid) throw SqlError(Sqlstate::InvalidParameterValue, "invalid subscription OID 0");
  return call.string("");
}

constexpr CatalogFunction kFunctions[] = {
    {"pg_stat_get_subscription_stats", subscription_statistics},
    {"pg_stat_reset_subscription_stats", reset_subscription_statistics},
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
