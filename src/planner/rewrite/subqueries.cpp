// Subqueries in expressions become joins.
//
// Uncorrelated ones are run once (init plans) or joined as they are. Of a correlated one, the predicates that name
// outer columns are pulled up into the join's condition, an aggregate on the way being grouped by the inner side of
// its equalities (Neumann and Kemper's unnesting, in the special case of equality predicates). What can't be
// pulled up stays a lateral join, which the executor runs once for each outer row.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "rewriter.h"

namespace aegis::planner {
namespace {

using plan::JoinType;
using plan::SubqueryKind;

bool uses_any(const Expr& expr, const BindingSet& columns) {
  bool found = false;
  plan::walk(expr, [&](const Expr& part) {
    found = found || (part.kind == ExprKind::Column && columns.count(part.binding) != 0);
    return !found;
  });
  return found;
}

bool tree_uses_any(LogicalOp& op, const BindingSet& columns) {
  bool found = false;
  plan::rewrite(op, [&](ExprPtr& part) { found = found || (part->kind == ExprKind::Column && columns.count(part->binding) != 0); });
  return found;
}

// Tells columns of groups that pulling up adds from those that the query had; no user's name starts so.
constexpr const char* kAddedGroup = "\x01group";

// Pulls predicates that use `outer` columns up out of a tree. First asked whether it can (nothing changes), then done.
class PullUp {
 public:
  PullUp(const BindingSet& outer, bool apply) : outer_(outer), apply_(apply) {}

  ExprList pulled;
  // A scalar aggregate (no GROUP BY) was grouped: rows without a match stand for an empty input.
  bool grouped_scalar = false;
  plan::Aggregate* scalar_aggregate = nullptr;

  bool run(LogicalPtr& op) {
    if (!tree_uses_any(*op, outer_)) return true;
    switch (op->kind) {
      case LogicalKind::Filter: return filter(op);
      case LogicalKind::Project: return project(static_cast<plan::Project&>(*op));
      case LogicalKind::Join: return join(static_cast<plan::Join&>(*op));
      case LogicalKind::Aggregate: return aggregate(static_cast<plan::Aggregate&>(*op));
      case LogicalKind::Sort:
        for (auto& key : static_cast<plan::Sort&>(*op).keys) {
          if (uses_any(*key.expr, outer_)) return false;
        }
        return run(op->children[0]);
      case LogicalKind::Distinct:
        if (!static_cast<plan::Distinct&>(*op).keys.empty()) return false;
        return run(op->children[0]);
      default: return false;
    }
  }

 private:
  bool take(ExprList& list) {
    ExprList kept;
    for (auto& predicate : list) {
      if (!uses_any(*predicate, outer_)) {
        if (apply_) kept.push_back(std::move(predicate));
        continue;
      }
      if (plan::contains(*predicate, ExprKind::Subquery) || plan::is_volatile(*predicate)) return false;
      if (apply_) {
        pulled.push_back(std::move(predicate));
      } else {
        pulled.push_back(predicate->clone());
      }
    }
    if (apply_) list = std::move(kept);
    return true;
  }

  bool filter(LogicalPtr& op) {
    if (!run(op->children[0])) return false;
    auto& predicates = static_cast<plan::Filter&>(*op).predicates;
    if (!take(predicates)) return false;
    if (apply_ && predicates.empty()) {
      LogicalPtr child = std::move(op->children[0]);
      op = std::move(child);
    }
    return true;
  }

  // Inner columns of the pulled predicates must show above the projection.
  bool project(plan::Project& project) {
    for (const auto& expr : project.exprs) {
      if (uses_any(*expr, outer_) || plan::returns_set(*expr)) return false;
    }
    size_t before = pulled.size();
    if (!run(project.children[0])) return false;
    for (size_t i = before; i < pulled.size() && apply_; ++i) {
      plan::rewrite(pulled[i], [&](ExprPtr& part) {
        if (part->kind != ExprKind::Column || outer_.count(part->binding) != 0) return;
        size_t at = 0;
        // An added group's number is as yet that of an aggregate, too.
        auto is_same = [&](const Expr& other) {
          return plan::equal(other, *part) && (other.name == kAddedGroup) == (part->name == kAddedGroup);
        };
        while (at < project.exprs.size() && !is_same(*project.exprs[at])) ++at;
        if (at == project.exprs.size()) {
          project.exprs.push_back(part->clone());
          project.names.push_back(part->name);
        }
        part->binding = {project.table, static_cast<uint32_t>(at)};
      });
    }
    return true;
  }

  bool join(plan::Join& join) {
    switch (join.type) {
      case JoinType::Inner:
        if (!binding_free_of_lateral(join)) return false;
        return run(join.children[0]) && run(join.children[1]) && take(join.conditions);
      case JoinType::Left:
      case JoinType::Semi:
      case JoinType::Anti:
      case JoinType::Single:
      case JoinType::Mark:
        if (tree_uses_any(*join.children[1], outer_)) return false;
        for (const auto& condition : join.conditions) {
          if (uses_any(*condition, outer_)) return false;
        }
        return run(join.children[0]);
      default: return false;
    }
  }

  static bool binding_free_of_lateral(plan::Join& join) {
    BindingSet left = binding_set(*join.children[0]);
    return !tree_uses_any(*join.children[1], left);
  }

  bool aggregate(plan::Aggregate& aggregate) {
    if (!aggregate.sets.empty()) return false;
    for (const auto& group : aggregate.groups) {
      if (uses_any(*group, outer_)) return false;
    }
    for (const auto& call : aggregate.aggregates) {
      if (uses_any(*call, outer_)) return false;
    }
    size_t before = pulled.size();
    if (!run(aggregate.children[0])) return false;
    bool scalar = aggregate.groups.empty();
    size_t old_groups = aggregate.groups.size();
    // Only `inner = outer` can move over a grouping: its inner side becomes a group.
    for (size_t i = before; i < pulled.size(); ++i) {
      Expr& predicate = *pulled[i];
      if (!is_equality(predicate)) return false;
      bool left_outer = uses_any(*predicate.args[0], outer_);
      bool right_outer = uses_any(*predicate.args[1], outer_);
      if (left_outer == right_outer) return false;
      ExprPtr& inner = predicate.args[left_outer ? 1 : 0];
      const ExprPtr& outer = predicate.args[left_outer ? 0 : 1];
      BindingSet outer_columns;
      collect_columns(*outer, outer_columns);
      if (!std::includes(outer_.begin(), outer_.end(), outer_columns.begin(), outer_columns.end())) return false;
      if (!apply_) continue;
      Type type = inner->type;
      Oid collation = inner->collation;
      uint32_t number = static_cast<uint32_t>(aggregate.groups.size());
      aggregate.groups.push_back(std::move(inner));
      inner = plan::make_column({aggregate.table, number}, type, kAddedGroup);
      inner->collation = collation;
    }
    if (scalar) {
      grouped_scalar = true;
      scalar_aggregate = &aggregate;
    }
    if (apply_) added_groups.emplace_back(aggregate.table, std::make_pair(old_groups, aggregate.groups.size() - old_groups));
    return true;
  }

 public:
  // Aggregates' columns stand behind the groups: (table, (old group count, groups added)).
  std::vector<std::pair<uint32_t, std::pair<size_t, size_t>>> added_groups;

 private:
  const BindingSet& outer_;
  bool apply_;
};

class Unnester {
 public:
  explicit Unnester(RewriteState& state) : state_(state) {}

  void run(LogicalPtr& op) {
    for (auto& child : op->children) run(child);
    if (op->kind == LogicalKind::Filter) filter(op);
    if (op->kind == LogicalKind::Join) join_conditions(op);
    plan::for_each_expression(*op, [&](ExprPtr& root) {
      if (!plan::contains(*root, ExprKind::Subquery)) return;
      replace(root, op->children.empty() ? nullptr : &op->children[0]);
    });
    if (op->kind == LogicalKind::Filter && static_cast<plan::Filter&>(*op).predicates.empty()) {
      LogicalPtr child = std::move(op->children[0]);
      op = std::move(child);
    }
  }

 private:
  // Conjuncts that are subquery tests themselves become semi- and antijoins.
  void filter(LogicalPtr& op) {
    auto& filter = static_cast<plan::Filter&>(*op);
    ExprList kept;
    for (auto& predicate : filter.predicates) {
      bool negated = predicate->kind == ExprKind::Not;
      Expr& test = negated ? *predicate->args[0] : *predicate;
      if (test.kind == ExprKind::Subquery && semi_join(test, negated, filter.children[0])) continue;
      kept.push_back(std::move(predicate));
    }
    filter.predicates = std::move(kept);
  }

  bool semi_join(Expr& test, bool negated, LogicalPtr& child) {
    auto& spec = *test.subquery;
    if (spec.kind != SubqueryKind::Exists && !(spec.kind == SubqueryKind::Any && !negated)) return false;
    run(spec.plan);
    BindingSet outer = outer_columns(spec, *child);
    if (spec.kind == SubqueryKind::Exists && outer.empty()) return false;  // an init plan
    if (spec.kind == SubqueryKind::Exists) strip_for_exists(spec.plan);
    if (spec.kind == SubqueryKind::Any && plan::contains(*spec.comparison, ExprKind::Subquery)) return false;
    ExprList conditions;
    bool scalar_group = false;
    if (!pull_up(spec.plan, outer, conditions, &scalar_group)) conditions.clear();
    // A grouped scalar aggregate loses the rows of empty inputs, which EXISTS and IN would see.
    if (scalar_group) return false;
    if (spec.kind == SubqueryKind::Any) {
      for (auto& part : split_and(std::move(spec.comparison))) conditions.push_back(std::move(part));
    }
    auto join = std::make_unique<plan::Join>();
    join->type = negated ? JoinType::Anti : JoinType::Semi;
    join->conditions = std::move(conditions);
    join->children.push_back(std::move(child));
    join->children.push_back(std::move(spec.plan));
    child = std::move(join);
    return true;
  }

  // What a subquery's rows hold does not matter to EXISTS.
  static void strip_for_exists(LogicalPtr& plan) {
    while (true) {
      bool removable = plan->kind == LogicalKind::Sort || plan->kind == LogicalKind::Distinct;
      if (plan->kind == LogicalKind::Project) {
        const auto& exprs = static_cast<plan::Project&>(*plan).exprs;
        removable = std::none_of(exprs.begin(), exprs.end(), [](const auto& e) { return plan::returns_set(*e) || plan::contains(*e, ExprKind::Subquery); });
      }
      if (plan->kind == LogicalKind::Limit) {
        auto& limit = static_cast<plan::Limit&>(*plan);
        removable = limit.offset == nullptr && limit.count != nullptr && limit.count->kind == ExprKind::Constant &&
                    !limit.count->value.get().is_null && limit.count->value.get().i64 > 0;
      }
      if (!removable) return;
      LogicalPtr child = std::move(plan->children[0]);
      plan = std::move(child);
    }
  }

  // The columns of `child` that the subquery uses. Outer levels beyond stay free in both.
  static BindingSet outer_columns(plan::SubquerySpec& spec, const LogicalOp& child) {
    BindingSet free = free_columns(*spec.plan);
    BindingSet available = binding_set(child);
    BindingSet outer;
    std::set_intersection(free.begin(), free.end(), available.begin(), available.end(), std::inserter(outer, outer.end()));
    return outer;
  }

  bool pull_up(LogicalPtr& plan, const BindingSet& outer, ExprList& conditions, bool* scalar_group, PullUp* out = nullptr) {
    if (outer.empty()) return true;
    PullUp question(outer, false);
    if (!question.run(plan) || question.pulled.empty()) return false;
    if (scalar_group != nullptr) {
      *scalar_group = question.grouped_scalar;
      if (question.grouped_scalar && out == nullptr) return false;
    }
    PullUp answer(outer, true);
    bool done = answer.run(plan);
    AEGIS_CHECK(done);
    // Groups were added before the aggregates' columns: move references to those, everywhere above the aggregate.
    for (const auto& [table, counts] : answer.added_groups) {
      auto [old_groups, added] = counts;
      auto shift = [&, table = table](ExprPtr& part) {
        if (part->kind == ExprKind::Column && part->binding.table == table && part->binding.column >= old_groups && part->name != kAddedGroup) {
          part->binding.column += static_cast<uint32_t>(added);
        }
      };
      if (added > 0) plan::rewrite(*plan, shift);
    }
    conditions = std::move(answer.pulled);
    if (out != nullptr) {
      out->grouped_scalar = answer.grouped_scalar;
      out->scalar_aggregate = answer.scalar_aggregate;
    }
    return true;
  }

  // Subqueries in ON: an inner join's become filters above it.
  void join_conditions(LogicalPtr& op) {
    auto& join = static_cast<plan::Join&>(*op);
    ExprList kept;
    ExprList moved;
    for (auto& condition : join.conditions) {
      bool correlated = false;
      plan::walk(*condition, [&](const Expr& part) {
        if (part.subquery) correlated = correlated || part.subquery->kind == SubqueryKind::Any || part.subquery->kind == SubqueryKind::All || !part.subquery->correlated.empty();
        return true;
      });
      (correlated ? moved : kept).push_back(std::move(condition));
    }
    join.conditions = std::move(kept);
    if (moved.empty()) return;
    for (auto& condition : join.conditions) replace(condition, &join.children[0]);
    if (join.type != JoinType::Inner) {
      // On the null-supplying side alone, the condition may filter that side first.
      BindingSet right = binding_set(*join.children[1]);
      bool fits = join.type == JoinType::Left;
      for (auto& condition : moved) {
        BindingSet used;
        collect_columns(*condition, used);
        plan::walk(*condition, [&](const Expr& part) {
          if (part.subquery) used.insert(part.subquery->correlated.begin(), part.subquery->correlated.end());
          return true;
        });
        BindingSet left = binding_set(*join.children[0]);
        for (const auto& binding : used) fits = fits && left.count(binding) == 0;
      }
      if (!fits) throw_not_supported("a correlated subquery in the condition of an outer join");
      auto filter = std::make_unique<plan::Filter>();
      filter->predicates = std::move(moved);
      filter->children.push_back(std::move(join.children[1]));
      join.children[1] = std::move(filter);
      run(join.children[1]);
      return;
    }
    auto filter = std::make_unique<plan::Filter>();
    filter->predicates = std::move(moved);
    filter->children.push_back(std::move(op));
    op = std::move(filter);
    this->filter(op);
  }

  // Replaces the subqueries in an expression of an operator over `child` (null: it has none).
  void replace(ExprPtr& expr, LogicalPtr* child) {
    plan::for_each_child(*expr, [&](ExprPtr& part) { replace(part, child); });
    if (expr->kind != ExprKind::Subquery) return;
    auto& spec = *expr->subquery;
    run(spec.plan);
    static const BindingSet kNone;
    BindingSet outer = child != nullptr ? outer_columns(spec, **child) : kNone;
    bool free_above = !free_columns(*spec.plan).empty() && outer.empty();
    switch (spec.kind) {
      case SubqueryKind::Exists:
      case SubqueryKind::Scalar:
      case SubqueryKind::Array:
        if (outer.empty() && !free_above) {
          init_plan(expr);
        } else {
          need_child(child);
          spec.kind == SubqueryKind::Exists ? exists_mark(expr, *child, outer) : scalar(expr, *child, outer);
        }
        return;
      case SubqueryKind::All: {
        // x op ALL (q) is NOT (x not-op ANY (q)).
        spec.comparison = make_not(std::move(spec.comparison));
        spec.kind = SubqueryKind::Any;
        need_child(child);
        any_mark(expr, *child);
        expr = make_not(std::move(expr));
        return;
      }
      case SubqueryKind::Any:
        need_child(child);
        return any_mark(expr, *child);
      case SubqueryKind::Row: {
        need_child(child);
        auto join = std::make_unique<plan::Join>();
        join->type = JoinType::Single;
        join->children.push_back(std::move(*child));
        join->children.push_back(std::move(spec.plan));
        *child = std::move(join);
        ExprPtr comparison = std::move(spec.comparison);
        expr = std::move(comparison);
        return;
      }
    }
  }

  // VALUES and the like have no input to join with; give them none-row operators a base.
  static void need_child(LogicalPtr* child) {
    if (child == nullptr) throw_not_supported("a correlated or set-comparing subquery here");
  }

  void init_plan(ExprPtr& expr) {
    auto& spec = *expr->subquery;
    uint32_t param = state_.new_exec_param(expr->type);
    state_.init_plans.push_back({spec.kind, std::move(spec.plan), expr->binding, param});
    auto value = std::make_unique<Expr>(ExprKind::ExecParam, expr->type);
    value->index = param;
    value->collation = expr->collation;
    value->location = expr->location;
    expr = std::move(value);
  }

  ExprPtr add_mark(LogicalPtr& child, LogicalPtr right, ExprList conditions, bool null_aware) {
    auto join = std::make_unique<plan::Join>();
    join->type = JoinType::Mark;
    join->mark_table = state_.new_table();
    join->null_aware = null_aware;
    join->conditions = std::move(conditions);
    ExprPtr mark = plan::make_column({join->mark_table, 0}, {types::oid::kBool}, "mark");
    join->children.push_back(std::move(child));
    join->children.push_back(std::move(right));
    child = std::move(join);
    return mark;
  }

  void exists_mark(ExprPtr& expr, LogicalPtr& child, const BindingSet& outer) {
    auto& spec = *expr->subquery;
    strip_for_exists(spec.plan);
    ExprList conditions;
    bool scalar_group = false;
    pull_up(spec.plan, outer, conditions, &scalar_group);
    expr = add_mark(child, std::move(spec.plan), std::move(conditions), false);
  }

  void any_mark(ExprPtr& expr, LogicalPtr& child) {
    auto& spec = *expr->subquery;
    ExprList conditions = split_and(std::move(spec.comparison));
    expr = add_mark(child, std::move(spec.plan), std::move(conditions), true);
  }

  void scalar(ExprPtr& expr, LogicalPtr& child, const BindingSet& outer) {
    auto& spec = *expr->subquery;
    ColumnBinding column = expr->binding;
    Type type = expr->type;
    ExprList conditions;
    PullUp result(outer, false);
    bool scalar_group = false;
    bool pulled = spec.kind == SubqueryKind::Scalar && !filters_scalar_aggregate(*spec.plan) && pull_up(spec.plan, outer, conditions, &scalar_group, &result);
    auto join = std::make_unique<plan::Join>();
    join->type = JoinType::Single;
    ExprPtr value;
    if (pulled && scalar_group && result.scalar_aggregate != nullptr) {
      // One row a group: a plain left join. Above it, missing counts are zero and the projection is redone.
      value = above_aggregate(spec.plan, column, *result.scalar_aggregate, conditions);
      join->type = JoinType::Left;
    }
    if (value == nullptr) {
      value = plan::make_column(column, type, expr->name);
      value->collation = expr->collation;
    }
    if (spec.kind == SubqueryKind::Array) {
      join->subquery = SubqueryKind::Array;
      // The join gives the array itself under the column's binding.
    }
    join->conditions = std::move(conditions);
    join->children.push_back(std::move(child));
    join->children.push_back(std::move(spec.plan));
    child = std::move(join);
    expr = std::move(value);
  }

  // HAVING without GROUP BY sees the empty input too, which a grouped form would not.
  static bool filters_scalar_aggregate(const LogicalOp& op) {
    const LogicalOp* at = &op;
    while (at->kind == LogicalKind::Project || at->kind == LogicalKind::Sort) at = at->children[0].get();
    if (at->kind != LogicalKind::Filter) return false;
    at = at->children[0].get();
    return at->kind == LogicalKind::Aggregate && static_cast<const plan::Aggregate*>(at)->groups.empty();
  }

  // The subquery is Project* over the aggregate. Moves the projection's expression above the join, where each count
  // without a group is zero.
  ExprPtr above_aggregate(LogicalPtr& plan, ColumnBinding column, plan::Aggregate& aggregate, ExprList& conditions) {
    ExprPtr value = plan::make_column(column, Type{});
    LogicalPtr* at = &plan;
    while ((*at)->kind == LogicalKind::Project || (*at)->kind == LogicalKind::Sort) {
      if ((*at)->kind == LogicalKind::Project) {
        auto& project = static_cast<plan::Project&>(**at);
        substitute(value, project.table, project.exprs);
        for (auto& condition : conditions) substitute(condition, project.table, project.exprs);
      }
      at = &(*at)->children[0];
    }
    LogicalPtr base = std::move(*at);
    plan = std::move(base);
    uint32_t table = aggregate.table;
    size_t first = aggregate.groups.size();
    plan::rewrite(value, [&](ExprPtr& part) {
      if (part->kind != ExprKind::Column || part->binding.table != table || part->binding.column < first) return;
      const Expr& call = *aggregate.aggregates[part->binding.column - first];
      if (call.function->name != "count") return;
      auto coalesce = std::make_unique<Expr>(ExprKind::Coalesce, part->type);
      coalesce->args.push_back(std::move(part));
      coalesce->args.push_back(plan::make_constant({types::oid::kInt8}, types::Value::of_i64(0)));
      part = std::move(coalesce);
    });
    return value;
  }

  RewriteState& state_;
};

}  // namespace

void unnest_subqueries(LogicalPtr& root, RewriteState& state) {
  Unnester(state).run(root);
  // Init plans may have subqueries of their own; more may be added meanwhile.
  for (size_t i = 0; i < state.init_plans.size(); ++i) {
    LogicalPtr plan = std::move(state.init_plans[i].plan);
    Unnester(state).run(plan);
    state.init_plans[i].plan = std::move(plan);
  }
}

}  // namespace aegis::planner
