// Strings, bit strings and quoted identifiers, with their escapes.
#include "lexer/scanner.h"
#include "lexer/unicode.h"

namespace aegis::parser {
namespace {

constexpr const char* kUnterminatedString = "unterminated quoted string";
constexpr const char* kUnterminatedBits = "unterminated bit string literal";
constexpr const char* kUnterminatedHex = "unterminated hexadecimal string literal";
constexpr const char* kUnterminatedName = "unterminated quoted identifier";
constexpr const char* kBadSurrogates = "invalid Unicode surrogate pair";
constexpr uint32_t kMaxCodePoint = 0x10FFFF;

}  // namespace

void Scanner::fail_escape(Sqlstate state, const char* message, const char* hint, size_t at) {
  throw SqlError(state, message).hint(hint).position(character_position(text_, static_cast<int>(at)));
}

// After a closing quote: does a string on a later line continue this one? If so, moves behind its opening
// quote.
bool Scanner::string_continues() {
  size_t i = at_;
  bool newline = false;
  while (i < text_.size()) {
    unsigned char c = static_cast<unsigned char>(text_[i]);
    if (is_space(c)) {
      newline |= is_newline(c);
      ++i;
    } else if (c == '-' && i + 1 < text_.size() && text_[i + 1] == '-') {
      while (i < text_.size() && !is_newline(static_cast<unsigned char>(text_[i]))) ++i;
    } else {
      break;
    }
  }
  if (!newline || i >= text_.size() || text_[i] != '\'') return false;
  at_ = i + 1;
  return true;
}

// Reads up to and with the closing quote; a doubled quote is one.
std::string Scanner::read_quoted(size_t start, char quote, const char* what) {
  std::string value;
  for (;;) {
    size_t close = text_.find(quote, at_);
    if (close == std::string_view::npos) {
      at_ = text_.size();
      fail(what, start);
    }
    value += text_.substr(at_, close - at_);
    at_ = close + 1;
    if (peek() != static_cast<unsigned char>(quote)) return value;
    value += quote;
    ++at_;
  }
}

void Scanner::plain_section(size_t start, std::string& value) {
  value += read_quoted(start, '\'', kUnterminatedString);
}

void Scanner::string_literal(size_t start, size_t quote_at, Escapes escapes) {
  at_ = quote_at + 1;
  // The common case needs no copy: no quote or backslash inside, nothing that continues it.
  size_t close = text_.find('\'', at_);
  if (close != std::string_view::npos && !(close + 1 < text_.size() && text_[close + 1] == '\'') &&
      (escapes == Escapes::None || text_.substr(at_, close - at_).find('\\') == std::string_view::npos)) {
    std::string_view value = text_.substr(at_, close - at_);
    size_t after = close + 1;
    at_ = after;
    if (!string_continues()) return push(kSconst, start, value);
    at_ = quote_at + 1;
  }
  std::string value;
  size_t end;
  do {
    if (escapes == Escapes::None) {
      plain_section(start, value);
    } else {
      backslash_section(start, value);
    }
    end = at_;
  } while (string_continues());
  at_ = end;
  push(kSconst, start, keep(value));
}

void Scanner::backslash_section(size_t start, std::string& value) {
  for (;;) {
    if (at_end()) fail(kUnterminatedString, start);
    char c = text_[at_++];
    if (c == '\'') {
      if (peek() != '\'') return;
      ++at_;
      value += '\'';
    } else if (c == '\\') {
      backslash_escape(start, value);
    } else {
      value += c;
    }
  }
}

void Scanner::backslash_escape(size_t start, std::string& value) {
  if (at_end()) fail(kUnterminatedString, start);
  size_t escape_at = at_ - 1;
  char c = text_[at_++];
  switch (c) {
    case 'b':
      value += '\b';
      return;
    case 'f':
      value += '\f';
      return;
    case 'n':
      value += '\n';
      return;
    case 'r':
      value += '\r';
      return;
    case 't':
      value += '\t';
      return;
    case 'v':
      value += '\v';
      return;
    case 'u':
    case 'U':
      at_ = escape_at;
      unicode_escape(escape_at, value);
      return;
    case 'x':
      break;
    default:
      if (c < '0' || c > '7') {
        value += c;
        return;
      }
  }
  uint32_t byte = 0;
  if (c == 'x') {
    if (hex_digit(peek()) < 0) {
      value += c;
      return;
    }
    for (int i = 0; i < 2 && hex_digit(peek()) >= 0; ++i)
      byte = byte * 16 + static_cast<uint32_t>(hex_digit(text_[at_++]));
  } else {
    byte = static_cast<uint32_t>(c - '0');
    for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; ++i)
      byte = byte * 8 + static_cast<uint32_t>(text_[at_++] - '0');
  }
  if ((byte & 0xFF) == 0) {
    throw SqlError(Sqlstate::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");
  }
  value += static_cast<char>(byte);
}

uint32_t Scanner::hex_escape(size_t escape_at, int digits) {
  uint32_t code = 0;
  for (int i = 0; i < digits; ++i) {
    int digit = hex_digit(peek());
    if (digit < 0) {
      fail_escape(Sqlstate::InvalidEscapeSequence, "invalid Unicode escape",
                  "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.", escape_at);
    }
    code = code * 16 + static_cast<uint32_t>(digit);
    ++at_;
  }
  return code;
}

// At a backslash followed by u or U: one character, in one escape or in two that are surrogates.
void Scanner::unicode_escape(size_t escape_at, std::string& value) {
  auto read = [&] {
    size_t here = at_;
    int digits = text_[at_ + 1] == 'u' ? 4 : 8;
    at_ += 2;
    return hex_escape(here, digits);
  };
  uint32_t code = read();
  if (is_high_surrogate(code)) {
    size_t second_at = at_;
    if (peek() != '\\' || (peek(1) | 0x20) != 'u') {
      if (!at_end()) ++at_;
      fail(kBadSurrogates, second_at);
    }
    uint32_t low = read();
    if (!is_low_surrogate(low)) fail(kBadSurrogates, second_at);
    code = join_surrogates(code, low);
  } else if (is_low_surrogate(code)) {
    fail(kBadSurrogates, escape_at);
  }
  if (code == 0 || code > kMaxCodePoint) fail("invalid Unicode escape value", escape_at);
  append_utf8(code, value);
}

void Scanner::bit_literal(size_t start, uint16_t type, char prefix) {
  at_ = start + 2;
  std::string value(1, prefix);
  const char* unterminated = type == kBconst ? kUnterminatedBits : kUnterminatedHex;
  size_t end;
  do {
    size_t close = text_.find('\'', at_);
    if (close == std::string_view::npos) {
      at_ = text_.size();
      fail(unterminated, start);
    }
    value += text_.substr(at_, close - at_);
    at_ = end = close + 1;
  } while (string_continues());
  at_ = end;
  push(type, start, keep(value));
}

void Scanner::quoted_identifier(size_t start, size_t quote_at) {
  at_ = quote_at + 1;
  size_t close = text_.find('"', at_);
  if (close != std::string_view::npos && close > at_ &&
      !(close + 1 < text_.size() && text_[close + 1] == '"')) {
    std::string_view name = text_.substr(at_, close - at_);
    at_ = close + 1;
    return push(kIdent, start, identifier(name), true);
  }
  std::string name = read_quoted(start, '"', kUnterminatedName);
  if (name.empty()) fail("zero-length delimited identifier", start);
  push(kIdent, start, identifier(keep(name)), true);
}

// The escape character of `… UESCAPE 'c'` that may follow, or a backslash.
char Scanner::uescape(std::string_view) {
  size_t after = at_;
  skip_whitespace_and_comments();
  static constexpr std::string_view kWord = "uescape";
  for (size_t i = 0; i < kWord.size(); ++i) {
    if ((peek(i) | 0x20) != static_cast<unsigned char>(kWord[i])) return at_ = after, '\\';
  }
  if (is_identifier_part(peek(kWord.size()))) return at_ = after, '\\';
  at_ += kWord.size();
  skip_whitespace_and_comments();
  size_t literal_at = at_;
  static constexpr const char* kNoLiteral = "UESCAPE must be followed by a simple string literal";
  if (peek() != '\'') {
    if (!at_end()) next();
    fail(kNoLiteral, literal_at);
  }
  ++at_;
  std::string value = read_quoted(literal_at, '\'', kUnterminatedString);
  bool bad = value.size() != 1 || hex_digit(static_cast<unsigned char>(value[0])) >= 0 || value[0] == '+' ||
             value[0] == '\'' || value[0] == '"' || is_space(static_cast<unsigned char>(value[0]));
  if (bad) fail("invalid Unicode escape character", literal_at);
  return value[0];
}

std::string Scanner::decode_unicode(std::string_view raw, size_t raw_at, char escape) {
  static constexpr const char* kHint = "Unicode escapes must be \\XXXX or \\+XXXXXX.";
  std::string out;
  uint32_t pending = 0;
  size_t i = 0;
  auto fail_at = [&](const char* message, size_t offset) {
    throw SqlError(Sqlstate::SyntaxError, message)
        .position(character_position(text_, static_cast<int>(raw_at + offset)));
  };
  while (i < raw.size()) {
    if (raw[i] != escape) {
      if (pending != 0) fail_at(kBadSurrogates, i);
      out += raw[i++];
      continue;
    }
    if (i + 1 < raw.size() && raw[i + 1] == escape) {
      if (pending != 0) fail_at(kBadSurrogates, i);
      out += escape;
      i += 2;
      continue;
    }
    bool plus = i + 1 < raw.size() && raw[i + 1] == '+';
    size_t digits_at = i + (plus ? 2 : 1);
    size_t count = plus ? 6 : 4;
    uint32_t code = 0;
    for (size_t k = 0; k < count; ++k) {
      int digit = digits_at + k < raw.size() ? hex_digit(static_cast<unsigned char>(raw[digits_at + k])) : -1;
      if (digit < 0) fail_escape(Sqlstate::SyntaxError, "invalid Unicode escape", kHint, raw_at + i);
      code = code * 16 + static_cast<uint32_t>(digit);
    }
    if (code == 0 || code > kMaxCodePoint) fail_at("invalid Unicode escape value", i);
    if (pending != 0) {
      if (!is_low_surrogate(code)) fail_at(kBadSurrogates, i);
      code = join_surrogates(pending, code);
      pending = 0;
    } else if (is_low_surrogate(code)) {
      fail_at(kBadSurrogates, i);
    }
    if (is_high_surrogate(code))
      pending = code;
    else
      append_utf8(code, out);
    i = digits_at + count;
  }
  if (pending != 0) fail_at(kBadSurrogates, raw.size());
  return out;
}

void Scanner::unicode_string(size_t start) {
  if (!settings_.standard_conforming_strings) {
    throw SqlError(Sqlstate::FeatureNotSupported, "unsafe use of string constant with Unicode escapes")
        .detail(
            "String constants with Unicode escapes cannot be used when standard_conforming_strings is off.")
        .position(character_position(text_, static_cast<int>(start)));
  }
  at_ = start + 3;
  std::string raw;
  size_t end;
  do {
    plain_section(start, raw);
    end = at_;
  } while (string_continues());
  at_ = end;
  char escape = uescape("string");
  push(kSconst, start, keep(decode_unicode(raw, start + 3, escape)));
}

void Scanner::unicode_identifier(size_t start) {
  at_ = start + 3;
  std::string raw = read_quoted(start, '"', kUnterminatedName);
  if (raw.empty()) fail("zero-length delimited identifier", start);
  char escape = uescape("identifier");
  push(kIdent, start, identifier(keep(decode_unicode(raw, start + 3, escape))), true);
}

}  // namespace aegis::parser
