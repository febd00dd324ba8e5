#include "copy_options.h"

#include <algorithm>

#include "aegis/base/error.h"
#include "names.h"

namespace aegis::commands {
namespace {

[[noreturn]] void unsupported(std::string message) { throw SqlError(Sqlstate::FeatureNotSupported, std::move(message)); }
[[noreturn]] void invalid(std::string message) { throw SqlError(Sqlstate::InvalidParameterValue, std::move(message)); }

std::string text_of(const ast::DefElem& option) {
  if (auto* text = ast::node_cast<ast::String>(option.arg)) return std::string(text->sval);
  if (auto* number = ast::node_cast<ast::Integer>(option.arg)) return std::to_string(number->ival);
  if (auto* number = ast::node_cast<ast::Float>(option.arg)) return std::string(number->fval);
  if (auto* flag = ast::node_cast<ast::Boolean>(option.arg)) return flag->boolval ? "true" : "false";
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires a parameter");
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool boolean_of(const ast::DefElem& option, const char* what = "a Boolean value") {
  if (option.arg == nullptr) return true;
  std::string text = lower(text_of(option));
  if (text == "true" || text == "on" || text == "1") return true;
  if (text == "false" || text == "off" || text == "0") return false;
  throw SqlError(Sqlstate::SyntaxError, std::string(option.defname) + " requires " + what);
}

std::vector<std::string> columns_of(CommandContext& context, const ast::DefElem& option) {
  auto* list = ast::node_cast<ast::ListNode>(option.arg);
  if (list == nullptr) {
    throw SqlError(Sqlstate::InvalidParameterValue, "argument to option \"" + std::string(option.defname) + "\" must be a list of column names")
        .position(position_of(context, option));
  }
  std::vector<std::string> names;
  for (const auto* item : list->items) names.emplace_back(ast::node_cast<ast::String>(item)->sval);
  return names;
}

struct Given {
  bool format = false, freeze = false, delimiter = false, null = false, header = false, quote = false, escape = false;
  bool force_quote = false, force_not_null = false, force_null = false, encoding = false;
  std::string delimiter_text, quote_text, escape_text;
};

void check_delimiter(const CopyOptions& out, const Given& given) {
  bool csv = out.format == CopyFormat::Csv;
  if (given.delimiter_text.size() != 1) unsupported("COPY delimiter must be a single one-byte character");
  char c = out.delimiter;
  if (c == '\n' || c == '\r') invalid("COPY delimiter cannot be newline or carriage return");
  if (out.null_text.find_first_of("\r\n") != std::string::npos) invalid("COPY null representation cannot use newline or carriage return");
  if (!csv && std::string_view("\\.abcdefghijklmnopqrstuvwxyz0123456789").find(c) != std::string_view::npos) {
    invalid("COPY delimiter cannot be \"" + given.delimiter_text + "\"");
  }
}

void check_csv(const CopyOptions& out, const Given& given, bool is_from) {
  bool csv = out.format == CopyFormat::Csv;
  if (!csv && given.quote) unsupported("COPY quote available only in CSV mode");
  if (csv && given.quote_text.size() != 1) unsupported("COPY quote must be a single one-byte character");
  if (csv && out.delimiter == out.quote) invalid("COPY delimiter and quote must be different");
  if (!csv && given.escape) unsupported("COPY escape available only in CSV mode");
  if (csv && given.escape && given.escape_text.size() != 1) unsupported("COPY escape must be a single one-byte character");
  if (!csv && given.force_quote) unsupported("COPY force quote available only in CSV mode");
  if (given.force_quote && is_from) unsupported("COPY force quote only available using COPY TO");
  if (!csv && given.force_not_null) unsupported("COPY force not null available only in CSV mode");
  if (given.force_not_null && !is_from) unsupported("COPY force not null only available using COPY FROM");
  if (!csv && given.force_null) unsupported("COPY force null available only in CSV mode");
  if (given.force_null && !is_from) unsupported("COPY force null only available using COPY FROM");
  if (out.null_text.find(out.delimiter) != std::string::npos) unsupported("COPY delimiter must not appear in the NULL specification");
  if (csv && out.null_text.find(out.quote) != std::string::npos) unsupported("CSV quote character must not appear in the NULL specification");
}

void read_option(CommandContext& context, const ast::DefElem& option, bool is_from, CopyOptions& out, Given& given) {
  auto once = [&](bool& flag) {
    if (flag) throw SqlError(Sqlstate::SyntaxError, "conflicting or redundant options").position(position_of(context, option));
    flag = true;
  };
  std::string_view name = option.defname;
  if (name == "format") {
    once(given.format);
    std::string format = text_of(option);
    if (format == "text") out.format = CopyFormat::Text;
    else if (format == "csv") out.format = CopyFormat::Csv;
    else if (format == "binary") out.format = CopyFormat::Binary;
    else throw SqlError(Sqlstate::InvalidParameterValue, "COPY format \"" + format + "\" not recognized").position(position_of(context, option));
  } else if (name == "freeze") {
    once(given.freeze);
    boolean_of(option);
  } else if (name == "delimiter") {
    once(given.delimiter);
    given.delimiter_text = text_of(option);
  } else if (name == "null") {
    once(given.null);
    out.null_text = text_of(option);
  } else if (name == "header") {
    once(given.header);
    if (option.arg != nullptr && lower(text_of(option)) == "match") {
      if (!is_from) unsupported("cannot use \"match\" with HEADER in COPY TO");
      out.header = CopyHeader::Match;
    } else {
      out.header = boolean_of(option, "a Boolean value or \"match\"") ? CopyHeader::Yes : CopyHeader::No;
    }
  } else if (name == "quote") {
    once(given.quote);
    given.quote_text = text_of(option);
  } else if (name == "escape") {
    once(given.escape);
    given.escape_text = text_of(option);
  } else if (name == "force_quote") {
    once(given.force_quote);
    out.force_quote_all = ast::is_node<ast::AStar>(option.arg);
    if (!out.force_quote_all) out.force_quote = columns_of(context, option);
  } else if (name == "force_not_null") {
    once(given.force_not_null);
    out.force_not_null = columns_of(context, option);
  } else if (name == "force_null") {
    once(given.force_null);
    out.force_null = columns_of(context, option);
  } else if (name == "encoding") {
    once(given.encoding);
    const functions::Encoding* encoding = functions::find_encoding(text_of(option));
    if (encoding == nullptr) {
      throw SqlError(Sqlstate::InvalidParameterValue, "argument to option \"" + std::string(name) + "\" must be a valid encoding name")
          .position(position_of(context, option));
    }
    bool same = encoding->number == functions::kUtf8Encoding || encoding->name == "SQL_ASCII";
    if (!same && encoding->converter == nullptr) throw_not_supported("encoding \"" + text_of(option) + "\"");
    if (!same) out.encoding = encoding;
  } else {
    throw SqlError(Sqlstate::SyntaxError, "option \"" + std::string(name) + "\" not recognized").position(position_of(context, option));
  }
}

}  // namespace

CopyOptions read_copy_options(CommandContext& context, const ast::CopyStmt& statement) {
  CopyOptions out;
  Given given;
  for (const auto* option : statement.options) read_option(context, *option, statement.is_from, out, given);
  bool csv = out.format == CopyFormat::Csv;
  if (out.format == CopyFormat::Binary) {
    auto refuse = [](const char* what) { throw SqlError(Sqlstate::SyntaxError, std::string("cannot specify ") + what + " in BINARY mode"); };
    if (given.delimiter) refuse("DELIMITER");
    if (given.null) refuse("NULL");
    if (out.header != CopyHeader::No) unsupported("cannot specify HEADER in BINARY mode");
    if (out.encoding != nullptr) throw_not_supported("an encoding other than UTF8 in BINARY mode");
  }
  if (!given.null && csv) out.null_text.clear();
  if (!given.delimiter) given.delimiter_text = csv ? "," : "\t";
  out.delimiter = given.delimiter_text.empty() ? '\0' : given.delimiter_text[0];
  if (!given.quote) given.quote_text = "\"";
  out.quote = given.quote_text.empty() ? '\0' : given.quote_text[0];
  out.escape = given.escape && !given.escape_text.empty() ? given.escape_text[0] : out.quote;
  check_delimiter(out, given);
  check_csv(out, given, statement.is_from);
  return out;
}

}  // namespace aegis::commands
