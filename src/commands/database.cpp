#include "database.h"

#include <algorithm>
#include <unordered_map>

#include "aegis/catalog/role_settings.h"
#include "aegis/base/error.h"
#include "aegis/catalog/sequence.h"
#include "aegis/catalog/tablespace.h"
#include "aegis/commands/large_object.h"
#include "aegis/types/collation.h"
#include "aegis/types/encoding.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "role.h"
#include "tablespace.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;

std::string text_of(const ast::DefElem& option) {
  if (auto* text = ast::node_cast<ast::String>(option.arg)) return std::string(text->sval);
  if (auto* number = ast::node_cast<ast::Integer>(option.arg)) return std::to_string(number->ival);
  if (auto* flag = ast::node_cast<ast::Boolean>(option.arg)) return flag->boolval ? "true" : "false";
  return {};
}

bool flag_of(const ast::DefElem& option) {
  std::string text = text_of(option);
  if (text == "true" || text == "on" || text == "1") return true;
  if (text == "false" || text == "off" || text == "0") return false;
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a Boolean value");
}

// The options about the locale, which are the template's unless given.
struct LocaleOptions {
  std::string collate, ctype, icu_locale;
  char provider = 0;

  void set(const std::string& name, const std::string& value) {
    if (name == "lc_collate" || name == "locale") collate = value;
    if (name == "lc_ctype" || name == "locale") ctype = value;
    if (name == "icu_locale") icu_locale = value;
    if (name != "locale_provider") return;
    if (value != "icu" && value != "libc") throw SqlError(Sqlstate::InvalidObjectDefinition, "unrecognized locale provider: " + value);
    provider = value == "icu" ? 'i' : 'c';
  }

  void apply(catalog::Database& made, const catalog::Database& source, bool pristine) {
    made.collate = collate.empty() ? source.collate : collate;
    made.ctype = ctype.empty() ? source.ctype : ctype;
    made.locale_provider = provider == 0 ? source.locale_provider : provider;
    if (made.locale_provider == 'i') made.icu_locale = icu_locale.empty() ? source.icu_locale : icu_locale;
    if (made.locale_provider != 'i' && !icu_locale.empty()) {
      throw SqlError(Sqlstate::InvalidObjectDefinition, "ICU locale cannot be specified unless locale provider is ICU");
    }
    if (made.locale_provider == 'i' && made.icu_locale.empty()) throw SqlError(Sqlstate::InvalidObjectDefinition, "ICU locale must be specified");
    for (const auto& [name, value] : {std::pair<const char*, const std::string&>{"LC_COLLATE", made.collate}, {"LC_CTYPE", made.ctype}}) {
      if (!is_known(value)) throw SqlError(Sqlstate::WrongObjectType, "invalid locale name: \"" + value + "\"");
    }
    types::open_collator({0, "", made.locale_provider, true, -1, made.collate, made.ctype, made.icu_locale});
    if (pristine) return;
    // Its indexes were made in the template's order.
    auto differs = [](const char* what, const std::string& now, const std::string& before, const char* hint) {
      if (now == before) return;
      throw SqlError(Sqlstate::InvalidParameterValue, std::string("new ") + what + " (" + now + ") is incompatible with the " + what +
                                                          " of the template database (" + before + ")")
          .hint(std::string("Use the same ") + hint + " as in the template database, or use template0 as template.");
    };
    differs("collation", made.collate, source.collate, "collation");
    differs("LC_CTYPE", made.ctype, source.ctype, "LC_CTYPE");
    auto word = [](char c) { return std::string(c == 'i' ? "icu" : "libc"); };
    differs("locale provider", word(made.locale_provider), word(source.locale_provider), "locale provider");
    if (made.locale_provider == 'i') differs("ICU locale", made.icu_locale, source.icu_locale, "ICU locale");
  }

 private:
  static bool is_known(const std::string& name) {
    try {
      types::open_collator({0, "", 'c', true, -1, name, name, ""});
      return true;
    } catch (const SqlError&) {
      return false;
    }
  }
};

// Copies a template's objects into a new database under new OIDs.
class TemplateCopy {
 public:
  TemplateCopy(CommandContext& context, Oid source, Oid target, Oid owner) : context_(context), source_(source), target_(target), owner_(owner) {}

  void run() {
    auto version = context_.catalog_version();
    std::vector<catalog::ObjectPtr> objects;
    for (const auto& object : version->objects(source_)) {
      if (object->database != source_) continue;
      if (object->kind == ObjectKind::Relation && static_cast<const catalog::Relation&>(*object).persistence == 't') continue;
      objects.push_back(object);
      oids_[object->oid] = context_.catalog().allocate_oid();
    }
    for (const auto& object : objects) {
      if (object->kind == ObjectKind::Schema) put(clone_object(*object));
    }
    for (const auto& object : objects) copy_foreign(*object);
    for (const auto& object : objects) {
      if (object->kind == ObjectKind::Relation) copy_relation(static_cast<const catalog::Relation&>(*object));
    }
    for (const auto& object : objects) {
      if (object->kind == ObjectKind::Index) copy_index(static_cast<const catalog::Index&>(*object));
    }
    for (const auto& object : objects) copy_publication(*object);
  }

 private:
  Oid mapped(Oid oid) {
    auto found = oids_.find(oid);
    return found == oids_.end() ? oid : found->second;
  }

  void put(std::shared_ptr<catalog::Object> object) {
    object->oid = mapped(object->oid);
    object->database = target_;
    object->schema = mapped(object->schema);
    for (auto& dependency : object->dependencies) dependency.object = mapped(dependency.object);
    context_.catalog_changes().put(std::move(object));
  }

  void copy_foreign(const catalog::Object& source) {
    if (source.kind != ObjectKind::ForeignDataWrapper && source.kind != ObjectKind::ForeignServer && source.kind != ObjectKind::UserMapping) return;
    auto copy = clone_object(source);
    // Functions are not copied.
    if (auto* wrapper = dynamic_cast<catalog::ForeignDataWrapper*>(copy.get())) {
      if (wrapper->handler >= kFirstNormalOid) wrapper->handler = kInvalidOid;
      if (wrapper->validator >= kFirstNormalOid) wrapper->validator = kInvalidOid;
    }
    if (auto* server = dynamic_cast<catalog::ForeignServer*>(copy.get())) server->wrapper = mapped(server->wrapper);
    if (auto* mapping = dynamic_cast<catalog::UserMapping*>(copy.get())) mapping->server = mapped(mapping->server);
    put(copy);
  }

  void copy_publication(const catalog::Object& source) {
    if (source.kind == ObjectKind::Publication) return put(clone_object(source));
    if (source.kind != ObjectKind::PublicationTable && source.kind != ObjectKind::PublicationSchema) return;
    auto copy = clone_object(source);
    if (auto* table = dynamic_cast<catalog::PublicationTable*>(copy.get())) {
      table->publication = mapped(table->publication);
      table->table = mapped(table->table);
    }
    if (auto* schema = dynamic_cast<catalog::PublicationSchema*>(copy.get())) {
      schema->publication = mapped(schema->publication);
      schema->published = mapped(schema->published);
    }
    put(copy);
  }

  void copy_relation(const catalog::Relation& source) {
    auto copy = std::make_shared<catalog::Relation>(source);
    auto allocate = [&] { return context_.catalog().allocate_oid(); };
    if (copy->row_type != kInvalidOid) copy->row_type = allocate();
    if (copy->array_type != kInvalidOid) copy->array_type = allocate();
    for (auto& column : copy->columns) column.identity_sequence = mapped(column.identity_sequence);
    for (auto& constraint : copy->constraints) {
      Oid made = allocate();
      oids_[constraint.oid] = made;
      constraint.oid = made;
      constraint.index = mapped(constraint.index);
      constraint.parent = mapped(constraint.parent);
      constraint.foreign_key.referenced = mapped(constraint.foreign_key.referenced);
      constraint.foreign_key.referenced_index = mapped(constraint.foreign_key.referenced_index);
    }
    for (auto& parent : copy->parents) parent.relation = mapped(parent.relation);
    for (auto& index : copy->indexes) index = mapped(index);
    for (auto& schema : copy->view_search_path) schema = mapped(schema);
    copy->sequence.owner_table = mapped(copy->sequence.owner_table);
    copy->server = mapped(copy->server);
    copy->replica_index = mapped(copy->replica_index);
    if (copy->is_table()) {
      copy->storage = TableId(allocate());
      copy_rows(source, *copy);
    }
    Oid old = source.oid;
    put(copy);
    if (source.relkind == 'S') copy_sequence(old);
  }

  void copy_rows(const catalog::Relation& source, const catalog::Relation& target) {
    auto& engine = context_.engine();
    auto& txn = context_.transaction().context();
    auto to = engine.create_table(txn, target.storage, storage_schema(target, *context_.catalog_version(), target_));
    auto from = engine.table(source.storage);
    vector::Chunk rows;
    std::vector<uint32_t> all;
    for (size_t i = 0; i < source.columns.size(); ++i) {
      rows.add_column(source.columns[i].type.oid);
      all.push_back(static_cast<uint32_t>(i));
    }
    auto snapshot = context_.transaction().take_latest_snapshot();
    storage::ScanState state{RowId(1), from->end_row()};
    std::vector<RowId> ids;
    while (from->scan(*snapshot, all, state, rows, ids)) {
      if (!rows.empty()) to->insert(txn, {}, rows);
    }
  }

  void copy_sequence(Oid source) {
    for (const auto& [key, bytes] : context_.engine().metadata()) {
      if (key.kind != catalog::kSequenceMetadata || key.key != catalog::sequence_key(source)) continue;
      catalog::SequenceState state;
      if (!catalog::decode_sequence(bytes, state)) continue;
      auto& engine = context_.engine();
      engine.put_metadata(context_.transaction().context(), catalog::kSequenceMetadata, catalog::sequence_key(mapped(source)), bytes);
      context_.sequence_changed(mapped(source), state.last_value, state.is_called);
    }
  }

  void copy_index(const catalog::Index& source) {
    auto copy = std::make_shared<catalog::Index>(source);
    copy->table = mapped(source.table);
    copy->constraint = mapped(source.constraint);
    copy->parent = mapped(source.parent);
    copy->storage = IndexId(context_.catalog().allocate_oid());
    auto version = context_.catalog_version();
    auto table = version->relation(copy->table);
    if (table == nullptr) return;
    copy->oid = source.oid;
    if (table->is_partitioned()) {
      copy->storage = {};
      return put(copy);
    }
    auto definition = executor::make_index_definition(*copy, *table, *version, context_.types());
    definition.directory = catalog::tablespace_directory(*version, target_, copy->tablespace);
    context_.engine().build_index(&context_.transaction().context(), definition);
    put(copy);
  }

  CommandContext& context_;
  Oid source_, target_, owner_;
  std::unordered_map<Oid, Oid> oids_;
};

}  // namespace

CommandResult create_database(const ast::CreatedbStmt& statement, CommandContext& context) {
  context.prevent_in_transaction_block("CREATE DATABASE");
  auto version = context.catalog_version();
  auto role = version->role(context.current_role());
  if (!context.is_superuser() && !(role && role->create_database)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to create database");
  }
  auto database = std::make_shared<catalog::Database>();
  database->name = statement.dbname;
  database->owner = context.current_role();
  std::string source = "template1";
  LocaleOptions locale;
  Oid tablespace = kInvalidOid;
  for (const auto* option : statement.options) {
    std::string name(option->defname);
    std::string value = text_of(*option);
    if (name == "template") {
      if (option->arg != nullptr) source = value;
    } else if (name == "owner") {
      if (option->arg != nullptr) database->owner = find_role(context, value);
    } else if (name == "encoding") {
      std::string folded;
      for (char c : value) {
        if (std::isalnum(static_cast<unsigned char>(c))) folded += static_cast<char>(std::tolower(c));
      }
      if (option->arg != nullptr && folded != "utf8" && folded != "unicode" && folded != "6" && folded != "default") {
        throw_not_supported("encoding \"" + value + "\"");
      }
    } else if (name == "connection_limit") {
      database->connection_limit = static_cast<int32_t>(types::parse_integer(value, -1, INT32_MAX, "integer"));
    } else if (name == "allow_connections") {
      database->allow_connections = flag_of(*option);
    } else if (name == "is_template") {
      database->is_template = flag_of(*option);
    } else if (name == "lc_collate" || name == "lc_ctype" || name == "locale" || name == "icu_locale" || name == "locale_provider") {
      if (option->arg != nullptr) locale.set(name, value);
    } else if (name == "tablespace") {
      if (option->arg != nullptr) tablespace = database_tablespace(context, value);
    } else if (name != "strategy" && name != "collation_version" && name != "oid") {
      throw SqlError(Sqlstate::SyntaxError, "option \"" + name + "\" not recognized").position(position_of(context, *option));
    }
  }
  lock_name(context, catalog::kPgDatabaseOid, 0, database->name);
  version = context.catalog_version();
  if (version->find_database(database->name) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateDatabase, "database \"" + database->name + "\" already exists");
  }
  Oid from = version->find_database(source);
  if (from == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "template database \"" + source + "\" does not exist");
  auto original = version->database(from);
  if (!original->is_template) {
    if (!context.is_superuser() && !is_member_of(*version, context.current_role(), original->owner)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to copy database \"" + source + "\"");
    }
  }
  locale.apply(*database, *original, source == "template0");
  database->tablespace = tablespace != kInvalidOid ? tablespace : original->tablespace;
  database->oid = context.catalog().allocate_oid();
  context.catalog_changes().put(database);
  TemplateCopy(context, from, database->oid, database->owner).run();
  return {"CREATE DATABASE", {}, {}};
}

namespace {

std::shared_ptr<catalog::Database> database_to_change(CommandContext& context, std::string_view name) {
  Oid oid = context.catalog_version()->find_database(name);
  if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + std::string(name) + "\" does not exist");
  auto changed = copy_of(context.catalog_version()->database(oid));
  check_owner(context, *changed);
  return changed;
}

}  // namespace

CommandResult alter_database(const ast::AlterDatabaseStmt& statement, CommandContext& context) {
  auto changed = database_to_change(context, statement.dbname);
  for (const auto* option : statement.options) {
    if (option->defname == "connection_limit") changed->connection_limit = static_cast<int32_t>(types::parse_integer(text_of(*option), -1, INT32_MAX, "integer"));
    else if (option->defname == "allow_connections") changed->allow_connections = flag_of(*option);
    else if (option->defname == "is_template") changed->is_template = flag_of(*option);
    else if (option->defname == "tablespace") {
      context.prevent_in_transaction_block("ALTER DATABASE SET TABLESPACE");
      move_database(context, *changed, database_tablespace(context, text_of(*option)));
    }
    else throw SqlError(Sqlstate::SyntaxError, "option \"" + std::string(option->defname) + "\" not recognized").position(position_of(context, *option));
  }
  if (!changed->allow_connections && changed->oid == context.database()) {
    throw SqlError(Sqlstate::InvalidParameterValue, "cannot disallow connections for current database");
  }
  context.catalog_changes().put(changed);
  return {"ALTER DATABASE", {}, {}};
}

CommandResult alter_database_set(const ast::AlterDatabaseSetStmt& statement, CommandContext& context) {
  auto changed = database_to_change(context, statement.dbname);
  auto settings = catalog::own_settings(changed->settings);
  apply_setting(context, settings, *statement.setstmt);
  catalog::set_own_settings(changed->settings, settings);
  context.catalog_changes().put(changed);
  return {"ALTER DATABASE", {}, {}};
}

CommandResult refresh_database_collation(const ast::AlterDatabaseRefreshCollStmt& statement, CommandContext& context) {
  // No version is kept: an index orders texts by their bytes, whatever ICU makes of them.
  database_to_change(context, statement.dbname);
  notice(context, "version has not changed");
  return {"ALTER DATABASE", {}, {}};
}

CommandResult drop_database(const ast::DropdbStmt& statement, CommandContext& context) {
  context.prevent_in_transaction_block("DROP DATABASE");
  std::string name(statement.dbname);
  lock_name(context, catalog::kPgDatabaseOid, 0, name);
  auto version = context.catalog_version();
  Oid oid = version->find_database(name);
  if (oid == kInvalidOid) {
    if (!statement.missing_ok) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + name + "\" does not exist");
    notice(context, "database \"" + name + "\" does not exist, skipping");
    return {"DROP DATABASE", {}, {}};
  }
  auto database = version->database(oid);
  check_owner(context, *database);
  if (database->is_template) throw SqlError(Sqlstate::WrongObjectType, "cannot drop a template database");
  if (oid == context.database()) throw SqlError(Sqlstate::ObjectInUse, "cannot drop the currently open database");
  auto& txn = context.transaction().context();
  auto& engine = context.engine();
  for (const auto& object : version->objects(oid)) {
    if (object->database != oid) continue;
    if (object->kind == ObjectKind::Index) {
      Oid storage = static_cast<const catalog::Index&>(*object).storage.value;
      if (engine.index(IndexId(storage)) != nullptr) engine.drop_index(txn, IndexId(storage));
    } else if (object->kind == ObjectKind::Relation) {
      const auto& relation = static_cast<const catalog::Relation&>(*object);
      if (relation.is_table() && engine.table(relation.storage) != nullptr) engine.drop_table(txn, relation.storage);
      if (relation.relkind == 'S') engine.remove_metadata(txn, catalog::kSequenceMetadata, catalog::sequence_key(relation.oid));
    }
    if (object->kind == ObjectKind::LargeObject) {
      remove_large_object_pages(engine, context.transactions(), context.transaction(), object->oid);
    }
    context.catalog_changes().remove(object->oid);
  }
  context.catalog_changes().remove(oid);
  return {"DROP DATABASE", {}, {}};
}

}  // namespace aegis::commands
