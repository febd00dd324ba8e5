#include "aegis/functions/quoting.h"

#include <algorithm>
#include <iterator>

namespace aegis::functions {

namespace {

// PostgreSQL's keywords that are not unreserved.
constexpr std::string_view kKeywords[] = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", 
    "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check", 
    "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create", "cross", 
    "current_catalog", "current_date", "current_role", "current_schema", "current_time", 
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct", 
    "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for", "foreign", 
    "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in", 
    "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull", 
    "join", "lateral", "leading", "least", "left", "like", "limit", "localtime", "localtimestamp", 
    "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric", 
    "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position", 
    "precision", "primary", "real", "references", "returning", "right", "row", "select", "session_user", 
    "setof", "similar", "smallint", "some", "substring", "symmetric", "table", "tablesample", "then", 
    "time", "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "user", "using", 
    "values", "varchar", "variadic", "verbose", "when", "where", "window", "with", "xmlattributes", 
    "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", 
    "xmlserialize", "xmltable"
};

}  // namespace

std::string quote_identifier(std::string_view name) {
  bool safe = !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_');
  for (char c : name) safe &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  if (safe && !std::binary_search(std::begin(kKeywords), std::end(kKeywords), name)) return std::string(name);
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string quote_literal(std::string_view text) {
  std::string out;
  if (text.find('\\') != std::string_view::npos) out += 'E';
  out += '\'';
  for (char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + '\'';
}

}  // namespace aegis::functions
