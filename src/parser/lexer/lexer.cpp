#include "lexer/lexer.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "aegis/parser/keywords.h"
#include "lexer/scanner.h"

namespace aegis::parser {
namespace {

constexpr size_t kMaxIdentifierBytes = 63;
constexpr std::string_view kOperatorChars = "~!@#^&|`?+-*/%<>=";
// An operator that ends in + or - must hold one of these.
constexpr std::string_view kSpecialOperatorChars = "~!@#^&|`?%";

bool is_operator_char(unsigned char c) {
  return c != 0 && kOperatorChars.find(static_cast<char>(c)) != std::string_view::npos;
}

uint16_t punctuation_type(char c) {
  switch (c) {
    case '(':
      return kLeftParen;
    case ')':
      return kRightParen;
    case '[':
      return kLeftBracket;
    case ']':
      return kRightBracket;
    case ',':
      return kComma;
    case ';':
      return kSemicolon;
    case ':':
      return kColon;
    case '.':
      return kDot;
    case '+':
      return kPlus;
    case '-':
      return kMinus;
    case '*':
      return kStar;
    case '/':
      return kSlash;
    case '%':
      return kPercent;
    case '^':
      return kCaret;
    case '<':
      return kLess;
    case '>':
      return kGreater;
    case '=':
      return kEqual;
    default:
      return kInvalid;
  }
}

uint16_t two_character_type(std::string_view op) {
  if (op == "=>") return kEqualsGreater;
  if (op == "<=") return kLessEquals;
  if (op == ">=") return kGreaterEquals;
  if (op == "<>" || op == "!=") return kNotEquals;
  return kOp;
}

// How much of a run of operator characters is one operator.
size_t operator_length(std::string_view run) {
  size_t length = run.size();
  length = std::min({length, run.find("--"), run.find("/*")});
  if (length > 1 && (run[length - 1] == '+' || run[length - 1] == '-')) {
    if (run.substr(0, length - 1).find_first_of(kSpecialOperatorChars) == std::string_view::npos) {
      while (length > 1 && (run[length - 1] == '+' || run[length - 1] == '-')) --length;
    }
  }
  return length;
}

}  // namespace

std::string_view truncate_identifier(std::string_view name) {
  if (name.size() <= kMaxIdentifierBytes) return name;
  size_t length = kMaxIdentifierBytes;
  while (length > 0 && (static_cast<unsigned char>(name[length]) & 0xC0) == 0x80) --length;
  return name.substr(0, length);
}

void Scanner::fail(const char* message, size_t start) {
  std::string full =
      std::string(message) + " at or near \"" + std::string(text_.substr(start, at_ - start)) + "\"";
  throw SqlError(Sqlstate::SyntaxError, std::move(full))
      .position(character_position(text_, static_cast<int>(start)));
}

void Scanner::run() {
  out_.tokens.reserve(text_.size() / 4 + 8);
  for (;;) {
    skip_whitespace_and_comments();
    if (at_end()) break;
    next();
  }
}

void Scanner::skip_whitespace_and_comments() {
  for (;;) {
    unsigned char c = peek();
    if (is_space(c)) {
      ++at_;
    } else if (c == '-' && peek(1) == '-') {
      while (!at_end() && !is_newline(peek())) ++at_;
    } else if (c == '/' && peek(1) == '*') {
      skip_block_comment();
    } else {
      return;
    }
  }
}

void Scanner::skip_block_comment() {
  size_t start = at_;
  int depth = 0;
  while (!at_end()) {
    if (peek() == '/' && peek(1) == '*') {
      ++depth;
      at_ += 2;
    } else if (peek() == '*' && peek(1) == '/') {
      at_ += 2;
      if (--depth == 0) return;
    } else {
      ++at_;
    }
  }
  fail("unterminated /* comment", start);
}

void Scanner::next() {
  unsigned char c = peek();
  if (is_identifier_start(c)) {
    if (!prefixed_literal()) word();
  } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
    number();
  } else if (c == '\'') {
    string_literal(at_, at_, settings_.standard_conforming_strings ? Escapes::None : Escapes::Backslash);
  } else if (c == '"') {
    quoted_identifier(at_, at_);
  } else if (c == '$') {
    dollar();
  } else {
    operator_or_punctuation();
  }
}

// Literals that begin with a letter: b'', x'', n'', e'', u&'' and u&"".
bool Scanner::prefixed_literal() {
  unsigned char c = peek() | 0x20;
  size_t start = at_;
  if (peek(1) == '\'') {
    if (c == 'b') return bit_literal(start, kBconst, 'b'), true;
    if (c == 'x') return bit_literal(start, kXconst, 'x'), true;
    if (c == 'e') return string_literal(start, start + 1, Escapes::Backslash), true;
    if (c == 'n') {
      at_ += 1;
      push(KW_NCHAR, start, "nchar");
      return true;
    }
  }
  if (c == 'u' && peek(1) == '&') {
    if (peek(2) == '\'') return unicode_string(start), true;
    if (peek(2) == '"') return unicode_identifier(start), true;
  }
  return false;
}

std::string_view Scanner::identifier(std::string_view name) {
  std::string_view cut = truncate_identifier(name);
  if (cut.size() < name.size()) {
    out_.notices.push_back("identifier \"" + std::string(name) + "\" will be truncated to \"" +
                           std::string(cut) + "\"");
  }
  return cut;
}

void Scanner::word() {
  size_t start = at_;
  bool folds = false;
  while (!at_end() && is_identifier_part(peek())) {
    folds |= peek() >= 'A' && peek() <= 'Z';
    ++at_;
  }
  std::string_view name = text_.substr(start, at_ - start);
  if (folds) {
    char* lower = arena_.allocate_array<char>(name.size());
    for (size_t i = 0; i < name.size(); ++i) {
      lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] | 0x20) : name[i];
    }
    name = {lower, name.size()};
  }
  if (const Keyword* keyword = find_keyword(name)) {
    push(static_cast<uint16_t>(keyword - keywords().data() + 1), start, keyword->word);
    return;
  }
  push(kIdent, start, identifier(name));
}

void Scanner::number_junk(size_t start, const char* what) {
  if (!at_end() && is_identifier_start(peek())) {
    while (!at_end() && is_identifier_part(peek())) ++at_;
    fail(what, start);
  }
}

void Scanner::number() {
  static constexpr const char* kJunk = "trailing junk after numeric literal";
  size_t start = at_;
  bool whole = true;
  while (is_digit(peek())) ++at_;
  if (peek() == '.' && peek(1) != '.') {
    whole = false;
    ++at_;
    while (is_digit(peek())) ++at_;
  }
  if ((peek() | 0x20) == 'e') {
    bool sign = peek(1) == '+' || peek(1) == '-';
    if (is_digit(peek(sign ? 2 : 1))) {
      whole = false;
      at_ += sign ? 2 : 1;
      while (is_digit(peek())) ++at_;
    } else if (sign) {
      at_ += 2;
      fail(kJunk, start);
    }
  }
  number_junk(start, kJunk);
  std::string_view digits = text_.substr(start, at_ - start);
  int32_t value;
  bool fits = whole && std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc();
  push(fits ? kIconst : kFconst, start, digits);
}

void Scanner::dollar() {
  size_t start = at_;
  if (is_digit(peek(1))) return parameter(start);
  size_t tag_end = at_ + 1;
  auto tag_char = [&](size_t i) {
    unsigned char c = static_cast<unsigned char>(text_[i]);
    return is_identifier_start(c) || (i > start + 1 && is_digit(c));
  };
  while (tag_end < text_.size() && tag_char(tag_end)) ++tag_end;
  if (tag_end < text_.size() && text_[tag_end] == '$') return dollar_quote(start, tag_end + 1);
  ++at_;
  push(kInvalid, start, text_.substr(start, 1));
}

void Scanner::dollar_quote(size_t start, size_t tag_end) {
  std::string_view tag = text_.substr(start, tag_end - start);
  size_t close = text_.find(tag, tag_end);
  if (close == std::string_view::npos) {
    at_ = text_.size();
    fail("unterminated dollar-quoted string", start);
  }
  at_ = close + tag.size();
  push(kSconst, start, text_.substr(tag_end, close - tag_end));
}

void Scanner::parameter(size_t start) {
  ++at_;
  while (is_digit(peek())) ++at_;
  number_junk(start, "trailing junk after parameter");
  push(kParam, start, text_.substr(start + 1, at_ - start - 1));
}

void Scanner::operator_or_punctuation() {
  size_t start = at_;
  unsigned char c = peek();
  if (!is_operator_char(c)) {
    uint16_t type = punctuation_type(static_cast<char>(c));
    at_ += 1;
    if (c == ':' && peek() == ':')
      ++at_, type = kTypecast;
    else if (c == ':' && peek() == '=')
      ++at_, type = kColonEquals;
    else if (c == '.' && peek() == '.')
      ++at_, type = kDotDot;
    push(type, start, text_.substr(start, at_ - start));
    return;
  }
  size_t end = at_;
  while (end < text_.size() && is_operator_char(static_cast<unsigned char>(text_[end]))) ++end;
  std::string_view op = text_.substr(start, operator_length(text_.substr(start, end - start)));
  at_ += op.size();
  uint16_t type = kOp;
  if (op.size() == 1) {
    type = punctuation_type(op[0]);
    if (type == kInvalid) type = kOp;
  } else if (op.size() == 2) {
    type = two_character_type(op);
  } else if (op.size() > kMaxIdentifierBytes) {
    fail("operator too long", start);
  }
  push(type, start, type == kNotEquals ? std::string_view("<>") : op);
}

void tokenize(std::string_view text, const LexerSettings& settings, Arena& arena, TokenList& out) {
  Scanner scanner(text, settings, arena, out);
  try {
    scanner.run();
  } catch (SqlError& error) {
    out.error = std::move(error);
    int at = static_cast<int>(scanner.position());
    out.tokens.push_back({kInvalid, false, at, at, {}});
  }
  int end = static_cast<int>(text.size());
  out.tokens.push_back({kTokenEof, false, end, end, {}});
}

namespace {

// What a query may go on with after a parenthesised query.
bool continues_query(uint16_t type) {
  switch (type) {
    case kRightParen:
    case KW_UNION:
    case KW_INTERSECT:
    case KW_EXCEPT:
    case KW_ORDER:
    case KW_LIMIT:
    case KW_OFFSET:
    case KW_FETCH:
    case KW_FOR:
      return true;
    default:
      return false;
  }
}

}  // namespace

void mark_subquery_parens(std::vector<Token>& tokens) {
  // Right to left, so that an inner parenthesis is known before the one around it. `closers` holds the
  // closing parentheses met and not yet opened.
  std::vector<size_t> closers;
  std::vector<size_t> closer_of(tokens.size(), 0);
  for (size_t i = tokens.size(); i-- > 0;) {
    if (tokens[i].type == kRightParen) closers.push_back(i);
    if (tokens[i].type != kLeftParen) continue;
    if (!closers.empty()) {
      closer_of[i] = closers.back();
      closers.pop_back();
    }
    uint16_t first = tokens[i + 1].type;
    bool subquery =
        first == KW_SELECT || first == KW_WITH || first == KW_TABLE ||
        (first == KW_VALUES && (tokens[i + 2].type == kLeftParen || tokens[i + 2].type == kSubqueryParen));
    if (first == kSubqueryParen && closer_of[i + 1] != 0) {
      subquery = continues_query(tokens[closer_of[i + 1] + 1].type);
    }
    if (subquery) tokens[i].type = kSubqueryParen;
  }
}

}  // namespace aegis::parser
