// How many rows operators give. Selectivities follow PostgreSQL's defaults where statistics say nothing.
#include <algorithm>
#include <cmath>

#include "aegis/functions/function.h"
#include "rewriter.h"

namespace aegis::planner {
namespace {

constexpr double kDefaultEquality = 0.005;
constexpr double kDefaultRange = 1.0 / 3;
constexpr double kDefaultMatch = 0.05;
constexpr double kDefaultDistinct = 200;

const Expr* strip(const Expr* expr) {
  while (expr->kind == ExprKind::Relabel || expr->kind == ExprKind::Typmod) expr = expr->args[0].get();
  return expr;
}

// The base table column behind a column of `op`, through projections and joins.
struct Source {
  const plan::Get* get = nullptr;
  int column = -1;
};

Source find_source(const LogicalOp& op, ColumnBinding binding) {
  if (op.kind == LogicalKind::Get) {
    auto& get = static_cast<const plan::Get&>(op);
    if (get.table != binding.table || binding.column >= get.columns.size()) return {};
    return {&get, get.columns[binding.column]};
  }
  if (op.kind == LogicalKind::Project) {
    auto& project = static_cast<const plan::Project&>(op);
    if (project.table == binding.table) {
      if (binding.column >= project.exprs.size()) return {};
      const Expr* expr = strip(project.exprs[binding.column].get());
      return expr->kind == ExprKind::Column ? find_source(*op.children[0], expr->binding) : Source{};
    }
    return {};
  }
  if (op.kind == LogicalKind::Aggregate) {
    auto& aggregate = static_cast<const plan::Aggregate&>(op);
    if (aggregate.table == binding.table) {
      if (binding.column >= aggregate.groups.size()) return {};
      const Expr* expr = strip(aggregate.groups[binding.column].get());
      return expr->kind == ExprKind::Column ? find_source(*op.children[0], expr->binding) : Source{};
    }
    return {};
  }
  for (const auto& child : op.children) {
    Source found = find_source(*child, binding);
    if (found.get != nullptr) return found;
  }
  return {};
}

bool is_unique_key(const plan::Get& get, int column, const PlannerContext& context) {
  for (const auto& index : context.catalog.indexes_of(*get.relation)) {
    if (index->unique && index->columns.size() == 1 && index->columns[0].column == column && index->predicate_sql.empty()) return true;
  }
  return false;
}

std::optional<ColumnStatistics> statistics_of(const Expr& expr, const LogicalOp& op, const PlannerContext& context, Source* source) {
  const Expr* column = strip(&expr);
  if (column->kind != ExprKind::Column) return std::nullopt;
  *source = find_source(op, column->binding);
  if (source->get == nullptr || source->column < 0) return std::nullopt;
  auto sample = context.statistics.sample(*source->get->relation, {&source->column, 1});
  if (sample == nullptr || static_cast<size_t>(source->column) >= sample->columns.size()) return std::nullopt;
  const ColumnStatistics& found = sample->columns[static_cast<size_t>(source->column)];
  if (found.distinct == 0 && found.null_fraction == 0) return std::nullopt;
  return found;
}

double clamp_rows(double rows) { return std::max(1.0, rows); }

}  // namespace

double stored_rows(const plan::Get& get, const PlannerContext& context) {
  if (!get.inherits) return context.statistics.row_count(*get.relation);
  double rows = 0;
  for (const auto& table : context.catalog.family(get.relation->oid)) {
    if (table->is_table()) rows += context.statistics.row_count(*table);
  }
  return rows;
}

double distinct_values(const Expr& expr, const LogicalOp& op, const PlannerContext& context) {
  return std::min(clamp_rows(op.estimated_rows), domain_size(expr, op, context));
}

double domain_size(const Expr& expr, const LogicalOp& op, const PlannerContext& context) {
  double rows = clamp_rows(op.estimated_rows);
  const Expr* inner = strip(&expr);
  if (inner->kind == ExprKind::Constant) return 1;
  if (inner->kind == ExprKind::Call && inner->args.size() >= 1 && inner->op == nullptr) {
    // extract(year from x), date_trunc, substr: far fewer values than their argument.
    double below = kDefaultDistinct;
    for (const auto& arg : inner->args) {
      if (arg->kind != ExprKind::Constant) below = std::min(below, distinct_values(*arg, op, context));
    }
    return std::min(rows, below);
  }
  Source source;
  const Expr* column = strip(&expr);
  if (column->kind == ExprKind::Column) {
    source = find_source(op, column->binding);
    if (source.get != nullptr && source.column >= 0 && is_unique_key(*source.get, source.column, context)) {
      return clamp_rows(stored_rows(*source.get, context));
    }
  }
  auto statistics = statistics_of(expr, op, context, &source);
  if (statistics && statistics->distinct > 0) return statistics->distinct;
  return std::min(rows, kDefaultDistinct);
}

double selectivity(const Expr& predicate, const LogicalOp& op, const PlannerContext& context) {
  switch (predicate.kind) {
    case ExprKind::And: {
      double all = 1;
      for (const auto& arg : predicate.args) all *= selectivity(*arg, op, context);
      return all;
    }
    case ExprKind::Or: {
      double none = 1;
      for (const auto& arg : predicate.args) none *= 1 - selectivity(*arg, op, context);
      return 1 - none;
    }
    case ExprKind::Not: return std::clamp(1 - selectivity(*predicate.args[0], op, context), 0.0001, 1.0);
    case ExprKind::NullTest: {
      Source source;
      auto statistics = statistics_of(*predicate.args[0], op, context, &source);
      double nulls = statistics ? statistics->null_fraction : kDefaultEquality;
      return predicate.negated ? 1 - nulls : std::max(nulls, 0.0001);
    }
    case ExprKind::InList: {
      double each = 1 / distinct_values(*predicate.args[0], op, context);
      double in = std::min(1.0, each * static_cast<double>(predicate.args.size() - 1));
      return predicate.negated ? std::max(0.0001, 1 - in) : in;
    }
    case ExprKind::ArrayCompare: return std::min(1.0, 10 / distinct_values(*predicate.args[0], op, context));
    case ExprKind::Constant: return predicate.value.get().is_null || !predicate.value.get().boolean ? 0.0001 : 1;
    case ExprKind::Call: break;
    default: return 0.5;
  }
  if (predicate.op == nullptr || predicate.args.size() != 2) return kDefaultRange;
  std::string_view name = predicate.op->standard_name();
  const Expr& left = *predicate.args[0];
  const Expr& right = *predicate.args[1];
  if (name == "=" || name == "<>") {
    double distinct = std::max(distinct_values(left, op, context), distinct_values(right, op, context));
    double equal = 1 / std::max(1.0, distinct);
    return name == "=" ? equal : std::max(0.0001, 1 - equal);
  }
  if (name == "<" || name == "<=" || name == ">" || name == ">=") return kDefaultRange;
  if (name == "~~" || name == "~~*" || name == "~" || name == "~*") return kDefaultMatch;
  if (name == "!~~" || name == "!~~*" || name == "!~" || name == "!~*") return 1 - kDefaultMatch;
  return kDefaultRange;
}

namespace {

// Predicates that can be evaluated on rows of the table alone, over Inputs of `columns`; the others' selectivity in `rest`.
ExprList over_sample(const std::vector<const Expr*>& predicates, const plan::Get& get, const PlannerContext& context, double& rest,
                     std::vector<int>& columns) {
  ExprList inputs;
  for (const auto& predicate : predicates) {
    bool possible = !plan::is_volatile(*predicate);
    plan::walk(*predicate, [&](const Expr& part) {
      switch (part.kind) {
        case ExprKind::Param:
        case ExprKind::ExecParam:
        case ExprKind::Subquery: possible = false; break;
        case ExprKind::Column:
          if (part.binding.table != get.table || part.binding.column >= get.columns.size() || get.columns[part.binding.column] < 0) possible = false;
          break;
        default: break;
      }
      return possible;
    });
    if (!possible) {
      rest *= selectivity(*predicate, get, context);
      continue;
    }
    ExprPtr copy = predicate->clone();
    plan::rewrite(copy, [&](ExprPtr& part) {
      if (part->kind != ExprKind::Column) return;
      int column = get.columns[part->binding.column];
      columns.push_back(column);
      part = plan::make_input(static_cast<uint32_t>(column), part->type);
    });
    inputs.push_back(std::move(copy));
  }
  return inputs;
}

bool finds_one_row(const Expr& predicate, const plan::Get& get, const PlannerContext& context) {
  if (predicate.kind != ExprKind::Call || predicate.op == nullptr || predicate.op->standard_name() != "=" || predicate.args.size() != 2) return false;
  for (int i = 0; i < 2; ++i) {
    const Expr* column = strip(predicate.args[i].get());
    const Expr* other = strip(predicate.args[1 - i].get());
    if (column->kind != ExprKind::Column || column->binding.table != get.table || column->binding.column >= get.columns.size()) continue;
    if (other->kind != ExprKind::Constant && other->kind != ExprKind::Param && other->kind != ExprKind::ExecParam) continue;
    if (is_unique_key(get, get.columns[column->binding.column], context)) return true;
  }
  return false;
}

double default_selectivity(const std::vector<const Expr*>& predicates, const LogicalOp& op, const PlannerContext& context) {
  double all = 1;
  for (const Expr* predicate : predicates) all *= selectivity(*predicate, op, context);
  return all;
}

}  // namespace

double table_selectivity(const std::vector<const Expr*>& predicates, const plan::Get& get, const PlannerContext& context) {
  if (predicates.empty()) return 1;
  for (const Expr* predicate : predicates) {
    if (finds_one_row(*predicate, get, context)) return 1 / clamp_rows(stored_rows(get, context));
  }
  if (!context.count_matches) return default_selectivity(predicates, get, context);
  double rest = 1;
  std::vector<int> columns;
  ExprList inputs = over_sample(predicates, get, context, rest, columns);
  if (inputs.empty()) return rest;
  auto sample = context.statistics.sample(*get.relation, columns);
  if (sample == nullptr || sample->rows.empty()) return default_selectivity(predicates, get, context);
  double tried = 0;
  double passed = 0;
  for (const auto& chunk : sample->rows) {
    auto matches = context.count_matches(inputs, chunk);
    if (!matches) return default_selectivity(predicates, get, context);
    tried += static_cast<double>(chunk.size());
    passed += static_cast<double>(*matches);
  }
  if (tried == 0) return default_selectivity(predicates, get, context);
  // None of the sample: rarer than the sample can tell.
  if (passed == 0) return std::min(default_selectivity(predicates, get, context), 0.5 / tried);
  return rest * passed / tried;
}

namespace {

double filtered_rows(const plan::Filter& filter, const PlannerContext& context) {
  const LogicalOp& child = *filter.children[0];
  std::vector<const Expr*> predicates;
  for (const auto& predicate : filter.predicates) predicates.push_back(predicate.get());
  if (child.kind == LogicalKind::Get) {
    return child.estimated_rows * table_selectivity(predicates, static_cast<const plan::Get&>(child), context);
  }
  return child.estimated_rows * default_selectivity(predicates, child, context);
}

double join_rows(const plan::Join& join, const PlannerContext& context) {
  const LogicalOp& left = *join.children[0];
  const LogicalOp& right = *join.children[1];
  double l = clamp_rows(left.estimated_rows);
  double r = clamp_rows(right.estimated_rows);
  double matched = l * r;
  BindingSet left_columns = binding_set(left);
  double key_share = 1;  // share of left rows with a match, for semijoins
  for (const auto& condition : join.conditions) {
    bool equality = condition->kind == ExprKind::Call && condition->op != nullptr && condition->op->standard_name() == "=" && condition->args.size() == 2;
    if (!equality) {
      matched *= condition->kind == ExprKind::Call ? kDefaultRange : 0.5;
      continue;
    }
    bool first_left = only_uses(*condition->args[0], left_columns);
    double dl = distinct_values(*condition->args[first_left ? 0 : 1], left, context);
    double dr = distinct_values(*condition->args[first_left ? 1 : 0], right, context);
    matched /= std::max({1.0, domain_size(*condition->args[first_left ? 0 : 1], left, context),
                         domain_size(*condition->args[first_left ? 1 : 0], right, context)});
    key_share *= std::min(1.0, dr / std::max(1.0, dl));
  }
  matched = clamp_rows(matched);
  switch (join.type) {
    case plan::JoinType::Inner: return matched;
    case plan::JoinType::Left: return std::max(matched, l);
    case plan::JoinType::Right: return std::max(matched, r);
    case plan::JoinType::Full: return std::max({matched, l, r});
    case plan::JoinType::Semi: return clamp_rows(join.conditions.empty() ? l * 0.5 : l * std::max(0.0001, key_share));
    case plan::JoinType::Anti: return clamp_rows(join.conditions.empty() ? l * 0.5 : l * std::max(0.1, 1 - key_share));
    case plan::JoinType::Single:
    case plan::JoinType::Mark: return l;
  }
  return matched;
}

double group_rows(const plan::Aggregate& aggregate, const PlannerContext& context) {
  if (aggregate.groups.empty()) return 1;
  const LogicalOp& child = *aggregate.children[0];
  double rows = clamp_rows(child.estimated_rows);
  double groups = 1;
  for (const auto& group : aggregate.groups) groups *= distinct_values(*group, child, context);
  groups = std::min(groups, rows);
  return aggregate.sets.empty() ? groups : groups + static_cast<double>(aggregate.sets.size());
}

}  // namespace

double estimate(LogicalOp& op, const PlannerContext& context) {
  for (auto& child : op.children) estimate(*child, context);
  auto child_rows = [&](size_t i) { return op.children[i]->estimated_rows; };
  double rows = 1;
  switch (op.kind) {
    case LogicalKind::Get: rows = stored_rows(static_cast<plan::Get&>(op), context); break;
    case LogicalKind::SystemGet: rows = 500; break;
    case LogicalKind::Function: rows = (op.children.empty() ? 1 : child_rows(0)) * 100; break;
    case LogicalKind::Values: rows = static_cast<double>(static_cast<plan::Values&>(op).rows.size()); break;
    case LogicalKind::CteRef: rows = 1000; break;
    case LogicalKind::WorkTable: rows = 100; break;
    case LogicalKind::Filter: {
      rows = filtered_rows(static_cast<plan::Filter&>(op), context);
      break;
    }
    case LogicalKind::Join: rows = join_rows(static_cast<plan::Join&>(op), context); break;
    case LogicalKind::Aggregate: rows = group_rows(static_cast<plan::Aggregate&>(op), context); break;
    case LogicalKind::Limit: {
      rows = child_rows(0);
      auto& limit = static_cast<plan::Limit&>(op);
      if (limit.count != nullptr && limit.count->kind == ExprKind::Constant && !limit.count->value.get().is_null) {
        rows = std::min(rows, static_cast<double>(limit.count->value.get().i64));
      }
      break;
    }
    case LogicalKind::Distinct: rows = child_rows(0) * (static_cast<plan::Distinct&>(op).keys.empty() ? 0.5 : 0.3); break;
    case LogicalKind::SetOp:
      rows = static_cast<plan::SetOp&>(op).op == plan::SetOpKind::Union ? child_rows(0) + child_rows(1) : child_rows(0);
      break;
    case LogicalKind::RecursiveUnion: rows = child_rows(0) + 10 * child_rows(1); break;
    default: rows = op.children.empty() ? 1 : child_rows(0); break;
  }
  op.estimated_rows = clamp_rows(rows);
  return op.estimated_rows;
}

}  // namespace aegis::planner
