#include "aegis/routines/routines.h"

#include "aegis/functions/output.h"

#include "plpgsql/program.h"
#include "aegis/types/record.h"
#include "sql_function.h"

namespace aegis::routines {

namespace oid = types::oid;

Routines::~Routines() = default;

namespace {

// LANGUAGE internal: another name for a built-in function.
class InternalFunction final : public Compiled {
 public:
  InternalFunction(Runner& runner, const catalog::Routine& routine, std::span<const Type> arguments, Type result)
      : runner_(runner), arguments_(arguments.begin(), arguments.end()), result_(result) {
    for (const auto* function : functions::all_functions()) {
      if (function->symbol == routine.body && function->arguments.size() == arguments.size()) function_ = function;
    }
    if (function_ == nullptr) throw SqlError(Sqlstate::UndefinedFunction, "there is no built-in function named \"" + routine.body + "\"");
    if (function_->kernel == nullptr) functions::throw_absent(*function_);
  }
  Value call(std::span<const Value> arguments, Arena& arena) override {
    std::vector<vector::Vector> vectors;
    vectors.reserve(arguments.size());
    std::vector<const vector::Vector*> pointers;
    for (size_t i = 0; i < arguments.size(); ++i) {
      vectors.emplace_back(arguments_[i].oid);
      vectors.back().set_constant(arguments[i]);
      pointers.push_back(&vectors.back());
    }
    functions::CallSite site;
    site.arguments = arguments_;
    site.result = result_;
    std::shared_ptr<void> cache;
    functions::CallContext context{runner_.types(), runner_.services(), site, cache, function_};
    vector::Vector result(result_.oid);
    function_->kernel(context, pointers, 1, result);
    return types::copy_value(result.physical(), result.get(0), arena);
  }
  std::unique_ptr<functions::SetScan> scan(std::span<const Value>) override { throw_not_supported("a set-returning function in language internal"); }

 private:
  Runner& runner_;
  std::vector<Type> arguments_;
  Type result_;
  const functions::Function* function_ = nullptr;
};

void add_compile_context(SqlError& error, const std::string& name, const std::string& body) {
  auto& fields = error.fields();
  int line = 1;
  if (fields.position > 0) {
    // Characters before the error, counted as bytes: lines are what matters.
    line = parser::plpgsql::line_of(body, fields.position - 1);
    fields.internal_position = fields.position;
    fields.internal_query = body;
    fields.position = 0;
  }
  if (!fields.context.empty()) fields.context += "\n";
  fields.context += "compilation of PL/pgSQL function \"" + name + "\" near line " + std::to_string(line);
}

}  // namespace

std::shared_ptr<Compiled> Routines::compiled(const catalog::RoutinePtr& routine, std::span<const Type> arguments, Type result, Oid collation) {
  if (collation == kInvalidOid) collation = types::kDefaultCollation;
  Key key{routine->oid, {}, collation};
  for (const auto& type : arguments) key.types.push_back(type.oid);
  key.types.push_back(result.oid);
  auto found = cache_.find(key);
  if (found != cache_.end() && found->second.routine == routine) return found->second.compiled;
  if (routine->language == "plpgsql" && (routine->result.oid == oid::kTrigger || routine->result.oid == oid::kEventTrigger)) {
    throw SqlError(Sqlstate::FeatureNotSupported, "trigger functions can only be called as triggers")
        .context("compilation of PL/pgSQL function \"" + routine->name + "\" near line 1");
  }
  std::shared_ptr<Compiled> made;
  if (routine->language == "sql") {
    made = compile_sql_function(runner_, routine, arguments, result, collation);
  } else if (routine->language == "plpgsql") {
    try {
      made = std::make_shared<plpgsql::Program>(runner_, routine, arguments, result, nullptr, collation);
    } catch (SqlError& error) {
      add_compile_context(error, routine->name, routine->body);
      throw;
    }
  } else {
    made = std::make_shared<InternalFunction>(runner_, *routine, arguments, result);
  }
  cache_[key] = {routine, made};
  return made;
}

namespace {

catalog::RoutinePtr current(Runner& runner, const functions::CallContext& call) {
  auto routine = runner.catalog()->routine(call.function->oid);
  if (routine == nullptr) throw SqlError(Sqlstate::UndefinedFunction, "function with OID " + std::to_string(call.function->oid) + " does not exist");
  return routine;
}

}  // namespace

Value Routines::call(const functions::CallContext& call, std::span<const Value> arguments, Arena& arena) {
  auto routine = current(runner_, call);
  return compiled(routine, call.site.arguments, call.site.result, call.site.collation)->call(arguments, arena);
}

std::unique_ptr<functions::SetScan> Routines::scan(const functions::CallContext& call, std::span<const Value> arguments) {
  auto routine = current(runner_, call);
  return compiled(routine, call.site.arguments, call.site.result, call.site.collation)->scan(arguments);
}

std::vector<Value> Routines::call_procedure(const catalog::RoutinePtr& procedure, std::span<const Type> types, std::span<const Value> arguments,
                                            std::vector<Column>& columns, Arena& arena) {
  auto ready = compiled(procedure, types, procedure->result);
  if (auto* program = dynamic_cast<plpgsql::Program*>(ready.get())) return program->call_procedure(arguments, columns, arena);
  Value record = ready->call(arguments, arena);
  std::vector<Value> values;
  if (procedure->result.oid == oid::kVoid) return values;
  const auto& function = procedure->function();
  std::vector<Oid> oids;
  for (const auto& type : types) oids.push_back(type.oid);
  for (size_t i = 0; i < function.out_types.size(); ++i) {
    Type type{functions::output_type(function, i, oids)};
    columns.push_back({std::string(function.out_names[i]), type});
    values.push_back(record.is_null ? Value::null() : types::copy_value(types::physical_type(type.oid), types::RecordView(record.text()).get(i), arena));
  }
  return values;
}

void Routines::run_block(std::string_view code) {
  std::shared_ptr<plpgsql::Program> program;
  try {
    program = std::make_shared<plpgsql::Program>(runner_, code);
  } catch (SqlError& error) {
    add_compile_context(error, "inline_code_block", std::string(code));
    throw;
  }
  program->run_block();
}

void Routines::validate(const catalog::Routine& routine) {
  if (runner_.setting("check_function_bodies") == "off") return;
  auto current = runner_.catalog()->routine(routine.oid);
  std::vector<Type> types;
  bool polymorphic = false;
  for (const auto& argument : routine.arguments) {
    if (argument.is_input()) types.push_back(argument.type);
    const auto* info = types::find_type(argument.type.oid);
    polymorphic = polymorphic || (info != nullptr && info->kind == 'p' && argument.type.oid != oid::kRecord);
  }
  if (routine.language == "internal") return;
  if (routine.language == "plpgsql") {
    try {
      parser::plpgsql::parse(routine.body);
      if (routine.result.oid == oid::kEventTrigger && !routine.arguments.empty()) {
        throw SqlError(Sqlstate::InvalidFunctionDefinition, "event trigger functions cannot have declared arguments");
      }
      if (polymorphic || routine.result.oid == oid::kTrigger || routine.result.oid == oid::kEventTrigger) return;
      plpgsql::Program check(runner_, current, types, routine.result, nullptr, types::kDefaultCollation, true);
    } catch (SqlError& error) {
      add_compile_context(error, routine.name, routine.body);
      throw;
    }
    return;
  }
  if (polymorphic) {
    ArgumentNames names(*current, types);
    if (!routine.sql_standard_body) runner_.parse(routine.body, &names);
    return;
  }
  try {
    compile_sql_function(runner_, current, types, routine.result, types::kDefaultCollation);
  } catch (SqlError& error) {
    auto& fields = error.fields();
    if (fields.position > 0) {
      fields.internal_position = fields.position;
      fields.internal_query = routine.body;
      fields.position = 0;
    }
    if (fields.context.empty()) fields.context = "SQL function \"" + routine.name + "\"";
    throw;
  }
}

void Routines::fire(Oid function, const EventCall& call) {
  auto routine = runner_.catalog()->routine(function);
  if (routine == nullptr || routine->language != "plpgsql") throw_not_supported("an event trigger function that is not in PL/pgSQL");
  Key key{routine->oid, {kInvalidOid, kInvalidOid}};
  auto found = cache_.find(key);
  std::shared_ptr<plpgsql::Program> program;
  if (found != cache_.end() && found->second.routine == routine) {
    program = std::static_pointer_cast<plpgsql::Program>(found->second.compiled);
  } else {
    try {
      program = std::make_shared<plpgsql::Program>(runner_, routine, std::span<const Type>(), routine->result, nullptr, types::kDefaultCollation);
    } catch (SqlError& error) {
      add_compile_context(error, routine->name, routine->body);
      throw;
    }
    cache_[key] = {routine, program};
  }
  program->fire(call);
}

bool Routines::fire(const TriggerCall& call, std::vector<Value>& row, Arena& arena) {
  auto routine = runner_.catalog()->routine(call.trigger->function);
  if (routine == nullptr) throw SqlError(Sqlstate::UndefinedFunction, "the function of trigger \"" + call.trigger->name + "\" does not exist");
  if (routine->language != "plpgsql") throw_not_supported("a trigger function in language " + routine->language);
  // One program a table, as the row type differs.
  Key key{routine->oid, {call.table->oid, kInvalidOid}};
  auto found = cache_.find(key);
  std::shared_ptr<plpgsql::Program> program;
  if (found != cache_.end() && found->second.routine == routine) {
    program = std::static_pointer_cast<plpgsql::Program>(found->second.compiled);
    if (program->trigger_table() != call.table) program = nullptr;
  }
  if (program == nullptr) {
    try {
      program = std::make_shared<plpgsql::Program>(runner_, routine, std::span<const Type>(), routine->result, call.table, types::kDefaultCollation);
    } catch (SqlError& error) {
      add_compile_context(error, routine->name, routine->body);
      throw;
    }
    cache_[key] = {routine, program};
  }
  return program->fire(call, row, arena);
}

}  // namespace aegis::routines
