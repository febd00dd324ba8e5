#include "partition/attach.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "constraints.h"
#include "definition.h"
#include "dependency.h"
#include "foreign_data.h"
#include "index.h"
#include "names.h"
#include "objects.h"
#include "tablespace.h"
#include "partition/bound.h"
#include "partition/inherit.h"

namespace aegis::commands {
namespace {

std::string quoted(const catalog::Object& object) { return "\"" + object.name + "\""; }

void check_attachable(CommandContext& context, const catalog::Relation& parent, const catalog::Relation& table) {
  auto wrong = [&](std::string text) { throw SqlError(Sqlstate::WrongObjectType, std::move(text)); };
  if (table.relkind != 'r' && !table.is_partitioned() && !table.is_foreign()) wrong(quoted(table) + " is not a table");
  if (table.is_partition()) wrong(quoted(table) + " is already a partition");
  auto version = context.catalog_version();
  if (!table.parents.empty()) wrong("cannot attach inheritance child as partition");
  if (table.is_table() && version->has_children(table.oid)) wrong("cannot attach inheritance parent as partition");
  for (const auto& relation : version->family(table.oid)) {
    if (relation->oid != parent.oid) continue;
    throw SqlError(Sqlstate::DuplicateTable, "circular inheritance not allowed")
        .detail(quoted(parent) + " is already a child of " + quoted(table) + ".");
  }
  if (parent.persistence != 't' && table.persistence == 't') {
    wrong("cannot attach a temporary relation as partition of permanent relation " + quoted(parent));
  }
  if (parent.persistence == 't' && table.persistence != 't') {
    wrong("cannot attach a permanent relation as partition of temporary relation " + quoted(parent));
  }
  for (const auto& column : table.columns) {
    if (column.dropped || parent.find_column(column.name) >= 0) continue;
    throw SqlError(Sqlstate::DatatypeMismatch, "table " + quoted(table) + " contains column \"" + column.name + "\" not found in parent " + quoted(parent))
        .detail("The new partition may contain only the columns present in parent.");
  }
  for (const auto& trigger : version->triggers(table.oid)) {
    if ((trigger->type & catalog::kTriggerRow) == 0 || (trigger->old_table.empty() && trigger->new_table.empty())) continue;
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "trigger " + quoted(*trigger) + " prevents table " + quoted(table) + " from becoming a partition")
        .detail("ROW triggers with transition tables are not supported on partitions.");
  }
}

// Columns of the parent's index in terms of the partition.
catalog::Index mapped_index(CommandContext& context, const catalog::Index& index, const catalog::Relation& parent, const catalog::Relation& partition) {
  auto map = catalog::match_columns(parent, partition);
  catalog::Index made;
  made.method = index.method;
  made.unique = index.unique;
  made.primary = index.primary;
  made.nulls_not_distinct = index.nulls_not_distinct;
  made.immediate = index.immediate;
  made.columns = index.columns;
  made.options = index.options;
  made.predicate_sql = index.predicate_sql;
  made.tablespace = index.tablespace;
  for (auto& key : made.columns) {
    if (key.column >= 0) key.column = map[static_cast<size_t>(key.column)];
  }
  for (int column : index.included) made.included.push_back(map[static_cast<size_t>(column)]);
  (void)context;
  return made;
}

bool same_index(const catalog::Index& a, const catalog::Index& b) {
  if (a.method != b.method || a.unique != b.unique || a.nulls_not_distinct != b.nulls_not_distinct || a.included != b.included || a.predicate_sql != b.predicate_sql) {
    return false;
  }
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(), [](const auto& x, const auto& y) {
    return x.column == y.column && x.sql == y.sql && x.type.oid == y.type.oid && x.collation == y.collation && x.descending == y.descending &&
           x.nulls_first == y.nulls_first;
  });
}

std::vector<std::string> index_column_names(const catalog::Relation& table, const catalog::Index& index) {
  std::vector<std::string> names;
  for (const auto& key : index.columns) names.push_back(key.column >= 0 ? table.columns[static_cast<size_t>(key.column)].name : "expr");
  for (int column : index.included) names.push_back(table.columns[static_cast<size_t>(column)].name);
  return names;
}

const catalog::Constraint* constraint_of(const catalog::Relation& table, Oid oid) {
  for (const auto& constraint : table.constraints) {
    if (constraint.oid == oid) return &constraint;
  }
  return nullptr;
}

// The constraint that the partition's index stands for becomes one of the parent's.
void tie_index(CommandContext& context, const catalog::Index& index, const catalog::Index& parent_index) {
  auto changed = std::make_shared<catalog::Index>(index);
  changed->parent = parent_index.oid;
  context.catalog_changes().put(changed);
  if (parent_index.constraint == kInvalidOid || index.constraint == kInvalidOid) return;
  auto table = copy_of(context.catalog_version()->relation(index.table));
  for (auto& constraint : table->constraints) {
    if (constraint.oid != index.constraint) continue;
    constraint.parent = parent_index.constraint;
    constraint.inherit_count = 1;
    constraint.local = false;
  }
  context.catalog_changes().put(table);
}

// A partitioned index is valid once all partitions have a valid one.
void validate_parent_index(CommandContext& context, Oid oid) {
  auto version = context.catalog_version();
  auto index = version->index(oid);
  if (index == nullptr || index->valid) return;
  for (const auto& child : version->children(index->table)) {
    bool found = false;
    for (const auto& other : version->indexes_of(*child)) found = found || (other->parent == oid && other->valid);
    if (!found) return;
  }
  auto changed = copy_of(index);
  changed->valid = true;
  context.catalog_changes().put(changed);
  if (index->parent != kInvalidOid) validate_parent_index(context, index->parent);
}

}  // namespace

void ensure_partition_index(CommandContext& context, const catalog::Index& parent_index, Oid partition_oid) {
  auto version = context.catalog_version();
  auto parent = version->relation(parent_index.table);
  auto partition = version->relation(partition_oid);
  if (partition->is_foreign()) {
    if (parent_index.unique) refuse_foreign_parts(*parent);
    return;
  }
  catalog::Index wanted = mapped_index(context, parent_index, *parent, *partition);
  for (const auto& own : version->indexes_of(*partition)) {
    if (own->parent == parent_index.oid) return;
  }
  for (const auto& own : version->indexes_of(*partition)) {
    if (own->parent != kInvalidOid || !same_index(*own, wanted)) continue;
    // An index of a constraint needs one of the same kind.
    if (parent_index.constraint != kInvalidOid && (own->constraint == kInvalidOid || own->primary != parent_index.primary)) continue;
    return tie_index(context, *own, parent_index);
  }
  auto table = copy_of(partition);
  auto index = std::make_shared<catalog::Index>(wanted);
  index->parent = parent_index.oid;
  if (index->tablespace == kInvalidOid) index->tablespace = new_tablespace(context, {}, table->persistence, table->is_partitioned());
  bool of_constraint = parent_index.constraint != kInvalidOid;
  const auto* constraint = of_constraint ? constraint_of(*parent, parent_index.constraint) : nullptr;  // null: being made
  auto names = index_column_names(*table, *index);
  if (of_constraint && parent_index.primary) {
    if (table->primary_key() != nullptr) {
      throw SqlError(Sqlstate::InvalidTableDefinition, "multiple primary keys for table " + quoted(*table) + " are not allowed");
    }
    index->name = choose_relation_name(context, table->schema, table->name, "", "pkey");
  } else {
    index->name = choose_relation_name(context, table->schema, table->name, joined_names(names), of_constraint ? "key" : "idx");
  }
  if (of_constraint) {
    catalog::Constraint own;
    own.kind = parent_index.primary ? 'p' : 'u';
    own.name = index->name;
    own.oid = context.catalog().allocate_oid();
    own.deferrable = !parent_index.immediate;
    own.initially_deferred = constraint != nullptr && constraint->initially_deferred;
    own.parent = parent_index.constraint;
    own.inherit_count = 1;
    own.local = false;
    for (const auto& key : index->columns) {
      own.columns.push_back(key.column);
      if (own.kind == 'p' && !table->columns[static_cast<size_t>(key.column)].not_null) {
        validate_not_null(context, *table, key.column);
        table->columns[static_cast<size_t>(key.column)].not_null = true;
      }
    }
    index->constraint = own.oid;
    build_index(context, *table, index);
    own.index = index->oid;
    table->constraints.push_back(std::move(own));
  } else {
    build_index(context, *table, index);
  }
  context.catalog_changes().put(table);
}

void require_key_columns(const catalog::Relation& table, const catalog::Index& index, const char* word) {
  if (!table.is_partitioned() || !index.unique) return;
  std::string kind = word != nullptr ? word : index.primary ? "PRIMARY KEY" : "UNIQUE";
  for (const auto& key : table.partition_key.columns) {
    if (key.column < 0) {
      throw SqlError(Sqlstate::FeatureNotSupported, "unsupported " + kind + " constraint with partition key definition")
          .detail(kind + " constraints cannot be used when partition keys include expressions.");
    }
    bool found = std::any_of(index.columns.begin(), index.columns.end(), [&](const auto& column) { return column.column == key.column; });
    if (found) continue;
    throw SqlError(Sqlstate::FeatureNotSupported, "unique constraint on partitioned table must include all partitioning columns")
        .detail(kind + " constraint on table " + quoted(table) + " lacks column \"" + table.columns[static_cast<size_t>(key.column)].name +
                "\" which is part of the partition key.");
  }
}

void clone_foreign_key(CommandContext& context, const catalog::Relation& parent, const catalog::Constraint& constraint, Oid partition_oid, bool validate) {
  auto partition = copy_of(context.catalog_version()->relation(partition_oid));
  auto map = catalog::match_columns(parent, *partition);
  auto mapped = [&](const std::vector<int>& columns) {
    std::vector<int> out;
    for (int column : columns) out.push_back(map[static_cast<size_t>(column)]);
    return out;
  };
  catalog::Constraint own = constraint;
  own.columns = mapped(constraint.columns);
  own.foreign_key.delete_set_columns = mapped(constraint.foreign_key.delete_set_columns);
  Oid oid = kInvalidOid;
  for (auto& existing : partition->constraints) {
    if (existing.kind != 'f' || existing.parent != kInvalidOid || existing.columns != own.columns) continue;
    const auto& a = existing.foreign_key;
    const auto& b = own.foreign_key;
    bool same = a.referenced == b.referenced && a.referenced_columns == b.referenced_columns && a.on_update == b.on_update && a.on_delete == b.on_delete &&
                a.match == b.match && existing.validated && existing.deferrable == own.deferrable;
    if (!same) continue;
    existing.parent = constraint.oid;
    existing.inherit_count = 1;
    existing.local = false;
    oid = existing.oid;
    break;
  }
  if (oid == kInvalidOid) {
    own.oid = oid = context.catalog().allocate_oid();
    own.parent = constraint.oid;
    own.inherit_count = 1;
    own.local = false;
    bool taken = std::any_of(partition->constraints.begin(), partition->constraints.end(), [&](const auto& c) { return c.name == own.name; });
    if (taken) {
      std::vector<std::string> names;
      for (int column : own.columns) names.push_back(partition->columns[static_cast<size_t>(column)].name);
      own.name = choose_constraint_name(context, *partition, joined_names(names), "fkey");
    }
    if (validate) validate_foreign_key(context, *partition, own);
    partition->constraints.push_back(own);
  }
  context.catalog_changes().put(partition);
  if (!partition->is_partitioned()) return;
  catalog::Constraint made = *constraint_of(*partition, oid);
  for (Oid child : lock_children(context, partition_oid, txn::LockMode::ShareRowExclusive)) clone_foreign_key(context, *partition, made, child, validate);
}

void clone_trigger(CommandContext& context, const catalog::Relation& parent, const catalog::Trigger& trigger, Oid partition_oid) {
  auto version = context.catalog_version();
  auto partition = version->relation(partition_oid);
  auto map = catalog::match_columns(parent, *partition);
  auto clone = std::make_shared<catalog::Trigger>(trigger);
  for (const auto& other : version->triggers(partition_oid)) {
    if (other->name != trigger.name) continue;
    if (other->parent == trigger.oid) return;
    if (other->parent == kInvalidOid) {
      throw SqlError(Sqlstate::DuplicateObject, "trigger " + quoted(trigger) + " for relation " + quoted(*partition) + " already exists");
    }
  }
  clone->oid = context.catalog().allocate_oid();
  clone->schema = partition->schema;
  clone->owner = partition->owner;
  clone->table = partition_oid;
  clone->parent = trigger.oid;
  clone->columns.clear();
  for (int column : trigger.columns) clone->columns.push_back(map[static_cast<size_t>(column)]);
  clone->dependencies.clear();
  clone->dependencies.push_back({partition_oid, 0, 'a'});
  clone->dependencies.push_back({trigger.oid, 0, 'a'});
  clone->dependencies.push_back({trigger.function, 0, 'n'});
  for (int column : clone->columns) clone->dependencies.push_back({partition_oid, column + 1, 'n'});
  context.catalog_changes().put(clone);
  if (!partition->is_partitioned()) return;
  for (Oid child : lock_children(context, partition_oid, txn::LockMode::ShareRowExclusive)) clone_trigger(context, *partition, *clone, child);
}

void give_partition_parts(CommandContext& context, Oid parent_oid, Oid partition_oid) {
  auto version = context.catalog_version();
  auto parent = version->relation(parent_oid);
  for (const auto& index : version->indexes_of(*parent)) ensure_partition_index(context, *index, partition_oid);
  parent = context.catalog_version()->relation(parent_oid);
  for (const auto& constraint : parent->constraints) {
    if (constraint.kind == 'f') clone_foreign_key(context, *parent, constraint, partition_oid, true);
  }
  for (const auto& trigger : context.catalog_version()->triggers(parent_oid)) {
    if ((trigger->type & catalog::kTriggerRow) != 0) clone_trigger(context, *parent, *trigger, partition_oid);
  }
}

void attach_partition(CommandContext& context, Oid parent_oid, const ast::PartitionCmd& command) {
  auto parent = context.catalog_version()->relation(parent_oid);
  if (!parent->is_partitioned()) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "table " + quoted(*parent) + " is not partitioned");
  }
  auto bound = make_bound(context, *parent, *command.bound);
  auto found = open_relation(context, *command.name, txn::LockMode::AccessExclusive);
  check_owner(context, *found);
  check_attachable(context, *parent, *found);
  lock_descendants(context, found->oid, txn::LockMode::AccessExclusive);
  auto table = copy_of(context.catalog_version()->relation(found->oid));
  if (table->is_foreign()) {
    check_foreign_partition(context, *parent, "cannot attach foreign table \"" + table->name + "\" as partition of partitioned table \"" + parent->name + "\"",
                            "Pcontains unique indexes.");
  }
  check_bound(context, *parent, table->name, bound, *command.bound);
  adopt(context, *table, *parent, true);
  table->partition_bound = bound;
  context.catalog_changes().put(table);
  give_partition_parts(context, parent_oid, table->oid);
  check_partition_rows(context, *context.catalog_version()->relation(table->oid));
  if (!bound.is_default) check_default_rows(context, *parent, bound, table->oid);
}

namespace {

void release_parts(CommandContext& context, const catalog::Relation& parent, Oid partition_oid) {
  auto version = context.catalog_version();
  std::vector<DropTarget> triggers;
  for (const auto& trigger : version->triggers(partition_oid)) {
    if (trigger->parent != kInvalidOid) triggers.push_back({DropTarget::Part::Whole, trigger->oid, 0});
  }
  if (!triggers.empty()) drop_targets(context, triggers, ast::DropBehavior::Cascade, true);
  version = context.catalog_version();
  for (const auto& index : version->indexes_of(*version->relation(partition_oid))) {
    if (index->parent == kInvalidOid) continue;
    auto changed = copy_of(index);
    changed->parent = kInvalidOid;
    context.catalog_changes().put(changed);
  }
  auto table = copy_of(context.catalog_version()->relation(partition_oid));
  for (auto& constraint : table->constraints) {
    if (constraint.parent == kInvalidOid) continue;
    constraint.parent = kInvalidOid;
    constraint.inherit_count = 0;
    constraint.local = true;
  }
  disown(*table, parent);
  table->partition_bound = {};
  context.catalog_changes().put(table);
}

// Foreign keys that refer to the table or to one it is a partition of, each with the table that it names.
static std::vector<std::pair<catalog::RelationPtr, catalog::Version::Referencing>> references_above(const catalog::Version& version, Oid table) {
  std::vector<std::pair<catalog::RelationPtr, catalog::Version::Referencing>> found;
  for (auto at = version.relation(table); at != nullptr;) {
    for (const auto& reference : version.referencing(at->oid)) found.emplace_back(at, reference);
    at = at->is_partition() && !at->parents.empty() ? version.relation(at->parents[0].relation) : nullptr;
  }
  return found;
}

}  // namespace

void detach_partition(CommandContext& context, Oid parent_oid, const ast::PartitionCmd& command, bool finalize) {
  auto parent = context.catalog_version()->relation(parent_oid);
  if (!parent->is_partitioned()) throw SqlError(Sqlstate::InvalidObjectDefinition, "table " + quoted(*parent) + " is not partitioned");
  auto table = open_relation(context, *command.name, txn::LockMode::AccessExclusive);
  bool is_part = table->is_partition() && !table->parents.empty() && table->parents[0].relation == parent_oid;
  if (!is_part) {
    throw SqlError(Sqlstate::UndefinedTable, "relation " + quoted(*table) + " is not a partition of relation " + quoted(*parent));
  }
  if (finalize) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot complete detaching partition " + quoted(*table)).detail("There's no pending concurrent detach.");
  }
  auto version = context.catalog_version();
  if (command.concurrent) {
    context.prevent_in_transaction_block("ALTER TABLE ... DETACH CONCURRENTLY");
    if (version->partitions(*parent)->default_part() >= 0) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot detach partitions concurrently when a default partition exists");
    }
  }
  // Rows that a foreign key refers to must not go out of its sight.
  for (const auto& [above, reference] : references_above(*version, parent_oid)) {
    std::string on;
    const auto& key = reference.constraint->foreign_key;
    for (size_t i = 0; i < key.referenced_columns.size(); ++i) {
      on += (i > 0 ? " AND " : "") + std::string("r.") + "\"" + reference.table->columns[static_cast<size_t>(reference.constraint->columns[i])].name + "\" = p.\"" +
            above->columns[static_cast<size_t>(key.referenced_columns[i])].name + "\"";
    }
    std::vector<std::string> row;
    std::string columns;
    for (size_t i = 0; i < key.referenced_columns.size(); ++i) {
      columns += (i > 0 ? ", " : "") + std::string("r.\"") + reference.table->columns[static_cast<size_t>(reference.constraint->columns[i])].name + "\"";
    }
    if (!finds_row(context, "SELECT " + columns + " FROM " + sql_name(*version, *reference.table) + " r JOIN " + sql_name(*version, *table) + " p ON " + on + " LIMIT 1", &row)) {
      continue;
    }
    std::string names, values;
    for (size_t i = 0; i < row.size(); ++i) {
      names += (i > 0 ? ", " : "") + reference.table->columns[static_cast<size_t>(reference.constraint->columns[i])].name;
      values += (i > 0 ? ", " : "") + row[i];
    }
    throw SqlError(Sqlstate::ForeignKeyViolation,
                   "removing partition " + quoted(*table) + " violates foreign key constraint \"" + reference.constraint->name + "\"")
        .detail("Key (" + names + ")=(" + values + ") is still referenced from table " + quoted(*reference.table) + ".");
  }
  release_parts(context, *parent, table->oid);
}

void attach_index(CommandContext& context, const catalog::Index& parent, const ast::RangeVar& name) {
  auto version = context.catalog_version();
  auto parent_table = version->relation(parent.table);
  auto object = open_object(context, name, txn::LockMode::AccessExclusive);
  if (object->kind != catalog::ObjectKind::Index) throw SqlError(Sqlstate::WrongObjectType, quoted(*object) + " is not an index");
  if (!parent_table->is_partitioned()) {
    throw SqlError(Sqlstate::WrongObjectType, "ALTER action ATTACH PARTITION cannot be performed on relation " + quoted(parent))
        .detail("This operation is not supported for indexes.");
  }
  version = context.catalog_version();
  auto index = std::static_pointer_cast<const catalog::Index>(version->find(object->oid));
  auto table = version->relation(index->table);
  if (index->parent == parent.oid) return;
  auto fail = [&](std::string detail) {
    throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot attach index " + quoted(*index) + " as a partition of index " + quoted(parent))
        .detail(std::move(detail));
  };
  bool is_part = table->is_partition() && !table->parents.empty() && table->parents[0].relation == parent_table->oid;
  if (!is_part) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot attach index " + quoted(*index) + " as a partition of index " + quoted(parent))
        .detail("Index " + quoted(*index) + " is not an index on any partition of table " + quoted(*parent_table) + ".");
  }
  for (const auto& other : version->indexes_of(*table)) {
    if (other->parent == parent.oid) fail("Another index is already attached for partition " + quoted(*table) + ".");
  }
  if (index->parent != kInvalidOid) fail("Index " + quoted(*index) + " is already attached to another index.");
  if (!same_index(*index, mapped_index(context, parent, *parent_table, *table))) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot attach index " + quoted(*index) + " as a partition of index " + quoted(parent))
        .detail("The index definitions do not match.");
  }
  if (parent.constraint != kInvalidOid && index->constraint == kInvalidOid) {
    const auto* constraint = constraint_of(*parent_table, parent.constraint);
    throw SqlError(Sqlstate::InvalidObjectDefinition, "cannot attach index " + quoted(*index) + " as a partition of index " + quoted(parent))
        .detail("The index " + quoted(parent) + " belongs to a constraint in table " + quoted(*parent_table) + " but no constraint exists for index " +
                quoted(*index) + ".");
    (void)constraint;
  }
  tie_index(context, *index, parent);
  validate_parent_index(context, parent.oid);
}

}  // namespace aegis::commands
