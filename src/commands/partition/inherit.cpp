#include "partition/inherit.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "definition.h"
#include "names.h"
#include "objects.h"
#include "table.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;

// What stands for a default while the parents disagree.
constexpr const char* kConflict = "<conflicting>";

std::string type_text(CommandContext& context, types::Type type) { return types::format_type(type, context.types().names); }

void add_inherited_column(CommandContext& context, catalog::Relation& table, const catalog::Column& from, size_t first_of_parent) {
  int at = table.find_column(from.name);
  if (at < 0) {
    catalog::Column column;
    column.name = from.name;
    column.type = from.type;
    column.collation = from.collation;
    column.not_null = from.not_null;
    column.generated = from.generated;
    column.compression = from.compression;
    column.storage = from.storage;
    column.default_sql = from.identity != 0 ? std::string() : from.default_sql;
    if (!column.default_sql.empty()) column.default_oid = context.catalog().allocate_oid();
    column.local = false;
    column.inherit_count = 1;
    table.columns.push_back(std::move(column));
    return;
  }
  (void)first_of_parent;
  notice(context, "merging multiple inherited definitions of column \"" + from.name + "\"");
  auto& column = table.columns[static_cast<size_t>(at)];
  if (column.type != from.type) {
    throw SqlError(Sqlstate::DatatypeMismatch, "inherited column \"" + from.name + "\" has a type conflict")
        .detail(type_text(context, column.type) + " versus " + type_text(context, from.type));
  }
  if (column.collation != from.collation) {
    throw SqlError(Sqlstate::CollationMismatch, "inherited column \"" + from.name + "\" has a collation conflict");
  }
  if (column.storage != from.storage) {
    throw SqlError(Sqlstate::DatatypeMismatch, "inherited column \"" + from.name + "\" has a storage parameter conflict")
        .detail(std::string(storage_name(column.type, column.storage)) + " versus " + storage_name(from.type, from.storage));
  }
  if (from.compression != 0 && column.compression != 0 && column.compression != from.compression) {
    auto method = [](char c) { return c == 'p' ? "pglz" : "lz4"; };
    throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + from.name + "\" has a compression method conflict")
        .detail(std::string(method(column.compression)) + " versus " + method(from.compression));
  }
  if (column.compression == 0) column.compression = from.compression;
  ++column.inherit_count;
  column.not_null = column.not_null || from.not_null;
  if (column.generated != from.generated) {
    throw SqlError(Sqlstate::DatatypeMismatch, "inherited column \"" + from.name + "\" has a generation conflict");
  }
  std::string default_sql = from.identity != 0 ? std::string() : from.default_sql;
  if (default_sql.empty()) return;
  if (column.default_sql.empty()) {
    column.default_sql = default_sql;
    column.default_oid = context.catalog().allocate_oid();
  } else if (column.default_sql != default_sql) {
    column.default_sql = kConflict;
  }
}

void inherit_columns_of(CommandContext& context, catalog::Relation& table, const catalog::Relation& parent) {
  size_t before = table.columns.size();
  for (const auto& column : parent.columns) {
    if (!column.dropped) add_inherited_column(context, table, column, before);
  }
}


}  // namespace

void inherit_check(CommandContext& context, catalog::Relation& table, const catalog::Constraint& constraint) {
  for (auto& own : table.constraints) {
    if (own.name != constraint.name) continue;
    if (own.kind != 'c' || own.check_sql != constraint.check_sql) {
      throw SqlError(Sqlstate::DuplicateObject, "check constraint name \"" + constraint.name + "\" appears multiple times but with different expressions");
    }
    ++own.inherit_count;
    return;
  }
  catalog::Constraint copy;
  copy.kind = 'c';
  copy.name = constraint.name;
  copy.check_sql = constraint.check_sql;
  copy.validated = constraint.validated;
  copy.oid = context.catalog().allocate_oid();
  copy.local = false;
  copy.inherit_count = 1;
  copy.columns = define_sql(context, copy.check_sql, &table, {oid::kBool}, analyzer::DefinitionKind::Check).columns;
  std::sort(copy.columns.begin(), copy.columns.end());
  table.constraints.push_back(std::move(copy));
}

std::vector<catalog::RelationPtr> open_parents(CommandContext& context, const ast::CreateStmt& statement, const catalog::Relation& table) {
  std::vector<catalog::RelationPtr> parents;
  bool as_partition = statement.partbound != nullptr;
  for (const auto* name : statement.inh_relations) {
    auto mode = as_partition ? txn::LockMode::AccessExclusive : txn::LockMode::ShareUpdateExclusive;
    auto parent = open_relation(context, *name, mode);
    std::string quoted = "\"" + parent->name + "\"";
    auto wrong = [&](std::string text) { throw SqlError(Sqlstate::WrongObjectType, std::move(text)); };
    if (as_partition && !parent->is_partitioned()) wrong(quoted + " is not partitioned");
    if (!as_partition && parent->is_partitioned()) wrong("cannot inherit from partitioned table " + quoted);
    if (!as_partition && parent->is_partition()) wrong("cannot inherit from partition " + quoted);
    if (parent->relkind != 'r' && !parent->is_partitioned() && !parent->is_foreign()) wrong("inherited relation " + quoted + " is not a table or foreign table");
    if (is_system(*context.catalog_version(), *parent)) throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: " + quoted + " is a system catalog");
    if (table.persistence != 't' && parent->persistence == 't') {
      wrong(as_partition ? "cannot create a permanent relation as partition of temporary relation " + quoted
                         : "cannot inherit from temporary relation " + quoted);
    }
    if (as_partition && table.persistence == 't' && parent->persistence != 't') {
      wrong("cannot create a temporary relation as partition of permanent relation " + quoted);
    }
    check_owner(context, *parent);
    for (const auto& other : parents) {
      if (other->oid == parent->oid) {
        throw SqlError(Sqlstate::DuplicateTable, "relation \"" + parent->name + "\" would be inherited from more than once");
      }
    }
    parents.push_back(parent);
  }
  return parents;
}

void take_from_parents(CommandContext& context, catalog::Relation& table, const std::vector<catalog::RelationPtr>& parents, bool) {
  for (const auto& parent : parents) {
    table.parents.push_back({parent->oid, false});
    inherit_columns_of(context, table, *parent);
  }
  for (const auto& parent : parents) {
    for (const auto& constraint : parent->constraints) {
      if (constraint.kind == 'c' && !constraint.no_inherit) inherit_check(context, table, constraint);
    }
  }
}

void require_one_default(const catalog::Relation& table) {
  for (const auto& column : table.columns) {
    if (column.default_sql != kConflict) continue;
    if (column.generated != 0) {
      throw SqlError(Sqlstate::InvalidColumnDefinition, "column \"" + column.name + "\" inherits conflicting generation expressions")
          .hint("To resolve the conflict, specify a generation expression explicitly.");
    }
    throw SqlError(Sqlstate::InvalidColumnDefinition, "column \"" + column.name + "\" inherits conflicting default values")
        .hint("To resolve the conflict, specify a default explicitly.");
  }
}

bool merge_check(CommandContext& context, catalog::Relation& table, const ast::Constraint& node) {
  if (node.conname.empty()) return false;
  for (auto& own : table.constraints) {
    if (own.name != node.conname || own.inherit_count == 0) continue;
    auto definition = define(context, *node.raw_expr, &table, {oid::kBool}, analyzer::DefinitionKind::Check);
    if (own.kind != 'c' || own.check_sql != definition.sql || (own.local && own.inherit_count == 0)) {
      throw SqlError(Sqlstate::DuplicateObject, "constraint \"" + own.name + "\" for relation \"" + table.name + "\" already exists");
    }
    if (node.is_no_inherit) {
      throw SqlError(Sqlstate::InvalidObjectDefinition,
                     "constraint \"" + own.name + "\" conflicts with inherited constraint on relation \"" + table.name + "\"");
    }
    notice(context, "merging constraint \"" + own.name + "\" with inherited definition");
    own.local = !table.is_partition();
    return true;
  }
  return false;
}

void adopt(CommandContext& context, catalog::Relation& child, const catalog::Relation& parent, bool as_partition) {
  for (const auto& column : parent.columns) {
    if (column.dropped) continue;
    int at = child.find_column(column.name);
    if (at < 0) throw SqlError(Sqlstate::DatatypeMismatch, "child table is missing column \"" + column.name + "\"");
    auto& own = child.columns[static_cast<size_t>(at)];
    if (own.type != column.type) {
      throw SqlError(Sqlstate::DatatypeMismatch, "child table \"" + child.name + "\" has different type for column \"" + column.name + "\"");
    }
    if (own.collation != column.collation) {
      throw SqlError(Sqlstate::CollationMismatch, "child table \"" + child.name + "\" has different collation for column \"" + column.name + "\"");
    }
    if (column.not_null && !own.not_null) {
      throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + column.name + "\" in child table must be marked NOT NULL");
    }
    if (column.generated != 0 && own.generated == 0) {
      throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + column.name + "\" in child table must be a generated column");
    }
    if (column.generated != 0 && own.default_sql != column.default_sql) {
      throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + column.name + "\" in child table has a conflicting generation expression");
    }
    if (column.generated == 0 && own.generated != 0) {
      throw SqlError(Sqlstate::DatatypeMismatch, "column \"" + column.name + "\" in child table must not be a generated column");
    }
    ++own.inherit_count;
    if (as_partition) own.local = false;
  }
  for (const auto& constraint : parent.constraints) {
    if (constraint.kind != 'c' || constraint.no_inherit) continue;
    auto own = std::find_if(child.constraints.begin(), child.constraints.end(), [&](const auto& c) { return c.kind == 'c' && c.name == constraint.name; });
    if (own == child.constraints.end()) throw SqlError(Sqlstate::DatatypeMismatch, "child table is missing constraint \"" + constraint.name + "\"");
    if (own->check_sql != constraint.check_sql) {
      throw SqlError(Sqlstate::DatatypeMismatch, "child table \"" + child.name + "\" has different definition for check constraint \"" + constraint.name + "\"");
    }
    if (own->no_inherit) {
      throw SqlError(Sqlstate::InvalidObjectDefinition,
                     "constraint \"" + constraint.name + "\" conflicts with non-inherited constraint on child table \"" + child.name + "\"");
    }
    if (!own->validated) {
      throw SqlError(Sqlstate::InvalidObjectDefinition,
                     "constraint \"" + constraint.name + "\" conflicts with NOT VALID constraint on child table \"" + child.name + "\"");
    }
    ++own->inherit_count;
    if (as_partition) own->local = false;
  }
  (void)context;
  child.parents.push_back({parent.oid, false});
}

void disown(catalog::Relation& child, const catalog::Relation& parent) {
  for (auto& own : child.columns) {
    if (own.dropped || own.inherit_count == 0 || parent.find_column(own.name) < 0) continue;
    if (--own.inherit_count == 0) own.local = true;
  }
  for (auto& own : child.constraints) {
    if (own.kind != 'c' || own.inherit_count == 0) continue;
    bool from_parent = std::any_of(parent.constraints.begin(), parent.constraints.end(),
                                   [&](const auto& c) { return c.kind == 'c' && !c.no_inherit && c.name == own.name; });
    if (from_parent && --own.inherit_count == 0) own.local = true;
  }
  std::erase_if(child.parents, [&](const auto& p) { return p.relation == parent.oid; });
}

void add_inherit(CommandContext& context, Oid child_oid, const ast::RangeVar& name) {
  auto child = copy_of(context.catalog_version()->relation(child_oid));
  auto wrong = [&](std::string text) { throw SqlError(Sqlstate::WrongObjectType, std::move(text)); };
  if (child->is_partition()) wrong("cannot change inheritance of a partition");
  if (child->is_partitioned()) wrong("cannot change inheritance of partitioned table");
  auto parent = open_relation(context, name, txn::LockMode::ShareUpdateExclusive);
  check_owner(context, *parent);
  if (parent->relkind != 'r' && !parent->is_partitioned() && !parent->is_foreign()) {
    wrong("\"" + parent->name + "\" is not a table");
  }
  if (parent->persistence == 't' && child->persistence != 't') wrong("cannot inherit from temporary relation \"" + parent->name + "\"");
  if (parent->is_partitioned()) wrong("cannot inherit from partitioned table \"" + parent->name + "\"");
  if (parent->is_partition()) wrong("cannot inherit from a partition");
  for (const auto& relation : context.catalog_version()->family(child_oid)) {
    if (relation->oid != parent->oid) continue;
    throw SqlError(Sqlstate::DuplicateTable, "circular inheritance not allowed")
        .detail("\"" + parent->name + "\" is already a child of \"" + child->name + "\".");
  }
  for (const auto& other : child->parents) {
    if (other.relation == parent->oid) {
      throw SqlError(Sqlstate::DuplicateTable, "relation \"" + parent->name + "\" would be inherited from more than once");
    }
  }
  adopt(context, *child, *parent, false);
  context.catalog_changes().put(child);
}

void drop_inherit(CommandContext& context, Oid child_oid, const ast::RangeVar& name) {
  auto child = copy_of(context.catalog_version()->relation(child_oid));
  if (child->is_partition()) throw SqlError(Sqlstate::WrongObjectType, "cannot change inheritance of a partition");
  auto parent = open_relation(context, name, txn::LockMode::AccessShare);
  bool found = std::any_of(child->parents.begin(), child->parents.end(), [&](const auto& p) { return p.relation == parent->oid; });
  if (!found) {
    throw SqlError(Sqlstate::UndefinedTable, "relation \"" + parent->name + "\" is not a parent of relation \"" + child->name + "\"");
  }
  disown(*child, *parent);
  context.catalog_changes().put(child);
}

std::vector<Oid> lock_children(CommandContext& context, Oid table, txn::LockMode mode) {
  std::vector<Oid> result;
  for (const auto& child : context.catalog_version()->children(table)) {
    context.lock_relation(child->oid, mode);
    result.push_back(child->oid);
  }
  return result;
}

std::vector<Oid> lock_descendants(CommandContext& context, Oid table, txn::LockMode mode) {
  std::vector<Oid> result;
  for (const auto& relation : context.catalog_version()->family(table)) {
    if (relation->oid == table) continue;
    context.lock_relation(relation->oid, mode);
    result.push_back(relation->oid);
  }
  return result;
}

}  // namespace aegis::commands
