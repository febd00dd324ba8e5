#include "trigger.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/privileges.h"
#include "aegis/functions/quoting.h"
#include "aegis/plan/deparse.h"
#include "aegis/plan/walk.h"
#include "definition.h"
#include "names.h"
#include "objects.h"
#include "partition/attach.h"
#include "partition/inherit.h"

namespace aegis::commands {

namespace oid = types::oid;

namespace {

// OLD and NEW of a WHEN condition, to check it.
class ConditionNames final : public analyzer::VariableScope {
 public:
  ConditionNames(const catalog::Relation& table, int16_t type) : table_(table), type_(type) {}
  std::optional<Variable> find(std::span<const std::string_view> names) override {
    if (names.empty() || (names[0] != "old" && names[0] != "new")) return std::nullopt;
    bool row = (type_ & catalog::kTriggerRow) != 0;
    if (!row) throw SqlError(Sqlstate::InvalidObjectDefinition, "statement trigger's WHEN condition cannot reference column values");
    if (names[0] == "old" && (type_ & catalog::kTriggerInsert) != 0) {
      throw SqlError(Sqlstate::InvalidObjectDefinition, "INSERT trigger's WHEN condition cannot reference OLD values");
    }
    if (names[0] == "new" && (type_ & catalog::kTriggerDelete) != 0) {
      throw SqlError(Sqlstate::InvalidObjectDefinition, "DELETE trigger's WHEN condition cannot reference NEW values");
    }
    bool before_new = names[0] == "new" && (type_ & catalog::kTriggerBefore) != 0;
    if (names.size() == 1) {
      for (const auto& column : table_.columns) {
        if (before_new && column.generated != 0 && !column.dropped) throw_generated("A whole-row reference is used and the table contains generated columns.");
      }
      texts.push_back(std::string(names[0]) + ".*");
      return Variable{static_cast<uint32_t>(texts.size() - 1), {table_.row_type}};
    }
    if (names.size() != 2) return std::nullopt;
    int column = table_.find_column(names[1]);
    if (column < 0 && (names[1] == "tableoid" || names[1] == "ctid" || names[1] == "xmin" || names[1] == "xmax" || names[1] == "cmin" || names[1] == "cmax")) {
      if (before_new) throw SqlError(Sqlstate::FeatureNotSupported, "BEFORE trigger's WHEN condition cannot reference NEW system columns");
      if (names[1] != "tableoid") throw_not_supported("system column " + std::string(names[1]) + " in a trigger's WHEN condition");
      texts.push_back(std::string(names[0]) + ".tableoid");
      return Variable{static_cast<uint32_t>(texts.size() - 1), {oid::kOid}};
    }
    if (column >= 0 && before_new && table_.columns[column].generated != 0) throw_generated("Column \"" + std::string(names[1]) + "\" is a generated column.");
    if (column < 0) throw SqlError(Sqlstate::UndefinedColumn, "column " + std::string(names[0]) + "." + std::string(names[1]) + " does not exist");
    texts.push_back(std::string(names[0]) + "." + functions::quote_identifier(names[1]));
    return Variable{static_cast<uint32_t>(texts.size() - 1), table_.columns[column].type};
  }
  bool expand(std::span<const std::string_view>, std::vector<std::pair<std::string, Variable>>&) override { return false; }
  std::optional<Variable> parameter(int) override { return std::nullopt; }
  std::vector<std::string> texts;  // one a parameter
  [[noreturn]] static void throw_generated(std::string detail) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "BEFORE trigger's WHEN condition cannot reference NEW generated columns").detail(std::move(detail));
  }

 private:
  const catalog::Relation& table_;
  int16_t type_;
};

// The condition as the catalog keeps it.
std::string condition_text(CommandContext& context, const plan::Expr& condition, const std::vector<std::string>& names) {
  plan::ExprPtr copy = condition.clone();
  plan::rewrite(copy, [&](plan::ExprPtr& part) {
    if (part->kind == plan::ExprKind::Param) part = plan::make_column({0, part->index}, part->type, names[part->index]);
  });
  StoredNames stored(context);
  plan::DeparseContext deparse = stored.deparse();
  deparse.column = [](const plan::Expr& column) { return column.name; };
  return plan::deparse(*copy, deparse);
}

struct TriggerFunction {
  Oid oid, result;
};

TriggerFunction trigger_function(CommandContext& context, ast::NameList names) {
  auto version = context.catalog_version();
  std::vector<Oid> schemas = context.search_path();
  if (names.size() > 1) schemas = {find_schema(context, names[names.size() - 2], false)};
  for (Oid schema : schemas) {
    for (const auto& routine : version->routines(schema, names.back())) {
      if (routine->routine_kind == 'f' && routine->input_types().empty()) return {routine->oid, routine->result.oid};
    }
    if (schema != catalog::kPgCatalogSchema) continue;
    for (std::string_view known : {"tsvector_update_trigger", "tsvector_update_trigger_column", "suppress_redundant_updates_trigger"}) {
      if (names.back() == known) return {functions::find_functions(known)[0]->oid, oid::kTrigger};
    }
  }
  throw SqlError(Sqlstate::UndefinedFunction, "function " + dotted(names) + "() does not exist");
}

void check_target(const ast::CreateTrigStmt& statement, const catalog::Relation& table) {
  bool instead = statement.timing == ast::kTriggerInstead;
  if (table.relkind == 'v') {
    if (statement.row && !instead) {
      throw SqlError(Sqlstate::WrongObjectType, "\"" + table.name + "\" is a view").detail("Views cannot have row-level BEFORE or AFTER triggers.");
    }
    if ((statement.events & ast::kTriggerTruncate) != 0) {
      throw SqlError(Sqlstate::WrongObjectType, "\"" + table.name + "\" is a view").detail("Views cannot have TRUNCATE triggers.");
    }
    if (!statement.transition_rels.empty()) {
      throw SqlError(Sqlstate::WrongObjectType, "\"" + table.name + "\" is a view").detail("Triggers on views cannot have transition tables.");
    }
    if (instead && !statement.row) throw SqlError(Sqlstate::FeatureNotSupported, "INSTEAD OF triggers must be FOR EACH ROW");
    if (instead && statement.when_clause != nullptr) throw SqlError(Sqlstate::FeatureNotSupported, "INSTEAD OF triggers cannot have WHEN conditions");
    if (instead && !statement.columns.empty()) throw SqlError(Sqlstate::FeatureNotSupported, "INSTEAD OF triggers cannot have column lists");
    return;
  }
  if (table.relkind == 'm') {
    throw SqlError(Sqlstate::WrongObjectType, "relation \"" + table.name + "\" cannot have triggers").detail("This operation is not supported for materialized views.");
  }
  if (table.is_partitioned() && statement.row && !statement.transition_rels.empty()) {
    throw SqlError(Sqlstate::WrongObjectType, "\"" + table.name + "\" is a partitioned table")
        .detail("ROW triggers with transition tables are not supported on partitioned tables.");
  }
  if (table.is_foreign()) {
    auto refuse = [&](const char* detail) { throw SqlError(Sqlstate::WrongObjectType, "\"" + table.name + "\" is a foreign table").detail(detail); };
    if (instead) refuse("Foreign tables cannot have INSTEAD OF triggers.");
    if (statement.isconstraint) refuse("Foreign tables cannot have constraint triggers.");
    if (!statement.transition_rels.empty()) refuse("Triggers on foreign tables cannot have transition tables.");
  }
  if (table.relkind != 'r' && !table.is_partitioned() && !table.is_foreign()) {
    throw SqlError(Sqlstate::WrongObjectType, "relation \"" + table.name + "\" cannot have triggers").detail("This operation is not supported for sequences.");
  }
  if (instead) throw SqlError(Sqlstate::WrongObjectType, "\"" + table.name + "\" is a table").detail("Tables cannot have INSTEAD OF triggers.");
  if ((statement.events & ast::kTriggerTruncate) != 0 && statement.row) {
    throw SqlError(Sqlstate::FeatureNotSupported, "TRUNCATE FOR EACH ROW triggers are not supported");
  }
}

}  // namespace

namespace {

void add_transitions(const ast::CreateTrigStmt& statement, const catalog::Relation& table, catalog::Trigger& trigger) {
  auto refuse = [](Sqlstate state, const char* message) { throw SqlError(state, message); };
  for (const auto* transition : statement.transition_rels) {
    if (!transition->is_table) {
      throw SqlError(Sqlstate::FeatureNotSupported, "ROW variable naming in the REFERENCING clause is not supported")
          .hint("Use OLD TABLE or NEW TABLE for naming transition tables.");
    }
    if (statement.row && table.is_partition()) refuse(Sqlstate::FeatureNotSupported, "ROW triggers with transition tables are not supported on partitions");
    if (statement.row && !table.parents.empty()) refuse(Sqlstate::FeatureNotSupported, "ROW triggers with transition tables are not supported on inheritance children");
    if (statement.timing != 0) refuse(Sqlstate::InvalidObjectDefinition, "transition table name can only be specified for an AFTER trigger");
    if ((statement.events & ast::kTriggerTruncate) != 0) refuse(Sqlstate::InvalidObjectDefinition, "TRUNCATE triggers with transition tables are not supported");
    if ((statement.events & (statement.events - 1)) != 0) {
      refuse(Sqlstate::FeatureNotSupported, "transition tables cannot be specified for triggers with more than one event");
    }
    if (!statement.columns.empty()) refuse(Sqlstate::FeatureNotSupported, "transition tables cannot be specified for triggers with column lists");
    std::string& name = transition->is_new ? trigger.new_table : trigger.old_table;
    if (transition->is_new) {
      if ((statement.events & (ast::kTriggerInsert | ast::kTriggerUpdate)) == 0) {
        refuse(Sqlstate::InvalidObjectDefinition, "NEW TABLE can only be specified for an INSERT or UPDATE trigger");
      }
      if (!name.empty()) refuse(Sqlstate::InvalidObjectDefinition, "NEW TABLE cannot be specified multiple times");
    } else {
      if ((statement.events & (ast::kTriggerDelete | ast::kTriggerUpdate)) == 0) {
        refuse(Sqlstate::InvalidObjectDefinition, "OLD TABLE can only be specified for a DELETE or UPDATE trigger");
      }
      if (!name.empty()) refuse(Sqlstate::InvalidObjectDefinition, "OLD TABLE cannot be specified multiple times");
    }
    name = transition->name;
  }
  if (!trigger.old_table.empty() && trigger.old_table == trigger.new_table) {
    refuse(Sqlstate::InvalidObjectDefinition, "OLD TABLE name and NEW TABLE name cannot be the same");
  }
}

}  // namespace

CommandResult create_trigger(const ast::CreateTrigStmt& statement, CommandContext& context) {
  auto table = open_relation(context, *statement.relation, txn::LockMode::ShareRowExclusive);
  check_target(statement, *table);
  if (is_system(*context.catalog_version(), *table)) {
    throw SqlError(Sqlstate::InsufficientPrivilege, "permission denied: \"" + table->name + "\" is a system catalog");
  }
  catalog::check_privilege(*context.catalog_version(), context.current_role(), *table, 't');
  if (statement.replace && statement.isconstraint) throw SqlError(Sqlstate::FeatureNotSupported, "CREATE OR REPLACE CONSTRAINT TRIGGER is not supported");
  auto trigger = std::make_shared<catalog::Trigger>();
  trigger->name = statement.trigname;
  trigger->database = context.database();
  trigger->schema = table->schema;
  trigger->owner = table->owner;
  trigger->table = table->oid;
  trigger->type = static_cast<int16_t>(statement.timing | statement.events | (statement.row ? catalog::kTriggerRow : 0));
  trigger->is_constraint = statement.isconstraint;
  trigger->deferrable = statement.deferrable || statement.initdeferred;
  trigger->initially_deferred = statement.initdeferred;
  if (statement.constrrel != nullptr) trigger->constraint_table = open_relation(context, *statement.constrrel, txn::LockMode::AccessShare)->oid;
  add_transitions(statement, *table, *trigger);
  for (auto name : statement.columns) {
    int column = require_column(*table, name);
    if (std::find(trigger->columns.begin(), trigger->columns.end(), column) != trigger->columns.end()) {
      throw SqlError(Sqlstate::DuplicateColumn, "column \"" + std::string(name) + "\" specified more than once");
    }
    trigger->columns.push_back(column);
  }
  auto version = context.catalog_version();
  if (statement.when_clause != nullptr) {
    ConditionNames names(*table, trigger->type);
    auto analysis = context.analyzer_context(*version);
    analysis.variables = &names;
    auto condition = analyzer::analyze_variables(analysis, *statement.when_clause, {oid::kBool});
    trigger->when_sql = condition_text(context, *condition, names.texts);
  }
  auto function = trigger_function(context, statement.funcname);
  if (function.result != oid::kTrigger) {
    throw SqlError(Sqlstate::InvalidObjectDefinition, "function " + dotted(statement.funcname) + " must return type trigger");
  }
  trigger->function = function.oid;
  for (auto argument : statement.args) trigger->arguments.emplace_back(argument);
  catalog::TriggerPtr existing;
  for (const auto& other : version->triggers(table->oid)) {
    if (other->name == trigger->name) existing = other;
  }
  if (existing != nullptr && !statement.replace) {
    throw SqlError(Sqlstate::DuplicateObject, "trigger \"" + trigger->name + "\" for relation \"" + table->name + "\" already exists");
  }
  trigger->oid = existing != nullptr ? existing->oid : context.catalog().allocate_oid();
  trigger->dependencies.push_back({table->oid, 0, 'a'});
  if (function.oid >= kFirstNormalOid) trigger->dependencies.push_back({function.oid, 0, 'n'});
  for (int column : trigger->columns) trigger->dependencies.push_back({table->oid, column + 1, 'n'});
  if (existing != nullptr && existing->parent != kInvalidOid) {
    throw SqlError(Sqlstate::DuplicateObject, "trigger \"" + trigger->name + "\" for relation \"" + table->name + "\" is an internal or a child trigger");
  }
  if (existing != nullptr && existing->is_constraint) {
    throw SqlError(Sqlstate::DuplicateObject, "trigger \"" + trigger->name + "\" for relation \"" + table->name + "\" is a constraint trigger");
  }
  if (trigger->constraint_table != kInvalidOid) trigger->dependencies.push_back({trigger->constraint_table, 0, 'a'});
  context.catalog_changes().put(trigger);
  if (table->is_partitioned() && statement.row) {
    auto made = context.catalog_version()->trigger(trigger->oid);
    for (Oid child : lock_children(context, table->oid, txn::LockMode::ShareRowExclusive)) clone_trigger(context, *table, *made, child);
  }
  return {"CREATE TRIGGER", {}, {}};
}

catalog::TriggerPtr find_trigger(CommandContext& context, const catalog::Relation& table, std::string_view name, bool missing_ok) {
  for (const auto& trigger : context.catalog_version()->triggers(table.oid)) {
    if (trigger->name == name) return trigger;
  }
  std::string text = "trigger \"" + std::string(name) + "\" for ";
  if (!missing_ok) throw SqlError(Sqlstate::UndefinedObject, text + "table \"" + table.name + "\" does not exist");
  notice(context, text + "relation \"" + table.name + "\" does not exist, skipping");
  return nullptr;
}

void enable_triggers(CommandContext& context, const catalog::Relation& table, std::string_view name, char enabled, bool recurse) {
  std::vector<catalog::TriggerPtr> triggers;
  if (name.empty()) {
    triggers = context.catalog_version()->triggers(table.oid);
  } else {
    triggers.push_back(find_trigger(context, table, name));
  }
  for (const auto& trigger : triggers) {
    auto changed = copy_of(trigger);
    changed->enabled = enabled;
    context.catalog_changes().put(changed);
    if (!table.is_partitioned() || !recurse) continue;
    for (const auto& part : context.catalog_version()->children(table.oid)) {
      for (const auto& clone : context.catalog_version()->triggers(part->oid)) {
        if (clone->parent == trigger->oid) enable_triggers(context, *part, clone->name, enabled, recurse);
      }
    }
  }
}

}  // namespace aegis::commands
