// pg_get_statisticsobjdef and its kin.
#include "aegis/functions/quoting.h"
#include "aegis/types/array.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

const Statistics* find_statistics(const CatalogCall& call, ObjectPtr& keep) {
  keep = call.version().find(call.oid(0));
  return keep == nullptr || keep->kind != ObjectKind::Statistics ? nullptr : static_cast<const Statistics*>(keep.get());
}

bool looks_like_call(std::string_view sql) {
  size_t open = sql.find('(');
  if (open == 0 || open == std::string_view::npos || sql.back() != ')') return false;
  for (char c : sql.substr(0, open)) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '"') return false;
  }
  int depth = 0;
  for (size_t i = open; i < sql.size(); ++i) {
    if (sql[i] == '(') ++depth;
    if (sql[i] == ')' && --depth == 0) return i + 1 == sql.size();
  }
  return false;
}

std::string shown(const CatalogCall& call, const std::string& sql) { return visible_names(call.context, sql); }

std::string columns_of(const CatalogCall& call, const Statistics& statistics) {
  std::string list;
  auto table = call.version().relation(statistics.table);
  for (int column : statistics.columns) list += (list.empty() ? "" : ", ") + functions::quote_identifier(table->columns[column].name);
  for (const auto& expression : statistics.expressions) {
    std::string text = shown(call, expression);
    bool bare = looks_like_call(text);
    std::string inner(bare ? std::string_view(text) : without_parentheses(text));
    list += (list.empty() ? "" : ", ") + (bare ? inner : "(" + inner + ")");
  }
  return list;
}

Value definition(const CatalogCall& call) {
  ObjectPtr keep;
  const auto* statistics = find_statistics(call, keep);
  if (statistics == nullptr) return Value::null();
  auto table = call.version().relation(statistics->table);
  auto schema = call.version().schema(statistics->schema);
  std::string text = "CREATE STATISTICS " + functions::quote_identifier(schema->name) + "." + functions::quote_identifier(statistics->name);
  auto has = [&](char kind) { return statistics->kinds.find(kind) != std::string::npos; };
  if ((!has('d') || !has('f') || !has('m')) && statistics->columns.size() + statistics->expressions.size() > 1) {
    std::string kinds;
    for (auto [kind, name] : {std::pair{'d', "ndistinct"}, {'f', "dependencies"}, {'m', "mcv"}}) {
      if (has(kind)) kinds += std::string(kinds.empty() ? "" : ", ") + name;
    }
    text += " (" + kinds + ")";
  }
  return call.string(text + " ON " + columns_of(call, *statistics) + " FROM " + relation_name(call.context, *table));
}

Value definition_columns(const CatalogCall& call) {
  ObjectPtr keep;
  const auto* statistics = find_statistics(call, keep);
  return statistics == nullptr ? Value::null() : call.string(columns_of(call, *statistics));
}

Value definition_expressions(const CatalogCall& call) {
  ObjectPtr keep;
  const auto* statistics = find_statistics(call, keep);
  if (statistics == nullptr || statistics->expressions.empty()) return Value::null();
  types::ArrayBuilder list(types::oid::kText);
  for (const auto& expression : statistics->expressions) {
    std::string text = shown(call, expression);
    list.add(call.string(text));
  }
  return list.value(call.arena);
}

Value is_visible_statistics(const CatalogCall& call) {
  ObjectPtr keep;
  const auto* statistics = find_statistics(call, keep);
  if (statistics == nullptr) return Value::null();
  for (Oid schema : call.context.search_path) {
    if (schema == call.context.temp_schema) continue;
    Oid found = call.version().find_statistics(schema, statistics->name, call.context.database);
    if (found != kInvalidOid) return Value::of_bool(found == statistics->oid);
  }
  return Value::of_bool(false);
}

constexpr CatalogFunction kFunctions[] = {
    {"pg_get_statisticsobjdef", definition},
    {"pg_get_statisticsobjdef_columns", definition_columns},
    {"pg_get_statisticsobjdef_expressions", definition_expressions},
    {"pg_statistics_obj_is_visible", is_visible_statistics},
};

}  // namespace

std::span<const CatalogFunction> statistics_functions() { return kFunctions; }

}  // namespace aegis::catalog
