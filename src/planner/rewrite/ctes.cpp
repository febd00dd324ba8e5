// WITH queries that are used once and change nothing become subqueries (PostgreSQL 12 and later do the same).
#include <map>

#include "aegis/functions/function.h"
#include "rewriter.h"

namespace aegis::planner {
namespace {

bool has_volatile(LogicalOp& op) {
  bool found = false;
  plan::rewrite(op, [&](ExprPtr& part) {
    found = found || (part->function != nullptr && part->function->volatility == functions::Volatility::Volatile);
  });
  plan::for_each_operator(op, [&](LogicalOp& inner) { found = found || inner.kind == LogicalKind::LockRows; });
  return found;
}

// Replaces the one reference to `cte` anywhere below `op`, also in subqueries; true when found.
bool replace_reference(LogicalPtr& op, uint32_t cte, LogicalPtr& definition) {
  if (op->kind == LogicalKind::CteRef && static_cast<plan::CteRef&>(*op).cte == cte) {
    auto& ref = static_cast<plan::CteRef&>(*op);
    auto project = std::make_unique<plan::Project>();
    project->table = ref.table;
    project->alias = ref.alias;
    auto bindings = plan::output_bindings(*definition);
    for (size_t i = 0; i < ref.columns.size(); ++i) {
      ExprPtr column = plan::make_column(bindings[i], ref.columns[i].type, ref.columns[i].name);
      column->collation = ref.columns[i].collation;
      project->exprs.push_back(std::move(column));
      project->names.push_back(ref.columns[i].name);
    }
    project->children.push_back(std::move(definition));
    op = std::move(project);
    return true;
  }
  for (auto& child : op->children) {
    if (replace_reference(child, cte, definition)) return true;
  }
  bool found = false;
  plan::for_each_expression(*op, [&](ExprPtr& root) {
    std::function<void(ExprPtr&)> visit = [&](ExprPtr& part) {
      if (found) return;
      if (part->subquery) found = replace_reference(part->subquery->plan, cte, definition);
      plan::for_each_child(*part, visit);
    };
    visit(root);
  });
  return found;
}

}  // namespace

void inline_ctes(LogicalPtr& root) {
  if (root->kind == LogicalKind::With) {
    auto& with = static_cast<plan::With&>(*root);
    for (size_t i = with.ctes.size(); i-- > 0;) {
      const auto& cte = with.ctes[i];
      LogicalPtr& definition = with.children[i + 1];
      bool once = cte.reference_count == 1 && !cte.materialized.value_or(false);
      bool drop = cte.reference_count == 0 && !cte.modifies_data;
      if (cte.modifies_data || (!drop && (!once || has_volatile(*definition)))) continue;
      LogicalPtr moved = std::move(definition);
      bool placed = drop;
      for (size_t k = with.children.size(); k-- > 0 && !placed;) {
        if (k != i + 1 && with.children[k] != nullptr) placed = replace_reference(with.children[k], cte.cte, moved);
      }
      if (!placed) {
        with.children[i + 1] = std::move(moved);
        continue;
      }
      with.children.erase(with.children.begin() + i + 1);
      with.ctes.erase(with.ctes.begin() + i);
    }
    if (with.ctes.empty()) {
      LogicalPtr child = std::move(with.children[0]);
      root = std::move(child);
      return inline_ctes(root);
    }
  }
  for (auto& child : root->children) inline_ctes(child);
  plan::for_each_expression(*root, [&](ExprPtr& expr) {
    std::function<void(ExprPtr&)> visit = [&](ExprPtr& part) {
      if (part->subquery) inline_ctes(part->subquery->plan);
      plan::for_each_child(*part, visit);
    };
    visit(expr);
  });
}

}  // namespace aegis::planner
