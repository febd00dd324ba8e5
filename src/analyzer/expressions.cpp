// Scalar expressions (parse_expr.c): one function a kind of node.
#include <algorithm>
#include <charconv>

#include "aegis/base/error.h"
#include "aegis/functions/output.h"
#include "aegis/functions/user_types.h"
#include "query_analyzer.h"
#include "query_recorder.h"

namespace aegis::analyzer {

using ast::node_cast;

namespace {

constexpr int kMaxDepth = 2000;

class DepthGuard {
 public:
  explicit DepthGuard(int& depth) : depth_(depth) {
    if (++depth_ > kMaxDepth) {
      --depth_;
      throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded")
          .hint("Simplify the statement: its expressions are nested too deeply.");
    }
  }
  ~DepthGuard() { --depth_; }

 private:
  int& depth_;
};

ExprPtr at(ExprPtr expr, int location) {
  expr->location = location;
  return expr;
}

}  // namespace

ExprPtr QueryAnalyzer::bind(const ast::Node& node, Scope& scope, Clause clause) {
  DepthGuard guard(depth_);
  switch (node.tag) {
    case ast::NodeTag::AConst: return bind_constant(static_cast<const ast::AConst&>(node));
    case ast::NodeTag::ColumnRef: return bind_column_ref(static_cast<const ast::ColumnRef&>(node), scope, clause);
    case ast::NodeTag::ParamRef: return bind_param(static_cast<const ast::ParamRef&>(node));
    case ast::NodeTag::AExpr: return bind_a_expr(static_cast<const ast::AExpr&>(node), scope, clause);
    case ast::NodeTag::BoolExpr: return bind_bool_expr(static_cast<const ast::BoolExpr&>(node), scope, clause);
    case ast::NodeTag::FuncCall: return bind_call(static_cast<const ast::FuncCall&>(node), scope, clause);
    case ast::NodeTag::TypeCast: return bind_type_cast(static_cast<const ast::TypeCast&>(node), scope, clause);
    case ast::NodeTag::CollateClause: return bind_collate(static_cast<const ast::CollateClause&>(node), scope, clause);
    case ast::NodeTag::SubLink: return bind_sub_link(static_cast<const ast::SubLink&>(node), scope, clause);
    case ast::NodeTag::CaseExpr: return bind_case(static_cast<const ast::CaseExpr&>(node), scope, clause);
    case ast::NodeTag::CoalesceExpr:
      return bind_common(ExprKind::Coalesce, static_cast<const ast::CoalesceExpr&>(node).args, scope, clause, "COALESCE", node.location);
    case ast::NodeTag::MinMaxExpr: {
      auto& minmax = static_cast<const ast::MinMaxExpr&>(node);
      bool greatest = minmax.op == ast::MinMaxOp::Greatest;
      ExprPtr expr = bind_common(greatest ? ExprKind::Greatest : ExprKind::Least, minmax.args, scope, clause,
                                 greatest ? "GREATEST" : "LEAST", node.location);
      check_sortable(expr->type, node.location);
      return expr;
    }
    case ast::NodeTag::NullTest: return bind_null_test(static_cast<const ast::NullTest&>(node), scope, clause);
    case ast::NodeTag::BooleanTest: return bind_boolean_test(static_cast<const ast::BooleanTest&>(node), scope, clause);
    case ast::NodeTag::RowExpr: return bind_row(static_cast<const ast::RowExpr&>(node), scope, clause);
    case ast::NodeTag::AArrayExpr: return bind_array(static_cast<const ast::AArrayExpr&>(node), scope, clause, {});
    case ast::NodeTag::AIndirection: return bind_indirection(static_cast<const ast::AIndirection&>(node), scope, clause);
    case ast::NodeTag::SQLValueFunction: return bind_sql_value(static_cast<const ast::SQLValueFunction&>(node));
    case ast::NodeTag::GroupingFunc: return bind_grouping_func(static_cast<const ast::GroupingFunc&>(node), scope);
    case ast::NodeTag::SetToDefault:
      throw SqlError(Sqlstate::SyntaxError, "DEFAULT is not allowed in this context").position(position(node.location));
    case ast::NodeTag::CurrentOfExpr: return bind_current_of(static_cast<const ast::CurrentOfExpr&>(node), scope);
    case ast::NodeTag::XmlExpr: return bind_xml(static_cast<const ast::XmlExpr&>(node), scope, clause);
    case ast::NodeTag::XmlSerialize: return bind_xml_serialize(static_cast<const ast::XmlSerialize&>(node), scope, clause);
    case ast::NodeTag::NamedArgExpr: return bind(*static_cast<const ast::NamedArgExpr&>(node).arg, scope, clause);
    default: break;
  }
  throw_not_supported("an expression of kind " + std::string(ast::node_tag_name(node.tag)), position(node.location));
}

ExprPtr QueryAnalyzer::bind_optional(const ast::Node* node, Scope& scope, Clause clause) {
  return node == nullptr ? nullptr : bind(*node, scope, clause);
}

ExprPtr QueryAnalyzer::bind_boolean(const ast::Node& node, Scope& scope, Clause clause, const char* construct) {
  ExprPtr expr = bind(node, scope, clause);
  int location = expr->location;
  Type source = expr->type;
  ExprPtr result = coercion_.coerce(std::move(expr), {oid::kBool}, CastContext::Assignment, position(location));
  if (result == nullptr) {
    throw SqlError(Sqlstate::DatatypeMismatch, "argument of " + std::string(construct) + " must be type boolean, not type " +
                                                   types::format_type({source.oid}))
        .position(position(location));
  }
  if (plan::returns_set(*result)) {
    throw SqlError(Sqlstate::DatatypeMismatch, "argument of " + std::string(construct) + " must not return a set").position(position(location));
  }
  return result;
}

namespace {

void split_conjuncts(ExprPtr expr, ExprList& out) {
  if (expr->kind == ExprKind::And) {
    for (auto& arg : expr->args) split_conjuncts(std::move(arg), out);
  } else {
    out.push_back(std::move(expr));
  }
}

}  // namespace

ExprList QueryAnalyzer::bind_conjuncts(const ast::Node* node, Scope& scope, Clause clause, const char* construct) {
  ExprList conjuncts;
  if (node != nullptr) split_conjuncts(bind_boolean(*node, scope, clause, construct), conjuncts);
  return conjuncts;
}

ExprPtr QueryAnalyzer::bind_constant(const ast::AConst& constant) {
  switch (constant.kind) {
    case ast::ConstKind::Integer:
      return at(plan::make_constant({oid::kInt4}, types::Value::of_i32(constant.ival)), constant.location);
    case ast::ConstKind::Float: {
      int64_t integer;
      auto [end, error] = std::from_chars(constant.text.data(), constant.text.data() + constant.text.size(), integer);
      if (error == std::errc() && end == constant.text.data() + constant.text.size()) {
        return at(plan::make_constant({oid::kInt8}, types::Value::of_i64(integer)), constant.location);
      }
      Arena arena;
      auto value = types::type_info(oid::kNumeric).input(coercion_.types(), constant.text, {oid::kNumeric}, arena);
      return at(plan::make_constant({oid::kNumeric}, value), constant.location);
    }
    case ast::ConstKind::String:
      return at(plan::make_constant({oid::kUnknown}, types::Value::of_string(constant.text)), constant.location);
    case ast::ConstKind::BitString: {
      Arena arena;
      auto value = types::type_info(oid::kBit).input(coercion_.types(), constant.text, {oid::kBit}, arena);
      return at(plan::make_constant({oid::kBit}, value), constant.location);
    }
    case ast::ConstKind::Boolean: return at(plan::make_bool(constant.boolval), constant.location);
    case ast::ConstKind::Null: return at(plan::make_constant({oid::kUnknown}, types::Value::null()), constant.location);
  }
  return nullptr;
}

ExprPtr QueryAnalyzer::bind_param(const ast::ParamRef& param) {
  if (context_.variables != nullptr) {
    if (auto variable = context_.variables->parameter(param.number)) return make_variable(*variable, param.location);
    throw SqlError(Sqlstate::UndefinedParameter, "there is no parameter $" + std::to_string(param.number)).position(position(param.location));
  }
  if (param.number <= 0 || param.number > 65535) {
    throw SqlError(Sqlstate::UndefinedParameter, "there is no parameter $" + std::to_string(param.number)).position(position(param.location));
  }
  if (parameter_types_ == nullptr) {
    throw SqlError(Sqlstate::UndefinedParameter, "there is no parameter $" + std::to_string(param.number)).position(position(param.location));
  }
  size_t index = param.number - 1;
  if (parameter_types_->size() <= index) parameter_types_->resize(index + 1, Type{kInvalidOid});
  Type known = (*parameter_types_)[index];
  auto expr = std::make_unique<Expr>(ExprKind::Param, known.oid == kInvalidOid ? Type{oid::kUnknown} : known);
  expr->index = static_cast<uint32_t>(index);
  expr->collation = type_collation(expr->type.oid);
  return at(std::move(expr), param.location);
}

ExprPtr QueryAnalyzer::bind_a_expr(const ast::AExpr& expr, Scope& scope, Clause clause) {
  switch (expr.kind) {
    case ast::AExprKind::Op: {
      auto* row = node_cast<ast::RowExpr>(expr.lexpr);
      auto* link = node_cast<ast::SubLink>(expr.rexpr);
      // (a, b) = (SELECT x, y): a comparison with the subquery's row.
      if (row != nullptr && link != nullptr && link->sub_link_type == ast::SubLinkType::Expr) {
        ast::SubLink compare = *link;
        compare.sub_link_type = ast::SubLinkType::RowCompare;
        compare.testexpr = expr.lexpr;
        compare.oper_name = expr.name;
        return bind_sub_link(compare, scope, clause);
      }
      ExprPtr left = bind_optional(expr.lexpr, scope, clause);
      ExprPtr right = bind(*expr.rexpr, scope, clause);
      return bind_operator(expr.name, std::move(left), std::move(right), expr.location);
    }
    case ast::AExprKind::OpAny:
    case ast::AExprKind::OpAll: return bind_array_compare(expr, scope, clause);
    case ast::AExprKind::Distinct:
    case ast::AExprKind::NotDistinct: return bind_distinct(expr, scope, clause);
    case ast::AExprKind::NullIf: {
      ExprPtr left = bind(*expr.lexpr, scope, clause);
      ExprPtr right = bind(*expr.rexpr, scope, clause);
      const auto& op = find_operator("=", left->type, right->type, expr.location);
      ExprPtr call = call_operator(op, std::move(left), std::move(right), expr.location);
      call->kind = ExprKind::NullIf;
      call->type = {call->args[0]->type.oid, -1};
      call->collation = call->args[0]->collation;
      return call;
    }
    case ast::AExprKind::In: return bind_in(expr, scope, clause);
    case ast::AExprKind::Like:
    case ast::AExprKind::Ilike:
    case ast::AExprKind::Similar:
      return bind_operator(expr.name, bind(*expr.lexpr, scope, clause), bind(*expr.rexpr, scope, clause), expr.location);
    case ast::AExprKind::Between:
    case ast::AExprKind::NotBetween:
    case ast::AExprKind::BetweenSym:
    case ast::AExprKind::NotBetweenSym: return bind_between(expr, scope, clause);
  }
  return nullptr;
}

namespace {

ExprPtr combine(ExprKind kind, ExprList parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  auto expr = std::make_unique<Expr>(kind, Type{oid::kBool});
  expr->location = parts[0]->location;
  for (auto& part : parts) {
    // AND of ANDs is one AND.
    if (part->kind == kind) {
      for (auto& arg : part->args) expr->args.push_back(std::move(arg));
    } else {
      expr->args.push_back(std::move(part));
    }
  }
  return expr;
}

template <typename... Parts>
ExprList list_of(Parts... parts) {
  ExprList list;
  (list.push_back(std::move(parts)), ...);
  return list;
}

ExprPtr negate(ExprPtr expr) {
  auto result = std::make_unique<Expr>(ExprKind::Not, Type{oid::kBool});
  result->location = expr->location;
  result->args.push_back(std::move(expr));
  return result;
}

}  // namespace

ExprPtr QueryAnalyzer::bind_between(const ast::AExpr& expr, Scope& scope, Clause clause) {
  auto& bounds = *static_cast<const ast::ListNode*>(expr.rexpr);
  // The operands are bound again for each comparison: literals take their type from the other side each time.
  auto compare = [&](const char* op, const ast::Node& left, const ast::Node& right) {
    ExprPtr l = bind(left, scope, clause);
    ExprPtr r = bind(right, scope, clause);
    std::string_view name = op;
    return bind_operator(ast::NameList(&name, 1), std::move(l), std::move(r), expr.location);
  };
  const ast::Node& value = *expr.lexpr;
  const ast::Node& low = *bounds.items[0];
  const ast::Node& high = *bounds.items[1];
  auto inside = [&](const ast::Node& a, const ast::Node& b) {
    return combine(ExprKind::And, list_of(compare(">=", value, a), compare("<=", value, b)));
  };
  auto outside = [&](const ast::Node& a, const ast::Node& b) {
    return combine(ExprKind::Or, list_of(compare("<", value, a), compare(">", value, b)));
  };
  switch (expr.kind) {
    case ast::AExprKind::Between: return inside(low, high);
    case ast::AExprKind::NotBetween: return outside(low, high);
    case ast::AExprKind::BetweenSym: return combine(ExprKind::Or, list_of(inside(low, high), inside(high, low)));
    default: return combine(ExprKind::And, list_of(outside(low, high), outside(high, low)));
  }
}

ExprPtr QueryAnalyzer::bind_in(const ast::AExpr& expr, Scope& scope, Clause clause) {
  bool negated = expr.name.back() == "<>";
  auto& list = *static_cast<const ast::ListNode*>(expr.rexpr);
  ExprPtr left = bind(*expr.lexpr, scope, clause);
  ExprList items;
  bool all_constant = left->kind != ExprKind::Row;
  for (auto* item : list.items) {
    items.push_back(bind(*item, scope, clause));
    all_constant = all_constant && (items.back()->kind == ExprKind::Constant);
  }
  bool by_bytes = type_collation(left->type.oid) == kInvalidOid || types::is_deterministic(left->collation);
  if (all_constant && items.size() > 1 && by_bytes) {
    std::vector<Oid> all{left->type.oid};
    for (const auto& item : items) all.push_back(item->type.oid);
    Oid common = coercion_.common_type(all, nullptr);
    if (common != kInvalidOid && common != oid::kUnknown) {
      const auto* op = lookup_operator("=", left->type.oid == oid::kUnknown ? Type{common} : left->type, {common}, expr.location);
      if (op != nullptr && !is_polymorphic(op->left)) {
        auto in = std::make_unique<Expr>(ExprKind::InList, Type{oid::kBool});
        set_operator(*in, *op, expr.location);
        in->negated = negated;
        in->location = expr.location;
        in->args.push_back(coerce_or_throw(std::move(left), {op->left}, CastContext::Implicit, "IN"));
        Type wanted{type_category(common) == 'C' && type_kind(common) == 'c' ? common : op->right};
        for (auto& item : items) in->args.push_back(coerce_or_throw(std::move(item), wanted, CastContext::Implicit, "IN"));
        derive_collation(*in);
        return in;
      }
    }
  }
  // One comparison an element; the left side is bound anew for each but the first.
  ExprList parts;
  std::string_view op_name = negated ? "<>" : "=";
  for (size_t i = 0; i < items.size(); ++i) {
    ExprPtr l = i == 0 ? std::move(left) : bind(*expr.lexpr, scope, clause);
    parts.push_back(bind_operator(ast::NameList(&op_name, 1), std::move(l), std::move(items[i]), expr.location));
  }
  return combine(negated ? ExprKind::And : ExprKind::Or, std::move(parts));
}

ExprPtr QueryAnalyzer::bind_distinct(const ast::AExpr& expr, Scope& scope, Clause clause) {
  bool negated = expr.kind == ast::AExprKind::NotDistinct;
  ExprPtr left = bind(*expr.lexpr, scope, clause);
  ExprPtr right = bind(*expr.rexpr, scope, clause);
  auto is_null = [](const ExprPtr& e) { return e->kind == ExprKind::Constant && e->value.get().is_null; };
  if (is_null(left) || is_null(right)) {
    auto test = std::make_unique<Expr>(ExprKind::NullTest, Type{oid::kBool});
    test->negated = !negated;
    test->location = expr.location;
    test->args.push_back(is_null(right) ? std::move(left) : std::move(right));
    return test;
  }
  auto one = [&](ExprPtr l, ExprPtr r) {
    const auto& op = find_operator(expr.name, l->type, r->type, expr.location);
    ExprPtr call = call_operator(op, std::move(l), std::move(r), expr.location);
    call->kind = ExprKind::Distinct;
    call->negated = negated;
    return call;
  };
  if (left->kind != ExprKind::Row || right->kind != ExprKind::Row) return one(std::move(left), std::move(right));
  if (left->args.size() != right->args.size()) {
    throw SqlError(Sqlstate::SyntaxError, "unequal number of entries in row expressions").position(position(expr.location));
  }
  ExprList parts;
  for (size_t i = 0; i < left->args.size(); ++i) parts.push_back(one(std::move(left->args[i]), std::move(right->args[i])));
  return combine(negated ? ExprKind::And : ExprKind::Or, std::move(parts));
}

ExprPtr QueryAnalyzer::bind_array_compare(const ast::AExpr& expr, Scope& scope, Clause clause) {
  ExprPtr left = bind(*expr.lexpr, scope, clause);
  ExprPtr right = bind(*expr.rexpr, scope, clause);
  Oid element = oid::kUnknown;
  if (right->type.oid != oid::kUnknown) {
    const auto* info = types::find_type(right->type.oid);
    element = info == nullptr ? kInvalidOid : info->element;
    if (element == kInvalidOid) {
      throw SqlError(Sqlstate::WrongObjectType, "op ANY/ALL (array) requires array on right side").position(position(expr.location));
    }
  }
  const auto& op = find_operator(expr.name, left->type, {element}, expr.location);
  if (op.result != oid::kBool) {
    throw SqlError(Sqlstate::WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean").position(position(expr.location));
  }
  std::vector<Oid> actual{left->type.oid, element};
  std::vector<Oid> declared{op.left, op.right};
  Oid result = op.result;
  resolve_polymorphic(coercion_.casts(), actual, declared, result);
  auto compare = std::make_unique<Expr>(ExprKind::ArrayCompare, Type{oid::kBool});
  set_operator(*compare, op, expr.location);
  compare->use_or = expr.kind == ast::AExprKind::OpAny;
  compare->location = expr.location;
  compare->args.push_back(coerce_or_throw(std::move(left), {declared[0]}, CastContext::Implicit, "ANY"));
  Oid wanted = array_type(declared[1]);
  // int2vector and oidvector are read as they are.
  if (element != oid::kUnknown && element == declared[1]) wanted = right->type.oid;
  compare->args.push_back(coerce_or_throw(std::move(right), {wanted}, CastContext::Implicit, "ANY"));
  derive_collation(*compare);
  return compare;
}

ExprPtr QueryAnalyzer::bind_bool_expr(const ast::BoolExpr& expr, Scope& scope, Clause clause) {
  switch (expr.boolop) {
    case ast::BoolExprType::Not: return negate(bind_boolean(*expr.args[0], scope, clause, "NOT"));
    case ast::BoolExprType::And:
    case ast::BoolExprType::Or: break;
  }
  bool is_and = expr.boolop == ast::BoolExprType::And;
  ExprList parts;
  for (auto* arg : expr.args) parts.push_back(bind_boolean(*arg, scope, clause, is_and ? "AND" : "OR"));
  return combine(is_and ? ExprKind::And : ExprKind::Or, std::move(parts));
}

// A set in what is computed for some rows only would be computed for all.
void QueryAnalyzer::refuse_sets(const Expr& expr, const char* construct) {
  plan::walk(expr, [&](const Expr& part) {
    if (part.kind == ExprKind::Call && part.function->returns_set) {
      throw SqlError(Sqlstate::FeatureNotSupported, std::string("set-returning functions are not allowed in ") + construct)
          .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
          .position(position(part.location));
    }
    return true;
  });
}

ExprPtr QueryAnalyzer::bind_case(const ast::CaseExpr& expr, Scope& scope, Clause clause) {
  auto result = std::make_unique<Expr>(ExprKind::Case, Type{});
  result->location = expr.location;
  ExprList results;  // the ELSE first: it decides the type before the others
  results.push_back(expr.defresult != nullptr ? bind(*expr.defresult, scope, clause)
                                              : plan::make_constant({oid::kUnknown}, types::Value::null()));
  ExprList conditions;
  for (auto* when : expr.args) {
    if (expr.arg == nullptr) {
      conditions.push_back(bind_boolean(*when->expr, scope, clause, "CASE/WHEN"));
    } else {
      std::string_view equal = "=";
      ExprPtr tested = bind(*expr.arg, scope, clause);
      resolve_unknown(tested);
      conditions.push_back(bind_operator(ast::NameList(&equal, 1), std::move(tested), bind(*when->expr, scope, clause), when->location));
    }
    results.push_back(bind(*when->result, scope, clause));
  }
  size_t conflict = 0;
  Oid common = coercion_.common_type(results, &conflict);
  if (common == kInvalidOid) {
    throw SqlError(Sqlstate::DatatypeMismatch, "CASE types " + types::format_type({results[0]->type.oid}) + " and " +
                                                   types::format_type({results[conflict]->type.oid}) + " cannot be matched")
        .position(position(results[conflict]->location));
  }
  result->type = {common, Coercion::common_typmod(results, common)};
  for (auto& value : results) value = coerce_or_throw(std::move(value), {common}, CastContext::Implicit, "CASE");
  std::vector<const Expr*> values;
  for (size_t i = 1; i < results.size(); ++i) values.push_back(results[i].get());
  values.push_back(results[0].get());
  derive_collation(*result, values);
  for (size_t i = 0; i < conditions.size(); ++i) {
    result->args.push_back(std::move(conditions[i]));
    result->args.push_back(std::move(results[i + 1]));
  }
  result->args.push_back(std::move(results[0]));
  refuse_sets(*result, "CASE");
  result->negated = expr.arg != nullptr;  // a simple CASE, for those who write it again
  return result;
}

ExprPtr QueryAnalyzer::bind_common(ExprKind kind, ast::NodeList args, Scope& scope, Clause clause, const char* construct, int location) {
  auto expr = std::make_unique<Expr>(kind, Type{});
  expr->location = location;
  for (auto* arg : args) expr->args.push_back(bind(*arg, scope, clause));
  size_t conflict = 0;
  Oid common = coercion_.common_type(expr->args, &conflict);
  if (common == kInvalidOid) {
    throw SqlError(Sqlstate::DatatypeMismatch, std::string(construct) + " types " + types::format_type({expr->args[0]->type.oid}) + " and " +
                                                   types::format_type({expr->args[conflict]->type.oid}) + " cannot be matched")
        .position(position(expr->args[conflict]->location));
  }
  expr->type = {common, Coercion::common_typmod(expr->args, common)};
  for (auto& arg : expr->args) arg = coerce_or_throw(std::move(arg), {common}, CastContext::Implicit, construct);
  derive_collation(*expr);
  if (kind == ExprKind::Coalesce) refuse_sets(*expr, "COALESCE");
  return expr;
}

ExprPtr QueryAnalyzer::bind_null_test(const ast::NullTest& test, Scope& scope, Clause clause) {
  auto expr = std::make_unique<Expr>(ExprKind::NullTest, Type{oid::kBool});
  expr->negated = test.nulltesttype == ast::NullTestType::IsNotNull;
  expr->location = test.location;
  ExprPtr arg = bind(*test.arg, scope, clause);
  resolve_unknown(arg);
  expr->row_test = arg->type.oid == oid::kRecord || type_category(arg->type.oid) == 'C';
  expr->args.push_back(std::move(arg));
  return expr;
}

ExprPtr QueryAnalyzer::bind_boolean_test(const ast::BooleanTest& test, Scope& scope, Clause clause) {
  auto expr = std::make_unique<Expr>(ExprKind::BoolTest, Type{oid::kBool});
  const char* construct = "IS TRUE";
  switch (test.booltesttype) {
    case ast::BoolTestType::IsTrue: expr->bool_test = plan::BoolTestKind::IsTrue; break;
    case ast::BoolTestType::IsNotTrue: expr->bool_test = plan::BoolTestKind::IsNotTrue; construct = "IS NOT TRUE"; break;
    case ast::BoolTestType::IsFalse: expr->bool_test = plan::BoolTestKind::IsFalse; construct = "IS FALSE"; break;
    case ast::BoolTestType::IsNotFalse: expr->bool_test = plan::BoolTestKind::IsNotFalse; construct = "IS NOT FALSE"; break;
    case ast::BoolTestType::IsUnknown: expr->bool_test = plan::BoolTestKind::IsUnknown; construct = "IS UNKNOWN"; break;
    case ast::BoolTestType::IsNotUnknown: expr->bool_test = plan::BoolTestKind::IsNotUnknown; construct = "IS NOT UNKNOWN"; break;
  }
  expr->location = test.location;
  expr->args.push_back(bind_boolean(*test.arg, scope, clause, construct));
  return expr;
}

ExprPtr QueryAnalyzer::bind_row(const ast::RowExpr& row, Scope& scope, Clause clause) {
  auto expr = std::make_unique<Expr>(ExprKind::Row, Type{oid::kRecord});
  expr->location = row.location;
  for (auto* arg : row.args) {
    auto* ref = node_cast<ast::ColumnRef>(arg);
    if (ref != nullptr && ref->star) {
      std::vector<TargetColumn> columns;
      expand_star(*ref, scope, columns);
      for (auto& column : columns) {
        column.expr->name = column.name;
        expr->args.push_back(std::move(column.expr));
      }
      continue;
    }
    ExprPtr field = bind(*arg, scope, clause);
    expr->args.push_back(std::move(field));
  }
  return expr;
}

ExprPtr QueryAnalyzer::bind_array(const ast::AArrayExpr& array, Scope& scope, Clause clause, Type target) {
  auto expr = std::make_unique<Expr>(ExprKind::Array, Type{});
  expr->location = array.location;
  Oid target_element = element_type(target.oid);
  bool nested = false;
  for (auto* element : array.elements) {
    if (auto* inner = node_cast<ast::AArrayExpr>(element)) {
      expr->args.push_back(bind_array(*inner, scope, clause, target));
      nested = true;
    } else {
      expr->args.push_back(bind(*element, scope, clause));
      nested = nested || element_type(expr->args.back()->type.oid) != kInvalidOid;
    }
  }
  if (expr->args.empty() && target.oid == kInvalidOid) {
    throw SqlError(Sqlstate::IndeterminateDatatype, "cannot determine type of empty array")
        .hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
        .position(position(array.location));
  }
  Oid element = target.oid != kInvalidOid ? (nested ? target.oid : target_element) : kInvalidOid;
  CastContext context = CastContext::Explicit;
  if (element == kInvalidOid) {
    size_t conflict = 0;
    element = coercion_.common_type(expr->args, &conflict);
    context = CastContext::Implicit;
    if (element == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "ARRAY types " + types::format_type({expr->args[0]->type.oid}) + " and " +
                                                     types::format_type({expr->args[conflict]->type.oid}) + " cannot be matched")
          .position(position(expr->args[conflict]->location));
    }
  }
  Oid of = element_type(element);
  Oid type = of != kInvalidOid ? element : array_type(element);
  if (type == kInvalidOid) {
    throw SqlError(Sqlstate::UndefinedObject, "could not find array type for data type " + types::format_type({element}))
        .position(position(array.location));
  }
  for (auto& arg : expr->args) {
    if (arg->type.oid == oid::kUnknown || arg->type.oid != element) {
      Type from = arg->type;
      int location = arg->location;
      arg = coercion_.coerce(std::move(arg), {element, target.typmod}, context, position(location));
      if (arg == nullptr) {
        throw SqlError(Sqlstate::CannotCoerce, "cannot cast type " + types::format_type({from.oid}) + " to " + types::format_type({element}))
            .position(position(location));
      }
    }
  }
  expr->type = {type, -1};
  derive_collation(*expr);
  return expr;
}

Oid output_type(const Expr& call, size_t column) {
  std::vector<Oid> arguments;
  for (const auto& arg : call.args) arguments.push_back(arg->type.oid);
  return functions::output_type(*call.function, column, arguments);
}

void QueryAnalyzer::note_record(plan::ColumnBinding binding, const Expr& source) {
  if (source.kind == ExprKind::Case && source.row_test) return note_record(binding, *source.args[2]);
  RecordFields fields;
  if (source.kind == ExprKind::Column) {
    auto known = records_.find(source.binding);
    if (known == records_.end()) return;
    fields = known->second;
  } else if (source.kind == ExprKind::Row && source.type.oid == oid::kRecord) {
    for (size_t i = 0; i < source.args.size(); ++i) {
      Type type = source.args[i]->type.oid == oid::kUnknown ? Type{oid::kText} : source.args[i]->type;
      fields.emplace_back(source.row_test ? source.args[i]->name : "f" + std::to_string(i + 1), type);
    }
  } else if (source.kind == ExprKind::Call && !source.function->out_names.empty() && source.type.oid == oid::kRecord) {
    for (size_t i = 0; i < source.function->out_names.size(); ++i) {
      fields.emplace_back(source.function->out_names[i], Type{output_type(source, i)});
    }
  } else {
    return;
  }
  records_[binding] = std::move(fields);
}

ExprPtr QueryAnalyzer::make_field(ExprPtr value, size_t index, const types::UserType::Field& field, int location) {
  auto select = std::make_unique<Expr>(ExprKind::Field, field.type);
  select->index = static_cast<uint32_t>(index);
  select->name = field.name;
  select->location = location;
  select->collation = type_collation(field.type.oid);
  select->args.push_back(std::move(value));
  return select;
}

ExprPtr QueryAnalyzer::select_field(ExprPtr& value, std::string_view name, int location) {
  strip_nullable_row(value);
  Oid type = types::base_type(value->type.oid);
  if (type == oid::kRecord && value->kind == ExprKind::Row && !value->row_test) {
    // Fields of ROW(…) are called f1, f2, ….
    for (size_t i = 0; i < value->args.size(); ++i) {
      if (name != "f" + std::to_string(i + 1)) continue;
      ExprPtr chosen = std::move(value->args[i]);
      resolve_unknown(chosen);
      return chosen;
    }
    return nullptr;
  }
  if (type_category(type) != 'C') return nullptr;
  auto definition = catalog::type_definition(context_.catalog, type);
  if (definition == nullptr) return nullptr;
  for (size_t i = 0; i < definition->fields.size(); ++i) {
    const auto& field = definition->fields[i];
    if (field.dropped || field.name != name) continue;
    if (value->kind == ExprKind::Row && value->args.size() == definition->fields.size()) {
      ExprPtr chosen = std::move(value->args[i]);
      return chosen;
    }
    return make_field(std::move(value), i, field, location);
  }
  return nullptr;
}

ExprPtr QueryAnalyzer::subscript_jsonb(ExprPtr value, std::span<const ast::AIndices* const> subscripts, bool slice, Scope& scope, Clause clause,
                                       int location) {
  if (slice) throw SqlError(Sqlstate::FeatureNotSupported, "jsonb subscript does not support slices").position(position(location));
  ExprList args;
  args.push_back(std::move(value));
  for (const auto* subscript : subscripts) args.push_back(jsonb_subscript(*subscript->uidx, scope, clause));
  ExprPtr call = plan::make_call(functions::jsonb_fetch_function(), {oid::kJsonb}, std::move(args));
  call->location = location;
  return call;
}

// A subscript of jsonb: an integer if it can be one, text otherwise; both are passed as text.
ExprPtr QueryAnalyzer::jsonb_subscript(const ast::Node& node, Scope& scope, Clause clause) {
  ExprPtr index = bind(node, scope, clause);
  int location = index->location;
  if (index->type.oid == oid::kUnknown) return coerce_or_throw(std::move(index), {oid::kText}, CastContext::Implicit, "subscript");
  Type source = index->type;
  bool to_int = find_path(coercion_.casts(), source.oid, oid::kInt4, CastContext::Implicit, nullptr) != CoercionPath::None;
  bool to_text = find_path(coercion_.casts(), source.oid, oid::kText, CastContext::Implicit, nullptr) != CoercionPath::None;
  if (to_int == to_text && source.oid != oid::kInt4 && source.oid != oid::kText) {
    throw SqlError(Sqlstate::DatatypeMismatch, "subscript type " + types::format_type(source) + " is not supported")
        .hint("jsonb subscript must be coercible to either integer or text.")
        .position(position(location));
  }
  if (to_int) index = coerce_or_throw(std::move(index), {oid::kInt4}, CastContext::Implicit, "subscript");
  return coerce_or_throw(std::move(index), {oid::kText}, to_int ? CastContext::Explicit : CastContext::Implicit, "subscript");
}

ExprPtr QueryAnalyzer::bind_indirection(const ast::AIndirection& indirection, Scope& scope, Clause clause) {
  ExprPtr value = bind(*indirection.arg, scope, clause);
  size_t i = 0;
  while (i < indirection.indirection.size()) {
    ast::Node* step = indirection.indirection[i];
    if (auto* field = node_cast<ast::String>(step)) {
      ++i;
      if (ExprPtr part = select_field(value, field->sval, indirection.location)) {
        value = std::move(part);
        continue;
      }
      if (value->kind == ExprKind::Row) {
        bool found = false;
        for (auto& arg : value->args) {
          if (arg->name != field->sval) continue;
          ExprPtr chosen = std::move(arg);
          value = std::move(chosen);
          found = true;
          break;
        }
        if (found) continue;
      } else if (value->kind == ExprKind::Call && !value->function->out_names.empty()) {
        bool found = false;
        const auto* function = value->function;
        for (size_t k = 0; k < function->out_names.size() && !found; ++k) {
          if (function->out_names[k] != field->sval) continue;
          auto select = std::make_unique<Expr>(ExprKind::Field, Type{output_type(*value, k)});
          select->index = static_cast<uint32_t>(k);
          select->name = field->sval;
          select->location = indirection.location;
          select->collation = type_collation(select->type.oid);
          select->args.push_back(std::move(value));
          value = std::move(select);
          found = true;
        }
        if (found) continue;
      } else if (auto known = value->kind == ExprKind::Column ? records_.find(value->binding) : records_.end(); known != records_.end()) {
        const RecordFields& fields = known->second;
        auto at = std::find_if(fields.begin(), fields.end(), [&](const auto& entry) { return entry.first == field->sval; });
        if (at != fields.end()) {
          auto select = std::make_unique<Expr>(ExprKind::Field, at->second);
          select->index = static_cast<uint32_t>(at - fields.begin());
          select->name = field->sval;
          select->location = indirection.location;
          select->collation = type_collation(select->type.oid);
          select->args.push_back(std::move(value));
          value = std::move(select);
          continue;
        }
      }
      if (type_category(value->type.oid) == 'C') {
        throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(field->sval) + "\" not found in data type " +
                                                      types::format_type({value->type.oid}, context_.types.names))
            .position(position(value->location >= 0 ? value->location : indirection.location));
      }
      if (value->type.oid == oid::kRecord) {
        throw SqlError(Sqlstate::UndefinedColumn, "could not identify column \"" + std::string(field->sval) + "\" in record data type")
            .position(position(indirection.location));
      }
      throw SqlError(Sqlstate::WrongObjectType, "column notation ." + std::string(field->sval) + " applied to type " +
                                                    types::format_type({value->type.oid}) + ", which is not a composite type")
          .position(position(indirection.location));
    }
    if (ast::is_node<ast::AStar>(step)) throw_not_supported("row expansion via \"*\" here", position(indirection.location));
    // Consecutive subscripts make one access; one slice among them makes all slices.
    std::vector<const ast::AIndices*> subscripts;
    bool slice = false;
    while (i < indirection.indirection.size()) {
      auto* indices = node_cast<ast::AIndices>(indirection.indirection[i]);
      if (indices == nullptr) break;
      slice = slice || indices->is_slice;
      subscripts.push_back(indices);
      ++i;
    }
    if (Type base = types::base_type(value->type); base.oid != value->type.oid) {
      value = coerce_or_throw(std::move(value), base, CastContext::Implicit, "subscript");
    }
    if (value->type.oid == oid::kJsonb) {
      value = subscript_jsonb(std::move(value), subscripts, slice, scope, clause, indirection.location);
      continue;
    }
    const auto* info = types::find_type(value->type.oid);
    // A name is a fixed array of bytes from 0, a point one of two numbers.
    Oid fixed = value->type.oid == oid::kName ? Oid{oid::kChar} : functions::fixed_array_element(value->type.oid);
    if (fixed != kInvalidOid && slice) throw SqlError(Sqlstate::FeatureNotSupported, "slices of fixed-length arrays not implemented");
    if (fixed != kInvalidOid && subscripts.size() == 1) {
      ExprPtr index = bind(*subscripts[0]->uidx, scope, clause);
      index = coercion_.coerce(std::move(index), {oid::kInt4}, CastContext::Assignment, position(indirection.location));
      if (index == nullptr) {
        throw SqlError(Sqlstate::DatatypeMismatch, "array subscript must have type integer").position(position(indirection.location));
      }
      auto access = std::make_unique<Expr>(ExprKind::Subscript, Type{fixed});
      access->index = 1;
      access->location = indirection.location;
      access->args.push_back(std::move(value));
      access->args.push_back(std::move(index));
      value = std::move(access);
      continue;
    }
    if (info == nullptr || info->element == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "cannot subscript type " + types::format_type({value->type.oid}) +
                                                     " because it does not support subscripting")
          .position(position(indirection.location));
    }
    auto access = std::make_unique<Expr>(ExprKind::Subscript, slice ? Type{value->type.oid} : Type{info->element, value->type.typmod});
    access->index = static_cast<uint32_t>(subscripts.size());
    access->is_slice = slice;
    access->location = indirection.location;
    access->collation = value->collation;
    access->args.push_back(std::move(value));
    auto bound = [&](const ast::Node* node, bool missing_is_one) -> ExprPtr {
      if (node == nullptr) {
        // A missing bound is the array's own; null stands for it. A plain subscript among slices is 1:n.
        return missing_is_one ? plan::make_constant({oid::kInt4}, types::Value::of_i32(1))
                              : plan::make_constant({oid::kInt4}, types::Value::null());
      }
      ExprPtr index = bind(*node, scope, clause);
      int location = index->location;
      index = coercion_.coerce(std::move(index), {oid::kInt4}, CastContext::Assignment, position(location));
      if (index == nullptr) {
        throw SqlError(Sqlstate::DatatypeMismatch, "array subscript must have type integer").position(position(location));
      }
      return index;
    };
    for (const auto* subscript : subscripts) {
      if (slice) access->args.push_back(bound(subscript->lidx, !subscript->is_slice));
      access->args.push_back(bound(subscript->uidx, false));
      if (slice) {
        // Mark omitted bounds, which differ from null ones: number k set means argument k is omitted.
        size_t upper = access->args.size() - 1;
        if (subscript->is_slice && subscript->lidx == nullptr) access->numbers.push_back(static_cast<uint32_t>(upper - 1));
        if (subscript->is_slice && subscript->uidx == nullptr) access->numbers.push_back(static_cast<uint32_t>(upper));
      }
    }
    value = std::move(access);
  }
  return value;
}

ExprPtr QueryAnalyzer::bind_type_cast(const ast::TypeCast& cast, Scope& scope, Clause clause) {
  Type target = resolve_type(context_, *cast.type_name);
  ExprPtr arg;
  if (auto* array = node_cast<ast::AArrayExpr>(cast.arg); array != nullptr && element_type(target.oid) != kInvalidOid) {
    arg = bind_array(*array, scope, clause, target);
  } else {
    arg = bind(*cast.arg, scope, clause);
  }
  int location = cast.location >= 0 ? cast.location : arg->location;
  Type source = arg->type;
  int value_location = arg->location >= 0 ? arg->location : location;
  // Of a row that does not fit, PostgreSQL points at the cast.
  int error_location = arg->kind == ExprKind::Row ? location : value_location;
  ExprPtr result = coercion_.coerce(std::move(arg), target, CastContext::Explicit, position(error_location));
  if (result == nullptr) {
    throw SqlError(Sqlstate::CannotCoerce, "cannot cast type " + types::format_type({source.oid}) + " to " + types::format_type({target.oid}))
        .position(position(location));
  }
  result->location = value_location;
  return result;
}

ExprPtr QueryAnalyzer::bind_sql_value(const ast::SQLValueFunction& function) {
  auto call = [&](Oid oid, ExprList args) {
    const auto* target = functions::find_function(oid);
    AEGIS_CHECK(target != nullptr);
    return at(plan::make_call(*target, {target->result}, std::move(args)), function.location);
  };
  auto length = [&](ExprPtr expr) {
    if (function.typmod < 0) return expr;
    Type target{expr->type.oid, function.typmod};
    return coerce_or_throw(std::move(expr), target, CastContext::Explicit, "cast");
  };
  auto now = [&] { return call(1299, {}); };
  switch (function.op) {
    case ast::SQLValueFunctionOp::CurrentDate: return call(1178, list_of(now()));
    case ast::SQLValueFunctionOp::CurrentTime:
    case ast::SQLValueFunctionOp::CurrentTimeN: return length(call(1388, list_of(now())));
    case ast::SQLValueFunctionOp::CurrentTimestamp:
    case ast::SQLValueFunctionOp::CurrentTimestampN: return length(now());
    case ast::SQLValueFunctionOp::Localtime:
    case ast::SQLValueFunctionOp::LocaltimeN: return length(call(1316, list_of(call(2027, list_of(now())))));
    case ast::SQLValueFunctionOp::Localtimestamp:
    case ast::SQLValueFunctionOp::LocaltimestampN: return length(call(2027, list_of(now())));
    case ast::SQLValueFunctionOp::CurrentRole:
    case ast::SQLValueFunctionOp::CurrentUser:
    case ast::SQLValueFunctionOp::User: return call(745, {});
    case ast::SQLValueFunctionOp::SessionUser: return call(746, {});
    case ast::SQLValueFunctionOp::CurrentCatalog: return call(861, {});
    case ast::SQLValueFunctionOp::CurrentSchema: return call(1402, {});
  }
  return nullptr;
}

// Equality: all pairs equal. Order: the first pair that differs decides.
ExprPtr QueryAnalyzer::bind_row_comparison(ast::NameList op, ExprList left, ExprList right, int location) {
  if (left.size() != right.size()) {
    throw SqlError(Sqlstate::SyntaxError, "unequal number of entries in row expressions").position(position(location));
  }
  if (left.empty()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot compare rows of zero length").position(position(location));
  }
  std::string_view name = op.back();
  auto one = [&](std::string_view op_name, ExprPtr l, ExprPtr r) {
    return bind_operator(ast::NameList(&op_name, 1), std::move(l), std::move(r), location);
  };
  ExprList parts;
  if (name == "=" || name == "<>" || left.size() == 1) {
    for (size_t i = 0; i < left.size(); ++i) parts.push_back(one(name, std::move(left[i]), std::move(right[i])));
    return combine(name == "<>" ? ExprKind::Or : ExprKind::And, std::move(parts));
  }
  if (name != "<" && name != "<=" && name != ">" && name != ">=") {
    throw SqlError(Sqlstate::FeatureNotSupported, "could not determine interpretation of row comparison operator " + std::string(name))
        .hint("Row comparison operators must be associated with btree operator families.")
        .position(position(location));
  }
  // a < x OR (a = x AND (b < y OR …))
  std::string_view strict = name.substr(0, 1);
  ExprPtr result;
  for (size_t i = left.size(); i-- > 0;) {
    if (i + 1 == left.size()) {
      result = one(name, std::move(left[i]), std::move(right[i]));
      continue;
    }
    ExprPtr less = one(strict, left[i]->clone(), right[i]->clone());
    ExprPtr equal = one("=", std::move(left[i]), std::move(right[i]));
    result = combine(ExprKind::Or, list_of(std::move(less), combine(ExprKind::And, list_of(std::move(equal), std::move(result)))));
  }
  return result;
}

void QueryAnalyzer::resolve_unknown(ExprPtr& expr) {
  if (expr->type.oid == oid::kUnknown) expr = coerce_or_throw(std::move(expr), {oid::kText}, CastContext::Implicit, "cast");
}

}  // namespace aegis::analyzer
