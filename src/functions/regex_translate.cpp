#include "regex_translate.h"

#include <cctype>
#include <cstdio>

#include "aegis/types/encoding.h"

namespace aegis::functions {

void throw_invalid_regex(const std::string& why) {
  throw SqlError(Sqlstate::InvalidRegularExpression, "invalid regular expression: " + why);
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

std::string code_point(unsigned long code) {
  char buffer[24];
  std::snprintf(buffer, sizeof buffer, "\\x{%lx}", code);
  return buffer;
}

class Translator {
 public:
  Translator(std::string_view pattern, RegexFlags flags) : text_(pattern) { result_.flags = flags; }

  TranslatedRegex run() {
    director();
    if (result_.flags.literal) {
      quote_rest();
      return std::move(result_);
    }
    while (at_ < text_.size()) token();
    if (depth_ > 0) throw_invalid_regex("parentheses () not balanced");
    if (top_level_choice_) result_.prefers_short = false;
    return std::move(result_);
  }

 private:
  std::string& out() { return result_.pattern; }
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  // "***=", "***:" and "(?letters)" at the start.
  void director() {
    if (text_.starts_with("***=")) {
      at_ = 4;
      result_.flags.literal = true;
      return;
    }
    if (text_.starts_with("***:")) at_ = 4;
    if (result_.flags.extended_only || result_.flags.literal) return;
    if (peek() == '(' && peek(1) == '?' && std::isalpha(static_cast<unsigned char>(peek(2)))) {
      size_t end = text_.find(')', at_);
      if (end == std::string_view::npos) throw_invalid_regex("invalid embedded option");
      embedded_options(text_.substr(at_ + 2, end - at_ - 2));
      at_ = end + 1;
    }
  }

  void embedded_options(std::string_view letters) {
    for (char letter : letters) {
      if (!result_.flags.set(letter)) throw_invalid_regex("invalid embedded option");
    }
  }

  void quote_rest() {
    for (; at_ < text_.size(); ++at_) {
      if (!std::isalnum(static_cast<unsigned char>(text_[at_])) && static_cast<signed char>(text_[at_]) > 0) out() += '\\';
      out() += text_[at_];
    }
  }

  void token() {
    char c = peek();
    if (result_.flags.expanded && (std::isspace(static_cast<unsigned char>(c)) || c == '#')) return skip_comment(c);
    switch (c) {
      case '[': return bracket();
      case '(': return open();
      case ')':
        if (depth_ == 0) throw_invalid_regex("parentheses () not balanced");
        --depth_;
        ++at_;
        out() += ')';
        quantifiable_ = true;
        return;
      case '|':
        result_.has_choice = true;
        if (depth_ == 0) top_level_choice_ = true;
        ++at_;
        out() += '|';
        quantifiable_ = false;
        return;
      case '*':
      case '+':
      case '?': return quantifier(std::string(1, c), 1);
      case '{': return brace();
      case '^':
      case '$':
        ++at_;
        out() += c;
        quantifiable_ = false;
        return;
      case '\\': return escape();
      case '.':
        ++at_;
        out() += '.';
        quantifiable_ = true;
        return;
      default: break;
    }
    size_t size = std::min(types::utf8_bytes(c), text_.size() - at_);
    if (size == 1 && !std::isalnum(static_cast<unsigned char>(c)) && c > ' ') out() += '\\';
    if (size == 1 && std::isspace(static_cast<unsigned char>(c))) {
      out() += code_point(static_cast<unsigned char>(c));
    } else {
      out() += text_.substr(at_, size);
    }
    at_ += size;
    quantifiable_ = true;
  }

  void skip_comment(char c) {
    ++at_;
    if (c != '#') return;
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  void open() {
    if (peek(1) == '?') {
      size_t size = peek(2) == '<' ? 4 : 3;
      std::string_view head = text_.substr(at_, size);
      if (head == "(?#") {
        size_t end = text_.find(')', at_);
        if (end == std::string_view::npos) throw_invalid_regex("parentheses () not balanced");
        at_ = end + 1;
        return;
      }
      if (head != "(?:" && head != "(?=" && head != "(?!" && head != "(?<=" && head != "(?<!") {
        throw_invalid_regex("quantifier operand invalid");
      }
      out() += head;
      at_ += size;
    } else {
      out() += '(';
      ++at_;
    }
    ++depth_;
    quantifiable_ = false;
  }

  void quantifier(const std::string& text, size_t consumed, bool fixed = false) {
    if (!quantifiable_) throw_invalid_regex("quantifier operand invalid");
    at_ += consumed;
    out() += text;
    bool lazy = peek() == '?' && !result_.flags.extended_only;
    if (lazy) {
      ++at_;
      out() += '?';
    }
    if (!fixed) {
      result_.has_choice = true;
      if (!preference_known_) {
        preference_known_ = true;
        result_.prefers_short = lazy;
      }
    }
    quantifiable_ = false;
  }

  // {m}, {m,} or {m,n}; any other brace is a literal one.
  void brace() {
    size_t i = 1;
    auto number = [&](int& value) {
      size_t start = i;
      value = 0;
      while (is_digit(peek(i))) {
        value = value * 10 + (peek(i++) - '0');
        if (value > 255) throw_invalid_regex("invalid repetition count(s)");
      }
      return i > start;
    };
    int least;
    int greatest;
    if (!is_digit(peek(1))) {
      if (result_.flags.extended_only) throw_invalid_regex("invalid repetition count(s)");
      ++at_;
      out() += "\\{";
      quantifiable_ = true;
      return;
    }
    number(least);
    bool fixed = true;
    if (peek(i) == ',') {
      ++i;
      fixed = false;
      if (number(greatest) && greatest < least) throw_invalid_regex("invalid repetition count(s)");
    }
    if (peek(i) != '}') throw_invalid_regex("invalid repetition count(s)");
    quantifier(std::string(text_.substr(at_, i + 1)), i + 1, fixed);
  }

  unsigned long hex(size_t digits) {
    unsigned long value = 0;
    size_t count = 0;
    while (count < digits && is_hex(peek())) {
      value = value * 16 + static_cast<unsigned long>(std::stoi(std::string(1, peek()), nullptr, 16));
      ++at_;
      ++count;
    }
    if (count == 0 || (digits <= 8 && count < digits)) throw_invalid_regex("invalid escape \\ sequence");
    return value;
  }

  // Character escapes, common to brackets and outside; false when `c` is not one. at_ is behind `c`.
  bool character_escape(char c, std::string& into) {
    switch (c) {
      case 'a': into += "\\x07"; return true;
      case 'b': into += "\\x08"; return true;
      case 'B': into += "\\\\"; return true;
      case 'e': into += "\\x1b"; return true;
      case 'f': into += "\\x0c"; return true;
      case 'n': into += "\\n"; return true;
      case 'r': into += "\\r"; return true;
      case 't': into += "\\t"; return true;
      case 'v': into += "\\x0b"; return true;
      case 'c':
        if (at_ >= text_.size()) throw_invalid_regex("invalid escape \\ sequence");
        into += code_point(static_cast<unsigned char>(text_[at_++]) & 31);
        return true;
      case 'u': into += code_point(hex(4)); return true;
      case 'U': into += code_point(hex(8)); return true;
      case 'x': {
        unsigned long value = hex(255);
        if (value > 0x10ffff) throw_invalid_regex("invalid escape \\ sequence");
        into += code_point(value);
        return true;
      }
      case '0': into += octal(0); return true;
      default: return false;
    }
  }

  std::string octal(unsigned long value) {
    for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; ++i) value = value * 8 + static_cast<unsigned long>(text_[at_++] - '0');
    return code_point(value);
  }

  void escape() {
    if (at_ + 1 >= text_.size()) throw_invalid_regex("invalid escape \\ sequence");
    ++at_;
    char c = text_[at_];
    if (result_.flags.extended_only || !std::isalnum(static_cast<unsigned char>(c))) {
      size_t size = std::min(types::utf8_bytes(c), text_.size() - at_);
      if (size == 1 && !std::isalnum(static_cast<unsigned char>(c))) out() += '\\';
      out() += text_.substr(at_, size);
      at_ += size;
      quantifiable_ = true;
      return;
    }
    ++at_;
    quantifiable_ = true;
    if (is_digit(c) && c != '0') {
      std::string digits(1, c);
      while (is_digit(peek()) && digits.size() < 2) digits += text_[at_++];
      result_.has_back_reference = true;
      out() += "\\g{" + digits + "}";
      return;
    }
    auto assertion = [&](const char* text) {
      out() += text;
      quantifiable_ = false;
    };
    switch (c) {
      case 'd': out() += "[0-9]"; return;
      case 'D': out() += "[^0-9]"; return;
      case 's':
      case 'S':
      case 'w':
      case 'W':
        out() += '\\';
        out() += c;
        return;
      case 'A': return assertion("\\A");
      case 'Z': return assertion("\\z");
      case 'm': return assertion("\\b(?=\\w)");
      case 'M': return assertion("\\b(?<=\\w)");
      case 'y': return assertion("\\b");
      case 'Y': return assertion("\\B");
      default: break;
    }
    if (c == 'B') {
      out() += "\\\\";
      return;
    }
    if (!character_escape(c, out())) throw_invalid_regex("invalid escape \\ sequence");
  }

  void bracket() {
    if (text_.substr(at_).starts_with("[[:<:]]")) {
      at_ += 7;
      out() += "\\b(?=\\w)";
      quantifiable_ = false;
      return;
    }
    if (text_.substr(at_).starts_with("[[:>:]]")) {
      at_ += 7;
      out() += "\\b(?<=\\w)";
      quantifiable_ = false;
      return;
    }
    ++at_;
    std::string set = "[";
    bool negated = peek() == '^';
    if (negated) {
      set += '^';
      ++at_;
    }
    bool first = true;
    for (;; first = false) {
      if (at_ >= text_.size()) throw_invalid_regex("brackets [] not balanced");
      char c = peek();
      if (c == ']' && !first) break;
      bracket_item(c, set);
    }
    ++at_;
    if (negated && result_.flags.newline_stops_dot) set += "\\n";
    out() += set + ']';
    quantifiable_ = true;
  }

  void bracket_item(char c, std::string& set) {
    if (c == '[' && (peek(1) == ':' || peek(1) == '.' || peek(1) == '=')) {
      char kind = peek(1);
      size_t end = text_.find(std::string{kind, ']'}, at_ + 2);
      if (end == std::string_view::npos) throw_invalid_regex("brackets [] not balanced");
      std::string_view name = text_.substr(at_ + 2, end - at_ - 2);
      at_ = end + 2;
      if (kind != ':') {
        if (types::utf8_length(name) != 1) throw_invalid_regex("invalid collating element");
        if (name.size() == 1) set += '\\';
        set += name;
      } else if (name == "digit") {
        set += "0-9";
      } else {
        static constexpr std::string_view kClasses[] = {"alnum", "alpha", "blank", "cntrl", "graph", "lower",
                                                        "print", "punct", "space", "upper", "xdigit", "word"};
        bool known = false;
        for (std::string_view known_name : kClasses) known |= known_name == name;
        if (!known) throw_invalid_regex("invalid character class");
        set += "[:" + std::string(name) + ":]";
      }
      return;
    }
    if (c == '\\' && !result_.flags.extended_only) {
      if (at_ + 1 >= text_.size()) throw_invalid_regex("invalid escape \\ sequence");
      char e = text_[at_ + 1];
      at_ += 2;
      if (!std::isalnum(static_cast<unsigned char>(e))) {
        set += '\\';
        set += e;
      } else if (e == 'd') {
        set += "0-9";
      } else if (e == 's' || e == 'w' || e == 'S' || e == 'W' || e == 'D') {
        set += '\\';
        set += e;
      } else if (!character_escape(e, set)) {
        throw_invalid_regex("invalid escape \\ sequence");
      }
      return;
    }
    if (c == '\\' || c == '[' || c == ']' || c == '^' || c == '&' || c == '~') set += '\\';
    size_t size = std::min(types::utf8_bytes(c), text_.size() - at_);
    set += text_.substr(at_, size);
    at_ += size;
  }

  std::string_view text_;
  TranslatedRegex result_;
  size_t at_ = 0;
  int depth_ = 0;
  bool quantifiable_ = false;
  bool preference_known_ = false;
  bool top_level_choice_ = false;
};

}  // namespace

TranslatedRegex translate_regex(std::string_view pattern, RegexFlags flags) { return Translator(pattern, flags).run(); }

}  // namespace aegis::functions
