// The scanner's insides, shared by lexer.cpp (tokens) and literals.cpp (strings and escapes).
#pragma once

#include "aegis/parser/parser.h"
#include "lexer/lexer.h"

namespace aegis::parser {

class Scanner {
 public:
  Scanner(std::string_view text, const LexerSettings& settings, Arena& arena, TokenList& out)
      : text_(text), settings_(settings), arena_(arena), out_(out) {}
  // Throws SqlError at the first lexical error, after the tokens before it.
  void run();
  size_t position() const { return at_; }

 private:
  enum class Escapes { None, Backslash };

  unsigned char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? static_cast<unsigned char>(text_[at_ + ahead]) : 0;
  }
  bool at_end() const { return at_ >= text_.size(); }
  void next();
  void skip_whitespace_and_comments();
  void skip_block_comment();
  void word();
  void number();
  void number_junk(size_t start, const char* what);
  void operator_or_punctuation();
  void dollar();
  void dollar_quote(size_t start, size_t tag_end);
  void parameter(size_t start);
  bool prefixed_literal();

  // literals.cpp
  void string_literal(size_t start, size_t quote_at, Escapes escapes);
  void bit_literal(size_t start, uint16_t type, char prefix);
  void unicode_string(size_t start);
  void quoted_identifier(size_t start, size_t quote_at);
  void unicode_identifier(size_t start);
  std::string read_quoted(size_t start, char quote, const char* what);
  bool string_continues();
  void plain_section(size_t start, std::string& value);
  void backslash_section(size_t start, std::string& value);
  void backslash_escape(size_t start, std::string& value);
  void unicode_escape(size_t escape_at, std::string& value);
  uint32_t hex_escape(size_t escape_at, int digits);
  char uescape(std::string_view what);
  std::string decode_unicode(std::string_view raw, size_t raw_at, char escape);

  void push(uint16_t type, size_t start, std::string_view value, bool quoted = false) {
    out_.tokens.push_back({type, quoted, static_cast<int>(start), static_cast<int>(at_), value});
  }
  std::string_view keep(const std::string& value) {
    return value.empty() ? std::string_view("", 0) : arena_.copy(value);
  }
  std::string_view identifier(std::string_view name);
  // `message at or near "text from start to here"`.
  [[noreturn]] void fail(const char* message, size_t start);
  [[noreturn]] void fail_escape(Sqlstate state, const char* message, const char* hint, size_t at);

  std::string_view text_;
  const LexerSettings& settings_;
  Arena& arena_;
  TokenList& out_;
  size_t at_ = 0;
};

inline bool is_space(unsigned char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
inline bool is_newline(unsigned char c) { return c == '\n' || c == '\r'; }
inline bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
inline bool is_identifier_start(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}
inline bool is_identifier_part(unsigned char c) { return is_identifier_start(c) || is_digit(c) || c == '$'; }

}  // namespace aegis::parser
