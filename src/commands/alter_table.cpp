#include "alter_table.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/told_figures.h"
#include "cluster.h"
#include "constraints.h"
#include "definition.h"
#include "dependency.h"
#include "foreign_data.h"
#include "names.h"
#include "objects.h"
#include "partition/attach.h"
#include "partition/inherit.h"
#include "partition/propagate.h"
#include "event_trigger.h"
#include "publication.h"
#include "rewrite.h"
#include "table.h"
#include "view.h"
#include "rule.h"
#include "trigger.h"
#include "access_method.h"
#include "tablespace.h"
#include "typed_table.h"

namespace aegis::commands {
namespace {

using ast::AlterTableType;

// PostgreSQL carries the parts of one ALTER TABLE out in this order.
int pass_of(const ast::AlterTableCmd& command) {
  switch (command.subtype) {
    case AlterTableType::DropColumn:
    case AlterTableType::DropConstraint:
    case AlterTableType::DropNotNull:
    case AlterTableType::DropExpression:
    case AlterTableType::DropIdentity: return 0;
    case AlterTableType::AlterColumnType: return 1;
    case AlterTableType::AddColumn: return 2;
    case AlterTableType::ColumnDefault: return command.def == nullptr ? 0 : 4;
    case AlterTableType::SetIdentity:
    case AlterTableType::AddIdentity:
    case AlterTableType::SetNotNull: return 3;
    case AlterTableType::AddIndex:
    case AlterTableType::AddIndexConstraint:
    case AlterTableType::AddConstraint: return 4;
    default: return 5;
  }
}

class Alteration {
 public:
  Alteration(CommandContext& context, Oid oid, bool only = false) : context_(context), oid_(oid), only_(only) {}

  void run(const ast::AlterTableCmd& command) {
    switch (command.subtype) {
      case AlterTableType::AddColumn: return add_column(context_, oid_, command);
      case AlterTableType::AlterColumnType: return alter_column_type(context_, oid_, command);
      case AlterTableType::AddIdentity: return add_identity(context_, oid_, command);
      case AlterTableType::SetIdentity: return set_identity(context_, oid_, command);
      case AlterTableType::DropIdentity: return drop_identity(context_, oid_, command);
      case AlterTableType::DropColumn: return drop_column(command);
      case AlterTableType::ColumnDefault: return change_default(command);
      case AlterTableType::DropNotNull: return drop_not_null(command);
      case AlterTableType::SetNotNull: return set_not_null(command);
      case AlterTableType::DropExpression: return drop_expression(command);
      case AlterTableType::SetStatistics: return set_statistics(command);
      case AlterTableType::AddConstraint:
      case AlterTableType::AddIndexConstraint: return add_constraint(command);
      case AlterTableType::AlterConstraint: return alter_constraint(command);
      case AlterTableType::ValidateConstraint: return validate_constraint(command);
      case AlterTableType::DropConstraint: return drop_constraint(command);
      case AlterTableType::ChangeOwner: return change_owner(command);
      case AlterTableType::SetRelOptions:
      case AlterTableType::ResetRelOptions: return change_options(command);
      case AlterTableType::SetLogged:
      case AlterTableType::SetUnLogged: return change_persistence(command);
      // Hints about physical layout that do not change what a statement sees.
      case AlterTableType::EnableTrig: return enable_triggers(context_, *table(), command.name, 'O', !only_);
      case AlterTableType::EnableAlwaysTrig: return enable_triggers(context_, *table(), command.name, 'A', !only_);
      case AlterTableType::EnableReplicaTrig: return enable_triggers(context_, *table(), command.name, 'R', !only_);
      case AlterTableType::DisableTrig: return enable_triggers(context_, *table(), command.name, 'D', !only_);
      case AlterTableType::EnableTrigAll:
      case AlterTableType::EnableTrigUser: return enable_triggers(context_, *table(), {}, 'O', !only_);
      case AlterTableType::DisableTrigAll:
      case AlterTableType::DisableTrigUser: return enable_triggers(context_, *table(), {}, 'D', !only_);
      case AlterTableType::SetOptions:
      case AlterTableType::ResetOptions: return set_column_options(command);
      case AlterTableType::SetStorage: return set_storage(command);
      case AlterTableType::SetCompression: return set_compression(command);
      case AlterTableType::ClusterOn:
      case AlterTableType::DropCluster: return set_clustered_index(context_, *table(), command.subtype == AlterTableType::ClusterOn ? command.name : std::string_view());
      case AlterTableType::DropOids: return;
      case AlterTableType::ReplicaIdentity: return set_replica_identity(context_, oid_, *ast::node_cast<ast::ReplicaIdentityStmt>(command.def));
      case AlterTableType::SetTableSpace: return move_relation_to(context_, oid_, target_tablespace(context_, command.name));
      case AlterTableType::SetAccessMethod: return set_access_method(command);
      case AlterTableType::EnableRule: return enable_rule(context_, oid_, command.name, 'O');
      case AlterTableType::EnableAlwaysRule: return enable_rule(context_, oid_, command.name, 'A');
      case AlterTableType::EnableReplicaRule: return enable_rule(context_, oid_, command.name, 'R');
      case AlterTableType::DisableRule: return enable_rule(context_, oid_, command.name, 'D');
      case AlterTableType::AttachPartition: return attach_partition(context_, oid_, *ast::node_cast<ast::PartitionCmd>(command.def));
      case AlterTableType::DetachPartition: return detach_partition(context_, oid_, *ast::node_cast<ast::PartitionCmd>(command.def), false);
      case AlterTableType::DetachPartitionFinalize: return detach_partition(context_, oid_, *ast::node_cast<ast::PartitionCmd>(command.def), true);
      case AlterTableType::AddInherit: return add_inherit(context_, oid_, *ast::node_cast<ast::RangeVar>(command.def));
      case AlterTableType::DropInherit: return drop_inherit(context_, oid_, *ast::node_cast<ast::RangeVar>(command.def));
      case AlterTableType::AddOf: return set_table_type(context_, oid_, *ast::node_cast<ast::TypeName>(command.def));
      case AlterTableType::DropOf: return remove_table_type(context_, oid_);
      case AlterTableType::GenericOptions:
      case AlterTableType::AlterColumnGenericOptions: return alter_foreign_options(context_, oid_, command);
      case AlterTableType::EnableRowSecurity:
      case AlterTableType::DisableRowSecurity:
      case AlterTableType::ForceRowSecurity:
      case AlterTableType::NoForceRowSecurity: return change_row_security(command.subtype);
      default: throw_not_supported("this form of ALTER TABLE");
    }
  }

 private:
  catalog::RelationPtr table() { return context_.catalog_version()->relation(oid_); }
  std::shared_ptr<catalog::Relation> copy() { return copy_of(table()); }
  void put(std::shared_ptr<catalog::Relation> table) { context_.catalog_changes().put(std::move(table)); }
  void require_table(const char* action) {
    auto now = table();
    if (now->relkind == 'r' || now->is_partitioned() || now->is_foreign()) return;
    throw SqlError(Sqlstate::WrongObjectType, std::string("ALTER action ") + action + " cannot be performed on relation \"" + now->name + "\"")
        .detail(now->relkind == 'v' ? "This operation is not supported for views." : "This operation is not supported for sequences.");
  }

  void drop_column(const ast::AlterTableCmd& command) {
    auto now = table();
    int column = now->find_column(command.name);
    if (column < 0) {
      std::string text = "column \"" + std::string(command.name) + "\" of relation \"" + now->name + "\" does not exist";
      if (!command.missing_ok) throw SqlError(Sqlstate::UndefinedColumn, text);
      return notice(context_, text + ", skipping");
    }
    drop_targets(context_, {{DropTarget::Part::Column, oid_, static_cast<uint32_t>(column)}}, command.behavior);
  }

  void change_default(const ast::AlterTableCmd& command) {
    auto changed = copy();
    int number = require_column(*changed, command.name);
    auto& column = changed->columns[number];
    std::string of = "column \"" + column.name + "\" of relation \"" + changed->name + "\"";
    if (column.identity != 0) {
      throw SqlError(Sqlstate::SyntaxError, of + " is an identity column").hint(command.def ? "" : "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.");
    }
    if (column.generated != 0) {
      throw SqlError(Sqlstate::SyntaxError, of + " is a generated column").hint(command.def ? "" : "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.");
    }
    if (command.def == nullptr) {
      if (column.default_oid != kInvalidOid) note_dropped(context_, catalog::kPgAttrdefOid, column.default_oid, 0, true, false);
      column.default_sql.clear();
      column.default_oid = kInvalidOid;
    } else {
      set_default(context_, *changed, number, *command.def);
    }
    if (changed->relkind == 'r' || changed->is_partitioned() || changed->is_foreign()) refresh_default_dependencies(context_, *changed);
    put(changed);
  }

  void drop_not_null(const ast::AlterTableCmd& command) {
    auto changed = copy();
    int number = require_column(*changed, command.name);
    auto& column = changed->columns[number];
    if (column.identity != 0) {
      throw SqlError(Sqlstate::SyntaxError, "column \"" + column.name + "\" of relation \"" + changed->name + "\" is an identity column");
    }
    if (const auto* key = changed->primary_key(); key && std::find(key->columns.begin(), key->columns.end(), number) != key->columns.end()) {
      throw SqlError(Sqlstate::InvalidTableDefinition, "column \"" + column.name + "\" is in a primary key");
    }
    if (auto identity = context_.catalog_version()->index(changed->replica_index)) {
      for (const auto& key : identity->columns) {
        if (key.column == number) throw SqlError(Sqlstate::InvalidTableDefinition, "column \"" + column.name + "\" is in index used as replica identity");
      }
    }
    column.not_null = false;
    put(changed);
  }

  void set_not_null(const ast::AlterTableCmd& command) {
    require_table("ALTER COLUMN ... SET NOT NULL");
    auto changed = copy();
    int number = require_column(*changed, command.name);
    if (changed->columns[number].not_null) return;
    validate_not_null(context_, *changed, number);
    changed->columns[number].not_null = true;
    put(changed);
  }

  void drop_expression(const ast::AlterTableCmd& command) {
    auto changed = copy();
    auto& column = changed->columns[require_column(*changed, command.name)];
    if (column.generated == 0) {
      std::string text = "column \"" + column.name + "\" of relation \"" + changed->name + "\" is not a stored generated column";
      if (!command.missing_ok) throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, text);
      return notice(context_, text + ", skipping");
    }
    column.generated = 0;
    column.default_sql.clear();
    column.default_oid = kInvalidOid;
    put(changed);
  }

  void set_statistics(const ast::AlterTableCmd& command) {
    auto changed = copy();
    auto* value = ast::node_cast<ast::Integer>(command.def);
    if (command.name.empty()) throw SqlError(Sqlstate::FeatureNotSupported, "cannot refer to non-index column by number");
    changed->columns[require_column(*changed, command.name)].statistics_target = value == nullptr ? -1 : value->ival;
    put(changed);
  }

  void add_constraint(const ast::AlterTableCmd& command) {
    require_table("ADD CONSTRAINT");
    const auto& node = *ast::node_cast<ast::Constraint>(command.def);
    auto changed = copy();
    if (changed->is_foreign()) refuse_foreign_constraint(context_, node);
    if (node.contype == ast::ConstrType::Primary) {
      for (auto name : node.keys) require_column(*changed, name);
    }
    PendingConstraints sorted;
    sort_constraint(context_, node, {}, sorted);
    for (const auto& item : sorted.checks) add_check(context_, *changed, item.node, true);
    for (const auto& item : sorted.keys) add_key(context_, *changed, item.node, {}, only_);
    for (const auto& item : sorted.foreign_keys) add_foreign_key(context_, *changed, item.node, {}, true);
    put(changed);
  }

  catalog::Constraint* find_constraint(catalog::Relation& table, std::string_view name) {
    for (auto& constraint : table.constraints) {
      if (constraint.name == name) return &constraint;
    }
    return nullptr;
  }
  [[noreturn]] void throw_missing_constraint(std::string_view name) {
    throw SqlError(Sqlstate::UndefinedObject, "constraint \"" + std::string(name) + "\" of relation \"" + table()->name + "\" does not exist");
  }

  void alter_constraint(const ast::AlterTableCmd& command) {
    const auto& node = *ast::node_cast<ast::Constraint>(command.def);
    auto changed = copy();
    auto* constraint = find_constraint(*changed, node.conname);
    if (constraint == nullptr) throw_missing_constraint(node.conname);
    if (constraint->kind != 'f') {
      throw SqlError(Sqlstate::WrongObjectType, "constraint \"" + constraint->name + "\" of relation \"" + changed->name + "\" is not a foreign key constraint");
    }
    if (constraint->parent != kInvalidOid) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "cannot alter constraint \"" + constraint->name + "\" on relation \"" + changed->name + "\"")
          .hint("You may alter the constraint it derives from instead.");
    }
    constraint->deferrable = node.deferrable || node.initdeferred;
    constraint->initially_deferred = node.initdeferred;
    Oid oid = constraint->oid;
    bool deferrable = constraint->deferrable;
    put(changed);
    defer_clones(context_, oid_, oid, node.initdeferred, deferrable);
  }

  void validate_constraint(const ast::AlterTableCmd& command) {
    auto changed = copy();
    auto* constraint = find_constraint(*changed, command.name);
    if (constraint == nullptr) throw_missing_constraint(command.name);
    if (constraint->kind != 'f' && constraint->kind != 'c') {
      throw SqlError(Sqlstate::WrongObjectType,
                     "constraint \"" + constraint->name + "\" of relation \"" + changed->name + "\" is not a foreign key or check constraint");
    }
    if (constraint->validated) return;
    if (constraint->kind == 'c') validate_check(context_, *changed, *constraint);
    else validate_foreign_key(context_, *changed, *constraint);
    constraint->validated = true;
    put(changed);
  }

  void drop_constraint(const ast::AlterTableCmd& command) {
    auto changed = copy();
    auto* constraint = find_constraint(*changed, command.name);
    if (constraint == nullptr) {
      if (!command.missing_ok) throw_missing_constraint(command.name);
      return notice(context_, "constraint \"" + std::string(command.name) + "\" of relation \"" + changed->name + "\" does not exist, skipping");
    }
    auto referenced = constraint->kind == 'f' ? context_.catalog_version()->relation(constraint->foreign_key.referenced) : nullptr;
    if (referenced != nullptr) check_not_in_use(context_, *referenced, "ALTER TABLE");
    drop_targets(context_, {{DropTarget::Part::Constraint, oid_, constraint->oid}}, command.behavior);
  }

  void change_owner(const ast::AlterTableCmd& command) {
    Oid owner = find_role(context_, *command.newowner);
    auto version = context_.catalog_version();
    if (!context_.is_superuser() && !is_member_of(*version, context_.current_role(), owner)) {
      throw SqlError(Sqlstate::InsufficientPrivilege, "must be member of role \"" + version->role(owner)->name + "\"");
    }
    set_owner(context_, *version->find(oid_), owner);
  }

  void change_options(const ast::AlterTableCmd& command) {
    std::vector<ast::DefElem*> given;
    for (auto* item : ast::node_cast<ast::ListNode>(command.def)->items) given.push_back(ast::node_cast<ast::DefElem>(item));
    auto object = clone_object(*context_.catalog_version()->find(oid_));
    auto* index = dynamic_cast<catalog::Index*>(object.get());
    auto use = command.subtype == AlterTableType::SetRelOptions ? OptionUse::Set : OptionUse::Reset;
    auto* relation = dynamic_cast<catalog::Relation*>(object.get());
    auto before = relation != nullptr ? storage_compression(*relation) : std::vector<storage::ColumnCompression>();
    bool is_view = relation != nullptr && relation->relkind == 'v';
    auto added = index != nullptr ? index_options(given, use) : is_view ? view_options(given, use) : table_options(given, use);
    auto& options = index != nullptr ? index->options : relation->options;
    for (const auto& option : added) {
      std::string name = option.substr(0, option.find('=') + 1);
      std::erase_if(options, [&](const auto& old) { return old.starts_with(name); });
      if (use == OptionUse::Set) options.push_back(option);
    }
    if (is_view) {
      apply_view_options(*relation);
      if (relation->check_option != 'n') check_updatable(context_, *relation);
    }
    if (relation != nullptr && relation->is_table() && storage_compression(*relation) != before) apply_compression(context_, *relation);
    if (index != nullptr) {
      auto stored = context_.engine().index(index->storage);
      if (stored != nullptr) stored->set_file_options(executor::index_file_options(options));
    }
    context_.catalog_changes().put(object);
  }

  void set_compression(const ast::AlterTableCmd& command) {
    require_table("ALTER COLUMN ... SET COMPRESSION");
    auto changed = copy();
    auto& column = changed->columns[require_column(*changed, command.name)];
    column.compression = column_compression_method(column.type, ast::node_cast<ast::String>(command.def)->sval);
    apply_compression(context_, *changed);
    put(changed);
  }

  void set_storage(const ast::AlterTableCmd& command) {
    auto changed = copy();
    auto& column = changed->columns[require_column(*changed, command.name)];
    column.storage = column_storage(column.type, ast::node_cast<ast::String>(command.def)->sval);
    if (changed->is_table()) apply_compression(context_, *changed);
    put(changed);
  }

  void set_column_options(const ast::AlterTableCmd& command) {
    std::vector<ast::DefElem*> given;
    for (auto* item : ast::node_cast<ast::ListNode>(command.def)->items) given.push_back(ast::node_cast<ast::DefElem>(item));
    auto use = command.subtype == AlterTableType::SetOptions ? OptionUse::Set : OptionUse::Reset;
    auto changed = copy();
    auto& options = changed->columns[require_column(*changed, command.name)].options;
    for (const auto& option : column_options(given, use)) {
      std::string name = option.substr(0, option.find('=') + 1);
      std::erase_if(options, [&](const auto& old) { return old.starts_with(name); });
      if (use == OptionUse::Set) options.push_back(option);
    }
    put(changed);
  }

  void change_row_security(AlterTableType type) {
    auto changed = copy();
    bool on = type == AlterTableType::EnableRowSecurity || type == AlterTableType::ForceRowSecurity;
    bool forces = type == AlterTableType::ForceRowSecurity || type == AlterTableType::NoForceRowSecurity;
    (forces ? changed->force_row_security : changed->row_security) = on;
    put(std::move(changed));
  }

  void set_access_method(const ast::AlterTableCmd& command) {
    auto now = table();
    if (now->is_partitioned()) throw SqlError(Sqlstate::WrongObjectType, "cannot change access method of a partitioned table");
    Oid method = table_access_method(context_, command.name);
    if (method == now->access_method) return;
    auto changed = copy_of(now);
    changed->access_method = method;
    fire_table_rewrite(context_, oid_, kRewriteAccessMethod);
    rewrite_table(context_, *now, changed, {});
  }

  // A logged table refers to logged ones only.
  void check_keys_allow(const catalog::Relation& now, char wanted) {
    auto version = context_.catalog_version();
    auto refuse = [&](const char* to, const char* of, const catalog::Relation& other) {
      throw SqlError(Sqlstate::InvalidTableDefinition, "could not change table \"" + now.name + "\" to " + to + " because it references " + of +
                                                           " table \"" + other.name + "\"");
    };
    for (const auto& constraint : now.constraints) {
      if (wanted != 'p' || constraint.kind != 'f' || constraint.foreign_key.referenced == now.oid) continue;
      auto other = version->relation(constraint.foreign_key.referenced);
      if (other != nullptr && other->persistence != 'p') refuse("logged", "unlogged", *other);
    }
    if (wanted == 'p') return;
    for (const auto& reference : version->referencing(now.oid)) {
      if (reference.table->oid != now.oid && reference.table->persistence == 'p') refuse("unlogged", "logged", *reference.table);
    }
  }

  void change_persistence(const ast::AlterTableCmd& command) {
    auto now = table();
    char wanted = command.subtype == AlterTableType::SetLogged ? 'p' : 'u';
    if (now->persistence == 't') {
      throw SqlError(Sqlstate::InvalidTableDefinition, "cannot change logged status of table \"" + now->name + "\" because it is temporary");
    }
    if (now->persistence == wanted) return;
    check_keys_allow(*now, wanted);
    auto changed = copy_of(now);
    changed->persistence = wanted;
    if (now->is_partitioned()) return put(changed);
    fire_table_rewrite(context_, oid_, kRewritePersistence);
    rewrite_table(context_, *now, changed, {});
  }

  CommandContext& context_;
  Oid oid_;
  bool only_;
};

// Statistics targets of an index's expressions.
void set_index_statistics(CommandContext& context, const catalog::Index& index, const ast::AlterTableCmd& command) {
  constexpr int kMost = 10000;
  auto table = context.catalog_version()->relation(index.table);
  size_t keys = index.columns.size(), number = static_cast<size_t>(std::max<int>(command.num, 0));
  if (!command.name.empty()) throw_not_supported("ALTER INDEX … ALTER COLUMN by name");
  if (number == 0 || number > keys + index.included.size()) {
    throw SqlError(Sqlstate::UndefinedColumn, "column number " + std::to_string(command.num) + " of relation \"" + index.name + "\" does not exist");
  }
  auto refuse = [&](const char* what, int column) {
    return SqlError(Sqlstate::FeatureNotSupported, std::string("cannot alter statistics on ") + what + " column \"" + table->columns[static_cast<size_t>(column)].name +
                                                       "\" of index \"" + index.name + "\"");
  };
  auto* value = ast::node_cast<ast::Integer>(command.def);
  int target = value == nullptr ? -1 : value->ival;
  if (target < -1) throw SqlError(Sqlstate::InvalidParameterValue, "statistics target " + std::to_string(target) + " is too low");
  if (target > kMost) {
    target = kMost;
    warning(context, "lowering statistics target to " + std::to_string(kMost), Sqlstate::Warning);
  }
  if (number > keys) throw refuse("included", index.included[number - keys - 1]);
  if (int column = index.columns[number - 1].column; column >= 0) {
    throw refuse("non-expression", column).hint("Alter statistics on table column instead.");
  }
  auto version = context.catalog_version();
  auto targets = catalog::index_statistics_targets(*version, context.database(), index.oid);
  targets[static_cast<int>(number)] = target;
  context.catalog_changes().put(catalog::make_index_statistics_targets(context.catalog(), *version, context.database(), index.oid, targets));
}

// Forms that only look at an index; others say that they are not for it.
void alter_index(CommandContext& context, const catalog::Index& index, const ast::AlterTableCmd& command) {
  if (command.subtype == AlterTableType::SetStatistics) return set_index_statistics(context, index, command);
  const char* action = command.subtype == AlterTableType::SetOptions        ? "ALTER COLUMN ... SET"
                       : command.subtype == AlterTableType::ResetOptions    ? "ALTER COLUMN ... RESET"
                       : command.subtype == AlterTableType::DetachPartition ? "DETACH PARTITION"
                       : command.subtype == AlterTableType::AddColumn       ? "ADD COLUMN"
                       : command.subtype == AlterTableType::DropColumn      ? "DROP COLUMN"
                       : command.subtype == AlterTableType::SetStorage      ? "ALTER COLUMN ... SET STORAGE"
                       : command.subtype == AlterTableType::SetNotNull      ? "ALTER COLUMN ... SET NOT NULL"
                       : command.subtype == AlterTableType::DropNotNull     ? "ALTER COLUMN ... DROP NOT NULL"
                                                                            : nullptr;
  if (action == nullptr) throw_not_supported("this form of ALTER INDEX");
  auto table = context.catalog_version()->relation(index.table);
  bool partitioned = table != nullptr && table->is_partitioned();
  throw SqlError(Sqlstate::WrongObjectType, std::string("ALTER action ") + action + " cannot be performed on relation \"" + index.name + "\"")
      .detail(partitioned ? "This operation is not supported for partitioned indexes." : "This operation is not supported for indexes.");
}

}  // namespace

CommandResult alter_table(const ast::AlterTableStmt& statement, CommandContext& context) {
  std::string tag = command_tag(statement);
  auto object = open_object(context, *statement.relation, txn::LockMode::AccessExclusive, statement.missing_ok);
  if (object == nullptr) {
    notice(context, "relation \"" + std::string(statement.relation->relname) + "\" does not exist, skipping");
    return {tag, {}, {}};
  }
  check_owner(context, *object);
  bool is_index = object->kind == catalog::ObjectKind::Index;
  std::string_view kind = kind_name(*object);
  bool matches = (statement.objtype == ast::ObjectType::Index) == is_index &&
                 (statement.objtype != ast::ObjectType::View || kind == "view") && (statement.objtype != ast::ObjectType::Matview || kind == "materialized view") && (statement.objtype != ast::ObjectType::Sequence || kind == "sequence") &&
                 (statement.objtype != ast::ObjectType::ForeignTable || kind == "foreign table");
  bool relation_form = statement.objtype == ast::ObjectType::Table && is_index;
  if (!matches && !relation_form) {
    const char* what = statement.objtype == ast::ObjectType::Index ? "an index" : statement.objtype == ast::ObjectType::View ? "a view"
                       : statement.objtype == ast::ObjectType::Matview ? "a materialized view" : statement.objtype == ast::ObjectType::ForeignTable ? "a foreign table" : "a sequence";
    throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not " + what);
  }
  check_not_in_use(context, *object, "ALTER TABLE");
  std::vector<const ast::AlterTableCmd*> commands(statement.cmds.begin(), statement.cmds.end());
  std::stable_sort(commands.begin(), commands.end(), [](const auto* a, const auto* b) { return pass_of(*a) < pass_of(*b); });
  for (const auto* command : commands) {
    bool for_index = command->subtype == AlterTableType::SetRelOptions || command->subtype == AlterTableType::ResetRelOptions ||
                     command->subtype == AlterTableType::SetTableSpace || command->subtype == AlterTableType::ChangeOwner;
    if (is_index && command->subtype == AlterTableType::AttachPartition) {
      if (statement.objtype == ast::ObjectType::Table) {
        throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not a partitioned table");
      }
      attach_index(context, static_cast<const catalog::Index&>(*context.catalog_version()->find(object->oid)),
                   *ast::node_cast<ast::PartitionCmd>(command->def)->name);
      continue;
    }
    if (is_index && !for_index) {
      alter_index(context, static_cast<const catalog::Index&>(*context.catalog_version()->find(object->oid)), *command);
      continue;
    }
    bool for_others = command->subtype == AlterTableType::ChangeOwner || command->subtype == AlterTableType::SetCompression || command->subtype == AlterTableType::SetRelOptions ||
                      command->subtype == AlterTableType::ResetRelOptions || command->subtype == AlterTableType::ColumnDefault;
    bool for_matviews = command->subtype == AlterTableType::SetTableSpace || command->subtype == AlterTableType::SetStatistics ||
                        command->subtype == AlterTableType::ClusterOn || command->subtype == AlterTableType::DropCluster ||
                        command->subtype == AlterTableType::SetStorage || command->subtype == AlterTableType::SetAccessMethod ||
                        command->subtype == AlterTableType::ReplicaIdentity;
    for_others = for_others || (kind == "materialized view" && for_matviews);
    if (kind == "foreign table") {
      check_foreign_alteration(static_cast<const catalog::Relation&>(*object), command->subtype);
      kind = "table";
    }
    if (!is_index && kind != "table" && !for_others) {
      throw SqlError(Sqlstate::WrongObjectType, "\"" + object->name + "\" is not a table");
    }
    if (kind == "table") check_typed_alteration(*context.catalog_version()->relation(object->oid), command->subtype);
    if (kind != "table") {
      Alteration(context, object->oid).run(*command);
      continue;
    }
    try {
      alter_family(context, object->oid, *command, statement.relation->inh,
                   [&](Oid table, const ast::AlterTableCmd& part) { Alteration(context, table, !statement.relation->inh).run(part); });
    } catch (SqlError& error) {
      // PostgreSQL no longer has the text at hand when it binds these.
      if ((command->subtype == AlterTableType::AddConstraint && kind_name(*object) == "table") || command->subtype == AlterTableType::ColumnDefault) error.position(0);
      throw;
    }
  }
  return {tag, {}, {}};
}

void alter_typed_table(CommandContext& context, Oid table, const ast::AlterTableCmd& command) {
  context.lock_relation(table, txn::LockMode::AccessExclusive);
  alter_family(context, table, command, true, [&](Oid one, const ast::AlterTableCmd& part) { Alteration(context, one).run(part); });
}

}  // namespace aegis::commands
