#include "aegis/types/xml.h"

#include <libxml/chvalid.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlwriter.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <cmath>
#include <cstdarg>
#include <memory>
#include <mutex>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types::xml {
namespace {

const xmlChar* bytes(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
std::string take(xmlChar* text) {
  std::string copy = text == nullptr ? "" : reinterpret_cast<const char*>(text);
  xmlFree(text);
  return copy;
}

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* value) const {
    Free(value);
  }
};
using ParserPtr = std::unique_ptr<xmlParserCtxt, Deleter<xmlFreeParserCtxt>>;
using DocPtr = std::unique_ptr<xmlDoc, Deleter<xmlFreeDoc>>;
using PathContextPtr = std::unique_ptr<xmlXPathContext, Deleter<xmlXPathFreeContext>>;
using CompiledPtr = std::unique_ptr<xmlXPathCompExpr, Deleter<xmlXPathFreeCompExpr>>;
using ObjectPtr = std::unique_ptr<xmlXPathObject, Deleter<xmlXPathFreeObject>>;
using BufferPtr = std::unique_ptr<xmlBuffer, Deleter<xmlBufferFree>>;

// Documents never make the server read files or the network.
xmlParserInputPtr no_entities(const char*, const char*, xmlParserCtxtPtr context) { return xmlNewStringInputStream(context, bytes("")); }

void initialize() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(no_entities);
  });
}

// Gathers libxml's errors of one operation on this thread.
class Errors {
 public:
  enum class Strictness : uint8_t { WellFormed, All };

  explicit Errors(Strictness strictness) : strictness_(strictness) {
    initialize();
    saved_function_ = xmlStructuredError;
    saved_context_ = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(this, handle);
  }
  ~Errors() { xmlSetStructuredErrorFunc(saved_context_, saved_function_); }

  bool occurred() const { return occurred_; }
  [[noreturn]] void raise(Sqlstate sqlstate, const std::string& message) const {
    SqlError error(sqlstate, message);
    if (!text_.empty()) error.detail(text_);
    throw error;
  }

 private:
  static bool is_namespace_code(int code) {
    switch (code) {
      case XML_WAR_NS_URI:
      case XML_ERR_NS_DECL_ERROR:
      case XML_WAR_NS_URI_RELATIVE:
      case XML_WAR_NS_COLUMN:
      case XML_NS_ERR_XML_NAMESPACE:
      case XML_NS_ERR_UNDEFINED_NAMESPACE:
      case XML_NS_ERR_QNAME:
      case XML_NS_ERR_ATTRIBUTE_REDEFINED:
      case XML_NS_ERR_EMPTY: return true;
      default: return false;
    }
  }

  static void append(void* context, const char* format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    *static_cast<std::string*>(context) += text;
  }
  static void chop(std::string& text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
  }

#if LIBXML_VERSION >= 21200
  static void handle(void* self, const xmlError* error) { static_cast<Errors*>(self)->add(*error); }
#else
  static void handle(void* self, xmlErrorPtr error) { static_cast<Errors*>(self)->add(*error); }
#endif

  void add(const xmlError& error) {
    int domain = is_namespace_code(error.code) ? static_cast<int>(XML_FROM_NAMESPACE) : error.domain;
    bool of_parser = domain == XML_FROM_PARSER || domain == XML_FROM_NONE || domain == XML_FROM_MEMORY || domain == XML_FROM_IO;
    if (of_parser && error.code == XML_WAR_UNDECLARED_ENTITY) return;
    // It only follows from another error.
    if (of_parser && error.code == XML_ERR_NOT_WELL_BALANCED && occurred_) return;
    if (!of_parser && strictness_ == Strictness::WellFormed) return;
    auto* parser = of_parser || domain == XML_FROM_NAMESPACE || domain == XML_FROM_HTML || domain == XML_FROM_DTD ? static_cast<xmlParserCtxtPtr>(error.ctxt) : nullptr;
    std::string entry;
    if (error.line > 0) entry += "line " + std::to_string(error.line) + ": ";
    if (error.node != nullptr && static_cast<xmlNodePtr>(error.node)->type == XML_ELEMENT_NODE) {
      const auto* name = static_cast<xmlNodePtr>(error.node)->name;
      if (name != nullptr) entry += std::string("element ") + reinterpret_cast<const char*>(name) + ": ";
    }
    entry += error.message != nullptr ? error.message : "(no message provided)";
    if (parser != nullptr && parser->input != nullptr) {
      chop(entry);
      entry += "\n";
      xmlGenericErrorFunc function = xmlGenericError;
      void* context = xmlGenericErrorContext;
      xmlSetGenericErrorFunc(&entry, append);
      xmlParserPrintFileContext(parser->input);
      xmlSetGenericErrorFunc(context, function);
    }
    chop(entry);
    if (error.level < XML_ERR_ERROR) return;
    text_ += (text_.empty() ? "" : "\n") + entry;
    occurred_ = true;
  }

  Strictness strictness_;
  xmlStructuredErrorFunc saved_function_;
  void* saved_context_;
  std::string text_;
  bool occurred_ = false;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Whether a document type declaration comes before any element: such content can only be a document.
bool has_doctype(std::string_view text) {
  while (true) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (text.starts_with("<!DOCTYPE")) return true;
    size_t end = text.starts_with("<!--") ? text.find("-->") : text.starts_with("<?") ? text.find("?>") : std::string_view::npos;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + (text.starts_with("<!--") ? 3 : 2));
  }
}

// Null when it is not well-formed, which `errors` then say; content has no document of its own.
void parse(std::string_view text, Option option, bool preserve_whitespace, Errors& errors) {
  std::string copy(text);
  bool as_document = option == Option::Document;
  Declaration declaration;
  if (!as_document) {
    declaration = read_declaration(text);
    if (declaration.malformed) errors.raise(Sqlstate::InvalidXmlContent, "invalid XML content: invalid XML declaration");
    as_document = has_doctype(text.substr(declaration.length));
  }
  if (as_document) {
    ParserPtr parser(xmlNewParserCtxt());
    if (parser == nullptr) throw SqlError(Sqlstate::OutOfMemory, "could not allocate parser context");
    int options = XML_PARSE_NOENT | XML_PARSE_DTDATTR | (preserve_whitespace ? 0 : XML_PARSE_NOBLANKS);
    DocPtr document(xmlCtxtReadDoc(parser.get(), bytes(copy.c_str()), nullptr, "UTF-8", options));
    if (document == nullptr || errors.occurred()) {
      errors.raise(option == Option::Document ? Sqlstate::InvalidXmlDocument : Sqlstate::InvalidXmlContent,
                   option == Option::Document ? "invalid XML document" : "invalid XML content");
    }
    return;
  }
  DocPtr document(xmlNewDoc(nullptr));
  document->encoding = xmlStrdup(bytes("UTF-8"));
  document->standalone = declaration.standalone;
  const char* rest = copy.c_str() + declaration.length;
  if (*rest == '\0') return;
  int result = xmlParseBalancedChunkMemory(document.get(), nullptr, nullptr, 0, bytes(rest), nullptr);
  if (result != 0 || errors.occurred()) errors.raise(Sqlstate::InvalidXmlContent, "invalid XML content");
}

std::string node_text(xmlNodePtr node) {
  if (node->type == XML_ATTRIBUTE_NODE || node->type == XML_TEXT_NODE) return escape(take(xmlXPathCastNodeToString(node)));
  BufferPtr buffer(xmlBufferCreate());
  // The copy brings its namespaces along.
  xmlNodePtr copy = xmlCopyNode(node, 1);
  if (copy == nullptr) throw SqlError(Sqlstate::OutOfMemory, "could not copy node");
  xmlNodeDump(buffer.get(), node->doc, copy, 0, 0);
  if (copy->type == XML_DOCUMENT_NODE) {
    xmlFreeDoc(reinterpret_cast<xmlDocPtr>(copy));
  } else {
    xmlFreeNode(copy);
  }
  return reinterpret_cast<const char*>(xmlBufferContent(buffer.get()));
}

std::string number_text(double number) {
  std::string text;
  TypeContext context;
  type_info(oid::kFloat8).output(context, Value::of_f64(number), oid::kFloat8, text);
  return text;
}

// A document with what it takes to ask paths of it.
class PathDocument {
 public:
  PathDocument(std::string_view text, const Namespaces& namespaces, Errors& errors) {
    std::string copy(text.substr(read_declaration(text).length));
    parser_.reset(xmlNewParserCtxt());
    document_.reset(xmlCtxtReadMemory(parser_.get(), copy.data(), static_cast<int>(copy.size()), nullptr, nullptr, 0));
    if (document_ == nullptr || errors.occurred()) errors.raise(Sqlstate::InvalidXmlDocument, "could not parse XML document");
    context_.reset(xmlXPathNewContext(document_.get()));
    if (context_ == nullptr) throw SqlError(Sqlstate::OutOfMemory, "could not allocate XPath context");
    context_->node = reinterpret_cast<xmlNodePtr>(document_.get());
    for (const auto& [prefix, uri] : namespaces) {
      if (xmlXPathRegisterNs(context_.get(), bytes(prefix.c_str()), bytes(uri.c_str())) != 0) {
        errors.raise(Sqlstate::ExternalRoutineException, "could not register XML namespace with name \"" + prefix + "\" and URI \"" + uri + "\"");
      }
    }
  }

  CompiledPtr compile(std::string_view path, Errors& errors) {
    CompiledPtr compiled(xmlXPathCtxtCompile(context_.get(), bytes(std::string(path).c_str())));
    if (compiled == nullptr || errors.occurred()) errors.raise(Sqlstate::DataException, "invalid XPath expression");
    return compiled;
  }
  ObjectPtr evaluate(xmlXPathCompExpr& path, Errors& errors) {
    ObjectPtr object(xmlXPathCompiledEval(&path, context_.get()));
    if (object == nullptr || errors.occurred()) errors.raise(Sqlstate::DataException, "could not create XPath object");
    return object;
  }
  void set_node(xmlNodePtr node) { context_->node = node; }

 private:
  ParserPtr parser_;
  DocPtr document_;
  PathContextPtr context_;
};

void require_path(std::string_view path) {
  if (path.empty()) throw SqlError(Sqlstate::DataException, "empty XPath expression");
}

bool is_letter(int c) { return xmlIsBaseCharQ(static_cast<unsigned>(c)) || xmlIsIdeographicQ(static_cast<unsigned>(c)); }
bool begins_name(int c) { return is_letter(c) || c == '_' || c == ':'; }
bool continues_name(int c) {
  auto u = static_cast<unsigned>(c);
  return is_letter(c) || xmlIsDigitQ(u) || c == '.' || c == '-' || c == '_' || c == ':' || xmlIsCombiningQ(u) || xmlIsExtenderQ(u);
}

}  // namespace

Declaration read_declaration(std::string_view text) {
  Declaration result;
  if (!text.starts_with("<?xml")) return result;
  // <?xml-stylesheet … is a processing instruction.
  size_t at = 5;
  if (at >= text.size() || !is_space(text[at])) {
    if (at < text.size() && continues_name(static_cast<unsigned char>(text[at]))) return result;
    result.malformed = true;
    return result;
  }
  auto spaces = [&] {
    while (at < text.size() && is_space(text[at])) ++at;
  };
  auto fail = [&] {
    result = Declaration();
    result.malformed = true;
    return result;
  };
  // name = "value"; false when another name is there.
  auto attribute = [&](std::string_view name, std::string& value, bool& broken) {
    if (!text.substr(at).starts_with(name)) return false;
    at += name.size();
    spaces();
    if (at >= text.size() || text[at] != '=') return broken = true;
    ++at;
    spaces();
    if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return broken = true;
    size_t end = text.find(text[at], at + 1);
    if (end == std::string_view::npos) return broken = true;
    value = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return true;
  };
  bool broken = false;
  std::string encoding, standalone;
  spaces();
  if (!attribute("version", result.version, broken) || broken) return fail();
  size_t before = at;
  spaces();
  if (attribute("encoding", encoding, broken)) {
    if (broken || before == at) return fail();
    before = at;
    spaces();
  }
  if (attribute("standalone", standalone, broken)) {
    if (broken || (standalone != "yes" && standalone != "no")) return fail();
    result.standalone = standalone == "yes" ? 1 : 0;
    spaces();
  }
  if (!text.substr(at).starts_with("?>")) return fail();
  result.length = at + 2;
  for (size_t i = 0; i < result.length; ++i) {
    if (static_cast<unsigned char>(text[i]) > 127) return fail();
  }
  return result;
}

std::string make_declaration(const std::string& version, int standalone) {
  if ((version.empty() || version == "1.0") && standalone == -1) return {};
  std::string text = "<?xml version=\"" + (version.empty() ? "1.0" : version) + "\"";
  if (standalone == 1) text += " standalone=\"yes\"";
  if (standalone == 0) text += " standalone=\"no\"";
  return text + "?>";
}

void check(std::string_view text, Option option, bool preserve_whitespace) {
  Errors errors(Errors::Strictness::WellFormed);
  parse(text, option, preserve_whitespace, errors);
}

bool is_well_formed(std::string_view text, Option option) {
  try {
    check(text, option);
    return true;
  } catch (const SqlError&) {
    return false;
  }
}

std::string output(std::string_view text) {
  Declaration declaration = read_declaration(text);
  if (declaration.malformed || declaration.length == 0) return std::string(text);
  std::string out = make_declaration(declaration.version, declaration.standalone);
  text.remove_prefix(declaration.length);
  // The newline behind a declaration goes with it.
  if (out.empty() && text.starts_with("\n")) text.remove_prefix(1);
  return out + std::string(text);
}

std::string concat(const std::vector<std::string_view>& parts) {
  std::string version, out;
  bool no_version = false;
  int standalone = 1;
  for (auto part : parts) {
    Declaration declaration = read_declaration(part);
    if (declaration.standalone == 0 && standalone == 1) standalone = 0;
    if (declaration.standalone < 0) standalone = -1;
    if (declaration.version.empty()) {
      no_version = true;
    } else if (version.empty()) {
      version = declaration.version;
    } else if (version != declaration.version) {
      no_version = true;
    }
    out += part.substr(declaration.length);
  }
  if (no_version && standalone < 0) return out;
  return make_declaration(no_version ? std::string() : version, standalone) + out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\r': out += "&#x0d;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string name_of(std::string_view identifier, bool fully_escaped, bool escape_period) {
  std::string out;
  size_t at = 0;
  while (at < identifier.size()) {
    size_t start = at;
    auto c = static_cast<int>(utf8_decode(identifier, at));
    bool first = start == 0;
    char code[16];
    snprintf(code, sizeof code, "_x%04X_", static_cast<unsigned>(c));
    std::string_view rest = identifier.substr(start);
    bool says_xml = first && fully_escaped && rest.size() >= 3 && strncasecmp(rest.data(), "xml", 3) == 0;
    if (c == ':' && (first || fully_escaped)) {
      out += "_x003A_";
    } else if (c == '_' && rest.size() > 1 && rest[1] == 'x') {
      out += "_x005F_";
    } else if (says_xml) {
      out += c == 'x' ? "_x0078_" : "_x0058_";
    } else if (escape_period && c == '.') {
      out += "_x002E_";
    } else if (first ? !begins_name(c) : !continues_name(c)) {
      out += code;
    } else {
      out += identifier.substr(start, at - start);
    }
  }
  return out;
}

std::string element(std::string_view name, const std::vector<std::pair<std::string, std::string>>& attributes, std::string_view content, bool empty) {
  initialize();
  BufferPtr buffer(xmlBufferCreate());
  std::unique_ptr<xmlTextWriter, Deleter<xmlFreeTextWriter>> writer(xmlNewTextWriterMemory(buffer.get(), 0));
  if (writer == nullptr) throw SqlError(Sqlstate::OutOfMemory, "could not allocate xmlTextWriter");
  xmlTextWriterStartElement(writer.get(), bytes(std::string(name).c_str()));
  for (const auto& [attribute, value] : attributes) xmlTextWriterWriteAttribute(writer.get(), bytes(attribute.c_str()), bytes(value.c_str()));
  if (!empty) xmlTextWriterWriteRaw(writer.get(), bytes(std::string(content).c_str()));
  xmlTextWriterEndElement(writer.get());
  writer.reset();
  return reinterpret_cast<const char*>(xmlBufferContent(buffer.get()));
}

std::vector<std::string> evaluate_path(std::string_view path, std::string_view document, const Namespaces& namespaces) {
  require_path(path);
  Errors errors(Errors::Strictness::All);
  PathDocument source(document, namespaces, errors);
  CompiledPtr compiled = source.compile(path, errors);
  ObjectPtr object = source.evaluate(*compiled, errors);
  std::vector<std::string> found;
  switch (object->type) {
    case XPATH_NODESET:
      for (int i = 0; object->nodesetval != nullptr && i < object->nodesetval->nodeNr; ++i) found.push_back(node_text(object->nodesetval->nodeTab[i]));
      break;
    case XPATH_BOOLEAN: found.emplace_back(object->boolval != 0 ? "true" : "false"); break;
    case XPATH_NUMBER: found.push_back(number_text(object->floatval)); break;
    case XPATH_STRING: found.push_back(escape(reinterpret_cast<const char*>(object->stringval))); break;
    default: throw SqlError(Sqlstate::DataException, "xpath expression result type " + std::to_string(object->type) + " is unsupported");
  }
  return found;
}

bool path_exists(std::string_view path, std::string_view document, const Namespaces& namespaces) {
  return !evaluate_path(path, document, namespaces).empty();
}

namespace {

TableValue column_value(PathDocument& source, xmlXPathCompExpr& path, const TableColumn& column, Errors& errors) {
  TableValue value;
  ObjectPtr object = source.evaluate(path, errors);
  value.is_null = false;
  switch (object->type) {
    case XPATH_NODESET: {
      int count = object->nodesetval == nullptr ? 0 : object->nodesetval->nodeNr;
      if (count == 0) {
        value.is_null = true;
      } else if (column.is_xml) {
        for (int i = 0; i < count; ++i) value.text += node_text(object->nodesetval->nodeTab[i]);
      } else {
        if (count > 1) throw SqlError(Sqlstate::CardinalityViolation, "more than one value returned by column XPath expression");
        value.text = take(xmlXPathCastNodeSetToString(object->nodesetval));
      }
      break;
    }
    case XPATH_STRING:
      value.text = reinterpret_cast<const char*>(object->stringval);
      if (column.is_xml) value.text = escape(value.text);
      break;
    case XPATH_BOOLEAN:
      value.text = column.is_number ? take(xmlXPathCastNumberToString(xmlXPathCastBooleanToNumber(object->boolval))) : take(xmlXPathCastBooleanToString(object->boolval));
      break;
    case XPATH_NUMBER: value.text = take(xmlXPathCastNumberToString(object->floatval)); break;
    default: throw SqlError(Sqlstate::DataException, "unexpected XPath object type " + std::to_string(object->type));
  }
  return value;
}

}  // namespace

std::vector<std::vector<TableValue>> table_rows(std::string_view document, std::string_view row_path, const std::vector<TableColumn>& columns,
                                                const Namespaces& namespaces) {
  if (row_path.empty()) throw SqlError(Sqlstate::DataException, "row path filter must not be empty string");
  for (const auto& column : columns) {
    if (column.path.empty()) throw SqlError(Sqlstate::DataException, "column path filter must not be empty string");
  }
  Errors errors(Errors::Strictness::All);
  PathDocument source(document, namespaces, errors);
  CompiledPtr rows_path = source.compile(row_path, errors);
  std::vector<CompiledPtr> paths;
  for (const auto& column : columns) paths.push_back(source.compile(column.path, errors));
  ObjectPtr rows = source.evaluate(*rows_path, errors);
  std::vector<std::vector<TableValue>> result;
  if (rows->type != XPATH_NODESET || rows->nodesetval == nullptr) return result;
  for (int i = 0; i < rows->nodesetval->nodeNr; ++i) {
    source.set_node(rows->nodesetval->nodeTab[i]);
    std::vector<TableValue> row;
    for (size_t c = 0; c < columns.size(); ++c) row.push_back(column_value(source, *paths[c], columns[c], errors));
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace aegis::types::xml

namespace aegis::types {
namespace {

Value input(const TypeContext& context, std::string_view text, Type, Arena& arena) {
  xml::check(text, context.xml_document ? xml::Option::Document : xml::Option::Content);
  return Value::of_string(arena.copy(text));
}

void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += xml::output(value.text()); }

Value receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) { return input(context, bytes, type, arena); }

void send(const TypeContext& context, const Value& value, Oid type, std::string& out) { output(context, value, type, out); }

}  // namespace

const Family kXmlFamily = {input, output, receive, send};

}  // namespace aegis::types
