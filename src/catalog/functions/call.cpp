#include "functions/call.h"

#include <cctype>
#include <unordered_map>
#include <vector>

#include "aegis/base/error.h"
#include "aegis/catalog/catalog_functions.h"
#include "aegis/functions/quoting.h"

namespace aegis::catalog {
namespace {

using FunctionMap = std::unordered_map<std::string_view, Value (*)(const CatalogCall&)>;

const FunctionMap& all_functions() {
  static const FunctionMap map = [] {
    FunctionMap made;
    for (auto list : {definition_functions, description_functions, foreign_functions, index_functions, log_functions, partition_functions, size_functions, visibility_functions, acl_functions, address_functions, statistics_functions, activity_functions}) {
      for (const auto& function : list()) made[function.symbol] = function.call;
    }
    return made;
  }();
  return map;
}

}  // namespace

bool call_catalog_function(const SystemContext& context, const types::TypeContext& types, std::string_view symbol,
                           std::span<const Value> arguments, Arena& arena, Value& result) {
  CatalogCall call{context, types, symbol, arguments, arena};
  auto found = all_functions().find(symbol);
  if (found == all_functions().end()) return privilege_function(call, result);
  result = found->second(call);
  return true;
}

ObjectPtr find_relation_or_index(const Version& version, Oid oid) {
  ObjectPtr object = version.find(oid);
  if (object == nullptr || (object->kind != ObjectKind::Relation && object->kind != ObjectKind::Index)) return nullptr;
  return object;
}

bool is_visible(const SystemContext& context, const Object& object) {
  for (Oid schema : context.search_path) {
    Oid found = context.version.find_relation(schema, object.name, context.database);
    if (found != kInvalidOid) return found == object.oid;
  }
  return false;
}

std::string relation_name(const SystemContext& context, const Object& object, bool qualified) {
  std::string name = functions::quote_identifier(object.name);
  if (!qualified && is_visible(context, object)) return name;
  auto schema = context.version.schema(object.schema);
  return schema == nullptr ? name : functions::quote_identifier(schema->name) + "." + name;
}

namespace {

// The object a text like schema."Name" names in this database, if it is one with a schema.
ObjectPtr find_qualified(const SystemContext& context, std::string_view text) {
  std::string parts[2];
  int part = 0;
  bool quoted = false;
  for (char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      if (++part > 1) return nullptr;
    } else {
      parts[part] += c;
    }
  }
  if (part != 1) return nullptr;
  Oid schema = context.version.find_schema(context.database, parts[0]);
  if (schema == kInvalidOid) return nullptr;
  return find_relation_or_index(context.version, context.version.find_relation(schema, parts[1], context.database));
}

}  // namespace

namespace {

// Takes the schemas off names of functions, types and operators that the search path finds without them.
class SchemaStripper {
 public:
  SchemaStripper(const SystemContext& context, std::string_view sql) : context_(context), sql_(sql) {}

  std::string strip() {
    while (at_ < sql_.size()) {
      char c = sql_[at_];
      if (c == '\'') {
        copy_quoted('\'');
      } else if (c == '"' || is_start(c)) {
        name();
      } else {
        out_ += c;
        ++at_;
        // A number's letters are no name.
        while (std::isdigit(static_cast<unsigned char>(c)) != 0 && at_ < sql_.size() && (is_part(sql_[at_]) || sql_[at_] == '.')) out_ += sql_[at_++];
      }
    }
    return std::move(out_);
  }

 private:
  static bool is_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
  static bool is_part(char c) { return is_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$'; }

  void copy_quoted(char quote) {
    out_ += sql_[at_++];
    while (at_ < sql_.size() && sql_[at_] != quote) out_ += sql_[at_++];
    if (at_ < sql_.size()) out_ += sql_[at_++];
  }

  // The name at `from`; its end.
  size_t read(size_t from, std::string& plain) const {
    if (sql_[from] != '"') {
      while (from < sql_.size() && is_part(sql_[from])) plain += sql_[from++];
      return from;
    }
    for (++from; from < sql_.size(); ++from) {
      if (sql_[from] == '"' && (from + 1 == sql_.size() || sql_[from + 1] != '"')) return from + 1;
      if (sql_[from] == '"') ++from;
      plain += sql_[from];
    }
    return from;
  }

  void name() {
    std::string first, second;
    size_t end = read(at_, first);
    bool after_point = at_ > 0 && sql_[at_ - 1] == '.';
    if (first == "OPERATOR" && end < sql_.size() && sql_[end] == '(' && strip_operator(end + 1)) return;
    bool pair = !after_point && end + 1 < sql_.size() && sql_[end] == '.' && (sql_[end + 1] == '"' || is_start(sql_[end + 1]));
    if (pair) {
      size_t stop = read(end + 1, second);
      Oid schema = context_.version.find_schema(context_.database, first);
      bool call = stop < sql_.size() && sql_[stop] == '(';
      if (schema != kInvalidOid && (call ? sees_function(schema, second) || sees_type(schema, second) : sees_type(schema, second))) {
        out_ += sql_.substr(end + 1, stop - end - 1);
        at_ = stop;
        return;
      }
    }
    out_ += sql_.substr(at_, end - at_);
    at_ = end;
  }

  bool strip_operator(size_t from) {
    std::string schema;
    size_t end = read(from, schema);
    size_t close = sql_.find(')', end);
    if (end >= sql_.size() || sql_[end] != '.' || close == std::string_view::npos) return false;
    Oid oid = context_.version.find_schema(context_.database, schema);
    const auto& path = context_.search_path;
    if (std::find(path.begin(), path.end(), oid) == path.end()) return false;
    out_ += sql_.substr(end + 1, close - end - 1);
    at_ = close + 1;
    return true;
  }

  bool sees_function(Oid schema, const std::string& name) const {
    auto own = context_.version.routines(schema, name);
    if (own.empty()) return false;
    for (Oid seen : context_.search_path) {
      if (seen == schema) return true;
      for (const auto& other : context_.version.routines(seen, name)) {
        for (const auto& routine : own) {
          if (routine->input_types() == other->input_types()) return false;
        }
      }
    }
    return false;
  }

  bool sees_type(Oid schema, const std::string& name) const {
    Oid type = context_.version.find_type(schema, name, context_.database);
    if (type == kInvalidOid || types::find_type_by_name(name) != nullptr) return false;
    for (Oid seen : context_.search_path) {
      if (Oid found = context_.version.find_type(seen, name, context_.database); found != kInvalidOid) return found == type;
    }
    return false;
  }

  const SystemContext& context_;
  std::string_view sql_;
  std::string out_;
  size_t at_ = 0;
};

std::string visible_relations(const SystemContext& context, std::string_view sql);

}  // namespace

std::string visible_names(const SystemContext& context, std::string_view sql) {
  std::string relations = visible_relations(context, sql);
  return SchemaStripper(context, relations).strip();
}

std::string visible_sql(const Version& version, Oid database, const std::vector<Oid>& search_path, std::string_view sql) {
  SystemContext context{version, database};
  context.search_path = search_path;
  return visible_names(context, sql);
}

namespace {

std::string visible_relations(const SystemContext& context, std::string_view sql) {
  constexpr std::string_view kCast = "'::regclass";
  std::string result;
  while (true) {
    size_t end = sql.find(kCast);
    size_t begin = end == std::string_view::npos || end == 0 ? std::string_view::npos : sql.rfind('\'', end - 1);
    if (begin == std::string_view::npos) return result.append(sql);
    std::string_view name = sql.substr(begin + 1, end - begin - 1);
    ObjectPtr object = find_qualified(context, name);
    result.append(sql.substr(0, begin + 1));
    result += object == nullptr ? std::string(name) : relation_name(context, *object);
    result.append(kCast);
    sql.remove_prefix(end + kCast.size());
  }
}

}  // namespace

std::string_view without_parentheses(std::string_view sql) {
  if (sql.size() < 2 || sql.front() != '(' || sql.back() != ')') return sql;
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 0 && i + 1 < sql.size()) {
      return sql;
    }
  }
  return sql.substr(1, sql.size() - 2);
}

namespace {

// Calls `visit(position, depth)` for each character outside of quotes, depth counting parentheses and brackets.
template <typename F>
void scan_plain(std::string_view sql, F visit) {
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == ')' || c == ']') --depth;
    visit(i, depth);
    if (c == '(' || c == '[') ++depth;
  }
}

// Pieces between `word` (" AND ") outside of parentheses; BETWEEN's AND is not one.
std::vector<std::string_view> split_at(std::string_view sql, std::string_view word) {
  std::vector<std::string_view> pieces;
  size_t start = 0;
  scan_plain(sql, [&](size_t i, int depth) {
    if (depth != 0 || i < start || sql.compare(i, word.size(), word) != 0) return;
    pieces.push_back(sql.substr(start, i - start));
    start = i + word.size();
  });
  pieces.push_back(sql.substr(start));
  return pieces;
}

// (x)::type where x is one word or number.
std::string plain_casts(std::string_view sql) {
  std::string result(sql);
  for (size_t at = result.find(")::"); at != std::string::npos; at = result.find(")::", at + 1)) {
    size_t open = at;
    while (open > 0 && (std::isalnum(static_cast<unsigned char>(result[open - 1])) || result[open - 1] == '_' || result[open - 1] == '.')) --open;
    if (open == at || open == 0 || result[open - 1] != '(') continue;
    bool is_call = open >= 2 && (std::isalnum(static_cast<unsigned char>(result[open - 2])) || result[open - 2] == '_' || result[open - 2] == '"');
    if (is_call) continue;
    result.erase(at, 1);
    result.erase(open - 1, 1);
    at = 0;
  }
  return result;
}

std::string without_structure(std::string_view sql, bool under_and) {
  std::string_view inner = without_parentheses(sql);
  auto any = split_at(inner, " OR ");
  bool is_or = any.size() > 1;
  auto pieces = is_or ? any : split_at(inner, " AND ");
  if (pieces.size() < 2) return std::string(inner);
  std::string result;
  for (auto piece : pieces) result += (result.empty() ? "" : is_or ? " OR " : " AND ") + without_structure(piece, !is_or);
  return is_or && under_and ? "(" + result + ")" : result;
}

}  // namespace

std::string pretty_expression(std::string_view sql) { return plain_casts(without_structure(sql, false)); }

std::string column_list(const Relation& relation, const std::vector<int>& columns) {
  std::string list;
  for (int column : columns) list += (list.empty() ? "" : ", ") + functions::quote_identifier(relation.columns[column].name);
  return list;
}

Oid relation_by_name(const CatalogCall& call, std::string_view name) {
  Oid found = kInvalidOid;
  if (call.types.names == nullptr || !call.types.names->lookup(types::oid::kRegclass, name, found)) {
    throw SqlError(Sqlstate::UndefinedTable, "relation \"" + std::string(name) + "\" does not exist");
  }
  return found;
}

}  // namespace aegis::catalog
