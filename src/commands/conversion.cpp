#include "conversion.h"

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/functions/conversion.h"
#include "aegis/functions/function.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;

constexpr Oid kConversionArguments[] = {oid::kInt4, oid::kInt4, oid::kCstring, oid::kInternal, oid::kInt4, oid::kBool};

Oid find_procedure(CommandContext& context, ast::NameList name) {
  auto matches = [](std::span<const Oid> arguments) { return std::equal(arguments.begin(), arguments.end(), std::begin(kConversionArguments), std::end(kConversionArguments)); };
  Oid result = kInvalidOid;
  Oid found = kInvalidOid;
  if (name.size() == 1 || name.front() == "pg_catalog") {
    for (const auto* function : functions::find_functions(name.back())) {
      if (!matches(function->arguments)) continue;
      found = function->oid;
      result = function->result;
    }
  }
  auto version = context.catalog_version();
  std::vector<Oid> schemas = name.size() > 1 ? std::vector<Oid>{find_schema(context, name[name.size() - 2], false)} : context.search_path();
  for (Oid schema : schemas) {
    if (found != kInvalidOid) break;
    for (const auto& routine : version->routines(schema, name.back())) {
      if (!matches(routine->input_types())) continue;
      found = routine->oid;
      result = routine->result.oid;
    }
  }
  if (found == kInvalidOid) {
    throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(name) + "(integer, integer, cstring, internal, integer, boolean) does not exist");
  }
  if (result != oid::kInt4) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "encoding conversion function " + dotted(name) + " must return type integer");
  }
  return found;
}

}  // namespace

void check_conversion_name(CommandContext& context, Oid schema, std::string_view name) {
  auto version = context.catalog_version();
  bool built_in = schema == catalog::kPgCatalogSchema && functions::find_conversion(name) != nullptr;
  if (!built_in && version->named_object(catalog::ObjectKind::Conversion, context.database(), schema, name) == nullptr) return;
  throw SqlError(Sqlstate::DuplicateObject, "conversion \"" + std::string(name) + "\" already exists in schema \"" + version->schema(schema)->name + "\"");
}

catalog::ObjectPtr find_conversion(CommandContext& context, std::span<const std::string_view> name, bool missing_ok) {
  auto version = context.catalog_version();
  std::vector<Oid> schemas = context.search_path();
  if (name.size() > 1) {
    Oid schema = find_schema(context, name[name.size() - 2], missing_ok);
    if (schema == kInvalidOid) return nullptr;
    catalog::check_privilege(*version, context.current_role(), *version->schema(schema), 'U');
    schemas = {schema};
  }
  for (Oid schema : schemas) {
    auto found = version->named_object(catalog::ObjectKind::Conversion, context.database(), schema, name.back());
    if (found != nullptr) return found;
    if (schema == catalog::kPgCatalogSchema && functions::find_conversion(name.back()) != nullptr) {
      if (!context.is_superuser()) throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of conversion " + std::string(name.back()));
      throw_not_supported("changing a conversion of the system");
    }
  }
  if (missing_ok) return nullptr;
  std::string text;
  for (auto part : name) text += (text.empty() ? "" : ".") + std::string(part);
  throw SqlError(Sqlstate::UndefinedObject, "conversion \"" + text + "\" does not exist");
}

CommandResult create_conversion(const ast::CreateConversionStmt& statement, CommandContext& context) {
  NewName name = creation_name(context, range_var(context, statement.conversion_name));
  auto encoding = [](std::string_view written, const char* which) {
    const functions::Encoding* found = functions::find_encoding(written);
    if (found == nullptr) {
      throw SqlError(Sqlstate::UndefinedObject, std::string(which) + " encoding \"" + std::string(written) + "\" does not exist");
    }
    return found;
  };
  const auto* source = encoding(statement.for_encoding_name, "source");
  const auto* target = encoding(statement.to_encoding_name, "destination");
  if (source->number == 0 || target->number == 0) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "encoding conversion to or from \"SQL_ASCII\" is not supported");
  }
  auto made = std::make_shared<catalog::Conversion>();
  made->function = find_procedure(context, statement.func_name);
  if (!functions::converts(made->function, source->number, target->number)) {
    throw SqlError(Sqlstate::InvalidParameterValue, "conversion between " + std::string(source->name) + " and " + std::string(target->name) +
                                                        " by function " + dotted(statement.func_name) + " is not supported");
  }
  made->oid = context.catalog().allocate_oid();
  made->database = context.database();
  made->schema = name.schema;
  made->name = name.name;
  made->owner = context.current_role();
  made->source = source->name;
  made->target = target->name;
  made->is_default = statement.def;
  lock_name(context, catalog::kPgConversionOid, name.schema, name.name);
  auto version = context.catalog_version();
  if (version->named_object(catalog::ObjectKind::Conversion, context.database(), name.schema, name.name) != nullptr) {
    throw SqlError(Sqlstate::DuplicateObject, "conversion \"" + name.name + "\" already exists");
  }
  if (statement.def) {
    for (const auto& object : version->objects(context.database())) {
      if (object->kind != catalog::ObjectKind::Conversion || object->schema != name.schema) continue;
      const auto& other = static_cast<const catalog::Conversion&>(*object);
      if (other.is_default && other.source == made->source && other.target == made->target) {
        throw SqlError(Sqlstate::DuplicateObject, "default conversion for " + made->source + " to " + made->target + " already exists");
      }
    }
  }
  if (made->function >= kFirstNormalOid) made->dependencies.push_back({made->function, 0, 'n'});
  context.catalog_changes().put(std::move(made));
  return {"CREATE CONVERSION", {}, {}};
}

}  // namespace aegis::commands
