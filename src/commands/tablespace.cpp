#include "tablespace.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/catalog/tablespace.h"
#include "aegis/os/file_system.h"
#include "event_trigger.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "partition/inherit.h"
#include "rewrite.h"
#include "role.h"
#include "table.h"

namespace aegis::commands {
namespace {

using catalog::ObjectKind;
using os::FileSystem;

constexpr size_t kMaxPath = 1024;

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

std::string canonical(std::string_view path) {
  std::string out;
  for (char c : path) {
    if (c == '/' && !out.empty() && out.back() == '/') continue;
    out += c;
  }
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

std::string reason_of(const StorageError& error) {
  std::string text = error.what();
  size_t colon = text.rfind(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

std::string link_path(CommandContext& context, Oid oid) { return context.data_directory() + "/" + catalog::tablespace_link(oid); }
std::string folder_path(CommandContext& context, Oid oid) { return context.data_directory() + "/" + catalog::tablespace_folder(oid); }

// The link, and the engine's folder behind it. What is made here goes when the transaction does.
void make_directories(CommandContext& context, const catalog::Tablespace& space) {
  FileSystem& files = context.files();
  files.create_directories(context.data_directory() + "/pg_tblspc");
  std::string link = link_path(context, space.oid), folder = folder_path(context, space.oid);
  if (!space.location.empty()) {
    if (files.kind_of(space.location) == FileSystem::PathKind::Absent) {
      throw SqlError(Sqlstate::UndefinedFile, "directory " + quoted(space.location) + " does not exist");
    }
    if (!files.owns(space.location)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "could not set permissions on directory " + quoted(space.location) + ": Operation not permitted");
    }
    std::string name = folder.substr(folder.rfind('/'));
    switch (files.kind_of(space.location + name)) {
      case FileSystem::PathKind::Absent: break;
      case FileSystem::PathKind::Directory:
        throw SqlError(Sqlstate::ObjectInUse, "directory " + quoted(space.location + name) + " already in use as a tablespace");
      default: throw SqlError(Sqlstate::WrongObjectType, quoted(space.location + name) + " exists but is not a directory");
    }
  }
  context.transaction().on_abort([&files, link, folder] {
    try {
      files.remove_directory(folder);
      files.remove_directory(link);
    } catch (const StorageError&) {
      // A start removes what is left.
    }
  });
  try {
    if (space.location.empty()) {
      files.create_directories(link);
    } else {
      files.create_link(space.location, link);
    }
    files.create_directories(folder);
    if (!files.is_volatile()) {
      files.sync_directory(context.data_directory() + "/pg_tblspc");
      files.sync_directory(link);
    }
  } catch (const StorageError& error) {
    if (error.sqlstate() == Sqlstate::DiskFull) throw;
    throw SqlError(Sqlstate::InsufficientPrivilege, "could not create directory " + quoted(space.location) + ": " + reason_of(error));
  }
}

std::shared_ptr<const catalog::Tablespace> open_tablespace(CommandContext& context, std::string_view name) {
  Oid oid = require_tablespace(context, name);
  auto found = std::static_pointer_cast<const catalog::Tablespace>(context.catalog_version()->find(oid));
  if (found == nullptr) {
    if (context.is_superuser()) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for tablespace " + std::string(name));
    throw SqlError(Sqlstate::InsufficientPrivilege, "must be owner of tablespace " + std::string(name));
  }
  check_owner(context, *found);
  return found;
}

// Everything that is in the tablespace, in all databases.
template <typename F>
void each_inside(const catalog::Version& version, Oid space, F&& visit) {
  for (const auto& database : version.objects(kInvalidOid)) {
    if (database->kind != ObjectKind::Database) continue;
    for (const auto& object : version.objects(database->oid)) {
      if (object->database != database->oid) continue;
      Oid own = object->kind == ObjectKind::Relation ? static_cast<const catalog::Relation&>(*object).tablespace
                : object->kind == ObjectKind::Index  ? static_cast<const catalog::Index&>(*object).tablespace
                                                     : kInvalidOid;
      if (own == space) visit(*object);
    }
  }
}

bool has_storage(const catalog::Version& version, const catalog::Object& object) {
  if (object.kind == ObjectKind::Index) {
    auto table = version.relation(static_cast<const catalog::Index&>(object).table);
    return table == nullptr || !table->is_partitioned();
  }
  return !static_cast<const catalog::Relation&>(object).is_partitioned();
}

void require_empty(CommandContext& context, const catalog::Tablespace& space) {
  auto version = context.catalog_version();
  std::string detail;
  bool empty = true;
  each_inside(*version, space.oid, [&](const catalog::Object& object) {
    if (has_storage(*version, object)) {
      empty = false;
    } else if (object.database == context.database()) {
      detail += (detail.empty() ? "" : "\n") + std::string("tablespace for ") + describe(context, object);
    }
  });
  for (const auto& object : version->objects(kInvalidOid)) {
    if (object->kind == ObjectKind::Database && static_cast<const catalog::Database&>(*object).tablespace == space.oid) empty = false;
  }
  if (!detail.empty()) {
    throw SqlError(Sqlstate::DependentObjectsStillExist, "tablespace " + quoted(space.name) + " cannot be dropped because some objects depend on it").detail(detail);
  }
  if (!empty) throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "tablespace " + quoted(space.name) + " is not empty");
}

}  // namespace

Oid require_tablespace(CommandContext& context, std::string_view name) {
  Oid oid = catalog::find_tablespace(*context.catalog_version(), name);
  if (oid == kInvalidOid) throw SqlError(Sqlstate::UndefinedObject, "tablespace " + quoted(name) + " does not exist");
  return oid;
}

void check_tablespace_name(CommandContext& context, std::string_view name) {
  if (name.starts_with("pg_")) {
    throw SqlError(Sqlstate::ReservedName, "unacceptable tablespace name " + quoted(name)).detail("The prefix \"pg_\" is reserved for system tablespaces.");
  }
  lock_name(context, catalog::kPgTablespaceOid, 0, name);
  if (catalog::find_tablespace(*context.catalog_version(), name) != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "tablespace " + quoted(name) + " already exists");
  }
}

CommandResult create_tablespace(const ast::CreateTableSpaceStmt& statement, CommandContext& context) {
  context.prevent_in_transaction_block("CREATE TABLESPACE");
  if (!context.is_superuser()) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied to create tablespace " + quoted(statement.tablespacename))
        .hint("Must be superuser to create a tablespace.");
  }
  auto space = std::make_shared<catalog::Tablespace>();
  space->owner = statement.owner == nullptr ? context.current_role() : find_role(context, *statement.owner);
  space->location = canonical(statement.location_path);
  if (space->location.find('\'') != std::string::npos) {
    throw SqlError(Sqlstate::InvalidName, "tablespace location cannot contain single quotes");
  }
  bool in_place = space->location.empty() && context.setting("allow_in_place_tablespaces") == "on";
  if (!in_place && !space->location.starts_with("/")) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "tablespace location must be an absolute path");
  }
  if (space->location.size() + 40 > kMaxPath) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "tablespace location " + quoted(space->location) + " is too long");
  }
  if (!in_place && (space->location + "/").starts_with(canonical(context.data_directory()) + "/")) {
    warning(context, "tablespace location should not be inside the data directory", Sqlstate::InvalidObjectDefinition);
  }
  check_tablespace_name(context, statement.tablespacename);
  space->name = statement.tablespacename;
  space->options = tablespace_options(statement.options);
  space->oid = context.catalog().allocate_oid();
  make_directories(context, *space);
  context.catalog_changes().put(std::move(space));
  return {"CREATE TABLESPACE", {}, {}};
}

CommandResult drop_tablespace(const ast::DropTableSpaceStmt& statement, CommandContext& context) {
  context.prevent_in_transaction_block("DROP TABLESPACE");
  std::string name(statement.tablespacename);
  lock_name(context, catalog::kPgTablespaceOid, 0, name);
  if (statement.missing_ok && catalog::find_tablespace(*context.catalog_version(), name) == kInvalidOid) {
    notice(context, "tablespace " + quoted(name) + " does not exist, skipping");
    return {"DROP TABLESPACE", {}, {}};
  }
  auto space = open_tablespace(context, name);
  // Whoever puts something there holds this lock, too (new_tablespace).
  auto tag = txn::LockTag::object(kInvalidOid, catalog::kPgTablespaceOid, space->oid);
  context.transactions().locks().lock(context.transaction().backend(), tag, txn::LockMode::AccessExclusive);
  require_empty(context, *space);
  // Files of relations that have been dropped or moved go with a checkpoint; what it leaves belongs to nobody.
  FileSystem& files = context.files();
  std::string folder = folder_path(context, space->oid), link = link_path(context, space->oid);
  if (!files.is_volatile()) {
    context.engine().checkpoint();
    for (const std::string& left : files.list(folder)) files.remove(folder + "/" + left);
  }
  files.remove_directory(folder);
  files.remove_directory(link);
  if (!files.is_volatile()) files.sync_directory(context.data_directory() + "/pg_tblspc");
  context.catalog_changes().remove(space->oid);
  return {"DROP TABLESPACE", {}, {}};
}

CommandResult alter_tablespace(const ast::AlterTableSpaceOptionsStmt& statement, CommandContext& context) {
  auto space = open_tablespace(context, statement.tablespacename);
  auto changed = copy_of(space);
  auto use = statement.is_reset ? OptionUse::Reset : OptionUse::Set;
  for (const auto& option : tablespace_options(statement.options, use)) {
    std::string name = option.substr(0, option.find('=') + 1);
    std::erase_if(changed->options, [&](const auto& old) { return old.starts_with(name); });
    if (use == OptionUse::Set) changed->options.push_back(option);
  }
  context.catalog_changes().put(changed);
  return {"ALTER TABLESPACE", {}, {}};
}

// ---- Relations in tablespaces ----
namespace {

// Nobody drops the tablespace until the transaction has ended.
void hold_tablespace(CommandContext& context, Oid space) {
  if (space < kFirstNormalOid) return;
  auto tag = txn::LockTag::object(kInvalidOid, catalog::kPgTablespaceOid, space);
  context.transactions().locks().lock(context.transaction().backend(), tag, txn::LockMode::AccessShare);
  if (context.catalog_version()->find(space) == nullptr) throw SqlError(Sqlstate::UndefinedObject, "tablespace with OID " + std::to_string(space) + " does not exist");
}

void check_may_use(CommandContext& context, Oid space) {
  if (space == kInvalidOid) return;
  auto version = context.catalog_version();
  if (space != catalog::effective_tablespace(*version, context.database(), kInvalidOid)) {
    auto object = version->find(space);
    bool may = context.is_superuser() || (object != nullptr && catalog::has_privilege(*version, context.current_role(), *object, 'C'));
    if (!may) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for tablespace " + catalog::tablespace_name(*version, space));
  }
  if (space == catalog::kGlobalTablespace) {
    throw SqlError(Sqlstate::InvalidParameterValue, "only shared relations can be placed in pg_global tablespace");
  }
  hold_tablespace(context, space);
}

// The database's own is never said.
Oid as_kept(CommandContext& context, Oid space) {
  return space == catalog::effective_tablespace(*context.catalog_version(), context.database(), kInvalidOid) ? kInvalidOid : space;
}

// The first of temp_tablespaces that is there.
Oid temporary_tablespace(CommandContext& context) {
  std::string list = context.setting("temp_tablespaces");
  auto version = context.catalog_version();
  std::string name;
  for (char c : list + ",") {
    if (c != ',') {
      if (c != ' ' && c != '"') name += c;
      continue;
    }
    Oid found = name.empty() ? kInvalidOid : catalog::find_tablespace(*version, name);
    if (found != kInvalidOid && found != catalog::kGlobalTablespace) return found;
    name.clear();
  }
  return kInvalidOid;
}

[[noreturn]] void throw_default_of_partitioned() {
  throw SqlError(Sqlstate::FeatureNotSupported, "cannot specify default tablespace for partitioned relations");
}

}  // namespace

Oid new_tablespace(CommandContext& context, std::string_view clause, char persistence, bool partitioned, Oid inherited) {
  Oid own = catalog::effective_tablespace(*context.catalog_version(), context.database(), kInvalidOid);
  Oid space = inherited;
  if (!clause.empty()) {
    space = require_tablespace(context, clause);
    if (partitioned && space == own) throw_default_of_partitioned();
  } else if (space == kInvalidOid && persistence == 't') {
    space = temporary_tablespace(context);
  } else if (space == kInvalidOid) {
    std::string name = context.setting("default_tablespace");
    space = name.empty() ? kInvalidOid : catalog::find_tablespace(*context.catalog_version(), name);
    if (partitioned && space == own) throw_default_of_partitioned();
  }
  check_may_use(context, space);
  return as_kept(context, space);
}

Oid target_tablespace(CommandContext& context, std::string_view name) {
  Oid space = require_tablespace(context, name);
  check_may_use(context, space);
  return as_kept(context, space);
}

void move_relation_to(CommandContext& context, Oid oid, Oid space) {
  auto version = context.catalog_version();
  if (auto index = version->index(oid)) {
    if (index->tablespace == space) return;
    auto changed = copy_of(index);
    changed->tablespace = space;
    context.catalog_changes().put(changed);
    rebuild_index(context, *version->relation(index->table), *changed);
    return;
  }
  auto table = version->relation(oid);
  if (table == nullptr || table->tablespace == space) return;
  auto changed = copy_of(table);
  changed->tablespace = space;
  if (!table->is_table()) return context.catalog_changes().put(changed);
  rewrite_table(context, *table, changed, {});
}

// ---- ALTER … ALL IN TABLESPACE ----
namespace {

bool matches_kind(const catalog::Version& version, const catalog::Object& object, ast::ObjectType type) {
  if (object.kind == ObjectKind::Index) return type == ast::ObjectType::Index && version.relation(static_cast<const catalog::Index&>(object).table) != nullptr;
  if (object.kind != ObjectKind::Relation) return false;
  char kind = static_cast<const catalog::Relation&>(object).relkind;
  if (type == ast::ObjectType::Matview) return kind == 'm';
  return type == ast::ObjectType::Table && (kind == 'r' || kind == 'p');
}

void lock_to_move(CommandContext& context, const catalog::Object& object, bool nowait) {
  Oid locked = object.kind == ObjectKind::Index ? static_cast<const catalog::Index&>(object).table : object.oid;
  if (nowait) {
    auto tag = txn::LockTag::relation(context.database(), locked);
    if (!context.transactions().locks().lock(context.transaction().backend(), tag, txn::LockMode::AccessExclusive, txn::LockWait::NoWait)) {
      auto schema = context.catalog_version()->schema(object.schema);
      throw SqlError(Sqlstate::ObjectInUse, "aborting because lock on relation \"" + (schema == nullptr ? std::string() : schema->name) + "." + object.name + "\" is not available");
    }
  }
  context.lock_relation(locked, txn::LockMode::AccessExclusive);
}

}  // namespace

CommandResult move_all(const ast::AlterTableMoveAllStmt& statement, CommandContext& context) {
  std::string tag = command_tag(statement);
  Oid from = require_tablespace(context, statement.orig_tablespacename);
  Oid to = require_tablespace(context, statement.new_tablespacename);
  if (from == catalog::kGlobalTablespace || to == catalog::kGlobalTablespace) {
    throw SqlError(Sqlstate::InvalidParameterValue, "cannot move relations in to or out of pg_global tablespace");
  }
  check_may_use(context, to);
  from = as_kept(context, from);
  to = as_kept(context, to);
  std::vector<Oid> roles;
  for (const auto* role : statement.roles) roles.push_back(find_role(context, *role));
  if (from == to) return {tag, {}, {}};
  auto version = context.catalog_version();
  std::vector<catalog::ObjectPtr> moved;
  for (const auto& object : version->objects(context.database())) {
    if (object->database != context.database() || is_system(*version, *object) || !matches_kind(*version, *object, statement.objtype)) continue;
    Oid own = object->kind == ObjectKind::Index ? static_cast<const catalog::Index&>(*object).tablespace : static_cast<const catalog::Relation&>(*object).tablespace;
    if (own != from || (!roles.empty() && std::find(roles.begin(), roles.end(), object->owner) == roles.end())) continue;
    check_owner(context, *object);
    lock_to_move(context, *object, statement.nowait);
    moved.push_back(object);
  }
  if (moved.empty()) {
    std::string name = catalog::tablespace_name(*version, catalog::effective_tablespace(*version, context.database(), from));
    notice(context, "no matching relations in tablespace " + quoted(name) + " found", Sqlstate::NoDataFound);
  }
  for (const auto& object : moved) move_relation_to(context, object->oid, to);
  return {tag, {}, {}};
}

// ---- Databases ----

Oid database_tablespace(CommandContext& context, std::string_view name) {
  Oid space = require_tablespace(context, name);
  auto object = context.catalog_version()->find(space);
  bool may = context.is_superuser() || space == catalog::kDefaultTablespace ||
             (object != nullptr && catalog::has_privilege(*context.catalog_version(), context.current_role(), *object, 'C'));
  if (!may) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied for tablespace " + std::string(name));
  if (space == catalog::kGlobalTablespace) {
    throw SqlError(Sqlstate::InvalidParameterValue, "pg_global cannot be used as default tablespace");
  }
  hold_tablespace(context, space);
  return space;
}

void move_database(CommandContext& context, catalog::Database& database, Oid space) {
  if (database.oid == context.database()) {
    throw SqlError(Sqlstate::ObjectInUse, "cannot change the tablespace of the currently open database");
  }
  if (database.tablespace == space) return;
  database.tablespace = space;
  context.catalog_changes().put(std::make_shared<catalog::Database>(database));
  auto version = context.catalog_version();
  for (const auto& object : version->objects(database.oid)) {
    if (object->database != database.oid || object->kind != ObjectKind::Relation) continue;
    const auto& table = static_cast<const catalog::Relation&>(*object);
    if (!table.is_table()) continue;
    auto tag = txn::LockTag::relation(database.oid, table.oid);
    context.transactions().locks().lock(context.transaction().backend(), tag, txn::LockMode::AccessExclusive);
    auto now = context.catalog_version()->relation(table.oid);
    // What is said to be in the new one was there, and is so by default now.
    if (now != nullptr) rewrite_table(context, *now, copy_of(now), {});
  }
}

}  // namespace aegis::commands
