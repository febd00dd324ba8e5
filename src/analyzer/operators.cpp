// Operators: lookup by name and types (parse_oper.c), and calls of them.
#include <algorithm>

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
  return lookup_operator(ast::NameList(&name, 1), left, right, location);
}

// In the order of the search path: an earlier operator hides later ones of the same operands.
std::vector<const functions::Operator*> QueryAnalyzer::find_operators(ast::NameList name) {
  std::vector<const functions::Operator*> all;
  auto take = [&](const functions::Operator& op) {
    bool hidden = std::any_of(all.begin(), all.end(), [&](const auto* other) { return other->left == op.left && other->right == op.right; });
    if (!hidden) all.push_back(&op);
  };
  auto take_schema = [&](Oid schema) {
    if (schema == catalog::kPgCatalogSchema) {
      auto built_in = functions::find_operators(name.back());
      if (all.empty()) {
        all.assign(built_in.begin(), built_in.end());
      } else {
        for (const auto* op : built_in) take(*op);
      }
    }
    for (const auto& op : context_.catalog.operators(schema, name.back())) take(op->record());
  };
  if (name.size() > 1) {
    take_schema(context_.catalog.find_schema(context_.database, name[name.size() - 2]));
  } else {
    bool implied = std::find(context_.search_path.begin(), context_.search_path.end(), catalog::kPgCatalogSchema) == context_.search_path.end();
    if (implied) take_schema(catalog::kPgCatalogSchema);
    for (Oid schema : context_.search_path) {
      if (schema != context_.temp_schema) take_schema(schema);
    }
  }
  return all;
}

const functions::Operator* QueryAnalyzer::exact_operator(ast::NameList name, Oid left, Oid right) {
  for (const auto* op : find_operators(name)) {
    if (op->left == left && op->right == right) return op;
  }
  return nullptr;
}

const functions::Operator* QueryAnalyzer::lookup_operator(ast::NameList name, Type left, Type right, int location) {
  auto all = find_operators(name);
  bool prefix = left.oid == kInvalidOid;
  // An operator made for a domain itself goes first, as one for the very types does.
  for (const auto* op : all) {
    if (op->user_defined && op->left == left.oid && op->right == right.oid) return op;
  }
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
  int chosen = select_candidate(coercion_.casts(), actual, candidates);
  // unknown op unknown: PostgreSQL reads the literals as text where that is possible.
  if (chosen == -2) {
    throw SqlError(Sqlstate::AmbiguousFunction, "operator is not unique: " + operator_text(name.back(), left, right))
        .hint("Could not choose a best candidate operator. You might need to add explicit type casts.")
        .position(position(location));
  }
  return chosen < 0 ? nullptr : candidates[chosen].op;
}

const functions::Operator& QueryAnalyzer::find_operator(std::string_view name, Type left, Type right, int location) {
  return find_operator(ast::NameList(&name, 1), left, right, location);
}

const functions::Operator& QueryAnalyzer::find_operator(ast::NameList name, Type left, Type right, int location) {
  if (const auto* op = lookup_operator(name, left, right, location)) return *op;
  std::string full;
  for (auto part : name) full += (full.empty() ? "" : ".") + std::string(part);
  throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + operator_text(full, left, right))
      .hint("No operator matches the given name and argument type" + std::string(left.oid == kInvalidOid ? "" : "s") +
            ". You might need to add " + (left.oid == kInvalidOid ? "an explicit type cast." : "explicit type casts."))
      .position(position(location));
}

namespace {

// Keeps a user-defined operator and its function for as long as an expression uses them.
struct OperatorUse {
  catalog::OperatorPtr op;
  std::shared_ptr<const functions::Function> function;
};

}  // namespace

void QueryAnalyzer::set_operator(Expr& expr, const functions::Operator& op, int location) {
  expr.op = &op;
  expr.function = coercion_.casts().function(op.function);
  if (expr.function == nullptr) {
    throw SqlError(Sqlstate::UndefinedFunction, "operator is only a shell: " + operator_text(op.name, {op.left}, {op.right})).position(position(location));
  }
  if (expr.function->user_defined) {
    plan::BoundQuery::Permission permission{expr.function->oid, context_.role};
    permission.letters = "X";
    permissions_.push_back(std::move(permission));
  }
  auto use = std::make_shared<OperatorUse>();
  if (op.user_defined) use->op = context_.catalog.find_operator(op.oid);
  if (expr.function->user_defined) use->function = expr.function->self.lock();
  if (use->op == nullptr && use->function == nullptr) return;
  expr.function_owner = std::shared_ptr<const functions::Function>(use, expr.function);
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
  if (!resolve_polymorphic(coercion_.casts(), actual, declared, result)) {
    throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + operator_text(op.name, left ? left->type : Type{}, right->type))
        .hint("No operator matches the given name and argument types. You might need to add explicit type casts.")
        .position(position(location));
  }
  ExprList args;
  if (left) args.push_back(coerce_or_throw(std::move(left), {declared[0]}, CastContext::Implicit, op.name.data()));
  args.push_back(coerce_or_throw(std::move(right), {declared.back()}, CastContext::Implicit, op.name.data()));
  auto call = std::make_unique<Expr>(ExprKind::Call, Type{result});
  set_operator(*call, op, location);
  call->args = std::move(args);
  call->location = location;
  derive_collation(*call);
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
  // An "=" that is no operator class's (of boxes, say, which compares areas) does not count.
  const auto* info = types::find_type(types::base_type(type.oid));
  bool has_class = info == nullptr || type.oid == oid::kUnknown || info->compare != nullptr || info->hash != nullptr;
  if (type.oid == oid::kAnyarray) has_class = false;  // pg_stats has arrays of several element types in one column
  if (op == nullptr || !has_class) {
    throw SqlError(Sqlstate::UndefinedFunction, "could not identify an equality operator for type " + types::format_type({type.oid}))
        .position(position(location));
  }
  return coercion_.casts().function(op->function);
}

void QueryAnalyzer::check_sortable(Type type, int location) {
  const auto* info = types::find_type(type.oid);
  if (info != nullptr && info->kind == 'd') info = types::find_type(info->base);
  bool has_order = info != nullptr && info->compare != nullptr && type.oid != oid::kAnyarray;
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
