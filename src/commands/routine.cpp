#include "routine.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/functions/function.h"
#include "aegis/functions/quoting.h"
#include "aegis/parser/parser.h"
#include "base_type.h"
#include "definition.h"
#include "names.h"
#include "objects.h"
#include "role.h"
#include "sql_scan.h"

namespace aegis::commands {

namespace oid = types::oid;
using ast::FunctionParameterMode;
using ast::ObjectType;

namespace {

struct RoutineType {
  types::Type type;
  Oid relation = kInvalidOid;  // the table whose row type it is
};

// Functions of a native language may be made before the type they are for: its name is then a shell.
Oid native_shell(CommandContext& context, const ast::TypeName& name, std::string_view role) {
  bool is_result = role == "return";
  Oid shell = shell_type(context, name.names, false);
  if (shell != kInvalidOid) {
    notice(context, std::string(role) + " type " + std::string(name.names.back()) + " is only a shell", Sqlstate::WrongObjectType);
    return shell;
  }
  if (!is_result) return kInvalidOid;
  auto version = context.catalog_version();
  try {
    analyzer::resolve_type(context.analyzer_context(*version), name);
    return kInvalidOid;
  } catch (const SqlError& error) {
    if (error.fields().sqlstate != Sqlstate::UndefinedObject) throw;
  }
  shell = shell_type(context, name.names, true);
  ErrorFields fields;
  fields.severity = "NOTICE";
  fields.sqlstate = Sqlstate::UndefinedObject;
  fields.message = "type \"" + dotted(name.names) + "\" is not yet defined";
  fields.detail = "Creating a shell type definition.";
  context.notice(std::move(fields));
  return shell;
}

bool is_native(const ast::CreateFunctionStmt& statement) {
  for (const auto* option : statement.options) {
    if (option->defname != "language") continue;
    auto language = ast::node_cast<ast::String>(option->arg)->sval;
    return language == "internal" || language == "c";
  }
  return false;
}

// Types of arguments and results may also be the row type of a table, which is a record here.
RoutineType routine_type(CommandContext& context, const ast::TypeName& name, const char* native_role = nullptr) {
  if (native_role != nullptr && !name.pct_type && name.array_bounds.empty()) {
    if (Oid shell = native_shell(context, name, native_role); shell != kInvalidOid) return {{shell}};
  }
  auto version = context.catalog_version();
  auto analysis = context.analyzer_context(*version);
  if (name.pct_type) {
    ast::RangeVar table = range_var(context, name.names.first(name.names.size() - 1));
    Oid oid = analyzer::find_relation(analysis, table, false);
    auto relation = version->relation(oid);
    int column = relation == nullptr ? -1 : relation->find_column(name.names.back());
    if (column < 0) {
      throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(name.names.back()) + "\" of relation \"" + display_name(table) + "\" does not exist");
    }
    types::Type type{relation->columns[column].type.oid};
    notice(context, "type reference " + dotted(name.names) + "%TYPE converted to " + types::format_type(type, context.types().names));
    return {type};
  }
  try {
    types::Type type = analyzer::resolve_type(analysis, name);
    check_type_usage(context, type.oid);
    const auto* info = types::find_type(type.oid);
    if (info != nullptr && info->kind == 'c') return {{oid::kRecord}, version->type_owner(type.oid)->oid};
    return {type};
  } catch (const SqlError& error) {
    if (error.fields().sqlstate != Sqlstate::UndefinedObject || !name.array_bounds.empty()) throw;
    ast::RangeVar table = range_var(context, name.names);
    Oid oid = analyzer::find_relation(analysis, table, true);
    if (oid == kInvalidOid || version->relation(oid) == nullptr) {
      SqlError plain = error;
      throw plain.position(0);
    }
    return {{oid::kRecord}, oid};
  }
}

char mode_letter(FunctionParameterMode mode) { return mode == FunctionParameterMode::Default ? 'i' : static_cast<char>(mode); }

[[noreturn]] void throw_definition(std::string message) { throw SqlError(Sqlstate::InvalidFunctionDefinition, std::move(message)); }

void add_arguments(CommandContext& context, const ast::CreateFunctionStmt& statement, catalog::Routine& routine) {
  bool defaults_seen = false;
  bool variadic_seen = false;
  const char* native_role = is_native(statement) ? "argument" : nullptr;
  for (const auto* parameter : statement.parameters) {
    catalog::RoutineArgument argument;
    argument.name = parameter->name;
    argument.mode = mode_letter(parameter->mode);
    if (parameter->arg_type->setof) {
      throw_definition(std::string(statement.is_procedure ? "procedures" : "functions") + " cannot accept set arguments");
    }
    RoutineType type;
    try {
      type = routine_type(context, *parameter->arg_type, native_role);
    } catch (const SqlError& error) {
      std::string name = dotted(parameter->arg_type->names);
      if (error.fields().message != "type \"" + name + "\" does not exist") throw;
      throw SqlError(Sqlstate::UndefinedObject, "type " + name + " does not exist");  // without quotes, of arguments only
    }
    if (type.relation != kInvalidOid) type.type.oid = context.catalog_version()->relation(type.relation)->row_type;
    argument.type = {type.type.oid};
    if (argument.is_input() && variadic_seen) throw_definition("VARIADIC parameter must be the last input parameter");
    if (!argument.is_input() && statement.is_procedure && variadic_seen) throw_definition("VARIADIC parameter must be the last parameter");
    if (argument.mode == 'v') {
      variadic_seen = true;
      const auto* info = types::find_type(argument.type.oid);
      bool array = argument.type.oid == oid::kAny || argument.type.oid == oid::kAnyarray || (info != nullptr && types::is_array(argument.type.oid));
      if (!array) throw_definition("VARIADIC parameter must be an array");
    }
    for (const auto& other : routine.arguments) {
      if (argument.name.empty() || other.name != argument.name) continue;
      // An argument that only comes in and one that only goes out may have the same name.
      auto goes_out = [](const catalog::RoutineArgument& a) { return !a.is_input() || a.mode == 'b'; };
      if ((argument.is_input() && !goes_out(argument) && !other.is_input()) || (!argument.is_input() && other.is_input() && !goes_out(other))) continue;
      throw_definition("parameter name \"" + argument.name + "\" used more than once");
    }
    if (parameter->defexpr != nullptr) {
      if (!argument.is_input()) throw_definition("only input parameters can have default values");
      auto definition = define(context, *parameter->defexpr, nullptr, argument.type, analyzer::DefinitionKind::Default);
      argument.default_sql = definition.sql;
      defaults_seen = true;
    } else if (defaults_seen && argument.is_input()) {
      throw_definition("input parameters after one with a default value must also have defaults");
    } else if (defaults_seen && statement.is_procedure) {
      throw_definition("procedure OUT parameters cannot appear after one with a default value");
    }
    routine.arguments.push_back(std::move(argument));
  }
}

void set_result(CommandContext& context, const ast::CreateFunctionStmt& statement, catalog::Routine& routine) {
  std::vector<const catalog::RoutineArgument*> outputs;
  for (const auto& argument : routine.arguments) {
    if (!argument.is_input() || argument.mode == 'b') outputs.push_back(&argument);
  }
  types::Type implied{outputs.size() == 1 ? outputs[0]->type.oid : oid::kRecord};
  if (routine.routine_kind == 'p') {
    routine.result = outputs.empty() ? types::Type{oid::kVoid} : types::Type{oid::kRecord};
    return;
  }
  if (statement.return_type == nullptr) {
    if (outputs.empty()) throw_definition("function result type must be specified");
    routine.result = implied;
    return;
  }
  RoutineType declared = routine_type(context, *statement.return_type, is_native(statement) ? "return" : nullptr);
  routine.returns_set = statement.return_type->setof;
  routine.result = {declared.type.oid};
  if (outputs.empty()) {
    routine.result_relation = declared.relation;
    if (auto relation = context.catalog_version()->relation(declared.relation)) {
      for (const auto& column : relation->columns) {
        if (!column.dropped) routine.result_columns.push_back({column.name, {column.type.oid}, 't', {}});
      }
    }
  } else if (routine.result != implied || declared.relation != kInvalidOid) {
    throw_definition("function result type must be " + types::format_type(implied, context.types().names) + " because of OUT parameters");
  }
}

bool is_any_of(Oid type, std::initializer_list<Oid> list) { return std::find(list.begin(), list.end(), type) != list.end(); }

// A polymorphic result needs an argument that tells what it is (check_valid_polymorphic_signature).
void check_polymorphic(const catalog::Routine& routine, Oid result) {
  using namespace types::oid;
  auto takes = [&](std::initializer_list<Oid> list) {
    return std::any_of(routine.arguments.begin(), routine.arguments.end(), [&](const auto& a) { return a.is_input() && is_any_of(a.type.oid, list); });
  };
  const char* wanted = nullptr;
  if (is_any_of(result, {kAnyrange, kAnymultirange})) {
    if (!takes({kAnyrange, kAnymultirange})) wanted = "anyrange or anymultirange";
  } else if (is_any_of(result, {kAnycompatiblerange, kAnycompatiblemultirange})) {
    if (!takes({kAnycompatiblerange, kAnycompatiblemultirange})) wanted = "anycompatiblerange or anycompatiblemultirange";
  } else if (is_any_of(result, {kAnyelement, kAnyarray, kAnynonarray, kAnyenum})) {
    if (!takes({kAnyelement, kAnyarray, kAnynonarray, kAnyenum, kAnyrange, kAnymultirange})) wanted = "anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange";
  } else if (is_any_of(result, {kAnycompatible, kAnycompatiblearray, kAnycompatiblenonarray})) {
    if (!takes({kAnycompatible, kAnycompatiblearray, kAnycompatiblenonarray, kAnycompatiblerange, kAnycompatiblemultirange})) {
      wanted = "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange";
    }
  }
  if (wanted == nullptr) return;
  throw SqlError(Sqlstate::InvalidFunctionDefinition, "cannot determine result data type")
      .detail("A result of type " + types::format_type({result}) + " requires at least one input of type " + wanted + ".");
}

double positive_number(const ast::DefElem& option, const char* name) {
  const auto* number = ast::node_cast<ast::AConst>(option.arg);
  double value = 0;
  if (auto* integer = ast::node_cast<ast::Integer>(option.arg)) {
    value = static_cast<double>(integer->ival);
  } else if (auto* real = ast::node_cast<ast::Float>(option.arg)) {
    value = std::stod(std::string(real->fval));
  } else if (number != nullptr) {
    value = number->kind == ast::ConstKind::Integer ? number->ival : std::stod(std::string(number->text));
  }
  if (value <= 0) throw SqlError(Sqlstate::InvalidParameterValue, std::string(name) + " must be positive");
  return value;
}

bool boolean_of(const ast::DefElem& option) {
  if (auto* flag = ast::node_cast<ast::Boolean>(option.arg)) return flag->boolval;
  if (auto* number = ast::node_cast<ast::Integer>(option.arg)) return number->ival != 0;
  return true;
}

// One of the options that ALTER FUNCTION takes as well.
bool set_option(CommandContext& context, const ast::DefElem& option, catalog::Routine& routine) {
  std::string_view name = option.defname;
  auto only_function = [&] {
    if (routine.routine_kind == 'p') {
      throw SqlError(Sqlstate::InvalidFunctionDefinition, "invalid attribute in procedure definition").position(position_of(context, option));
    }
  };
  if (name == "volatility") {
    only_function();
    auto word = ast::node_cast<ast::String>(option.arg)->sval;
    routine.volatility = word == "immutable" ? 'i' : word == "stable" ? 's' : 'v';
  } else if (name == "strict") {
    only_function();
    routine.strict = boolean_of(option);
  } else if (name == "security") {
    routine.security_definer = boolean_of(option);
  } else if (name == "leakproof") {
    only_function();
    routine.leakproof = boolean_of(option);
    if (routine.leakproof && !context.is_superuser()) throw SqlError(Sqlstate::InsufficientPrivilege, "only superuser can define a leakproof function");
  } else if (name == "parallel") {
    only_function();
    auto word = ast::node_cast<ast::String>(option.arg)->sval;
    if (word != "safe" && word != "restricted" && word != "unsafe") {
      throw SqlError(Sqlstate::SyntaxError, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE");
    }
    routine.parallel = word[0];
  } else if (name == "cost") {
    only_function();
    routine.cost = positive_number(option, "COST");
  } else if (name == "rows") {
    only_function();
    routine.rows = positive_number(option, "ROWS");
    if (!routine.returns_set) {
      throw SqlError(Sqlstate::InvalidParameterValue, "ROWS is not applicable when function does not return a set");
    }
  } else if (name == "set") {
    const auto& set = *ast::node_cast<ast::VariableSetStmt>(option.arg);
    apply_setting(context, routine.settings, set);
  } else if (name == "support") {
    throw_not_supported("SUPPORT functions", position_of(context, option));
  } else {
    return false;
  }
  return true;
}

// The text of RETURN … or BEGIN ATOMIC … END, which ends the statement.
std::string standard_body(std::string_view sql, int location) {
  std::string_view rest = sql.substr(static_cast<size_t>(location));
  bool block = false;
  int depth = 0;
  size_t end = rest.size();
  bool first = true;
  for (const auto& word : scan_sql(rest)) {
    if (first) {
      block = word.is("begin");
      first = false;
      if (block) {
        depth = 1;
        continue;
      }
    }
    if (block && word.is("case")) ++depth;
    if (block && word.is("end") && --depth == 0) {
      end = word.start + 3;
      break;
    }
    if (!block && word.is(";")) {
      end = word.start;
      break;
    }
  }
  std::string text(rest.substr(0, end));
  while (!text.empty() && isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

void set_body(CommandContext& context, const ast::CreateFunctionStmt& statement, catalog::Routine& routine) {
  const ast::DefElem* as = nullptr;
  const ast::DefElem* language = nullptr;
  std::vector<std::string_view> seen;
  for (const auto* option : statement.options) {
    if (option->defname != "set" && std::find(seen.begin(), seen.end(), option->defname) != seen.end()) {
      throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, *option));
    }
    seen.push_back(option->defname);
    if (option->defname == "as") as = option;
    else if (option->defname == "language") language = option;
    else if (option->defname == "window") throw_not_supported("a window function of a user");
    else if (option->defname == "transform") throw_not_supported("TRANSFORM");
    else set_option(context, *option, routine);
  }
  if (language == nullptr && statement.sql_body == nullptr) throw_definition("no language specified");
  routine.language = language == nullptr ? "sql" : std::string(ast::node_cast<ast::String>(language->arg)->sval);
  if (routine.language == "c") {
    throw SqlError(Sqlstate::FeatureNotSupported, "functions in language C are not supported").hint("Use language SQL or PL/pgSQL.");
  }
  if (routine.language != "sql" && routine.language != "plpgsql" && routine.language != "internal") {
    SqlError error(Sqlstate::UndefinedObject, "language \"" + routine.language + "\" does not exist");
    if (routine.language.starts_with("pl")) error.hint("Use CREATE EXTENSION to load the language into the database.");
    throw error;
  }
  if (statement.sql_body != nullptr) {
    if (routine.language != "sql") throw_definition("inline SQL function body only valid for language SQL");
    if (as != nullptr) throw_definition("duplicate function body specified");
    routine.sql_standard_body = true;
    routine.body = standard_body(context.sql(), statement.sql_body->location);
    routine.search_path = context.search_path();
    return;
  }
  if (as == nullptr) throw_definition("no function body specified");
  const auto& parts = static_cast<const ast::ListNode&>(*as->arg);
  if (parts.items.size() > 1) throw_definition("only one AS item needed for language \"" + routine.language + "\"");
  routine.body = std::string(ast::node_cast<ast::String>(parts.items[0])->sval);
  if (routine.language == "internal") {
    auto native = functions::find_native(routine.body);
    bool known = native.kernel != nullptr || native.set != nullptr;
    for (const auto* function : functions::all_functions()) known = known || function->symbol == routine.body;
    if (!known) throw SqlError(Sqlstate::UndefinedFunction, "there is no built-in function named \"" + routine.body + "\"");
  }
}

std::string types_text(CommandContext& context, const std::vector<Oid>& types) {
  std::string text;
  for (Oid type : types) text += (text.empty() ? "" : ",") + types::format_type({type}, context.types().names);
  return "(" + text + ")";
}

// What may not change when a function is replaced, since others were bound to it.
void check_replacement(CommandContext& context, const catalog::Routine& old, const catalog::Routine& fresh) {
  auto drop = [&] {
    return std::string("Use DROP ") + (old.routine_kind == 'p' ? "PROCEDURE " : old.routine_kind == 'a' ? "AGGREGATE " : "FUNCTION ") + old.name + types_text(context, old.input_types()) + " first.";
  };
  if (old.routine_kind != fresh.routine_kind) {
    throw SqlError(Sqlstate::WrongObjectType, "cannot change routine kind")
        .detail("\"" + old.name + "\" is a" + (old.routine_kind == 'p' ? " procedure" : old.routine_kind == 'a' ? "n aggregate function" : " function") + ".");
  }
  if (old.result != fresh.result || old.returns_set != fresh.returns_set || old.result_relation != fresh.result_relation) {
    throw SqlError(Sqlstate::InvalidFunctionDefinition,
                   fresh.routine_kind == 'p' ? "cannot change whether a procedure has output parameters" : "cannot change return type of existing function")
        .hint(drop());
  }
  std::vector<const catalog::RoutineArgument*> before, after;
  for (const auto& argument : old.arguments) {
    if (!argument.is_input() || argument.mode == 'b') before.push_back(&argument);
  }
  for (const auto& argument : fresh.arguments) {
    if (!argument.is_input() || argument.mode == 'b') after.push_back(&argument);
  }
  bool same = before.size() == after.size();
  for (size_t i = 0; same && i < before.size(); ++i) same = before[i]->type == after[i]->type && before[i]->name == after[i]->name;
  if (!same && old.result.oid == oid::kRecord) {
    throw SqlError(Sqlstate::InvalidFunctionDefinition, "cannot change return type of existing function")
        .detail("Row type defined by OUT parameters is different.")
        .hint(drop());
  }
  size_t position = 0;
  std::vector<const catalog::RoutineArgument*> inputs;
  for (const auto& argument : fresh.arguments) {
    if (argument.is_input()) inputs.push_back(&argument);
  }
  size_t had_defaults = 0, has_defaults = 0;
  for (const auto& argument : old.arguments) {
    if (!argument.is_input()) continue;
    had_defaults += !argument.default_sql.empty();
    if (!argument.name.empty() && inputs[position]->name != argument.name) {
      throw SqlError(Sqlstate::InvalidFunctionDefinition, "cannot change name of input parameter \"" + argument.name + "\"").hint(drop());
    }
    ++position;
  }
  for (const auto* argument : inputs) has_defaults += !argument->default_sql.empty();
  if (has_defaults < had_defaults) {
    throw SqlError(Sqlstate::InvalidFunctionDefinition, "cannot remove parameter defaults from existing function").hint(drop());
  }
}

// An error's position in the body, as a position in the statement that has the body as a literal.
void point_into_statement(CommandContext& context, const catalog::Routine& routine, ErrorFields& fields) {
  if (fields.internal_position <= 0 || fields.internal_query != routine.body || routine.body.empty()) return;
  size_t at = context.sql().find(routine.body);
  if (at == std::string_view::npos || context.sql().find(routine.body, at + 1) != std::string_view::npos) return;
  fields.position = parser::character_position(context.sql(), static_cast<int>(at)) + fields.internal_position - 1;
  fields.internal_position = 0;
  fields.internal_query.clear();
  fields.context.clear();
}

}  // namespace

catalog::RoutinePtr find_same_routine(CommandContext& context, const catalog::Routine& routine) {
  for (const auto& other : context.catalog_version()->routines(routine.schema, routine.name)) {
    if (other->input_types() == routine.input_types()) return other;
  }
  return nullptr;
}

void replace_routine(CommandContext& context, const catalog::Routine& existing, catalog::Routine& routine) {
  check_owner(context, existing);
  check_replacement(context, existing, routine);
  routine.oid = existing.oid;
  routine.owner = existing.owner;
  routine.acl = existing.acl;
  routine.comment = existing.comment;
}

namespace {

void add_type_dependencies(CommandContext& context, catalog::Routine& routine) {
  auto version = context.catalog_version();
  auto add = [&](Oid type) {
    auto owner = version->type_owner(type);
    if (owner == nullptr) return;
    catalog::Dependency dependency{owner->oid, 0, 'n'};
    auto& list = routine.dependencies;
    if (std::find(list.begin(), list.end(), dependency) == list.end()) list.push_back(dependency);
  };
  for (const auto& argument : routine.arguments) add(argument.type.oid);
  add(routine.result.oid);
}

}  // namespace

CommandResult create_routine(const ast::CreateFunctionStmt& statement, CommandContext& context) {
  std::string tag = statement.is_procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
  ast::RangeVar written = range_var(context, statement.funcname);
  auto routine = std::make_shared<catalog::Routine>();
  routine->routine_kind = statement.is_procedure ? 'p' : 'f';
  routine->name = written.relname;
  routine->database = context.database();
  routine->schema = written.schemaname.empty() ? context.creation_schema() : find_schema(context, written.schemaname, false);
  check_may_create(context, routine->schema, 0);
  routine->owner = context.current_role();
  apply_default_privileges(context, *routine);
  add_arguments(context, statement, *routine);
  set_result(context, statement, *routine);
  check_polymorphic(*routine, routine->result.oid);
  for (const auto& argument : routine->arguments) {
    if (!argument.is_input()) check_polymorphic(*routine, argument.type.oid);
  }
  if (routine->returns_set) routine->rows = 1000;
  set_body(context, statement, *routine);
  if (routine->language == "internal") routine->cost = routine->cost == 100 ? 1 : routine->cost;
  lock_name(context, catalog::kPgProcOid, routine->schema, routine->name);
  auto existing = find_same_routine(context, *routine);
  if (existing != nullptr && !statement.replace) {
    throw SqlError(Sqlstate::DuplicateFunction, std::string("function \"") + routine->name + "\" already exists with same argument types");
  }
  if (existing != nullptr) {
    replace_routine(context, *existing, *routine);
  } else {
    routine->oid = context.catalog().allocate_oid();
  }
  if (routine->result_relation != kInvalidOid) routine->dependencies.push_back({routine->result_relation, 0, 'n'});
  add_type_dependencies(context, *routine);
  context.catalog_changes().put(routine);
  try {
    context.validate_routine(*context.catalog_version()->routine(routine->oid));
  } catch (SqlError& error) {
    point_into_statement(context, *routine, error.fields());
    throw;
  }
  return {tag, {}, {}};
}

catalog::RoutinePtr find_routine(CommandContext& context, const ast::ObjectWithArgs& name, ObjectType type, bool missing_ok, bool dropping) {
  auto version = context.catalog_version();
  const char* kind = type == ObjectType::Procedure ? "procedure" : type == ObjectType::Aggregate ? "aggregate" : type == ObjectType::Routine ? "routine" : "function";
  std::string_view base = name.objname.back();
  std::vector<Oid> schemas;
  if (name.objname.size() > 1) {
    Oid schema = find_schema(context, name.objname[name.objname.size() - 2], missing_ok);
    if (schema == kInvalidOid) {
      notice(context, "schema \"" + std::string(name.objname[name.objname.size() - 2]) + "\" does not exist, skipping");
      return nullptr;
    }
    schemas.push_back(schema);
  } else {
    schemas = context.search_path();
  }
  auto fits = [&](const catalog::Routine& routine) {
    char wanted = type == ObjectType::Procedure ? 'p' : type == ObjectType::Aggregate ? 'a' : 'f';
    // FUNCTION names an aggregate too, where that is allowed.
    return type == ObjectType::Routine || wanted == routine.routine_kind;
  };
  std::vector<Oid> wanted;
  std::string written = dotted(name.objname) + "(";
  std::string as_written = written;
  if (!name.args_unspecified) {
    for (size_t i = 0; i < name.objargs.size(); ++i) {
      Oid argument = kInvalidOid;
      try {
        argument = routine_type(context, *name.objargs[i]).type.oid;
      } catch (const SqlError& error) {
        if (!missing_ok || error.fields().sqlstate != Sqlstate::UndefinedObject) throw;
        notice(context, "type \"" + dotted(name.objargs[i]->names) + "\" does not exist, skipping");
        return nullptr;
      }
      as_written += (i > 0 ? "," : "") + dotted(name.objargs[i]->names);
      wanted.push_back(argument);
      written += (i > 0 ? "," : "") + types::format_type({argument}, context.types().names);
    }
  }
  written += ")";
  as_written += ")";
  std::vector<catalog::RoutinePtr> found;
  bool built_in = false;
  catalog::RoutinePtr other_kind;
  for (Oid schema : schemas) {
    if (schema == catalog::kPgCatalogSchema) {
      for (const auto* function : functions::find_functions(base)) {
        built_in = built_in || name.args_unspecified || std::ranges::equal(function->arguments, wanted);
      }
    }
    for (const auto& routine : version->routines(schema, base)) {
      if (!name.args_unspecified && routine->input_types() != wanted) continue;
      if (!fits(*routine)) {
        other_kind = routine;
        continue;
      }
      bool hidden = std::any_of(found.begin(), found.end(), [&](const auto& f) { return f->input_types() == routine->input_types(); });
      if (!hidden) found.push_back(routine);
    }
  }
  if (found.size() > 1) {
    throw SqlError(Sqlstate::AmbiguousFunction, std::string(kind) + " name \"" + dotted(name.objname) + "\" is not unique")
        .hint("Specify the argument list to select the " + std::string(kind) + " unambiguously.");
  }
  if (found.empty() && built_in) {
    throw SqlError(Sqlstate::DependentObjectsStillExist, "cannot change function " + written + " because it is required by the database system");
  }
  if (found.empty()) {
    if (other_kind != nullptr && other_kind->routine_kind == 'a' && type != ObjectType::Aggregate && dropping) {
      throw SqlError(Sqlstate::WrongObjectType, "\"" + other_kind->name + "\" is an aggregate function").hint("Use DROP AGGREGATE to drop aggregate functions.");
    }
    if (other_kind != nullptr) {
      throw SqlError(Sqlstate::WrongObjectType, (type == ObjectType::Aggregate ? "function " : "") + written + " is not a" +
                                                    (type == ObjectType::Aggregate ? "n " : " ") + kind);
    }
    std::string text = name.args_unspecified ? "could not find a " + std::string(kind) + " named \"" + dotted(name.objname) + "\""
                                             : std::string(kind) + " " + written + " does not exist";
    if (!missing_ok) throw SqlError(Sqlstate::UndefinedFunction, text);
    notice(context, std::string(kind) + " " + (name.args_unspecified ? dotted(name.objname) + "()" : as_written) + " does not exist, skipping");
    return nullptr;
  }
  return found[0];
}

CommandResult alter_routine(const ast::AlterFunctionStmt& statement, CommandContext& context) {
  auto routine = find_routine(context, *statement.func, statement.objtype);
  check_owner(context, *routine);
  auto changed = copy_of(routine);
  for (const auto* action : statement.actions) set_option(context, *action, *changed);
  context.catalog_changes().put(changed);
  const char* kind = statement.objtype == ObjectType::Procedure ? "PROCEDURE" : statement.objtype == ObjectType::Routine ? "ROUTINE" : "FUNCTION";
  return {std::string("ALTER ") + kind, {}, {}};
}

CommandResult run_do_block(const ast::DoStmt& statement, CommandContext& context) {
  std::string language = "plpgsql";
  const ast::String* code = nullptr;
  for (const auto* option : statement.args) {
    if (option->defname == "language") language = ast::node_cast<ast::String>(option->arg)->sval;
    if (option->defname == "as") code = ast::node_cast<ast::String>(option->arg);
  }
  if (code == nullptr) throw SqlError(Sqlstate::SyntaxError, "no inline code specified");
  if (language == "sql" || language == "internal" || language == "c") {
    throw SqlError(Sqlstate::FeatureNotSupported, "language \"" + language + "\" does not support inline code execution");
  }
  if (language != "plpgsql") throw SqlError(Sqlstate::UndefinedObject, "language \"" + language + "\" does not exist");
  context.run_block(code->sval);
  return {"DO", {}, {}};
}

CommandResult call_procedure(const ast::CallStmt& statement, CommandContext& context) { return context.call_procedure(*statement.funccall); }

}  // namespace aegis::commands
