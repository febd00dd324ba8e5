#include "objects.h"

#include <algorithm>

#include "aegis/catalog/tablespace.h"
#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/executor/deferred.h"
#include "aegis/functions/quoting.h"
#include "names.h"
#include "sequence.h"

namespace aegis::commands {

using catalog::ObjectKind;

catalog::ObjectPtr open_object(CommandContext& context, const ast::RangeVar& given, txn::LockMode mode, bool missing_ok) {
  // PostgreSQL shows no position for a missing relation here.
  ast::RangeVar name = given;
  name.location = -1;
  if (!name.schemaname.empty() && !missing_ok) find_schema(context, name.schemaname, false);
  for (;;) {
    auto version = context.catalog_version();
    Oid oid = analyzer::find_relation(context.analyzer_context(*version), name, missing_ok);
    if (oid == kInvalidOid) return nullptr;
    auto object = version->find(oid);
    context.lock_relation(object->kind == ObjectKind::Index ? static_cast<const catalog::Index&>(*object).table : oid, mode);
    version = context.catalog_version();
    if (analyzer::find_relation(context.analyzer_context(*version), name, true) == oid) return version->find(oid);
  }
}

catalog::RelationPtr open_relation(CommandContext& context, const ast::RangeVar& name, txn::LockMode mode, bool missing_ok) {
  auto object = open_object(context, name, mode, missing_ok);
  if (object == nullptr) return nullptr;
  if (object->kind == ObjectKind::Index) {
    throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is an index");
  }
  return std::static_pointer_cast<const catalog::Relation>(object);
}

catalog::RelationPtr open_table(CommandContext& context, const ast::RangeVar& name, txn::LockMode mode, bool missing_ok) {
  auto object = open_object(context, name, mode, missing_ok);
  if (object == nullptr) return nullptr;
  if (object->kind == ObjectKind::Index || (static_cast<const catalog::Relation&>(*object).relkind != 'r' &&
                                                      !static_cast<const catalog::Relation&>(*object).is_partitioned())) {
    throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not a table");
  }
  return std::static_pointer_cast<const catalog::Relation>(object);
}

bool is_system(const catalog::Version& version, const catalog::Object& object) {
  if (object.oid >= kFirstNormalOid || object.kind == ObjectKind::Database || object.kind == ObjectKind::Role) return false;
  return object.kind != ObjectKind::Schema || (object.name != "public");
}

void check_owner(CommandContext& context, const catalog::Object& object) {
  auto version = context.catalog_version();
  if (object.kind != ObjectKind::Schema && is_system(*version, object)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + object.name + "\" is a system catalog");
  }
  if (context.is_superuser() || is_member_of(*version, context.current_role(), catalog::acting_owner(*version, object.owner, context.database()))) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of " + std::string(kind_name(object)) + " " + object.name);
}

void check_not_in_use(CommandContext& context, const catalog::Object& object, const char* command) {
  if (context.relation_in_use(object.oid)) {
    throw SqlError(Sqlstate::ObjectInUse, "cannot " + std::string(command) + " \"" + object.name + "\" because it is being used by active queries in this session");
  }
  if (!context.deferred().concerns(object.oid)) return;
  throw SqlError(Sqlstate::ObjectInUse, "cannot " + std::string(command) + " \"" + object.name + "\" because it has pending trigger events");
}

void require_superuser(CommandContext& context, std::string message) {
  if (!context.is_superuser()) throw SqlError(Sqlstate::InsufficientPrivilege, std::move(message));
}

std::string visible_name(CommandContext& context, const catalog::Object& object) {
  bool plain = object.kind == ObjectKind::ForeignDataWrapper || object.kind == ObjectKind::ForeignServer || object.kind == ObjectKind::Publication ||
               object.kind == ObjectKind::Subscription || object.kind == ObjectKind::LargeObject || object.kind == ObjectKind::ParameterAcl;
  if (plain) return object.name;
  std::string name = functions::quote_identifier(object.name);
  if (object.kind == ObjectKind::Type) return types::format_type({object.oid, -1}, context.types().names);
  auto version = context.catalog_version();
  bool by_schema = object.kind == ObjectKind::Routine || object.kind == ObjectKind::Operator || object.kind == ObjectKind::OperatorFamily ||
                   object.kind == ObjectKind::OperatorClass || object.kind == ObjectKind::Collation || object.kind == ObjectKind::Conversion;
  if (by_schema) {
    if (object.kind == ObjectKind::Operator) name = object.name;
    for (Oid schema : context.search_path()) {
      if (schema == object.schema) return name;
    }
    auto schema = version->schema(object.schema);
    return (schema == nullptr ? "" : functions::quote_identifier(schema->name) + ".") + name;
  }
  if (object.kind != ObjectKind::Relation && object.kind != ObjectKind::Index) return name;
  for (Oid schema : context.search_path()) {
    Oid found = version->find_relation(schema, object.name, context.database());
    if (found == object.oid) return name;
    if (found != kInvalidOid) break;
  }
  return sql_name(*version, object);
}

std::string describe(CommandContext& context, const catalog::Object& object) {
  if (object.kind == ObjectKind::Trigger) {
    auto table = context.catalog_version()->relation(static_cast<const catalog::Trigger&>(object).table);
    return "trigger " + object.name + " on " + (table == nullptr ? "" : describe(context, *table));
  }
  if (object.kind == ObjectKind::Operator) {
    const auto& op = static_cast<const catalog::Operator&>(object);
    auto operand = [&](Oid type) { return type == kInvalidOid ? std::string("NONE") : types::format_type({type}, context.types().names); };
    return "operator " + visible_name(context, object) + "(" + operand(op.left) + "," + operand(op.right) + ")";
  }
  if (object.kind == ObjectKind::Cast) {
    const auto& cast = static_cast<const catalog::Cast&>(object);
    return "cast from " + types::format_type({cast.source}, context.types().names) + " to " + types::format_type({cast.target}, context.types().names);
  }
  if (object.kind == ObjectKind::OperatorClass) {
    return "operator class " + visible_name(context, object) + " for access method " + static_cast<const catalog::OperatorClass&>(object).method;
  }
  if (object.kind == ObjectKind::OperatorFamily) {
    return "operator family " + visible_name(context, object) + " for access method " + static_cast<const catalog::OperatorFamily&>(object).method;
  }
  if (object.kind == ObjectKind::DefaultAcl) {
    char letter = static_cast<const catalog::DefaultAcl&>(object).object_type;
    const char* what = letter == 'r' ? "relations" : letter == 'S' ? "sequences" : letter == 'f' ? "functions" : letter == 'T' ? "types" : "schemas";
    auto version = context.catalog_version();
    auto role = version->role(object.owner);
    auto schema = object.schema == kInvalidOid ? nullptr : version->schema(object.schema);
    return std::string("default privileges on new ") + what + " belonging to role " + (role == nullptr ? std::string() : role->name) +
           (schema == nullptr ? std::string() : " in schema " + schema->name);
  }
  if (object.kind == ObjectKind::ForeignServer) return "server " + visible_name(context, object);
  if (object.kind == ObjectKind::UserMapping) {
    const auto& mapping = static_cast<const catalog::UserMapping&>(object);
    auto version = context.catalog_version();
    auto role = mapping.user == kInvalidOid ? nullptr : version->role(mapping.user);
    auto server = version->find(mapping.server);
    return "user mapping for " + (role == nullptr ? std::string("public") : role->name) + " on server " + (server == nullptr ? std::string() : server->name);
  }
  if (object.kind == ObjectKind::PublicationTable || object.kind == ObjectKind::PublicationSchema) {
    bool is_table = object.kind == ObjectKind::PublicationTable;
    auto version = context.catalog_version();
    auto publication = version->find(is_table ? static_cast<const catalog::PublicationTable&>(object).publication : static_cast<const catalog::PublicationSchema&>(object).publication);
    auto member = version->find(is_table ? static_cast<const catalog::PublicationTable&>(object).table : static_cast<const catalog::PublicationSchema&>(object).published);
    std::string what = member == nullptr ? std::string() : describe(context, *member);
    return "publication of " + what + " in publication " + (publication == nullptr ? std::string() : publication->name);
  }
  std::string arguments;
  if (object.kind == ObjectKind::Routine) {
    for (Oid type : static_cast<const catalog::Routine&>(object).input_types()) {
      arguments += (arguments.empty() ? "(" : ",") + types::format_type({type}, context.types().names);
    }
    arguments += arguments.empty() ? "()" : ")";
  }
  std::string kind(object.kind == ObjectKind::Routine ? "function" : kind_name(object));
  return kind + " " + visible_name(context, object) + arguments;
}

void notice(CommandContext& context, std::string message, Sqlstate sqlstate) {
  ErrorFields fields;
  fields.severity = "NOTICE";
  fields.sqlstate = sqlstate;
  fields.message = std::move(message);
  context.notice(std::move(fields));
}

void warning(CommandContext& context, std::string message, Sqlstate sqlstate) {
  ErrorFields fields;
  fields.severity = "WARNING";
  fields.sqlstate = sqlstate;
  fields.message = std::move(message);
  context.notice(std::move(fields));
}

std::shared_ptr<catalog::Object> clone_object(const catalog::Object& object) {
  switch (object.kind) {
    case ObjectKind::Database: return std::make_shared<catalog::Database>(static_cast<const catalog::Database&>(object));
    case ObjectKind::Role: return std::make_shared<catalog::Role>(static_cast<const catalog::Role&>(object));
    case ObjectKind::Schema: return std::make_shared<catalog::Schema>(static_cast<const catalog::Schema&>(object));
    case ObjectKind::Relation: return std::make_shared<catalog::Relation>(static_cast<const catalog::Relation&>(object));
    case ObjectKind::Index: return std::make_shared<catalog::Index>(static_cast<const catalog::Index&>(object));
    case ObjectKind::Routine: return std::make_shared<catalog::Routine>(static_cast<const catalog::Routine&>(object));
    case ObjectKind::Trigger: return std::make_shared<catalog::Trigger>(static_cast<const catalog::Trigger&>(object));
    case ObjectKind::Type: return std::make_shared<catalog::UserType>(static_cast<const catalog::UserType&>(object));
    case ObjectKind::Operator: return std::make_shared<catalog::Operator>(static_cast<const catalog::Operator&>(object));
    case ObjectKind::Cast: return std::make_shared<catalog::Cast>(static_cast<const catalog::Cast&>(object));
    case ObjectKind::Collation: return std::make_shared<catalog::Collation>(static_cast<const catalog::Collation&>(object));
    case ObjectKind::Extension: return std::make_shared<catalog::Extension>(static_cast<const catalog::Extension&>(object));
    case ObjectKind::EventTrigger: return std::make_shared<catalog::EventTrigger>(static_cast<const catalog::EventTrigger&>(object));
    case ObjectKind::Statistics: return std::make_shared<catalog::Statistics>(static_cast<const catalog::Statistics&>(object));
    case ObjectKind::DefaultAcl: return std::make_shared<catalog::DefaultAcl>(static_cast<const catalog::DefaultAcl&>(object));
    case ObjectKind::Annotation: return std::make_shared<catalog::Annotation>(static_cast<const catalog::Annotation&>(object));
    case ObjectKind::TsDictionary: return std::make_shared<catalog::TsDictionary>(static_cast<const catalog::TsDictionary&>(object));
    case ObjectKind::TsConfiguration: return std::make_shared<catalog::TsConfiguration>(static_cast<const catalog::TsConfiguration&>(object));
    case ObjectKind::OperatorFamily: return std::make_shared<catalog::OperatorFamily>(static_cast<const catalog::OperatorFamily&>(object));
    case ObjectKind::OperatorClass: return std::make_shared<catalog::OperatorClass>(static_cast<const catalog::OperatorClass&>(object));
    case ObjectKind::ForeignDataWrapper: return std::make_shared<catalog::ForeignDataWrapper>(static_cast<const catalog::ForeignDataWrapper&>(object));
    case ObjectKind::ForeignServer: return std::make_shared<catalog::ForeignServer>(static_cast<const catalog::ForeignServer&>(object));
    case ObjectKind::UserMapping: return std::make_shared<catalog::UserMapping>(static_cast<const catalog::UserMapping&>(object));
    case ObjectKind::Publication: return std::make_shared<catalog::Publication>(static_cast<const catalog::Publication&>(object));
    case ObjectKind::PublicationTable: return std::make_shared<catalog::PublicationTable>(static_cast<const catalog::PublicationTable&>(object));
    case ObjectKind::PublicationSchema: return std::make_shared<catalog::PublicationSchema>(static_cast<const catalog::PublicationSchema&>(object));
    case ObjectKind::Subscription: return std::make_shared<catalog::Subscription>(static_cast<const catalog::Subscription&>(object));
    case ObjectKind::Tablespace: return std::make_shared<catalog::Tablespace>(static_cast<const catalog::Tablespace&>(object));
    case ObjectKind::Conversion: return std::make_shared<catalog::Conversion>(static_cast<const catalog::Conversion&>(object));
    case ObjectKind::LargeObject: return std::make_shared<catalog::LargeObject>(static_cast<const catalog::LargeObject&>(object));
    case ObjectKind::ParameterAcl: return std::make_shared<catalog::ParameterAcl>(static_cast<const catalog::ParameterAcl&>(object));
    case ObjectKind::AccessMethod: return std::make_shared<catalog::AccessMethod>(static_cast<const catalog::AccessMethod&>(object));
  }
  return nullptr;
}

// What the old owner held and granted is the new one's.
static void pass_privileges(CommandContext& context, catalog::Object& object, Oid from, Oid to) {
  auto version = context.catalog_version();
  auto before = version->role(from), after = version->role(to);
  if (before == nullptr || after == nullptr || from == to) return;
  auto pass = [&](std::vector<std::string>& list) {
    std::vector<catalog::AclItem> items;
    for (const auto& text : list) {
      auto item = catalog::parse_acl_item(text);
      if (item.grantee == before->name) item.grantee = after->name;
      if (item.grantor == before->name) item.grantor = after->name;
      auto same = std::find_if(items.begin(), items.end(), [&](const auto& other) { return other.grantee == item.grantee && other.grantor == item.grantor; });
      if (same == items.end()) {
        items.push_back(item);
        continue;
      }
      std::string both;
      for (char letter : std::string_view("arwdDxtXUCTcsA")) {
        size_t held[] = {same->privileges.find(letter), item.privileges.find(letter)};
        if (held[0] == std::string::npos && held[1] == std::string::npos) continue;
        auto grantable = [&](const std::string& text, size_t at) { return at != std::string::npos && at + 1 < text.size() && text[at + 1] == '*'; };
        both += letter;
        if (grantable(same->privileges, held[0]) || grantable(item.privileges, held[1])) both += '*';
      }
      same->privileges = both;
    }
    list.clear();
    for (const auto& item : items) list.push_back(catalog::format_acl_item(item));
  };
  pass(object.acl);
  if (object.kind != ObjectKind::Relation) return;
  for (auto& column : static_cast<catalog::Relation&>(object).columns) pass(column.acl);
}

void set_owner(CommandContext& context, const catalog::Object& object, Oid owner) {
  auto changed = clone_object(object);
  pass_privileges(context, *changed, object.owner, owner);
  changed->owner = owner;
  context.catalog_changes().put(changed);
  if (object.kind != ObjectKind::Relation) return;
  auto version = context.catalog_version();
  for (const auto& index : version->indexes_of(static_cast<const catalog::Relation&>(object))) set_owner(context, *index, owner);
  for (const auto& sequence : owned_sequences(*version, object.oid)) set_owner(context, *sequence, owner);
}

int require_column(const catalog::Relation& table, std::string_view name) {
  int column = table.find_column(name);
  if (column < 0) {
    throw SqlError(Sqlstate::UndefinedColumn,
                   "column \"" + std::string(name) + "\" of relation \"" + table.name + "\" does not exist");
  }
  return column;
}

storage::TableSchema storage_schema(const catalog::Relation& table, const catalog::Version& version, Oid database) {
  storage::TableSchema schema;
  schema.directory = catalog::tablespace_directory(version, database == kInvalidOid ? table.database : database, table.tablespace);
  schema.logged = table.persistence == 'p';
  auto compression = storage_compression(table);
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    schema.columns.push_back({types::physical_type(column.type.oid), column.dropped, {}, compression[i]});
  }
  return schema;
}

}  // namespace aegis::commands
