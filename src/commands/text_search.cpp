#include "text_search.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/functions/text_search.h"
#include "names.h"
#include "objects.h"

namespace aegis::commands {
namespace {

using ast::ObjectType;
using catalog::ObjectKind;
namespace text_search = functions::text_search;

ObjectKind kind_of(ObjectType type) { return type == ObjectType::TsConfiguration ? ObjectKind::TsConfiguration : ObjectKind::TsDictionary; }
const char* word_of(ObjectType type) {
  return type == ObjectType::TsConfiguration ? "text search configuration" : "text search dictionary";
}

std::string value_text(const ast::DefElem& option) {
  if (option.arg == nullptr) throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a parameter");
  if (const auto* text = ast::node_cast<ast::String>(option.arg)) return std::string(text->sval);
  if (const auto* number = ast::node_cast<ast::Integer>(option.arg)) return std::to_string(number->ival);
  if (const auto* number = ast::node_cast<ast::Float>(option.arg)) return std::string(number->fval);
  if (const auto* boolean = ast::node_cast<ast::Boolean>(option.arg)) return boolean->boolval ? "true" : "false";
  if (const auto* type = ast::node_cast<ast::TypeName>(option.arg)) return dotted(type->names);
  if (const auto* name = ast::node_cast<ast::QualifiedName>(option.arg)) return dotted(name->names);
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a parameter");
}

std::vector<std::string_view> value_names(const ast::DefElem& option) {
  if (const auto* type = ast::node_cast<ast::TypeName>(option.arg)) return {type->names.begin(), type->names.end()};
  if (option.arg == nullptr) throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a parameter");
  return names_of(*option.arg);
}

catalog::ObjectPtr look(CommandContext& context, ObjectKind kind, std::span<const std::string_view> names) {
  auto version = context.catalog_version();
  if (names.size() > 1) {
    Oid schema = find_schema(context, names[names.size() - 2], false);
    return version->find_text_search(kind, schema, names.back(), context.database());
  }
  for (Oid schema : context.search_path()) {
    if (auto object = version->find_text_search(kind, schema, names.back(), context.database())) return object;
  }
  return nullptr;
}

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (auto name : names) text += (text.empty() ? "" : ".") + std::string(name);
  return text;
}

catalog::ObjectPtr find(CommandContext& context, ObjectType type, std::span<const std::string_view> names) {
  auto object = look(context, kind_of(type), names);
  if (object == nullptr) throw SqlError(Sqlstate::UndefinedObject, std::string(word_of(type)) + " \"" + joined(names) + "\" does not exist");
  return object;
}

Oid find_template(std::span<const std::string_view> names) {
  struct Template {
    const char* name;
    Oid oid;
  };
  bool built_in = names.size() == 1 || names[names.size() - 2] == "pg_catalog";
  for (auto [name, oid] : {Template{"simple", text_search::kSimpleTemplate}, {"synonym", text_search::kSynonymTemplate},
                           {"ispell", text_search::kIspellTemplate}, {"thesaurus", text_search::kThesaurusTemplate},
                           {"snowball", text_search::kSnowballTemplate}}) {
    if (built_in && names.back() == name) return oid;
  }
  throw SqlError(Sqlstate::UndefinedObject, "text search template \"" + joined(names) + "\" does not exist");
}

Oid catalog_of(const catalog::Object& object) {
  return object.kind == ObjectKind::TsConfiguration ? catalog::kPgTsConfigurationOid : catalog::kPgTsDictionaryOid;
}

void begin(CommandContext& context, ast::NameList names, catalog::Object& object) {
  NewName made = creation_name(context, range_var(context, names));
  object.oid = context.catalog().allocate_oid();
  object.database = context.database();
  object.schema = made.schema;
  object.name = made.name;
  object.owner = context.current_role();
  lock_name(context, catalog_of(object), made.schema, made.name);
}

// Loads the dictionary as the transaction sees it, which raises what is wrong with its options.
void put_dictionary(CommandContext& context, std::shared_ptr<catalog::TsDictionary> dictionary) {
  Oid oid = dictionary->oid;
  context.catalog_changes().put(std::move(dictionary));
  context.services().text_search_dictionary(oid);
}

void create_dictionary(const ast::DefineStmt& statement, CommandContext& context) {
  auto dictionary = std::make_shared<catalog::TsDictionary>();
  begin(context, statement.defnames, *dictionary);
  for (const auto* option : statement.definition) {
    if (option->defname == "template") {
      dictionary->template_oid = find_template(value_names(*option));
    } else {
      dictionary->option_names.emplace_back(option->defname);
      dictionary->option_values.push_back(value_text(*option));
    }
  }
  if (dictionary->template_oid == kInvalidOid) throw SqlError(Sqlstate::InvalidObjectDefinition, "text search template is required");
  put_dictionary(context, std::move(dictionary));
}

// The dictionaries that a configuration needs to exist.
void set_dependencies(catalog::TsConfiguration& configuration) {
  configuration.dependencies.clear();
  for (const auto& mapping : configuration.mappings) {
    for (Oid dictionary : mapping.dictionaries) {
      catalog::Dependency needed{dictionary, 0, 'n'};
      auto& all = configuration.dependencies;
      if (std::find(all.begin(), all.end(), needed) == all.end()) all.push_back(needed);
    }
  }
}

void create_configuration(const ast::DefineStmt& statement, CommandContext& context) {
  auto configuration = std::make_shared<catalog::TsConfiguration>();
  begin(context, statement.defnames, *configuration);
  bool has_parser = false, has_copy = false;
  for (const auto* option : statement.definition) {
    if (option->defname == "parser") {
      auto names = value_names(*option);
      bool known = names.back() == "default" && (names.size() == 1 || names[names.size() - 2] == "pg_catalog");
      if (!known) throw SqlError(Sqlstate::UndefinedObject, "text search parser \"" + joined(names) + "\" does not exist");
      has_parser = true;
    } else if (option->defname == "copy") {
      auto source = find(context, ObjectType::TsConfiguration, value_names(*option));
      configuration->mappings = static_cast<const catalog::TsConfiguration&>(*source).mappings;
      has_copy = true;
    } else {
      throw SqlError(Sqlstate::SyntaxError, "text search configuration parameter \"" + std::string(option->defname) + "\" not recognized");
    }
  }
  if (has_parser && has_copy) throw SqlError(Sqlstate::SyntaxError, "cannot specify both PARSER and COPY options");
  if (!has_parser && !has_copy) throw SqlError(Sqlstate::InvalidObjectDefinition, "text search parser is required");
  set_dependencies(*configuration);
  context.catalog_changes().put(configuration);
}

std::vector<int> token_types(ast::NameList names) {
  std::vector<int> types;
  for (auto name : names) {
    int type = text_search::find_token_type(name);
    if (type == 0) throw SqlError(Sqlstate::InvalidParameterValue, "token type \"" + std::string(name) + "\" does not exist");
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  return types;
}

catalog::TsMapping* find_mapping(catalog::TsConfiguration& configuration, int token) {
  for (auto& mapping : configuration.mappings) {
    if (mapping.token == token) return &mapping;
  }
  return nullptr;
}

void add_mappings(catalog::TsConfiguration& configuration, const std::vector<int>& tokens, const std::vector<Oid>& dictionaries, bool replace) {
  for (int token : tokens) {
    if (auto* mapping = find_mapping(configuration, token)) {
      if (!replace) {
        throw SqlError(Sqlstate::UniqueViolation, "duplicate key value violates unique constraint \"pg_ts_config_map_index\"")
            .detail("Key (mapcfg, maptokentype, mapseqno)=(" + std::to_string(configuration.oid) + ", " + std::to_string(token) + ", 1) already exists.");
      }
      mapping->dictionaries = dictionaries;
    } else {
      configuration.mappings.push_back({token, dictionaries});
    }
  }
  std::sort(configuration.mappings.begin(), configuration.mappings.end(), [](const auto& a, const auto& b) { return a.token < b.token; });
}

void drop_mappings(CommandContext& context, catalog::TsConfiguration& configuration, const ast::AlterTSConfigurationStmt& statement) {
  for (int token : token_types(statement.tokentype)) {
    std::string name = text_search::token_type(token).alias;
    if (find_mapping(configuration, token) != nullptr) {
      std::erase_if(configuration.mappings, [&](const auto& mapping) { return mapping.token == token; });
      continue;
    }
    std::string text = "mapping for token type \"" + name + "\" does not exist";
    if (!statement.missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
    notice(context, text + ", skipping");
  }
}

}  // namespace

bool is_text_search(ObjectType type) { return type == ObjectType::TsConfiguration || type == ObjectType::TsDictionary; }

catalog::ObjectPtr find_text_search(CommandContext& context, ObjectType type, ast::NameList names, bool missing_ok) {
  std::vector<std::string_view> parts(names.begin(), names.end());
  if (!missing_ok) return find(context, type, parts);
  if (parts.size() > 1 && find_schema(context, parts[parts.size() - 2], true) == kInvalidOid) return nullptr;
  return look(context, kind_of(type), parts);
}

void check_text_search_name(CommandContext& context, const catalog::Object& object, Oid schema, std::string_view name) {
  auto version = context.catalog_version();
  lock_name(context, catalog_of(object), schema, name);
  if (version->find_text_search(object.kind, schema, name, context.database()) == nullptr) return;
  throw SqlError(Sqlstate::DuplicateObject, std::string(kind_name(object)) + " \"" + std::string(name) + "\" already exists in schema \"" +
                                                version->schema(schema)->name + "\"");
}

CommandResult create_text_search(const ast::DefineStmt& statement, CommandContext& context) {
  if (statement.kind == ObjectType::TsDictionary) {
    create_dictionary(statement, context);
  } else {
    create_configuration(statement, context);
  }
  return {command_tag(statement), {}, {}};
}

CommandResult alter_text_search_dictionary(const ast::AlterTSDictionaryStmt& statement, CommandContext& context) {
  auto object = find_text_search(context, ObjectType::TsDictionary, statement.dictname);
  check_owner(context, *object);
  auto dictionary = std::make_shared<catalog::TsDictionary>(static_cast<const catalog::TsDictionary&>(*object));
  for (const auto* option : statement.options) {
    auto& names = dictionary->option_names;
    auto& values = dictionary->option_values;
    for (size_t i = names.size(); i-- > 0;) {
      if (names[i] != option->defname) continue;
      names.erase(names.begin() + static_cast<ptrdiff_t>(i));
      values.erase(values.begin() + static_cast<ptrdiff_t>(i));
    }
    if (option->arg == nullptr) continue;
    names.emplace_back(option->defname);
    values.push_back(value_text(*option));
  }
  put_dictionary(context, std::move(dictionary));
  return {command_tag(statement), {}, {}};
}

CommandResult alter_text_search_configuration(const ast::AlterTSConfigurationStmt& statement, CommandContext& context) {
  auto object = find_text_search(context, ObjectType::TsConfiguration, statement.cfgname);
  check_owner(context, *object);
  auto configuration = std::make_shared<catalog::TsConfiguration>(static_cast<const catalog::TsConfiguration&>(*object));
  std::vector<int> tokens = token_types(statement.tokentype);
  std::vector<Oid> dictionaries;
  for (const auto* name : statement.dicts) dictionaries.push_back(find_text_search(context, ObjectType::TsDictionary, name->names)->oid);
  switch (statement.kind) {
    case ast::AlterTSConfigType::AddMapping: add_mappings(*configuration, tokens, dictionaries, false); break;
    case ast::AlterTSConfigType::AlterMappingForToken: add_mappings(*configuration, tokens, dictionaries, true); break;
    case ast::AlterTSConfigType::ReplaceDict:
    case ast::AlterTSConfigType::ReplaceDictForToken:
      for (auto& mapping : configuration->mappings) {
        bool wanted = tokens.empty() || std::find(tokens.begin(), tokens.end(), mapping.token) != tokens.end();
        if (wanted) std::replace(mapping.dictionaries.begin(), mapping.dictionaries.end(), dictionaries.at(0), dictionaries.at(1));
      }
      break;
    case ast::AlterTSConfigType::DropMapping: drop_mappings(context, *configuration, statement); break;
  }
  set_dependencies(*configuration);
  context.catalog_changes().put(configuration);
  return {command_tag(statement), {}, {}};
}

}  // namespace aegis::commands
