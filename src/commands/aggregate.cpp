#include "aggregate.h"

#include <algorithm>
#include <optional>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "definition_options.h"
#include "names.h"
#include "objects.h"
#include "routine.h"

namespace aegis::commands {
namespace {

namespace oid = types::oid;
using ast::DefElem;

[[noreturn]] void fail(std::string message, Sqlstate state = Sqlstate::InvalidFunctionDefinition) { throw SqlError(state, std::move(message)); }

// The options, each at its last place.
struct Options {
  const DefElem *base_type = nullptr, *transition = nullptr, *final = nullptr, *combine = nullptr, *serialize = nullptr, *deserialize = nullptr,
                *sort_operator = nullptr, *state = nullptr, *state_bytes = nullptr, *initial = nullptr;
  const DefElem *moving_transition = nullptr, *moving_inverse = nullptr, *moving_final = nullptr, *moving_state = nullptr,
                *moving_state_bytes = nullptr, *moving_initial = nullptr;
  const DefElem *final_modify = nullptr, *moving_final_modify = nullptr, *parallel = nullptr;
  bool final_extra = false, moving_final_extra = false, hypothetical = false;
};

Options read_options(const ast::DefineStmt& statement, CommandContext& context) {
  Options o;
  struct Name {
    std::string_view name;
    const DefElem** place;
  };
  const Name names[] = {{"sfunc", &o.transition}, {"sfunc1", &o.transition}, {"finalfunc", &o.final}, {"combinefunc", &o.combine},
                        {"serialfunc", &o.serialize}, {"deserialfunc", &o.deserialize}, {"msfunc", &o.moving_transition},
                        {"minvfunc", &o.moving_inverse}, {"mfinalfunc", &o.moving_final}, {"sortop", &o.sort_operator}, {"basetype", &o.base_type},
                        {"stype", &o.state}, {"stype1", &o.state}, {"sspace", &o.state_bytes}, {"mstype", &o.moving_state},
                        {"msspace", &o.moving_state_bytes}, {"initcond", &o.initial}, {"initcond1", &o.initial}, {"minitcond", &o.moving_initial},
                        {"finalfunc_modify", &o.final_modify}, {"mfinalfunc_modify", &o.moving_final_modify}, {"parallel", &o.parallel}};
  for (const auto* option : statement.definition) {
    bool known = false;
    for (const auto& [name, place] : names) {
      if (option->defname != name) continue;
      *place = option;
      known = true;
    }
    if (known) continue;
    if (option->defname == "finalfunc_extra") {
      o.final_extra = option_bool(*option);
    } else if (option->defname == "mfinalfunc_extra") {
      o.moving_final_extra = option_bool(*option);
    } else if (option->defname == "hypothetical") {
      o.hypothetical = option_bool(*option);
    } else {
      warning(context, "aggregate attribute \"" + std::string(option->defname) + "\" not recognized", Sqlstate::SyntaxError);
    }
  }
  return o;
}

char modify_letter(const DefElem* option, char otherwise) {
  if (option == nullptr) return otherwise;
  std::string word = option_text(*option);
  if (word == "read_only") return 'r';
  if (word == "shareable") return 's';
  if (word == "read_write") return 'w';
  fail("parameter \"" + std::string(option->defname) + "\" must be READ_ONLY, SHAREABLE, or READ_WRITE", Sqlstate::SyntaxError);
}

class AggregateMaker {
 public:
  AggregateMaker(const ast::DefineStmt& statement, CommandContext& context)
      : statement_(statement), context_(context), version_(context.catalog_version()), analysis_(context.analyzer_context(*version_)),
        options_(read_options(statement, context)), routine_(std::make_shared<catalog::Routine>()) {}

  std::shared_ptr<catalog::Routine> make() {
    routine_->routine_kind = 'a';
    routine_->language = "internal";
    routine_->body = "aggregate_dummy";
    routine_->volatility = 'i';
    routine_->cost = 1;
    require_options();
    add_arguments();
    find_functions();
    return routine_;
  }

 private:
  using Info = catalog::AggregateInfo;

  std::string type_name(Oid type) { return types::format_type({type}, context_.types().names); }

  void require_options() {
    const Options& o = options_;
    if (o.state == nullptr) fail("aggregate stype must be specified");
    if (o.transition == nullptr) fail("aggregate sfunc must be specified");
    if (o.moving_state != nullptr) {
      if (o.moving_transition == nullptr) fail("aggregate msfunc must be specified when mstype is specified");
      if (o.moving_inverse == nullptr) fail("aggregate minvfunc must be specified when mstype is specified");
    } else {
      if (o.moving_transition != nullptr) fail("aggregate msfunc must not be specified without mstype");
      if (o.moving_inverse != nullptr) fail("aggregate minvfunc must not be specified without mstype");
      if (o.moving_final != nullptr) fail("aggregate mfinalfunc must not be specified without mstype");
      if (o.moving_state_bytes != nullptr) fail("aggregate msspace must not be specified without mstype");
      if (o.moving_initial != nullptr) fail("aggregate minitcond must not be specified without mstype");
    }
  }

  void add_arguments() {
    Info& info = routine_->aggregate;
    if (statement_.oldstyle) {
      if (options_.base_type == nullptr) fail("aggregate input type must be specified");
      std::string word;
      if (auto* text = ast::node_cast<ast::String>(options_.base_type->arg)) word = text->sval;
      std::transform(word.begin(), word.end(), word.begin(), ::tolower);
      if (word != "any") routine_->arguments.push_back({"", {option_type(context_, *options_.base_type).oid}, 'i', ""});
      return;
    }
    if (options_.base_type != nullptr) fail("basetype is redundant with aggregate input type specification");
    for (const auto* node : statement_.args) {
      const auto& parameter = *ast::node_cast<ast::FunctionParameter>(node);
      catalog::RoutineArgument argument;
      argument.name = parameter.name;
      argument.mode = parameter.mode == ast::FunctionParameterMode::Default ? 'i' : static_cast<char>(parameter.mode);
      if (parameter.mode == ast::FunctionParameterMode::Out || parameter.mode == ast::FunctionParameterMode::InOut) {
        fail("aggregates cannot have output arguments");
      }
      if (parameter.defexpr != nullptr) fail("aggregate arguments cannot have default values", Sqlstate::FeatureNotSupported);
      if (parameter.arg_type->setof) fail("aggregates cannot accept set arguments");
      argument.type = {analyzer::resolve_type(analysis_, *parameter.arg_type).oid};
      check_type_usage(context_, argument.type.oid);
      if (argument.mode == 'v') {
        bool array = argument.type.oid == oid::kAny || argument.type.oid == oid::kAnyarray || argument.type.oid == oid::kAnycompatiblearray ||
                     types::is_array(argument.type.oid);
        if (!array) fail("VARIADIC parameter must be an array");
      }
      routine_->arguments.push_back(std::move(argument));
    }
    if (statement_.num_direct_args < 0) return;
    info.direct_arguments = statement_.num_direct_args;
    info.kind = options_.hypothetical ? 'h' : 'o';
  }

  bool is_polymorphic(Oid type) {
    const auto* info = types::find_type(type);
    return info != nullptr && info->kind == 'p' && info->name.starts_with("any") && type != oid::kAny;
  }

  Oid state_type(const DefElem& option) {
    Oid type = option_type(context_, option).oid;
    const auto* info = types::find_type(type);
    if (info != nullptr && info->kind == 'p' && !is_polymorphic(type)) {
      if (type != oid::kInternal || !context_.is_superuser()) fail("aggregate transition data type cannot be " + type_name(type));
    }
    bool any = is_polymorphic(type);
    bool given = std::any_of(routine_->arguments.begin(), routine_->arguments.end(), [&](const auto& a) { return is_polymorphic(a.type.oid); });
    if (any && !given) {
      throw SqlError(Sqlstate::InvalidFunctionDefinition, "cannot determine transition data type")
          .detail("A result of type " + type_name(type) + " requires at least one input of type " +
                  (type_name(type).starts_with("anycompatible") ? "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange."
                                                                : "anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange."));
    }
    return type;
  }

  analyzer::FunctionMatch match(const DefElem& option, const std::vector<Oid>& types) {
    auto names = option_name(option);
    auto found = analyzer::match_function(analysis_, names, types);
    if (found.coerces) {
      fail("function " + display(*found.function) + " requires run-time type coercion", Sqlstate::DatatypeMismatch);
    }
    if (found.function->user_defined) routine_->dependencies.push_back({found.function->oid, 0, 'n'});
    auto version = context_.catalog_version();
    auto routine = found.result == oid::kRecord ? version->routine(found.function->oid) : nullptr;
    auto rows = routine == nullptr ? nullptr : version->relation(routine->result_relation);
    if (rows != nullptr) found.result = rows->row_type;
    return found;
  }

  std::string display(const functions::Function& function) {
    std::string text = std::string(function.name) + "(";
    for (size_t i = 0; i < function.arguments.size(); ++i) text += (i > 0 ? ", " : "") + type_name(function.arguments[i]);
    return text + ")";
  }

  bool same_type(Oid a, Oid b) { return a == b || types::base_type(a) == b; }

  void check_first_input(const functions::Function& transition, bool has_initial, Oid state) {
    if (!transition.strict || has_initial) return;
    size_t direct = static_cast<size_t>(routine_->aggregate.direct_arguments);
    bool fits = routine_->arguments.size() > direct && analyzer::is_binary_coercible(analysis_, routine_->arguments[direct].type.oid, state);
    if (!fits) fail("must not omit initial value when transition function is strict and transition type is not compatible with input type");
  }

  void find_functions() {
    Info& info = routine_->aggregate;
    info.state = {state_type(*options_.state)};
    if (info.state.oid == oid::kInternal && info.kind == 'n' && routine_->arguments.empty()) info.state = {oid::kInternal};
    std::vector<Oid> inputs;
    for (const auto& argument : routine_->arguments) inputs.push_back(argument.type.oid);
    std::vector<Oid> aggregated(inputs.begin() + info.direct_arguments, inputs.end());
    std::vector<Oid> with_state{info.state.oid};
    with_state.insert(with_state.end(), aggregated.begin(), aggregated.end());
    // VARIADIC "any" ORDER BY VARIADIC "any" is one parameter, direct and aggregated at once.
    if (info.kind != 'n' && aggregated.empty() && !inputs.empty()) with_state.push_back(inputs.back());

    auto transition = match(*options_.transition, with_state);
    if (!same_type(transition.result, info.state.oid)) {
      fail("return type of transition function " + dotted_name(*options_.transition) + " is not " + type_name(info.state.oid), Sqlstate::DatatypeMismatch);
    }
    info.transition = transition.function->oid;
    if (options_.initial != nullptr) {
      info.has_initial = true;
      info.initial = option_text(*options_.initial);
      if (!is_polymorphic(info.state.oid) && info.state.oid != oid::kInternal) read_initial(info.initial, info.state);
    }
    check_first_input(*transition.function, info.has_initial, info.state.oid);
    if (options_.state_bytes != nullptr) info.state_bytes = option_integer(*options_.state_bytes);
    info.final_extra = options_.final_extra;
    info.final_modify = modify_letter(options_.final_modify, info.kind == 'n' ? 'r' : 'w');
    routine_->result = {info.state.oid};
    const functions::Function* final = nullptr;
    if (options_.final != nullptr) {
      auto found = match(*options_.final, final_inputs(info.state.oid, inputs, info.final_extra));
      final = found.function;
      if (info.final_extra && final->strict) fail("final function with extra arguments must not be declared STRICT", Sqlstate::InvalidFunctionDefinition);
      info.final = final->oid;
      routine_->result = {found.result};
    }
    find_parallel_functions(info);
    find_moving_functions(info, aggregated, inputs);
    find_sort_operator(info, inputs);
    if (info.state.oid == oid::kInternal && functions::find_aggregate_kernel(*transition.function, final) == nullptr) {
      throw_not_supported("an aggregate of state type internal over function " + std::string(transition.function->name));
    }
    if (info.kind != 'n' && info.state.oid != oid::kInternal) throw_not_supported("an ordered-set aggregate over functions of a user");
    for (const auto* part : {transition.function, final}) {
      if (part != nullptr && info.state.oid != oid::kInternal && part->kernel == nullptr) functions::throw_absent(*part);
    }
  }

  std::vector<Oid> final_inputs(Oid state, const std::vector<Oid>& inputs, bool extra) {
    std::vector<Oid> types{state};
    size_t count = extra ? inputs.size() : static_cast<size_t>(routine_->aggregate.direct_arguments);
    types.insert(types.end(), inputs.begin(), inputs.begin() + static_cast<long>(count));
    return types;
  }

  void read_initial(const std::string& text, types::Type type) {
    Arena arena;
    types::type_info(type.oid).input(context_.types(), text, type, arena);
  }

  std::string dotted_name(const DefElem& option) {
    auto names = option_name(option);
    if (names.size() == 2 && names[0] == "pg_catalog") names.erase(names.begin());
    return dotted(names);
  }

  void find_parallel_functions(Info& info) {
    const Options& o = options_;
    if (o.combine != nullptr) {
      auto found = match(*o.combine, {info.state.oid, info.state.oid});
      if (!same_type(found.result, info.state.oid)) {
        fail("return type of combine function " + dotted_name(*o.combine) + " is not " + type_name(info.state.oid), Sqlstate::DatatypeMismatch);
      }
      if (info.state.oid == oid::kInternal && found.function->strict) {
        fail("combine function with transition type " + type_name(info.state.oid) + " must not be declared STRICT", Sqlstate::InvalidFunctionDefinition);
      }
      info.combine = found.function->oid;
    }
    if ((o.serialize != nullptr || o.deserialize != nullptr) && info.state.oid != oid::kInternal) {
      fail("serialization functions may be specified only when the aggregate transition data type is internal");
    }
    if ((o.serialize != nullptr) != (o.deserialize != nullptr)) fail("must specify both or neither of serialization and deserialization functions");
    if (o.serialize != nullptr) {
      auto out = match(*o.serialize, {oid::kInternal});
      if (out.result != oid::kBytea) fail("return type of serialization function " + dotted_name(*o.serialize) + " is not bytea", Sqlstate::DatatypeMismatch);
      auto in = match(*o.deserialize, {oid::kBytea, oid::kInternal});
      if (in.result != oid::kInternal) {
        fail("return type of deserialization function " + dotted_name(*o.deserialize) + " is not internal", Sqlstate::DatatypeMismatch);
      }
      info.serialize = out.function->oid;
      info.deserialize = in.function->oid;
    }
    if (o.parallel != nullptr) {
      std::string word = option_text(*o.parallel);
      if (word != "safe" && word != "restricted" && word != "unsafe") {
        throw SqlError(Sqlstate::SyntaxError, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE");
      }
      routine_->parallel = word[0];
    }
  }

  void find_moving_functions(Info& info, const std::vector<Oid>& aggregated, const std::vector<Oid>& inputs) {
    const Options& o = options_;
    info.moving_final_extra = o.moving_final_extra;
    info.moving_final_modify = modify_letter(o.moving_final_modify, info.kind == 'n' ? 'r' : 'w');
    if (o.moving_state == nullptr) return;
    Oid state = state_type(*o.moving_state);
    info.moving_state = {state};
    if (o.moving_state_bytes != nullptr) info.moving_state_bytes = option_integer(*o.moving_state_bytes);
    if (o.moving_initial != nullptr) {
      info.has_moving_initial = true;
      info.moving_initial = option_text(*o.moving_initial);
      if (!is_polymorphic(state) && state != oid::kInternal) read_initial(info.moving_initial, {state});
    }
    std::vector<Oid> with_state{state};
    with_state.insert(with_state.end(), aggregated.begin(), aggregated.end());
    auto forward = match(*o.moving_transition, with_state);
    if (!same_type(forward.result, state)) {
      fail("return type of transition function " + dotted_name(*o.moving_transition) + " is not " + type_name(state), Sqlstate::DatatypeMismatch);
    }
    check_first_input(*forward.function, info.has_moving_initial, state);
    auto inverse = match(*o.moving_inverse, with_state);
    if (!same_type(inverse.result, state)) {
      fail("return type of inverse transition function " + dotted_name(*o.moving_inverse) + " is not " + type_name(state), Sqlstate::DatatypeMismatch);
    }
    if (forward.function->strict != inverse.function->strict) {
      fail("strictness of aggregate's forward and inverse transition functions must match");
    }
    info.moving_transition = forward.function->oid;
    info.moving_inverse = inverse.function->oid;
    Oid result = state;
    if (o.moving_final != nullptr) {
      auto final = match(*o.moving_final, final_inputs(state, inputs, info.moving_final_extra));
      if (info.moving_final_extra && final.function->strict) fail("final function with extra arguments must not be declared STRICT");
      info.moving_final = final.function->oid;
      result = final.result;
    }
    if (result != routine_->result.oid) {
      fail("moving-aggregate implementation returns type " + type_name(result) + ", but plain implementation returns type " +
               type_name(routine_->result.oid));
    }
  }

  void find_sort_operator(Info& info, const std::vector<Oid>& inputs) {
    if (options_.sort_operator == nullptr) return;
    if (inputs.size() != 1) fail("sort operator can only be specified for single-argument aggregates");
    auto names = option_name(*options_.sort_operator);
    const auto* op = analyzer::find_exact_operator(analysis_, names, inputs[0], inputs[0]);
    if (op == nullptr) {
      throw SqlError(Sqlstate::UndefinedFunction, "operator does not exist: " + type_name(inputs[0]) + " " + dotted(names) + " " + type_name(inputs[0]));
    }
    info.sort_operator = op->oid;
    if (op->user_defined) routine_->dependencies.push_back({op->oid, 0, 'n'});
  }

  const ast::DefineStmt& statement_;
  CommandContext& context_;
  catalog::VersionPtr version_;
  analyzer::AnalyzerContext analysis_;
  Options options_;
  std::shared_ptr<catalog::Routine> routine_;
};

}  // namespace

CommandResult create_aggregate(const ast::DefineStmt& statement, CommandContext& context) {
  ast::RangeVar written = range_var(context, statement.defnames);
  Oid schema = written.schemaname.empty() ? context.creation_schema() : find_schema(context, written.schemaname, false);
  check_may_create(context, schema, 0);
  auto routine = AggregateMaker(statement, context).make();
  routine->name = written.relname;
  routine->database = context.database();
  routine->schema = schema;
  routine->owner = context.current_role();
  lock_name(context, catalog::kPgProcOid, routine->schema, routine->name);
  auto existing = find_same_routine(context, *routine);
  if (existing != nullptr && !statement.replace) {
    throw SqlError(Sqlstate::DuplicateFunction, "function \"" + routine->name + "\" already exists with same argument types");
  }
  if (existing != nullptr) {
    if (existing->routine_kind == 'a' && existing->aggregate.kind != routine->aggregate.kind) {
      const char* kinds[] = {"a normal", "an ordered-set", "a hypothetical-set"};
      char kind = existing->aggregate.kind;
      throw SqlError(Sqlstate::WrongObjectType, "cannot change routine kind")
          .detail("\"" + existing->name + "\" is " + kinds[kind == 'n' ? 0 : kind == 'o' ? 1 : 2] + " aggregate function.");
    }
    replace_routine(context, *existing, *routine);
  } else {
    routine->oid = context.catalog().allocate_oid();
  }
  context.catalog_changes().put(routine);
  return {"CREATE AGGREGATE", {}, {}};
}

}  // namespace aegis::commands
