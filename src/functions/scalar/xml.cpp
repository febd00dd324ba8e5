// xml: construction, predicates, paths.
#include "aegis/functions/xml.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "aegis/types/array.h"
#include "aegis/types/record.h"
#include "aegis/types/xml.h"
#include "binding.h"
#include "call.h"
#include "json_convert.h"
#include "table/list_scan.h"

namespace aegis::functions {

namespace oid = types::oid;
namespace xml = types::xml;

namespace {

std::string encode_bytes(std::string_view bytes, bool hex) {
  constexpr char kHex[] = "0123456789ABCDEF";
  constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  if (hex) {
    for (unsigned char c : bytes) {
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
    return out;
  }
  for (size_t i = 0; i < bytes.size(); i += 3) {
    // Lines of 76 characters, as libxml writes them.
    if (i > 0 && i % 54 == 0) out += "\r\n";
    uint32_t group = 0;
    size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) group = (group << 8) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) out += k <= count ? kBase64[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

std::string temporal_text(const types::TypeContext& context, Oid type, const Value& value) {
  std::string text = datetime_text(context, type, value);
  if (text.ends_with("infinity")) {
    bool date = type == oid::kDate;
    throw SqlError(Sqlstate::DatetimeValueOutOfRange, date ? "date out of range" : "timestamp out of range")
        .detail(date ? "XML does not support infinite date values." : "XML does not support infinite timestamp values.");
  }
  return text;
}

}  // namespace

std::string xml_value_text(const types::TypeContext& context, Oid type, const Value& value, bool escape) {
  type = types::base_type(type);
  if (types::is_array(type)) {
    std::string out;
    types::ArrayView array(value.text());
    for (size_t i = 0; i < array.size(); ++i) {
      Value element = array.get(i);
      if (!element.is_null) out += "<element>" + xml_value_text(context, array.element_type(), element, true) + "</element>";
    }
    return out;
  }
  switch (type) {
    case oid::kBool: return value.boolean ? "true" : "false";
    case oid::kDate:
    case oid::kTimestamp:
    case oid::kTimestamptz: return temporal_text(context, type, value);
    case oid::kBytea: return encode_bytes(value.text(), context.xml_binary_hex);
    default: break;
  }
  std::string text;
  types::type_info(type).output(context, value, type, text);
  return type == oid::kXml || !escape ? text : xml::escape(text);
}

namespace {

Value made(Call& call, std::string_view text) { return Value::of_string(call.arena().copy(text)); }

Value element(Call& call, std::span<const Value> row) {
  std::vector<std::pair<std::string, std::string>> attributes;
  auto count = static_cast<size_t>(row[1].i32);
  for (size_t i = 0; i < count; ++i) {
    size_t at = 2 + 2 * i;
    if (!row[at + 1].is_null) attributes.emplace_back(row[at].text(), xml_value_text(call.types(), call.argument_type(at + 1), row[at + 1], false));
  }
  std::string content;
  bool empty = true;
  for (size_t at = 2 + 2 * count; at < row.size(); ++at) {
    if (row[at].is_null) continue;
    content += xml_value_text(call.types(), call.argument_type(at), row[at], true);
    empty = false;
  }
  return made(call, xml::element(row[0].text(), attributes, content, empty));
}

Value forest(Call& call, std::span<const Value> row) {
  std::string out;
  bool any = false;
  for (size_t i = 0; i + 1 < row.size(); i += 2) {
    if (row[i + 1].is_null) continue;
    std::string name(row[i].text());
    out += "<" + name + ">" + xml_value_text(call.types(), call.argument_type(i + 1), row[i + 1], true) + "</" + name + ">";
    any = true;
  }
  return any ? made(call, out) : Value::null();
}

Value concat(Call& call, std::span<const Value> row) {
  std::vector<std::string_view> parts;
  for (const Value& value : row) {
    if (!value.is_null) parts.push_back(value.text());
  }
  return parts.empty() ? Value::null() : made(call, xml::concat(parts));
}

Value parse(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  xml::check(row[0].text(), row[2].boolean ? xml::Option::Document : xml::Option::Content, row[1].boolean);
  return made(call, row[0].text());
}

Value processing_instruction(Call& call, std::span<const Value> row) {
  std::string_view target = row[0].text();
  if (target.size() == 3 && strncasecmp(target.data(), "xml", 3) == 0) {
    throw SqlError(Sqlstate::InvalidXmlProcessingInstruction, "invalid XML processing instruction")
        .detail("XML processing instruction target name cannot be \"" + std::string(target) + "\".");
  }
  std::string out = "<?" + std::string(target);
  if (row.size() > 1) {
    if (row[1].is_null) return Value::null();
    std::string_view content = row[1].text();
    if (content.find("?>") != std::string_view::npos) {
      throw SqlError(Sqlstate::InvalidXmlProcessingInstruction, "invalid XML processing instruction").detail("XML processing instruction cannot contain \"?>\".");
    }
    while (content.starts_with(' ')) content.remove_prefix(1);
    out += " " + std::string(content);
  }
  return made(call, out + "?>");
}

Value root(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  xml::Declaration declaration = xml::read_declaration(row[0].text());
  declaration.version = row[1].is_null ? std::string() : std::string(row[1].text());
  switch (row[2].i32) {
    case 0: declaration.standalone = 1; break;
    case 1: declaration.standalone = 0; break;
    case 2: declaration.standalone = -1; break;
    default: break;
  }
  return made(call, xml::make_declaration(declaration.version, declaration.standalone) + std::string(row[0].text().substr(declaration.length)));
}

Value serialize(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  if (row[1].boolean && !xml::is_well_formed(row[0].text(), xml::Option::Document)) throw SqlError(Sqlstate::NotAnXmlDocument, "not an XML document");
  return made(call, row[0].text());
}

Value is_document(Call&, std::span<const Value> row) {
  return row[0].is_null ? Value::null() : Value::of_bool(xml::is_well_formed(row[0].text(), xml::Option::Document));
}

std::string comment(Text text) {
  if (text.find("--") != Text::npos || text.ends_with('-')) throw SqlError(Sqlstate::InvalidXmlComment, "invalid XML comment");
  return "<!--" + std::string(text) + "-->";
}

xml::Option session_option(const types::TypeContext& context) { return context.xml_document ? xml::Option::Document : xml::Option::Content; }

Text from_text(Call& call, Text text) {
  xml::check(text, session_option(call.types()));
  return text;
}

xml::Namespaces namespaces_of(const Value& value) {
  xml::Namespaces result;
  types::ArrayView array(value.text());
  if (array.dimensions() == 0) return result;
  if (array.dimensions() != 2 || array.length(1) != 2) {
    throw SqlError(Sqlstate::DataException, "invalid array for XML namespace mapping")
        .detail("The array must be two-dimensional with length of the second axis equal to 2.");
  }
  for (size_t i = 0; i + 1 < array.size(); i += 2) {
    Value prefix = array.get(i), uri = array.get(i + 1);
    if (prefix.is_null || uri.is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "neither namespace name nor URI may be null");
    result.emplace_back(prefix.text(), uri.text());
  }
  return result;
}

Value xpath(Call& call, std::span<const Value> row) {
  types::ArrayBuilder builder(oid::kXml);
  for (const auto& text : xml::evaluate_path(row[0].text(), row[1].text(), row.size() > 2 ? namespaces_of(row[2]) : xml::Namespaces())) {
    builder.add(made(call, text));
  }
  return builder.value(call.arena());
}

// PostgreSQL writes it in SQL, and its errors tell.
Value xpath_without_namespaces(Call& call, std::span<const Value> row) {
  try {
    return xpath(call, row);
  } catch (SqlError& error) {
    error.context("SQL function \"xpath\" statement 1");
    throw;
  }
}

Value xpath_exists(Call&, std::span<const Value> row) {
  return Value::of_bool(xml::path_exists(row[0].text(), row[1].text(), row.size() > 2 ? namespaces_of(row[2]) : xml::Namespaces()));
}

Value not_null(Call&, std::span<const Value> row) {
  if (row[0].is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "null is not allowed in column \"" + std::string(row[1].text()) + "\"");
  return row[0];
}

constexpr ScalarBinding kBindings[] = {
    {"xmlcomment", kernel<comment>},
    {"texttoxml", kernel<from_text>},
    {"xmltotext", kernel<[](Text a) { return xml::output(a); }>},
    {"xmlconcat2", value_kernel<concat>},
    {"xmlexists", strict_value_kernel<xpath_exists>},
    {"xpath_exists", strict_value_kernel<xpath_exists>},
    {"xpath_exists(text,xml)", strict_value_kernel<xpath_exists>},
    {"xpath", strict_value_kernel<xpath>},
    {"xpath(text,xml)", strict_value_kernel<xpath_without_namespaces>},
    {"xml_is_well_formed", kernel<[](Call& call, Text a) { return xml::is_well_formed(a, session_option(call.types())); }>},
    {"xml_is_well_formed_document", kernel<[](Text a) { return xml::is_well_formed(a, xml::Option::Document); }>},
    {"xml_is_well_formed_content", kernel<[](Text a) { return xml::is_well_formed(a, xml::Option::Content); }>},
    {"xml_send", kernel<[](Text a) { return xml::output(a); }>},
};

std::unique_ptr<SetScan> table(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null || arguments[1].is_null) {
    if (arguments[0].is_null) return nullptr;
    throw SqlError(Sqlstate::NullValueNotAllowed, "row filter expression must not be null");
  }
  auto count = static_cast<size_t>(arguments[2].i32);
  std::vector<xml::TableColumn> columns;
  for (size_t i = 0; i < count; ++i) {
    const Value& path = arguments[3 + 3 * i];
    std::string name(arguments[4 + 3 * i].text());
    if (path.is_null) {
      throw SqlError(Sqlstate::NullValueNotAllowed, "column filter expression must not be null").detail("Filter for column \"" + name + "\" is null.");
    }
    char kind = arguments[5 + 3 * i].text()[0];
    columns.push_back({std::string(path.text()), name, kind == 'x', kind == 'n'});
  }
  xml::Namespaces namespaces;
  for (size_t at = 3 + 3 * count; at + 1 < arguments.size(); at += 2) {
    if (arguments[at + 1].is_null) throw SqlError(Sqlstate::NullValueNotAllowed, "namespace URI must not be null");
    namespaces.emplace_back(arguments[at].text(), arguments[at + 1].text());
  }
  auto scan = std::make_unique<ListScan>();
  int64_t number = 0;
  for (const auto& values : xml::table_rows(arguments[0].text(), arguments[1].text(), columns, namespaces)) {
    types::RecordBuilder row;
    row.add(oid::kInt8, Value::of_i64(++number));
    for (const auto& value : values) row.add(oid::kText, value.is_null ? Value::null() : Value::of_string(value.text));
    if (values.empty()) row.add(oid::kText, Value::null());
    scan->add({Value::of_string(row.finish(scan->arena()))});
  }
  return scan;
}

Function make_function(std::string_view name, ScalarKernel kernel, Oid result = oid::kXml) {
  Function function;
  function.name = name;
  function.symbol = name;
  function.result = result;
  function.volatility = Volatility::Immutable;
  function.strict = false;
  function.kernel = kernel;
  return function;
}

}  // namespace

std::span<const ScalarBinding> xml_bindings() { return kBindings; }

const Function& xml_element_function() {
  static const Function function = [] {
    Function made = make_function("xmlelement", value_kernel<element>);
    made.volatility = Volatility::Stable;  // dates follow the session's time zone
    return made;
  }();
  return function;
}
const Function& xml_forest_function() {
  static const Function function = [] {
    Function made = make_function("xmlforest", value_kernel<forest>);
    made.volatility = Volatility::Stable;
    return made;
  }();
  return function;
}
const Function& xml_concat_function() {
  static const Function function = make_function("xmlconcat", value_kernel<concat>);
  return function;
}
const Function& xml_parse_function() {
  static const Function function = make_function("xmlparse", value_kernel<parse>);
  return function;
}
const Function& xml_pi_function() {
  static const Function function = make_function("xmlpi", value_kernel<processing_instruction>);
  return function;
}
const Function& xml_root_function() {
  static const Function function = make_function("xmlroot", value_kernel<root>);
  return function;
}
const Function& xml_serialize_function() {
  static const Function function = make_function("xmlserialize", value_kernel<serialize>, oid::kText);
  return function;
}
const Function& xml_is_document_function() {
  static const Function function = make_function("xml_is_document", value_kernel<is_document>, oid::kBool);
  return function;
}
const Function& xml_not_null_function() {
  static const Function function = make_function("not_null", value_kernel<not_null>);
  return function;
}
const Function& xml_table_function() {
  static const Function function = [] {
    Function made = make_function("xmltable", nullptr, oid::kRecord);
    made.set = table;
    made.returns_set = true;
    return made;
  }();
  return function;
}

}  // namespace aegis::functions
