#include "partition/propagate.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "alter_table.h"
#include "constraints.h"
#include "definition.h"
#include "dependency.h"
#include "names.h"
#include "objects.h"
#include "partition/attach.h"
#include "partition/inherit.h"

namespace aegis::commands {
namespace {

using ast::AlterTableType;

[[noreturn]] void refuse(std::string text) { throw SqlError(Sqlstate::InvalidTableDefinition, std::move(text)); }
[[noreturn]] void refuse_only(std::string text) {
  throw SqlError(Sqlstate::InvalidTableDefinition, std::move(text)).hint("Do not specify the ONLY keyword.");
}

std::string quoted(const catalog::Object& object) { return "\"" + object.name + "\""; }

class FamilyAlteration {
 public:
  FamilyAlteration(CommandContext& context, const ast::AlterTableCmd& command, bool recurse, const RunAlteration& run)
      : context_(context), command_(command), recurse_(recurse), run_(run) {}

  void start(Oid table) {
    switch (command_.subtype) {
      case AlterTableType::AddColumn: return add_column_to(table, false);
      case AlterTableType::DropColumn: return drop_column(table);
      case AlterTableType::AlterColumnType: return alter_type(table, 0);
      case AlterTableType::ColumnDefault:
      case AlterTableType::SetStatistics: return on_all(table);
      case AlterTableType::SetNotNull: return set_not_null(table);
      case AlterTableType::DropNotNull: return drop_not_null(table);
      case AlterTableType::DropExpression: return drop_expression(table);
      case AlterTableType::AddConstraint: return add_constraint(table);
      case AlterTableType::DropConstraint: return drop_constraint(table);
      case AlterTableType::ValidateConstraint: return validate_constraint(table);
      case AlterTableType::AddIdentity:
        return run_(table, command_);
      default: return run_(table, command_);
    }
  }

 private:
  catalog::RelationPtr relation(Oid oid) { return context_.catalog_version()->relation(oid); }
  void put(std::shared_ptr<catalog::Relation> table) { context_.catalog_changes().put(std::move(table)); }
  bool has_children(Oid oid) { return context_.catalog_version()->has_children(oid); }
  std::vector<Oid> children(Oid oid) { return lock_children(context_, oid, txn::LockMode::AccessExclusive); }

  void on_all(Oid table) {
    std::vector<Oid> below = recurse_ ? lock_descendants(context_, table, txn::LockMode::AccessExclusive) : std::vector<Oid>{};
    run_(table, command_);
    for (Oid child : below) run_(child, command_);
  }

  // ---- Columns ----
  void add_column_to(Oid oid, bool inherited) {
    auto table = relation(oid);
    const auto& definition = *ast::node_cast<ast::ColumnDef>(command_.def);
    if (!inherited && table->is_partition()) throw SqlError(Sqlstate::WrongObjectType, "cannot add column to a partition");
    bool has_identity = std::any_of(definition.constraints.begin(), definition.constraints.end(),
                                    [](const auto* c) { return c->contype == ast::ConstrType::Identity; });
    if (!inherited && recurse_ && has_identity && has_children(oid)) {
      refuse("cannot recursively add identity column to table that has child tables");
    }
    if (inherited) {
      int at = table->find_column(definition.colname);
      if (at >= 0) return merge_column(*table, at, definition, oid);
    } else if (table->find_column(definition.colname) >= 0) {
      return run_(oid, command_);
    }
    if (!recurse_ && has_children(oid)) refuse("column must be added to child tables too");
    std::vector<std::string> checks_before;
    for (const auto& constraint : table->constraints) checks_before.push_back(constraint.name);
    if (!inherited) {
      run_(oid, command_);
    } else {
      ast::AlterTableCmd plain = command_;
      ast::ColumnDef column = definition;
      std::vector<ast::Constraint*> kept;
      for (auto* constraint : definition.constraints) {
        switch (constraint->contype) {
          case ast::ConstrType::Check:
          case ast::ConstrType::Primary:
          case ast::ConstrType::Unique:
          case ast::ConstrType::Foreign:
          case ast::ConstrType::Exclusion: break;
          default: kept.push_back(constraint);
        }
      }
      column.constraints = kept;
      plain.def = &column;
      run_(oid, plain);
      auto changed = copy_of(relation(oid));
      auto& made = changed->columns[static_cast<size_t>(changed->find_column(definition.colname))];
      made.local = false;
      made.inherit_count = 1;
      put(changed);
    }
    std::vector<Oid> below = children(oid);
    for (Oid child : below) add_column_to(child, true);
    // Checks written with the column.
    auto now = relation(oid);
    for (const auto& constraint : now->constraints) {
      bool is_new = std::find(checks_before.begin(), checks_before.end(), constraint.name) == checks_before.end();
      if (inherited || !is_new || constraint.kind != 'c' || constraint.no_inherit) continue;
      for (Oid child : below) inherit_new_check(child, constraint);
    }
    for (const auto& constraint : now->constraints) {
      bool is_new = std::find(checks_before.begin(), checks_before.end(), constraint.name) == checks_before.end();
      if (inherited || !is_new || constraint.kind != 'f' || !now->is_partitioned()) continue;
      for (Oid child : below) clone_foreign_key(context_, *now, constraint, child, true);
    }
  }

  void merge_column(const catalog::Relation& table, int at, const ast::ColumnDef& definition, Oid oid) {
    auto version = context_.catalog_version();
    auto changed = std::make_shared<catalog::Relation>(table);
    auto& column = changed->columns[static_cast<size_t>(at)];
    types::Type type = analyzer::resolve_type(context_.analyzer_context(*version), *definition.type_name);
    if (type != column.type) {
      throw SqlError(Sqlstate::DatatypeMismatch, "child table " + quoted(table) + " has different type for column \"" + column.name + "\"");
    }
    ++column.inherit_count;
    notice(context_, "merging definition of column \"" + column.name + "\" for child " + quoted(table));
    put(changed);
    (void)oid;
  }

  void check_not_key_column(const catalog::Relation& table, int column, const char* action) {
    if (!table.is_partitioned()) return;
    for (const auto& key : table.partition_key.columns) {
      bool used = key.column == column;
      if (key.column < 0) {
        auto definition = define_sql(context_, key.sql, &table, {}, analyzer::DefinitionKind::PartitionKey);
        used = std::find(definition.columns.begin(), definition.columns.end(), column) != definition.columns.end();
      }
      if (!used) continue;
      refuse(std::string("cannot ") + action + " column \"" + table.columns[static_cast<size_t>(column)].name +
             "\" because it is part of the partition key of relation " + quoted(table));
    }
  }

  void collect_dropped(Oid oid, std::vector<DropTarget>& targets, bool recursing) {
    auto table = relation(oid);
    int column = table->find_column(command_.name);
    if (column < 0) return;
    const auto& info = table->columns[static_cast<size_t>(column)];
    if (!recursing && info.inherit_count > 0) refuse("cannot drop inherited column \"" + info.name + "\"");
    check_not_key_column(*table, column, "drop");
    targets.push_back({DropTarget::Part::Column, oid, static_cast<uint32_t>(column)});
    auto below = children(oid);
    if (!below.empty() && table->is_partitioned() && !recurse_) refuse_only("cannot drop column from only the partitioned table when partitions exist");
    for (Oid child : below) {
      auto other = relation(child);
      int at = other->find_column(command_.name);
      if (at < 0 || other->columns[static_cast<size_t>(at)].inherit_count == 0) continue;
      const auto& theirs = other->columns[static_cast<size_t>(at)];
      if (recurse_ && theirs.inherit_count == 1 && !theirs.local) {
        collect_dropped(child, targets, true);
        continue;
      }
      auto changed = copy_of(other);
      auto& kept = changed->columns[static_cast<size_t>(at)];
      --kept.inherit_count;
      if (!recurse_) kept.local = true;
      put(changed);
    }
  }

  void drop_column(Oid oid) {
    auto table = relation(oid);
    int at = table->find_column(command_.name);
    bool plain = !has_children(oid) && (at < 0 || table->columns[static_cast<size_t>(at)].inherit_count == 0) && !table->is_partitioned();
    if (at < 0 || plain) return run_(oid, command_);
    std::vector<DropTarget> targets;
    collect_dropped(oid, targets, false);
    drop_targets(context_, targets, command_.behavior);
  }

  void alter_type(Oid oid, int expected_parents) {
    auto table = relation(oid);
    int column = table->find_column(command_.name);
    if (column < 0) return run_(oid, command_);
    const auto& info = table->columns[static_cast<size_t>(column)];
    if (info.inherit_count > expected_parents) {
      refuse(expected_parents == 0 ? "cannot alter inherited column \"" + info.name + "\""
                                   : "cannot alter inherited column \"" + info.name + "\" of relation " + quoted(*table));
    }
    check_not_key_column(*table, column, "alter");
    if (!recurse_ && has_children(oid)) refuse("type of inherited column \"" + info.name + "\" must be changed in child tables too");
    std::vector<Oid> family = lock_descendants(context_, oid, txn::LockMode::AccessExclusive);
    for (Oid child : family) {
      auto other = relation(child);
      int at = other->find_column(command_.name);
      int parents = 0;
      for (const auto& parent : other->parents) {
        parents += parent.relation == oid || std::find(family.begin(), family.end(), parent.relation) != family.end();
      }
      if (at >= 0 && other->columns[static_cast<size_t>(at)].inherit_count > parents) {
        refuse("cannot alter inherited column \"" + info.name + "\" of relation " + quoted(*other));
      }
      if (at >= 0) check_not_key_column(*other, at, "alter");
    }
    run_(oid, command_);
    for (Oid child : family) run_(child, command_);
  }

  void set_not_null(Oid oid) {
    auto table = relation(oid);
    if (table->is_partitioned() && !recurse_ && has_children(oid)) refuse_only("constraint must be added to child tables too");
    on_all(oid);
  }

  void drop_not_null(Oid oid) {
    auto table = relation(oid);
    if (table->is_partitioned() && !recurse_ && has_children(oid)) {
      refuse_only("cannot remove constraint from only the partitioned table when partitions exist");
    }
    if (table->is_partition() && !table->parents.empty()) {
      auto parent = relation(table->parents[0].relation);
      int at = parent->find_column(command_.name);
      if (at >= 0 && parent->columns[static_cast<size_t>(at)].not_null) {
        refuse("column \"" + std::string(command_.name) + "\" is marked NOT NULL in parent table");
      }
    }
    on_all(oid);
  }

  void drop_expression(Oid oid) {
    auto table = relation(oid);
    int at = table->find_column(command_.name);
    if (!recurse_ && has_children(oid)) refuse("ALTER TABLE / DROP EXPRESSION must be applied to child tables too");
    if (at >= 0 && table->columns[static_cast<size_t>(at)].inherit_count > 0) refuse("cannot drop generation expression from inherited column");
    on_all(oid);
  }

  // ---- Constraints ----
  void inherit_new_check(Oid child_oid, const catalog::Constraint& constraint) {
    auto child = copy_of(relation(child_oid));
    auto own = std::find_if(child->constraints.begin(), child->constraints.end(), [&](const auto& c) { return c.name == constraint.name; });
    if (own != child->constraints.end()) {
      if (own->kind != 'c' || own->check_sql != constraint.check_sql) {
        throw SqlError(Sqlstate::DuplicateObject, "constraint \"" + constraint.name + "\" for relation " + quoted(*child) + " already exists");
      }
      if (own->no_inherit) {
        throw SqlError(Sqlstate::InvalidObjectDefinition,
                       "constraint \"" + constraint.name + "\" conflicts with non-inherited constraint on relation " + quoted(*child));
      }
      if (constraint.validated && !own->validated) {
        throw SqlError(Sqlstate::InvalidObjectDefinition,
                       "constraint \"" + constraint.name + "\" conflicts with NOT VALID constraint on relation " + quoted(*child));
      }
      notice(context_, "merging constraint \"" + constraint.name + "\" with inherited definition");
      ++own->inherit_count;
      if (child->is_partition()) own->local = false;
      put(child);
      return;
    }
    inherit_check(context_, *child, constraint);
    if (constraint.validated) validate_check(context_, *child, child->constraints.back());
    put(child);
    for (Oid below : children(child_oid)) inherit_new_check(below, constraint);
  }

  void add_constraint(Oid oid) {
    const auto& node = *ast::node_cast<ast::Constraint>(command_.def);
    auto table = relation(oid);
    bool check = node.contype == ast::ConstrType::Check;
    if (table->is_partitioned() && check && node.is_no_inherit) {
      throw SqlError(Sqlstate::InvalidTableDefinition, "cannot add NO INHERIT constraint to partitioned table " + quoted(*table));
    }
    if (check && !node.is_no_inherit && !recurse_ && has_children(oid)) refuse("constraint must be added to child tables too");
    if (table->is_partitioned() && node.contype == ast::ConstrType::Foreign && node.pktable != nullptr) {
      std::string what = "foreign key on partitioned table " + quoted(*table) + " referencing relation \"" + std::string(node.pktable->relname) + "\"";
      if (!recurse_) throw SqlError(Sqlstate::WrongObjectType, "cannot use ONLY for " + what);
      if (node.skip_validation) {
        throw SqlError(Sqlstate::WrongObjectType, "cannot add NOT VALID " + what).detail("This feature is not yet supported on partitioned tables.");
      }
    }
    if (table->is_partitioned() && !node.indexname.empty()) {
      throw SqlError(Sqlstate::FeatureNotSupported, "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables");
    }
    if (table->is_partitioned() && node.contype == ast::ConstrType::Primary && !recurse_ && has_children(oid)) {
      for (auto name : node.keys) {
        for (Oid child : children(oid)) {
          auto other = relation(child);
          int at = other->find_column(name);
          if (at >= 0 && !other->columns[static_cast<size_t>(at)].not_null) refuse_only("constraint must be added to child tables too");
        }
      }
    }
    if (check && !node.conname.empty()) {
      auto merged = copy_of(table);
      if (merge_check(context_, *merged, node)) return put(merged);
    }
    std::vector<Oid> before;
    for (const auto& constraint : table->constraints) before.push_back(constraint.oid);
    run_(oid, command_);
    auto now = relation(oid);
    for (const auto& constraint : now->constraints) {
      if (std::find(before.begin(), before.end(), constraint.oid) != before.end()) continue;
      for (Oid child : children(oid)) {
        if (constraint.kind == 'c' && !constraint.no_inherit) inherit_new_check(child, constraint);
        if (constraint.kind == 'f' && now->is_partitioned()) clone_foreign_key(context_, *now, constraint, child, true);
        // A key's columns are not null in the partitions either.
        if (constraint.kind == 'p' && now->is_partitioned() && recurse_) mark_not_null(child, *now, constraint.columns);
      }
    }
  }

  void mark_not_null(Oid child_oid, const catalog::Relation& parent, const std::vector<int>& columns) {
    auto child = copy_of(relation(child_oid));
    for (int column : columns) {
      int at = child->find_column(parent.columns[static_cast<size_t>(column)].name);
      if (at < 0 || child->columns[static_cast<size_t>(at)].not_null) continue;
      validate_not_null(context_, *child, at);
      child->columns[static_cast<size_t>(at)].not_null = true;
    }
    put(child);
    for (Oid below : children(child_oid)) mark_not_null(below, parent, columns);
  }

  static const catalog::Constraint* find_constraint(const catalog::Relation& table, std::string_view name) {
    for (const auto& constraint : table.constraints) {
      if (constraint.name == name) return &constraint;
    }
    return nullptr;
  }

  void collect_constraints(Oid oid, const catalog::Constraint& constraint, std::vector<DropTarget>& targets) {
    targets.push_back({DropTarget::Part::Constraint, oid, constraint.oid});
    auto table = relation(oid);
    for (Oid child : children(oid)) {
      auto other = relation(child);
      if (constraint.kind != 'c') {
        for (const auto& theirs : other->constraints) {
          if (theirs.parent == constraint.oid) collect_constraints(child, theirs, targets);
        }
        continue;
      }
      const auto* theirs = find_constraint(*other, constraint.name);
      if (theirs == nullptr || theirs->kind != 'c' || theirs->inherit_count == 0 || constraint.no_inherit) continue;
      if (recurse_ && theirs->inherit_count == 1 && !theirs->local) {
        collect_constraints(child, *theirs, targets);
        continue;
      }
      auto changed = copy_of(other);
      for (auto& own : changed->constraints) {
        if (own.oid != theirs->oid) continue;
        --own.inherit_count;
        if (!recurse_) own.local = true;
      }
      put(changed);
    }
  }

  void drop_constraint(Oid oid) {
    auto table = relation(oid);
    const auto* constraint = find_constraint(*table, command_.name);
    if (constraint == nullptr) return run_(oid, command_);
    if (constraint->inherit_count > 0) {
      refuse("cannot drop inherited constraint \"" + constraint->name + "\" of relation " + quoted(*table));
    }
    if (table->is_partitioned() && !recurse_ && has_children(oid)) {
      refuse_only("cannot remove constraint from only the partitioned table when partitions exist");
    }
    if (!has_children(oid)) return run_(oid, command_);
    std::vector<DropTarget> targets;
    collect_constraints(oid, *constraint, targets);
    drop_targets(context_, targets, command_.behavior);
  }

  void validate_constraint(Oid oid) {
    auto table = relation(oid);
    const auto* constraint = find_constraint(*table, command_.name);
    bool check = constraint != nullptr && constraint->kind == 'c' && !constraint->validated && !constraint->no_inherit;
    if (!check) return run_(oid, command_);
    if (!recurse_ && has_children(oid)) refuse("constraint must be validated on child tables too");
    for (Oid child : lock_descendants(context_, oid, txn::LockMode::ShareUpdateExclusive)) {
      if (find_constraint(*relation(child), command_.name) != nullptr) run_(child, command_);
    }
    run_(oid, command_);
  }

  CommandContext& context_;
  const ast::AlterTableCmd& command_;
  bool recurse_;
  const RunAlteration& run_;
};

}  // namespace

void alter_family(CommandContext& context, Oid table, const ast::AlterTableCmd& command, bool recurse, const RunAlteration& run) {
  FamilyAlteration(context, command, recurse, run).start(table);
}

}  // namespace aegis::commands
