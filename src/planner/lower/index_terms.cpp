// Indexes on expressions, and partial ones: what they are made of, and what follows from what.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/types/collation.h"
#include "lower.h"

namespace aegis::planner {
namespace {

namespace oid = types::oid;

const Expr& strip(const Expr& expr) {
  const Expr* at = &expr;
  while (at->kind == ExprKind::Relabel) at = at->args[0].get();
  return *at;
}

bool equal_but_for_labels(const Expr& a, const Expr& b) { return plan::equal(strip(a), strip(b)); }

// Whether keys made of it are there for every row: they are computed below the session, by what can be had there.
bool is_native(const Expr& expr) {
  bool native = true;
  plan::walk(expr, [&](const Expr& part) {
    switch (part.kind) {
      case ExprKind::Subquery:
      case ExprKind::Param:
      case ExprKind::ExecParam:
      case ExprKind::CastIo: native = false; break;
      default: break;
    }
    const auto* function = part.function;
    if (function != nullptr && (function->user_defined || function->volatility != functions::Volatility::Immutable)) native = false;
    return native;
  });
  return native;
}

// The expression over what `column_of` gives for the table's columns. False: it can be no part of an index that is read.
// Null where the query does not have a column.
bool open(const catalog::Relation& relation, std::string_view sql, const ColumnMaker& column_of,
          const PlannerContext& context, ExprPtr& out) {
  if (!context.bind_definition) return false;
  try {
    out = context.bind_definition(relation, sql);
  } catch (const SqlError&) {
    return false;
  }
  if (out == nullptr || !is_native(*out)) return false;
  bool known = true;
  plan::rewrite(out, [&](ExprPtr& part) {
    if (part->kind != ExprKind::Input) return;
    ExprPtr column = column_of(static_cast<int>(part->index));
    if (column == nullptr) {
      known = false;
    } else {
      part = std::move(column);
    }
  });
  if (!known) out = nullptr;
  return true;
}

}  // namespace

bool open_index_terms(const catalog::Index& index, const catalog::Relation& relation, const ColumnMaker& column_of,
                      const PlannerContext& context, IndexTerms& out) {
  bool computed = !index.predicate_sql.empty();
  for (const auto& key : index.columns) {
    if (!types::is_deterministic(key.collation)) return false;  // its keys are not what is looked for
    computed = computed || key.column < 0;
  }
  if (!computed) return true;
  if (context.index_is_whole && !context.index_is_whole(index)) return false;
  out.keys.resize(index.columns.size());
  for (size_t i = 0; i < index.columns.size(); ++i) {
    if (index.columns[i].column < 0 && !open(relation, index.columns[i].sql, column_of, context, out.keys[i])) return false;
  }
  if (index.predicate_sql.empty()) return true;
  ExprPtr predicate;
  if (!open(relation, index.predicate_sql, column_of, context, predicate) || predicate == nullptr) return false;
  if (context.fold) fold_constants(predicate, context);
  out.predicate = split_and(std::move(predicate));
  return true;
}

bool is_key_expression(const Expr& expr, const Expr& key) { return equal_but_for_labels(expr, key); }

// --- What follows from what (as PostgreSQL's predicate_implied_by) -----------------------------------------

namespace {

enum class Comparison : uint8_t { Less, LessEqual, Equal, GreaterEqual, Greater, NotEqual };

bool comparison_of(std::string_view name, Comparison& out) {
  constexpr std::pair<std::string_view, Comparison> kNames[] = {
      {"<", Comparison::Less}, {"<=", Comparison::LessEqual}, {"=", Comparison::Equal}, {">=", Comparison::GreaterEqual},
      {">", Comparison::Greater}, {"<>", Comparison::NotEqual}, {"!=", Comparison::NotEqual}};
  for (const auto& [known, comparison] : kNames) {
    if (known != name) continue;
    out = comparison;
    return true;
  }
  return false;
}

Comparison turned(Comparison comparison) {
  switch (comparison) {
    case Comparison::Less: return Comparison::Greater;
    case Comparison::LessEqual: return Comparison::GreaterEqual;
    case Comparison::GreaterEqual: return Comparison::LessEqual;
    case Comparison::Greater: return Comparison::Less;
    case Comparison::Equal:
    case Comparison::NotEqual: break;
  }
  return comparison;
}

// `expr` compared with a constant that is not null.
struct Bound {
  const Expr* expr;
  Comparison comparison;
  const Expr* constant;
};

bool is_known(const Expr& expr) { return expr.kind == ExprKind::Constant && !expr.value.get().is_null; }

bool bound_of(const Expr& predicate, const types::TypeContext& types, Bound& out) {
  if (predicate.kind != ExprKind::Call || predicate.op == nullptr || predicate.args.size() != 2) return false;
  if (!comparison_of(predicate.op->standard_name(), out.comparison)) return false;
  if (!compares_bytes(predicate, types)) return false;
  const Expr& left = strip(*predicate.args[0]);
  const Expr& right = strip(*predicate.args[1]);
  if (is_known(right)) {
    out.expr = &left;
    out.constant = &right;
    return !is_known(left);
  }
  if (!is_known(left)) return false;
  out.expr = &right;
  out.constant = &left;
  out.comparison = turned(out.comparison);
  return true;
}

bool is_integer(Oid type) { return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8; }

int64_t integer_of(const Expr& constant) {
  const auto& value = constant.value.get();
  return constant.type.oid == oid::kInt2 ? value.i16 : constant.type.oid == oid::kInt4 ? value.i32 : value.i64;
}

// False when the two have no common order.
bool compare_constants(const Expr& a, const Expr& b, int& order) {
  if (is_integer(a.type.oid) && is_integer(b.type.oid)) {
    int64_t x = integer_of(a), y = integer_of(b);
    order = x < y ? -1 : x > y ? 1 : 0;
    return true;
  }
  if (a.type.oid != b.type.oid) return false;
  const auto* info = types::find_type(a.type.oid);
  if (info == nullptr || info->compare == nullptr) return false;
  order = info->compare(a.value.get(), b.value.get(), a.type.oid);
  return true;
}

// Whether x <given> c implies x <wanted> p; `order` is that of c and p.
bool comparison_implies(Comparison given, Comparison wanted, int order) {
  switch (given) {
    case Comparison::Less:
      return (wanted == Comparison::Less || wanted == Comparison::LessEqual || wanted == Comparison::NotEqual) && order <= 0;
    case Comparison::LessEqual:
      if (wanted == Comparison::LessEqual) return order <= 0;
      return (wanted == Comparison::Less || wanted == Comparison::NotEqual) && order < 0;
    case Comparison::Equal:
      switch (wanted) {
        case Comparison::Less: return order < 0;
        case Comparison::LessEqual: return order <= 0;
        case Comparison::Equal: return order == 0;
        case Comparison::GreaterEqual: return order >= 0;
        case Comparison::Greater: return order > 0;
        case Comparison::NotEqual: return order != 0;
      }
      return false;
    case Comparison::GreaterEqual:
      if (wanted == Comparison::GreaterEqual) return order >= 0;
      return (wanted == Comparison::Greater || wanted == Comparison::NotEqual) && order > 0;
    case Comparison::Greater:
      return (wanted == Comparison::Greater || wanted == Comparison::GreaterEqual || wanted == Comparison::NotEqual) && order >= 0;
    case Comparison::NotEqual: return wanted == Comparison::NotEqual && order == 0;
  }
  return false;
}

bool bound_implies(const Bound& given, const Expr& wanted, const types::TypeContext& types) {
  if (wanted.kind == ExprKind::InList) {
    if (wanted.negated || !types::is_deterministic(wanted.collation) || given.comparison != Comparison::Equal || !equal_but_for_labels(*given.expr, *wanted.args[0])) return false;
    return std::any_of(wanted.args.begin() + 1, wanted.args.end(), [&](const auto& item) {
      int order;
      return is_known(*item) && compare_constants(*given.constant, *item, order) && order == 0;
    });
  }
  Bound other;
  int order;
  return bound_of(wanted, types, other) && equal_but_for_labels(*given.expr, *other.expr) &&
         compare_constants(*given.constant, *other.constant, order) && comparison_implies(given.comparison, other.comparison, order);
}

// Whether `expr` is null whenever `part` is.
bool is_null_with(const Expr& expr, const Expr& part) {
  if (equal_but_for_labels(expr, part)) return true;
  switch (expr.kind) {
    case ExprKind::Call:
      if (expr.function == nullptr || !expr.function->strict || expr.function->returns_set) return false;
      return std::any_of(expr.args.begin(), expr.args.end(), [&](const auto& arg) { return is_null_with(*arg, part); });
    case ExprKind::Relabel:
    case ExprKind::Typmod:
    case ExprKind::Not:
    case ExprKind::InList: return is_null_with(*expr.args[0], part);
    default: return false;
  }
}

// Whether `given` cannot be true when `part` is null.
bool excludes_null(const Expr& given, const Expr& part) {
  switch (given.kind) {
    case ExprKind::NullTest: return given.negated && !given.row_test && is_null_with(*given.args[0], part);
    case ExprKind::BoolTest:
      return (given.bool_test == plan::BoolTestKind::IsTrue || given.bool_test == plan::BoolTestKind::IsFalse) &&
             is_null_with(*given.args[0], part);
    default: return is_null_with(given, part);
  }
}

const Expr& without_is_true(const Expr& expr) {
  const Expr* at = &expr;
  while (at->kind == ExprKind::BoolTest && at->bool_test == plan::BoolTestKind::IsTrue) at = at->args[0].get();
  return *at;
}

bool implies(const Expr& given_in, const Expr& wanted_in, const types::TypeContext& types) {
  // What matters is when they are true.
  const Expr& given = without_is_true(given_in);
  const Expr& wanted = without_is_true(wanted_in);
  if (plan::equal(given, wanted)) return true;
  auto each_given = [&](const auto& arg) { return implies(*arg, wanted, types); };
  auto each_wanted = [&](const auto& arg) { return implies(given, *arg, types); };
  if (given.kind == ExprKind::Or) return std::all_of(given.args.begin(), given.args.end(), each_given);
  if (wanted.kind == ExprKind::And) return std::all_of(wanted.args.begin(), wanted.args.end(), each_wanted);
  if (wanted.kind == ExprKind::Or && std::any_of(wanted.args.begin(), wanted.args.end(), each_wanted)) return true;
  if (given.kind == ExprKind::And) return std::any_of(given.args.begin(), given.args.end(), each_given);
  if (wanted.kind == ExprKind::Or) return false;
  if (wanted.kind == ExprKind::NullTest && wanted.negated && !wanted.row_test) return excludes_null(given, *wanted.args[0]);
  if (given.kind == ExprKind::InList && !given.negated && types::is_deterministic(given.collation)) {
    // Each of the values.
    return given.args.size() > 1 && std::all_of(given.args.begin() + 1, given.args.end(), [&](const auto& item) {
      return is_known(*item) && bound_implies({&strip(*given.args[0]), Comparison::Equal, item.get()}, wanted, types);
    });
  }
  Bound bound;
  return bound_of(given, types, bound) && bound_implies(bound, wanted, types);
}

}  // namespace

bool is_implied(const Expr& wanted, const std::vector<const Expr*>& given, const types::TypeContext& types) {
  if (wanted.kind == ExprKind::And) {
    return std::all_of(wanted.args.begin(), wanted.args.end(), [&](const auto& arg) { return is_implied(*arg, given, types); });
  }
  if (std::any_of(given.begin(), given.end(), [&](const Expr* one) { return implies(*one, wanted, types); })) return true;
  return wanted.kind == ExprKind::Or && std::any_of(wanted.args.begin(), wanted.args.end(), [&](const auto& arg) { return is_implied(*arg, given, types); });
}

}  // namespace aegis::planner
