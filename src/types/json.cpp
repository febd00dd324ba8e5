// The JSON parser and json, which keeps the text as it was written.
#include "aegis/types/json.h"

#include <cctype>
#include <cstdio>

#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

constexpr int kMaxDepth = 6000;

enum class Token : uint8_t { End, String, Number, True, False, Null, ObjectStart, ObjectEnd, ArrayStart, ArrayEnd, Comma, Colon };
enum class Expecting : uint8_t { Value, String, ArrayNext, ObjectFirst, ObjectLabel, ObjectNext, End };

bool is_word(char c) {
  auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) || c == '_' || u >= 0x80;
}

class JsonParser {
 public:
  JsonParser(std::string_view text, JsonStrings strings, bool build) : text_(text), decode_(strings == JsonStrings::Decode), build_(build) {}

  JsonNode parse() {
    JsonNode root;
    lex();
    parse_value(root, 0);
    if (token_ != Token::End) fail_parse(Expecting::End);
    return root;
  }

 private:
  // --- Errors ---
  [[noreturn]] void fail(const std::string& detail, bool unicode = false) {
    SqlError error(unicode ? Sqlstate::UntranslatableCharacter : Sqlstate::InvalidTextRepresentation,
                   unicode ? "unsupported Unicode escape sequence" : "invalid input syntax for type json");
    error.detail(detail);
    size_t start = line_start_;
    while (terminator_ - start >= 50 && start < terminator_) start += utf8_bytes(text_[start]);
    if (start - line_start_ <= 3) start = line_start_;
    bool more = token_ != Token::End && terminator_ < text_.size() && text_[terminator_] != '\n' && text_[terminator_] != '\r';
    error.context("JSON data, line " + std::to_string(line_) + ": " + (start > line_start_ ? "..." : "") +
                  std::string(text_.substr(start, terminator_ - start)) + (more ? "..." : ""));
    throw error;
  }
  std::string token_text() const { return std::string(text_.substr(token_start_, terminator_ - token_start_)); }
  [[noreturn]] void fail_token() { fail("Token \"" + token_text() + "\" is invalid."); }
  [[noreturn]] void fail_parse(Expecting what) {
    if (token_ == Token::End) fail("The input string ended unexpectedly.");
    const char* expected = "";
    switch (what) {
      case Expecting::Value: expected = "JSON value"; break;
      case Expecting::String: expected = "string"; break;
      case Expecting::ArrayNext: expected = "\",\" or \"]\""; break;
      case Expecting::ObjectFirst: expected = "string or \"}\""; break;
      case Expecting::ObjectLabel: expected = "\":\""; break;
      case Expecting::ObjectNext: expected = "\",\" or \"}\""; break;
      case Expecting::End: expected = "end of input"; break;
    }
    fail(std::string("Expected ") + expected + ", but found \"" + token_text() + "\".");
  }

  // --- Tokens ---
  void lex() {
    previous_ = terminator_;
    size_t at = terminator_;
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t' || text_[at] == '\n' || text_[at] == '\r')) {
      if (text_[at++] == '\n') {
        ++line_;
        line_start_ = at;
      }
    }
    token_start_ = at;
    if (at >= text_.size()) {
      terminator_ = at;
      token_ = Token::End;
      return;
    }
    auto single = [&](Token token) {
      terminator_ = at + 1;
      token_ = token;
    };
    switch (text_[at]) {
      case '{': return single(Token::ObjectStart);
      case '}': return single(Token::ObjectEnd);
      case '[': return single(Token::ArrayStart);
      case ']': return single(Token::ArrayEnd);
      case ',': return single(Token::Comma);
      case ':': return single(Token::Colon);
      case '"':
        token_ = Token::String;
        return lex_string(at);
      case '-': return lex_number(at + 1);
      default: break;
    }
    if (text_[at] >= '0' && text_[at] <= '9') return lex_number(at);
    size_t end = at;
    while (end < text_.size() && is_word(text_[end])) ++end;
    token_ = Token::Null;
    if (end == at) {
      terminator_ = at + 1;
      fail_token();
    }
    terminator_ = end;
    std::string_view word = text_.substr(at, end - at);
    if (word == "true") {
      token_ = Token::True;
    } else if (word == "false") {
      token_ = Token::False;
    } else if (word != "null") {
      fail_token();
    }
  }

  void lex_number(size_t at) {
    auto digit = [&] { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; };
    auto digits = [&] {
      while (digit()) ++at;
    };
    bool error = false;
    token_ = Token::Number;
    if (at < text_.size() && text_[at] == '0') {
      ++at;
    } else if (digit()) {
      digits();
    } else {
      error = true;
    }
    if (at < text_.size() && text_[at] == '.') {
      ++at;
      error = error || !digit();
      digits();
    }
    if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
      ++at;
      if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
      error = error || !digit();
      digits();
    }
    for (; at < text_.size() && is_word(text_[at]); ++at) error = true;
    terminator_ = at;
    if (error) fail_token();
  }

  void lex_string(size_t at) {
    string_.clear();
    int32_t high = -1;
    auto surrogate_error = [&] {
      terminator_ = std::min(text_.size(), at + utf8_bytes(text_[at]));
      fail("Unicode low surrogate must follow a high surrogate.");
    };
    for (++at;; ++at) {
      if (at >= text_.size()) {
        terminator_ = at;
        fail_token();
      }
      char c = text_[at];
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 32) {
        terminator_ = at;
        char hex[8];
        std::snprintf(hex, sizeof hex, "0x%02x", static_cast<unsigned>(c));
        fail(std::string("Character with value ") + hex + " must be escaped.");
      }
      if (c != '\\') {
        if (decode_ && high != -1) surrogate_error();
        if (build_) string_ += c;
        continue;
      }
      if (++at >= text_.size()) {
        terminator_ = at;
        fail_token();
      }
      if (text_[at] == 'u') {
        lex_unicode(at, high);
        continue;
      }
      if (decode_ && high != -1) surrogate_error();
      size_t known = std::string_view("\"\\/bfnrt").find(text_[at]);
      if (known == std::string_view::npos || text_[at] == '\0') {
        token_start_ = at;
        terminator_ = std::min(text_.size(), at + utf8_bytes(text_[at]));
        fail("Escape sequence \"\\" + token_text() + "\" is invalid.");
      }
      if (build_) string_ += "\"\\/\b\f\n\r\t"[known];
    }
    if (decode_ && high != -1) surrogate_error();
    terminator_ = at + 1;
  }

  // `at` is on the u; left on the last digit.
  void lex_unicode(size_t& at, int32_t& high) {
    uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      if (++at >= text_.size()) {
        terminator_ = at;
        fail_token();
      }
      auto c = static_cast<unsigned char>(text_[at]);
      if (!std::isxdigit(c)) {
        terminator_ = std::min(text_.size(), at + utf8_bytes(text_[at]));
        fail("\"\\u\" must be followed by four hexadecimal digits.");
      }
      code = code * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10u);
    }
    if (!decode_) return;
    size_t before = terminator_;
    terminator_ = at + 1;  // for errors
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (high != -1) fail("Unicode high surrogate must not follow a high surrogate.");
      high = static_cast<int32_t>(code);
      terminator_ = before;
      return;
    }
    if (code >= 0xDC00 && code <= 0xDFFF) {
      if (high == -1) fail("Unicode low surrogate must follow a high surrogate.");
      code = 0x10000 + ((static_cast<uint32_t>(high) - 0xD800) << 10) + (code - 0xDC00);
      high = -1;
    }
    if (high != -1) fail("Unicode low surrogate must follow a high surrogate.");
    if (code == 0) fail("\\u0000 cannot be converted to text.", /*unicode=*/true);
    terminator_ = before;
    if (build_) utf8_append(code, string_);
  }

  // --- Grammar ---
  void parse_value(JsonNode& out, int depth) {
    if (depth > kMaxDepth) {
      throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded")
          .hint("Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.");
    }
    out.start = static_cast<uint32_t>(token_start_);
    switch (token_) {
      case Token::ObjectStart: parse_object(out, depth); break;
      case Token::ArrayStart: parse_array(out, depth); break;
      case Token::String:
        out.kind = JsonKind::String;
        out.text = std::move(string_);
        string_.clear();
        lex();
        break;
      case Token::Number:
        out.kind = JsonKind::Number;
        if (build_) out.text = token_text();
        lex();
        break;
      case Token::True:
      case Token::False:
      case Token::Null:
        out.kind = token_ == Token::True ? JsonKind::True : token_ == Token::False ? JsonKind::False : JsonKind::Null;
        lex();
        break;
      default: fail_parse(Expecting::Value);
    }
    out.end = static_cast<uint32_t>(previous_);
  }


  void parse_array(JsonNode& out, int depth) {
    out.kind = JsonKind::Array;
    lex();
    if (token_ != Token::ArrayEnd) {
      parse_item(out, depth);
      while (token_ == Token::Comma) {
        lex();
        parse_item(out, depth);
      }
    }
    if (token_ != Token::ArrayEnd) fail_parse(Expecting::ArrayNext);
    lex();
  }
  void parse_item(JsonNode& out, int depth) {
    if (build_) {
      parse_value(out.items.emplace_back(), depth + 1);
    } else {
      JsonNode ignored;
      parse_value(ignored, depth + 1);
    }
  }

  void parse_object(JsonNode& out, int depth) {
    out.kind = JsonKind::Object;
    lex();
    if (token_ == Token::String) {
      parse_member(out, depth);
      while (token_ == Token::Comma) {
        lex();
        parse_member(out, depth);
      }
    } else if (token_ != Token::ObjectEnd) {
      fail_parse(Expecting::ObjectFirst);
    }
    if (token_ != Token::ObjectEnd) fail_parse(Expecting::ObjectNext);
    lex();
  }
  void parse_member(JsonNode& out, int depth) {
    if (token_ != Token::String) fail_parse(Expecting::String);
    if (build_) out.keys.push_back(std::move(string_));
    string_.clear();
    lex();
    if (token_ != Token::Colon) fail_parse(Expecting::ObjectLabel);
    lex();
    parse_item(out, depth);
  }

  std::string_view text_;
  bool decode_;
  bool build_;
  Token token_ = Token::End;
  size_t token_start_ = 0;
  size_t terminator_ = 0;
  size_t previous_ = 0;
  size_t line_start_ = 0;
  int line_ = 1;
  std::string string_;
};

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  check_json(text);
  return string_value(text, arena);
}
void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }

Value receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  return input(context, bytes, type, arena);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }

}  // namespace

JsonNode parse_json(std::string_view text, JsonStrings strings) { return JsonParser(text, strings, /*build=*/true).parse(); }
void check_json(std::string_view text) { JsonParser(text, JsonStrings::Keep, /*build=*/false).parse(); }

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      default:
        if (static_cast<unsigned char>(c) < ' ') {
          char hex[8];
          std::snprintf(hex, sizeof hex, "\\u%04x", static_cast<unsigned>(c));
          out += hex;
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

const Family kJsonFamily = {input, output, receive, send};

}  // namespace aegis::types
