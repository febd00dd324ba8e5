// Predicates move down to where their columns come from; on the way, outer joins whose padded rows a predicate rejects
// become inner ones, disjunctions give up their common parts, and equalities with constants are passed on.
#include <algorithm>

#include "aegis/functions/function.h"
#include "rewriter.h"

namespace aegis::planner {
namespace {

using plan::JoinType;

// (a AND b) OR (a AND c) is a AND (b OR c).
ExprList factor_or(ExprPtr expr) {
  ExprList result;
  if (expr->kind != ExprKind::Or || plan::is_volatile(*expr) || plan::contains(*expr, ExprKind::Subquery)) {
    result.push_back(std::move(expr));
    return result;
  }
  std::vector<ExprList> branches;
  for (auto& arg : expr->args) branches.push_back(split_and(std::move(arg)));
  auto in_branch = [](const ExprList& branch, const Expr& part) {
    return std::find_if(branch.begin(), branch.end(), [&](const auto& other) { return plan::equal(*other, part); });
  };
  for (size_t i = 0; i < branches[0].size();) {
    const Expr& part = *branches[0][i];
    bool everywhere = std::all_of(branches.begin() + 1, branches.end(), [&](const auto& branch) { return in_branch(branch, part) != branch.end(); });
    if (!everywhere) {
      ++i;
      continue;
    }
    ExprPtr common = part.clone();
    for (auto& branch : branches) branch.erase(in_branch(branch, *common));
    result.push_back(std::move(common));
  }
  // A branch that is nothing but the common part makes the rest true.
  if (std::any_of(branches.begin(), branches.end(), [](const auto& branch) { return branch.empty(); })) return result;
  auto rest = std::make_unique<Expr>(ExprKind::Or, Type{types::oid::kBool});
  for (auto& branch : branches) rest->args.push_back(join_and(std::move(branch)));
  result.push_back(std::move(rest));
  return result;
}

// What a disjunction over several tables says of one of them: the OR of each branch's own part. Null if a branch
// says nothing.
ExprPtr weaken_or(const Expr& expr, const BindingSet& columns) {
  if (expr.kind != ExprKind::Or) return nullptr;
  auto weak = std::make_unique<Expr>(ExprKind::Or, Type{types::oid::kBool});
  for (const auto& arg : expr.args) {
    ExprList own;
    const ExprList* parts = arg->kind == ExprKind::And ? &arg->args : nullptr;
    auto take = [&](const Expr& part) {
      BindingSet used;
      collect_columns(part, used);
      if (!used.empty() && std::includes(columns.begin(), columns.end(), used.begin(), used.end()) && !plan::is_volatile(part)) own.push_back(part.clone());
    };
    if (parts != nullptr) {
      for (const auto& part : *parts) take(*part);
    } else {
      take(*arg);
    }
    if (own.empty()) return nullptr;
    weak->args.push_back(join_and(std::move(own)));
  }
  return weak;
}

class PushDown {
 public:
  explicit PushDown(RewriteState& state) : state_(state) {}

  // Applies `predicates` (over op's output) in or below op.
  void run(LogicalPtr& op, ExprList predicates) {
    switch (op->kind) {
      case LogicalKind::Filter: {
        auto& filter = static_cast<plan::Filter&>(*op);
        for (auto& predicate : filter.predicates) {
          for (auto& part : factor_or(std::move(predicate))) {
            for (auto& conjunct : split_and(std::move(part))) predicates.push_back(std::move(conjunct));
          }
        }
        LogicalPtr child = std::move(filter.children[0]);
        op = std::move(child);
        return run(op, std::move(predicates));
      }
      case LogicalKind::Join: return join(op, std::move(predicates));
      case LogicalKind::Project: return project(op, std::move(predicates));
      case LogicalKind::Aggregate: return aggregate(op, std::move(predicates));
      case LogicalKind::Sort:
      case LogicalKind::With: {
        std::vector<LogicalPtr>& children = op->children;
        for (size_t i = 1; i < children.size(); ++i) run(children[i], {});
        return run(children[0], std::move(predicates));
      }
      case LogicalKind::LockRows: {
        // Rows that are left out are not to be locked. The projection it is over must stay next to it.
        auto* child = op->children[0].get();
        if (child->kind == LogicalKind::Sort) child = child->children[0].get();
        auto& inner = static_cast<plan::Project&>(*child);
        auto [below, above] = split(std::move(predicates), [&](const Expr& e) { return goes_below(inner, e); });
        run(op->children[0], std::move(below));
        return place(op, std::move(above));
      }
      case LogicalKind::SetOp: return set_op(op, std::move(predicates));
      case LogicalKind::Distinct:
        if (static_cast<plan::Distinct&>(*op).keys.empty()) {
          auto [below, above] = split(std::move(predicates), [](const Expr& e) { return !plan::is_volatile(e); });
          run(op->children[0], std::move(below));
          return place(op, std::move(above));
        }
        [[fallthrough]];
      default:
        for (auto& child : op->children) run(child, {});
        return place(op, std::move(predicates));
    }
  }

 private:
  static void place(LogicalPtr& op, ExprList predicates) {
    if (predicates.empty()) return;
    auto filter = std::make_unique<plan::Filter>();
    filter->predicates = std::move(predicates);
    filter->children.push_back(std::move(op));
    op = std::move(filter);
  }

  template <typename Test>
  static std::pair<ExprList, ExprList> split(ExprList list, Test test) {
    ExprList yes, no;
    for (auto& expr : list) (test(*expr) ? yes : no).push_back(std::move(expr));
    return {std::move(yes), std::move(no)};
  }

  static bool goes_below(const plan::Project& project, const Expr& predicate) {
    bool sets = std::any_of(project.exprs.begin(), project.exprs.end(), [](const auto& e) { return plan::returns_set(*e); });
    if (sets || plan::is_volatile(predicate)) return false;
    bool fine = true;
    plan::walk(predicate, [&](const Expr& part) {
      if (part.kind == ExprKind::Column && part.binding.table == project.table) {
        const Expr& source = *project.exprs[part.binding.column];
        fine = fine && !plan::is_volatile(source) && !plan::contains(source, ExprKind::Subquery);
      }
      return fine;
    });
    return fine;
  }

  void project(LogicalPtr& op, ExprList predicates) {
    auto& project = static_cast<plan::Project&>(*op);
    auto [below, above] = split(std::move(predicates), [&](const Expr& e) { return goes_below(project, e); });
    for (auto& predicate : below) substitute(predicate, project.table, project.exprs);
    run(op->children[0], std::move(below));
    place(op, std::move(above));
  }

  void aggregate(LogicalPtr& op, ExprList predicates) {
    auto& aggregate = static_cast<plan::Aggregate&>(*op);
    auto on_groups = [&](const Expr& predicate) {
      if (!aggregate.sets.empty() || aggregate.groups.empty() || plan::is_volatile(predicate)) return false;
      BindingSet used;
      collect_columns(predicate, used);
      return !used.empty() && std::all_of(used.begin(), used.end(), [&](const auto& b) {
        return b.table != aggregate.table || (b.column < aggregate.groups.size() && !plan::is_volatile(*aggregate.groups[b.column]));
      });
    };
    auto [below, above] = split(std::move(predicates), on_groups);
    for (auto& predicate : below) substitute(predicate, aggregate.table, aggregate.groups);
    run(op->children[0], std::move(below));
    place(op, std::move(above));
  }

  void set_op(LogicalPtr& op, ExprList predicates) {
    auto& set = static_cast<plan::SetOp&>(*op);
    auto [below, above] = split(std::move(predicates), [](const Expr& e) { return !plan::is_volatile(e); });
    for (auto& child : op->children) {
      auto bindings = plan::output_bindings(*child);
      ExprList own;
      for (const auto& predicate : below) {
        ExprPtr copy = predicate->clone();
        plan::rewrite(copy, [&](ExprPtr& part) {
          if (part->kind == ExprKind::Column && part->binding.table == set.table) part->binding = bindings[part->binding.column];
        });
        own.push_back(std::move(copy));
      }
      run(child, std::move(own));
    }
    place(op, std::move(above));
  }

  void join(LogicalPtr& op, ExprList predicates) {
    auto& join = static_cast<plan::Join&>(*op);
    BindingSet left = binding_set(*join.children[0]);
    BindingSet right = binding_set(*join.children[1]);
    simplify_outer(join, predicates, left, right);
    ExprList to_left, to_right, above;
    bool left_open = join.type != JoinType::Right && join.type != JoinType::Full;
    bool right_open = join.type == JoinType::Inner || join.type == JoinType::Right;
    if (join.type == JoinType::Inner) {
      for (auto& condition : join.conditions) {
        for (auto& part : factor_or(std::move(condition))) {
          for (auto& conjunct : split_and(std::move(part))) predicates.push_back(std::move(conjunct));
        }
      }
      join.conditions.clear();
      infer_constants(predicates);
    }
    for (auto& predicate : predicates) {
      BindingSet used;
      collect_columns(*predicate, used);
      bool on_left = std::none_of(used.begin(), used.end(), [&](const auto& b) { return right.count(b) != 0; });
      bool on_right = std::none_of(used.begin(), used.end(), [&](const auto& b) { return left.count(b) != 0; });
      bool movable = !plan::is_volatile(*predicate);
      if (join.type == JoinType::Mark) {
        on_left = on_left && std::none_of(used.begin(), used.end(), [&](const auto& b) { return b.table == join.mark_table; });
      }
      if (movable && on_left && left_open) {
        to_left.push_back(std::move(predicate));
      } else if (movable && on_right && right_open) {
        to_right.push_back(std::move(predicate));
      } else if (join.type == JoinType::Inner) {
        if (auto weak = weaken_or(*predicate, left)) to_left.push_back(std::move(weak));
        if (auto weak = weaken_or(*predicate, right)) to_right.push_back(std::move(weak));
        join.conditions.push_back(std::move(predicate));
      } else {
        above.push_back(std::move(predicate));
      }
    }
    // Conditions on one side alone filter that side, where that does not drop rows to be padded.
    if (join.type == JoinType::Left || join.type == JoinType::Semi || join.type == JoinType::Anti || join.type == JoinType::Single) {
      auto [right_only, rest] = split(std::move(join.conditions), [&](const Expr& e) {
        BindingSet used;
        collect_columns(e, used);
        return !plan::is_volatile(e) && std::none_of(used.begin(), used.end(), [&](const auto& b) { return left.count(b) != 0; });
      });
      for (auto& condition : right_only) to_right.push_back(std::move(condition));
      join.conditions = std::move(rest);
      if (join.type == JoinType::Semi) {
        auto [left_only, others] = split(std::move(join.conditions), [&](const Expr& e) {
          BindingSet used;
          collect_columns(e, used);
          return !plan::is_volatile(e) && !used.empty() && std::none_of(used.begin(), used.end(), [&](const auto& b) { return right.count(b) != 0; });
        });
        for (auto& condition : left_only) to_left.push_back(std::move(condition));
        join.conditions = std::move(others);
      }
    }
    run(join.children[0], std::move(to_left));
    run(join.children[1], std::move(to_right));
    place(op, std::move(above));
  }

  // A padded row that the predicates above would reject need not be made.
  static void simplify_outer(plan::Join& join, const ExprList& predicates, const BindingSet& left, const BindingSet& right) {
    auto rejects = [&](const BindingSet& columns) {
      return std::any_of(predicates.begin(), predicates.end(), [&](const auto& p) { return rejects_nulls(*p, columns); });
    };
    if (join.type == JoinType::Full) {
      bool no_right_padding = rejects(left);   // rows from the right alone have null left columns
      bool no_left_padding = rejects(right);
      if (no_right_padding && no_left_padding) {
        join.type = JoinType::Inner;
      } else if (no_right_padding) {
        join.type = JoinType::Left;
      } else if (no_left_padding) {
        join.type = JoinType::Right;
      }
    } else if (join.type == JoinType::Left && rejects(right)) {
      join.type = JoinType::Inner;
    } else if (join.type == JoinType::Right && rejects(left)) {
      join.type = JoinType::Inner;
    }
  }

  // a = b and a = constant: b = constant too.
  static void infer_constants(ExprList& predicates) {
    struct Known {
      ColumnBinding column;
      const Expr* predicate;
      size_t constant;
    };
    std::vector<Known> known;
    std::vector<std::pair<const Expr*, const Expr*>> equal;
    auto is_fixed = [](const Expr& e) { return e.kind == ExprKind::Constant || e.kind == ExprKind::Param || e.kind == ExprKind::ExecParam; };
    for (const auto& predicate : predicates) {
      if (!is_equality(*predicate)) continue;
      const Expr& a = *predicate->args[0];
      const Expr& b = *predicate->args[1];
      if (a.kind == ExprKind::Column && is_fixed(b)) known.push_back({a.binding, predicate.get(), 1});
      if (b.kind == ExprKind::Column && is_fixed(a)) known.push_back({b.binding, predicate.get(), 0});
      if (a.kind == ExprKind::Column && b.kind == ExprKind::Column && a.type.oid == b.type.oid) equal.emplace_back(&a, &b);
    }
    ExprList added;
    for (const auto& [a, b] : equal) {
      for (const auto& fact : known) {
        const Expr* other = fact.column == a->binding ? b : fact.column == b->binding ? a : nullptr;
        if (other == nullptr) continue;
        bool there = std::any_of(known.begin(), known.end(), [&](const auto& k) { return k.column == other->binding; });
        if (there) continue;
        // Only where the comparison is within one type, so that the other column may stand in.
        const Expr& source = *fact.predicate->args[fact.constant == 1 ? 0 : 1];
        if (source.type.oid != other->type.oid) continue;
        ExprPtr copy = fact.predicate->clone();
        copy->args[fact.constant == 1 ? 0 : 1] = other->clone();
        added.push_back(std::move(copy));
      }
    }
    for (auto& predicate : added) predicates.push_back(std::move(predicate));
  }

  RewriteState& state_;
};

}  // namespace

void push_down_predicates(LogicalPtr& root, RewriteState& state) { PushDown(state).run(root, {}); }

}  // namespace aegis::planner
