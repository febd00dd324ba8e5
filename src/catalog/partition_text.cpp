// Partition keys, bounds and constraints as PostgreSQL writes them.
#include <cctype>

#include "aegis/catalog/partition.h"
#include "aegis/functions/quoting.h"
#include "functions/call.h"

namespace aegis::catalog {
namespace {

using functions::quote_identifier;

// As PostgreSQL's get_const_expr without a type: numbers bare where they read back as themselves.
bool is_bare(std::string_view text, Oid type) {
  if (text.empty()) return false;
  if (type == types::oid::kInt4) return text[0] != '-';
  if (type == types::oid::kNumeric) return std::isdigit(static_cast<unsigned char>(text[0])) != 0 && text.find_first_of("eE.") != std::string_view::npos;
  return false;
}

bool is_function_call(std::string_view sql) {
  size_t i = 0;
  while (i < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[i])) || sql[i] == '_' || sql[i] == '.' || sql[i] == '"')) ++i;
  return i > 0 && i < sql.size() && sql[i] == '(' && sql.back() == ')' && without_parentheses(sql.substr(i)).size() + 2 == sql.size() - i;
}

std::string shown(const PartitionDatum& datum, Type type, const DatumStyle& style) {
  if (style.types == nullptr || style.version == nullptr) return datum.text;
  Arena arena;
  std::string text;
  types::type_info(type.oid).output(*style.types, PartitionMap::parse(*style.version, datum, type, arena), type.oid, text);
  return text;
}

// A datum as a constant of its type.
std::string typed_datum(const PartitionDatum& datum, Type type, const DatumStyle& style) {
  if (datum.kind == 'n') return "NULL::" + types::format_type(type);
  if (type.oid == types::oid::kBool) return datum.text == "t" || datum.text == "true" ? "true" : "false";
  if (is_bare(datum.text, type.oid)) return datum.text;
  std::string name = type.oid == types::oid::kBpchar ? "bpchar" : types::format_type({type.oid}, style.types == nullptr ? nullptr : style.types->names);
  return functions::quote_literal(shown(datum, type, style)) + "::" + name;
}

std::string key_name(const Relation& partition, const Relation& parent, size_t i) {
  const auto& key = parent.partition_key.columns[i];
  if (key.column < 0) return key.sql;
  (void)partition;
  return quote_identifier(parent.columns[static_cast<size_t>(key.column)].name);
}

std::string comparison(const std::string& name, const char* op, const PartitionDatum& datum, Type type, const DatumStyle& style) {
  bool as_text = type.oid == types::oid::kVarchar;
  std::string left = as_text ? "(" + name + ")::text" : name;
  return "(" + left + " " + op + " " + typed_datum(datum, as_text ? Type{types::oid::kText, -1} : type, style) + ")";
}

std::string joined(const std::vector<std::string>& parts, const char* word) {
  if (parts.size() == 1) return parts[0];
  std::string text = "(";
  for (size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? word : "") + parts[i];
  return text + ")";
}

using Parts = std::vector<std::string>;

Parts list_constraint(const Relation& partition, const Relation& parent, const std::vector<PartitionDatum>& values, bool allows_null, const DatumStyle& style) {
  std::string name = key_name(partition, parent, 0);
  Type type = parent.partition_key.columns[0].type;
  std::vector<std::string> texts;
  std::vector<const PartitionDatum*> plain;
  for (const auto& datum : values) {
    if (datum.kind == 'v') plain.push_back(&datum);
  }
  std::string in;
  bool as_text = type.oid == types::oid::kVarchar;
  if (plain.size() == 1) {
    in = comparison(name, "=", *plain[0], type, style);
  } else if (!plain.empty() && types::is_array(type.oid)) {
    for (const auto* datum : plain) in += (in.empty() ? "(" : " OR ") + comparison(name, "=", *datum, type, style);
    in += ")";
  } else if (!plain.empty()) {
    std::string list;
    for (const auto* datum : plain) list += (list.empty() ? "" : ", ") + typed_datum(*datum, type, style);
    in = as_text ? "((" + name + ")::text = ANY ((ARRAY[" + list + "])::text[]))" : "(" + name + " = ANY (ARRAY[" + list + "]))";
  }
  std::string null_test = "(" + name + (allows_null ? " IS NULL)" : " IS NOT NULL)");
  if (in.empty()) return {null_test};
  if (!allows_null) return {null_test, in};
  return {"(" + null_test + " OR " + in + ")"};
}

// One side of a range from column `start`: the columns' comparisons in lexical order.
void range_side(const Relation& partition, const Relation& parent, const std::vector<PartitionDatum>& datums, size_t start, bool lower,
                const DatumStyle& style, Parts& out) {
  size_t count = datums.size();
  Parts arms;
  bool more = datums[start].kind == 'v';
  for (size_t arm = 0; start + arm < count && more; ++arm) {
    Parts terms;
    for (size_t j = start; j <= start + arm; ++j) {
      const PartitionDatum* next = j + 1 < count ? &datums[j + 1] : nullptr;
      const char* op = "=";
      if (j == start + arm) {
        if (lower) op = next == nullptr || next->kind == '-' ? ">=" : ">";
        else op = next != nullptr && next->kind == '+' ? "<=" : "<";
        more = next != nullptr && next->kind == 'v';
      }
      terms.push_back(comparison(key_name(partition, parent, j), op, datums[j], parent.partition_key.columns[j].type, style));
    }
    arms.push_back(joined(terms, " AND "));
  }
  if (!arms.empty()) out.push_back(joined(arms, " OR "));
}

Parts range_constraint(const Relation& partition, const Relation& parent, const PartitionBound& bound, bool null_tests, const DatumStyle& style) {
  Parts parts;
  size_t count = bound.lower.size();
  for (size_t i = 0; i < count && null_tests; ++i) parts.push_back("(" + key_name(partition, parent, i) + " IS NOT NULL)");
  size_t start = 0;
  while (start + 1 < count && bound.lower[start].kind == 'v' && bound.upper[start].kind == 'v' && bound.lower[start].text == bound.upper[start].text) {
    parts.push_back(comparison(key_name(partition, parent, start), "=", bound.lower[start], parent.partition_key.columns[start].type, style));
    ++start;
  }
  range_side(partition, parent, bound.lower, start, true, style, parts);
  range_side(partition, parent, bound.upper, start, false, style, parts);
  return parts;
}

Parts default_constraint(const Version& version, const Relation& partition, const Relation& parent, const DatumStyle& style) {
  Parts others;
  std::vector<PartitionDatum> values;
  bool null_taken = false;
  auto map = version.partitions(parent);
  for (const auto& other : map->parts()) {
    const auto& bound = other->partition_bound;
    if (bound.is_default) continue;
    if (parent.partition_key.strategy == 'r') {
      Parts range = range_constraint(partition, parent, bound, false, style);
      if (!range.empty()) others.push_back(joined(range, " AND "));
      continue;
    }
    for (const auto& datum : bound.values) {
      null_taken = null_taken || datum.kind == 'n';
      values.push_back(datum);
    }
  }
  if (parent.partition_key.strategy == 'l') {
    if (values.empty()) return {};
    return {"(NOT " + joined(list_constraint(partition, parent, values, null_taken, style), " AND ") + ")"};
  }
  if (map->parts().size() < 2) return {};
  Parts tests;
  for (size_t i = 0; i < parent.partition_key.columns.size(); ++i) tests.push_back("(" + key_name(partition, parent, i) + " IS NOT NULL)");
  if (!others.empty()) tests.push_back(joined(others, " OR "));
  return {"(NOT " + joined(tests, " AND ") + ")"};
}

Parts own_constraint(const Version& version, const Relation& partition, const Relation& parent, const PartitionBound& bound, const DatumStyle& style) {
  if (bound.is_default) return default_constraint(version, partition, parent, style);
  if (bound.strategy == 'r') return range_constraint(partition, parent, bound, true, style);
  if (bound.strategy == 'l') {
    bool with_null = false;
    for (const auto& datum : bound.values) with_null = with_null || datum.kind == 'n';
    return list_constraint(partition, parent, bound.values, with_null, style);
  }
  std::string text = "satisfies_hash_partition('" + std::to_string(parent.oid) + "'::oid, " + std::to_string(bound.modulus) + ", " + std::to_string(bound.remainder);
  for (size_t i = 0; i < parent.partition_key.columns.size(); ++i) text += ", " + key_name(partition, parent, i);
  return {text + ")"};
}

}  // namespace

std::string partition_datum_text(const PartitionDatum& datum, Type type, const DatumStyle& style) {
  switch (datum.kind) {
    case 'n': return "NULL";
    case '-': return "MINVALUE";
    case '+': return "MAXVALUE";
    default: break;
  }
  if (type.oid == types::oid::kBool) return datum.text == "t" || datum.text == "true" ? "true" : "false";
  return is_bare(datum.text, type.oid) ? datum.text : functions::quote_literal(shown(datum, type, style));
}

std::string partition_key_text(const Relation& table, bool columns_only, const Version* version) {
  const auto& key = table.partition_key;
  std::string text = columns_only ? "(" : key.strategy == 'r' ? "RANGE (" : key.strategy == 'l' ? "LIST (" : "HASH (";
  for (size_t i = 0; i < key.columns.size(); ++i) {
    const auto& column = key.columns[i];
    if (i > 0) text += ", ";
    Oid own = kInvalidOid;
    if (column.column >= 0) {
      text += quote_identifier(table.columns[static_cast<size_t>(column.column)].name);
      own = table.columns[static_cast<size_t>(column.column)].collation;
    } else {
      bool bare = is_function_call(column.sql) || (columns_only && column.sql.starts_with('('));
      text += bare ? column.sql : "(" + column.sql + ")";
    }
    if (own == kInvalidOid) own = types::type_info(column.type.oid).collation;
    if (!columns_only && column.collation != kInvalidOid && column.collation != own) text += " COLLATE " + quote_identifier(types::find_collation(column.collation)->name);
    auto made = version == nullptr || column.opclass == kInvalidOid ? nullptr : version->operator_class(column.opclass);
    if (made == nullptr || made->is_default) continue;
    auto schema = version->schema(made->schema);
    text += " " + (schema == nullptr ? "" : quote_identifier(schema->name) + ".") + quote_identifier(made->name);
  }
  return text + ")";
}

std::string partition_bound_text(const Relation& parent, const PartitionBound& bound, const DatumStyle& style) {
  if (bound.is_default) return "DEFAULT";
  const auto& keys = parent.partition_key.columns;
  auto list = [&](const std::vector<PartitionDatum>& datums, bool one_key) {
    std::string text;
    for (size_t i = 0; i < datums.size(); ++i) text += (i > 0 ? ", " : "") + partition_datum_text(datums[i], keys[one_key ? 0 : i].type, style);
    return "(" + text + ")";
  };
  if (bound.strategy == 'h') {
    return "FOR VALUES WITH (modulus " + std::to_string(bound.modulus) + ", remainder " + std::to_string(bound.remainder) + ")";
  }
  if (bound.strategy == 'l') return "FOR VALUES IN " + list(bound.values, true);
  return "FOR VALUES FROM " + list(bound.lower, false) + " TO " + list(bound.upper, false);
}

std::string bound_constraint_text(const Version& version, const Relation& parent, const PartitionBound& bound) {
  Parts parts = own_constraint(version, parent, parent, bound, {});
  return parts.empty() ? std::string() : joined(parts, " AND ");
}

std::string partition_constraint_text(const Version& version, const Relation& partition, const types::TypeContext* types) {
  Parts all;
  const Relation* at = &partition;
  std::vector<RelationPtr> held;
  while (at->is_partition() && !at->parents.empty()) {
    auto parent = version.relation(at->parents[0].relation);
    if (parent == nullptr) break;
    Parts own = own_constraint(version, *at, *parent, at->partition_bound, {&version, types});
    all.insert(all.begin(), own.begin(), own.end());
    held.push_back(parent);
    at = parent.get();
  }
  return all.empty() ? std::string() : joined(all, " AND ");
}

}  // namespace aegis::catalog
