// Function, aggregate and window calls (parse_func.c, parse_agg.c).
#include <algorithm>
#include <climits>

#include "aegis/base/error.h"
#include "aegis/plan/walk.h"
#include "aegis/parser/parser.h"
#include "collation_keys.h"
#include "query_analyzer.h"
#include "query_recorder.h"

namespace aegis::analyzer {

using ast::node_cast;

namespace {

std::string signature(std::string_view name, std::span<const ExprPtr> args, std::span<const std::string_view> names) {
  std::string text(name);
  text += "(";
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) text += ", ";
    if (!names[i].empty()) text += std::string(names[i]) + " => ";
    text += types::format_type({args[i]->type.oid});
  }
  return text + ")";
}

std::string qualified(ast::NameList names) {
  std::string text;
  for (auto part : names) text += (text.empty() ? "" : ".") + std::string(part);
  return text;
}

// Matches actual arguments (some named) with a function's parameters; false if they don't fit.
bool match_arguments(const functions::Function& function, std::span<const ExprPtr> args, std::span<const std::string_view> names,
                     bool variadic_call, Candidate& out) {
  out.function = &function;
  size_t given = args.size();
  size_t wanted = function.arguments.size();
  bool named = std::any_of(names.begin(), names.end(), [](auto n) { return !n.empty(); });
  if (named) {
    if (function.argument_names.size() < wanted || given > wanted) return false;
    out.order.assign(wanted, -1);
    for (size_t i = 0; i < given; ++i) {
      size_t at = i;
      if (!names[i].empty()) {
        for (at = 0; at < wanted && function.argument_names[at] != names[i]; ++at) {}
        if (at == wanted) return false;
      }
      if (out.order[at] != -1) return false;
      out.order[at] = static_cast<int>(i);
    }
    out.arguments.resize(given);
    for (size_t at = 0; at < wanted; ++at) {
      if (out.order[at] >= 0) {
        out.arguments[out.order[at]] = function.arguments[at];
      } else if (at < wanted - function.default_count) {
        return false;
      }
    }
    out.default_count = wanted - given;
    return true;
  }
  // At least one argument goes into the array; without any, the parameter's default is meant.
  if (function.variadic != kInvalidOid && !variadic_call && given >= wanted) {
    out.arguments.assign(function.arguments.begin(), function.arguments.end() - 1);
    out.arguments.resize(given, function.variadic);
    out.variadic = true;
    return true;
  }
  if (given > wanted || wanted - given > function.default_count) return false;
  out.arguments.assign(function.arguments.begin(), function.arguments.begin() + given);
  out.default_count = wanted - given;
  return true;
}

// Of candidates that take the same for what is given, that of the first schema stays, or the plain one beside a variadic.
// Gives those that stand for several, between which nothing decides.
std::vector<const functions::Function*> drop_equal_candidates(const catalog::Version& version, std::vector<Candidate>& candidates) {
  std::vector<const functions::Function*> ambiguous;
  auto schema_of = [&](const Candidate& candidate) {
    auto routine = candidate.function->user_defined ? version.routine(candidate.function->oid) : nullptr;
    return routine == nullptr ? catalog::kPgCatalogSchema : routine->schema;
  };
  std::vector<Candidate> kept;
  for (auto& candidate : candidates) {
    bool special = candidate.default_count > 0 || candidate.variadic || !candidate.order.empty();
    auto same = std::find_if(kept.begin(), kept.end(), [&](const Candidate& other) {
      bool other_special = other.default_count > 0 || other.variadic || !other.order.empty();
      return (special || other_special) && other.arguments == candidate.arguments;
    });
    if (same == kept.end()) {
      kept.push_back(std::move(candidate));
    } else if (schema_of(*same) != schema_of(candidate) || (candidate.variadic && !same->variadic)) {
      continue;
    } else if (!candidate.variadic && same->variadic) {
      *same = std::move(candidate);
    } else {
      ambiguous.push_back(same->function);
    }
  }
  candidates = std::move(kept);
  return ambiguous;
}

}  // namespace

// Functions of that name, those of earlier schemas of the search path hiding those of later ones with the same arguments.
std::vector<const functions::Function*> QueryAnalyzer::find_overloads(ast::NameList name, bool built_in) {
  std::vector<const functions::Function*> found;
  auto take = [&](const functions::Function& function) {
    bool hidden = std::any_of(found.begin(), found.end(), [&](const auto* other) { return std::ranges::equal(other->arguments, function.arguments); });
    if (!hidden) found.push_back(&function);
  };
  auto take_schema = [&](Oid schema) {
    if (schema == catalog::kPgCatalogSchema && built_in) {
      for (const auto* function : functions::find_functions(name.back())) found.push_back(function);
    }
    for (const auto& routine : context_.catalog.routines(schema, name.back())) take(routine->function());
  };
  if (name.size() > 1) {
    Oid schema = context_.catalog.find_schema(context_.database, name[name.size() - 2]);
    if (schema == kInvalidOid && !built_in) {
      if (name[name.size() - 2] == "pg_temp") schema = context_.temp_schema;
      if (schema == kInvalidOid) {
        throw SqlError(Sqlstate::InvalidSchemaName, "schema \"" + std::string(name[name.size() - 2]) + "\" does not exist");
      }
    }
    if (schema != catalog::kPgCatalogSchema) check_schema_usage(context_, schema, 0);
    if (built_in && schema != catalog::kPgCatalogSchema) {
      for (const auto* function : functions::find_functions(name.back())) found.push_back(function);
    }
    take_schema(schema);
  } else {
    bool implied = std::find(context_.search_path.begin(), context_.search_path.end(), catalog::kPgCatalogSchema) == context_.search_path.end();
    if (implied) take_schema(catalog::kPgCatalogSchema);
    for (Oid schema : context_.search_path) {
      if (schema != context_.temp_schema) take_schema(schema);
    }
  }
  return found;
}

const functions::Function* QueryAnalyzer::exact_function(ast::NameList name, std::span<const Oid> types) {
  for (const auto* function : find_overloads(name, name.size() == 1 || name[name.size() - 2] == "pg_catalog")) {
    if (std::ranges::equal(function->arguments, types)) return function;
  }
  return nullptr;
}

FunctionMatch QueryAnalyzer::match_function(ast::NameList name, std::span<const Oid> types) {
  auto display = [&] {
    std::string text = qualified(name) + "(";
    for (size_t i = 0; i < types.size(); ++i) text += (i > 0 ? ", " : "") + types::format_type({types[i]}, context_.types.names);
    return text + ")";
  };
  // A polymorphic type is tried as a concrete one that hardly any function takes by name.
  bool ranges = std::any_of(types.begin(), types.end(), [](Oid type) {
    return type == oid::kAnyrange || type == oid::kAnymultirange || type == oid::kAnycompatiblerange || type == oid::kAnycompatiblemultirange;
  });
  std::vector<std::pair<Oid, Oid>> samples;
  auto sample = [&](Oid type) {
    Oid stands = type;
    switch (type) {
      case oid::kAnyelement:
      case oid::kAnynonarray:
      case oid::kAnyenum:
      case oid::kAnycompatible:
      case oid::kAnycompatiblenonarray: stands = ranges ? oid::kInt4 : oid::kPgLsn; break;
      case oid::kAnyarray:
      case oid::kAnycompatiblearray: stands = array_type(ranges ? oid::kInt4 : oid::kPgLsn); break;
      case oid::kAnyrange:
      case oid::kAnycompatiblerange: stands = oid::kInt4range; break;
      case oid::kAnymultirange:
      case oid::kAnycompatiblemultirange: stands = types::type_info(oid::kInt4range).multirange; break;
      default: return type;
    }
    samples.emplace_back(stands, type);
    return stands;
  };
  std::vector<Oid> actual;
  for (Oid type : types) actual.push_back(sample(type));
  std::vector<Candidate> candidates;
  for (const auto* function : find_overloads(name, name.size() == 1 || name[name.size() - 2] == "pg_catalog")) {
    if (function->returns_set) throw SqlError(Sqlstate::DatatypeMismatch, "function " + display() + " returns a set");
    Candidate candidate;
    candidate.function = function;
    if (function->variadic != kInvalidOid && actual.size() >= function->arguments.size()) {
      candidate.arguments.assign(function->arguments.begin(), function->arguments.end() - 1);
      candidate.arguments.resize(actual.size(), function->variadic);
      candidate.variadic = true;
      candidates.push_back(candidate);
    }
    if (function->arguments.size() != actual.size()) continue;
    candidate.variadic = false;
    candidate.arguments.assign(function->arguments.begin(), function->arguments.end());
    candidates.push_back(std::move(candidate));
  }
  // What is polymorphic stays so: it is passed on as itself or as "any".
  std::erase_if(candidates, [&](const Candidate& candidate) {
    for (size_t i = 0; i < types.size(); ++i) {
      if (is_polymorphic(types[i]) && candidate.arguments[i] != types[i] && candidate.arguments[i] != oid::kAny) return true;
    }
    return false;
  });
  int chosen = -1;
  for (size_t i = 0; i < candidates.size() && chosen < 0; ++i) {
    if (std::ranges::equal(candidates[i].arguments, types)) chosen = static_cast<int>(i);
  }
  if (chosen < 0) chosen = select_candidate(coercion_.casts(), actual, candidates);
  if (chosen == -2) throw SqlError(Sqlstate::AmbiguousFunction, "function " + display() + " is not unique");
  if (chosen < 0) throw SqlError(Sqlstate::UndefinedFunction, "function " + display() + " does not exist");
  FunctionMatch match{candidates[chosen].function, candidates[chosen].arguments, candidates[chosen].function->result};
  if (!std::ranges::equal(match.arguments, types) && !resolve_polymorphic(coercion_.casts(), actual, match.arguments, match.result)) {
    throw SqlError(Sqlstate::UndefinedFunction, "function " + display() + " does not exist");
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    if (match.arguments[i] != types[i] && !is_binary_coercible(coercion_.casts(), actual[i], match.arguments[i])) match.coerces = true;
  }
  for (auto [stands, type] : samples) {
    if (match.result == stands) {
      match.result = type;
      break;
    }
  }
  return match;
}

// The procedure that CALL means. Arguments of OUT parameters are written but not evaluated.
BoundCall QueryAnalyzer::procedure_call(const ast::FuncCall& call) {
  Scope scope;
  ExprList args;
  std::vector<std::string_view> names;
  for (auto* arg : call.args) {
    auto* named = node_cast<ast::NamedArgExpr>(arg);
    names.push_back(named != nullptr ? named->name : std::string_view());
    args.push_back(bind(named != nullptr ? *named->arg : *arg, scope, Clause::Standalone));
  }
  std::vector<Oid> schemas = context_.search_path;
  if (call.funcname.size() > 1) schemas = {context_.catalog.find_schema(context_.database, call.funcname[call.funcname.size() - 2])};
  struct Choice {
    catalog::RoutinePtr routine;
    std::vector<int> order;  // argument of each parameter, OUT ones included; -1: default
  };
  std::vector<Choice> choices;
  std::vector<Candidate> candidates;
  std::vector<Oid> actual;
  for (const auto& arg : args) actual.push_back(arg->type.oid);
  bool is_function = false;
  for (Oid schema : schemas) {
    for (const auto& routine : context_.catalog.routines(schema, call.funcname.back())) {
      const auto& parameters = routine->arguments;
      if (args.size() > parameters.size()) {
        is_function = is_function || routine->routine_kind == 'f';
        continue;
      }
      Choice choice{routine, std::vector<int>(parameters.size(), -1)};
      bool fits = true;
      for (size_t i = 0; i < args.size() && fits; ++i) {
        size_t at = i;
        if (!names[i].empty()) {
          for (at = 0; at < parameters.size() && parameters[at].name != names[i]; ++at) {}
        }
        fits = at < parameters.size() && choice.order[at] < 0;
        if (fits) choice.order[at] = static_cast<int>(i);
      }
      Candidate candidate;
      candidate.arguments.resize(args.size());
      for (size_t i = 0; i < parameters.size() && fits; ++i) {
        fits = choice.order[i] >= 0 || !parameters[i].default_sql.empty();
        if (fits && choice.order[i] >= 0) candidate.arguments[choice.order[i]] = parameters[i].type.oid;
      }
      if (!fits) continue;
      if (routine->routine_kind != 'p') {
        is_function = true;
        continue;
      }
      choices.push_back(std::move(choice));
      candidates.push_back(std::move(candidate));
    }
  }
  int chosen = -1;
  for (size_t i = 0; i < candidates.size() && chosen < 0; ++i) {
    if (candidates[i].arguments == actual) chosen = static_cast<int>(i);
  }
  if (chosen < 0) chosen = select_candidate(coercion_.casts(), actual, candidates);
  std::string display = signature(qualified(call.funcname), args, names);
  if (chosen == -2) {
    throw SqlError(Sqlstate::AmbiguousFunction, "procedure " + display + " is not unique")
        .hint("Could not choose a best candidate procedure. You might need to add explicit type casts.")
        .position(position(call.location));
  }
  if (chosen < 0) {
    if (!is_function) is_function = !functions::find_functions(call.funcname.back()).empty();
    if (is_function) {
      throw SqlError(Sqlstate::WrongObjectType, display + " is not a procedure").hint("To call a function, use SELECT.").position(position(call.location));
    }
    throw SqlError(Sqlstate::UndefinedFunction, "procedure " + display + " does not exist")
        .hint("No procedure matches the given name and argument types. You might need to add explicit type casts.")
        .position(position(call.location));
  }
  BoundCall bound;
  bound.procedure = choices[chosen].routine;
  std::vector<Oid> declared = candidates[chosen].arguments;
  Oid result = oid::kVoid;
  resolve_polymorphic(coercion_.casts(), actual, declared, result);
  const auto& parameters = bound.procedure->arguments;
  for (size_t i = 0; i < parameters.size(); ++i) {
    int from = choices[chosen].order[i];
    if (parameters[i].mode == 'o' || parameters[i].mode == 'b') bound.outputs.push_back(from);
    if (!parameters[i].is_input()) continue;
    if (from >= 0) {
      bound.arguments.push_back(coerce_or_throw(std::move(args[from]), {declared[from]}, CastContext::Implicit, "procedure"));
      continue;
    }
    auto parsed = parser::parse_expression(parameters[i].default_sql);
    bound.arguments.push_back(coerce_or_throw(bind(*parsed.expression, scope, Clause::Standalone), {parameters[i].type.oid}, CastContext::Assignment, "procedure"));
  }
  return bound;
}

// What a user-defined type brings along: a range's constructors, and a composite's fields written as functions of it.
ExprPtr QueryAnalyzer::bind_type_function(const ast::FuncCall& call, ExprList& args, std::span<const std::string_view> names) {
  if (call.agg_star || call.agg_within_group || call.funcname.size() > 2 || std::any_of(names.begin(), names.end(), [](auto n) { return !n.empty(); })) return nullptr;
  Oid type = find_user_type(context_, call.funcname);
  char kind = type == kInvalidOid ? 'b' : type_kind(type);
  constexpr Oid kRangeConstructor2 = 3840, kRangeConstructor3 = 3841;
  constexpr Oid kMultirangeConstructor0 = 4280, kMultirangeConstructor1 = 4281, kMultirangeConstructor2 = 4282;
  auto make = [&](Oid function) {
    ExprPtr made = plan::make_call(*functions::find_function(function), {type, -1}, std::move(args));
    made->location = call.location;
    return made;
  };
  if (kind == 'r' && (args.size() == 2 || args.size() == 3)) {
    Type subtype{types::type_info(type).base, -1};
    for (size_t i = 0; i < 2; ++i) args[i] = coerce_or_throw(std::move(args[i]), subtype, CastContext::Implicit, "function");
    if (args.size() == 3) args[2] = coerce_or_throw(std::move(args[2]), {oid::kText}, CastContext::Implicit, "function");
    return make(args.size() == 2 ? kRangeConstructor2 : kRangeConstructor3);
  }
  if (kind == 'm') {
    Oid range = types::type_info(type).base;
    if (args.empty()) return make(kMultirangeConstructor0);
    if (args.size() == 1 && !call.func_variadic && types::base_type(args[0]->type.oid) == range) return make(kMultirangeConstructor1);
    Oid array = array_type(range);
    if (call.func_variadic) {
      args[0] = coerce_or_throw(std::move(args[0]), {array}, CastContext::Implicit, "function");
      return make(kMultirangeConstructor2);
    }
    auto list = std::make_unique<Expr>(ExprKind::Array, Type{array});
    for (auto& arg : args) list->args.push_back(coerce_or_throw(std::move(arg), {range}, CastContext::Implicit, "function"));
    args.clear();
    args.push_back(std::move(list));
    return make(kMultirangeConstructor2);
  }
  if (call.funcname.size() == 1 && args.size() == 1 && functions::find_functions(call.funcname[0]).empty()) {
    return select_field(args[0], call.funcname[0], call.location);
  }
  return nullptr;
}

ExprPtr QueryAnalyzer::bind_call(const ast::FuncCall& call, Scope& scope, Clause clause) {
  std::string_view name = call.funcname.back();
  bool known_schema = call.funcname.size() == 1 || call.funcname[call.funcname.size() - 2] == "pg_catalog" ||
                      (call.funcname[call.funcname.size() - 2] == "information_schema" && call.funcname.back().starts_with("_pg_"));
  ExprList args;
  std::vector<std::string_view> names;
  for (auto* arg : call.args) {
    auto* named = node_cast<ast::NamedArgExpr>(arg);
    if (named == nullptr && !names.empty() && !names.back().empty()) {
      throw SqlError(Sqlstate::SyntaxError, "positional argument cannot follow named argument").position(position(arg->location));
    }
    if (named != nullptr && std::find(names.begin(), names.end(), named->name) != names.end()) {
      throw SqlError(Sqlstate::SyntaxError, "argument name \"" + std::string(named->name) + "\" used more than once").position(position(named->location));
    }
    names.push_back(named != nullptr ? named->name : std::string_view());
    args.push_back(bind(named != nullptr ? *named->arg : *arg, scope, clause));
  }
  if (call.agg_within_group) {
    for (auto* sort : call.agg_order) {
      ExprPtr expr = bind(*sort->node, scope, Clause::AggregateArgument);
      names.push_back({});
      args.push_back(std::move(expr));
    }
  }

  std::vector<const functions::Function*> functions = find_overloads(call.funcname, known_schema);
  if (functions.empty()) {
    if (ExprPtr made = bind_type_function(call, args, names)) return made;
  }
  std::vector<Candidate> candidates;
  std::vector<Oid> actual;
  for (const auto& arg : args) actual.push_back(arg->type.oid);
  for (const auto* function : functions) {
    Candidate candidate;
    if (call.agg_star && (!function->arguments.empty() || function->kind != functions::Kind::Aggregate)) continue;
    if (match_arguments(*function, args, names, call.func_variadic, candidate)) candidates.push_back(std::move(candidate));
  }
  std::vector<const functions::Function*> ambiguous = drop_equal_candidates(context_.catalog, candidates);
  int chosen = -1;
  for (size_t i = 0; i < candidates.size() && chosen < 0; ++i) {
    if (candidates[i].arguments == actual && !candidates[i].variadic) chosen = static_cast<int>(i);
  }
  if (chosen < 0 && args.size() == 1 && known_schema && !call.agg_star) {
    // A type's name used as a function is a cast, where the types share bytes or go through text.
    const auto* type = types::find_type_by_name(name);
    if (type != nullptr && type->kind == 'b') {
      CoercionPath path = find_path(coercion_.casts(), actual[0], type->oid, CastContext::Explicit, nullptr);
      bool applies = actual[0] == oid::kUnknown || path == CoercionPath::Relabel ||
                     (path == CoercionPath::InOut && (type->category == 'S' || type_category(actual[0]) == 'S'));
      if (applies) {
        ExprPtr cast = coercion_.coerce(std::move(args[0]), {type->oid}, CastContext::Explicit, position(call.location));
        if (cast != nullptr) return cast;
      }
    }
  }
  if (chosen < 0) {
    // A variadic match counts only where no plain one fits.
    std::vector<Candidate> plain;
    std::vector<size_t> plain_index;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (candidates[i].variadic) continue;
      plain.push_back(candidates[i]);
      plain_index.push_back(i);
    }
    chosen = select_candidate(coercion_.casts(), actual, plain);
    if (chosen >= 0) {
      chosen = static_cast<int>(plain_index[chosen]);
    } else if (chosen == -1) {
      chosen = select_candidate(coercion_.casts(), actual, candidates);
    }
  }
  if (chosen >= 0 && std::find(ambiguous.begin(), ambiguous.end(), candidates[chosen].function) != ambiguous.end()) chosen = -2;
  if (chosen == -2) {
    throw SqlError(Sqlstate::AmbiguousFunction, "function " + signature(qualified(call.funcname), args, names) + " is not unique")
        .hint("Could not choose a best candidate function. You might need to add explicit type casts.")
        .position(position(call.location));
  }
  if (chosen < 0) {
    SqlError error(Sqlstate::UndefinedFunction, "function " + (call.agg_star ? std::string(qualified(call.funcname)) + "(*)"
                                                                           : signature(qualified(call.funcname), args, names)) + " does not exist");
    error.hint("No function matches the given name and argument types. You might need to add explicit type casts.");
    throw error.position(position(call.location));
  }
  Candidate& candidate = candidates[chosen];
  const functions::Function& function = *candidate.function;
  Oid result = function.result;
  if (!resolve_polymorphic(coercion_.casts(), actual, candidate.arguments, result)) {
    throw SqlError(Sqlstate::DatatypeMismatch, "could not determine polymorphic type because input has type unknown").position(position(call.location));
  }
  if (function.aggregate_kind == 'h' && call.agg_within_group) unify_hypothetical_arguments(call, args, names);
  for (size_t i = 0; i < args.size(); ++i) {
    if (candidate.arguments[i] == oid::kAny) {
      resolve_unknown(args[i]);
      continue;
    }
    args[i] = coerce_or_throw(std::move(args[i]), {candidate.arguments[i]}, CastContext::Implicit, "function");
  }
  if (!candidate.order.empty()) {
    ExprList ordered(function.arguments.size());
    for (size_t at = 0; at < ordered.size(); ++at) {
      if (candidate.order[at] >= 0) ordered[at] = std::move(args[candidate.order[at]]);
    }
    args = std::move(ordered);
  }
  if (candidate.default_count > 0) {
    auto defaults = parser::parse_expression("ROW(" + std::string(function.defaults) + ")");
    auto& row = *static_cast<ast::RowExpr*>(defaults.expression);
    args.resize(function.arguments.size());
    for (size_t at = 0; at < args.size(); ++at) {
      if (args[at] != nullptr) continue;
      size_t number = row.args.size() - (args.size() - at);
      args[at] = coerce_or_throw(bind(*row.args[number], scope, clause), {function.arguments[at]}, CastContext::Assignment, "function");
    }
  }
  if (candidate.variadic && function.variadic != oid::kAny) {
    size_t fixed = function.arguments.size() - 1;
    if (array_type(candidate.arguments.back()) == kInvalidOid) {
      throw SqlError(Sqlstate::UndefinedObject, "could not find array type for data type " + types::format_type({candidate.arguments.back()}));
    }
    auto array = std::make_unique<Expr>(ExprKind::Array, Type{array_type(candidate.arguments.back())});
    array->location = call.location;
    for (size_t i = fixed; i < args.size(); ++i) array->args.push_back(std::move(args[i]));
    args.resize(fixed);
    args.push_back(std::move(array));
  }
  bool variadic_array = call.func_variadic && function.variadic == oid::kAny;
  if (variadic_array && element_type(args.back()->type.oid) == kInvalidOid) {
    throw SqlError(Sqlstate::DatatypeMismatch, "VARIADIC argument must be an array").position(position(args.back()->location));
  }

  Type result_type{result};
  if (function.kind == functions::Kind::Procedure) {
    throw SqlError(Sqlstate::WrongObjectType, signature(qualified(call.funcname), args, std::vector<std::string_view>(args.size())) + " is a procedure")
        .hint("To call a procedure, use CALL.")
        .position(position(call.location));
  }
  if (function.user_defined) {
    // Whoever runs the statement needs it, also inside a view.
    plan::BoundQuery::Permission permission{function.oid, context_.role};
    permission.letters = "X";
    permissions_.push_back(std::move(permission));
  }
  if (call.over != nullptr) return bind_window_call(call, function, std::move(args), result_type, scope, clause);
  if (function.kind == functions::Kind::Aggregate) return bind_aggregate(call, function, std::move(args), result_type, scope, clause);
  std::string display(name);
  if (function.kind == functions::Kind::Window) {
    throw SqlError(Sqlstate::WrongObjectType, "window function " + display + " requires an OVER clause").position(position(call.location));
  }
  auto reject = [&](const char* what) {
    throw SqlError(Sqlstate::WrongObjectType, std::string(what) + " specified, but " + display + " is not an aggregate function")
        .position(position(call.location));
  };
  if (call.agg_star) {
    throw SqlError(Sqlstate::WrongObjectType, display + "(*) specified, but " + display + " is not an aggregate function").position(position(call.location));
  }
  if (call.agg_distinct) reject("DISTINCT");
  if (call.agg_within_group) reject("WITHIN GROUP");
  if (!call.agg_order.empty()) reject("ORDER BY");
  if (call.agg_filter != nullptr) reject("FILTER");
  if (function.returns_set) {
    bool allowed = clause == Clause::SelectTarget || clause == Clause::FromFunction || clause == Clause::OrderBy || clause == Clause::GroupBy ||
                   clause == Clause::DistinctOn || clause == Clause::InsertTarget || clause == Clause::Values;
    if (!allowed) {
      throw SqlError(Sqlstate::FeatureNotSupported, std::string("set-returning functions are not allowed in ") + clause_name(clause))
          .position(position(call.location));
    }
  }
  if (function.symbol == "pg_collation_for") return collation_for(*args.at(0));
  auto expr = plan::make_call(function, result_type, std::move(args));
  expr->location = call.location;
  expr->variadic_array = variadic_array;
  derive_collation(*expr);
  return expr;
}

// A hypothetical row has the sort columns' types, one direct argument for each.
void QueryAnalyzer::unify_hypothetical_arguments(const ast::FuncCall& call, ExprList& args, std::span<const std::string_view> names) {
  size_t sorted = call.agg_order.size();
  size_t direct = args.size() - sorted;
  if (direct != sorted) {
    std::string name = qualified(call.funcname);
    throw SqlError(Sqlstate::UndefinedFunction, "function " + signature(name, args, names) + " does not exist")
        .hint("To use the hypothetical-set aggregate " + name + ", the number of hypothetical direct arguments (here " + std::to_string(direct) +
              ") must match the number of ordering columns (here " + std::to_string(sorted) + ").")
        .position(position(call.location));
  }
  for (size_t i = 0; i < sorted; ++i) {
    // The sort column comes first: its type is the one to keep.
    std::vector<Oid> pair{args[direct + i]->type.oid, args[i]->type.oid};
    Oid type = coercion_.common_type(pair, nullptr);
    if (type == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "WITHIN GROUP types " + types::format_type({pair[0]}) + " and " + types::format_type({pair[1]}) +
                                                     " cannot be matched")
          .position(position(args[i]->location));
    }
    args[i] = coerce_or_throw(std::move(args[i]), {type}, CastContext::Implicit, "WITHIN GROUP");
    args[direct + i] = coerce_or_throw(std::move(args[direct + i]), {type}, CastContext::Implicit, "WITHIN GROUP");
  }
}

ExprPtr QueryAnalyzer::bind_aggregate(const ast::FuncCall& call, const functions::Function& function, ExprList args, Type result,
                                      Scope& scope, Clause clause) {
  std::string name(call.funcname.back());
  ExprPtr filter = call.agg_filter == nullptr ? nullptr : bind_boolean(*call.agg_filter, scope, Clause::Filter, "FILTER");
  Scope& level = aggregate_level(args, filter.get(), scope);
  if (&level != &scope) clause = level.inner_clause;
  switch (clause) {
    case Clause::SelectTarget:
    case Clause::Having:
    case Clause::OrderBy:
    case Clause::DistinctOn:
    case Clause::WindowPartition:
    case Clause::WindowOrder:
    case Clause::WindowFrame: break;
    case Clause::AggregateArgument:
    case Clause::Filter:
      throw SqlError(Sqlstate::GroupingError,
                     clause == Clause::Filter ? "aggregate functions are not allowed in FILTER" : "aggregate function calls cannot be nested")
          .position(position(call.location));
    case Clause::From:
      throw SqlError(Sqlstate::GroupingError, "aggregate functions are not allowed in FROM clause of their own query level").position(position(call.location));
    default:
      throw SqlError(Sqlstate::GroupingError, std::string("aggregate functions are not allowed in ") + clause_name(clause)).position(position(call.location));
  }
  for (const auto& arg : args) {
    plan::walk(*arg, [&](const Expr& part) {
      if (part.kind != ExprKind::Aggregate) return true;
      throw SqlError(Sqlstate::GroupingError, "aggregate function calls cannot be nested").position(position(part.location));
    });
    if (plan::contains(*arg, ExprKind::Window)) {
      throw SqlError(Sqlstate::GroupingError, "aggregate function calls cannot contain window function calls").position(position(call.location));
    }
    if (plan::returns_set(*arg)) {
      throw SqlError(Sqlstate::FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls")
          .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
          .position(position(call.location));
    }
  }
  auto refuse_nested = [&](const Expr& part) {
    throw SqlError(Sqlstate::GroupingError, "aggregate function calls cannot be nested").position(position(part.location));
  };
  if (filter != nullptr) {
    plan::walk(*filter, [&](const Expr& part) {
      if (part.kind == ExprKind::Aggregate) refuse_nested(part);
      return true;
    });
  }
  // In subqueries of the arguments, those that are left belong to outer levels.
  std::function<void(const plan::LogicalOp&)> enter = [&](const plan::LogicalOp& op) {
    plan::for_each_expression(const_cast<plan::LogicalOp&>(op), [&](ExprPtr& root) {
      plan::walk(*root, [&](const Expr& part) {
        bool aggregated = op.kind == plan::LogicalKind::Aggregate && &part == root.get();
        if (part.kind == ExprKind::Aggregate && !aggregated && &aggregate_level(part.args, nullptr, level) == &level) refuse_nested(part);
        if (part.subquery) enter(*part.subquery->plan);
        return true;
      });
    });
    for (const auto& child : op.children) enter(*child);
  };
  for (const auto& arg : args) {
    plan::walk(*arg, [&](const Expr& part) {
      if (part.subquery) enter(*part.subquery->plan);
      return true;
    });
  }

  bool ordered_set = function.aggregate_kind != 'n';
  if (ordered_set && !call.agg_within_group) {
    throw SqlError(Sqlstate::WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate " + name).position(position(call.location));
  }
  if (!ordered_set && call.agg_within_group) {
    throw SqlError(Sqlstate::WrongObjectType, name + " is not an ordered-set aggregate, so it cannot have WITHIN GROUP").position(position(call.location));
  }
  if (!call.agg_star && args.empty() && !ordered_set) {
    throw SqlError(Sqlstate::WrongObjectType, name + "(*) must be used to call a parameterless aggregate function").position(position(call.location));
  }
  auto expr = std::make_unique<Expr>(ExprKind::Aggregate, result);
  expr->function = &function;
  expr->function_owner = function.self.lock();
  expr->location = call.location;
  expr->args = std::move(args);
  derive_collation(*expr);
  expr->aggregate = std::make_unique<plan::AggregateSpec>();
  auto& spec = *expr->aggregate;
  spec.user = user_aggregate(function, expr->args, result);
  spec.distinct = call.agg_distinct;
  spec.star = call.agg_star;
  spec.filter = std::move(filter);
  if (ordered_set) {
    size_t sorted = call.agg_order.size();
    spec.direct_arguments = expr->args.size() - sorted;
    for (size_t i = 0; i < sorted; ++i) spec.order.push_back(sort_key(*call.agg_order[i], expr->args[spec.direct_arguments + i]->clone()));
  } else {
    for (auto* sort : call.agg_order) {
      ExprPtr key = bind(*sort->node, scope, Clause::AggregateArgument);
      resolve_unknown(key);
      require_collation(*key);
      bool listed = !spec.distinct || std::any_of(expr->args.begin(), expr->args.end(), [&](const auto& arg) { return plan::equal(*arg, *key); });
      if (!listed) {
        throw SqlError(Sqlstate::InvalidColumnReference, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
            .position(position(key->location));
      }
      spec.order.push_back(sort_key(*sort, std::move(key)));
    }
    if (spec.distinct) {
      for (const auto& arg : expr->args) {
        equality_function(arg->type, call.location);
        if (!needs_collation_key(*arg)) continue;
        if (function.name != "count" || expr->args.size() != 1) throw_not_supported("DISTINCT of a nondeterministic collation", position(arg->location));
        expr->args[0] = collation_key(std::move(expr->args[0]));
        break;
      }
    }
  }
  level.has_aggregates = true;
  level.aggregate_location = call.location;
  return expr;
}

Scope& QueryAnalyzer::aggregate_level(const ExprList& args, const Expr* filter, Scope& scope) {
  Scope* found = nullptr;
  int depth = INT_MAX;
  auto note = [&](plan::ColumnBinding binding) {
    int at = 0;
    for (Scope* level = &scope; level != nullptr && at < depth; level = level->parent, ++at) {
      bool own = std::any_of(level->items.begin(), level->items.end(), [&](const RangeItem& item) {
        return std::any_of(item.columns.begin(), item.columns.end(), [&](const RangeColumn& column) { return column.binding.table == binding.table; });
      });
      if (!own) continue;
      found = level;
      depth = at;
    }
  };
  auto look = [&](const Expr& expr) {
    plan::walk(expr, [&](const Expr& part) {
      if (part.kind == ExprKind::Column) note(part.binding);
      if (part.subquery) std::for_each(part.subquery->correlated.begin(), part.subquery->correlated.end(), note);
      return true;
    });
  };
  for (const auto& arg : args) look(*arg);
  if (filter != nullptr) look(*filter);
  return found == nullptr ? scope : *found;
}

// The functions of an aggregate made by CREATE AGGREGATE, with the types they have in this call; null for built-in ones and
// those that share a built-in aggregate's kernel.
std::shared_ptr<const functions::UserAggregate> QueryAnalyzer::user_aggregate(const functions::Function& function, const ExprList& args, Type result) {
  if (function.aggregate != &functions::user_aggregate_kernel()) return nullptr;
  auto routine = context_.catalog.routine(function.oid);
  const auto& info = routine->aggregate;
  auto made = std::make_shared<functions::UserAggregate>();
  auto use = [&](Oid oid) -> const functions::Function* {
    if (oid == kInvalidOid) return nullptr;
    const auto* found = coercion_.casts().function(oid);
    if (found == nullptr) throw SqlError(Sqlstate::UndefinedFunction, "function with OID " + std::to_string(oid) + " does not exist");
    if (found->user_defined) {
      // Checked for the aggregate's owner.
      plan::BoundQuery::Permission permission{found->oid, routine->owner};
      permission.letters = "X";
      permissions_.push_back(std::move(permission));
      made->owners.push_back(found->self.lock());
    }
    return found;
  };
  made->owners.push_back(function.self.lock());
  made->transition = use(info.transition);
  made->final = use(info.final);
  std::vector<Oid> actual;
  for (const auto& arg : args) actual.push_back(arg->type.oid);
  made->state = {functions::resolve_declared(function, info.state.oid, actual)};
  made->has_initial = info.has_initial;
  made->initial = info.initial;
  made->transition_types.push_back(made->state);
  for (const auto& arg : args) made->transition_types.push_back(arg->type);
  if (made->final != nullptr) {
    made->final_types.push_back(made->state);
    if (info.final_extra) {
      for (const auto& arg : args) made->final_types.push_back(arg->type);
    }
  } else if (made->state.oid != result.oid && types::base_type(made->state.oid) != types::base_type(result.oid)) {
    made->state = result;  // a polymorphic result
  }
  return made;
}

ExprPtr QueryAnalyzer::bind_window_call(const ast::FuncCall& call, const functions::Function& function, ExprList args, Type result,
                                        Scope& scope, Clause clause) {
  std::string name(call.funcname.back());
  auto fail = [&](Sqlstate state, const std::string& message) { throw SqlError(state, message).position(position(call.location)); };
  if (function.kind != functions::Kind::Window && function.kind != functions::Kind::Aggregate) {
    fail(Sqlstate::WrongObjectType, "OVER specified, but " + name + " is not a window function nor an aggregate function");
  }
  if (clause == Clause::AggregateArgument) fail(Sqlstate::GroupingError, "aggregate function calls cannot contain window function calls");
  if (clause == Clause::WindowPartition || clause == Clause::WindowOrder || clause == Clause::WindowFrame) {
    fail(Sqlstate::WindowingError, "window functions are not allowed in window definitions");
  }
  if (clause != Clause::SelectTarget && clause != Clause::OrderBy && clause != Clause::DistinctOn) {
    fail(Sqlstate::WindowingError, std::string("window functions are not allowed in ") + clause_name(clause));
  }
  if (call.agg_distinct) throw SqlError(Sqlstate::FeatureNotSupported, "DISTINCT is not implemented for window functions").position(position(call.location));
  if (!call.agg_order.empty()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions").position(position(call.location));
  }
  if (call.agg_filter != nullptr && function.kind != functions::Kind::Aggregate) {
    throw SqlError(Sqlstate::FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions").position(position(call.location));
  }
  if (function.aggregate_kind != 'n') fail(Sqlstate::FeatureNotSupported, "OVER is not supported for ordered-set aggregate " + name);
  for (const auto& arg : args) {
    if (plan::contains(*arg, ExprKind::Window)) fail(Sqlstate::WindowingError, "window function calls cannot be nested");
    if (plan::returns_set(*arg)) fail(Sqlstate::FeatureNotSupported, "window function calls cannot contain set-returning function calls");
  }
  auto expr = std::make_unique<Expr>(ExprKind::Window, result);
  expr->function = &function;
  expr->function_owner = function.self.lock();
  expr->location = call.location;
  expr->args = std::move(args);
  derive_collation(*expr);
  expr->aggregate = std::make_unique<plan::AggregateSpec>();
  expr->aggregate->star = call.agg_star;
  expr->aggregate->user = user_aggregate(function, expr->args, result);
  if (call.agg_filter != nullptr) expr->aggregate->filter = bind_boolean(*call.agg_filter, scope, Clause::Filter, "FILTER");
  expr->window = bind_window_def(*call.over, scope);
  if (recorder_ != nullptr && !call.over->refname.empty()) recorder_->window_bases[expr->window.get()] = call.over->refname;
  if (recorder_ != nullptr && call.over->refname.empty() && !call.over->name.empty()) recorder_->window_names[expr->window.get()] = call.over->name;
  scope.has_windows = true;
  return expr;
}

std::unique_ptr<plan::WindowSpec> QueryAnalyzer::bind_window_def(const ast::WindowDef& def, Scope& scope) {
  auto spec = std::make_unique<plan::WindowSpec>();
  std::string_view base_name = !def.refname.empty() ? def.refname : def.name;
  const ast::WindowDef* base = nullptr;
  if (!base_name.empty()) {
    auto found = named_windows_.find(base_name);
    if (found == named_windows_.end()) {
      throw SqlError(Sqlstate::UndefinedObject, "window \"" + std::string(base_name) + "\" does not exist").position(position(def.location));
    }
    base = found->second;
  }
  if (base != nullptr && base != &def) {
    spec = bind_window_def(*base, scope);
    bool copies = !def.refname.empty();
    if (copies) {
      if (!def.partition_clause.empty()) {
        throw SqlError(Sqlstate::WindowingError, "cannot override PARTITION BY clause of window \"" + std::string(base_name) + "\"")
            .position(position(def.location));
      }
      if (!def.order_clause.empty() && !spec->order.empty()) {
        throw SqlError(Sqlstate::WindowingError, "cannot override ORDER BY clause of window \"" + std::string(base_name) + "\"")
            .position(position(def.location));
      }
      if ((base->frame_options & ast::kFrameNonDefault) != 0) {
        throw SqlError(Sqlstate::WindowingError, "cannot copy window \"" + std::string(base_name) + "\" because it has a frame clause")
            .position(position(def.location));
      }
    } else {
      return spec;
    }
  }
  for (auto* key : def.partition_clause) {
    ExprPtr expr = bind(*key, scope, Clause::WindowPartition);
    resolve_unknown(expr);
    equality_function(expr->type, expr->location);
    if (needs_collation_key(*expr)) expr = collation_key(std::move(expr));
    spec->partition.push_back(std::move(expr));
  }
  for (auto* sort : def.order_clause) {
    ExprPtr expr = bind(*sort->node, scope, Clause::WindowOrder);
    resolve_unknown(expr);
    require_collation(*expr);
    if (needs_collation_key(*expr)) expr = collation_key(std::move(expr));
    spec->order.push_back(sort_key(*sort, std::move(expr)));
  }
  bind_frame(def, *spec, scope);
  return spec;
}

ExprPtr QueryAnalyzer::bind_frame_offset(const ast::Node& node, Scope& scope, const char* mode) {
  ExprPtr expr = bind(node, scope, Clause::WindowFrame);
  plan::walk(*expr, [&](const Expr& part) {
    bool outer = std::find(scope.correlated.begin(), scope.correlated.end(), part.binding) != scope.correlated.end();
    if (part.kind == ExprKind::Column && !outer) {
      throw SqlError(Sqlstate::InvalidColumnReference, "argument of " + std::string(mode) + " must not contain variables").position(position(part.location));
    }
    return true;
  });
  return expr;
}

void QueryAnalyzer::bind_frame(const ast::WindowDef& def, plan::WindowSpec& spec, Scope& scope) {
  int options = def.frame_options;
  spec.mode = (options & ast::kFrameRows) != 0 ? plan::FrameMode::Rows
              : (options & ast::kFrameGroups) != 0 ? plan::FrameMode::Groups : plan::FrameMode::Range;
  spec.start = (options & ast::kFrameStartUnboundedPreceding) != 0 ? plan::FrameBound::UnboundedPreceding
               : (options & ast::kFrameStartOffsetPreceding) != 0 ? plan::FrameBound::Preceding
               : (options & ast::kFrameStartCurrentRow) != 0 ? plan::FrameBound::CurrentRow
               : (options & ast::kFrameStartOffsetFollowing) != 0 ? plan::FrameBound::Following : plan::FrameBound::UnboundedFollowing;
  spec.end = (options & ast::kFrameEndUnboundedPreceding) != 0 ? plan::FrameBound::UnboundedPreceding
             : (options & ast::kFrameEndOffsetPreceding) != 0 ? plan::FrameBound::Preceding
             : (options & ast::kFrameEndCurrentRow) != 0 ? plan::FrameBound::CurrentRow
             : (options & ast::kFrameEndOffsetFollowing) != 0 ? plan::FrameBound::Following : plan::FrameBound::UnboundedFollowing;
  spec.exclusion = (options & ast::kFrameExcludeCurrentRow) != 0 ? plan::FrameExclusion::CurrentRow
                   : (options & ast::kFrameExcludeGroup) != 0 ? plan::FrameExclusion::Group
                   : (options & ast::kFrameExcludeTies) != 0 ? plan::FrameExclusion::Ties : plan::FrameExclusion::None;
  if (spec.mode == plan::FrameMode::Groups && spec.order.empty()) {
    throw SqlError(Sqlstate::WindowingError, "GROUPS mode requires an ORDER BY clause").position(position(def.location));
  }
  if (def.start_offset == nullptr && def.end_offset == nullptr) return;
  if (spec.mode != plan::FrameMode::Range) {
    const char* construct = spec.mode == plan::FrameMode::Rows ? "ROWS" : "GROUPS";
    auto offset = [&](const ast::Node* node) -> ExprPtr {
      if (node == nullptr) return nullptr;
      ExprPtr expr = bind_frame_offset(*node, scope, construct);
      int location = expr->location;
      Type from = expr->type;
      expr = coercion_.coerce(std::move(expr), {oid::kInt8}, CastContext::Assignment, position(location));
      if (expr == nullptr) {
        throw SqlError(Sqlstate::DatatypeMismatch, "argument of " + std::string(construct) + " must be type bigint, not type " + types::format_type(from))
            .position(position(location));
      }
      return expr;
    };
    spec.start_offset = offset(def.start_offset);
    spec.end_offset = offset(def.end_offset);
    return;
  }
  if (spec.order.size() != 1) {
    throw SqlError(Sqlstate::WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column").position(position(def.location));
  }
  auto offset = [&](const ast::Node* node, const functions::Function*& function) -> ExprPtr {
    if (node == nullptr) return nullptr;
    ExprPtr expr = bind_frame_offset(*node, scope, "RANGE");
    int location = expr->location;
    function = find_in_range(spec.order[0].expr->type, expr->type, location);
    return coerce_or_throw(std::move(expr), {function->arguments[2]}, CastContext::Implicit, "RANGE");
  };
  spec.start_offset = offset(def.start_offset, spec.start_in_range);
  spec.end_offset = offset(def.end_offset, spec.end_in_range);
}

// The in_range function of a column's type whose offset is of a type that the given one may become.
const functions::Function* QueryAnalyzer::find_in_range(Type column, Type given, int location) {
  Oid base = types::base_type(column).oid;
  Oid preferred = given.oid == oid::kUnknown ? base : given.oid;
  const functions::Function* found = nullptr;
  bool any = false, exact = false;
  int fitting = 0;
  for (const auto* function : functions::find_functions("in_range")) {
    if (function->arguments.size() != 5 || function->arguments[0] != base) continue;
    any = true;
    Oid source[] = {given.oid}, target[] = {function->arguments[2]};
    if (!can_coerce(coercion_.casts(), source, target, CastContext::Implicit)) continue;
    ++fitting;
    if (exact) continue;
    exact = function->arguments[2] == preferred;
    found = function;
  }
  std::string on = "RANGE with offset PRECEDING/FOLLOWING ";
  if (!any) {
    throw SqlError(Sqlstate::FeatureNotSupported, on + "is not supported for column type " + types::format_type({column.oid}, context_.types.names)).position(position(location));
  }
  std::string both = " for column type " + types::format_type({column.oid}, context_.types.names) + " and offset type " + types::format_type({given.oid}, context_.types.names);
  if (fitting == 0) {
    throw SqlError(Sqlstate::FeatureNotSupported, on + "is not supported" + both).hint("Cast the offset value to an appropriate type.").position(position(location));
  }
  if (fitting > 1 && !exact) {
    throw SqlError(Sqlstate::FeatureNotSupported, on + "has multiple interpretations" + both)
        .hint("Cast the offset value to the exact intended type.")
        .position(position(location));
  }
  return found;
}

ExprPtr QueryAnalyzer::bind_grouping_func(const ast::GroupingFunc& grouping, Scope& scope) {
  auto expr = std::make_unique<Expr>(ExprKind::Grouping, Type{oid::kInt4});
  expr->location = grouping.location;
  if (grouping.args.size() > 31) {
    throw SqlError(Sqlstate::TooManyArguments, "GROUPING must have fewer than 32 arguments").position(position(grouping.location));
  }
  for (auto* arg : grouping.args) expr->args.push_back(bind(*arg, scope, Clause::AggregateArgument));
  aggregate_level(expr->args, nullptr, scope).has_aggregates = true;
  return expr;
}

}  // namespace aegis::analyzer
