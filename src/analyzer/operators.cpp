// Operators: lookup by name and types (parse_oper.c), and calls of them.
#include "aegis/base/error.h"
#include "aegis/parser/parser.h"
#include "query_analyzer.h"

namespace aegis::analyzer {
namespace {

std::string operator_text(std::string_view name, Type left, Type right) {
  std::string text;
  if (left.oid != kInvalidOid) text += types::format_type({left.oid}) + " ";
  text += name;
  return text + " " + types::format_type({right.oid});
}

}  // namespace

const functions::Operator* QueryAnalyzer::lookup_operator(std::string_view name, Type left, Type right, int location) {
  auto all = functions::find_operators(name);
  bool prefix = left.oid == kInvalidOid;
  Oid exact_left = types::base_type(left.oid);
  Oid exact_right = types::base_type(right.oid);
  if (!prefix) {
    if (exact_left == oid::kUnknown) exact_left = exact_right;
    if (exact_right == oid::kUnknown) exact_right = exact_left;
  }
  for (const auto* op : all) {
    if (op->left == (prefix ? kInvalidOid : exact_left) && op->right == exact_right) return op;
  }
  std::vector<Candidate> candidates;
  for (const auto* op : all) {
    if ((op->left == kInvalidOid) != prefix) continue;
    Candidate candidate;
    candidate.op = op;
    if (!prefix) candidate.arguments.push_back(op->left);
    candidate.arguments.push_back(op->right);
    candidates.push_back(std::move(candidate));
  }
  std::vector<Oid> actual;
  if (!prefix) actual.push_back(left.oid);
  actual.push_back(right.oid);
  int chosen = select_candidate(actual, candidates);
  // unknown op unknown: PostgreSQL reads the literals as text where that is possible.
  if (chosen == -2) {
    throw SqlError(Sqlstate::AmbiguousFunction, "operator is not unique: " + operator_text(name, left, right))
        .hint("Could not choose a best candidate operator. You might need to add explicit type casts.")
        .position(position(location));
  }
  return chosen < 0 ? nullptr : candidates[chosen].op;
}

const functions::Operator& QueryAnalyzer::find_operator(std::string_view name, Type left, Type right, int location) {
  if (const auto* op = lookup_operator(name, left, right, location)) return *op;
  throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + operator_text(name, left, right))
      .hint("No operator matches the given name and argument type" + std::string(left.oid == kInvalidOid ? "" : "s") +
            ". You might need to add " + (left.oid == kInvalidOid ? "an explicit type cast." : "explicit type casts."))
      .position(position(location));
}

const functions::Operator& QueryAnalyzer::find_operator(ast::NameList name, Type left, Type right, int location) {
  if (name.size() > 1 && name[name.size() - 2] != "pg_catalog") {
    std::string full;
    for (auto part : name.first(name.size() - 1)) full += std::string(part) + ".";
    throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + operator_text(full + std::string(name.back()), left, right))
        .hint("No operator matches the given name and argument types. You might need to add explicit type casts.")
        .position(position(location));
  }
  return find_operator(name.back(), left, right, location);
}

ExprPtr QueryAnalyzer::call_operator(const functions::Operator& op, ExprPtr left, ExprPtr right, int location) {
  std::vector<Oid> actual;
  std::vector<Oid> declared;
  if (left) {
    actual.push_back(left->type.oid);
    declared.push_back(op.left);
  }
  actual.push_back(right->type.oid);
  declared.push_back(op.right);
  Oid result = op.result;
  const auto* function = functions::find_function(op.function);
  if (function == nullptr || !resolve_polymorphic(actual, declared, result)) {
    throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + operator_text(op.name, left ? left->type : Type{}, right->type))
        .hint("No operator matches the given name and argument types. You might need to add explicit type casts.")
        .position(position(location));
  }
  Oid collation = left && left->collation != kInvalidOid ? left->collation : right->collation;
  ExprList args;
  if (left) args.push_back(coerce_or_throw(std::move(left), {declared[0]}, CastContext::Implicit, op.name.data()));
  args.push_back(coerce_or_throw(std::move(right), {declared.back()}, CastContext::Implicit, op.name.data()));
  auto call = plan::make_call(*function, {result}, std::move(args));
  call->op = &op;
  call->location = location;
  call->collation = type_collation(result) != kInvalidOid ? (collation != kInvalidOid ? collation : type_collation(result)) : kInvalidOid;
  // Comparisons need the collation though their result has none.
  if (call->collation == kInvalidOid) call->collation = collation;
  return call;
}

ExprPtr QueryAnalyzer::bind_operator(ast::NameList name, ExprPtr left, ExprPtr right, int location) {
  auto is_constructor = [](const ExprPtr& e) { return e->kind == ExprKind::Row && e->type.oid == oid::kRecord && !e->row_test; };
  if (left && is_constructor(left) && is_constructor(right)) {
    return bind_row_comparison(name, std::move(left->args), std::move(right->args), location);
  }
  const auto& op = find_operator(name, left ? left->type : Type{}, right->type, location);
  return call_operator(op, std::move(left), std::move(right), location);
}

const functions::Function* QueryAnalyzer::equality_function(Type type, int location) {
  const auto* op = lookup_operator("=", type, type, location);
  if (op == nullptr) {
    throw SqlError(Sqlstate::UndefinedFunction, "could not identify an equality operator for type " + types::format_type({type.oid}))
        .position(position(location));
  }
  return functions::find_function(op->function);
}

void QueryAnalyzer::check_sortable(Type type, int location) {
  const auto* info = types::find_type(type.oid);
  if (info != nullptr && info->kind == 'd') info = types::find_type(info->base);
  bool has_order = info != nullptr && info->compare != nullptr;
  if (has_order && element_type(type.oid) != kInvalidOid) {
    const auto* element = types::find_type(element_type(type.oid));
    has_order = element != nullptr && element->compare != nullptr;
  }
  if (has_order) return;
  throw SqlError(Sqlstate::UndefinedFunction, "could not identify an ordering operator for type " + types::format_type({type.oid}))
      .hint("Use an explicit ordering operator or modify the query.")
      .position(position(location));
}

ExprPtr QueryAnalyzer::coerce_or_throw(ExprPtr expr, Type target, functions::CastContext context, const char* construct) {
  Type source = expr->type;
  int location = expr->location;
  ExprPtr result = coercion_.coerce(std::move(expr), target, context, position(location));
  if (result != nullptr) return result;
  throw SqlError(Sqlstate::CannotCoerce, std::string(construct) + " could not convert type " + types::format_type({source.oid}) + " to " +
                                              types::format_type({target.oid}))
      .position(position(location));
}

}  // namespace aegis::analyzer
