#include "aegis/types/json_path.h"

#include <cctype>
#include <cstring>

#include "aegis/types/encoding.h"
#include "aegis/types/json.h"
#include "aegis/types/numeric.h"
#include "families.h"

namespace aegis::types {

namespace {

using Kind = JsonPathKind;
constexpr int kMaxDepth = 2000;

enum class Token : uint8_t { End, Word, String, Variable, Number, Integer, Symbol };

struct Lexeme {
  Token token = Token::End;
  std::string text;   // a word or string's characters, a number's digits, a symbol
  std::string shown;  // as errors show it
  size_t start = 0;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_special(char c) { return c != '\0' && std::strchr("?%$.[]{}()|&!=<>@#,*:-+/", c) != nullptr; }
bool is_other(char c) { return !is_blank(c) && !is_special(c) && c != '\\' && c != '"'; }

[[noreturn]] void throw_near(std::string_view message, std::string_view near) {
  std::string text(message);
  text += near.empty() ? " at end of jsonpath input" : " at or near \"" + std::string(near) + "\" of jsonpath input";
  throw SqlError(Sqlstate::SyntaxError, text);
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Lexeme next() {
    skip();
    Lexeme out;
    out.start = at_;
    if (at_ >= text_.size()) return out;
    char c = text_[at_];
    if (c == '"') {
      out.token = Token::String;
      ++at_;
      out.text = quoted();
      out.shown = "\"";
      return out;
    }
    if (c == '$') return variable(out);
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number(out);
    if (is_special(c)) return symbol(out);
    out.token = Token::Word;
    out.text = word();
    // PostgreSQL's scanner has read on to what ends the word, and names that.
    size_t end = at_;
    while (end < text_.size() && is_blank(text_[end])) ++end;
    out.shown = std::string(text_.substr(at_, end - at_));
    return out;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skip() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_, 2) == "/*") {
        size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) {
          at_ = text_.size();
          throw_near("unexpected end of comment", "");
        }
        at_ = end + 2;
      } else {
        return;
      }
    }
  }

  Lexeme symbol(Lexeme& out) {
    out.token = Token::Symbol;
    for (std::string_view two : {"&&", "||", "==", "!=", "<>", "<=", ">=", "**"}) {
      if (text_.substr(at_, 2) == two) {
        out.text = two;
        at_ += 2;
        if (out.text == "<>") out.text = "!=";
        out.shown = two;
        return out;
      }
    }
    out.text = text_.substr(at_++, 1);
    out.shown = out.text;
    if (out.text == "=") out.text = "==";
    return out;
  }

  Lexeme variable(Lexeme& out) {
    ++at_;
    if (peek() == '"') {
      ++at_;
      out.token = Token::Variable;
      out.text = quoted();
      out.shown = "\"";
      return out;
    }
    if (at_ < text_.size() && (is_other(peek()) || peek() == '\\')) {
      out.token = Token::Variable;
      out.text = word();
      out.shown = std::string(text_.substr(out.start, at_ - out.start));
      return out;
    }
    out.token = Token::Symbol;
    out.text = out.shown = "$";
    return out;
  }

  Lexeme number(Lexeme& out) {
    bool whole = true;
    if (peek() == '0') {
      ++at_;
    } else {
      while (is_digit(peek())) ++at_;
    }
    if (peek() == '.') {
      whole = false;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        whole = false;
        at_ += 1 + sign;
        while (is_digit(peek())) ++at_;
      } else if (sign == 1) {
        throw_near("invalid numeric literal", text_.substr(out.start, at_ + 2 - out.start));
      }
    }
    if (at_ < text_.size() && is_other(peek())) {
      size_t bytes = utf8_bytes(peek());
      throw_near("trailing junk after numeric literal", text_.substr(out.start, at_ + bytes - out.start));
    }
    out.token = whole ? Token::Integer : Token::Number;
    out.text = out.shown = std::string(text_.substr(out.start, at_ - out.start));
    return out;
  }

  std::string word() {
    std::string out;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\') {
        escape(out);
      } else if (is_other(text_[at_]) && text_.substr(at_, 2) != "/*") {
        out += text_[at_++];
      } else {
        break;
      }
    }
    return out;
  }

  std::string quoted() {
    std::string out;
    while (true) {
      if (at_ >= text_.size()) throw_near("unterminated quoted string", "");
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (c == '\\') {
        escape(out);
      } else {
        out += c;
        ++at_;
      }
    }
  }

  uint32_t hex(size_t digits, const char* message) {
    uint32_t value = 0;
    for (size_t i = 0; i < digits; ++i) {
      char c = peek();
      if (!std::isxdigit(static_cast<unsigned char>(c))) throw_near(message, at_ < text_.size() ? text_.substr(escape_start_, at_ - escape_start_) : "");
      value = value * 16 + (c <= '9' ? static_cast<uint32_t>(c - '0') : static_cast<uint32_t>((c | 0x20) - 'a' + 10));
      ++at_;
    }
    return value;
  }

  uint32_t unicode() {
    constexpr const char* kMessage = "invalid Unicode escape sequence";
    if (peek() != '{') return hex(4, kMessage);
    ++at_;
    uint32_t value = 0;
    int digits = 0;
    while (peek() != '}') {
      value = value * 16 + hex(1, kMessage);
      if (++digits > 6) throw_near(kMessage, text_.substr(escape_start_, at_ - escape_start_));
    }
    ++at_;
    return value;
  }

  void escape(std::string& out) {
    escape_start_ = at_;
    ++at_;
    if (at_ >= text_.size()) throw_near("unexpected end after backslash", "");
    char c = text_[at_++];
    switch (c) {
      case 'b': out += '\b'; return;
      case 'f': out += '\f'; return;
      case 'n': out += '\n'; return;
      case 'r': out += '\r'; return;
      case 't': out += '\t'; return;
      case 'v': out += '\v'; return;
      case 'x': return append(hex(2, "invalid hexadecimal character sequence"), out);
      case 'u': break;
      default: out += c; return;
    }
    uint32_t code = unicode();
    auto reject = [](const char* detail) {
      throw SqlError(Sqlstate::InvalidTextRepresentation, "invalid input syntax for type jsonpath").detail(detail);
    };
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (peek() != '\\' || peek(1) != 'u') reject("Unicode low surrogate must follow a high surrogate.");
      at_ += 2;
      uint32_t low = unicode();
      if (low >= 0xD800 && low <= 0xDBFF) reject("Unicode high surrogate must not follow a high surrogate.");
      if (low < 0xDC00 || low > 0xDFFF) reject("Unicode low surrogate must follow a high surrogate.");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      reject("Unicode low surrogate must follow a high surrogate.");
    }
    append(code, out);
  }
  void append(uint32_t code, std::string& out) {
    if (code == 0) {
      throw SqlError(Sqlstate::UntranslatableCharacter, "unsupported Unicode escape sequence").detail("\\u0000 cannot be converted to text.");
    }
    utf8_append(code, out);
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t escape_start_ = 0;
};

bool is_predicate(const JsonPathNode& node) {
  if (node.next != nullptr) return false;
  return node.kind >= Kind::And && node.kind <= Kind::Exists;
}

JsonPathPtr make(Kind kind) {
  auto node = std::make_unique<JsonPathNode>();
  node->kind = kind;
  return node;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {
    advance();
    advance();
  }

  JsonPath parse() {
    JsonPath path;
    if (is_word("strict") || is_word("lax")) {
      path.lax = is_word("lax");
      advance();
    }
    path.root = parse_or();
    if (now_.token != Token::End) fail();
    check_places(*path.root, false, false);
    return path;
  }

 private:
  Lexer lexer_;
  Lexeme now_, ahead_;
  bool primed_ = false;
  int depth_ = 0;

  void advance() {
    now_ = std::move(ahead_);
    ahead_ = lexer_.next();
  }
  [[noreturn]] void fail() { throw_near("syntax error", now_.shown); }
  bool is_symbol(std::string_view symbol) const { return now_.token == Token::Symbol && now_.text == symbol; }
  static bool same_word(const Lexeme& lexeme, std::string_view word) {
    if (lexeme.token != Token::Word || lexeme.text.size() != word.size()) return false;
    bool exact = word == "true" || word == "false" || word == "null";
    for (size_t i = 0; i < word.size(); ++i) {
      char c = lexeme.text[i];
      if (!exact && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
      if (c != word[i]) return false;
    }
    return true;
  }
  bool is_word(std::string_view word) const { return same_word(now_, word); }
  void expect(std::string_view symbol) {
    if (!is_symbol(symbol)) fail();
    advance();
  }
  void expect_word(std::string_view word) {
    if (!is_word(word)) fail();
    advance();
  }
  void require_predicate(const JsonPathPtr& node) {
    if (!is_predicate(*node)) fail();
  }
  void require_expression(const JsonPathPtr& node) {
    if (is_predicate(*node)) fail();
  }

  struct Depth {
    explicit Depth(int& depth) : depth_(depth) {
      if (++depth_ > kMaxDepth) {
        --depth_;
        throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
      }
    }
    ~Depth() { --depth_; }
    int& depth_;
  };

  JsonPathPtr binary(Kind kind, JsonPathPtr left, JsonPathPtr right) {
    auto node = make(kind);
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  JsonPathPtr parse_or() {
    Depth depth(depth_);
    JsonPathPtr left = parse_and();
    while (is_symbol("||")) {
      require_predicate(left);
      advance();
      JsonPathPtr right = parse_and();
      require_predicate(right);
      left = binary(Kind::Or, std::move(left), std::move(right));
    }
    return left;
  }
  JsonPathPtr parse_and() {
    JsonPathPtr left = parse_comparison();
    while (is_symbol("&&")) {
      require_predicate(left);
      advance();
      JsonPathPtr right = parse_comparison();
      require_predicate(right);
      left = binary(Kind::And, std::move(left), std::move(right));
    }
    return left;
  }

  JsonPathPtr parse_comparison() {
    JsonPathPtr left = parse_additive();
    constexpr std::pair<std::string_view, Kind> kComparisons[] = {{"==", Kind::Equal}, {"!=", Kind::NotEqual}, {"<", Kind::Less},
                                                                  {">", Kind::Greater}, {"<=", Kind::LessOrEqual}, {">=", Kind::GreaterOrEqual}};
    for (auto [symbol, kind] : kComparisons) {
      if (!is_symbol(symbol)) continue;
      require_expression(left);
      advance();
      JsonPathPtr right = parse_additive();
      require_expression(right);
      return binary(kind, std::move(left), std::move(right));
    }
    if (is_word("starts")) {
      require_expression(left);
      advance();
      expect_word("with");
      JsonPathPtr right;
      if (now_.token == Token::String || now_.token == Token::Variable) {
        right = make(now_.token == Token::String ? Kind::String : Kind::Variable);
        right->text = now_.text;
        advance();
      } else {
        fail();
      }
      return binary(Kind::StartsWith, std::move(left), std::move(right));
    }
    if (is_word("like_regex")) {
      require_expression(left);
      advance();
      if (now_.token != Token::String) fail();
      auto node = make(Kind::LikeRegex);
      node->left = std::move(left);
      node->text = now_.text;
      advance();
      if (is_word("flag")) {
        advance();
        if (now_.token != Token::String) fail();
        set_flags(*node, now_.text);
        advance();
      }
      return node;
    }
    return left;
  }

  static void set_flags(JsonPathNode& node, const std::string& flags) {
    for (char c : flags) {
      if (std::string_view("ismxq").find(c) == std::string_view::npos) {
        size_t at = flags.find(c);
        throw SqlError(Sqlstate::SyntaxError, "invalid input syntax for type jsonpath")
            .detail("Unrecognized flag character \"" + flags.substr(at, utf8_bytes(c)) + "\" in LIKE_REGEX predicate.");
      }
      if (node.flags.find(c) == std::string::npos) node.flags += c;
    }
    bool quote = node.flags.find('q') != std::string::npos;
    if (node.flags.find('x') != std::string::npos && !quote) {
      throw SqlError(Sqlstate::FeatureNotSupported, "XQuery \"x\" flag (expanded regular expressions) is not implemented");
    }
    // In this order they are shown.
    std::string ordered;
    for (char c : std::string_view("ismxq")) {
      if (node.flags.find(c) != std::string::npos) ordered += c;
    }
    node.flags = ordered;
  }

  JsonPathPtr parse_additive() {
    JsonPathPtr left = parse_multiplicative();
    while (is_symbol("+") || is_symbol("-")) {
      Kind kind = is_symbol("+") ? Kind::Add : Kind::Subtract;
      require_expression(left);
      advance();
      JsonPathPtr right = parse_multiplicative();
      require_expression(right);
      left = binary(kind, std::move(left), std::move(right));
    }
    return left;
  }
  JsonPathPtr parse_multiplicative() {
    JsonPathPtr left = parse_unary();
    while (is_symbol("*") || is_symbol("/") || is_symbol("%")) {
      Kind kind = is_symbol("*") ? Kind::Multiply : is_symbol("/") ? Kind::Divide : Kind::Modulo;
      require_expression(left);
      advance();
      JsonPathPtr right = parse_unary();
      require_expression(right);
      left = binary(kind, std::move(left), std::move(right));
    }
    return left;
  }

  JsonPathPtr parse_unary() {
    Depth depth(depth_);
    if (is_symbol("+") || is_symbol("-")) {
      bool minus = is_symbol("-");
      advance();
      JsonPathPtr operand = parse_unary();
      require_expression(operand);
      // A sign before a number is part of it.
      if (operand->kind == Kind::Number && operand->next == nullptr) {
        if (minus) operand->text = operand->text.front() == '-' ? operand->text.substr(1) : "-" + operand->text;
        return operand;
      }
      auto node = make(minus ? Kind::Minus : Kind::Plus);
      node->left = std::move(operand);
      return node;
    }
    if (is_symbol("!")) {
      advance();
      auto node = make(Kind::Not);
      node->left = parse_delimited();
      return node;
    }
    return parse_accessors();
  }

  // (predicate) or exists (expression)
  JsonPathPtr parse_delimited() {
    if (is_word("exists")) return parse_exists();
    expect("(");
    JsonPathPtr inner = parse_or();
    require_predicate(inner);
    expect(")");
    return inner;
  }
  JsonPathPtr parse_exists() {
    advance();
    expect("(");
    auto node = make(Kind::Exists);
    node->left = parse_or();
    require_expression(node->left);
    expect(")");
    return node;
  }

  JsonPathPtr parse_accessors() {
    JsonPathPtr head = parse_primary();
    JsonPathNode* tail = head.get();
    while (tail->next != nullptr) tail = tail->next.get();
    while (is_symbol(".") || is_symbol("[") || is_symbol("?")) {
      // A predicate with an accessor behind is a value.
      tail->next = parse_accessor();
      tail = tail->next.get();
    }
    return head;
  }

  JsonPathPtr parse_primary() {
    JsonPathPtr node;
    switch (now_.token) {
      case Token::String:
        node = make(Kind::String);
        node->text = now_.text;
        advance();
        return node;
      case Token::Variable:
        node = make(Kind::Variable);
        node->text = now_.text;
        advance();
        return node;
      case Token::Integer:
      case Token::Number:
        node = make(Kind::Number);
        node->text = normalized(now_.text);
        advance();
        return node;
      case Token::Symbol: break;
      case Token::Word:
        if (is_word("exists")) return parse_exists();
        if (is_word("null")) {
          node = make(Kind::Null);
        } else if (is_word("true") || is_word("false")) {
          node = make(Kind::Bool);
          node->boolean = is_word("true");
        } else if (is_word("last")) {
          node = make(Kind::Last);
        } else {
          fail();
        }
        advance();
        return node;
      case Token::End: fail();
    }
    if (is_symbol("$") || is_symbol("@")) {
      node = make(is_symbol("$") ? Kind::Root : Kind::Current);
      advance();
      return node;
    }
    expect("(");
    node = parse_or();
    expect(")");
    if (is_word("is")) {
      require_predicate(node);
      advance();
      expect_word("unknown");
      auto unknown = make(Kind::IsUnknown);
      unknown->left = std::move(node);
      return unknown;
    }
    return node;
  }

  static std::string normalized(const std::string& digits) {
    Arena arena;
    return numeric::to_string(numeric::from_string(digits, arena));
  }

  JsonPathPtr parse_accessor() {
    if (is_symbol("?")) {
      advance();
      expect("(");
      auto node = make(Kind::Filter);
      node->left = parse_or();
      require_predicate(node->left);
      expect(")");
      return node;
    }
    if (is_symbol("[")) return parse_subscripts();
    advance();  // the point
    if (is_symbol("*")) {
      advance();
      return make(Kind::AnyKey);
    }
    if (is_symbol("**")) return parse_any();
    if (now_.token == Token::String) return parse_key();
    if (now_.token != Token::Word) fail();
    if (ahead_.token == Token::Symbol && ahead_.text == "(") return parse_method();
    return parse_key();
  }
  JsonPathPtr parse_key() {
    auto node = make(Kind::Key);
    node->text = now_.text;
    advance();
    return node;
  }

  JsonPathPtr parse_method() {
    constexpr std::pair<std::string_view, Kind> kMethods[] = {{"type", Kind::Type}, {"size", Kind::Size}, {"abs", Kind::Abs}, {"floor", Kind::Floor},
                                                              {"ceiling", Kind::Ceiling}, {"double", Kind::Double}, {"keyvalue", Kind::KeyValue}};
    JsonPathPtr node;
    if (is_word("datetime")) {
      advance();
      advance();
      node = make(Kind::Datetime);
      if (now_.token == Token::String) {
        node->text = now_.text;
        node->has_text = true;
        advance();
      }
      expect(")");
      return node;
    }
    for (auto [name, kind] : kMethods) {
      if (is_word(name)) node = make(kind);
    }
    if (node == nullptr) {
      advance();
      fail();
    }
    advance();
    advance();
    expect(")");
    return node;
  }

  uint32_t parse_level() {
    if (is_word("last")) {
      advance();
      return kLastLevel;
    }
    if (now_.token != Token::Integer) fail();
    auto level = static_cast<uint32_t>(parse_integer(now_.text, 0, INT32_MAX, "integer"));
    advance();
    return level;
  }
  JsonPathPtr parse_any() {
    advance();
    auto node = make(Kind::Any);
    node->first = 0;
    node->last = kLastLevel;
    if (!is_symbol("{")) return node;
    advance();
    node->first = node->last = parse_level();
    if (is_word("to")) {
      advance();
      node->last = parse_level();
    }
    expect("}");
    return node;
  }

  JsonPathPtr parse_subscripts() {
    advance();
    if (is_symbol("*") && ahead_.token == Token::Symbol && ahead_.text == "]") {
      advance();
      advance();
      return make(Kind::AnyArray);
    }
    auto node = make(Kind::IndexArray);
    while (true) {
      JsonPathPtr from = parse_or();
      require_expression(from);
      JsonPathPtr to;
      if (is_word("to")) {
        advance();
        to = parse_or();
        require_expression(to);
      }
      node->subscripts.emplace_back(std::move(from), std::move(to));
      if (!is_symbol(",")) break;
      advance();
    }
    expect("]");
    return node;
  }

  // Where @ and last may stand.
  void check_places(const JsonPathNode& node, bool in_filter, bool in_subscript) {
    if (node.kind == Kind::Current && !in_filter) throw SqlError(Sqlstate::SyntaxError, "@ is not allowed in root expressions");
    if (node.kind == Kind::Last && !in_subscript) throw SqlError(Sqlstate::SyntaxError, "LAST is allowed only in array subscripts");
    bool filter = in_filter || node.kind == Kind::Filter;
    if (node.left != nullptr) check_places(*node.left, filter, in_subscript);
    if (node.right != nullptr) check_places(*node.right, filter, in_subscript);
    for (const auto& [from, to] : node.subscripts) {
      check_places(*from, in_filter, true);
      if (to != nullptr) check_places(*to, in_filter, true);
    }
    if (node.next != nullptr) check_places(*node.next, in_filter, in_subscript);
  }
};

int priority(Kind kind) {
  switch (kind) {
    case Kind::Or: return 0;
    case Kind::And: return 1;
    case Kind::Equal:
    case Kind::NotEqual:
    case Kind::Less:
    case Kind::Greater:
    case Kind::LessOrEqual:
    case Kind::GreaterOrEqual:
    case Kind::StartsWith: return 2;
    case Kind::Add:
    case Kind::Subtract: return 3;
    case Kind::Multiply:
    case Kind::Divide:
    case Kind::Modulo: return 4;
    case Kind::Plus:
    case Kind::Minus: return 5;
    default: return 6;
  }
}

void print(const JsonPathNode& node, bool in_key, bool brackets, std::string& out);

void print_level(uint32_t level, std::string& out) { out += level == kLastLevel ? "last" : std::to_string(level); }

void print_any(const JsonPathNode& node, std::string& out) {
  out += "**";
  if (node.first == 0 && node.last == kLastLevel) return;
  out += '{';
  print_level(node.first, out);
  if (node.first != node.last) {
    out += " to ";
    print_level(node.last, out);
  }
  out += '}';
}

void print_operand(const JsonPathNode& operand, const JsonPathNode& of, std::string& out) {
  print(operand, false, priority(operand.kind) <= priority(of.kind), out);
}

void print(const JsonPathNode& node, bool in_key, bool brackets, std::string& out) {
  switch (node.kind) {
    case Kind::Null: out += "null"; break;
    case Kind::String: append_json_string(node.text, out); break;
    case Kind::Number: out += node.next != nullptr ? "(" + node.text + ")" : node.text; break;
    case Kind::Bool: out += node.boolean ? "true" : "false"; break;
    case Kind::Variable:
      out += '$';
      append_json_string(node.text, out);
      break;
    case Kind::Key:
      if (in_key) out += '.';
      append_json_string(node.text, out);
      break;
    case Kind::And:
    case Kind::Or:
    case Kind::Equal:
    case Kind::NotEqual:
    case Kind::Less:
    case Kind::Greater:
    case Kind::LessOrEqual:
    case Kind::GreaterOrEqual:
    case Kind::StartsWith:
    case Kind::Add:
    case Kind::Subtract:
    case Kind::Multiply:
    case Kind::Divide:
    case Kind::Modulo:
      if (brackets) out += '(';
      print_operand(*node.left, node, out);
      out += ' ';
      out += json_path_operator(node.kind);
      out += ' ';
      print_operand(*node.right, node, out);
      if (brackets) out += ')';
      break;
    case Kind::LikeRegex:
      if (brackets) out += '(';
      print_operand(*node.left, node, out);
      out += " like_regex ";
      append_json_string(node.text, out);
      if (!node.flags.empty()) out += " flag \"" + node.flags + "\"";
      if (brackets) out += ')';
      break;
    case Kind::Plus:
    case Kind::Minus:
      if (brackets) out += '(';
      out += node.kind == Kind::Plus ? '+' : '-';
      print_operand(*node.left, node, out);
      if (brackets) out += ')';
      break;
    case Kind::Filter:
      out += "?(";
      print(*node.left, false, false, out);
      out += ')';
      break;
    case Kind::Not:
      out += "!(";
      print(*node.left, false, false, out);
      out += ')';
      break;
    case Kind::IsUnknown:
      out += '(';
      print(*node.left, false, false, out);
      out += ") is unknown";
      break;
    case Kind::Exists:
      out += "exists (";
      print(*node.left, false, false, out);
      out += ')';
      break;
    case Kind::Current: out += '@'; break;
    case Kind::Root: out += '$'; break;
    case Kind::Last: out += "last"; break;
    case Kind::AnyArray: out += "[*]"; break;
    case Kind::AnyKey: out += in_key ? ".*" : "*"; break;
    case Kind::IndexArray:
      out += '[';
      for (size_t i = 0; i < node.subscripts.size(); ++i) {
        if (i > 0) out += ',';
        print(*node.subscripts[i].first, false, false, out);
        if (node.subscripts[i].second == nullptr) continue;
        out += " to ";
        print(*node.subscripts[i].second, false, false, out);
      }
      out += ']';
      break;
    case Kind::Any:
      if (in_key) out += '.';
      print_any(node, out);
      break;
    case Kind::Datetime:
      out += ".datetime(";
      if (node.has_text) append_json_string(node.text, out);
      out += ')';
      break;
    case Kind::Type:
    case Kind::Size:
    case Kind::Abs:
    case Kind::Floor:
    case Kind::Ceiling:
    case Kind::Double:
    case Kind::KeyValue: out += std::string(".") + json_path_operator(node.kind) + "()"; break;
  }
  if (node.next != nullptr) print(*node.next, true, true, out);
}

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  parse_json_path(text);
  return string_value(text, arena);
}
void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += json_path_text(parse_json_path(value.text())); }
Value receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  BinaryReader reader(bytes);
  int version = reader.int8();
  if (version != 1) throw SqlError(Sqlstate::FeatureNotSupported, "unsupported jsonpath version number: " + std::to_string(version));
  return input(context, reader.rest(), type, arena);
}
void send(const TypeContext& context, const Value& value, Oid type, std::string& out) {
  out += '\1';
  output(context, value, type, out);
}

}  // namespace

const char* json_path_operator(JsonPathKind kind) {
  switch (kind) {
    case Kind::And: return "&&";
    case Kind::Or: return "||";
    case Kind::Equal: return "==";
    case Kind::NotEqual: return "!=";
    case Kind::Less: return "<";
    case Kind::Greater: return ">";
    case Kind::LessOrEqual: return "<=";
    case Kind::GreaterOrEqual: return ">=";
    case Kind::StartsWith: return "starts with";
    case Kind::LikeRegex: return "like_regex";
    case Kind::Add:
    case Kind::Plus: return "+";
    case Kind::Subtract:
    case Kind::Minus: return "-";
    case Kind::Multiply: return "*";
    case Kind::Divide: return "/";
    case Kind::Modulo: return "%";
    case Kind::Type: return "type";
    case Kind::Size: return "size";
    case Kind::Abs: return "abs";
    case Kind::Floor: return "floor";
    case Kind::Ceiling: return "ceiling";
    case Kind::Double: return "double";
    case Kind::Datetime: return "datetime";
    case Kind::KeyValue: return "keyvalue";
    default: return "";
  }
}

JsonPath parse_json_path(std::string_view text) {
  if (text.find_first_not_of(" \t\n\r\f") == std::string_view::npos) {
    throw SqlError(Sqlstate::InvalidTextRepresentation, "invalid input syntax for type jsonpath: \"" + std::string(text) + "\"");
  }
  return Parser(text).parse();
}

std::string json_path_text(const JsonPath& path) {
  std::string out = path.lax ? "" : "strict ";
  print(*path.root, false, true, out);
  return out;
}

const Family kJsonPathFamily = {input, output, receive, send};

}  // namespace aegis::types
