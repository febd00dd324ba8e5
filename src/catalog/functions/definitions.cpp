// SQL text of objects: pg_get_indexdef, pg_get_constraintdef, pg_get_viewdef and their kin.
#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/catalog/partition.h"
#include "aegis/functions/function.h"
#include "aegis/functions/inverted.h"
#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "functions/call.h"
#include "functions/view_layout.h"
#include "system/tables.h"

namespace aegis::catalog {
namespace {

using functions::quote_identifier;

// --- Indexes ---

bool is_call(std::string_view sql) {
  size_t i = 0;
  while (i < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[i])) || sql[i] == '_' || sql[i] == '.' || sql[i] == '"')) ++i;
  return i > 0 && i < sql.size() && sql[i] == '(' && sql.back() == ')' &&
         without_parentheses(sql.substr(i)).size() + 2 == sql.size() - i;
}

std::string key_text(const SystemContext& context, const Relation& table, const IndexColumn& column, bool pretty) {
  if (column.column >= 0) return quote_identifier(table.columns[column.column].name);
  std::string sql = visible_names(context, column.sql);
  if (pretty) sql = pretty_expression(sql);
  return is_call(sql) ? sql : "(" + sql + ")";
}

std::string class_reference(const SystemContext& context, const OperatorClass& made) {
  for (Oid schema : context.search_path) {
    auto seen = context.version.find_operator_class(made.method, schema, made.name, context.database);
    if (seen != nullptr && seen->oid == made.oid) return quote_identifier(made.name);
  }
  auto schema = context.version.schema(made.schema);
  return quote_identifier(schema == nullptr ? "" : schema->name) + "." + quote_identifier(made.name);
}

std::string class_name(const SystemContext& context, Oid oid, Oid type) {
  if (const auto* known = functions::find_inverted_class(oid)) return known->is_default ? "" : " " + std::string(known->name);
  if (auto made = context.version.operator_class(oid)) return made->is_default && made->input == types::base_type(type) ? "" : " " + class_reference(context, *made);
  std::string_view built_in = built_in_opclass_name(oid);
  return built_in.empty() ? "" : " " + std::string(built_in);
}

std::string key_options(const SystemContext& context, const Relation& table, const IndexColumn& column) {
  std::string text;
  Oid own = column.column >= 0 ? table.columns[column.column].collation : kInvalidOid;
  const auto* type = types::find_type(column.type.oid);
  if (own == kInvalidOid && type != nullptr) own = type->collation;
  if (column.collation != kInvalidOid && column.collation != own) text += " COLLATE " + quote_identifier(collation_name(context.version, column.collation));
  if (column.opclass != kInvalidOid) text += class_name(context, column.opclass, column.type.oid);
  if (column.descending) text += " DESC";
  if (column.nulls_first != column.descending) text += column.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  return text;
}

std::string predicate_text(const SystemContext& context, const Index& index, bool pretty) {
  if (index.predicate_sql.empty()) return {};
  std::string predicate = visible_names(context, index.predicate_sql);
  return " WHERE " + (pretty ? pretty_expression(predicate) : predicate);
}

std::string index_definition(const SystemContext& context, const Index& index, bool pretty) {
  auto table = context.version.relation(index.table);
  if (table == nullptr) return {};
  std::string text = index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  text += quote_identifier(index.name) + (table->is_partitioned() ? " ON ONLY " : " ON ") + relation_name(context, *table, !pretty) + " USING " + index.method + " (";
  bool first = true;
  for (const auto& column : index.columns) {
    text += (first ? "" : ", ") + key_text(context, *table, column, pretty) + key_options(context, *table, column);
    first = false;
  }
  text += ")";
  if (!index.included.empty()) text += " INCLUDE (" + column_list(*table, index.included) + ")";
  if (index.nulls_not_distinct) text += " NULLS NOT DISTINCT";
  if (!index.options.empty()) {
    std::string options;
    for (const auto& option : index.options) {
      size_t equals = option.find('=');
      options += (options.empty() ? "" : ", ") + option.substr(0, equals);
      if (equals == std::string::npos) continue;
      std::string value = option.substr(equals + 1);
      options += "=" + (quote_identifier(value) == value ? value : "'" + value + "'");
    }
    text += " WITH (" + options + ")";
  }
  return text + predicate_text(context, index, pretty);
}

// Operators outside of the search path are written with their schema.
std::string exclusion_text(const SystemContext& context, const Relation& table, const Index& index, bool pretty) {
  std::string text = "EXCLUDE USING " + index.method + " (";
  for (size_t i = 0; i < index.columns.size(); ++i) {
    const auto& column = index.columns[i];
    text += (i == 0 ? "" : ", ") + key_text(context, table, column, pretty) + key_options(context, table, column) + " WITH ";
    auto made = context.version.find_operator(index.exclusion[i]);
    const auto* op = made != nullptr ? &made->record() : functions::find_operator(index.exclusion[i]);
    if (op == nullptr) continue;
    bool visible = made == nullptr || std::find(context.search_path.begin(), context.search_path.end(), made->schema) != context.search_path.end();
    if (visible) {
      text += op->name;
    } else {
      auto schema = context.version.schema(made->schema);
      text += "OPERATOR(" + quote_identifier(schema == nullptr ? "" : schema->name) + "." + std::string(op->name) + ")";
    }
  }
  text += ")";
  if (!index.included.empty()) text += " INCLUDE (" + column_list(table, index.included) + ")";
  std::string predicate = visible_names(context, index.predicate_sql);
  if (!predicate.empty()) {
    if (pretty) predicate = pretty_expression(predicate);
    text += " WHERE (" + predicate + ")";
  }
  return text;
}

Value get_indexdef(const CatalogCall& call) {
  auto index = call.version().index(call.oid(0));
  return index == nullptr ? Value::null() : call.string(index_definition(call.context, *index, false));
}

Value get_indexdef_ext(const CatalogCall& call) {
  auto index = call.version().index(call.oid(0));
  if (index == nullptr) return Value::null();
  int number = call.arguments[1].i32;
  bool pretty = call.arguments[2].boolean;
  if (number == 0) return call.string(index_definition(call.context, *index, pretty));
  auto table = call.version().relation(index->table);
  size_t keys = index->columns.size();
  if (table == nullptr || number < 0 || number > static_cast<int>(keys + index->included.size())) return call.string("");
  if (number > static_cast<int>(keys)) {
    return call.string(quote_identifier(table->columns[index->included[number - 1 - keys]].name));
  }
  const auto& column = index->columns[number - 1];
  if (column.column < 0 && pretty) return call.string(pretty_expression(visible_names(call.context, column.sql)));
  return call.string(key_text(call.context, *table, column, pretty));
}

// --- Constraints ---

struct FoundConstraint {
  RelationPtr table;
  const Constraint* constraint = nullptr;
};
FoundConstraint find_constraint(const SystemContext& context, Oid oid) {
  for (const auto& object : context.version.objects(context.database)) {
    if (object->kind == ObjectKind::Type) {
      for (const auto& check : static_cast<const UserType&>(*object).checks) {
        if (check.oid == oid) return {std::make_shared<const Relation>(), &check};
      }
    }
    if (object->kind != ObjectKind::Relation) continue;
    auto relation = std::static_pointer_cast<const Relation>(object);
    for (const auto& constraint : relation->constraints) {
      if (constraint.oid == oid) return {relation, &constraint};
    }
  }
  return {};
}

const char* action_text(char action) {
  switch (action) {
    case 'r': return "RESTRICT";
    case 'c': return "CASCADE";
    case 'n': return "SET NULL";
    case 'd': return "SET DEFAULT";
    default: return nullptr;
  }
}

std::string foreign_key_text(const SystemContext& context, const Relation& table, const Constraint& constraint) {
  const auto& key = constraint.foreign_key;
  auto referenced = context.version.relation(key.referenced);
  if (referenced == nullptr) return {};
  std::string text = "FOREIGN KEY (" + column_list(table, constraint.columns) + ") REFERENCES " + relation_name(context, *referenced) + "(" +
                     column_list(*referenced, key.referenced_columns) + ")";
  if (key.match == 'f') text += " MATCH FULL";
  if (const char* action = action_text(key.on_update)) text += std::string(" ON UPDATE ") + action;
  if (const char* action = action_text(key.on_delete)) text += std::string(" ON DELETE ") + action;
  if (!key.delete_set_columns.empty()) text += " (" + column_list(table, key.delete_set_columns) + ")";
  return text;
}

std::string constraint_text(const SystemContext& context, const Relation& table, const Constraint& constraint, bool pretty) {
  std::string text;
  switch (constraint.kind) {
    case 'c': {
      std::string check = visible_names(context, constraint.check_sql);
      text = "CHECK (" + (pretty ? pretty_expression(check) : check) + ")";
      if (constraint.no_inherit) text += " NO INHERIT";
      break;
    }
    case 'f': text = foreign_key_text(context, table, constraint); break;
    case 'x': {
      auto index = context.version.index(constraint.index);
      if (index != nullptr) text = exclusion_text(context, table, *index, pretty);
      break;
    }
    default: {
      auto index = context.version.index(constraint.index);
      text = constraint.kind == 'p' ? "PRIMARY KEY " : "UNIQUE ";
      if (index != nullptr && index->nulls_not_distinct) text += "NULLS NOT DISTINCT ";
      text += "(" + column_list(table, constraint.columns) + ")";
      if (index != nullptr && !index->included.empty()) text += " INCLUDE (" + column_list(table, index->included) + ")";
    }
  }
  if (constraint.deferrable) text += " DEFERRABLE";
  if (constraint.initially_deferred) text += " INITIALLY DEFERRED";
  if (!constraint.validated) text += " NOT VALID";
  return text;
}

Value get_constraintdef(const CatalogCall& call) {
  auto found = find_constraint(call.context, call.oid(0));
  if (found.constraint == nullptr) return Value::null();
  bool pretty = call.arguments.size() > 1 && call.arguments[1].boolean;
  return call.string(constraint_text(call.context, *found.table, *found.constraint, pretty));
}

// --- Views and expressions ---

Value view_definition(const CatalogCall& call, Oid oid, bool) {
  auto view = call.version().relation(oid);
  if (view == nullptr || (view->relkind != 'v' && view->relkind != 'm')) return Value::null();
  return call.string(lay_out_view(view->view_sql));
}
Value get_viewdef(const CatalogCall& call) { return view_definition(call, call.oid(0), true); }
Value get_viewdef_name(const CatalogCall& call) { return view_definition(call, relation_by_name(call, call.text(0)), true); }

Value get_ruledef(const CatalogCall& call) {
  auto view = call.version().relation(rule_oid(call.oid(0)));
  if (view == nullptr || view->relkind != 'v') return Value::null();
  return call.string("CREATE RULE \"_RETURN\" AS\n    ON SELECT TO " + relation_name(call.context, *view, call.arguments.size() < 2) +
                     " DO INSTEAD " + lay_out_view(view->view_sql));
}

Value get_expr(const CatalogCall& call) {
  // A partition's bound is no expression.
  if (call.text(0).starts_with("FOR VALUES ") || call.text(0) == "DEFAULT") {
    auto partition = call.version().relation(call.oid(1));
    auto parent = partition == nullptr || partition->parents.empty() ? nullptr : call.version().relation(partition->parents[0].relation);
    if (parent == nullptr || !partition->is_partition()) return call.string(call.text(0));
    return call.string(partition_bound_text(*parent, partition->partition_bound, {&call.version(), &call.types}));
  }
  std::string text = visible_names(call.context, call.text(0));
  bool pretty = call.arguments.size() > 2 && call.arguments[2].boolean;
  return call.string(pretty ? pretty_expression(text) : text);
}

// --- Sequences ---

Value get_serial_sequence(const CatalogCall& call) {
  auto table = call.version().relation(relation_by_name(call, call.text(0)));
  int column = table == nullptr ? -1 : table->find_column(call.text(1));
  if (column < 0) {
    throw SqlError(Sqlstate::UndefinedColumn, "column \"" + std::string(call.text(1)) + "\" of relation \"" +
                                                  (table == nullptr ? std::string(call.text(0)) : table->name) + "\" does not exist");
  }
  for (const auto& object : call.version().objects(call.context.database)) {
    if (object->kind != ObjectKind::Relation) continue;
    const auto& sequence = static_cast<const Relation&>(*object);
    if (sequence.relkind != 'S' || sequence.sequence.owner_table != table->oid || sequence.sequence.owner_column != column) continue;
    return call.string(relation_name(call.context, sequence, true));
  }
  return Value::null();
}

Value sequence_parameters(const CatalogCall& call) {
  namespace oid = types::oid;
  auto sequence = call.version().relation(call.oid(0));
  if (sequence == nullptr || sequence->relkind != 'S') return Value::null();
  const auto& info = sequence->sequence;
  types::RecordBuilder record;
  for (int64_t number : {info.start, info.minimum, info.maximum, info.increment}) record.add(oid::kInt8, Value::of_i64(number));
  record.add(oid::kBool, Value::of_bool(info.cycle));
  record.add(oid::kInt8, Value::of_i64(info.cache));
  record.add(oid::kOid, Value::of_oid(info.type));
  return Value::of_string(record.finish(call.arena));
}

// --- Functions ---

using functions::Function;

std::vector<std::string_view> split_defaults(std::string_view list) {
  std::vector<std::string_view> parts;
  int depth = 0;
  bool quoted = false;
  size_t start = 0;
  for (size_t i = 0; i <= list.size(); ++i) {
    char c = i == list.size() ? ',' : list[i];
    if (c == '\'') quoted = !quoted;
    if (quoted && i < list.size()) continue;
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c != ',' || (depth > 0 && i < list.size())) continue;
    auto part = list.substr(start, i - start);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    if (!part.empty()) parts.push_back(part);
    start = i + 1;
  }
  return parts;
}

std::string argument_text(const CatalogCall& call, const Function& function, size_t i) {
  std::string text;
  if (function.variadic != kInvalidOid && i + 1 == function.arguments.size()) text += "VARIADIC ";
  if (!function.argument_names.empty() && !function.argument_names[i].empty()) {
    text += quote_identifier(function.argument_names[i]) + " ";
  }
  return text + types::format_type({function.arguments[i]}, call.types.names);
}

std::string arguments_text(const CatalogCall& call, const Function& function, bool with_defaults, bool with_outputs) {
  std::string text;
  auto defaults = split_defaults(function.defaults);
  size_t count = function.arguments.size();
  bool ordered = function.aggregate_kind != 'n';
  for (size_t i = 0; i < count; ++i) {
    if (ordered && i == function.direct_argument_count) {
      text += i > 0 ? " ORDER BY " : "ORDER BY ";
    } else if (i > 0) {
      text += ", ";
    }
    text += argument_text(call, function, i);
    size_t first_default = count - defaults.size();
    if (with_defaults && i >= first_default) text += " DEFAULT " + std::string(defaults[i - first_default]);
  }
  // A hypothetical-set aggregate over VARIADIC "any" orders by the same arguments.
  if (ordered && function.direct_argument_count == count && count > 0) {
    text += " ORDER BY " + argument_text(call, function, count - 1);
  }
  if (with_outputs) {
    for (size_t i = 0; i < function.out_types.size(); ++i) {
      text += text.empty() ? "OUT " : ", OUT ";
      if (i < function.out_names.size()) text += quote_identifier(function.out_names[i]) + " ";
      text += types::format_type({function.out_types[i]}, call.types.names);
    }
  }
  return text;
}

std::string result_text(const CatalogCall& call, const Function& function) {
  return (function.returns_set ? "SETOF " : "") + types::format_type({function.result}, call.types.names);
}

std::string all_arguments(const CatalogCall& call, const Function& function) { return arguments_text(call, function, true, true); }
std::string identity_arguments(const CatalogCall& call, const Function& function) {
  return arguments_text(call, function, false, true);
}

std::string function_definition(const CatalogCall& call, const Function& function) {
  if (function.kind == functions::Kind::Aggregate) {
    throw SqlError(Sqlstate::WrongObjectType, "\"" + std::string(function.name) + "\" is an aggregate function");
  }
  std::string text = "CREATE OR REPLACE FUNCTION pg_catalog." + quote_identifier(function.name) + "(" + all_arguments(call, function) +
                     ")\n RETURNS " + result_text(call, function) + "\n LANGUAGE internal\n";
  std::string traits;
  if (function.kind == functions::Kind::Window) traits += " WINDOW";
  if (function.volatility == functions::Volatility::Immutable) traits += " IMMUTABLE";
  if (function.volatility == functions::Volatility::Stable) traits += " STABLE";
  traits += " PARALLEL SAFE";
  if (function.strict) traits += " STRICT";
  return text + traits + "\nAS $function$" + std::string(function.symbol) + "$function$\n";
}

// --- User-defined functions ---

std::string routine_arguments(const CatalogCall& call, const Routine& routine, bool identity) {
  std::string text;
  // Of an ordered-set aggregate the direct arguments come first; one that is VARIADIC "any" stands on both sides.
  int left = routine.aggregate.kind == 'n' ? -1 : routine.aggregate.direct_arguments;
  for (const auto& argument : routine.arguments) {
    if (argument.mode == 't' || (identity && argument.mode == 'o' && routine.routine_kind == 'f')) continue;
    if (left-- == 0) {
      text += text.empty() ? "ORDER BY " : " ORDER BY ";
    } else if (!text.empty()) {
      text += ", ";
    }
    if (argument.mode == 'v') text += "VARIADIC ";
    if (argument.mode == 'o') text += "OUT ";
    if (argument.mode == 'b') text += "INOUT ";
    if (argument.mode == 'i' && routine.routine_kind == 'p') text += "IN ";
    if (!argument.name.empty()) text += quote_identifier(argument.name) + " ";
    text += types::format_type({argument.type.oid}, call.types.names);
    if (!identity && !argument.default_sql.empty()) text += " DEFAULT " + visible_names(call.context, argument.default_sql);
  }
  if (left == 0 && !routine.arguments.empty()) {
    const auto& last = routine.arguments.back();
    text += std::string(" ORDER BY ") + (last.mode == 'v' ? "VARIADIC " : "") + types::format_type({last.type.oid}, call.types.names);
  }
  return text;
}

std::string routine_result(const CatalogCall& call, const Routine& routine) {
  std::string columns;
  for (const auto& argument : routine.arguments) {
    if (argument.mode != 't') continue;
    columns += (columns.empty() ? "TABLE(" : ", ") + quote_identifier(argument.name) + " " + types::format_type({argument.type.oid}, call.types.names);
  }
  if (!columns.empty()) return columns + ")";
  std::string type = types::format_type({routine.result.oid}, call.types.names);
  if (routine.result_relation != kInvalidOid) {
    if (auto relation = call.version().relation(routine.result_relation)) type = relation_name(call.context, *relation);
  }
  return (routine.returns_set ? "SETOF " : "") + type;
}

// A dollar quote's tag that the body does not have inside.
std::string quote_tag(const std::string& body, bool procedure) {
  std::string tag = procedure ? "$procedure" : "$function";
  while (body.find(tag + "$") != std::string::npos) tag += "x";
  return tag + "$";
}

std::string number_text(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string routine_definition(const CatalogCall& call, const Routine& routine) {
  bool procedure = routine.routine_kind == 'p';
  auto schema = call.version().schema(routine.schema);
  std::string text = std::string("CREATE OR REPLACE ") + (procedure ? "PROCEDURE " : "FUNCTION ") + quote_identifier(schema->name) + "." +
                     quote_identifier(routine.name) + "(" + routine_arguments(call, routine, false) + ")\n";
  if (!procedure) text += " RETURNS " + routine_result(call, routine) + "\n";
  text += " LANGUAGE " + routine.language + "\n";
  std::string traits;
  if (routine.volatility == 'i') traits += " IMMUTABLE";
  if (routine.volatility == 's') traits += " STABLE";
  if (routine.parallel == 's') traits += " PARALLEL SAFE";
  if (routine.parallel == 'r') traits += " PARALLEL RESTRICTED";
  if (routine.strict) traits += " STRICT";
  if (routine.security_definer) traits += " SECURITY DEFINER";
  if (routine.leakproof) traits += " LEAKPROOF";
  if (routine.cost != (routine.language == "internal" || routine.language == "c" ? 1 : 100)) traits += " COST " + number_text(routine.cost);
  if (routine.returns_set && routine.rows != 1000) traits += " ROWS " + number_text(routine.rows);
  if (!traits.empty()) text += traits + "\n";
  for (const auto& setting : routine.settings) {
    size_t equal = setting.find('=');
    std::string value = setting.substr(equal + 1);
    std::string name = setting.substr(0, equal);
    bool list = name == "search_path" || name == "DateStyle" || name == "datestyle" || name == "temp_tablespaces";
    text += " SET " + quote_identifier(name) + " TO " + (list ? value : functions::quote_literal(value)) + "\n";
  }
  if (routine.sql_standard_body) return text + routine.body + "\n";
  std::string tag = quote_tag(routine.body, procedure);
  return text + "AS " + tag + routine.body + tag + "\n";
}

template <std::string (*text)(const CatalogCall&, const Function&), std::string (*user)(const CatalogCall&, const Routine&)>
Value of_function(const CatalogCall& call) {
  if (auto routine = call.version().routine(call.oid(0))) return call.string(user(call, *routine));
  const Function* function = functions::find_function(call.oid(0));
  return function == nullptr ? Value::null() : call.string(text(call, *function));
}

std::string all_routine_arguments(const CatalogCall& call, const Routine& routine) { return routine_arguments(call, routine, false); }
std::string identity_routine_arguments(const CatalogCall& call, const Routine& routine) { return routine_arguments(call, routine, true); }

Value get_function_result(const CatalogCall& call) {
  auto routine = call.version().routine(call.oid(0));
  if (routine != nullptr && routine->routine_kind == 'p') return Value::null();
  return of_function<result_text, routine_result>(call);
}

Value get_function_sqlbody(const CatalogCall& call) {
  auto routine = call.version().routine(call.oid(0));
  return routine != nullptr && routine->sql_standard_body ? call.string(routine->body) : Value::null();
}

Value function_argument_default(const CatalogCall& call) {
  auto routine = call.version().routine(call.oid(0));
  const Function* function = routine != nullptr ? &routine->function() : functions::find_function(call.oid(0));
  int number = call.arguments[1].i32;
  if (function == nullptr || number < 1 || number > static_cast<int>(function->arguments.size())) return Value::null();
  auto defaults = split_defaults(function->defaults);
  size_t first = function->arguments.size() - defaults.size();
  return static_cast<size_t>(number) <= first ? Value::null() : call.string(visible_names(call.context, defaults[number - 1 - first]));
}

Value get_triggerdef(const CatalogCall& call) {
  auto trigger = call.version().trigger(call.oid(0));
  if (trigger == nullptr) return Value::null();
  bool pretty = call.arguments.size() > 1 && call.arguments[1].boolean;
  auto table = call.version().relation(trigger->table);
  auto function = call.version().routine(trigger->function);
  const auto* built_in = function == nullptr ? functions::find_function(trigger->function) : nullptr;
  if (table == nullptr || (function == nullptr && built_in == nullptr)) return Value::null();
  std::string text = std::string("CREATE ") + (trigger->is_constraint ? "CONSTRAINT " : "") + "TRIGGER " + quote_identifier(trigger->name);
  text += (trigger->type & kTriggerInstead) != 0 ? " INSTEAD OF" : (trigger->type & kTriggerBefore) != 0 ? " BEFORE" : " AFTER";
  bool first = true;
  for (auto [bit, word] : {std::pair{kTriggerInsert, "INSERT"}, {kTriggerDelete, "DELETE"}, {kTriggerUpdate, "UPDATE"}, {kTriggerTruncate, "TRUNCATE"}}) {
    if ((trigger->type & bit) == 0) continue;
    text += std::string(first ? " " : " OR ") + word;
    first = false;
    if (bit == kTriggerUpdate && !trigger->columns.empty()) text += " OF " + column_list(*table, trigger->columns);
  }
  text += " ON " + relation_name(call.context, *table, !pretty);
  if (trigger->is_constraint) {
    if (auto other = call.version().relation(trigger->constraint_table)) text += " FROM " + relation_name(call.context, *other, !pretty);
    text += trigger->deferrable ? " DEFERRABLE INITIALLY " : " NOT DEFERRABLE INITIALLY ";
    text += trigger->initially_deferred ? "DEFERRED" : "IMMEDIATE";
  }
  if (!trigger->old_table.empty() || !trigger->new_table.empty()) text += " REFERENCING";
  if (!trigger->old_table.empty()) text += " OLD TABLE AS " + quote_identifier(trigger->old_table);
  if (!trigger->new_table.empty()) text += " NEW TABLE AS " + quote_identifier(trigger->new_table);
  text += (trigger->type & kTriggerRow) != 0 ? " FOR EACH ROW" : " FOR EACH STATEMENT";
  std::string condition = visible_names(call.context, trigger->when_sql);
  if (!condition.empty()) text += " WHEN (" + (pretty ? std::string(pretty_expression(condition)) : condition) + ")";
  Oid schema_oid = function == nullptr ? kPgCatalogSchema : function->schema;
  std::string_view function_name = function == nullptr ? built_in->name : std::string_view(function->name);
  auto schema = call.version().schema(schema_oid);
  bool visible = std::find(call.context.search_path.begin(), call.context.search_path.end(), schema_oid) != call.context.search_path.end();
  text += " EXECUTE FUNCTION " + (visible ? "" : quote_identifier(schema->name) + ".") + quote_identifier(function_name) + "(";
  for (size_t i = 0; i < trigger->arguments.size(); ++i) text += (i > 0 ? ", " : "") + functions::quote_literal(trigger->arguments[i]);
  return call.string(text + ")");
}

Value oidvector_types(const CatalogCall& call) {
  types::ArrayView view(call.text(0));
  std::string text;
  for (size_t i = 0; i < view.size(); ++i) text += (i > 0 ? ", " : "") + types::format_type({view.get(i).oid()}, call.types.names);
  return call.string(text);
}


constexpr CatalogFunction kFunctions[] = {
    {"pg_get_indexdef", get_indexdef},
    {"pg_get_indexdef_ext", get_indexdef_ext},
    {"pg_get_constraintdef", get_constraintdef},
    {"pg_get_constraintdef_ext", get_constraintdef},
    {"pg_get_viewdef", get_viewdef},
    {"pg_get_viewdef_ext", get_viewdef},
    {"pg_get_viewdef_wrap", get_viewdef},
    {"pg_get_viewdef_name", get_viewdef_name},
    {"pg_get_viewdef_name_ext", get_viewdef_name},
    {"pg_get_ruledef", get_ruledef},
    {"pg_get_ruledef_ext", get_ruledef},
    {"pg_get_expr", get_expr},
    {"pg_get_expr_ext", get_expr},
    {"pg_get_serial_sequence", get_serial_sequence},
    {"pg_sequence_parameters", sequence_parameters},
    {"pg_get_function_arguments", of_function<all_arguments, all_routine_arguments>},
    {"pg_get_function_identity_arguments", of_function<identity_arguments, identity_routine_arguments>},
    {"pg_get_function_result", get_function_result},
    {"pg_get_functiondef", of_function<function_definition, routine_definition>},
    {"pg_get_function_arg_default", function_argument_default},
    {"pg_get_function_sqlbody", get_function_sqlbody},
    {"oidvectortypes", oidvector_types},
    {"pg_get_triggerdef", get_triggerdef},
    {"pg_get_triggerdef_ext", get_triggerdef},
};

}  // namespace

std::span<const CatalogFunction> definition_functions() { return kFunctions; }

}  // namespace aegis::catalog
