#include "publication.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/catalog/publication.h"
#include "definition_options.h"
#include "dependency.h"
#include "names.h"
#include "objects.h"
#include "partition/inherit.h"
#include "publication_filter.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;

// ---- Options ----

// A list of names as in a search_path; false when it is none.
bool split_names(std::string_view text, std::vector<std::string>& out) {
  auto trim = [](std::string_view part) {
    while (!part.empty() && std::isspace(static_cast<unsigned char>(part.front()))) part.remove_prefix(1);
    while (!part.empty() && std::isspace(static_cast<unsigned char>(part.back()))) part.remove_suffix(1);
    return part;
  };
  if (trim(text).empty()) return true;
  while (true) {
    size_t comma = text.find(',');
    std::string_view part = trim(text.substr(0, comma));
    bool quoted = part.size() >= 2 && part.front() == '"' && part.back() == '"';
    if (part.empty() || (!quoted && part.find_first_of(" \t\n\"") != std::string_view::npos)) return false;
    std::string name(quoted ? part.substr(1, part.size() - 2) : part);
    if (!quoted) std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    out.push_back(std::move(name));
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

struct Options {
  bool has_publish = false, has_via_root = false;
};

void set_published(catalog::Publication& publication, const std::string& text) {
  std::vector<std::string> actions;
  if (!split_names(text, actions)) throw SqlError(Sqlstate::SyntaxError, "invalid list syntax in parameter \"publish\"");
  publication.inserts = publication.updates = publication.deletes = publication.truncates = false;
  for (const auto& action : actions) {
    bool* flag = action == "insert"     ? &publication.inserts
                 : action == "update"   ? &publication.updates
                 : action == "delete"   ? &publication.deletes
                 : action == "truncate" ? &publication.truncates
                                        : nullptr;
    if (flag == nullptr) throw SqlError(Sqlstate::SyntaxError, "unrecognized value for publication option \"publish\": \"" + action + "\"");
    *flag = true;
  }
}

Options read_options(CommandContext& context, ast::List<ast::DefElem> options, catalog::Publication& publication) {
  Options given;
  for (const auto* option : options) {
    bool publish = option->defname == "publish", via_root = option->defname == "publish_via_partition_root";
    if (!publish && !via_root) throw SqlError(Sqlstate::SyntaxError, "unrecognized publication parameter: \"" + std::string(option->defname) + "\"");
    bool& flag = publish ? given.has_publish : given.has_via_root;
    if (flag) throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, *option));
    flag = true;
    if (publish) set_published(publication, option_text(*option));
    else publication.via_root = option_bool(*option);
  }
  return given;
}

// ---- Members ----

struct Table {
  catalog::RelationPtr relation;
  const ast::PublicationTable* node;
};

void refuse_relation(const catalog::Relation& relation, const char* what) {
  throw SqlError(Sqlstate::InvalidParameterValue, "cannot add relation \"" + relation.name + "\" to publication")
      .detail(std::string("This operation is not supported for ") + what + ".");
}

void check_publishable(const catalog::Relation& relation, const catalog::Version& version) {
  switch (relation.relkind) {
    case 'r':
    case 'p': break;
    case 'v': refuse_relation(relation, is_system(version, relation) ? "system tables" : "views"); break;
    case 'm': refuse_relation(relation, "materialized views"); break;
    case 'S': refuse_relation(relation, "sequences"); break;
    case 'f': refuse_relation(relation, "foreign tables"); break;
    default: refuse_relation(relation, "composite types");
  }
  if (is_system(version, relation)) refuse_relation(relation, "system tables");
  if (relation.persistence == 't') refuse_relation(relation, "temporary tables");
  if (relation.persistence == 'u') refuse_relation(relation, "unlogged tables");
}

class PublicationChange {
 public:
  PublicationChange(CommandContext& context, std::shared_ptr<catalog::Publication> publication) : context_(context), publication_(std::move(publication)) {}

  void read(ast::List<ast::PublicationObjSpec> objects) {
    std::vector<const ast::PublicationTable*> nodes;
    for (const auto* object : objects) {
      if (object->pubobjtype == ast::PublicationObjSpecType::Table) {
        nodes.push_back(object->pubtable);
        continue;
      }
      Oid schema = kInvalidOid;
      if (object->pubobjtype == ast::PublicationObjSpecType::TablesInSchema) {
        schema = find_schema(context_, object->name, false);
      } else {
        for (Oid each : context_.search_path()) {
          if (each == catalog::kPgCatalogSchema || each == context_.temp_schema(false)) continue;
          schema = each;
          break;
        }
        if (schema == kInvalidOid) throw SqlError(Sqlstate::UndefinedSchema, "no schema has been selected for CURRENT_SCHEMA");
      }
      if (std::find(schemas_.begin(), schemas_.end(), schema) == schemas_.end()) schemas_.push_back(schema);
    }
    nodes_ = std::move(nodes);
  }
  bool has_schemas() const { return !schemas_.empty(); }
  bool has_tables() const { return !nodes_.empty(); }

  void open_tables() {
    std::vector<Oid> filtered, listed;
    auto has = [](const std::vector<Oid>& list, Oid oid) { return std::find(list.begin(), list.end(), oid) != list.end(); };
    for (const auto* node : nodes_) {
      auto relation = open_relation(context_, *node->relation, txn::LockMode::ShareUpdateExclusive);
      if (find(relation->oid)) {
        if (node->where_clause != nullptr || has(filtered, relation->oid)) refuse_twice("WHERE clauses", *relation);
        if (!node->columns.empty() || has(listed, relation->oid)) refuse_twice("column lists", *relation);
        continue;
      }
      auto add = [&](const catalog::RelationPtr& table) {
        tables_.push_back({table, node});
        if (node->where_clause != nullptr) filtered.push_back(table->oid);
        if (!node->columns.empty()) listed.push_back(table->oid);
      };
      add(relation);
      if (!node->relation->inh || relation->is_partitioned()) continue;
      for (Oid child : lock_descendants(context_, relation->oid, txn::LockMode::ShareUpdateExclusive)) {
        auto table = context_.catalog_version()->relation(child);
        if (!find(child)) {
          add(table);
          continue;
        }
        if (has(filtered, child) != (node->where_clause != nullptr) || node->where_clause != nullptr) refuse_twice("WHERE clauses", *table);
        if (has(listed, child) != !node->columns.empty() || !node->columns.empty()) refuse_twice("column lists", *table);
      }
    }
  }

  // Row filters and column lists of the tables, before any of them is added.
  void define_members(bool with_schemas) {
    auto version = context_.catalog_version();
    for (const auto& table : tables_) {
      members_.push_back(std::make_shared<catalog::PublicationTable>());
      auto& member = *members_.back();
      member.publication = publication_->oid;
      member.table = table.relation->oid;
      member.database = context_.database();
      member.owner = kInvalidOid;
      member.dependencies = {{publication_->oid, 0, 'a'}, {member.table, 0, 'a'}};
      if (table.node->where_clause != nullptr) add_filter(table, member);
    }
    for (size_t i = 0; i < tables_.size(); ++i) {
      if (!tables_[i].node->columns.empty()) check_column_list(*tables_[i].relation, with_schemas);
    }
  }

  void add_tables(bool if_not_exists) {
    auto version = context_.catalog_version();
    for (size_t i = 0; i < tables_.size(); ++i) {
      const auto& relation = *tables_[i].relation;
      if (is_system(*version, relation)) check_publishable(relation, *version);
      check_owner(context_, relation);
      if (find_member(relation.oid) != kInvalidOid) {
        if (if_not_exists) continue;
        throw SqlError(Sqlstate::DuplicateObject, "relation \"" + relation.name + "\" is already member of publication \"" + publication_->name + "\"");
      }
      check_publishable(relation, *version);
      translate_columns(tables_[i], *members_[i]);
      members_[i]->oid = context_.catalog().allocate_oid();
      context_.catalog_changes().put(members_[i]);
    }
  }

  void drop_tables() {
    std::vector<DropTarget> targets;
    for (const auto& table : tables_) {
      if (!table.node->columns.empty()) throw SqlError(Sqlstate::SyntaxError, "column list must not be specified in ALTER PUBLICATION ... DROP");
      Oid found = find_member(table.relation->oid);
      if (found == kInvalidOid) throw SqlError(Sqlstate::UndefinedObject, "relation \"" + table.relation->name + "\" is not part of the publication");
      if (table.node->where_clause != nullptr) throw SqlError(Sqlstate::SyntaxError, "cannot use a WHERE clause when removing a table from a publication");
      targets.push_back({DropTarget::Part::Whole, found, 0});
    }
    if (!targets.empty()) drop_targets(context_, targets, ast::DropBehavior::Cascade);
  }

  // Tables that are not wanted, or not in this way, leave.
  void keep_tables() {
    std::vector<DropTarget> targets;
    for (const auto& object : members_of(ObjectKind::PublicationTable)) {
      const auto& old = static_cast<const catalog::PublicationTable&>(*object);
      bool same = false;
      for (size_t i = 0; i < tables_.size(); ++i) {
        if (tables_[i].relation->oid != old.table || members_[i]->where_sql != old.where_sql) continue;
        catalog::PublicationTable listed;
        translate_columns(tables_[i], listed);
        same = listed.columns == old.columns;
      }
      if (!same) targets.push_back({DropTarget::Part::Whole, old.oid, 0});
    }
    if (!targets.empty()) drop_targets(context_, targets, ast::DropBehavior::Cascade, true);
  }

  void add_schemas(bool if_not_exists) {
    for (Oid schema : schemas_) {
      auto found = context_.catalog_version()->schema(schema);
      if (find_schema_member(schema) != kInvalidOid) {
        if (if_not_exists) continue;
        throw SqlError(Sqlstate::DuplicateObject, "schema \"" + found->name + "\" is already member of publication \"" + publication_->name + "\"");
      }
      auto refuse = [&](const char* detail) {
        throw SqlError(Sqlstate::InvalidParameterValue, "cannot add schema \"" + found->name + "\" to publication").detail(detail);
      };
      if (schema == catalog::kPgCatalogSchema || found->name == "pg_toast") refuse("This operation is not supported for system schemas.");
      if (found->name.starts_with("pg_temp_") || found->name.starts_with("pg_toast_temp_")) refuse("Temporary schemas cannot be replicated.");
      auto member = std::make_shared<catalog::PublicationSchema>();
      member->oid = context_.catalog().allocate_oid();
      member->database = context_.database();
      member->owner = kInvalidOid;
      member->publication = publication_->oid;
      member->published = schema;
      member->dependencies = {{publication_->oid, 0, 'a'}, {schema, 0, 'a'}};
      context_.catalog_changes().put(member);
    }
  }

  void drop_schemas() {
    std::vector<DropTarget> targets;
    for (Oid schema : schemas_) {
      Oid found = find_schema_member(schema);
      if (found == kInvalidOid) {
        throw SqlError(Sqlstate::UndefinedObject, "tables from schema \"" + context_.catalog_version()->schema(schema)->name + "\" are not part of the publication");
      }
      targets.push_back({DropTarget::Part::Whole, found, 0});
    }
    if (!targets.empty()) drop_targets(context_, targets, ast::DropBehavior::Cascade);
  }

  void keep_schemas() {
    std::vector<DropTarget> targets;
    for (const auto& object : members_of(ObjectKind::PublicationSchema)) {
      Oid schema = static_cast<const catalog::PublicationSchema&>(*object).published;
      if (std::find(schemas_.begin(), schemas_.end(), schema) == schemas_.end()) targets.push_back({DropTarget::Part::Whole, object->oid, 0});
    }
    if (!targets.empty()) drop_targets(context_, targets, ast::DropBehavior::Cascade, true);
  }

  bool publishes_schemas() { return !members_of(ObjectKind::PublicationSchema).empty(); }

  void refuse_column_lists_with_schemas() {
    for (const auto& object : members_of(ObjectKind::PublicationTable)) {
      if (static_cast<const catalog::PublicationTable&>(*object).columns.empty()) continue;
      throw SqlError(Sqlstate::InvalidParameterValue, "cannot add schema to publication \"" + publication_->name + "\"")
          .detail("Schemas cannot be added if any tables that specify a column list are already part of the publication.");
    }
  }

  // Partitioned tables are then published by their partitions, which have filters and lists of their own.
  void refuse_parts_of_root() {
    auto version = context_.catalog_version();
    for (const auto& object : members_of(ObjectKind::PublicationTable)) {
      const auto& member = static_cast<const catalog::PublicationTable&>(*object);
      auto table = version->relation(member.table);
      if (table == nullptr || !table->is_partitioned() || (member.where_sql.empty() && member.columns.empty())) continue;
      throw SqlError(Sqlstate::InvalidParameterValue, "cannot set parameter \"publish_via_partition_root\" to false for publication \"" + publication_->name + "\"")
          .detail(std::string("The publication contains a ") + (member.where_sql.empty() ? "column list" : "WHERE clause") + " for partitioned table \"" + table->name +
                  "\", which is not allowed when \"publish_via_partition_root\" is false.");
    }
  }

 private:
  bool find(Oid table) const {
    return std::any_of(tables_.begin(), tables_.end(), [&](const auto& t) { return t.relation->oid == table; });
  }
  Oid find_member(Oid table) {
    return context_.catalog_version()->find_named(ObjectKind::PublicationTable, context_.database(), std::to_string(table), publication_->oid);
  }
  Oid find_schema_member(Oid schema) {
    return context_.catalog_version()->find_named(ObjectKind::PublicationSchema, context_.database(), std::to_string(schema), publication_->oid);
  }
  std::vector<catalog::ObjectPtr> members_of(ObjectKind kind) {
    auto all = context_.catalog_version()->kept(kind, context_.database());
    std::erase_if(all, [&](const auto& object) {
      Oid publication = kind == ObjectKind::PublicationTable ? static_cast<const catalog::PublicationTable&>(*object).publication
                                                             : static_cast<const catalog::PublicationSchema&>(*object).publication;
      return publication != publication_->oid;
    });
    return all;
  }

  [[noreturn]] void refuse_twice(const char* what, const catalog::Relation& table) {
    throw SqlError(Sqlstate::DuplicateObject, std::string("conflicting or redundant ") + what + " for table \"" + table.name + "\"");
  }

  void add_filter(const Table& table, catalog::PublicationTable& member) {
    if (!publication_->via_root && table.relation->is_partitioned()) {
      throw SqlError(Sqlstate::InvalidParameterValue, "cannot use publication WHERE clause for relation \"" + table.relation->name + "\"")
          .detail("WHERE clause cannot be used for a partitioned table when publish_via_partition_root is false.");
    }
    auto definition = define_row_filter(context_, *table.node->where_clause, *table.relation);
    member.where_sql = definition.sql;
    for (int column : definition.columns) member.dependencies.push_back({member.table, column + 1, 'n'});
  }

  void check_column_list(const catalog::Relation& table, bool with_schemas) {
    const char* detail = with_schemas                                          ? "Column lists cannot be specified in publications containing FOR TABLES IN SCHEMA elements."
                         : !publication_->via_root && table.is_partitioned() ? "Column lists cannot be specified for partitioned tables when publish_via_partition_root is false."
                                                                               : nullptr;
    if (detail == nullptr) return;
    throw SqlError(Sqlstate::InvalidParameterValue, "cannot use column list for relation \"" + context_.catalog_version()->schema(table.schema)->name + "." +
                                                        table.name + "\" in publication \"" + publication_->name + "\"")
        .detail(detail);
  }

  void translate_columns(const Table& table, catalog::PublicationTable& member) {
    member.columns.clear();
    for (auto name : table.node->columns) {
      for (std::string_view system : {"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"}) {
        if (name == system) throw SqlError(Sqlstate::InvalidColumnReference, "cannot use system column \"" + std::string(name) + "\" in publication column list");
      }
      int column = require_column(*table.relation, name);
      if (table.relation->columns[static_cast<size_t>(column)].generated != 0) {
        throw SqlError(Sqlstate::InvalidColumnReference, "cannot use generated column \"" + std::string(name) + "\" in publication column list");
      }
      if (std::find(member.columns.begin(), member.columns.end(), column) != member.columns.end()) {
        throw SqlError(Sqlstate::DuplicateObject, "duplicate column \"" + std::string(name) + "\" in publication column list");
      }
      member.columns.push_back(column);
    }
    std::sort(member.columns.begin(), member.columns.end());
    for (int column : member.columns) member.dependencies.push_back({member.table, column + 1, catalog::kColumnListDependency});
  }

  CommandContext& context_;
  std::shared_ptr<catalog::Publication> publication_;
  std::vector<const ast::PublicationTable*> nodes_;
  std::vector<Oid> schemas_;
  std::vector<Table> tables_;
  std::vector<std::shared_ptr<catalog::PublicationTable>> members_;  // parallel to tables_
};

}  // namespace

std::shared_ptr<const catalog::Publication> find_publication(CommandContext& context, std::string_view name, bool missing_ok) {
  auto version = context.catalog_version();
  Oid found = version->find_named(ObjectKind::Publication, context.database(), name);
  if (found != kInvalidOid) return std::static_pointer_cast<const catalog::Publication>(version->find(found));
  std::string text = "publication \"" + std::string(name) + "\" does not exist";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text);
  notice(context, text + ", skipping");
  return nullptr;
}

CommandResult create_publication(const ast::CreatePublicationStmt& statement, CommandContext& context) {
  auto version = context.catalog_version();
  catalog::check_privilege(*version, context.current_role(), *version->database(context.database()), 'C');
  if (statement.for_all_tables) require_superuser(context, "must be superuser to create FOR ALL TABLES publication");
  std::string name(statement.pubname);
  lock_name(context, catalog::kPgPublicationOid, 0, name);
  if (context.catalog_version()->find_named(ObjectKind::Publication, context.database(), name) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "publication \"" + name + "\" already exists");
  }
  auto publication = std::make_shared<catalog::Publication>();
  publication->oid = context.catalog().allocate_oid();
  publication->database = context.database();
  publication->name = name;
  publication->owner = context.current_role();
  publication->all_tables = statement.for_all_tables;
  read_options(context, statement.options, *publication);
  context.catalog_changes().put(std::make_shared<catalog::Publication>(*publication));
  if (!statement.for_all_tables) {
    PublicationChange change(context, publication);
    change.read(statement.pubobjects);
    if (change.has_schemas()) require_superuser(context, "must be superuser to create FOR TABLES IN SCHEMA publication");
    change.open_tables();
    change.define_members(change.has_schemas());
    change.add_tables(true);
    change.add_schemas(true);
  }
  if (context.setting("wal_level") != "logical") {
    ErrorFields fields;
    fields.severity = "WARNING";
    fields.sqlstate = Sqlstate::ObjectNotInPrerequisiteState;
    fields.message = "wal_level is insufficient to publish logical changes";
    fields.hint = "Set wal_level to \"logical\" before creating subscriptions.";
    context.notice(std::move(fields));
  }
  return {"CREATE PUBLICATION", {}, {}};
}

CommandResult alter_publication(const ast::AlterPublicationStmt& statement, CommandContext& context) {
  auto publication = copy_of(find_publication(context, statement.pubname));
  check_owner(context, *publication);
  PublicationChange change(context, publication);
  if (!statement.options.empty()) {
    auto given = read_options(context, statement.options, *publication);
    if (given.has_via_root && !publication->via_root && !publication->all_tables) change.refuse_parts_of_root();
    context.catalog_changes().put(publication);
    return {"ALTER PUBLICATION", {}, {}};
  }
  change.read(statement.pubobjects);
  auto action = statement.action;
  using Action = ast::AlterPublicationAction;
  if (action != Action::DropObjects && change.has_schemas()) require_superuser(context, "must be superuser to add or set schemas");
  for (bool schemas : {true, false}) {
    if (!publication->all_tables || !(schemas ? change.has_schemas() : change.has_tables())) continue;
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "publication \"" + publication->name + "\" is defined as FOR ALL TABLES")
        .detail(std::string(schemas ? "Schemas" : "Tables") + " cannot be added to or dropped from FOR ALL TABLES publications.");
  }
  change.open_tables();
  switch (action) {
    case Action::AddObjects:
      change.define_members(change.has_schemas() || change.publishes_schemas());
      if (change.has_schemas()) change.refuse_column_lists_with_schemas();
      change.add_tables(false);
      change.add_schemas(false);
      break;
    case Action::DropObjects:
      change.drop_tables();
      change.drop_schemas();
      break;
    case Action::SetObjects:
      change.define_members(change.has_schemas());
      change.keep_tables();
      change.add_tables(true);
      change.keep_schemas();
      change.add_schemas(true);
      break;
  }
  return {"ALTER PUBLICATION", {}, {}};
}

void check_publication_owner(CommandContext& context, const catalog::Publication& publication, Oid owner) {
  if (context.is_superuser()) return;
  auto version = context.catalog_version();
  auto role = version->role(owner);
  if (!is_member_of(*version, context.current_role(), owner)) throw SqlError(Sqlstate::InsufficientPrivilege, "must be member of role \"" + role->name + "\"");
  catalog::check_privilege(*version, owner, *version->database(context.database()), 'C');
  if (role->superuser) return;
  bool of_schemas = false;
  for (const auto& object : version->kept(ObjectKind::PublicationSchema, context.database())) {
    of_schemas = of_schemas || static_cast<const catalog::PublicationSchema&>(*object).publication == publication.oid;
  }
  if (!publication.all_tables && !of_schemas) return;
  throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to change owner of publication \"" + publication.name + "\"")
      .hint(std::string("The owner of a FOR ") + (publication.all_tables ? "ALL TABLES" : "TABLES IN SCHEMA") + " publication must be a superuser.");
}

// ---- REPLICA IDENTITY ----

void set_replica_identity(CommandContext& context, Oid oid, const ast::ReplicaIdentityStmt& statement) {
  auto table = copy_of(context.catalog_version()->relation(oid));
  table->replica_identity = statement.identity_type;
  table->replica_index = kInvalidOid;
  if (statement.identity_type == 'i') {
    auto version = context.catalog_version();
    std::string name(statement.name);
    Oid found = version->find_relation(table->schema, name, context.database());
    if (found == kInvalidOid) throw SqlError(Sqlstate::UndefinedObject, "index \"" + name + "\" for table \"" + table->name + "\" does not exist");
    auto index = version->index(found);
    auto wrong = [&](const std::string& text) { throw SqlError(Sqlstate::WrongObjectType, text); };
    std::string quoted = "\"" + name + "\"";
    if (index == nullptr || index->table != oid) wrong(quoted + " is not an index for table \"" + table->name + "\"");
    if (!index->unique) wrong("cannot use non-unique index " + quoted + " as replica identity");
    if (!index->immediate) wrong("cannot use non-immediate index " + quoted + " as replica identity");
    for (const auto& column : index->columns) {
      if (column.column < 0) wrong("cannot use expression index " + quoted + " as replica identity");
    }
    if (!index->predicate_sql.empty()) wrong("cannot use partial index " + quoted + " as replica identity");
    for (const auto& column : index->columns) {
      const auto& info = table->columns[static_cast<size_t>(column.column)];
      if (!info.not_null) wrong("index " + quoted + " cannot be used as replica identity because column \"" + info.name + "\" is nullable");
    }
    table->replica_index = found;
  }
  context.catalog_changes().put(table);
}

}  // namespace aegis::commands
