#include "aegis/plan/expression.h"

#include <cstring>

#include "aegis/base/error.h"
#include "aegis/base/hash.h"
#include "aegis/functions/function.h"
#include "aegis/plan/logical.h"

namespace aegis::plan {

OwnedValue::OwnedValue(types::PhysicalType physical, const Value& value) : physical_(physical), value_(value) {
  if (value.is_null) return;
  auto bytes = types::out_of_line(physical, value.slot);
  if (bytes.empty()) return;
  bytes_.reset(new char[bytes.size()]);
  std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  types::set_out_of_line(physical, value_.slot, {bytes_.get(), bytes.size()});
}

SubquerySpec::SubquerySpec() = default;
SubquerySpec::~SubquerySpec() = default;

SortKey SortKey::clone() const {
  SortKey copy;
  copy.expr = expr->clone();
  copy.descending = descending;
  copy.nulls_first = nulls_first;
  return copy;
}

std::unique_ptr<WindowSpec> WindowSpec::clone() const {
  auto copy = std::make_unique<WindowSpec>();
  for (const auto& key : partition) copy->partition.push_back(key->clone());
  for (const auto& key : order) copy->order.push_back(key.clone());
  copy->mode = mode;
  copy->start = start;
  copy->end = end;
  if (start_offset) copy->start_offset = start_offset->clone();
  if (end_offset) copy->end_offset = end_offset->clone();
  copy->start_in_range = start_in_range;
  copy->end_in_range = end_in_range;
  copy->exclusion = exclusion;
  return copy;
}

std::unique_ptr<AggregateSpec> AggregateSpec::clone() const {
  auto copy = std::make_unique<AggregateSpec>();
  copy->distinct = distinct;
  copy->star = star;
  if (filter) copy->filter = filter->clone();
  for (const auto& key : order) copy->order.push_back(key.clone());
  copy->direct_arguments = direct_arguments;
  copy->user = user;
  return copy;
}

Expr::Expr(ExprKind k, Type t) : kind(k), type(t) {}
Expr::~Expr() = default;

ExprPtr Expr::clone() const {
  if (subquery != nullptr) throw_not_supported("a subquery that would be evaluated in two places");
  auto copy = std::make_unique<Expr>(kind, type);
  copy->collation = collation;
  copy->explicit_collation = explicit_collation;
  copy->location = location;
  for (const auto& arg : args) copy->args.push_back(arg->clone());
  copy->value = value;
  copy->binding = binding;
  copy->index = index;
  copy->negated = negated;
  copy->use_or = use_or;
  copy->row_test = row_test;
  copy->security = security;
  copy->is_slice = is_slice;
  copy->variadic_array = variadic_array;
  copy->bool_test = bool_test;
  copy->function = function;
  copy->function_owner = function_owner;
  copy->op = op;
  copy->numbers = numbers;
  if (aggregate) copy->aggregate = aggregate->clone();
  if (window) copy->window = window->clone();
  copy->name = name;
  return copy;
}

ExprPtr make_constant(Type type, const Value& value) {
  auto expr = std::make_unique<Expr>(ExprKind::Constant, type);
  expr->value = OwnedValue(types::physical_type(type.oid), value);
  return expr;
}

ExprPtr make_bool(bool value) { return make_constant({types::oid::kBool}, Value::of_bool(value)); }

ExprPtr make_column(ColumnBinding binding, Type type, std::string name) {
  auto expr = std::make_unique<Expr>(ExprKind::Column, type);
  expr->binding = binding;
  expr->name = std::move(name);
  return expr;
}

ExprPtr make_input(uint32_t index, Type type, std::string name) {
  auto expr = std::make_unique<Expr>(ExprKind::Input, type);
  expr->index = index;
  expr->name = std::move(name);
  return expr;
}

ExprPtr make_call(const functions::Function& function, Type result, ExprList args) {
  auto expr = std::make_unique<Expr>(ExprKind::Call, result);
  expr->function = &function;
  expr->function_owner = function.self.lock();
  expr->args = std::move(args);
  return expr;
}

namespace {

bool equal_lists(const ExprList& a, const ExprList& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!equal(*a[i], *b[i])) return false;
  }
  return true;
}

bool equal_optional(const ExprPtr& a, const ExprPtr& b) { return (!a && !b) || (a && b && equal(*a, *b)); }

bool equal_keys(const std::vector<SortKey>& a, const std::vector<SortKey>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].descending != b[i].descending || a[i].nulls_first != b[i].nulls_first || !equal(*a[i].expr, *b[i].expr)) {
      return false;
    }
  }
  return true;
}

bool equal_aggregates(const AggregateSpec& a, const AggregateSpec& b) {
  return a.distinct == b.distinct && a.star == b.star && a.direct_arguments == b.direct_arguments &&
         equal_optional(a.filter, b.filter) && equal_keys(a.order, b.order);
}

bool equal_windows(const WindowSpec& a, const WindowSpec& b) {
  return equal_lists(a.partition, b.partition) && equal_keys(a.order, b.order) && a.mode == b.mode &&
         a.start == b.start && a.end == b.end && equal_optional(a.start_offset, b.start_offset) &&
         equal_optional(a.end_offset, b.end_offset) && a.exclusion == b.exclusion;
}

bool equal_values(Type type, const Value& a, const Value& b) {
  if (a.is_null || b.is_null) return a.is_null == b.is_null;
  auto physical = types::physical_type(type.oid);
  if (physical == types::PhysicalType::String) return a.string == b.string;
  // Numerics of one value may differ in their shown scale, so the slot decides.
  auto left = types::out_of_line(physical, a.slot);
  auto right = types::out_of_line(physical, b.slot);
  if (!left.empty() || !right.empty()) {
    return left == right && a.numeric.scale == b.numeric.scale && a.numeric.negative == b.numeric.negative;
  }
  return std::memcmp(a.slot, b.slot, types::physical_size(physical)) == 0;
}

}  // namespace

bool equal(const Expr& a, const Expr& b) {
  if (a.kind != b.kind || a.type != b.type || a.collation != b.collation || a.function != b.function ||
      a.binding != b.binding || a.index != b.index || a.negated != b.negated || a.use_or != b.use_or ||
      a.row_test != b.row_test || a.is_slice != b.is_slice || a.variadic_array != b.variadic_array || a.bool_test != b.bool_test || a.numbers != b.numbers) {
    return false;
  }
  if (a.kind == ExprKind::Subquery) return false;
  if (a.kind == ExprKind::Call && a.function->volatility == functions::Volatility::Volatile) return false;
  if (a.kind == ExprKind::Constant && !equal_values(a.type, a.value.get(), b.value.get())) return false;
  if ((a.aggregate != nullptr) != (b.aggregate != nullptr) || (a.window != nullptr) != (b.window != nullptr)) return false;
  if (a.aggregate && !equal_aggregates(*a.aggregate, *b.aggregate)) return false;
  if (a.window && !equal_windows(*a.window, *b.window)) return false;
  return equal_lists(a.args, b.args);
}

uint64_t hash(const Expr& expr) {
  uint64_t h = hash_combine(static_cast<uint64_t>(expr.kind), expr.type.oid);
  h = hash_combine(h, reinterpret_cast<uintptr_t>(expr.function));
  h = hash_combine(h, (uint64_t{expr.binding.table} << 32) | expr.binding.column);
  h = hash_combine(h, expr.index);
  for (const auto& arg : expr.args) h = hash_combine(h, hash(*arg));
  return h;
}

bool contains(const Expr& expr, ExprKind kind) {
  bool found = false;
  walk(expr, [&](const Expr& e) {
    found = found || e.kind == kind;
    return !found;
  });
  return found;
}

bool is_volatile(const Expr& expr) {
  bool found = false;
  walk(expr, [&](const Expr& e) {
    found = found || (e.function != nullptr && e.function->volatility == functions::Volatility::Volatile);
    return !found;
  });
  return found;
}

bool returns_set(const Expr& expr) {
  bool found = false;
  walk(expr, [&](const Expr& e) {
    found = found || (e.kind == ExprKind::Call && e.function->returns_set);
    return !found;
  });
  return found;
}

}  // namespace aegis::plan
