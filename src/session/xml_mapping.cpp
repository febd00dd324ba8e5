#include "xml_mapping.h"

#include <algorithm>

#include <fmt/format.h>

#include "aegis/catalog/privileges.h"
#include "aegis/functions/quoting.h"
#include "aegis/functions/xml.h"
#include "aegis/types/xml.h"
#include "portal.h"
#include "routine_runner.h"

namespace aegis::session {
namespace {

namespace oid = types::oid;
using types::Value;

constexpr const char* kXsd = "http://www.w3.org/2001/XMLSchema";
constexpr const char* kXsi = "http://www.w3.org/2001/XMLSchema-instance";
constexpr int32_t kHeader = 4;  // VARHDRSZ

std::string xml_name(std::string_view name) { return types::xml::name_of(name, true, false); }

std::string start_schema(const std::string& target) {
  std::string out = fmt::format("<xsd:schema\n    xmlns:xsd=\"{}\"", kXsd);
  if (!target.empty()) out += fmt::format("\n    targetNamespace=\"{}\"\n    elementFormDefault=\"qualified\"", target);
  return out + ">\n\n";
}

std::string restriction(std::string_view base, int64_t greatest, int64_t least) {
  return fmt::format("  <xsd:restriction base=\"xsd:{}\">\n    <xsd:maxInclusive value=\"{}\"/>\n    <xsd:minInclusive value=\"{}\"/>\n  </xsd:restriction>\n",
                     base, greatest, least);
}

std::string pattern(std::string_view base, const std::string& text) {
  return fmt::format("  <xsd:restriction base=\"xsd:{}\">\n    <xsd:pattern value=\"{}\"/>\n  </xsd:restriction>\n", base, text);
}

std::string fraction(int32_t typmod) {
  if (typmod == -1) return "(.\\p{Nd}+)?";
  return typmod == 0 ? std::string() : fmt::format(".\\p{{Nd}}{{{}}}", typmod);
}

}  // namespace

std::string XmlMapping::qualified(std::string_view kind, std::string_view schema, std::string_view name) const {
  std::string out(kind);
  for (std::string_view part : {std::string_view(session_.database_name_), schema, name}) {
    if (!part.empty()) out += "." + types::xml::name_of(part, true, true);
  }
  return out;
}

std::string XmlMapping::type_name(types::Type type) {
  auto sized = [&](const char* name, int32_t size) { return type.typmod == -1 ? std::string(name) : fmt::format("{}_{}", name, size); };
  switch (type.oid) {
    case oid::kBpchar: return sized("CHAR", type.typmod - kHeader);
    case oid::kVarchar: return sized("VARCHAR", type.typmod - kHeader);
    case oid::kNumeric:
      if (type.typmod == -1) return "NUMERIC";
      return fmt::format("NUMERIC_{}_{}", ((type.typmod - kHeader) >> 16) & 0xffff, (type.typmod - kHeader) & 0xffff);
    case oid::kInt2: return "SMALLINT";
    case oid::kInt4: return "INTEGER";
    case oid::kInt8: return "BIGINT";
    case oid::kFloat4: return "REAL";
    case oid::kFloat8: return "DOUBLE";
    case oid::kBool: return "BOOLEAN";
    case oid::kTime: return sized("TIME", type.typmod);
    case oid::kTimetz: return sized("TIME_WTZ", type.typmod);
    case oid::kTimestamp: return sized("TIMESTAMP", type.typmod);
    case oid::kTimestamptz: return sized("TIMESTAMP_WTZ", type.typmod);
    case oid::kDate: return "DATE";
    case oid::kXml: return "XML";
    default: break;
  }
  auto version = session_.version();
  auto owner = version->type_owner(type.oid);
  auto schema = owner == nullptr ? nullptr : version->schema(owner->schema);
  const auto* info = types::find_type(type.oid);
  bool domain = info != nullptr && info->kind == 'd';
  return qualified(domain ? "Domain" : "UDT", schema == nullptr ? "pg_catalog" : schema->name, info == nullptr ? std::string_view() : info->name);
}

std::string XmlMapping::type_definition(types::Type type) {
  if (type.oid == oid::kXml) {
    return "<xsd:complexType mixed=\"true\">\n  <xsd:sequence>\n"
           "    <xsd:any name=\"element\" minOccurs=\"0\" maxOccurs=\"unbounded\" processContents=\"skip\"/>\n"
           "  </xsd:sequence>\n</xsd:complexType>\n";
  }
  std::string out = fmt::format("<xsd:simpleType name=\"{}\">\n", type_name(type));
  constexpr const char* kClock = "\\p{Nd}{2}:\\p{Nd}{2}:\\p{Nd}{2}";
  constexpr const char* kDay = "\\p{Nd}{4}-\\p{Nd}{2}-\\p{Nd}{2}";
  bool zone = type.oid == oid::kTimetz || type.oid == oid::kTimestamptz;
  std::string tail = zone ? "(\\+|-)\\p{Nd}{2}:\\p{Nd}{2}" : "";
  switch (type.oid) {
    case oid::kBpchar:
    case oid::kVarchar:
    case oid::kText:
      out += "  <xsd:restriction base=\"xsd:string\">\n";
      if (type.typmod != -1) out += fmt::format("    <xsd:maxLength value=\"{}\"/>\n", type.typmod - kHeader);
      out += "  </xsd:restriction>\n";
      break;
    case oid::kBytea:
      out += fmt::format("  <xsd:restriction base=\"xsd:{}\">\n  </xsd:restriction>\n", session_.types_.xml_binary_hex ? "hexBinary" : "base64Binary");
      break;
    case oid::kNumeric:
      if (type.typmod != -1) {
        out += fmt::format("  <xsd:restriction base=\"xsd:decimal\">\n    <xsd:totalDigits value=\"{}\"/>\n    <xsd:fractionDigits value=\"{}\"/>\n  </xsd:restriction>\n",
                           ((type.typmod - kHeader) >> 16) & 0xffff, (type.typmod - kHeader) & 0xffff);
      }
      break;
    case oid::kInt2: out += restriction("short", INT16_MAX, INT16_MIN); break;
    case oid::kInt4: out += restriction("int", INT32_MAX, INT32_MIN); break;
    case oid::kInt8: out += restriction("long", INT64_MAX, INT64_MIN); break;
    case oid::kFloat4: out += "  <xsd:restriction base=\"xsd:float\"></xsd:restriction>\n"; break;
    case oid::kFloat8: out += "  <xsd:restriction base=\"xsd:double\"></xsd:restriction>\n"; break;
    case oid::kBool: out += "  <xsd:restriction base=\"xsd:boolean\"></xsd:restriction>\n"; break;
    case oid::kTime:
    case oid::kTimetz: out += pattern("time", kClock + fraction(type.typmod) + tail); break;
    case oid::kTimestamp:
    case oid::kTimestamptz: out += pattern("dateTime", std::string(kDay) + "T" + kClock + fraction(type.typmod) + tail); break;
    case oid::kDate: out += pattern("date", kDay); break;
    default: {
      types::Type base = types::base_type(type);
      if (base.oid != type.oid) out += fmt::format("  <xsd:restriction base=\"{}\"/>\n", type_name(base));
      break;
    }
  }
  return out + "</xsd:simpleType>\n";
}

std::string XmlMapping::type_definitions(const std::vector<Column>& columns) {
  std::vector<Oid> seen;
  auto add = [&](Oid type) {
    if (std::find(seen.begin(), seen.end(), type) == seen.end()) seen.push_back(type);
  };
  for (const Column& column : columns) add(column.type.oid);
  for (size_t i = 0; i < seen.size(); ++i) {
    Oid base = types::base_type(seen[i]);
    if (base != seen[i]) add(base);
  }
  std::string out;
  for (Oid type : seen) out += type_definition({type, -1}) + "\n";
  return out;
}

std::string XmlMapping::start_root(const std::string& name, bool with_schema, const Options& options, bool top) const {
  std::string out = "<" + name;
  if (top) {
    out += fmt::format(" xmlns:xsi=\"{}\"", kXsi);
    if (!options.target.empty()) out += fmt::format(" xmlns=\"{}\"", options.target);
  }
  if (with_schema) {
    out += options.target.empty() ? std::string(" xsi:noNamespaceSchemaLocation=\"#\"") : fmt::format(" xsi:schemaLocation=\"{} #\"", options.target);
  }
  return out + ">\n";
}

void XmlMapping::add_row(std::string& out, const std::vector<Column>& columns, const vector::Chunk& chunk, size_t row, const std::string& element,
                         const Options& options, bool top) {
  out += options.forest ? start_root(element, false, options, top) : "<row>\n";
  for (size_t i = 0; i < columns.size(); ++i) {
    std::string name = xml_name(columns[i].name);
    Value value = chunk.column(i).get(row);
    if (!value.is_null) {
      out += "  <" + name + ">" + functions::xml_value_text(session_.types_, columns[i].type.oid, value, true) + "</" + name + ">\n";
    } else if (options.nulls) {
      out += "  <" + name + " xsi:nil=\"true\"/>\n";
    }
  }
  out += options.forest ? "</" + element + ">\n\n" : "</row>\n\n";
}

std::vector<XmlMapping::Column> XmlMapping::query_columns(const std::string& sql) {
  auto statements = session_.routines_->parse(sql, nullptr);
  if (statements.size() != 1 || statements[0]->kind() != routines::StatementKind::Select) throw SqlError(Sqlstate::DataException, "invalid query");
  auto rows = session_.routines_->open(statements[0], true);
  std::vector<Column> columns;
  for (const auto& column : rows->columns()) columns.push_back({column.name, column.type});
  return columns;
}

std::string XmlMapping::query_rows(const std::string& sql, const std::string* table, const std::string* schema, const Options& options, bool top) {
  std::string root = table != nullptr ? xml_name(*table) : "table";
  std::string element = table != nullptr ? root : options.forest ? "row" : "table";
  auto statements = session_.routines_->parse(sql, nullptr);
  if (statements.size() != 1 || statements[0]->kind() != routines::StatementKind::Select) throw SqlError(Sqlstate::DataException, "invalid query");
  auto rows = session_.routines_->open(statements[0], true);
  std::vector<Column> columns;
  for (const auto& column : rows->columns()) columns.push_back({column.name, column.type});
  std::string out;
  if (!options.forest) out += start_root(root, schema != nullptr, options, top) + "\n";
  if (schema != nullptr) out += *schema + "\n\n";
  while (const vector::Chunk* chunk = rows->next()) {
    for (size_t row = 0; row < chunk->size(); ++row) add_row(out, columns, *chunk, row, element, options, top);
  }
  if (!options.forest) out += "</" + root + ">\n";
  return out;
}

std::string XmlMapping::cursor_rows(std::string_view name, int32_t count, const Options& options) {
  ast::FetchStmt fetch;
  fetch.portalname = name;
  fetch.how_many = count;
  Portal fetched;
  session_.fetch_cursor(fetched, fetch);
  std::vector<Column> columns;
  for (const auto& column : fetched.columns) columns.push_back({column.name, column.type});
  std::string out;
  if (!options.forest) out += start_root("table", false, options, true) + "\n";
  for (const auto& chunk : fetched.rows) {
    for (size_t row = 0; row < chunk->size(); ++row) add_row(out, columns, *chunk, row, options.forest ? "row" : "table", options, true);
  }
  if (!options.forest) out += "</table>\n";
  return out;
}

std::vector<XmlMapping::Column> XmlMapping::columns_of(const catalog::Relation& table) const {
  std::vector<Column> columns;
  for (const auto& column : table.columns) {
    if (!column.dropped) columns.push_back({column.name, column.type});
  }
  return columns;
}

std::string XmlMapping::table_rows(const catalog::Relation& table, const std::string* schema, const Options& options, bool top) {
  auto space = session_.version()->schema(table.schema);
  std::string name = (space == nullptr ? std::string() : functions::quote_identifier(space->name) + ".") + functions::quote_identifier(table.name);
  return query_rows("SELECT * FROM " + name, &table.name, schema, options, top);
}

std::string XmlMapping::table_schema(const Source& source, const Options& options) {
  std::string element = options.forest ? "row" : "table", table_type = "TableType", row_type = "RowType";
  if (source.table != nullptr) {
    auto schema = session_.version()->schema(source.table->schema);
    std::string space = schema == nullptr ? "" : schema->name;
    element = xml_name(source.table->name);
    table_type = qualified("TableType", space, source.table->name);
    row_type = qualified("RowType", space, source.table->name);
  }
  std::string out = start_schema(options.target) + type_definitions(source.columns);
  out += fmt::format("<xsd:complexType name=\"{}\">\n  <xsd:sequence>\n", row_type);
  for (const Column& column : source.columns) {
    out += fmt::format("    <xsd:element name=\"{}\" type=\"{}\"{}></xsd:element>\n", xml_name(column.name), type_name({column.type.oid, -1}),
                       options.nulls ? " nillable=\"true\"" : " minOccurs=\"0\"");
  }
  out += "  </xsd:sequence>\n</xsd:complexType>\n\n";
  if (!options.forest) {
    out += fmt::format("<xsd:complexType name=\"{}\">\n  <xsd:sequence>\n    <xsd:element name=\"row\" type=\"{}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\n"
                       "  </xsd:sequence>\n</xsd:complexType>\n\n",
                       table_type, row_type);
  }
  out += fmt::format("<xsd:element name=\"{}\" type=\"{}\"/>\n\n", element, options.forest ? row_type : table_type);
  return out + "</xsd:schema>";
}

std::vector<catalog::RelationPtr> XmlMapping::visible_tables(Oid schema) {
  auto version = session_.version();
  std::vector<catalog::RelationPtr> tables;
  for (const auto& object : version->objects(session_.database_)) {
    if (object->schema != schema || object->kind != catalog::ObjectKind::Relation) continue;
    auto relation = std::static_pointer_cast<const catalog::Relation>(object);
    bool kind = relation->relkind == 'r' || relation->relkind == 'm' || relation->relkind == 'v';
    if (kind && catalog::has_privilege(*version, session_.role_, *relation, 'r')) tables.push_back(std::move(relation));
  }
  std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  return tables;
}

std::vector<catalog::ObjectPtr> XmlMapping::visible_schemas() {
  auto version = session_.version();
  std::vector<catalog::ObjectPtr> schemas;
  for (const auto& object : version->objects(session_.database_)) {
    bool own = object->kind == catalog::ObjectKind::Schema && !object->name.starts_with("pg_") && object->oid != catalog::kInformationSchema &&
               object->oid != catalog::kAegisSchema;
    if (own && catalog::has_privilege(*version, session_.role_, *object, 'U')) schemas.push_back(object);
  }
  std::sort(schemas.begin(), schemas.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  return schemas;
}

std::string XmlMapping::schema_rows(const catalog::Schema& schema, const std::string* text, const Options& options, bool top) {
  std::string name = xml_name(schema.name);
  std::string out = start_root(name, text != nullptr, options, top) + "\n";
  if (text != nullptr) out += *text + "\n\n";
  for (const auto& table : visible_tables(schema.oid)) out += table_rows(*table, nullptr, options, false) + "\n";
  return out + "</" + name + ">\n";
}

std::string XmlMapping::schema_schema(const std::vector<catalog::ObjectPtr>& schemas, bool database, const Options& options) {
  std::vector<Column> columns;
  std::vector<std::vector<catalog::RelationPtr>> tables;
  for (const auto& schema : schemas) {
    tables.push_back(visible_tables(schema->oid));
    for (const auto& table : tables.back()) {
      auto own = columns_of(*table);
      columns.insert(columns.end(), own.begin(), own.end());
    }
  }
  std::string out = start_schema(options.target) + type_definitions(columns);
  if (database) {
    std::string type = qualified("CatalogType", "", "");
    out += fmt::format("<xsd:complexType name=\"{}\">\n  <xsd:all>\n", type);
    for (const auto& schema : schemas) {
      out += fmt::format("    <xsd:element name=\"{}\" type=\"{}\"/>\n", xml_name(schema->name), qualified("SchemaType", schema->name, ""));
    }
    out += fmt::format("  </xsd:all>\n</xsd:complexType>\n\n<xsd:element name=\"{}\" type=\"{}\"/>\n\n", xml_name(session_.database_name_), type);
    return out + "</xsd:schema>";
  }
  const char* group = options.forest ? "sequence" : "all";
  std::string type = qualified("SchemaType", schemas[0]->name, "");
  out += fmt::format("<xsd:complexType name=\"{}\">\n  <xsd:{}>\n", type, group);
  for (const auto& table : tables[0]) {
    out += fmt::format("    <xsd:element name=\"{}\" type=\"{}\"{}/>\n", xml_name(table->name),
                       qualified(options.forest ? "RowType" : "TableType", schemas[0]->name, table->name),
                       options.forest ? " minOccurs=\"0\" maxOccurs=\"unbounded\"" : "");
  }
  out += fmt::format("  </xsd:{}>\n</xsd:complexType>\n\n<xsd:element name=\"{}\" type=\"{}\"/>\n\n", group, xml_name(schemas[0]->name), type);
  return out + "</xsd:schema>";
}

std::string XmlMapping::database_rows(const std::string* text, const Options& options) {
  std::string name = xml_name(session_.database_name_);
  std::string out = start_root(name, text != nullptr, options, true) + "\n";
  if (text != nullptr) out += *text + "\n\n";
  for (const auto& schema : visible_schemas()) {
    out += schema_rows(static_cast<const catalog::Schema&>(*schema), nullptr, options, false) + "\n";
  }
  return out + "</" + name + ">\n";
}

catalog::RelationPtr XmlMapping::open_table(Oid table) {
  auto relation = session_.version()->relation(table);
  if (relation == nullptr) throw SqlError(Sqlstate::UndefinedTable, fmt::format("could not open relation with OID {}", table));
  return relation;
}

Value XmlMapping::call(std::string_view name, std::span<const Value> arguments, Arena& arena) {
  session_.need_worker();
  try {
    return make(name, arguments, arena);
  } catch (SqlError& error) {
    // A position is in the query that was given.
    ErrorFields& fields = error.fields();
    if (name.starts_with("query") && fields.position > 0 && fields.internal_query.empty()) {
      fields.internal_position = fields.position;
      fields.internal_query = arguments[0].text();
      fields.position = 0;
    }
    throw;
  }
}

Value XmlMapping::make(std::string_view name, std::span<const Value> arguments, Arena& arena) {
  bool data = name.find("_to_xmlschema") == std::string_view::npos;
  bool schema_too = name.ends_with("_to_xml_and_xmlschema");
  size_t n = arguments.size();
  Options options{arguments[n - 3].boolean, arguments[n - 2].boolean, std::string(arguments[n - 1].text())};
  std::string out, schema;
  if (name.starts_with("table")) {
    auto table = open_table(arguments[0].oid());
    if (!data || schema_too) schema = table_schema({table.get(), columns_of(*table)}, options);
    if (data) out = table_rows(*table, schema_too ? &schema : nullptr, options, true);
  } else if (name.starts_with("query")) {
    std::string sql(arguments[0].text());
    if (!data || schema_too) schema = table_schema({nullptr, query_columns(sql)}, options);
    if (data) out = query_rows(sql, nullptr, schema_too ? &schema : nullptr, options, true);
  } else if (name.starts_with("cursor")) {
    auto at = session_.portals_.find(arguments[0].text());
    if (at == session_.portals_.end()) {
      throw SqlError(Sqlstate::UndefinedCursor, fmt::format("cursor \"{}\" does not exist", arguments[0].text()));
    }
    std::vector<Column> columns;
    for (const auto& column : at->second->columns) columns.push_back({column.name, column.type});
    if (!data) schema = table_schema({nullptr, std::move(columns)}, options);
    if (data) out = cursor_rows(arguments[0].text(), arguments[1].i32, options);
  } else if (name.starts_with("schema")) {
    auto version = session_.version();
    Oid found = version->find_schema(session_.database_, arguments[0].text());
    if (found == kInvalidOid) throw SqlError(Sqlstate::InvalidSchemaName, fmt::format("schema \"{}\" does not exist", arguments[0].text()));
    auto space = version->schema(found);
    if (!data || schema_too) schema = schema_schema({space}, false, options);
    if (data) out = schema_rows(*space, schema_too ? &schema : nullptr, options, true);
  } else {
    if (!data || schema_too) schema = schema_schema(visible_schemas(), true, options);
    if (data) out = database_rows(schema_too ? &schema : nullptr, options);
  }
  return Value::of_string(arena.copy(std::string_view(data ? out : schema)));
}

}  // namespace aegis::session
