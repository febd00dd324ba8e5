#include "rename.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/quoting.h"
#include "collation.h"
#include "conversion.h"
#include "event_trigger.h"
#include "expression_uses.h"
#include "extension.h"
#include "foreign_data.h"
#include "named_objects.h"
#include "names.h"
#include "objects.h"
#include "rule.h"
#include "operator.h"
#include "operator_class.h"
#include "partition/inherit.h"
#include "rewrite.h"
#include "routine.h"
#include "sql_scan.h"
#include "policy.h"
#include "publication.h"
#include "role_privileges.h"
#include "statistics.h"
#include "subscription.h"
#include "text_search.h"
#include "trigger.h"
#include "sequence.h"
#include "type.h"

namespace aegis::commands {
namespace {

using ast::ObjectType;
using catalog::ObjectKind;

// Tables whose defaults name the sequence.
void remember_users(const catalog::Version& version, const catalog::Relation& sequence, DefinitionKeeper& keeper) {
  for (const auto& dependent : version.dependents(sequence.oid)) {
    auto table = version.relation(dependent.object->oid);
    if (table != nullptr && (table->relkind == 'r' || table->is_partitioned() || table->is_foreign())) keeper.remember(*table);
  }
}

void require_free_name(CommandContext& context, Oid schema, const std::string& name, const char* suffix = "") {
  lock_name(context, catalog::kPgClassOid, schema, name);
  if (context.catalog_version()->find_relation(schema, name, context.database()) == kInvalidOid) return;
  throw SqlError(Sqlstate::DuplicateTable, "relation \"" + name + "\" already exists" + suffix);
}

void rename_index(CommandContext& context, const catalog::Index& index, const std::string& name) {
  require_free_name(context, index.schema, name);
  auto changed = std::make_shared<catalog::Index>(index);
  changed->name = name;
  context.catalog_changes().put(changed);
  if (index.constraint == kInvalidOid) return;
  auto table = copy_of(context.catalog_version()->relation(index.table));
  for (auto& constraint : table->constraints) {
    if (constraint.oid == index.constraint) constraint.name = name;
  }
  context.catalog_changes().put(table);
}

// What is kept as text names objects with their schemas.
class SchemaRenamer {
 public:
  SchemaRenamer(CommandContext& context, const std::string& from, const std::string& to) : context_(context), from_(from), to_(functions::quote_identifier(to)) {}

  void run() {
    auto version = context_.catalog_version();
    for (const auto& object : version->objects(context_.database())) {
      if (object->oid < kFirstNormalOid) continue;
      changed_ = false;
      auto copy = clone_object(*object);
      if (auto* table = dynamic_cast<catalog::Relation*>(copy.get())) visit(*table);
      if (auto* index = dynamic_cast<catalog::Index*>(copy.get())) {
        for (auto& key : index->columns) edit(key.sql);
        edit(index->predicate_sql);
      }
      if (auto* trigger = dynamic_cast<catalog::Trigger*>(copy.get())) edit(trigger->when_sql);
      if (auto* type = dynamic_cast<catalog::UserType*>(copy.get()); type != nullptr && type->typtype == 'd') {
        edit(type->default_sql);
        for (auto& check : type->checks) edit(check.check_sql);
      }
      if (auto* routine = dynamic_cast<catalog::Routine*>(copy.get())) {
        for (auto& argument : routine->arguments) edit(argument.default_sql);
      }
      if (auto* statistics = dynamic_cast<catalog::Statistics*>(copy.get())) {
        for (auto& expression : statistics->expressions) edit(expression);
      }
      if (auto* member = dynamic_cast<catalog::PublicationTable*>(copy.get())) edit(member->where_sql);
      if (changed_) context_.catalog_changes().put(copy);
    }
  }

 private:
  void visit(catalog::Relation& table) {
    for (auto& column : table.columns) edit(column.default_sql);
    for (auto& constraint : table.constraints) edit(constraint.check_sql);
    for (auto& key : table.partition_key.columns) edit(key.sql);
    for (auto& policy : table.policies) {
      edit(policy.using_sql);
      edit(policy.check_sql);
    }
    for (auto& rule : table.rules) {
      edit(rule.where_sql);
      for (auto& action : rule.actions) edit(action);
    }
  }

  void edit(std::string& sql) {
    if (sql.find('.') == std::string::npos) return;
    auto words = scan_sql(sql);
    std::string out;
    size_t at = 0;
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      bool begins = i == 0 || !words[i - 1].is(".");
      if (!begins || !words[i].is_name() || words[i].text != from_ || !words[i + 1].is(".")) continue;
      out += sql.substr(at, words[i].start - at) + to_;
      at = words[i].stop;
    }
    if (at == 0) return;
    sql = out + sql.substr(at);
    changed_ = true;
  }

  CommandContext& context_;
  std::string from_, to_;
  bool changed_ = false;
};

}  // namespace

// Before a function or a type gets another name or schema: what names it is kept as bound expressions, to be written anew.
void remember_expressions(CommandContext& context, const catalog::Object& object, DefinitionKeeper& keeper) {
  auto version = context.catalog_version();
  auto refuse = [&](const std::string& user) { throw_not_supported("renaming or moving " + describe(context, object) + ", which " + user + " uses,"); };
  std::vector<Oid> tables;
  for (const auto& use : expression_uses(context, object)) {
    auto user = version->find(use.target.object);
    Oid table = user->kind == ObjectKind::Relation            ? user->oid
                : user->kind == ObjectKind::Index             ? static_cast<const catalog::Index&>(*user).table
                : user->kind == ObjectKind::Statistics        ? static_cast<const catalog::Statistics&>(*user).table
                : user->kind == ObjectKind::PublicationTable  ? static_cast<const catalog::PublicationTable&>(*user).table
                                                              : kInvalidOid;
    bool other = use.target.part == DropTarget::Part::Policy || use.target.part == DropTarget::Part::Rule || use.target.part == DropTarget::Part::DomainCheck;
    if (table == kInvalidOid || other) refuse(describe(context, *user));
    if (std::find(tables.begin(), tables.end(), table) != tables.end()) continue;
    tables.push_back(table);
    for (const auto& member : version->family(table)) {
      if (member->oid != table) tables.push_back(member->oid);
      keeper.remember(*member);
    }
  }
  for (const auto& dependent : version->dependents(object.oid)) {
    auto view = version->relation(dependent.object->oid);
    if (view != nullptr && view->is_view()) refuse(describe(context, *view));
  }
}

namespace {

// Texts kept in the catalog name it.
void require_unused_collation(CommandContext& context, const catalog::Object& collation) {
  if (!context.catalog_version()->dependents(collation.oid).empty()) throw_not_supported("renaming or moving a collation that a view uses");
}

CommandResult rename_relation(const ast::RenameStmt& statement, CommandContext& context) {
  std::string tag = command_tag(statement);
  auto object = open_object(context, *statement.relation, txn::LockMode::AccessExclusive, statement.missing_ok);
  if (object == nullptr) {
    notice(context, "relation \"" + std::string(statement.relation->relname) + "\" does not exist, skipping");
    return {tag, {}, {}};
  }
  check_owner(context, *object);
  std::string name(statement.newname);
  if (object->kind == ObjectKind::Index) {
    rename_index(context, static_cast<const catalog::Index&>(*object), name);
    return {tag, {}, {}};
  }
  const auto& relation = static_cast<const catalog::Relation&>(*object);
  auto wrong = [&](ObjectType type, char relkind, const char* what) {
    if (statement.rename_type == type && relation.relkind != relkind) {
      throw SqlError(Sqlstate::WrongObjectType, "\"" + relation.name + "\" is not a " + what);
    }
  };
  wrong(ObjectType::View, 'v', "view");
  wrong(ObjectType::Matview, 'm', "materialized view");
  wrong(ObjectType::Sequence, 'S', "sequence");
  wrong(ObjectType::ForeignTable, 'f', "foreign table");
  if (statement.rename_type == ObjectType::Index) throw SqlError(Sqlstate::WrongObjectType, "\"" + relation.name + "\" is not an index");
  require_free_name(context, relation.schema, name);
  ViewKeeper views(context);
  views.remember(relation.oid);
  DefinitionKeeper definitions(context);
  auto version = context.catalog_version();
  if (relation.relkind == 'S') remember_users(*version, relation, definitions);
  auto changed = std::make_shared<catalog::Relation>(relation);
  changed->name = name;
  context.catalog_changes().put(changed);
  definitions.update();
  auto schema = version->schema(relation.schema);
  std::string qualified = sql_name(*context.catalog_version(), *changed);
  views.update({ViewKeeper::Renaming::Kind::Relation, relation.name, qualified, schema ? schema->name : ""});
  return {tag, {}, {}};
}

// In the table and, unless the statement says ONLY, in those below it. `parents`: how many of them it comes from.
void rename_column_of(CommandContext& context, Oid oid, std::string_view old_name, const std::string& name, bool recurse, int parents);

CommandResult rename_column(const ast::RenameStmt& statement, CommandContext& context) {
  std::string tag = command_tag(statement);
  auto table = open_relation(context, *statement.relation, txn::LockMode::AccessExclusive, statement.missing_ok);
  if (table == nullptr) {
    notice(context, "relation \"" + std::string(statement.relation->relname) + "\" does not exist, skipping");
    return {tag, {}, {}};
  }
  check_owner(context, *table);
  if (table->of_type != kInvalidOid) throw SqlError(Sqlstate::WrongObjectType, "cannot rename column of typed table");
  if (table->relkind != 'r' && table->relkind != 'p' && !table->is_view() && !table->is_foreign()) {
    throw SqlError(Sqlstate::WrongObjectType, "cannot rename columns of relation \"" + table->name + "\"");
  }
  rename_column_of(context, table->oid, statement.subname, std::string(statement.newname), statement.relation->inh, 0);
  return {tag, {}, {}};
}

void rename_column_of(CommandContext& context, Oid oid, std::string_view old_name, const std::string& name, bool recurse, int parents) {
  auto table = context.catalog_version()->relation(oid);
  int column = table->find_column(old_name);
  if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(old_name) + "\" does not exist");
  std::vector<Oid> below;
  if (recurse) {
    below = lock_descendants(context, oid, txn::LockMode::AccessExclusive);
  } else if (context.catalog_version()->has_children(oid) && parents == 0) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "inherited column \"" + std::string(old_name) + "\" must be renamed in child tables too");
  }
  if (table->columns[column].inherit_count > parents) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "cannot rename inherited column \"" + std::string(old_name) + "\"");
  }
  for (Oid child : below) {
    auto other = context.catalog_version()->relation(child);
    int ours = 0;
    for (const auto& parent : other->parents) ours += parent.relation == oid || std::find(below.begin(), below.end(), parent.relation) != below.end();
    rename_column_of(context, child, old_name, name, false, ours);
  }
  table = context.catalog_version()->relation(oid);
  if (table->find_column(name) >= 0) {
    throw SqlError(Sqlstate::DuplicateColumn, "column \"" + name + "\" of relation \"" + table->name + "\" already exists");
  }
  ViewKeeper views(context);
  views.remember(table->oid);
  DefinitionKeeper definitions(context);
  definitions.remember(*table);
  auto changed = copy_of(table);
  changed->columns[column].name = name;
  context.catalog_changes().put(changed);
  definitions.update();
  views.update({ViewKeeper::Renaming::Kind::Column, std::string(old_name), functions::quote_identifier(name), ""});
}

CommandResult rename_constraint(const ast::RenameStmt& statement, CommandContext& context) {
  auto table = open_table(context, *statement.relation, txn::LockMode::AccessExclusive, statement.missing_ok);
  if (table == nullptr) {
    notice(context, "relation \"" + std::string(statement.relation->relname) + "\" does not exist, skipping");
    return {"ALTER TABLE", {}, {}};
  }
  check_owner(context, *table);
  std::string name(statement.newname);
  auto changed = copy_of(table);
  auto at = std::find_if(changed->constraints.begin(), changed->constraints.end(), [&](const auto& c) { return c.name == statement.subname; });
  if (at == changed->constraints.end()) {
    throw SqlError(Sqlstate::UndefinedObject,
                   "constraint \"" + std::string(statement.subname) + "\" for table \"" + table->name + "\" does not exist");
  }
  for (const auto& constraint : changed->constraints) {
    if (constraint.name == name) {
      throw SqlError(Sqlstate::DuplicateObject, "constraint \"" + name + "\" for relation \"" + table->name + "\" already exists");
    }
  }
  if (at->kind == 'c' && at->inherit_count > 0) {
    throw SqlError(Sqlstate::InvalidTableDefinition, "cannot rename inherited constraint \"" + at->name + "\"");
  }
  if (at->kind == 'c' && !at->no_inherit && context.catalog_version()->has_children(table->oid)) {
    if (!statement.relation->inh) {
      throw SqlError(Sqlstate::InvalidTableDefinition, "inherited constraint \"" + at->name + "\" must be renamed in child tables too");
    }
    for (Oid child : lock_descendants(context, table->oid, txn::LockMode::AccessExclusive)) {
      auto other = copy_of(context.catalog_version()->relation(child));
      for (auto& constraint : other->constraints) {
        if (constraint.name == statement.subname && constraint.kind == 'c') constraint.name = name;
      }
      context.catalog_changes().put(other);
    }
  }
  if (at->index != kInvalidOid && at->kind != 'f') {
    rename_index(context, *context.catalog_version()->index(at->index), name);
    return {"ALTER TABLE", {}, {}};
  }
  at->name = name;
  context.catalog_changes().put(changed);
  return {"ALTER TABLE", {}, {}};
}

CommandResult rename_schema(const ast::RenameStmt& statement, CommandContext& context) {
  Oid oid = find_schema(context, statement.subname, false);
  std::string name(statement.newname);
  auto version = context.catalog_version();
  auto schema = version->schema(oid);
  check_owner(context, *schema);
  lock_name(context, catalog::kPgNamespaceOid, 0, name);
  if (find_schema(context, name, true) != kInvalidOid) throw SqlError(Sqlstate::DuplicateSchema, "schema \"" + name + "\" already exists");
  if (name.starts_with("pg_")) {
    throw SqlError(Sqlstate::ReservedName, "unacceptable schema name \"" + name + "\"")
        .detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  ViewKeeper views(context);
  DefinitionKeeper definitions(context);
  for (const auto& object : version->objects(context.database())) {
    if (object->schema != oid || object->kind != ObjectKind::Relation) continue;
    const auto& relation = static_cast<const catalog::Relation&>(*object);
    views.remember(relation.oid);
    if (relation.relkind == 'S') remember_users(*version, relation, definitions);
  }
  auto changed = copy_of(schema);
  changed->name = name;
  context.catalog_changes().put(changed);
  SchemaRenamer(context, schema->name, name).run();
  definitions.update();
  views.update({ViewKeeper::Renaming::Kind::Schema, schema->name, functions::quote_identifier(name), ""});
  return {"ALTER SCHEMA", {}, {}};
}

CommandResult rename_role(const ast::RenameStmt& statement, CommandContext& context) {
  Oid oid = find_role(context, statement.subname);
  std::string name(statement.newname);
  auto role = context.catalog_version()->role(oid);
  if (role->superuser) require_superuser(context, "must be superuser to rename superusers");
  auto own = context.catalog_version()->role(context.current_role());
  if (!context.is_superuser() && !(own && own->create_role)) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to rename role");
  if (name.starts_with("pg_")) {
    throw SqlError(Sqlstate::ReservedName, "role name \"" + name + "\" is reserved").detail("Role names starting with \"pg_\" are reserved.");
  }
  if (oid == context.current_role()) throw SqlError(Sqlstate::FeatureNotSupported, "current user cannot be renamed");
  lock_name(context, catalog::kPgAuthidOid, 0, name);
  if (find_role(context, name, true) != kInvalidOid) throw SqlError(Sqlstate::DuplicateObject, "role \"" + name + "\" already exists");
  auto changed = copy_of(role);
  changed->name = name;
  context.catalog_changes().put(changed);
  rename_in_access_lists(context, role->name, name);
  return {"ALTER ROLE", {}, {}};
}

CommandResult rename_database(const ast::RenameStmt& statement, CommandContext& context) {
  std::string name(statement.newname);
  Oid oid = context.catalog_version()->find_database(statement.subname);
  if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + std::string(statement.subname) + "\" does not exist");
  auto changed = copy_of(context.catalog_version()->database(oid));
  check_owner(context, *changed);
  if (oid == context.database()) throw SqlError(Sqlstate::FeatureNotSupported, "current database cannot be renamed");
  lock_name(context, catalog::kPgDatabaseOid, 0, name);
  if (context.catalog_version()->find_database(name) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateDatabase, "database \"" + name + "\" already exists");
  }
  changed->name = name;
  context.catalog_changes().put(changed);
  return {"ALTER DATABASE", {}, {}};
}

// An object of the database, without a schema.
catalog::ObjectPtr find_named(CommandContext& context, ObjectType type, std::string_view name) {
  switch (type) {
    case ObjectType::Fdw: return find_wrapper(context, name);
    case ObjectType::ForeignServer: return find_server(context, name);
    case ObjectType::Publication: return find_publication(context, name);
    case ObjectType::Subscription: return find_subscription(context, name);
    default: return nullptr;
  }
}

CommandResult rename_named(const ast::RenameStmt& statement, CommandContext& context) {
  auto object = find_named(context, statement.rename_type, statement.subname.empty() ? names_of(*statement.object)[0] : statement.subname);
  std::string name(statement.newname);
  if (context.catalog_version()->find_named(object->kind, context.database(), name) != kInvalidOid) {
    std::string_view kind = object->kind == ObjectKind::ForeignServer ? "server" : kind_name(*object);
    throw SqlError(Sqlstate::DuplicateObject, std::string(kind) + " \"" + name + "\" already exists");
  }
  check_owner(context, *object);
  auto changed = clone_object(*object);
  changed->name = name;
  context.catalog_changes().put(changed);
  return {command_tag(statement), {}, {}};
}

}  // namespace

CommandResult rename(const ast::RenameStmt& statement, CommandContext& context) {
  switch (statement.rename_type) {
    case ObjectType::Table:
    case ObjectType::View:
    case ObjectType::Matview:
    case ObjectType::ForeignTable:
    case ObjectType::Sequence:
    case ObjectType::Index:
      return rename_relation(statement, context);
    case ObjectType::Column: return rename_column(statement, context);
    case ObjectType::Tabconstraint: return rename_constraint(statement, context);
    case ObjectType::Schema: return rename_schema(statement, context);
    case ObjectType::Role: return rename_role(statement, context);
    case ObjectType::Database: return rename_database(statement, context);
    case ObjectType::Function:
    case ObjectType::Procedure:
    case ObjectType::Aggregate:
    case ObjectType::Routine: {
      auto routine = find_routine(context, *ast::node_cast<ast::ObjectWithArgs>(statement.object), statement.rename_type);
      check_owner(context, *routine);
      for (const auto& other : context.catalog_version()->routines(routine->schema, statement.newname)) {
        if (other->input_types() != routine->input_types()) continue;
        throw SqlError(Sqlstate::DuplicateFunction, "function " + std::string(statement.newname) + " already exists in schema \"" +
                                                        context.catalog_version()->schema(routine->schema)->name + "\"");
      }
      DefinitionKeeper definitions(context);
      remember_expressions(context, *routine, definitions);
      auto changed = copy_of(routine);
      changed->name = statement.newname;
      context.catalog_changes().put(changed);
      definitions.update();
      return {command_tag(statement), {}, {}};
    }
    case ObjectType::StatisticExt: {
      auto names = names_of(*statement.object);
      auto statistics = find_statistics(context, names);
      check_owner(context, *statistics);
      auto version = context.catalog_version();
      if (version->find_statistics(statistics->schema, statement.newname, context.database()) != kInvalidOid) {
        throw SqlError(Sqlstate::DuplicateObject, "statistics object \"" + std::string(statement.newname) + "\" already exists in schema \"" +
                                                      version->schema(statistics->schema)->name + "\"");
      }
      auto changed = copy_of(statistics);
      changed->name = statement.newname;
      context.catalog_changes().put(changed);
      return {command_tag(statement), {}, {}};
    }
    case ObjectType::EventTrigger: {
      auto trigger = find_event_trigger(context, statement.subname.empty() ? names_of(*statement.object)[0] : statement.subname);
      check_owner(context, *trigger);
      if (context.catalog_version()->find_event_trigger(context.database(), statement.newname) != kInvalidOid) {
        throw SqlError(Sqlstate::DuplicateObject, "event trigger \"" + std::string(statement.newname) + "\" already exists");
      }
      auto changed = copy_of(trigger);
      changed->name = statement.newname;
      context.catalog_changes().put(changed);
      return {command_tag(statement), {}, {}};
    }
    case ObjectType::Fdw:
    case ObjectType::Publication:
    case ObjectType::Subscription:
    case ObjectType::ForeignServer: return rename_named(statement, context);
    case ObjectType::Rule: return rename_rule(statement, context);
    case ObjectType::Policy:
      rename_policy(context, *statement.relation, statement.subname, statement.newname);
      return {command_tag(statement), {}, {}};
    case ObjectType::Trigger: {
      auto table = open_relation(context, *statement.relation, txn::LockMode::AccessExclusive);
      check_owner(context, *table);
      auto trigger = find_trigger(context, *table, statement.subname);
      for (const auto& other : context.catalog_version()->triggers(table->oid)) {
        if (other->name == statement.newname) {
          throw SqlError(Sqlstate::DuplicateObject, "trigger \"" + other->name + "\" for relation \"" + table->name + "\" already exists");
        }
      }
      auto changed = copy_of(trigger);
      changed->name = statement.newname;
      context.catalog_changes().put(changed);
      return {command_tag(statement), {}, {}};
    }
    case ObjectType::Collation: {
      auto collation = find_user_collation(context, names_of(*statement.object));
      check_owner(context, *collation);
      check_collation_name(context, collation->schema, statement.newname, static_cast<const catalog::Collation&>(*collation));
      require_unused_collation(context, *collation);
      auto changed = clone_object(*collation);
      changed->name = statement.newname;
      context.catalog_changes().put(changed);
      return {command_tag(statement), {}, {}};
    }
    case ObjectType::Opclass:
    case ObjectType::Opfamily: {
      auto object = find_operator_class(context, statement.rename_type, *statement.object);
      check_owner(context, *object);
      check_operator_class_name(context, *object, object->schema, statement.newname);
      auto changed = clone_object(*object);
      changed->name = statement.newname;
      context.catalog_changes().put(changed);
      return {command_tag(statement), {}, {}};
    }
    case ObjectType::Tablespace:
      rename_tablespace(context, statement.subname, statement.newname);
      return {command_tag(statement), {}, {}};
    case ObjectType::Conversion:
      rename_conversion(context, *statement.object, statement.newname);
      return {command_tag(statement), {}, {}};
    case ObjectType::TsDictionary:
    case ObjectType::TsConfiguration: {
      auto names = names_of(*statement.object);
      auto object = find_text_search(context, statement.rename_type, names);
      check_owner(context, *object);
      check_text_search_name(context, *object, object->schema, statement.newname);
      auto changed = clone_object(*object);
      changed->name = statement.newname;
      context.catalog_changes().put(changed);
      return {command_tag(statement), {}, {}};
    }
    case ObjectType::Type:
    case ObjectType::Domain:
    case ObjectType::Attribute:
    case ObjectType::Domconstraint: return rename_type(statement, context);
    default: throw_not_supported(command_tag(statement) + " … RENAME");
  }
}

// ---- SET SCHEMA ----
namespace {

void move_relation(CommandContext& context, const catalog::Relation& relation, Oid schema) {
  auto version = context.catalog_version();
  std::string suffix = " in schema \"" + version->schema(schema)->name + "\"";
  require_free_name(context, schema, relation.name, suffix.c_str());
  auto changed = std::make_shared<catalog::Relation>(relation);
  changed->schema = schema;
  context.catalog_changes().put(changed);
  for (const auto& index : version->indexes_of(relation)) {
    require_free_name(context, schema, index->name, suffix.c_str());
    auto moved = copy_of(index);
    moved->schema = schema;
    context.catalog_changes().put(moved);
  }
}

}  // namespace

CommandResult set_schema(const ast::AlterObjectSchemaStmt& statement, CommandContext& context) {
  std::string tag = command_tag(statement);
  bool routine_kind = statement.object_type == ObjectType::Function || statement.object_type == ObjectType::Procedure || statement.object_type == ObjectType::Routine ||
                      statement.object_type == ObjectType::Aggregate;
  if (routine_kind) {
    auto routine = find_routine(context, *ast::node_cast<ast::ObjectWithArgs>(statement.object), statement.object_type);
    check_owner(context, *routine);
    Oid schema = find_schema(context, statement.newschema, false);
    for (const auto& other : context.catalog_version()->routines(schema, routine->name)) {
      if (other->input_types() != routine->input_types() || schema == routine->schema) continue;
      throw SqlError(Sqlstate::DuplicateFunction, "function " + routine->name + " already exists in schema \"" + std::string(statement.newschema) + "\"");
    }
    DefinitionKeeper definitions(context);
    remember_expressions(context, *routine, definitions);
    auto changed = copy_of(routine);
    changed->schema = schema;
    context.catalog_changes().put(changed);
    definitions.update();
    return {tag, {}, {}};
  }
  if (statement.object_type == ObjectType::Extension) {
    auto extension = find_extension(context, names_of(*statement.object)[0]);
    check_owner(context, *extension);
    move_extension(context, *extension, find_schema(context, statement.newschema, false));
    return {tag, {}, {}};
  }
  if (statement.object_type == ObjectType::Opclass || statement.object_type == ObjectType::Opfamily) {
    auto object = find_operator_class(context, statement.object_type, *statement.object);
    check_owner(context, *object);
    Oid schema = find_schema(context, statement.newschema, false);
    if (schema == object->schema) return {tag, {}, {}};
    check_operator_class_name(context, *object, schema, object->name);
    auto changed = clone_object(*object);
    changed->schema = schema;
    context.catalog_changes().put(changed);
    return {tag, {}, {}};
  }
  if (statement.object_type == ObjectType::StatisticExt) {
    auto names = names_of(*statement.object);
    auto object = find_statistics(context, names);
    check_owner(context, *object);
    Oid schema = find_schema(context, statement.newschema, false);
    if (schema == object->schema) return {tag, {}, {}};
    if (context.catalog_version()->find_statistics(schema, object->name, context.database()) != kInvalidOid) {
      throw SqlError(Sqlstate::DuplicateObject, "statistics object \"" + object->name + "\" already exists in schema \"" + std::string(statement.newschema) + "\"");
    }
    auto changed = copy_of(object);
    changed->schema = schema;
    context.catalog_changes().put(changed);
    return {tag, {}, {}};
  }
  if (is_text_search(statement.object_type)) {
    auto names = names_of(*statement.object);
    auto object = find_text_search(context, statement.object_type, names);
    check_owner(context, *object);
    Oid schema = find_schema(context, statement.newschema, false);
    if (schema == object->schema) return {tag, {}, {}};
    check_text_search_name(context, *object, schema, object->name);
    auto changed = clone_object(*object);
    changed->schema = schema;
    context.catalog_changes().put(changed);
    return {tag, {}, {}};
  }
  if (statement.object_type == ObjectType::Collation) {
    auto collation = find_user_collation(context, names_of(*statement.object));
    check_owner(context, *collation);
    Oid schema = find_schema(context, statement.newschema, false);
    if (schema == collation->schema) return {tag, {}, {}};
    check_collation_name(context, schema, collation->name, static_cast<const catalog::Collation&>(*collation));
    require_unused_collation(context, *collation);
    auto changed = clone_object(*collation);
    changed->schema = schema;
    context.catalog_changes().put(changed);
    return {tag, {}, {}};
  }
  if (statement.object_type == ObjectType::Conversion) {
    auto conversion = find_named_object(context, statement.object_type, *statement.object);
    check_owner(context, *conversion);
    Oid schema = find_schema(context, statement.newschema, false);
    if (schema == conversion->schema) return {tag, {}, {}};
    check_conversion_name(context, schema, conversion->name);
    auto changed = clone_object(*conversion);
    changed->schema = schema;
    context.catalog_changes().put(changed);
    return {tag, {}, {}};
  }
  bool is_type = statement.object_type == ObjectType::Type || statement.object_type == ObjectType::Domain;
  if (is_type) {
    auto names = names_of(*statement.object);
    auto type = open_type(context, names, statement.object_type == ObjectType::Domain);
    check_owner(context, *type);
    Oid schema = find_schema(context, statement.newschema, false);
    if (schema == type->schema) return {tag, {}, {}};
    if (context.catalog_version()->find_type(schema, type->name, context.database()) != kInvalidOid) {
      throw SqlError(Sqlstate::DuplicateObject, "type \"" + type->name + "\" already exists in schema \"" + std::string(statement.newschema) + "\"");
    }
    DefinitionKeeper definitions(context);
    remember_expressions(context, *type, definitions);
    auto changed = clone_object(*type);
    changed->schema = schema;
    context.catalog_changes().put(changed);
    definitions.update();
    return {tag, {}, {}};
  }
  if (statement.relation == nullptr) throw_not_supported(tag + " … SET SCHEMA");
  auto relation = open_relation(context, *statement.relation, txn::LockMode::AccessExclusive, statement.missing_ok);
  if (relation == nullptr) {
    notice(context, "relation \"" + std::string(statement.relation->relname) + "\" does not exist, skipping");
    return {tag, {}, {}};
  }
  check_owner(context, *relation);
  if (relation->relkind == 'S' && relation->sequence.owner_table != kInvalidOid) {
    auto owner = context.catalog_version()->relation(relation->sequence.owner_table);
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot move an owned sequence into another schema")
        .detail("Sequence \"" + relation->name + "\" is linked to table \"" + (owner ? owner->name : "") + "\".");
  }
  Oid schema = find_schema(context, statement.newschema, false);
  if (schema == relation->schema) return {tag, {}, {}};
  if (relation->persistence == 't' || schema == context.temp_schema(false)) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot move objects into or out of temporary schemas");
  }
  auto version = context.catalog_version();
  auto sequences = owned_sequences(*version, relation->oid);
  ViewKeeper views(context);
  views.remember(relation->oid);
  DefinitionKeeper definitions(context);
  if (relation->relkind == 'S') remember_users(*version, *relation, definitions);
  for (const auto& sequence : sequences) remember_users(*version, *sequence, definitions);
  move_relation(context, *relation, schema);
  for (const auto& sequence : sequences) move_relation(context, *sequence, schema);
  definitions.update();
  auto moved = context.catalog_version()->relation(relation->oid);
  auto old_schema = version->schema(relation->schema);
  views.update({ViewKeeper::Renaming::Kind::Relation, relation->name, sql_name(*context.catalog_version(), *moved), old_schema->name});
  return {tag, {}, {}};
}

CommandResult alter_owner(const ast::AlterOwnerStmt& statement, CommandContext& context) {
  std::string tag = command_tag(statement);
  Oid owner = find_role(context, *statement.newowner);
  auto version = context.catalog_version();
  catalog::ObjectPtr object;
  auto name_of = [&]() -> std::string {
    if (auto* text = ast::node_cast<ast::String>(statement.object)) return std::string(text->sval);
    if (auto* name = ast::node_cast<ast::QualifiedName>(statement.object)) return std::string(name->names.back());
    return {};
  };
  if (statement.object_type == ObjectType::Schema) {
    object = version->find(find_schema(context, name_of(), false));
  } else if (statement.object_type == ObjectType::Database) {
    Oid oid = version->find_database(name_of());
    if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + name_of() + "\" does not exist");
    object = version->find(oid);
  } else if (statement.object_type == ObjectType::Function || statement.object_type == ObjectType::Procedure || statement.object_type == ObjectType::Routine ||
             statement.object_type == ObjectType::Aggregate) {
    object = find_routine(context, *ast::node_cast<ast::ObjectWithArgs>(statement.object), statement.object_type);
  } else if (statement.object_type == ObjectType::Type || statement.object_type == ObjectType::Domain) {
    auto names = names_of(*statement.object);
    object = open_type(context, names, statement.object_type == ObjectType::Domain);
  } else if (statement.object_type == ObjectType::Operator) {
    object = find_user_operator(context, *ast::node_cast<ast::ObjectWithArgs>(statement.object));
  } else if (statement.object_type == ObjectType::Collation) {
    object = find_user_collation(context, names_of(*statement.object));
  } else if (statement.object_type == ObjectType::Opclass || statement.object_type == ObjectType::Opfamily) {
    object = find_operator_class(context, statement.object_type, *statement.object);
  } else if (statement.object_type == ObjectType::StatisticExt) {
    auto names = names_of(*statement.object);
    object = find_statistics(context, names);
  } else if (statement.object_type == ObjectType::EventTrigger) {
    auto trigger = find_event_trigger(context, name_of());
    check_owner(context, *trigger);
    check_event_trigger_owner(context, *trigger, owner);
    object = trigger;
  } else if (statement.object_type == ObjectType::Fdw) {
    auto wrapper = find_wrapper(context, name_of());
    check_wrapper_owner(context, *wrapper, owner);
    object = wrapper;
  } else if (statement.object_type == ObjectType::Publication) {
    auto publication = find_publication(context, name_of());
    if (publication->owner == owner) return {tag, {}, {}};
    check_owner(context, *publication);
    check_publication_owner(context, *publication, owner);
    object = publication;
  } else if (statement.object_type == ObjectType::Subscription) {
    auto subscription = find_subscription(context, name_of());
    if (subscription->owner == owner) return {tag, {}, {}};
    check_owner(context, *subscription);
    check_subscription_owner(context, *subscription, owner);
    object = subscription;
  } else if (statement.object_type == ObjectType::ForeignServer) {
    auto server = find_server(context, name_of());
    if (server->owner == owner) return {tag, {}, {}};
    check_owner(context, *server);
    check_server_owner(context, *server, owner);
    object = server;
  } else if (is_named_object(statement.object_type)) {
    object = find_named_object(context, statement.object_type, *statement.object);
  } else if (is_text_search(statement.object_type)) {
    auto names = names_of(*statement.object);
    object = find_text_search(context, statement.object_type, names);
  } else if (statement.relation != nullptr) {
    object = open_object(context, *statement.relation, txn::LockMode::AccessExclusive);
  } else {
    throw_not_supported(tag + " … OWNER TO");
  }
  check_owner(context, *object);
  if (!context.is_superuser() && !is_member_of(*version, context.current_role(), owner)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "must be member of role \"" + version->role(owner)->name + "\"");
  }
  set_owner(context, *object, owner);
  return {tag, {}, {}};
}

// ---- COMMENT ----
namespace {

void comment_on_part(const ast::CommentStmt& statement, CommandContext& context, ast::NameList names, const std::string& text) {
  auto table = open_relation(context, range_var(context, names.first(names.size() - 1)), txn::LockMode::ShareUpdateExclusive);
  check_owner(context, *table);
  auto changed = copy_of(table);
  std::string name(names.back());
  if (statement.objtype == ObjectType::Column) {
    changed->columns[require_column(*changed, name)].comment = text;
  } else {
    auto at = std::find_if(changed->constraints.begin(), changed->constraints.end(), [&](const auto& c) { return c.name == name; });
    if (at == changed->constraints.end()) {
      throw SqlError(Sqlstate::UndefinedObject, "constraint \"" + name + "\" for table \"" + table->name + "\" does not exist");
    }
    at->comment = text;
  }
  context.catalog_changes().put(changed);
}

void comment_on_domain_constraint(const ast::CommentStmt& statement, CommandContext& context, const std::string& text) {
  const auto& parts = ast::node_cast<ast::ListNode>(statement.object)->items;
  auto domain = clone_object(*open_type(context, ast::node_cast<ast::TypeName>(parts[0])->names, true));
  check_owner(context, *domain);
  auto& checks = static_cast<catalog::UserType&>(*domain).checks;
  std::string name(ast::node_cast<ast::String>(parts[1])->sval);
  auto at = std::find_if(checks.begin(), checks.end(), [&](const auto& c) { return c.name == name; });
  if (at == checks.end()) {
    throw SqlError(Sqlstate::UndefinedObject, "constraint \"" + name + "\" for domain " + domain->name + " does not exist");
  }
  at->comment = text;
  context.catalog_changes().put(domain);
}

}  // namespace

CommandResult comment(const ast::CommentStmt& statement, CommandContext& context) {
  std::string text(statement.comment);
  ast::NameList names;
  std::string_view single;
  if (auto* name = ast::node_cast<ast::QualifiedName>(statement.object)) {
    names = name->names;
    single = names.back();
  } else if (auto* word = ast::node_cast<ast::String>(statement.object)) {
    single = word->sval;
  }
  auto version = context.catalog_version();
  catalog::ObjectPtr object;
  switch (statement.objtype) {
    case ObjectType::Column:
    case ObjectType::Tabconstraint:
      comment_on_part(statement, context, names, text);
      return {"COMMENT", {}, {}};
    case ObjectType::Domconstraint: comment_on_domain_constraint(statement, context, text); return {"COMMENT", {}, {}};
    case ObjectType::Policy: {
      auto table = open_relation(context, range_var(context, names.first(names.size() - 1)), txn::LockMode::ShareUpdateExclusive);
      check_owner(context, *table);
      auto changed_table = copy_of(table);
      auto at = std::find_if(changed_table->policies.begin(), changed_table->policies.end(), [&](const auto& p) { return p.name == names.back(); });
      if (at == changed_table->policies.end()) {
        throw SqlError(Sqlstate::UndefinedObject, "policy \"" + std::string(names.back()) + "\" for table \"" + table->name + "\" does not exist");
      }
      at->comment = text;
      context.catalog_changes().put(changed_table);
      return {"COMMENT", {}, {}};
    }
    case ObjectType::Rule:
      comment_on_rule(context, range_var(context, names.first(names.size() - 1)), names.back(), text);
      return {"COMMENT", {}, {}};
    case ObjectType::Table:
    case ObjectType::View:
    case ObjectType::Matview:
    case ObjectType::ForeignTable:
    case ObjectType::Sequence:
    case ObjectType::Index: {
      object = open_object(context, range_var(context, names), txn::LockMode::ShareUpdateExclusive);
      const char* wanted = statement.objtype == ObjectType::Table ? "table" : statement.objtype == ObjectType::View ? "view" : statement.objtype == ObjectType::Matview ? "materialized view"
                           : statement.objtype == ObjectType::ForeignTable ? "foreign table"
                           : statement.objtype == ObjectType::Index ? "index" : "sequence";
      if (kind_name(*object) != wanted) {
        throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not " + (wanted[0] == 'i' ? "an " : "a ") + wanted);
      }
      break;
    }
    case ObjectType::Function:
    case ObjectType::Procedure:
    case ObjectType::Aggregate:
    case ObjectType::Routine: object = find_routine(context, *ast::node_cast<ast::ObjectWithArgs>(statement.object), statement.objtype); break;
    case ObjectType::Trigger: {
      auto table = open_relation(context, range_var(context, names.first(names.size() - 1)), txn::LockMode::ShareUpdateExclusive);
      object = find_trigger(context, *table, names.back());
      break;
    }
    case ObjectType::Type:
    case ObjectType::Domain: {
      auto* name = ast::node_cast<ast::TypeName>(statement.object);
      object = open_type(context, name != nullptr ? name->names : names, statement.objtype == ObjectType::Domain);
      break;
    }
    case ObjectType::Extension: object = find_extension(context, single); break;
    case ObjectType::EventTrigger: object = find_event_trigger(context, single); break;
    case ObjectType::Fdw:
    case ObjectType::Publication:
    case ObjectType::Subscription:
    case ObjectType::ForeignServer: object = find_named(context, statement.objtype, single); break;
    case ObjectType::StatisticExt: object = find_statistics(context, names); break;
    case ObjectType::Operator: object = find_user_operator(context, *ast::node_cast<ast::ObjectWithArgs>(statement.object)); break;
    case ObjectType::Cast: object = find_user_cast(context, *statement.object); break;
    case ObjectType::Collation: object = find_user_collation(context, names); break;
    case ObjectType::TsDictionary:
    case ObjectType::TsConfiguration: object = find_text_search(context, statement.objtype, names); break;
    case ObjectType::Opclass:
    case ObjectType::Opfamily: object = find_operator_class(context, statement.objtype, *statement.object); break;
    case ObjectType::Language:
      comment_on_built_in(context, statement.objtype, single, text);
      return {"COMMENT", {}, {}};
    case ObjectType::AccessMethod:
    case ObjectType::Tablespace:
    case ObjectType::Conversion:
    case ObjectType::Largeobject:
      if (is_built_in_object(statement.objtype, single)) {
        comment_on_built_in(context, statement.objtype, single, text);
        return {"COMMENT", {}, {}};
      }
      object = find_named_object(context, statement.objtype, *statement.object);
      break;
    case ObjectType::Schema: object = version->find(find_schema(context, single, false)); break;
    case ObjectType::Role: object = version->find(find_role(context, single)); break;
    case ObjectType::Database: {
      Oid oid = version->find_database(single);
      if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedDatabase, "database \"" + std::string(single) + "\" does not exist");
      object = version->find(oid);
      break;
    }
    default: throw_not_supported("COMMENT on this kind of object");
  }
  if (object->kind == ObjectKind::Role) {
    require_superuser(context, "must be superuser to comment on roles");
  } else {
    check_owner(context, *object);
  }
  auto changed = clone_object(*object);
  changed->comment = text;
  context.catalog_changes().put(changed);
  return {"COMMENT", {}, {}};
}

}  // namespace aegis::commands
