// From PL/pgSQL's tree to a Program: names become numbers, SQL is parsed with the names of its block in view.
#include <algorithm>

#include "aegis/parser/ast.h"
#include "aegis/parser/parser.h"
#include "aegis/types/record.h"
#include "plpgsql/compile.h"
#include "sql_function.h"

namespace aegis::routines::plpgsql {

namespace oid = types::oid;

// --- Names --------------------------------------------------------------------------------------------------

Names::Conflict SqlNames::conflict() const { return program_.conflict(); }

Names::Variable SqlNames::use(Use use) {
  Oid own = use.field < 0 ? program_.datum(use.datum).collation : kInvalidOid;
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i].datum == use.datum && used_[i].field == use.field) return {static_cast<uint32_t>(i), used_[i].type, own};
  }
  used_.push_back(use);
  return {static_cast<uint32_t>(used_.size() - 1), use.type, own};
}

bool SqlNames::types_changed() const {
  for (const auto& use : used_) {
    if (use.field < 0) continue;
    const Slot& slot = program_.slot(use.datum);
    if (use.field >= static_cast<int>(slot.fields.size())) return true;
    const Field& field = slot.fields[use.field];
    if (field.name != use.field_name || field.type.oid != use.type.oid) return true;
  }
  return false;
}

void SqlNames::values(std::vector<Value>& out) const {
  out.clear();
  records_.reset();
  for (const auto& use : used_) {
    const Slot& slot = program_.slot(use.datum);
    if (use.field >= 0) {
      out.push_back(slot.fields[use.field].value.get());
    } else if (!program_.datum(use.datum).is_record) {
      out.push_back(slot.value.get());
    } else if (!slot.assigned || slot.is_null_record) {
      out.push_back(Value::null());
    } else {
      types::RecordBuilder builder;
      for (const auto& field : slot.fields) builder.add(field.type.oid, field.value.get());
      out.push_back(Value::of_string(builder.finish(records_)));
    }
  }
}

static Type whole_type(const Datum& datum) {
  if (!datum.is_record) return datum.type;
  return {datum.row_type != kInvalidOid ? datum.row_type : oid::kRecord};
}

SqlNames::SqlNames(Program& program, Scope* scope) : program_(program), scope_(scope), declared_(program.datums_.size()) { collation = program.collation_; }

int SqlNames::find_in(const Scope& scope, std::string_view name) const {
  auto found = scope.names.find(std::string(name));
  return found == scope.names.end() || static_cast<size_t>(found->second) >= declared_ ? -1 : found->second;
}

std::optional<Names::Variable> SqlNames::find(std::span<const std::string_view> names) {
  auto scalar_or_record = [&](int datum) { return use({datum, -1, {}, whole_type(program_.datum(datum))}); };
  auto field = [&](int datum, std::string_view name) -> std::optional<Variable> {
    if (!program_.datum(datum).is_record) return std::nullopt;
    if (program_.frame_ == nullptr) return std::nullopt;
    const Slot& slot = program_.slot(datum);
    if (!slot.assigned) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "record \"" + program_.datum(datum).name + "\" is not assigned yet")
          .detail("The tuple structure of a not-yet-assigned record is indeterminate.");
    }
    for (size_t i = 0; i < slot.fields.size(); ++i) {
      if (slot.fields[i].name == name) return use({datum, static_cast<int>(i), std::string(name), slot.fields[i].type});
    }
    throw SqlError(Sqlstate::UndefinedColumn, "record \"" + program_.datum(datum).name + "\" has no field \"" + std::string(name) + "\"");
  };
  for (Scope* scope = scope_; scope != nullptr; scope = scope->parent) {
    if (int found = find_in(*scope, names[0]); found >= 0) {
      if (names.size() == 1) return scalar_or_record(found);
      if (names.size() == 2 && program_.datum(found).is_record) return field(found, names[1]);
    }
    if (!scope->label.empty() && scope->label == names[0] && names.size() >= 2) {
      int inner = find_in(*scope, names[1]);
      if (inner < 0) continue;
      if (names.size() == 2) return scalar_or_record(inner);
      if (names.size() == 3) return field(inner, names[2]);
    }
  }
  return std::nullopt;
}

bool SqlNames::expand(std::span<const std::string_view> names, std::vector<std::pair<std::string, Variable>>& fields) {
  for (Scope* scope = scope_; scope != nullptr; scope = scope->parent) {
    int found = find_in(*scope, names.back());
    if (found < 0 || !program_.datum(found).is_record) continue;
    const Slot& slot = program_.slot(found);
    if (!slot.assigned) {
      throw SqlError(Sqlstate::ObjectNotInPrerequisiteState, "record \"" + program_.datum(found).name + "\" is not assigned yet")
          .detail("The tuple structure of a not-yet-assigned record is indeterminate.");
    }
    for (size_t i = 0; i < slot.fields.size(); ++i) {
      fields.emplace_back(slot.fields[i].name, use({found, static_cast<int>(i), slot.fields[i].name, slot.fields[i].type}));
    }
    return true;
  }
  return false;
}

std::optional<Names::Variable> SqlNames::parameter(int number) {
  const auto& arguments = program_.parameter_datums();
  if (number < 1 || static_cast<size_t>(number) > arguments.size()) return std::nullopt;
  int datum = arguments[number - 1];
  return use({datum, -1, {}, whole_type(program_.datum(datum))});
}

namespace {

void add_parameter_text(std::string& out, const std::string& name, Type type, const Value& value, const types::TypeContext& types) {
  out += (out.empty() ? "" : ", ") + name + " = ";
  if (value.is_null) {
    out += "NULL";
    return;
  }
  std::string text;
  types::type_info(type.oid).output(types, value, type.oid, text);
  out += "'";
  for (char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  out += "'";
}

}  // namespace

std::string SqlNames::parameters_text() const {
  std::vector<int> datums;
  for (const auto& use : used_) datums.push_back(use.datum);
  std::sort(datums.begin(), datums.end());
  datums.erase(std::unique(datums.begin(), datums.end()), datums.end());
  std::string out;
  for (int index : datums) {
    const Datum& datum = program_.datum(index);
    if (!datum.is_record) add_parameter_text(out, datum.name, datum.type, program_.slot(index).value.get(), program_.types());
  }
  return out;
}

std::string UsingNames::parameters_text(Runner& runner) const {
  std::string out;
  for (size_t i = 0; i < values_.size(); ++i) add_parameter_text(out, "$" + std::to_string(i + 1), types_[i], values_[i], runner.types());
  return out;
}

void UsingNames::add(Type type, const Value& value) {
  types_.push_back(type);
  values_.push_back(types::copy_value(types::physical_type(type.oid), value, arena_));
}

void UsingNames::values(std::vector<Value>& out) const {
  out.clear();
  for (size_t i : used_) out.push_back(values_[i]);
}

std::optional<Names::Variable> UsingNames::parameter(int number) {
  if (number < 1 || static_cast<size_t>(number) > types_.size()) return std::nullopt;
  size_t index = static_cast<size_t>(number) - 1;
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i] == index) return Variable{static_cast<uint32_t>(i), types_[index]};
  }
  used_.push_back(index);
  return Variable{static_cast<uint32_t>(used_.size() - 1), types_[index]};
}

bool lists_check(std::string_view list, std::string_view check) {
  if (list == "all") return true;
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item == check) return true;
  }
  return false;
}

// --- Compiling ----------------------------------------------------------------------------------------------

Scope* Compiler::push_scope(Scope* parent, std::string label) {
  auto scope = std::make_unique<Scope>();
  scope->label = std::move(label);
  scope->parent = parent;
  program_.scopes_.push_back(std::move(scope));
  return program_.scopes_.back().get();
}

int Compiler::add_datum(Scope* scope, Datum datum, bool unique) {
  int index = static_cast<int>(program_.datums_.size());
  if (!datum.name.empty() && scope != nullptr) {
    if (unique && scope->names.contains(datum.name)) {
      throw SqlError(Sqlstate::SyntaxError, "duplicate declaration at or near \"" + datum.name + "\"").position(declared_at_);
    }
    scope->names[datum.name] = index;
  }
  program_.datums_.push_back(std::move(datum));
  return index;
}

int Compiler::find_datum(Scope* scope, const std::string& name) const {
  for (; scope != nullptr; scope = scope->parent) {
    auto found = scope->names.find(name);
    if (found != scope->names.end()) return found->second;
  }
  return -1;
}

// shadowed_variables of plpgsql.extra_errors and extra_warnings.
void Compiler::check_shadowing(const Scope* scope, const std::string& name, int position) {
  if (!program_.validating_) return;
  bool error = lists_check(program_.runner_.setting("plpgsql.extra_errors"), "shadowed_variables");
  if (!error && !lists_check(program_.runner_.setting("plpgsql.extra_warnings"), "shadowed_variables")) return;
  bool hides = false;
  for (scope = scope->parent; scope != nullptr; scope = scope->parent) hides = hides || scope->names.contains(name);
  if (!hides) return;
  SqlError shadowed(Sqlstate::DuplicateAlias, "variable \"" + name + "\" shadows a previously defined variable");
  if (error) throw shadowed.position(position);
  shadowed.fields().severity = "WARNING";
  program_.runner_.notice(shadowed.fields());
}

SqlNames* Compiler::names(Scope* scope) {
  program_.names_.push_back(std::make_unique<SqlNames>(program_, scope));
  return program_.names_.back().get();
}

[[noreturn]] static void rethrow_in_source(SqlError& error, const pl::Sql& sql, std::string_view source) {
  if (error.fields().position > 0) {
    // The position was in the piece; say it in the whole.
    error.fields().position += parser::character_position(source, sql.offset) - 1;
  }
  throw error;
}

StatementPtr Compiler::expression(const pl::Sql& sql, Scope* scope) {
  if (sql.empty()) return nullptr;
  try {
    return program_.runner_.parse_expression(sql.text, names(scope));
  } catch (SqlError& error) {
    rethrow_in_source(error, sql, program_.text_);
  }
}

StatementPtr Compiler::query(const pl::Sql& sql, Scope* scope) {
  try {
    auto statements = program_.runner_.parse(sql.text, names(scope));
    if (statements.size() != 1) throw SqlError(Sqlstate::SyntaxError, "syntax error at end of input");
    return statements[0];
  } catch (SqlError& error) {
    rethrow_in_source(error, sql, program_.text_);
  }
}

namespace {

std::vector<Column> columns_of(const catalog::Relation& relation) {
  std::vector<Column> columns;
  for (const auto& column : relation.columns) {
    if (!column.dropped) columns.push_back({column.name, column.type});
  }
  return columns;
}

std::string trimmed(std::string text) {
  while (!text.empty() && isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  size_t from = 0;
  while (from < text.size() && isspace(static_cast<unsigned char>(text[from]))) ++from;
  return text.substr(from);
}

// "x % TYPE" without its end; false when it does not end so.
bool strip_suffix(std::string& text, std::string_view word) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
  lower = trimmed(lower);
  if (!lower.ends_with(word)) return false;
  std::string head = trimmed(text.substr(0, lower.size() - word.size()));
  if (!head.ends_with("%")) return false;
  head.pop_back();
  text = trimmed(head);
  return true;
}

}  // namespace

catalog::RelationPtr Compiler::relation_named(const std::string& name) {
  auto parsed = parser::parse_type_name(name);
  auto version = program_.runner_.catalog();
  auto context = program_.runner_.analyzer_context(*version);
  ast::RangeVar range = analyzer::range_var_of(context, parsed.type_name->names);
  Oid found = analyzer::find_relation(context, range, true);
  return found == kInvalidOid ? nullptr : version->relation(found);
}

void Compiler::set_type(Datum& datum, std::string text, Scope* scope) {
  text = trimmed(text);
  std::string base = text;
  bool array = base.ends_with("[]");
  if (strip_suffix(base, "rowtype")) {
    auto relation = relation_named(base);
    if (relation == nullptr) throw SqlError(Sqlstate::UndefinedTable, "relation \"" + base + "\" does not exist");
    datum.is_record = datum.fixed_fields = true;
    datum.type = {oid::kRecord};
    datum.row_type = relation->row_type;
    datum.fields = columns_of(*relation);
    return;
  }
  base = text;
  if (strip_suffix(base, "type")) {
    size_t dot = base.rfind('.');
    if (dot == std::string::npos) {
      int other = find_datum(scope, base);
      if (other < 0) throw SqlError(Sqlstate::UndefinedObject, "variable \"" + base + "\" does not exist");
      datum.type = program_.datums_[other].type;
      datum.is_record = program_.datums_[other].is_record;
      datum.row_type = program_.datums_[other].row_type;
      datum.fixed_fields = program_.datums_[other].fixed_fields;
      datum.fields = program_.datums_[other].fields;
      return;
    }
    std::string table = base.substr(0, dot), column = trimmed(base.substr(dot + 1));
    int record = find_datum(scope, table);
    if (record >= 0 && program_.datums_[record].fixed_fields) {
      for (const auto& field : program_.datums_[record].fields) {
        if (field.name == column) {
          datum.type = field.type;
          return;
        }
      }
    }
    auto relation = relation_named(table);
    if (relation == nullptr) throw SqlError(Sqlstate::UndefinedTable, "relation \"" + table + "\" does not exist");
    auto parsed = parser::parse_type_name(column);
    int found = relation->find_column(parsed.type_name->names.back());
    if (found < 0) throw SqlError(Sqlstate::UndefinedColumn, "column \"" + column + "\" of relation \"" + table + "\" does not exist");
    datum.type = relation->columns[found].type;
    return;
  }
  auto version = program_.runner_.catalog();
  auto context = program_.runner_.analyzer_context(*version);
  auto parsed = parser::parse_type_name(text);
  if (parsed.type_name->setof) throw SqlError(Sqlstate::SyntaxError, "invalid type name \"" + text + "\"");
  try {
    datum.type = analyzer::resolve_type(context, *parsed.type_name);
    const auto* found = types::find_type(datum.type.oid);
    if (found != nullptr && found->kind == 'c') {
      datum.is_record = datum.fixed_fields = true;
      datum.fields = columns_of(*version->relation(version->type_owner(datum.type.oid)->oid));
      datum.row_type = datum.type.oid;
      datum.type = {oid::kRecord};
      return;
    }
  } catch (const SqlError& error) {
    if (error.fields().sqlstate != Sqlstate::UndefinedObject || array) throw;
    auto relation = relation_named(text);
    if (relation == nullptr) throw SqlError(Sqlstate::UndefinedObject, error.fields().message);
    datum.is_record = datum.fixed_fields = true;
    datum.type = {oid::kRecord};
    datum.row_type = relation->row_type;
    datum.fields = columns_of(*relation);
    return;
  }
  datum.is_record = datum.type.oid == oid::kRecord;
  const auto* info = types::find_type(datum.type.oid);
  bool pseudo = info != nullptr && info->kind == 'p' && datum.type.oid != oid::kRecord;
  if (pseudo) throw SqlError(Sqlstate::FeatureNotSupported, "variable \"" + datum.name + "\" has pseudo-type " + types::format_type(datum.type));
}

void Compiler::declare(const pl::Declaration& declaration, Scope* scope, CompiledBlock& block) {
  if (!declaration.alias_of.empty()) {
    int target = -1;
    if (declaration.alias_of.starts_with("$")) {
      size_t number = std::stoul(declaration.alias_of.substr(1));
      if (number >= 1 && number <= program_.parameter_datums_.size()) target = program_.parameter_datums_[number - 1];
    } else {
      target = find_datum(scope, declaration.alias_of);
    }
    if (target < 0) throw SqlError(Sqlstate::UndefinedObject, "variable \"" + declaration.alias_of + "\" does not exist");
    scope->names[declaration.name] = target;
    return;
  }
  declared_at_ = parser::character_position(program_.text_, declaration.offset);
  check_shadowing(scope, declaration.name, declared_at_);
  Datum datum;
  datum.name = declaration.name;
  datum.line = declaration.line;
  if (declaration.is_cursor) {
    datum.type = {oid::kRefcursor};
    datum.constant = declaration.constant;
    datum.cursor = &declaration;
    Scope* inner = push_scope(scope, {});
    for (const auto& argument : declaration.cursor_arguments) {
      Datum parameter;
      parameter.name = argument.name;
      parameter.is_cursor_parameter = true;
      check_shadowing(inner, argument.name, declared_at_);
      set_type(parameter, argument.type, scope);
      datum.cursor_arguments.push_back(add_datum(inner, std::move(parameter)));
    }
    datum.cursor_query = query(declaration.query, inner);
    block.variables.push_back(add_datum(scope, std::move(datum), true));
    return;
  }
  set_type(datum, declaration.type, scope);
  if (!declaration.collation.empty()) {
    if (types::type_info(datum.type.oid).collation == kInvalidOid) {
      throw SqlError(Sqlstate::DatatypeMismatch, "collations are not supported by type " + types::format_type({datum.type.oid}, program_.runner_.types().names));
    }
    auto version = program_.runner_.catalog();
    auto name = parser::parse_type_name(declaration.collation);
    datum.collation = analyzer::find_collation(program_.runner_.analyzer_context(*version), name.type_name->names, 0);
  }
  datum.constant = declaration.constant;
  datum.not_null = declaration.not_null;
  datum.initial_sql = declaration.initial;
  datum.initial = expression(declaration.initial, scope);
  if (datum.not_null && datum.initial == nullptr) {
    throw SqlError(Sqlstate::NullValueNotAllowed, "variable \"" + datum.name + "\" must have a default value, since it's declared NOT NULL");
  }
  block.variables.push_back(add_datum(scope, std::move(datum), true));
}

void Compiler::block(const pl::Block& source, Scope* parent, CompiledBlock& out) {
  out.source = &source;
  Scope* scope = push_scope(parent, source.label);
  out.scope = scope;
  for (const auto& declaration : source.declarations) declare(declaration, scope, out);
  body(source.body, scope, out.body);
  if (source.handlers.empty()) return;
  Scope* handling = push_scope(scope, {});
  Datum state, message;
  state.name = "sqlstate";
  message.name = "sqlerrm";
  state.type = message.type = {oid::kText};
  state.constant = message.constant = true;
  out.sqlstate = add_datum(handling, std::move(state));
  out.sqlerrm = add_datum(handling, std::move(message));
  for (const auto& handler : source.handlers) {
    for (const auto& condition : handler.conditions) check_condition(condition);
    CompiledHandler compiled{&handler, {}};
    body(handler.body, handling, compiled.body);
    out.handlers.push_back(std::move(compiled));
  }
}

void Compiler::body(const pl::Body& source, Scope* scope, CompiledBody& out) {
  for (const auto& item : source) out.push_back(statement(item, scope));
}

CompiledTarget Compiler::target(const pl::Target& source, Scope* scope, bool check_constant) {
  CompiledTarget out;
  size_t used = 1;
  if (source.names[0].starts_with("$")) {
    size_t number = std::stoul(source.names[0].substr(1));
    if (number >= 1 && number <= program_.parameter_datums_.size()) out.datum = program_.parameter_datums_[number - 1];
  } else {
    out.datum = find_datum(scope, source.names[0]);
    for (Scope* at = scope; out.datum < 0 && at != nullptr && source.names.size() > 1; at = at->parent) {
      if (at->label != source.names[0]) continue;
      auto found = at->names.find(source.names[1]);
      if (found != at->names.end()) {
        out.datum = found->second;
        used = 2;
      }
    }
  }
  if (out.datum < 0) {
    std::string name = source.names[0];
    throw SqlError(Sqlstate::SyntaxError, "\"" + name + "\" is not a known variable").position(parser::character_position(program_.text_, source.offset));
  }
  const Datum& datum = program_.datums_[out.datum];
  if (used < source.names.size()) {
    if (!datum.is_record || source.names.size() > used + 1) {
      throw SqlError(Sqlstate::SyntaxError, "\"" + source.names[0] + "." + source.names[1] + "\" is not a known variable")
          .position(parser::character_position(program_.text_, source.offset));
    }
    out.field = source.names[used];
  }
  if (check_constant && datum.constant) {
    throw SqlError(Sqlstate::ErrorInAssignment, "variable \"" + datum.name + "\" is declared CONSTANT")
        .position(parser::character_position(program_.text_, source.offset));
  }
  for (const auto& subscript : source.subscripts) {
    size_t colon = std::string::npos;
    int depth = 0;
    for (size_t i = 0; i < subscript.text.size(); ++i) {
      char c = subscript.text[i];
      if (c == '(' || c == '[') ++depth;
      if (c == ')' || c == ']') --depth;
      bool cast = c == ':' && ((i + 1 < subscript.text.size() && subscript.text[i + 1] == ':') || (i > 0 && subscript.text[i - 1] == ':'));
      if (c == ':' && depth == 0 && !cast) {
        colon = i;
        break;
      }
    }
    if (colon == std::string::npos) {
      out.subscripts.emplace_back(expression(subscript, scope), nullptr);
      continue;
    }
    out.slice = true;
    pl::Sql lower{trimmed(subscript.text.substr(0, colon)), subscript.offset};
    pl::Sql upper{trimmed(subscript.text.substr(colon + 1)), subscript.offset + static_cast<int>(colon) + 1};
    out.subscripts.emplace_back(expression(lower, scope), expression(upper, scope));
  }
  return out;
}

// Names of the conditions of RAISE and WHEN.
void Compiler::check_condition(const std::string& name) {
  if (name == "others" || name.starts_with("SQLSTATE ")) return;
  if (!is_condition(name)) throw SqlError(Sqlstate::UndefinedObject, "unrecognized exception condition \"" + name + "\"");
}

// The arguments that OPEN and FOR give a bound cursor, in the order of its parameters.
void Compiler::cursor_arguments(const pl::Statement& source, const Datum& cursor, Scope* scope, CompiledStatement& out) {
  const auto& parameters = cursor.cursor_arguments;
  auto fail = [&](const std::string& message, const pl::Sql& at) {
    throw SqlError(Sqlstate::SyntaxError, message).position(at.offset == 0 ? 0 : parser::character_position(program_.text_, at.offset));
  };
  std::string quoted = "\"" + cursor.name + "\"";
  pl::Sql last = source.arguments.empty() ? pl::Sql() : source.arguments.back();
  last.offset += static_cast<int>(last.text.size());
  // Where PostgreSQL had read to when it noticed: the separator before the argument.
  auto before = [&](pl::Sql at) {
    int offset = at.offset - 1;
    while (offset > 0 && isspace(static_cast<unsigned char>(program_.text_[static_cast<size_t>(offset)]))) --offset;
    at.offset = offset;
    return at;
  };
  if (parameters.empty() && !source.arguments.empty()) fail("cursor " + quoted + " has no arguments", before(source.arguments[0]));
  if (!parameters.empty() && source.arguments.empty()) fail("cursor " + quoted + " has arguments", {});
  std::vector<const pl::Sql*> given(parameters.size(), nullptr);
  for (size_t i = 0; i < source.arguments.size(); ++i) {
    size_t at = i;
    bool named = i < source.names.size() && !source.names[i].empty();
    pl::Sql shown = source.arguments[i];
    if (named) {
      for (at = 0; at < parameters.size() && program_.datums_[parameters[at]].name != source.names[i]; ++at) {}
      if (at == parameters.size()) fail("cursor " + quoted + " has no argument named \"" + source.names[i] + "\"", shown);
      shown.offset = static_cast<int>(program_.text_.rfind(source.names[i], static_cast<size_t>(shown.offset)));
    }
    if (at >= parameters.size()) fail("too many arguments for cursor " + quoted, before(shown));
    if (given[at] != nullptr) fail("value for parameter \"" + program_.datums_[parameters[at]].name + "\" of cursor " + quoted + " specified more than once", shown);
    given[at] = &source.arguments[i];
  }
  for (const auto* argument : given) {
    if (argument == nullptr) fail("not enough arguments for cursor " + quoted, last);
    out.arguments.push_back(expression(*argument, scope));
  }
}

CompiledStatement Compiler::statement(const pl::Statement& source, Scope* scope) {
  using K = pl::StatementKind;
  CompiledStatement out;
  out.source = &source;
  out.scope = scope;
  auto loop_scope = [&] { return push_scope(scope, source.label); };
  switch (source.kind) {
    case K::Block:
      out.block = std::make_unique<CompiledBlock>();
      block(*source.block, scope, *out.block);
      return out;
    case K::Assign: {
      out.targets.push_back(target(source.targets[0], scope, true));
      out.sql = expression(source.sql, scope);
      size_t from = static_cast<size_t>(source.targets[0].offset);
      out.assignment = program_.text_.substr(from, static_cast<size_t>(source.sql.offset) + source.sql.text.size() - from);
      return out;
    }
    case K::If:
    case K::Case: {
      out.sql = expression(source.sql, scope);
      Scope* inner = scope;
      if (out.sql != nullptr) {
        // The operand is a variable of its own, so that each WHEN is a comparison with it.
        inner = push_scope(scope, {});
        Datum value;
        value.name = "__Case__Variable_" + std::to_string(program_.datums_.size()) + "__";
        value.type = {oid::kInt4};
        out.case_value = add_datum(inner, std::move(value));
      }
      for (const auto& branch : source.branches) {
        CompiledBranch compiled;
        if (out.sql == nullptr) {
          compiled.conditions.push_back(expression(branch.condition, scope));
        } else {
          pl::Sql comparison = branch.condition;
          comparison.text = "\"" + program_.datums_[out.case_value].name + "\" IN (" + branch.condition.text + ")";
          compiled.conditions.push_back(expression(comparison, inner));
        }
        body(branch.body, scope, compiled.body);
        out.branches.push_back(std::move(compiled));
      }
      body(source.body, scope, out.body);
      return out;
    }
    case K::Loop:
    case K::While:
      out.sql = expression(source.sql, scope);
      body(source.body, loop_scope(), out.body);
      return out;
    case K::ForInteger: {
      out.sql = expression(source.sql, scope);
      out.upper = expression(source.upper, scope);
      out.step = expression(source.step, scope);
      Scope* inner = loop_scope();
      Datum variable;
      variable.name = source.targets[0].names[0];
      variable.type = {oid::kInt4};
      out.variable = add_datum(inner, std::move(variable));
      body(source.body, inner, out.body);
      return out;
    }
    case K::ForQuery:
    case K::ForExecute: {
      int cursor = source.name.empty() ? -1 : find_datum(scope, source.name);
      bool over_cursor = source.kind == K::ForQuery && cursor >= 0 && program_.datums_[cursor].type.oid == oid::kRefcursor;
      Scope* inner = loop_scope();
      if (over_cursor) {
        if (program_.datums_[cursor].cursor == nullptr) {
          throw SqlError(Sqlstate::SyntaxError, "cursor FOR loop must use a bound cursor variable").position(parser::character_position(program_.text_, source.sql.offset));
        }
        out.variable = cursor;
        Datum record;
        record.name = source.targets[0].names[0];
        record.is_record = true;
        record.type = {oid::kRecord};
        CompiledTarget loop_target;
        loop_target.datum = add_datum(inner, std::move(record));
        out.targets.push_back(std::move(loop_target));
        cursor_arguments(source, program_.datums_[cursor], scope, out);
      } else {
        for (const auto& item : source.targets) {
          bool known = find_datum(scope, item.names[0]) >= 0 || item.names.size() > 1;
          if (!known && source.targets.size() == 1) {
            throw SqlError(Sqlstate::SyntaxError, "loop variable of loop over rows must be a record variable or list of scalar variables")
                .position(parser::character_position(program_.text_, item.offset));
          }
          out.targets.push_back(target(item, scope, true));
        }
        out.sql = source.kind == K::ForQuery ? query(source.sql, scope) : expression(source.sql, scope);
        for (const auto& argument : source.arguments) out.arguments.push_back(expression(argument, scope));
      }
      body(source.body, inner, out.body);
      return out;
    }
    case K::Foreach:
      for (const auto& item : source.targets) out.targets.push_back(target(item, scope, true));
      out.sql = expression(source.sql, scope);
      body(source.body, loop_scope(), out.body);
      return out;
    case K::Exit:
    case K::Continue: out.sql = expression(source.sql, scope); return out;
    case K::Return: return_statement(source, scope, out); return out;
    case K::ReturnNext:
      if (!program_.returns_set_) throw SqlError(Sqlstate::DatatypeMismatch, "cannot use RETURN NEXT in a non-SETOF function");
      if (!source.sql.empty() && !program_.output_datums_.empty()) {
        throw SqlError(Sqlstate::DatatypeMismatch, "RETURN NEXT cannot have a parameter in function with OUT parameters")
            .position(parser::character_position(program_.text_, source.sql.offset));
      }
      if (!source.sql.empty()) out.variable = record_variable(source.sql.text, scope);
      if (out.variable < 0) out.sql = expression(source.sql, scope);
      return out;
    case K::ReturnQuery:
      if (!program_.returns_set_) throw SqlError(Sqlstate::DatatypeMismatch, "cannot use RETURN QUERY in a non-SETOF function");
      out.sql = source.dynamic ? expression(source.sql, scope) : query(source.sql, scope);
      for (const auto& argument : source.arguments) out.arguments.push_back(expression(argument, scope));
      return out;
    case K::Raise:
      if (!source.condition.empty()) check_condition(source.condition);
      for (const auto& argument : source.arguments) out.arguments.push_back(expression(argument, scope));
      for (const auto& option : source.options) out.options.push_back(expression(option.second, scope));
      return out;
    case K::Assert:
    case K::Execute:
      out.sql = expression(source.sql, scope);
      for (const auto& argument : source.arguments) out.arguments.push_back(expression(argument, scope));
      for (const auto& item : source.targets) out.targets.push_back(target(item, scope, true));
      return out;
    case K::Perform: out.sql = query({"SELECT " + source.sql.text, source.sql.offset - 7}, scope); return out;
    case K::Sql:
      out.sql = query(source.sql, scope);
      out.names = program_.names_.back().get();
      for (const auto& item : source.targets) out.targets.push_back(target(item, scope, true));
      if (source.targets.empty()) call_targets(source, scope, out);
      return out;
    case K::GetDiagnostics:
      for (const auto& item : source.targets) out.targets.push_back(target(item, scope, true));
      return out;
    case K::Open:
    case K::Fetch:
    case K::Move:
    case K::Close:
      out.variable = target({{source.name}, {}, 0}, scope, false).datum;
      if (program_.datums_[out.variable].type.oid != oid::kRefcursor && program_.datums_[out.variable].type.oid != oid::kText) {
        throw SqlError(Sqlstate::DatatypeMismatch, "variable \"" + source.name + "\" must be of type cursor or refcursor");
      }
      if (!source.sql.empty()) out.sql = source.dynamic ? expression(source.sql, scope) : query(source.sql, scope);
      if (source.kind == K::Open && out.sql == nullptr && program_.datums_[out.variable].cursor != nullptr) {
        cursor_arguments(source, program_.datums_[out.variable], scope, out);
      } else {
        for (const auto& argument : source.arguments) out.arguments.push_back(expression(argument, scope));
      }
      for (const auto& item : source.targets) out.targets.push_back(target(item, scope, true));
      return out;
    case K::Commit:
    case K::Rollback:
    case K::Null: return out;
    case K::ForCursor: break;
  }
  throw InternalError("a PL/pgSQL statement of an unknown kind");
}

// The arguments of CALL that are variables, to which it may assign.
void Compiler::call_targets(const pl::Statement& source, Scope* scope, CompiledStatement& out) {
  auto parsed = parser::parse(source.sql.text);
  const auto* call = parsed.statements.empty() ? nullptr : ast::node_cast<ast::CallStmt>(parsed.statements[0].stmt);
  if (call == nullptr) return;
  out.is_call = true;
  for (const auto* node : call->funccall->args) {
    if (const auto* named = ast::node_cast<ast::NamedArgExpr>(node)) node = named->arg;
    pl::Target written;
    written.offset = source.sql.offset;
    if (const auto* column = ast::node_cast<ast::ColumnRef>(node); column != nullptr && !column->star) {
      written.names.assign(column->fields.begin(), column->fields.end());
    } else if (const auto* parameter = ast::node_cast<ast::ParamRef>(node)) {
      written.names.push_back("$" + std::to_string(parameter->number));
    }
    out.targets.emplace_back();
    if (written.names.empty()) continue;
    try {
      out.targets.back() = target(written, scope, false);
    } catch (const SqlError&) {
      out.targets.back().datum = -1;  // no variable; an error only if the procedure would assign to it
    }
  }
}

int Compiler::record_variable(const std::string& text, Scope* scope) const {
  int found = find_datum(scope, text);
  return found >= 0 && program_.datums_[found].is_record ? found : -1;
}

void Compiler::return_statement(const pl::Statement& source, Scope* scope, CompiledStatement& out) {
  auto fail = [&](const char* message, Sqlstate state = Sqlstate::DatatypeMismatch) {
    throw SqlError(state, message).position(source.sql.empty() ? 0 : parser::character_position(program_.text_, source.sql.offset));
  };
  if (program_.returns_set_) {
    if (!source.sql.empty()) {
      SqlError error(Sqlstate::DatatypeMismatch, "RETURN cannot have a parameter in function returning set");
      throw error.hint("Use RETURN NEXT or RETURN QUERY.").position(parser::character_position(program_.text_, source.sql.offset));
    }
    return;
  }
  if (program_.is_procedure_ || program_.is_block_) {
    if (!source.sql.empty()) fail("RETURN cannot have a parameter in a procedure", Sqlstate::SyntaxError);
    return;
  }
  if (program_.result_.oid == oid::kVoid && !source.sql.empty()) {
    // A void function may return the value of a void expression only.
    fail("RETURN cannot have a parameter in function returning void");
  }
  if (!program_.output_datums_.empty() && !source.sql.empty()) fail("RETURN cannot have a parameter in function with OUT parameters");
  bool needs_value = program_.result_.oid != oid::kVoid && program_.result_.oid != oid::kEventTrigger;
  if (source.sql.empty() && program_.output_datums_.empty() && needs_value) {
    fail("missing expression at or near \";\"", Sqlstate::SyntaxError);
  }
  if (!source.sql.empty()) {
    out.variable = record_variable(source.sql.text, scope);
    if (out.variable < 0) out.sql = expression(source.sql, scope);
  }
}

void Compiler::arguments(const catalog::Routine& routine, std::span<const Type> actual, Scope* scope) {
  size_t input = 0;
  size_t position = 0;
  for (const auto& argument : routine.arguments) {
    ++position;
    Datum datum;
    datum.name = argument.name;
    datum.type = argument.type;
    bool is_input = argument.is_input();
    if (is_input && input < actual.size()) datum.type = actual[input];
    if (!is_input) {
      std::vector<Oid> types;
      for (const auto& type : actual) types.push_back(type.oid);
      const auto* info = types::find_type(argument.type.oid);
      if (info != nullptr && info->kind == 'p' && argument.type.oid != oid::kRecord && !program_.columns_.empty()) {
        // A polymorphic output follows the arguments.
        size_t number = program_.output_datums_.size();
        if (number < program_.columns_.size()) datum.type = program_.columns_[number].type;
      }
    }
    if (const auto* made = types::find_type(datum.type.oid); made != nullptr && made->kind == 'p' && datum.type.oid != oid::kRecord) {
      throw SqlError(Sqlstate::DatatypeMismatch, "could not determine actual type for argument \"" + argument.name + "\"");
    }
    datum.is_record = datum.type.oid == oid::kRecord;
    if (const auto* made = types::find_type(datum.type.oid); is_input && argument.mode != 'b' && made != nullptr && made->kind == 'c') {
      auto version = program_.runner_.catalog();
      auto owner = version->type_owner(datum.type.oid);
      auto relation = owner == nullptr ? nullptr : version->relation(owner->oid);
      if (relation != nullptr) {
        datum.is_record = datum.fixed_fields = true;
        datum.fields = columns_of(*relation);
        datum.row_type = datum.type.oid;
        datum.type = {oid::kRecord};
      }
    }
    int index = add_datum(scope, std::move(datum));
    program_.parameter_datums_.push_back(index);
    scope->names["$" + std::to_string(position)] = index;
    if (is_input) {
      program_.argument_datums_.push_back(index);
      ++input;
    }
    if (!is_input || argument.mode == 'b') program_.output_datums_.push_back(index);
  }
}

void Compiler::trigger_variables(Scope* scope) {
  auto add = [&](const char* name, Oid type) {
    Datum datum;
    datum.name = name;
    datum.type = {type};
    program_.trigger_variables_[name] = add_datum(scope, std::move(datum));
  };
  for (const char* name : {"tg_when", "tg_level", "tg_op"}) add(name, oid::kText);
  for (const char* name : {"tg_name", "tg_relname", "tg_table_name", "tg_table_schema"}) add(name, oid::kName);
  add("tg_relid", oid::kOid);
  add("tg_nargs", oid::kInt4);
  add("tg_argv", types::type_info(oid::kText).array);
  for (const char* name : {"new", "old"}) {
    Datum datum;
    datum.name = name;
    datum.is_record = datum.fixed_fields = true;
    datum.type = {oid::kRecord};
    datum.fields = columns_of(*program_.trigger_table_);
    datum.row_type = program_.trigger_table_->row_type;
    (name[0] == 'n' ? program_.new_ : program_.old_) = add_datum(scope, std::move(datum));
  }
}

void Compiler::compile(std::span<const Type> actual) {
  program_.source_ = pl::parse(program_.text_);
  std::string conflict = program_.source_->variable_conflict;
  if (conflict.empty()) conflict = program_.runner_.setting("plpgsql.variable_conflict");
  std::string print = program_.source_->print_strict_params;
  if (print.empty()) print = program_.runner_.setting("plpgsql.print_strict_params");
  program_.print_strict_params_ = print == "on" || print == "true";
  if (conflict == "use_variable") program_.conflict_ = Names::Conflict::UseVariable;
  if (conflict == "use_column") program_.conflict_ = Names::Conflict::UseColumn;
  Scope* outer = push_scope(nullptr, program_.name_);
  Datum found;
  found.name = "found";
  found.type = {oid::kBool};
  program_.found_ = add_datum(outer, std::move(found));
  if (program_.routine_ != nullptr) arguments(*program_.routine_, actual, outer);
  if (program_.trigger_table_ != nullptr) trigger_variables(outer);
  if (program_.result_.oid == oid::kEventTrigger) {
    for (const char* name : {"tg_event", "tg_tag"}) {
      Datum datum;
      datum.name = name;
      datum.type = {oid::kText};
      program_.trigger_variables_[name] = add_datum(outer, std::move(datum));
    }
  }
  block(program_.source_->block, outer, program_.block_);
}

}  // namespace aegis::routines::plpgsql
