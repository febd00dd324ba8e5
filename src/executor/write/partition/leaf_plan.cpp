#include "write/partition/leaf_plan.h"

#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "aegis/plan/walk.h"

namespace aegis::executor {
namespace {

using Map = std::vector<int>;

// Inputs from `start` on are columns of the root's row, and its table's OID; `to` is where the leaf's row starts. A dropped
// column is null.
plan::ExprPtr remap(const plan::Expr& expr, size_t start, size_t to, const Map& map, size_t leaf_width) {
  plan::ExprPtr copy = expr.clone();
  plan::rewrite(copy, [&](plan::ExprPtr& part) {
    if (part->kind != plan::ExprKind::Input || part->index < start) return;
    if (part->index == start + map.size()) {
      part->index = static_cast<uint32_t>(to + leaf_width);
      return;
    }
    int column = map[part->index - start];
    if (column < 0) {
      part = plan::make_constant({part->type.oid, -1}, Value::null());
    } else {
      part->index = static_cast<uint32_t>(to + static_cast<size_t>(column));
    }
  });
  return copy;
}

template <typename Plan>
std::unique_ptr<Plan> begin(const Plan& plan, const catalog::RelationPtr& leaf, const Map& map, size_t width, size_t to) {
  auto made = std::make_unique<Plan>();
  made->relation = leaf;
  made->output = plan.output;
  made->id = plan.id;
  made->table_oid_column = plan.table_oid_column;
  for (const auto& check : plan.checks) {
    if (!check.of_view) continue;
    plan::PhysicalWrite::Check own{check.name, nullptr, true, check.policy_table, check.of, check.query, {}};
    if (check.query == nullptr) own.condition = remap(*check.condition, 0, 0, map, leaf->columns.size());
    for (int column : check.columns) own.columns.push_back(map[static_cast<size_t>(column)]);
    made->checks.push_back(std::move(own));
  }
  for (const auto& expr : plan.returning) made->returning.push_back(remap(*expr, width, to, map, leaf->columns.size()));
  return made;
}

void copy_recheck(const plan::PhysicalLockRows::Recheck& from, const Map& map, plan::PhysicalLockRows::Recheck& to) {
  for (auto [at, column] : from.columns) to.columns.emplace_back(at, column < 0 ? column : map[static_cast<size_t>(column)]);
  for (const auto& predicate : from.predicates) to.predicates.push_back(predicate->clone());
}

std::vector<int> mapped(const std::vector<int>& columns, const Map& map) {
  std::vector<int> result;
  for (int column : columns) result.push_back(map[static_cast<size_t>(column)]);
  return result;
}

}  // namespace

std::unique_ptr<plan::PhysicalInsert> leaf_plan(const plan::PhysicalInsert& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                                const catalog::Version& version) {
  Map map = catalog::match_columns(root, *leaf);
  size_t width = root.columns.size(), own = leaf->columns.size();
  auto made = begin(plan, leaf, map, plan.children[0]->output.size(), own);
  made->conflict = plan.conflict;
  made->set_columns = mapped(plan.set_columns, map);
  for (Oid arbiter : plan.arbiter_indexes) {
    for (const auto& index : version.indexes_of(*leaf)) {
      for (Oid at = index->oid; at != kInvalidOid;) {
        if (at == arbiter) {
          made->arbiter_indexes.push_back(index->oid);
          break;
        }
        auto next = version.index(at);
        at = next == nullptr ? kInvalidOid : next->parent;
      }
    }
  }
  if (made->arbiter_indexes.size() < plan.arbiter_indexes.size()) {
    throw SqlError(Sqlstate::InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification");
  }
  // The existing row, then the proposed one.
  auto both = [&](const plan::Expr& expr) {
    plan::ExprPtr copy = expr.clone();
    plan::rewrite(copy, [&](plan::ExprPtr& part) {
      if (part->kind != plan::ExprKind::Input) return;
      size_t side = part->index / width;
      int column = map[part->index % width];
      if (column < 0) part = plan::make_constant({part->type.oid, -1}, Value::null());
      else part->index = static_cast<uint32_t>(side * own + static_cast<size_t>(column));
    });
    return copy;
  };
  for (const auto& expr : plan.set_exprs) made->set_exprs.push_back(both(*expr));
  if (plan.conflict_where) made->conflict_where = both(*plan.conflict_where);
  return made;
}

std::unique_ptr<plan::PhysicalUpdate> leaf_plan(const plan::PhysicalUpdate& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                                const catalog::Version&) {
  Map map = catalog::match_columns(root, *leaf);
  size_t width = plan.children[0]->output.size();
  auto made = begin(plan, leaf, map, width, width);
  made->row_id_column = plan.row_id_column;
  made->set_columns = mapped(plan.set_columns, map);
  for (const auto& expr : plan.set_exprs) made->set_exprs.push_back(expr->clone());
  copy_recheck(plan.recheck, map, made->recheck);
  return made;
}

std::unique_ptr<plan::PhysicalDelete> leaf_plan(const plan::PhysicalDelete& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                                const catalog::Version&) {
  Map map = catalog::match_columns(root, *leaf);
  size_t width = plan.children[0]->output.size();
  auto made = begin(plan, leaf, map, width, width);
  made->row_id_column = plan.row_id_column;
  copy_recheck(plan.recheck, map, made->recheck);
  return made;
}

std::unique_ptr<plan::PhysicalMerge> leaf_plan(const plan::PhysicalMerge& plan, const catalog::Relation& root, catalog::RelationPtr leaf,
                                               const catalog::Version&) {
  Map map = catalog::match_columns(root, *leaf);
  size_t width = plan.children[0]->output.size();
  auto made = begin(plan, leaf, map, width, width);
  made->row_id_column = plan.row_id_column;
  for (const auto& when : plan.whens) {
    plan::PhysicalMerge::When own;
    own.matched = when.matched;
    own.action = when.action;
    if (when.condition) own.condition = when.condition->clone();
    // INSERT stays in the root's columns: its rows are routed.
    own.columns = when.action == plan::Merge::Action::Update ? mapped(when.columns, map) : when.columns;
    for (const auto& expr : when.exprs) own.exprs.push_back(expr->clone());
    made->whens.push_back(std::move(own));
  }
  return made;
}

plan::PhysicalLockRows::Recheck leaf_recheck(const plan::PhysicalLockRows::Recheck& recheck, const catalog::Relation& root, const catalog::Relation& leaf) {
  plan::PhysicalLockRows::Recheck made;
  copy_recheck(recheck, catalog::match_columns(root, leaf), made);
  return made;
}

}  // namespace aegis::executor
