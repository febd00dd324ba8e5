// Functions, operators, aggregates and languages.
#include <algorithm>
#include <iterator>

#include "aegis/catalog/catalog.h"
#include "aegis/functions/function.h"
#include "system/columns.h"
#include "system/row.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using namespace columns;  // NOLINT: the column numbers are what this file is about
using functions::Function;
using functions::Kind;
using types::Value;
namespace oid = types::oid;

constexpr Oid kInternalLanguage = 12;
constexpr Oid kCLanguage = 13;
constexpr Oid kSqlLanguage = 14;
constexpr Oid kPlPgSqlLanguage = 13577;

// Modes and names of all arguments, where there is more to say than the input types.
void set_arguments(Row& row, const Function& function) {
  Arena& arena = row.arena();
  row.set(pg_proc::proargtypes, oidvector(arena, function.arguments));
  bool has_modes = !function.out_types.empty() || function.variadic != kInvalidOid;
  if (has_modes) {
    std::vector<Oid> all(function.arguments.begin(), function.arguments.end());
    all.insert(all.end(), function.out_types.begin(), function.out_types.end());
    types::ArrayBuilder modes(oid::kChar);
    for (size_t i = 0; i < all.size(); ++i) {
      char mode = i >= function.arguments.size() ? 'o' : 'i';
      if (function.variadic != kInvalidOid && i + 1 == function.arguments.size()) mode = 'v';
      modes.add(Value::of_i8(static_cast<int8_t>(mode)));
    }
    row.set(pg_proc::proallargtypes, oid_array(arena, all)).set(pg_proc::proargmodes, modes.value(arena));
  }
  if (function.argument_names.empty() && function.out_names.empty()) return;
  types::ArrayBuilder names(oid::kText);
  for (size_t i = 0; i < function.arguments.size(); ++i) {
    names.add(Value::of_string(function.argument_names.empty() ? std::string_view() : function.argument_names[i]));
  }
  for (auto name : function.out_names) names.add(Value::of_string(name));
  row.set(pg_proc::proargnames, names.value(arena));
}

Oid language_oid(std::string_view name) {
  return name == "sql" ? kSqlLanguage : name == "plpgsql" ? kPlPgSqlLanguage : name == "c" ? kCLanguage : kInternalLanguage;
}

void add_routine(Row& row, const Version& version, const Routine& routine) {
  const Function& function = routine.function();
  Arena& arena = row.arena();
  auto relation = version.relation(routine.result_relation);
  std::vector<Oid> all;
  types::ArrayBuilder modes(oid::kChar);
  types::ArrayBuilder names(oid::kText);
  bool has_modes = false;
  bool has_names = false;
  for (const auto& argument : routine.arguments) {
    all.push_back(argument.type.oid);
    modes.add(Value::of_i8(static_cast<int8_t>(argument.mode)));
    names.add(Value::of_string(argument.name));
    has_modes = has_modes || argument.mode != 'i';
    has_names = has_names || !argument.name.empty();
  }
  row.set(pg_proc::oid, routine.oid)
      .set(pg_proc::proname, routine.name)
      .set(pg_proc::pronamespace, routine.schema)
      .set(pg_proc::proowner, routine.owner)
      .set(pg_proc::prolang, language_oid(routine.language))
      .set_real(pg_proc::procost, routine.cost)
      .set_real(pg_proc::prorows, routine.rows)
      .set(pg_proc::provariadic, function.variadic)
      .set(pg_proc::prokind, routine.routine_kind)
      .set(pg_proc::prosecdef, routine.security_definer)
      .set(pg_proc::proleakproof, routine.leakproof)
      .set(pg_proc::proisstrict, routine.strict)
      .set(pg_proc::proretset, routine.returns_set)
      .set(pg_proc::provolatile, routine.volatility)
      .set(pg_proc::proparallel, routine.parallel)
      .set(pg_proc::pronargs, function.arguments.size())
      .set(pg_proc::pronargdefaults, function.default_count)
      .set(pg_proc::prorettype, relation == nullptr ? routine.result.oid : relation->row_type)
      .set(pg_proc::proargtypes, oidvector(arena, function.arguments))
      .set(pg_proc::prosrc, routine.sql_standard_body ? std::string_view() : std::string_view(routine.body))
      .set_text_or_null(pg_proc::prosqlbody, routine.sql_standard_body ? std::string_view(routine.body) : std::string_view())
      .set_text_or_null(pg_proc::proargdefaults, function.defaults)
      .set_texts(pg_proc::proconfig, routine.settings)
      .set_acl(pg_proc::proacl, routine.acl);
  if (has_modes) row.set(pg_proc::proallargtypes, oid_array(arena, all)).set(pg_proc::proargmodes, modes.value(arena));
  if (has_names) row.set(pg_proc::proargnames, names.value(arena));
  row.emit();
}

}  // namespace

namespace {

struct FunctionFacts {
  Oid function;
  bool leakproof;
  char parallel;
  double cost, rows;
  Oid support;
};
constexpr FunctionFacts kFunctionFacts[] = {
#define AEGIS_FUNCTION_FACTS(...) {__VA_ARGS__},
#define AEGIS_OPERATOR_ESTIMATORS(...)
#include "system/function_facts.def"
#undef AEGIS_FUNCTION_FACTS
#undef AEGIS_OPERATOR_ESTIMATORS
};
struct Estimators {
  Oid op, restriction, join;
};
constexpr Estimators kEstimators[] = {
#define AEGIS_FUNCTION_FACTS(...)
#define AEGIS_OPERATOR_ESTIMATORS(...) {__VA_ARGS__},
#include "system/function_facts.def"
#undef AEGIS_FUNCTION_FACTS
#undef AEGIS_OPERATOR_ESTIMATORS
};

FunctionFacts facts_of(const Function& function) {
  auto found = std::lower_bound(std::begin(kFunctionFacts), std::end(kFunctionFacts), function.oid,
                                [](const FunctionFacts& facts, Oid oid) { return facts.function < oid; });
  if (found != std::end(kFunctionFacts) && found->function == function.oid) return *found;
  return {function.oid, false, 's', 1, function.returns_set ? 1000.0 : 0.0, kInvalidOid};
}

}  // namespace

void generate_pg_proc(const SystemContext& context, RowSink& sink) {
  Row row(pg_proc::kTable, sink);
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Routine) add_routine(row, context.version, static_cast<const Routine&>(*object));
  }
  for (const Function* function : functions::all_functions()) {
    bool is_sql = function->kind == Kind::Function && function->symbol.find('(') != std::string_view::npos;
    bool is_aggregate = function->kind == Kind::Aggregate;
    FunctionFacts facts = facts_of(*function);
    row.set(pg_proc::oid, function->oid)
        .set(pg_proc::proname, function->name)
        .set(pg_proc::pronamespace, function->name.starts_with("_pg_") ? kInformationSchema : kPgCatalogSchema)
        .set(pg_proc::proowner, kBootstrapRole)
        .set(pg_proc::prolang, is_sql ? kSqlLanguage : kInternalLanguage)
        .set_real(pg_proc::procost, facts.cost)
        .set_real(pg_proc::prorows, facts.rows)
        .set(pg_proc::prosupport, facts.support)
        .set(pg_proc::proleakproof, facts.leakproof)
        .set(pg_proc::provariadic, function->variadic)
        .set(pg_proc::prokind, static_cast<char>(function->kind))
        .set(pg_proc::proisstrict, function->strict)
        .set(pg_proc::proretset, function->returns_set)
        .set(pg_proc::provolatile, static_cast<char>(function->volatility))
        .set(pg_proc::proparallel, facts.parallel)
        .set(pg_proc::pronargs, function->arguments.size())
        .set(pg_proc::pronargdefaults, function->default_count)
        .set(pg_proc::prorettype, function->result)
        .set(pg_proc::prosrc, is_aggregate ? std::string_view("aggregate_dummy") : function->symbol)
        .set_text_or_null(pg_proc::proargdefaults, function->defaults);
    set_arguments(row, *function);
    row.emit();
  }
}

namespace {

// `a` is a built-in aggregate or one of a user, which name what they share alike.
template <typename Aggregate>
void set_aggregate(Row& row, Oid function, const Aggregate& a, Oid state, Oid moving_state) {
  row.set(pg_aggregate::aggfnoid, function)
      .set(pg_aggregate::aggkind, a.kind)
      .set(pg_aggregate::aggnumdirectargs, a.direct_arguments)
      .set(pg_aggregate::aggtransfn, a.transition)
      .set(pg_aggregate::aggfinalfn, a.final)
      .set(pg_aggregate::aggcombinefn, a.combine)
      .set(pg_aggregate::aggserialfn, a.serialize)
      .set(pg_aggregate::aggdeserialfn, a.deserialize)
      .set(pg_aggregate::aggmtransfn, a.moving_transition)
      .set(pg_aggregate::aggminvtransfn, a.moving_inverse)
      .set(pg_aggregate::aggmfinalfn, a.moving_final)
      .set(pg_aggregate::aggfinalextra, a.final_extra)
      .set(pg_aggregate::aggmfinalextra, a.moving_final_extra)
      .set(pg_aggregate::aggfinalmodify, a.final_modify)
      .set(pg_aggregate::aggmfinalmodify, a.moving_final_modify)
      .set(pg_aggregate::aggsortop, a.sort_operator)
      .set(pg_aggregate::aggtranstype, state)
      .set(pg_aggregate::aggtransspace, a.state_bytes)
      .set(pg_aggregate::aggmtranstype, moving_state)
      .set(pg_aggregate::aggmtransspace, a.moving_state_bytes);
}

}  // namespace

void generate_pg_aggregate(const SystemContext& context, RowSink& sink) {
  Row row(pg_aggregate::kTable, sink);
  for (const auto& a : functions::all_aggregates()) {
    set_aggregate(row, a.function, a, a.state, a.moving_state);
    if (a.initial != nullptr) row.set(pg_aggregate::agginitval, a.initial);
    if (a.moving_initial != nullptr) row.set(pg_aggregate::aggminitval, a.moving_initial);
    row.emit();
  }
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Routine || static_cast<const Routine&>(*object).routine_kind != 'a') continue;
    const AggregateInfo& a = static_cast<const Routine&>(*object).aggregate;
    set_aggregate(row, object->oid, a, a.state.oid, a.moving_state.oid);
    if (a.has_initial) row.set(pg_aggregate::agginitval, a.initial);
    if (a.has_moving_initial) row.set(pg_aggregate::aggminitval, a.moving_initial);
    row.emit();
  }
}

namespace {

void add_operator(Row& row, const functions::Operator& op, Oid schema, Oid owner) {
  row.set(pg_operator::oid, op.oid)
      .set(pg_operator::oprname, op.name)
      .set(pg_operator::oprnamespace, schema)
      .set(pg_operator::oprowner, owner)
      .set(pg_operator::oprkind, op.left == kInvalidOid ? 'l' : 'b')
      .set(pg_operator::oprcanmerge, op.can_merge)
      .set(pg_operator::oprcanhash, op.can_hash)
      .set(pg_operator::oprleft, op.left)
      .set(pg_operator::oprright, op.right)
      .set(pg_operator::oprresult, op.result)
      .set(pg_operator::oprcom, op.commutator)
      .set(pg_operator::oprnegate, op.negator)
      .set(pg_operator::oprcode, op.function);
}

Oid estimator_oid(std::string_view name) {
  auto found = functions::find_functions(name);
  return found.empty() ? kInvalidOid : found[0]->oid;
}

}  // namespace

void generate_pg_operator(const SystemContext& context, RowSink& sink) {
  Row row(pg_operator::kTable, sink);
  for (const auto* op : functions::all_operators()) {
    add_operator(row, *op, kPgCatalogSchema, kBootstrapRole);
    auto found = std::lower_bound(std::begin(kEstimators), std::end(kEstimators), op->oid, [](const Estimators& e, Oid oid) { return e.op < oid; });
    if (found != std::end(kEstimators) && found->op == op->oid) row.set(pg_operator::oprrest, found->restriction).set(pg_operator::oprjoin, found->join);
    row.emit();
  }
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind != ObjectKind::Operator) continue;
    const auto& op = static_cast<const Operator&>(*object);
    add_operator(row, op.record(), op.schema, op.owner);
    row.set(pg_operator::oprrest, estimator_oid(op.restrict_estimator)).set(pg_operator::oprjoin, estimator_oid(op.join_estimator)).emit();
  }
}

void generate_pg_language(const SystemContext&, RowSink& sink) {
  struct Language {
    Oid oid;
    const char* name;
    bool trusted;
    Oid validator;
  };
  Row row(pg_language::kTable, sink);
  for (auto [oid, name, trusted, validator] : {Language{kInternalLanguage, "internal", false, 2246}, {kCLanguage, "c", false, 2247},
                                               {kSqlLanguage, "sql", true, 2248}, {kPlPgSqlLanguage, "plpgsql", true, kInvalidOid}}) {
    row.set(pg_language::oid, oid)
        .set(pg_language::lanname, name)
        .set(pg_language::lanowner, kBootstrapRole)
        .set(pg_language::lanpltrusted, trusted)
        .set(pg_language::lanvalidator, validator)
        .emit();
  }
}

}  // namespace aegis::catalog
