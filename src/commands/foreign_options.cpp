// OPTIONS (…) of foreign-data objects.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "definition_options.h"
#include "file_fdw.h"
#include "foreign_data.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

class Ignored : public functions::RowReceiver {
 public:
  void columns(std::span<const types::Type>) override {}
  bool row(std::span<const types::Value>) override { return true; }
};

void validate(CommandContext& context, const std::vector<std::string>& options, Oid catalog, Oid validator) {
  const auto* function = functions::find_function(validator);
  auto routine = context.catalog_version()->routine(validator);
  if (function == nullptr && routine == nullptr) return;
  if (routine != nullptr && routine->language == "internal" && routine->body == "file_fdw_validator") return validate_file_options(context, options, catalog);
  std::string name = routine != nullptr ? sql_name(*context.catalog_version(), *routine) : "pg_catalog." + functions::quote_identifier(function->name);
  std::string array;
  for (const auto& option : options) array += (array.empty() ? "" : ", ") + functions::quote_literal(option);
  Ignored receiver;
  context.services().run_query("SELECT " + name + "(ARRAY[" + array + "]::pg_catalog.text[], " + std::to_string(catalog) + "::pg_catalog.oid)", receiver);
}

}  // namespace

std::vector<std::string> foreign_options(CommandContext& context, std::vector<std::string> options, ast::List<ast::DefElem> changes, Oid catalog,
                                         const catalog::ForeignDataWrapper& wrapper) {
  for (const auto* change : changes) {
    std::string name(change->defname);
    if (name.find('=') != std::string::npos) {
      throw SqlError(Sqlstate::InvalidParameterValue, "invalid option name \"" + name + "\": must not contain \"=\"");
    }
    auto at = std::find_if(options.begin(), options.end(), [&](const auto& option) { return option.starts_with(name + "="); });
    bool adds = change->defaction == ast::DefElemAction::Add || change->defaction == ast::DefElemAction::Unspec;
    if (adds && at != options.end()) throw SqlError(Sqlstate::DuplicateObject, "option \"" + name + "\" provided more than once");
    if (!adds && at == options.end()) throw SqlError(Sqlstate::UndefinedObject, "option \"" + name + "\" not found");
    if (change->defaction == ast::DefElemAction::Drop) {
      options.erase(at);
      continue;
    }
    std::string option = name + "=" + option_text(*change);
    if (adds) options.push_back(std::move(option));
    else *at = std::move(option);
  }
  if (wrapper.validator != kInvalidOid) validate(context, options, catalog, wrapper.validator);
  return options;
}

}  // namespace aegis::commands
