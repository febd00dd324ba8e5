// Which index answers which predicates.
#include <algorithm>

#include "aegis/functions/function.h"
#include "aegis/functions/inverted.h"
#include "aegis/functions/quoting.h"
#include "aegis/plan/deparse.h"
#include "aegis/types/collation.h"
#include "lower.h"

namespace aegis::planner {
namespace {

namespace oid = types::oid;

const Expr* strip(const Expr* expr) {
  while (expr->kind == ExprKind::Relabel) expr = expr->args[0].get();
  return expr;
}

bool is_integer(Oid type) { return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8; }

int integer_width(Oid type) { return type == oid::kInt2 ? 2 : type == oid::kInt4 ? 4 : 8; }

bool is_text(Oid type) { return type == oid::kText || type == oid::kVarchar; }

struct Match {
  char op = 0;  // '=', '<', '>'
  bool inclusive = true;
  ExprPtr value;
};

// The operand that is an index's key.
struct KeyMatcher {
  const plan::Get& get;
  int column;         // of the table, or
  const Expr* expr;   // over Columns
  Oid type;           // of the expression

  bool is_key(const Expr& side, Oid& found) const {
    const Expr* mine = strip(&side);
    if (column < 0) {
      found = type;
      return expr != nullptr && is_key_expression(*mine, *expr);
    }
    found = mine->type.oid;
    return mine->kind == ExprKind::Column && mine->binding.table == get.table && get.columns[mine->binding.column] == column;
  }
};

// `predicate` as a comparison of the key with a value of other columns.
bool match(const Expr& predicate, const KeyMatcher& key, const BindingSet& available, const types::TypeContext& types, Match& out) {
  if (predicate.kind != ExprKind::Call || predicate.op == nullptr || predicate.args.size() != 2) return false;
  std::string_view name = predicate.op->standard_name();
  if (name != "=" && name != "<" && name != "<=" && name != ">" && name != ">=") return false;
  if (!compares_bytes(predicate, types)) return false;
  for (int side = 0; side < 2; ++side) {
    const Expr& other = *predicate.args[1 - side];
    Oid type = kInvalidOid;
    if (!key.is_key(*predicate.args[side], type)) continue;
    if (plan::is_volatile(other) || !only_uses(other, available)) continue;
    ExprPtr value = convert_to_key(*strip(&other), type);
    if (value == nullptr) continue;
    char op = name[0];
    if (side == 1 && op != '=') op = op == '<' ? '>' : '<';
    out.op = op;
    out.inclusive = name.size() == 2;
    out.value = std::move(value);
    return true;
  }
  return false;
}

ColumnMaker columns_of(const plan::Get& get) {
  return [&get](int wanted) -> ExprPtr {
    for (size_t i = 0; i < get.columns.size(); ++i) {
      if (get.columns[i] != wanted) continue;
      const auto& info = get.column_infos[i];
      ExprPtr column = plan::make_column({get.table, static_cast<uint32_t>(i)}, info.type, info.name);
      column->collation = info.collation;
      return column;
    }
    return nullptr;
  };
}

// Fills the path's range; gives the predicates it is made of.
std::vector<const Expr*> match_range(const plan::Get& get, const catalog::Index& index, const IndexTerms& terms, const ExprList& predicates,
                                     const BindingSet& available, const types::TypeContext& types, AccessPath& path) {
  std::vector<const Expr*> used;
  auto use = [&](size_t i) {
    used.push_back(predicates[i].get());
    path.covered.push_back(i);
  };
  for (size_t k = 0; k < index.columns.size(); ++k) {
    KeyMatcher key{get, index.columns[k].column, k < terms.keys.size() ? terms.keys[k].get() : nullptr, index.columns[k].type.oid};
    bool equal = false;
    for (size_t i = 0; i < predicates.size() && !equal; ++i) {
      Match m;
      if (!match(*predicates[i], key, available, types, m) || m.op != '=') continue;
      use(i);
      path.range.equal.push_back(std::move(m.value));
      equal = true;
    }
    if (equal) continue;
    if (index.method == "hash") break;  // which has no order
    for (size_t i = 0; i < predicates.size(); ++i) {
      Match m;
      if (!match(*predicates[i], key, available, types, m) || m.op == '=') continue;
      bool lower = m.op == '>';
      ExprPtr& bound = lower ? path.range.lower : path.range.upper;
      if (bound != nullptr) continue;
      bound = std::move(m.value);
      (lower ? path.range.lower_inclusive : path.range.upper_inclusive) = m.inclusive;
      use(i);
    }
    break;
  }
  return used;
}

}  // namespace

ExprPtr convert_to_key(const Expr& value, Oid type) {
  Oid from = value.type.oid;
  if (from == type || (is_text(from) && is_text(type))) return value.clone();
  if (!is_integer(from) || !is_integer(type)) return nullptr;
  if (value.kind == ExprKind::Constant) {
    if (value.value.get().is_null) return plan::make_constant({type}, types::Value::null());
    const auto& v = value.value.get();
    int64_t number = from == oid::kInt2 ? v.i16 : from == oid::kInt4 ? v.i32 : v.i64;
    if (type == oid::kInt2 && number == static_cast<int16_t>(number)) return plan::make_constant({type}, types::Value::of_i16(static_cast<int16_t>(number)));
    if (type == oid::kInt4 && number == static_cast<int32_t>(number)) return plan::make_constant({type}, types::Value::of_i32(static_cast<int32_t>(number)));
    if (type == oid::kInt8) return plan::make_constant({type}, types::Value::of_i64(number));
    return nullptr;
  }
  if (integer_width(from) > integer_width(type)) return nullptr;
  const auto* cast = functions::find_cast(from, type);
  const auto* function = cast == nullptr ? nullptr : functions::find_function(cast->function);
  if (function == nullptr) return nullptr;
  ExprList args;
  args.push_back(value.clone());
  return plan::make_call(*function, {type}, std::move(args));
}

AccessPath choose_path(const plan::Get& get, const ExprList& predicates, const ExprList& others, const BindingSet& available,
                       const PlannerContext& context, IndexUse use) {
  AccessPath best;
  if (!context.options.enable_indexscan) return best;
  double table_rows = std::max(1.0, context.statistics.row_count(*get.relation));
  double best_cost = 0;
  std::vector<const Expr*> known;
  for (const auto& predicate : predicates) known.push_back(predicate.get());
  for (const auto& predicate : others) known.push_back(predicate.get());
  for (const auto& index : context.catalog.indexes_of(*get.relation)) {
    if (!index->valid || functions::is_inverted_method(index->method) || index->method == "brin" || (known.empty() && !index->predicate_sql.empty())) continue;
    IndexTerms terms;
    if (!open_index_terms(*index, *get.relation, columns_of(get), context, terms)) continue;
    bool implied = std::all_of(terms.predicate.begin(), terms.predicate.end(), [&](const auto& part) { return is_implied(*part, known, context.types); });
    if (!implied) continue;
    AccessPath path;
    path.index = index;
    std::vector<const Expr*> used = match_range(get, *index, terms, predicates, available, context.types, path);
    bool ranged = path.range.lower != nullptr || path.range.upper != nullptr;
    if (use == IndexUse::Lookups && path.range.equal.empty()) continue;
    // All of a partial index may be little enough.
    bool whole = !terms.predicate.empty() && index->method != "hash";
    if (path.range.equal.empty() && !ranged && !whole) continue;
    std::vector<const Expr*> parts;
    for (const auto& part : terms.predicate) parts.push_back(part.get());
    for (size_t i = 0; i < predicates.size() && !parts.empty(); ++i) {
      if (std::find(path.covered.begin(), path.covered.end(), i) == path.covered.end() && is_implied(*predicates[i], parts, context.types)) path.covered.push_back(i);
    }
    used.insert(used.end(), parts.begin(), parts.end());
    path.unique_lookup = index->unique && index->immediate && path.range.equal.size() == index->columns.size();
    path.rows = path.unique_lookup ? 1 : std::max(1.0, table_rows * table_selectivity(used, get, context));
    double cost = path.rows - 0.001 * static_cast<double>(path.range.equal.size() + parts.size());
    if (best.index == nullptr || cost < best_cost) {
      best_cost = cost;
      best = std::move(path);
    }
  }
  return best;
}

namespace {

std::string_view without_parentheses(std::string_view sql) {
  return sql.size() > 1 && sql.front() == '(' && sql.back() == ')' ? sql.substr(1, sql.size() - 2) : sql;
}

// Whether the expression is key column `key` of an index on the table.
bool is_key(const Expr& expr, const plan::Get& get, const catalog::IndexColumn& key, const PlannerContext& context) {
  if (key.column >= 0) {
    const Expr* mine = strip(&expr);
    return mine->kind == ExprKind::Column && mine->binding.table == get.table && get.columns[mine->binding.column] == key.column;
  }
  plan::DeparseContext deparse{context.types, {}, {}, {}};
  bool own = true;
  deparse.column = [&](const Expr& column) -> std::string {
    own = own && column.kind == ExprKind::Column && column.binding.table == get.table && get.columns[column.binding.column] >= 0;
    if (!own) return "?";
    return functions::quote_identifier(get.relation->columns[static_cast<size_t>(get.columns[column.binding.column])].name);
  };
  std::string text = plan::deparse(expr, deparse);
  return own && without_parentheses(text) == without_parentheses(key.sql);
}

const functions::Operator* operator_of(Oid oid, const PlannerContext& context) {
  if (const auto* op = functions::find_operator(oid)) return op;
  auto made = context.catalog.find_operator(oid);
  return made == nullptr ? nullptr : &made->record();
}

// Whether a class's family has the operator; the built-in ones have what their strategies answer.
bool is_member(const functions::Operator& op, Oid opclass, const PlannerContext& context) {
  if (functions::find_inverted_class(opclass) != nullptr) return !op.user_defined;
  auto made = context.catalog.operator_class(opclass);
  auto family = made == nullptr ? nullptr : context.catalog.operator_family(made->family);
  if (family == nullptr) return false;
  return std::any_of(family->operators.begin(), family->operators.end(), [&](const auto& member) { return member.object == op.oid && member.sort_family == kInvalidOid; });
}

bool match_inverted(const Expr& predicate, const plan::Get& get, const catalog::Index& index, const BindingSet& available,
                    const PlannerContext& context, plan::InvertedCondition& out) {
  if (predicate.kind != ExprKind::Call || predicate.op == nullptr || predicate.args.size() != 2) return false;
  // Keys are bytes.
  if (predicate.collation != kInvalidOid && !types::orders_by_bytes(predicate.collation, context.types)) return false;
  for (int side = 0; side < 2; ++side) {
    const functions::Operator* op = side == 0 ? predicate.op : operator_of(predicate.op->commutator, context);
    const Expr& query = *predicate.args[1 - side];
    if (op == nullptr || plan::is_volatile(query) || !only_uses(query, available)) continue;
    for (size_t k = 0; k < index.columns.size(); ++k) {
      const auto& key = index.columns[k];
      const auto* strategy = context.catalog.inverted_strategy(key.opclass);
      Oid query_type = types::base_type(query.type.oid);
      if (strategy == nullptr || !strategy->answers(op->name, query_type, types::base_type(key.type.oid))) continue;
      if (!is_member(*op, key.opclass, context) || !is_key(*predicate.args[side], get, key, context)) continue;
      out.key = static_cast<uint32_t>(k);
      out.operator_name = op->name;
      out.query_type = query_type;
      out.query = query.clone();
      return true;
    }
  }
  return false;
}

}  // namespace

InvertedPath choose_inverted_path(const plan::Get& get, const ExprList& predicates, const BindingSet& available, const PlannerContext& context) {
  InvertedPath best;
  if (!context.options.enable_bitmapscan) return best;
  // Conditions of row-level security come first, and an index would look at its own before them.
  for (const auto& predicate : predicates) {
    if (predicate->security) return best;
  }
  double table_rows = std::max(1.0, context.statistics.row_count(*get.relation));
  for (const auto& index : context.catalog.indexes_of(*get.relation)) {
    if (!index->valid || !index->predicate_sql.empty() || !functions::is_inverted_method(index->method)) continue;
    if (context.index_is_whole && !context.index_is_whole(*index)) continue;
    InvertedPath path;
    std::vector<const Expr*> used;
    for (size_t i = 0; i < predicates.size(); ++i) {
      plan::InvertedCondition condition;
      if (!match_inverted(*predicates[i], get, *index, available, context, condition)) continue;
      path.conditions.push_back(std::move(condition));
      path.used.push_back(i);
      used.push_back(predicates[i].get());
    }
    if (path.conditions.size() <= best.conditions.size()) continue;
    path.index = index;
    path.rows = std::max(1.0, table_rows * table_selectivity(used, get, context));
    best = std::move(path);
  }
  return best;
}

}  // namespace aegis::planner
