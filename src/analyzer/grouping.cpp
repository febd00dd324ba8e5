// GROUP BY, grouping sets, aggregates and windows of one query level (parse_agg.c).
#include <algorithm>
#include <set>
#include <utility>

#include "aegis/base/error.h"
#include "aegis/plan/walk.h"
#include "collation_keys.h"
#include "query_analyzer.h"
#include "query_recorder.h"

namespace aegis::analyzer {

using ast::node_cast;
using plan::LogicalPtr;

namespace {

using Sets = std::vector<std::vector<uint32_t>>;

constexpr size_t kMaxGroupingSets = 4096;

// Collects GROUP BY's expressions as numbers and expands its grouping sets.
class GroupClause {
 public:
  // `number_of` gives the number of a grouping expression.
  explicit GroupClause(std::function<uint32_t(const ast::Node&)> number_of) : number_of_(std::move(number_of)) {}

  Sets expand(ast::NodeList clause, bool distinct) {
    Sets result{{}};
    for (auto* item : clause) result = product(result, sets_of(*item));
    for (auto& set : result) {
      std::vector<uint32_t> unique;
      for (uint32_t number : set) {
        if (std::find(unique.begin(), unique.end(), number) == unique.end()) unique.push_back(number);
      }
      set = std::move(unique);
    }
    if (distinct) {
      std::set<std::set<uint32_t>> seen;
      Sets kept;
      for (auto& set : result) {
        if (seen.insert({set.begin(), set.end()}).second) kept.push_back(std::move(set));
      }
      result = std::move(kept);
    }
    return result;
  }

 private:
  static Sets product(const Sets& a, const Sets& b) {
    if (a.size() * b.size() > kMaxGroupingSets) {
      throw SqlError(Sqlstate::StatementTooComplex, "too many grouping sets present (maximum " + std::to_string(kMaxGroupingSets) + ")");
    }
    Sets result;
    for (const auto& left : a) {
      for (const auto& right : b) {
        result.push_back(left);
        result.back().insert(result.back().end(), right.begin(), right.end());
      }
    }
    return result;
  }

  // The expressions of one element: (a, b) is two.
  std::vector<uint32_t> numbers_of(const ast::Node& node) {
    auto* row = node_cast<ast::RowExpr>(&node);
    if (row == nullptr || row->row_format != ast::CoercionForm::ImplicitCast) return {number_of_(node)};
    std::vector<uint32_t> numbers;
    for (auto* arg : row->args) {
      auto inner = numbers_of(*arg);
      numbers.insert(numbers.end(), inner.begin(), inner.end());
    }
    return numbers;
  }

  std::vector<std::vector<uint32_t>> elements(const ast::GroupingSet& set) {
    std::vector<std::vector<uint32_t>> result;
    for (auto* node : set.content) {
      auto* inner = node_cast<ast::GroupingSet>(node);
      if (inner == nullptr) {
        result.push_back(numbers_of(*node));
        continue;
      }
      std::vector<uint32_t> numbers;
      for (auto* part : inner->content) {
        auto more = numbers_of(*part);
        numbers.insert(numbers.end(), more.begin(), more.end());
      }
      result.push_back(std::move(numbers));
    }
    return result;
  }

  Sets sets_of(const ast::Node& node) {
    auto* set = node_cast<ast::GroupingSet>(&node);
    if (set == nullptr) return {numbers_of(node)};
    Sets result;
    switch (set->kind) {
      case ast::GroupingSetKind::Empty: return {{}};
      case ast::GroupingSetKind::Simple: {
        result.emplace_back();
        for (auto* part : set->content) {
          auto numbers = numbers_of(*part);
          result[0].insert(result[0].end(), numbers.begin(), numbers.end());
        }
        return result;
      }
      case ast::GroupingSetKind::Rollup: {
        auto parts = elements(*set);
        for (size_t length = parts.size() + 1; length-- > 0;) {
          result.emplace_back();
          for (size_t i = 0; i < length; ++i) result.back().insert(result.back().end(), parts[i].begin(), parts[i].end());
        }
        return result;
      }
      case ast::GroupingSetKind::Cube: {
        auto parts = elements(*set);
        if (parts.size() > 12) throw SqlError(Sqlstate::TooManyColumns, "CUBE is limited to 12 elements");
        for (uint32_t mask = (1u << parts.size()); mask-- > 0;) {
          result.emplace_back();
          for (size_t i = 0; i < parts.size(); ++i) {
            if ((mask >> (parts.size() - 1 - i) & 1) != 0) result.back().insert(result.back().end(), parts[i].begin(), parts[i].end());
          }
        }
        return result;
      }
      case ast::GroupingSetKind::Sets:
        for (auto* part : set->content) {
          auto inner = sets_of(*part);
          result.insert(result.end(), inner.begin(), inner.end());
        }
        return result;
    }
    return result;
  }

  std::function<uint32_t(const ast::Node&)> number_of_;
};

bool uses_grouping_sets(ast::NodeList clause) {
  return std::any_of(clause.begin(), clause.end(), [](auto* node) { return node->tag == ast::NodeTag::GroupingSet; });
}

}  // namespace

LogicalPtr QueryAnalyzer::bind_grouping(const ast::SelectStmt& select, Scope& scope, LogicalPtr op, std::vector<TargetColumn>& targets,
                                        size_t visible, ExprPtr& having) {
  if (select.group_clause.empty() && !scope.has_aggregates && having == nullptr) return op;
  auto aggregate = std::make_unique<plan::Aggregate>();
  aggregate->table = new_table();

  // Grouping expressions are targets, perhaps hidden ones; each gets the next group number.
  std::vector<size_t> group_targets;
  GroupClause clause([&](const ast::Node& node) {
    size_t before = targets.size();
    size_t target = find_order_target(node, targets, visible, scope, Clause::GroupBy);
    if (target >= before) resolve_unknown(targets[target].expr);
    if (recorder_ != nullptr) recorder_->texts[&node] = recorder_->text(*targets[target].expr);
    if (plan::contains(*targets[target].expr, ExprKind::Aggregate)) {
      throw SqlError(Sqlstate::GroupingError, "aggregate functions are not allowed in GROUP BY").position(position(targets[target].expr->location));
    }
    if (plan::contains(*targets[target].expr, ExprKind::Window)) {
      throw SqlError(Sqlstate::WindowingError, "window functions are not allowed in GROUP BY").position(position(targets[target].expr->location));
    }
    auto at = std::find(group_targets.begin(), group_targets.end(), target);
    if (at == group_targets.end()) at = group_targets.insert(at, target);
    return static_cast<uint32_t>(at - group_targets.begin());
  });
  Sets sets = clause.expand(select.group_clause, select.group_distinct);
  if (uses_grouping_sets(select.group_clause)) aggregate->sets = sets;

  auto group_column = [&](size_t i) {
    const Expr& group = *aggregate->groups[i];
    ExprPtr column = plan::make_column({aggregate->table, static_cast<uint32_t>(i)}, group.type, group.name);
    column->collation = group.collation;
    column->location = group.location;
    return column;
  };
  std::vector<ExprPtr*> roots;
  for (size_t target : group_targets) {
    equality_function(targets[target].expr->type, targets[target].expr->location);
    require_collation(*targets[target].expr);
    if (targets[target].expr->name.empty()) targets[target].expr->name = targets[target].name;
    aggregate->groups.push_back(std::move(targets[target].expr));
    targets[target].expr = group_column(aggregate->groups.size() - 1);
  }
  for (auto& target : targets) {
    bool is_group = target.expr->kind == ExprKind::Column && target.expr->binding.table == aggregate->table;
    if (!is_group) roots.push_back(&target.expr);
  }
  if (having) roots.push_back(&having);

  std::set<uint32_t> own_tables;
  for (const auto& item : scope.items) {
    for (const auto& column : item.columns) own_tables.insert(column.binding.table);
  }
  auto find_group = [&](const Expr& expr) {
    for (size_t i = 0; i < aggregate->groups.size(); ++i) {
      if (plan::equal(*aggregate->groups[i], expr)) return static_cast<int>(i);
    }
    return -1;
  };
  // A column of a table whose primary key is grouped by is a group itself.
  auto depends_on_key = [&](const Expr& column) {
    if (!aggregate->sets.empty()) return false;
    for (const auto& item : scope.items) {
      if (item.relation == nullptr || item.table != column.binding.table) continue;
      const auto* key = item.relation->primary_key();
      if (key == nullptr || key->deferrable) continue;
      bool all = true;
      for (int number : key->columns) {
        bool found = false;
        for (const auto& candidate : item.columns) {
          if (candidate.attribute_number != number + 1) continue;
          for (const auto& group : aggregate->groups) {
            found = found || (group->kind == ExprKind::Column && group->binding == candidate.binding);
          }
        }
        all = all && found;
      }
      if (all) return true;
    }
    return false;
  };
  auto ungrouped = [&](const Expr& column, bool in_subquery) {
    std::string name = column.name;
    for (const auto& item : scope.items) {
      for (const auto& candidate : item.columns) {
        if (candidate.binding == column.binding && !item.alias.empty() && candidate.merged == nullptr) {
          name = item.alias + "." + candidate.name;
          break;
        }
      }
      if (name != column.name) break;
    }
    if (in_subquery) {
      throw SqlError(Sqlstate::GroupingError, "subquery uses ungrouped column \"" + name + "\" from outer query").position(position(column.location));
    }
    throw SqlError(Sqlstate::GroupingError, "column \"" + name + "\" must appear in the GROUP BY clause or be used in an aggregate function")
        .position(position(column.location));
  };

  // An aggregate over columns belongs to the query that has the innermost of them; without any, to the one it stands in.
  auto is_own = [&](const Expr& expr, bool in_subquery) {
    bool any = false, own = false;
    auto look = [&](const Expr& over) {
      auto note = [&](plan::ColumnBinding binding) {
        any = true;
        bool outer = std::find(scope.correlated.begin(), scope.correlated.end(), binding) != scope.correlated.end();
        own = own || own_tables.count(binding.table) != 0 || (!in_subquery && !outer);
      };
      plan::walk(over, [&](const Expr& part) {
        if (part.kind == ExprKind::Column) note(part.binding);
        if (part.subquery) std::for_each(part.subquery->correlated.begin(), part.subquery->correlated.end(), note);
        return true;
      });
    };
    for (const auto& arg : expr.args) look(*arg);
    if (expr.aggregate != nullptr && expr.aggregate->filter != nullptr) look(*expr.aggregate->filter);
    return any ? own : !in_subquery;
  };
  std::vector<plan::ColumnBinding> replaced;  // what stands for aggregates, the subquery's that is visited

  // First pass: what groups, aggregates and GROUPING calls there are. The second replaces them.
  // Direct arguments are those of the group, in which a column that a set leaves out is null.
  auto refuse_direct = [&](const Expr& call) {
    if (aggregate->sets.empty() || call.aggregate == nullptr) return;
    for (size_t i = 0; i < call.aggregate->direct_arguments; ++i) {
      plan::walk(*call.args[i], [&](const Expr& part) {
        if (part.kind == ExprKind::Column && own_tables.count(part.binding.table) != 0) {
          throw_not_supported("a grouped column as a direct argument beside grouping sets", position(call.location));
        }
        return true;
      });
    }
  };
  bool replacing = false;
  std::function<void(ExprPtr&, bool)> visit = [&](ExprPtr& expr, bool in_subquery) {
    if (int group = find_group(*expr); group >= 0) {
      if (replacing) {
        int location = expr->location;
        expr = group_column(group);
        expr->location = location;
      }
      return;
    }
    if (expr->kind == ExprKind::Aggregate && is_own(*expr, in_subquery)) {
      refuse_direct(*expr);
      size_t at = 0;
      while (at < aggregate->aggregates.size() && !plan::equal(*aggregate->aggregates[at], *expr)) ++at;
      // What holds a subquery cannot be copied; it moves when its place is known.
      bool moves = at == aggregate->aggregates.size() && plan::contains(*expr, ExprKind::Subquery);
      if (at == aggregate->aggregates.size() && !moves) aggregate->aggregates.push_back(expr->clone());
      if (moves && replacing) {
        if (!aggregate->grouping_calls.empty()) throw_not_supported("GROUPING beside an aggregate of a subquery");
        auto call = std::make_unique<Expr>(ExprKind::Column, expr->type);
        call->collation = expr->collation;
        call->explicit_collation = expr->explicit_collation;
        call->location = expr->location;
        call->function = expr->function;
        aggregate->aggregates.push_back(std::move(expr));
        expr = std::move(call);
      }
      if (replacing) {
        Type type = expr->type;
        Oid collation = expr->collation;
        int location = expr->location;
        std::string name(expr->function->name);
        expr = plan::make_column({aggregate->table, static_cast<uint32_t>(aggregate->groups.size() + at)}, type, std::move(name));
        if (in_subquery) replaced.push_back(expr->binding);
        expr->collation = collation;
        expr->location = location;
      }
      return;
    }
    if (expr->kind == ExprKind::Grouping && is_own(*expr, in_subquery)) {
      std::vector<uint32_t> numbers;
      for (const auto& arg : expr->args) {
        int group = find_group(*arg);
        if (group < 0) {
          throw SqlError(Sqlstate::GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level")
              .position(position(arg->location));
        }
        numbers.push_back(group);
      }
      auto& calls = aggregate->grouping_calls;
      size_t at = std::find(calls.begin(), calls.end(), numbers) - calls.begin();
      if (at == calls.size()) calls.push_back(numbers);
      if (replacing) {
        size_t column = aggregate->groups.size() + aggregate->aggregates.size() + at;
        expr = plan::make_column({aggregate->table, static_cast<uint32_t>(column)}, {oid::kInt4}, "grouping");
        if (in_subquery) replaced.push_back(expr->binding);
      }
      return;
    }
    if (expr->kind == ExprKind::Column && own_tables.count(expr->binding.table) != 0) {
      if (!depends_on_key(*expr)) ungrouped(*expr, in_subquery);
      aggregate->groups.push_back(expr->clone());
      aggregate->groups.back()->location = kBroughtByKey;
      if (replacing) expr = group_column(aggregate->groups.size() - 1);
      return;
    }
    plan::for_each_child(*expr, [&](ExprPtr& child) { visit(child, in_subquery); });
    if (expr->subquery) {
      std::function<void(plan::LogicalOp&)> enter = [&](plan::LogicalOp& inner) {
        plan::for_each_expression(inner, [&](ExprPtr& root) {
          bool aggregated = inner.kind == plan::LogicalKind::Aggregate && root->kind == ExprKind::Aggregate;  // by the inner query
          if (aggregated) plan::for_each_child(*root, [&](ExprPtr& child) { visit(child, true); });
          else visit(root, true);
        });
        for (auto& child : inner.children) enter(*child);
      };
      auto outside = std::exchange(replaced, {});
      enter(*expr->subquery->plan);
      if (!replaced.empty()) {
        auto& correlated = expr->subquery->correlated;
        // Columns that only the aggregates used are not seen any more.
        std::set<plan::ColumnBinding> used;
        std::function<void(const plan::LogicalOp&)> note = [&](const plan::LogicalOp& inner) {
          plan::for_each_expression(const_cast<plan::LogicalOp&>(inner), [&](ExprPtr& root) {
            plan::walk(*root, [&](const Expr& part) {
              if (part.kind == ExprKind::Column) used.insert(part.binding);
              if (part.subquery) used.insert(part.subquery->correlated.begin(), part.subquery->correlated.end());
              return true;
            });
          });
          for (const auto& child : inner.children) note(*child);
        };
        note(*expr->subquery->plan);
        auto is_group = [&](const plan::ColumnBinding& binding) {
          return std::any_of(aggregate->groups.begin(), aggregate->groups.end(), [&](const auto& group) { return group->kind == ExprKind::Column && group->binding == binding; });
        };
        std::erase_if(correlated, [&](const auto& binding) { return own_tables.count(binding.table) != 0 && used.count(binding) == 0 && !is_group(binding); });
        for (const auto& binding : replaced) {
          if (std::find(correlated.begin(), correlated.end(), binding) == correlated.end()) correlated.push_back(binding);
        }
      }
      replaced.insert(replaced.end(), outside.begin(), outside.end());
      if (replacing) {
        for (auto& binding : expr->subquery->correlated) {
          for (size_t i = 0; i < aggregate->groups.size(); ++i) {
            const Expr& group = *aggregate->groups[i];
            if (group.kind == ExprKind::Column && group.binding == binding) binding = {aggregate->table, static_cast<uint32_t>(i)};
          }
        }
      }
    }
  };
  for (auto* root : roots) visit(*root, false);
  replacing = true;
  for (auto* root : roots) visit(*root, false);

  aggregate->children.push_back(std::move(op));
  LogicalPtr result = group_by_collation_keys(std::move(aggregate), [&] { return new_table(); });
  if (having) {
    auto filter = std::make_unique<plan::Filter>();
    if (having->kind == ExprKind::And) {
      filter->predicates = std::move(having->args);
    } else {
      filter->predicates.push_back(std::move(having));
    }
    filter->children.push_back(std::move(result));
    result = std::move(filter);
  }
  return result;
}

LogicalPtr QueryAnalyzer::bind_windows(Scope& scope, LogicalPtr op, std::vector<TargetColumn>& targets) {
  std::vector<std::unique_ptr<plan::Window>> windows;
  auto same_order = [](const plan::WindowSpec& a, const plan::WindowSpec& b) {
    if (a.partition.size() != b.partition.size() || a.order.size() != b.order.size()) return false;
    for (size_t i = 0; i < a.partition.size(); ++i) {
      if (!plan::equal(*a.partition[i], *b.partition[i])) return false;
    }
    for (size_t i = 0; i < a.order.size(); ++i) {
      if (a.order[i].descending != b.order[i].descending || a.order[i].nulls_first != b.order[i].nulls_first ||
          !plan::equal(*a.order[i].expr, *b.order[i].expr)) {
        return false;
      }
    }
    return true;
  };
  std::function<void(ExprPtr&)> visit = [&](ExprPtr& expr) {
    if (expr->kind != ExprKind::Window) {
      plan::for_each_child(*expr, visit);
      return;
    }
    plan::Window* window = nullptr;
    for (auto& candidate : windows) {
      if (same_order(*candidate->calls[0]->window, *expr->window)) window = candidate.get();
    }
    if (window == nullptr) {
      windows.push_back(std::make_unique<plan::Window>());
      window = windows.back().get();
      window->table = new_table();
    }
    size_t at = 0;
    while (at < window->calls.size() && !plan::equal(*window->calls[at], *expr)) ++at;
    Type type = expr->type;
    Oid collation = expr->collation;
    int location = expr->location;
    if (at == window->calls.size()) window->calls.push_back(std::move(expr));
    expr = plan::make_column({window->table, static_cast<uint32_t>(at)}, type, std::string(window->calls[at]->function->name));
    expr->collation = collation;
    expr->location = location;
  };
  for (auto& target : targets) visit(target.expr);
  for (auto& window : windows) {
    window->children.push_back(std::move(op));
    op = std::move(window);
  }
  return op;
}

}  // namespace aegis::analyzer
