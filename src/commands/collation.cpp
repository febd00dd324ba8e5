#include "collation.h"

#include "aegis/analyzer/analyzer.h"
#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "definition_options.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

struct Options {
  const ast::DefElem* from = nullptr;
  const ast::DefElem* locale = nullptr;
  const ast::DefElem* lc_collate = nullptr;
  const ast::DefElem* lc_ctype = nullptr;
  const ast::DefElem* provider = nullptr;
  const ast::DefElem* deterministic = nullptr;
  const ast::DefElem* version = nullptr;
};

SqlError conflicting() { return SqlError(Sqlstate::SyntaxError, "conflicting or redundant options"); }

Options read_options(const ast::DefineStmt& statement, CommandContext& context) {
  Options options;
  for (const auto* option : statement.definition) {
    const ast::DefElem** slot = option->defname == "from"            ? &options.from
                                : option->defname == "locale"        ? &options.locale
                                : option->defname == "lc_collate"    ? &options.lc_collate
                                : option->defname == "lc_ctype"      ? &options.lc_ctype
                                : option->defname == "provider"      ? &options.provider
                                : option->defname == "deterministic" ? &options.deterministic
                                : option->defname == "version"       ? &options.version
                                                                     : nullptr;
    if (slot == nullptr) {
      throw SqlError(Sqlstate::SyntaxError, "collation attribute \"" + std::string(option->defname) + "\" not recognized").position(position_of(context, *option));
    }
    if (*slot != nullptr) throw conflicting().position(position_of(context, *option));
    *slot = option;
  }
  if (options.locale != nullptr && (options.lc_collate != nullptr || options.lc_ctype != nullptr)) {
    throw conflicting().detail("LOCALE cannot be specified together with LC_COLLATE or LC_CTYPE.");
  }
  if (options.from != nullptr && statement.definition.size() != 1) {
    throw conflicting().detail("FROM cannot be specified together with any other options.");
  }
  return options;
}

void copy_from(const ast::DefElem& option, CommandContext& context, catalog::Collation& made) {
  std::vector<std::string_view> names = option_name(option);
  Oid source = resolve_collation(context, ast::NameList(names.data(), names.size()), -1);
  if (auto object = context.catalog_version()->find(source); object != nullptr && object->kind == catalog::ObjectKind::Collation) {
    const auto& other = static_cast<const catalog::Collation&>(*object);
    made.provider = other.provider;
    made.deterministic = other.deterministic;
    made.collate = other.collate;
    made.ctype = other.ctype;
    made.icu_locale = other.icu_locale;
    return;
  }
  const auto* info = types::find_collation(source);
  if (info->provider == 'd') throw SqlError(Sqlstate::InvalidObjectDefinition, "collation \"default\" cannot be copied");
  made.provider = info->provider;
  made.deterministic = info->deterministic;
  made.collate = info->collate;
  made.ctype = info->ctype;
  made.icu_locale = info->icu_locale;
}

void define(const Options& options, catalog::Collation& made) {
  if (options.provider != nullptr) {
    std::string name = option_text(*options.provider);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (name != "icu" && name != "libc") throw SqlError(Sqlstate::InvalidObjectDefinition, "unrecognized collation provider: " + option_text(*options.provider));
    made.provider = name == "icu" ? 'i' : 'c';
  }
  if (options.deterministic != nullptr) made.deterministic = option_bool(*options.deterministic);
  if (options.version != nullptr) made.version = option_text(*options.version);
  if (options.locale != nullptr) {
    std::string locale = option_text(*options.locale);
    if (made.provider == 'i') {
      made.icu_locale = locale;
    } else {
      made.collate = made.ctype = locale;
    }
  }
  if (options.lc_collate != nullptr) made.collate = option_text(*options.lc_collate);
  if (options.lc_ctype != nullptr) made.ctype = option_text(*options.lc_ctype);
  auto require = [](bool given, const char* parameter) {
    if (!given) throw SqlError(Sqlstate::InvalidObjectDefinition, std::string("parameter \"") + parameter + "\" must be specified");
  };
  if (made.provider == 'i') {
    require(options.locale != nullptr, "locale");
  } else {
    require(options.locale != nullptr || options.lc_collate != nullptr, "lc_collate");
    require(options.locale != nullptr || options.lc_ctype != nullptr, "lc_ctype");
  }
  if (!made.deterministic && made.provider != 'i') throw SqlError(Sqlstate::FeatureNotSupported, "nondeterministic collations not supported with this provider");
}

std::string taken(const catalog::Collation& collation, std::string_view name) {
  return "collation \"" + std::string(name) + "\"" + (collation.provider == 'i' ? "" : " for encoding \"UTF8\"") + " already exists";
}

}  // namespace

Oid resolve_collation(CommandContext& context, ast::NameList name, int location) {
  auto version = context.catalog_version();
  return analyzer::find_collation(context.analyzer_context(*version), name, location < 0 ? 0 : parser::character_position(context.sql(), location));
}

std::string collation_sql(const catalog::Version& version, Oid collation) {
  auto object = version.find(collation);
  std::string schema = object == nullptr ? "pg_catalog" : functions::quote_identifier(version.schema(object->schema)->name);
  return schema + "." + functions::quote_identifier(catalog::collation_name(version, collation));
}

catalog::ObjectPtr find_user_collation(CommandContext& context, std::span<const std::string_view> name, bool missing_ok) {
  auto version = context.catalog_version();
  std::vector<std::string_view> parts(name.begin(), name.end());
  if (missing_ok && catalog::find_collation(*version, context.database(), context.search_path(), parts) == kInvalidOid) return nullptr;
  Oid found = resolve_collation(context, ast::NameList(parts.data(), parts.size()), -1);
  auto object = version->find(found);
  if (object == nullptr) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of collation " + std::string(parts.back()));
  }
  return object;
}

void check_collation_name(CommandContext& context, Oid schema, std::string_view name, const catalog::Collation& collation) {
  auto version = context.catalog_version();
  std::string_view parts[] = {version->schema(schema)->name, name};
  if (catalog::find_collation(*version, context.database(), {}, parts) == kInvalidOid) return;
  throw SqlError(Sqlstate::DuplicateObject, taken(collation, name) + " in schema \"" + version->schema(schema)->name + "\"");
}

CommandResult create_collation(const ast::DefineStmt& statement, CommandContext& context) {
  NewName name = creation_name(context, range_var(context, statement.defnames));
  Options options = read_options(statement, context);
  auto made = std::make_shared<catalog::Collation>();
  made->oid = context.catalog().allocate_oid();
  made->database = context.database();
  made->schema = name.schema;
  made->name = name.name;
  made->owner = context.current_role();
  if (options.from != nullptr) {
    copy_from(*options.from, context, *made);
  } else {
    define(options, *made);
  }
  lock_name(context, catalog::kPgCollationOid, name.schema, name.name);
  auto version = context.catalog_version();
  std::string_view parts[] = {version->schema(name.schema)->name, name.name};
  if (catalog::find_collation(*version, context.database(), {}, parts) != kInvalidOid) {
    if (!statement.if_not_exists) throw SqlError(Sqlstate::DuplicateObject, taken(*made, name.name));
    notice(context, taken(*made, name.name) + ", skipping", Sqlstate::DuplicateObject);
    return {"CREATE COLLATION", {}, {}};
  }
  auto collator = types::open_collator(made->info());
  if (made->version.empty() && collator != nullptr) made->version = collator->version();
  context.catalog_changes().put(std::move(made));
  return {"CREATE COLLATION", {}, {}};
}

CommandResult refresh_collation(const ast::AlterCollationStmt& statement, CommandContext& context) {
  // The system's are made anew at each start.
  Oid found = resolve_collation(context, statement.collname, -1);
  if (context.catalog_version()->find(found) == nullptr && context.is_superuser()) {
    if (found == types::kDefaultCollation) throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot refresh version of default collation").hint("Use ALTER DATABASE ... REFRESH COLLATION VERSION instead.");
    notice(context, "version has not changed");
    return {"ALTER COLLATION", {}, {}};
  }
  auto object = find_user_collation(context, statement.collname);
  check_owner(context, *object);
  auto changed = std::make_shared<catalog::Collation>(static_cast<const catalog::Collation&>(*object));
  auto collator = types::open_collator(changed->info());
  std::string now = collator == nullptr ? std::string() : collator->version();
  if (now == changed->version) {
    notice(context, "version has not changed");
  } else {
    notice(context, "changing version from " + changed->version + " to " + now);
    changed->version = now;
    context.catalog_changes().put(changed);
  }
  return {"ALTER COLLATION", {}, {}};
}

}  // namespace aegis::commands
