#include "names.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/base/hash.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/encoding.h"

namespace aegis::commands {

constexpr size_t kNameBytes = 63;

int position_of(CommandContext& context, const ast::Node& node) { return parser::character_position(context.sql(), node.location); }

std::string dotted(ast::NameList names) {
  std::string out;
  for (auto part : names) {
    if (!out.empty()) out += '.';
    out += part;
  }
  return out;
}

std::vector<std::string_view> names_of(const ast::Node& node) {
  if (auto* text = ast::node_cast<ast::String>(&node)) return {text->sval};
  if (auto* name = ast::node_cast<ast::QualifiedName>(&node)) return {name->names.begin(), name->names.end()};
  throw InternalError("an object's name is of an unexpected kind");
}

std::string display_name(const ast::RangeVar& name) {
  std::string out;
  if (!name.catalogname.empty()) out += std::string(name.catalogname) + ".";
  if (!name.schemaname.empty()) out += std::string(name.schemaname) + ".";
  return out + std::string(name.relname);
}

ast::RangeVar range_var(CommandContext& context, ast::NameList names) {
  auto version = context.catalog_version();
  return analyzer::range_var_of(context.analyzer_context(*version), names);
}

Oid find_schema(CommandContext& context, std::string_view name, bool missing_ok) {
  if (name == "pg_temp") return context.temp_schema(true);
  Oid schema = context.catalog_version()->find_schema(context.database(), name);
  if (schema == kInvalidOid && !missing_ok) {
    throw SqlError(Sqlstate::InvalidSchemaName, "schema \"" + std::string(name) + "\" does not exist");
  }
  return schema;
}

NewName creation_name(CommandContext& context, const ast::RangeVar& name) {
  auto version = context.catalog_version();
  if (!name.catalogname.empty()) {
    auto database = version->database(context.database());
    if (database == nullptr || database->name != name.catalogname) {
      throw SqlError(Sqlstate::FeatureNotSupported, "cross-database references are not implemented: \"" + display_name(name) + "\"");
    }
  }
  NewName made;
  made.name = name.relname;
  made.persistence = static_cast<char>(name.relpersistence);
  bool temp = made.persistence == 't';
  if (!name.schemaname.empty()) {
    if (name.schemaname == "pg_temp") {
      made.schema = context.temp_schema(true);
      made.persistence = 't';
      return made;
    }
    made.schema = version->find_schema(context.database(), name.schemaname);
    if (made.schema == kInvalidOid) {
      throw SqlError(Sqlstate::InvalidSchemaName, "schema \"" + std::string(name.schemaname) + "\" does not exist")
          .position(position_of(context, name));
    }
    if (temp && made.schema != context.temp_schema(false)) {
      throw SqlError(Sqlstate::InvalidTableDefinition, "cannot create temporary relation in non-temporary schema")
          .position(position_of(context, name));
    }
  } else {
    made.schema = temp ? context.temp_schema(true) : context.creation_schema();
  }
  if (made.schema == catalog::kPgCatalogSchema) {
    auto schema = version->schema(made.schema);
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to create \"pg_catalog." + made.name + "\"")
        .detail("System catalog modifications are currently disallowed.");
  }
  if (!temp || !name.schemaname.empty()) check_may_create(context, made.schema, position_of(context, name));
  return made;
}

void check_may_create(CommandContext& context, Oid schema, int position) {
  auto version = context.catalog_version();
  auto object = version->schema(schema);
  if (object == nullptr || schema == context.temp_schema(false) || catalog::has_privilege(*version, context.current_role(), *object, 'C')) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for schema " + object->name).position(position);
}

void check_type_usage(CommandContext& context, Oid type) {
  auto version = context.catalog_version();
  auto owner = version->type_owner(type);
  if (owner == nullptr || owner->kind != catalog::ObjectKind::Type || catalog::has_privilege(*version, context.current_role(), *owner, 'U')) return;
  const auto* info = types::find_type(type);
  Oid shown = info != nullptr && info->element != kInvalidOid && types::is_array(type) ? info->element : type;
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for type " + types::format_type({shown}, context.types().names));
}

void lock_name(CommandContext& context, Oid catalog, Oid scope, std::string_view name) {
  Oid hash = static_cast<Oid>(hash_combine(hash_bytes(name), scope));
  bool shared = catalog == catalog::kPgDatabaseOid || catalog == catalog::kPgAuthidOid;
  auto tag = txn::LockTag::object(shared ? kInvalidOid : context.database(), catalog, hash);
  tag.object_c = 1;  // apart from locks on objects by their OID
  context.transactions().locks().lock(context.transaction().backend(), tag, txn::LockMode::AccessExclusive);
}

std::string make_object_name(std::string_view name1, std::string_view name2, std::string_view label) {
  size_t overhead = (name2.empty() ? 0 : 1) + (label.empty() ? 0 : label.size() + 1);
  size_t available = kNameBytes - overhead;
  size_t size1 = name1.size(), size2 = name2.size();
  while (size1 + size2 > available) {
    if (size1 > size2) {
      --size1;
    } else {
      --size2;
    }
  }
  std::string out(types::utf8_clip(name1, size1));
  if (!name2.empty()) out += "_" + std::string(types::utf8_clip(name2, size2));
  if (!label.empty()) out += "_" + std::string(label);
  return out;
}

std::string choose_relation_name(CommandContext& context, Oid schema, std::string_view name1, std::string_view name2,
                                 std::string_view label) {
  std::string modified(label);
  for (int pass = 1;; ++pass) {
    std::string name = make_object_name(name1, name2, modified);
    lock_name(context, catalog::kPgClassOid, schema, name);
    if (context.catalog_version()->find_relation(schema, name, context.database()) == kInvalidOid) return name;
    modified = std::string(label) + std::to_string(pass);
  }
}

std::string choose_constraint_name(CommandContext& context, const catalog::Relation& table, std::string_view name2,
                                   std::string_view label, const std::vector<std::string>& taken) {
  auto version = context.catalog_version();
  auto used = [&](const std::string& name) {
    auto has = [&](const catalog::Relation& relation) {
      return std::any_of(relation.constraints.begin(), relation.constraints.end(), [&](const auto& c) { return c.name == name; });
    };
    if (std::find(taken.begin(), taken.end(), name) != taken.end() || has(table)) return true;
    for (const auto& object : version->objects(context.database())) {
      if (object->kind != catalog::ObjectKind::Relation || object->schema != table.schema) continue;
      if (has(static_cast<const catalog::Relation&>(*object))) return true;
    }
    return false;
  };
  std::string modified(label);
  for (int pass = 1;; ++pass) {
    std::string name = make_object_name(table.name, name2, modified);
    if (!used(name)) return name;
    modified = std::string(label) + std::to_string(pass);
  }
}

std::string joined_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += '_';
    out += name;
    if (out.size() > kNameBytes) break;
  }
  return out;
}

std::string sql_name(const catalog::Version& version, const catalog::Object& object) {
  auto schema = version.schema(object.schema);
  std::string name = functions::quote_identifier(object.name);
  return schema == nullptr ? name : functions::quote_identifier(schema->name) + "." + name;
}

Oid find_role(CommandContext& context, std::string_view name, bool missing_ok) {
  Oid role = context.catalog_version()->find_role(name);
  if (role == kInvalidOid && !missing_ok) {
    throw SqlError(Sqlstate::UndefinedObject, "role \"" + std::string(name) + "\" does not exist");
  }
  return role;
}

Oid find_role(CommandContext& context, const ast::RoleSpec& role, bool missing_ok) {
  switch (role.roletype) {
    case ast::RoleSpecType::Cstring: return find_role(context, role.rolename, missing_ok);
    case ast::RoleSpecType::CurrentRole:
    case ast::RoleSpecType::CurrentUser: return context.current_role();
    case ast::RoleSpecType::SessionUser: return find_role(context, context.services().session_user(), missing_ok);
    case ast::RoleSpecType::Public: break;
  }
  throw SqlError(Sqlstate::UndefinedObject, "role \"public\" does not exist");
}

bool is_member_of(const catalog::Version& version, Oid role, Oid of) { return catalog::is_member(version, role, of, false); }

}  // namespace aegis::commands
