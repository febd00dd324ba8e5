#include "collation_keys.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/collation_key.h"
#include "aegis/types/collation.h"

namespace aegis::analyzer {

namespace oid = types::oid;
using plan::Expr;
using plan::ExprKind;
using plan::ExprPtr;
using plan::LogicalPtr;
using types::Type;

namespace {

const functions::Function& builtin(std::string_view name, std::initializer_list<Oid> arguments) {
  for (const auto* function : functions::find_functions(name)) {
    if (std::equal(function->arguments.begin(), function->arguments.end(), arguments.begin(), arguments.end())) return *function;
  }
  throw InternalError("function " + std::string(name) + " is not there");
}

ExprPtr column_of(uint32_t table, size_t column, const Expr& like) {
  ExprPtr expr = plan::make_column({table, static_cast<uint32_t>(column)}, like.type, like.name);
  expr->collation = like.collation;
  expr->location = like.location;
  return expr;
}

// One of the group's texts, the first: min() by a collation that calls them all equal.
ExprPtr any_of_equals(ExprPtr text, ExprPtr filter) {
  bool padded = types::base_type(text->type).oid == oid::kBpchar;
  auto expr = std::make_unique<Expr>(ExprKind::Aggregate, text->type);
  expr->function = &builtin("min", {padded ? oid::kBpchar : oid::kText});
  expr->collation = text->collation;
  expr->location = text->location;
  expr->args.push_back(std::move(text));
  expr->aggregate = std::make_unique<plan::AggregateSpec>();
  expr->aggregate->filter = std::move(filter);
  return expr;
}

ExprPtr extreme_of(const char* name, ExprPtr number) {
  auto expr = std::make_unique<Expr>(ExprKind::Aggregate, Type{oid::kInt4});
  expr->function = &builtin(name, {oid::kInt4});
  expr->args.push_back(std::move(number));
  expr->aggregate = std::make_unique<plan::AggregateSpec>();
  return expr;
}

ExprPtr is_number(ExprPtr expr, int32_t number) {
  plan::ExprList args;
  args.push_back(std::move(expr));
  args.push_back(plan::make_constant({oid::kInt4}, types::Value::of_i32(number)));
  return plan::make_call(builtin("int4eq", {oid::kInt4, oid::kInt4}), {oid::kBool}, std::move(args));
}

}  // namespace

bool needs_collation_key(const Expr& expr) {
  Oid base = types::base_type(expr.type).oid;
  const auto* info = types::find_type(base);
  if (info == nullptr || info->collation == kInvalidOid || types::is_deterministic(expr.collation)) return false;
  if (base != oid::kText && base != oid::kVarchar && base != oid::kBpchar) {
    throw_not_supported("grouping type " + types::format_type({base}) + " by a nondeterministic collation");
  }
  return true;
}

ExprPtr collation_key(ExprPtr expr) {
  Oid collation = expr->collation;
  int location = expr->location;
  plan::ExprList args;
  args.push_back(std::move(expr));
  ExprPtr call = plan::make_call(functions::collation_key_function(), {oid::kBytea}, std::move(args));
  call->collation = collation;
  call->location = location;
  return call;
}

LogicalPtr group_by_collation_keys(std::unique_ptr<plan::Aggregate> aggregate, const std::function<uint32_t()>& new_table) {
  size_t groups = aggregate->groups.size(), aggregates = aggregate->aggregates.size();
  bool any = std::any_of(aggregate->groups.begin(), aggregate->groups.end(), [](const auto& group) { return needs_collation_key(*group); });
  if (!any) return aggregate;
  auto project = std::make_unique<plan::Project>();
  project->table = std::exchange(aggregate->table, new_table());
  for (size_t i = 0; i < groups; ++i) {
    ExprPtr& group = aggregate->groups[i];
    project->names.push_back(group->name);
    if (!needs_collation_key(*group)) {
      project->exprs.push_back(column_of(aggregate->table, i, *group));
      continue;
    }
    // Null where the key is: in grouping sets without this group, too.
    ExprPtr shown = column_of(aggregate->table, groups + aggregate->aggregates.size(), *group);
    auto test = std::make_unique<Expr>(ExprKind::NullTest, Type{oid::kBool});
    test->negated = true;
    test->args.push_back(plan::make_column({aggregate->table, static_cast<uint32_t>(i)}, {oid::kBytea}, group->name));
    auto choice = std::make_unique<Expr>(ExprKind::Case, group->type);
    choice->collation = group->collation;
    choice->args.push_back(std::move(test));
    choice->args.push_back(std::move(shown));
    choice->args.push_back(plan::make_constant(group->type, types::Value::null()));
    project->exprs.push_back(std::move(choice));
    aggregate->aggregates.push_back(any_of_equals(group->clone(), nullptr));
    group = collation_key(std::move(group));
  }
  for (size_t i = 0; i < aggregates; ++i) {
    project->names.push_back(std::string(aggregate->aggregates[i]->function->name));
    project->exprs.push_back(column_of(aggregate->table, groups + i, *aggregate->aggregates[i]));
  }
  for (size_t i = 0; i < aggregate->grouping_calls.size(); ++i) {
    project->names.push_back("grouping");
    project->exprs.push_back(plan::make_column({aggregate->table, static_cast<uint32_t>(groups + aggregate->aggregates.size() + i)}, {oid::kInt4}, "grouping"));
  }
  project->children.push_back(std::move(aggregate));
  return project;
}

LogicalPtr distinct_by_collation_keys(LogicalPtr op, const std::vector<plan::ColumnInfo>& columns, uint32_t below, uint32_t table,
                                      const std::function<uint32_t()>& new_table) {
  auto aggregate = std::make_unique<plan::Aggregate>();
  aggregate->table = table;
  for (size_t i = 0; i < columns.size(); ++i) {
    ExprPtr column = plan::make_column({below, static_cast<uint32_t>(i)}, columns[i].type, columns[i].name);
    column->collation = columns[i].collation;
    aggregate->groups.push_back(std::move(column));
  }
  aggregate->children.push_back(std::move(op));
  return group_by_collation_keys(std::move(aggregate), new_table);
}

LogicalPtr set_operation_by_collation_keys(std::unique_ptr<plan::SetOp> op, const std::function<uint32_t()>& new_table) {
  if (op->op == plan::SetOpKind::Union) {
    uint32_t table = std::exchange(op->table, new_table()), below = op->table;
    op->all = true;
    auto columns = op->columns;
    return distinct_by_collation_keys(std::move(op), columns, below, table, new_table);
  }
  if (op->all) throw_not_supported("INTERSECT ALL and EXCEPT ALL of a nondeterministic collation");
  bool intersect = op->op == plan::SetOpKind::Intersect;
  size_t width = op->columns.size();
  for (size_t side = 0; side < 2; ++side) {
    auto& project = static_cast<plan::Project&>(*op->children[side]);
    project.exprs.push_back(plan::make_constant({oid::kInt4}, types::Value::of_i32(static_cast<int32_t>(side))));
    project.names.push_back("side");
  }
  auto columns = op->columns;
  op->columns.push_back({"side", {oid::kInt4}, kInvalidOid});
  op->op = plan::SetOpKind::Union;
  op->all = true;
  auto aggregate = std::make_unique<plan::Aggregate>();
  uint32_t below = new_table();
  auto result = std::make_unique<plan::Project>();
  result->table = std::exchange(op->table, below);
  aggregate->table = new_table();
  uint32_t side = static_cast<uint32_t>(width);
  auto side_of = [&] { return plan::make_column({below, side}, {oid::kInt4}, "side"); };
  aggregate->aggregates.push_back(extreme_of("min", side_of()));
  aggregate->aggregates.push_back(extreme_of("max", side_of()));
  for (size_t i = 0; i < width; ++i) {
    ExprPtr column = plan::make_column({below, static_cast<uint32_t>(i)}, columns[i].type, columns[i].name);
    column->collation = columns[i].collation;
    result->names.push_back(columns[i].name);
    if (!needs_collation_key(*column)) {
      result->exprs.push_back(column_of(aggregate->table, i, *column));
      aggregate->groups.push_back(std::move(column));
      continue;
    }
    result->exprs.push_back(column_of(aggregate->table, width + aggregate->aggregates.size(), *column));
    aggregate->aggregates.push_back(any_of_equals(column->clone(), is_number(side_of(), 0)));
    aggregate->groups.push_back(collation_key(std::move(column)));
  }
  auto filter = std::make_unique<plan::Filter>();
  auto extreme = [&](size_t i) { return plan::make_column({aggregate->table, static_cast<uint32_t>(width + i)}, {oid::kInt4}, "side"); };
  filter->predicates.push_back(is_number(extreme(0), 0));
  filter->predicates.push_back(is_number(extreme(1), intersect ? 1 : 0));
  aggregate->children.push_back(std::move(op));
  filter->children.push_back(std::move(aggregate));
  result->children.push_back(std::move(filter));
  return result;
}

}  // namespace aegis::analyzer
