// MERGE (parse_merge.c).
#include <algorithm>

#include "aegis/base/error.h"
#include "insertable.h"
#include "query_analyzer.h"

namespace aegis::analyzer {

using ast::node_cast;
using plan::LogicalPtr;

LogicalPtr QueryAnalyzer::bind_merge(const ast::MergeStmt& merge, Scope& scope) {
  WriteTarget into = find_target(*merge.relation, "MERGE");
  auto relation = into.relation;
  auto op = std::make_unique<plan::Merge>();
  op->relation = relation;
  op->table = new_table();
  std::vector<RangeItem> target_items;
  LogicalPtr target = bind_target_get(*merge.relation, into, target_items, op->row_id, op->table_oid);
  op->target_table = target_items[0].table;
  if (into.relation->is_partitioned() && is_secured(*into.relation)) throw_not_supported("MERGE into a partitioned table with row-level security");
  if (into.relation->row_security) target = secure(std::move(target), *into.relation, "r", into.base);
  std::vector<RangeItem> source_items;
  LogicalPtr source = bind_from_item(*merge.source_relation, scope, source_items);
  scope.items.push_back(target_items[0]);
  for (auto& item : source_items) scope.items.push_back(item);
  check_alias_unique(scope.items, merge.relation->location);
  auto join = std::make_unique<plan::Join>();
  join->type = plan::JoinType::Left;
  join->conditions = bind_conjuncts(merge.join_condition, scope, Clause::JoinOn, "MERGE/ON");
  join->children.push_back(std::move(source));
  join->children.push_back(std::move(target));
  op->children.push_back(std::move(join));
  std::vector<int> updated, inserted;
  bool deletes = false;
  Scope source_scope;
  source_scope.parent = scope.parent;
  source_scope.ctes = scope.ctes;
  source_scope.items = source_items;
  bool unconditional[2] = {};
  for (auto* when : merge.merge_when_clauses) {
    if (unconditional[when->matched]) throw SqlError(Sqlstate::SyntaxError, "unreachable WHEN clause specified after unconditional WHEN clause");
    unconditional[when->matched] = when->condition == nullptr;
  }
  for (auto* when : merge.merge_when_clauses) {
    plan::Merge::When action;
    action.matched = when->matched;
    Scope& visible = when->matched ? scope : source_scope;
    if (when->condition != nullptr) action.condition = bind_boolean(*when->condition, visible, Clause::MergeWhen, "WHEN");
    switch (when->command_type) {
      case ast::MergeCommand::Nothing: action.action = plan::Merge::Action::Nothing; break;
      case ast::MergeCommand::Delete:
        action.action = plan::Merge::Action::Delete;
        deletes = true;
        break;
      case ast::MergeCommand::Update: {
        action.action = plan::Merge::Action::Update;
        bind_set_list(when->target_list, visible, into, action.columns, action.exprs);
        updated.insert(updated.end(), action.columns.begin(), action.columns.end());
        recompute_generated(*relation, action.columns, action.exprs, [&](int column) { return base_column(into, column); });
        break;
      }
      case ast::MergeCommand::Insert: {
        action.action = plan::Merge::Action::Insert;
        std::vector<int> columns = insert_columns(when->target_list, into);
        inserted.insert(inserted.end(), columns.begin(), columns.end());
        if (when->values.size() > columns.size()) throw SqlError(Sqlstate::SyntaxError, "INSERT has more expressions than target columns");
        if (!when->values.empty() && when->values.size() < columns.size() && !when->target_list.empty()) {
          throw SqlError(Sqlstate::SyntaxError, "INSERT has more target columns than expressions");
        }
        ExprList provided;
        for (size_t i = 0; i < when->values.size(); ++i) {
          if (ast::is_node<ast::SetToDefault>(when->values[i])) {
            provided.push_back(default_of(*relation, columns[i]));
            continue;
          }
          check_insertable(relation->columns[columns[i]], when->override);
          ExprPtr expr = bind(*when->values[i], visible, Clause::Values);
          int location = expr->location;
          provided.push_back(assign(std::move(expr), *relation, columns[i], location));
        }
        action.exprs = full_row(*relation, columns, std::move(provided));
        for (const auto& column : relation->columns) {
          if (column.generated != 0 && !column.dropped) throw_not_supported("MERGE INSERT into a table with generated columns");
        }
        break;
      }
    }
    op->whens.push_back(std::move(action));
  }
  auto& permission = note_write(into, op->target_table);
  permission.reads = true;
  permission.inserted = std::move(inserted);
  permission.updated = std::move(updated);
  if (deletes) permission.letters += 'd';
  add_checks(*op);
  if (relation->row_security) {
    add_policy_checks(into, "w", plan::CheckOf::OldOnUpdate, *op);
    add_policy_checks(into, "wr", plan::CheckOf::NewOnUpdate, *op);
    add_policy_checks(into, "d", plan::CheckOf::OldOnDelete, *op);
    add_policy_checks(into, "a", plan::CheckOf::NewOnInsert, *op);
  }
  return op;
}

}  // namespace aegis::analyzer
