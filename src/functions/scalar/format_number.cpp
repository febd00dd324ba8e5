// to_char() and to_number() of numbers.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "aegis/types/encoding.h"
#include "aegis/types/numeric.h"
#include "binding.h"
#include "call.h"

namespace aegis::functions {

namespace numeric = types::numeric;

namespace {

enum class Key : uint8_t {
  Text, Comma, Point, Zero, Nine, Blank, Decimal, Exponent, Fill, Group, Currency, Minus, Plus, Bracket, Roman,
  RomanLower, SignBoth, Sign, Ordinal, OrdinalLower, Multiply, Skip
};

struct Node {
  Key key;
  std::string text;  // of Text
};

struct Keyword {
  std::string_view name;
  Key key;
};

constexpr Keyword kKeywords[] = {
    {",", Key::Comma},    {".", Key::Point},   {"0", Key::Zero},    {"9", Key::Nine},          {"B", Key::Blank},
    {"C", Key::Skip},     {"D", Key::Decimal}, {"EEEE", Key::Exponent}, {"FM", Key::Fill},     {"G", Key::Group},
    {"L", Key::Currency}, {"MI", Key::Minus},  {"PL", Key::Plus},   {"PR", Key::Bracket},      {"RN", Key::Roman},
    {"SG", Key::SignBoth}, {"SP", Key::Skip},  {"S", Key::Sign},    {"TH", Key::Ordinal},      {"V", Key::Multiply},
    {"b", Key::Blank},    {"c", Key::Skip},    {"d", Key::Decimal}, {"eeee", Key::Exponent},   {"fm", Key::Fill},
    {"g", Key::Group},    {"l", Key::Currency}, {"mi", Key::Minus}, {"pl", Key::Plus},         {"pr", Key::Bracket},
    {"rn", Key::RomanLower}, {"sg", Key::SignBoth}, {"sp", Key::Skip}, {"s", Key::Sign},       {"th", Key::OrdinalLower},
    {"v", Key::Multiply}};

[[noreturn]] void fail(const char* message) { throw SqlError(Sqlstate::SyntaxError, message); }

enum class SignPlace : uint8_t { None, Before, After };

// A parsed number format: its nodes and what they say together.
struct NumberFormat {
  std::vector<Node> nodes;
  int pre = 0, post = 0, multiply = 0;
  int zero_start = 0, zero_end = 0, sign_pre = 0;
  SignPlace sign_place = SignPlace::None;
  bool decimal = false, zero = false, blank = false, fill = false, sign = false, bracket = false, minus = false,
       plus = false, roman = false, multi = false, exponent = false;

  explicit NumberFormat(Text format) {
    for (size_t at = 0; at < format.size();) {
      if (format[at] == '"') {
        at = quoted(format, at + 1);
        continue;
      }
      if (format[at] == '\\' && at + 1 < format.size() && format[at + 1] == '"') ++at;
      const Keyword* found = nullptr;
      if (format[at] != '"') {
        for (const Keyword& keyword : kKeywords) {
          if (format.substr(at, keyword.name.size()) == keyword.name) {
            found = &keyword;
            break;
          }
        }
      }
      if (found != nullptr) {
        nodes.push_back({found->key, {}});
        prepare(found->key);
        at += found->name.size();
      } else {
        size_t size = types::utf8_bytes(format[at]);
        nodes.push_back({Key::Text, std::string(format.substr(at, size))});
        at += size;
      }
    }
    if (zero_start > 0) --zero_start;
  }

 private:
  size_t quoted(Text format, size_t at) {
    while (at < format.size() && format[at] != '"') {
      if (format[at] == '\\' && at + 1 < format.size()) ++at;
      size_t size = types::utf8_bytes(format[at]);
      nodes.push_back({Key::Text, std::string(format.substr(at, size))});
      at += size;
    }
    return at + 1;
  }

  void prepare(Key key) {
    if (exponent && key != Key::Exponent) fail("\"EEEE\" must be the last pattern used");
    switch (key) {
      case Key::Nine:
        if (bracket) fail("\"9\" must be ahead of \"PR\"");
        ++(multi ? multiply : decimal ? post : pre);
        break;
      case Key::Zero:
        if (bracket) fail("\"0\" must be ahead of \"PR\"");
        if (!zero && !decimal) {
          zero = true;
          zero_start = pre + 1;
        }
        ++(decimal ? post : pre);
        zero_end = pre + post;
        break;
      case Key::Blank:
        if (pre == 0 && post == 0 && !zero) blank = true;
        break;
      case Key::Decimal:
      case Key::Point:
        if (decimal) fail("multiple decimal points");
        if (multi) fail("cannot use \"V\" and decimal point together");
        decimal = true;
        break;
      case Key::Fill: fill = true; break;
      case Key::Sign:
        if (sign) fail("cannot use \"S\" twice");
        if (plus || minus || bracket) fail("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
        sign = true;
        sign_place = decimal ? SignPlace::After : SignPlace::Before;
        if (!decimal) sign_pre = pre;
        break;
      case Key::Minus:
        if (sign) fail("cannot use \"S\" and \"MI\" together");
        minus = true;
        break;
      case Key::Plus:
        if (sign) fail("cannot use \"S\" and \"PL\" together");
        plus = true;
        break;
      case Key::SignBoth:
        if (sign) fail("cannot use \"S\" and \"SG\" together");
        minus = plus = true;
        break;
      case Key::Bracket:
        if (sign || plus || minus) fail("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
        bracket = true;
        break;
      case Key::Roman:
      case Key::RomanLower: roman = true; break;
      case Key::Multiply:
        if (decimal) fail("cannot use \"V\" and decimal point together");
        multi = true;
        break;
      case Key::Exponent:
        if (exponent) fail("cannot use \"EEEE\" twice");
        if (blank || fill || sign || bracket || minus || plus || roman || multi) {
          throw SqlError(Sqlstate::SyntaxError, "\"EEEE\" is incompatible with other formats")
              .detail("\"EEEE\" may only be used together with digit and decimal point patterns.");
        }
        exponent = true;
        break;
      default: break;
    }
  }
};

std::string ordinal_suffix(const std::string& number, bool upper) {
  char last = number.empty() ? '0' : number.back();
  bool teen = number.size() > 1 && number[number.size() - 2] == '1';
  const char* suffix = "th";
  if (!teen && last == '1') suffix = "st";
  if (!teen && last == '2') suffix = "nd";
  if (!teen && last == '3') suffix = "rd";
  std::string out = suffix;
  if (upper) {
    for (char& c : out) c = static_cast<char>(c - 32);
  }
  return out;
}

std::string roman_number(int64_t number) {
  if (number > 3999 || number < 1) return std::string(15, '#');
  static constexpr std::pair<int, const char*> kParts[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
                                                           {90, "XC"},  {50, "L"},   {40, "XL"}, {10, "X"},   {9, "IX"},
                                                           {5, "V"},    {4, "IV"},   {1, "I"}};
  std::string out;
  for (auto [value, text] : kParts) {
    for (; number >= value; number -= value) out += text;
  }
  return out;
}

// Writes the digits of `number` (no sign) by a format.
class NumberWriter {
 public:
  NumberWriter(NumberFormat& format, std::string number, int pre_spaces, char sign)
      : f_(format), number_(std::move(number)), spaces_(pre_spaces), sign_(sign) {
    if (f_.plus || f_.minus) {
      sign_written_ = !(f_.plus && !f_.minus);
    } else {
      if (sign_ != '-' && f_.bracket && f_.fill) f_.bracket = false;
      sign_written_ = sign_ == '+' && f_.fill && !f_.sign;
      if (f_.sign_place == SignPlace::Before && f_.pre == f_.sign_pre) f_.sign_place = SignPlace::After;
    }
    count_ = f_.post + f_.pre - 1;
    if (f_.fill && f_.decimal) find_last_relevant();
    if (!sign_written_ && spaces_ == 0) ++count_;
  }

  std::string run() {
    for (const Node& node : f_.nodes) {
      // A Roman number has no sign: SG ends the text.
      if (f_.roman && node.key == Key::SignBoth) break;
      write(node);
    }
    return std::move(out_);
  }

 private:
  static constexpr size_t kNone = std::string::npos;

  // With FM, trailing zeros after the point are left out, but not those that 0 asks for.
  void find_last_relevant() {
    size_t point = number_.find('.');
    if (point == kNone) return;
    last_ = point;
    for (size_t i = point + 1; i < number_.size(); ++i) {
      if (number_[i] != '0') last_ = i;
    }
    if (f_.zero_end > spaces_) {
      size_t zero = std::min<size_t>(number_.size() - 1, static_cast<size_t>(f_.zero_end - spaces_));
      if (last_ < zero) last_ = zero;
    }
  }
  char at(size_t i) const { return i < number_.size() ? number_[i] : '\0'; }
  bool last_is_point() const { return last_ != kNone && at(last_) == '.'; }
  bool space_before_point() const { return !f_.zero && position_ == 0 && at(0) == '0' && f_.post != 0; }

  void write(const Node& node) {
    switch (node.key) {
      case Key::Nine:
      case Key::Zero:
      case Key::Point:
      case Key::Decimal: return digit(node.key);
      case Key::Comma:
      case Key::Group:
        if (number_begun_) {
          out_ += ',';
        } else if (!f_.fill) {
          out_ += ' ';
        }
        return;
      case Key::Currency: out_ += ' '; return;
      case Key::Roman:
      case Key::RomanLower: {
        std::string text = number_;
        if (node.key == Key::RomanLower) {
          for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
        if (!f_.fill && text.size() < 15) out_.append(15 - text.size(), ' ');
        out_ += text;
        return;
      }
      case Key::Ordinal:
      case Key::OrdinalLower:
        if (f_.roman || at(0) == '#' || sign_ == '-' || f_.decimal) return;
        out_ += ordinal_suffix(number_, node.key == Key::Ordinal);
        return;
      case Key::Minus:
        if (sign_ == '-') {
          out_ += '-';
        } else if (!f_.fill) {
          out_ += ' ';
        }
        return;
      case Key::Plus:
        if (sign_ == '+' && !f_.roman) {
          out_ += '+';
        } else if (!f_.fill) {
          out_ += ' ';
        }
        return;
      case Key::SignBoth: out_ += sign_; return;
      case Key::Text: out_ += node.text; return;
      default: return;
    }
  }

  void sign_before_digits() {
    bool number_here = index_ >= spaces_ || (f_.zero && f_.zero_start == index_);
    if (sign_written_ || !number_here || (space_before_point() && !last_is_point())) return;
    if (f_.sign) {
      if (f_.sign_place == SignPlace::Before) {
        out_ += sign_;
        sign_written_ = true;
      }
    } else if (f_.bracket) {
      out_ += sign_ == '+' ? ' ' : '<';
      sign_written_ = true;
    } else if (sign_ == '+') {
      if (!f_.fill) out_ += ' ';
      sign_written_ = true;
    } else {
      out_ += '-';
      sign_written_ = true;
    }
  }

  void digit(Key key) {
    if (f_.roman) return;
    number_begun_ = false;
    sign_before_digits();
    if (index_ < spaces_ && (f_.zero_start > index_ || !f_.zero)) {
      if (!f_.fill) out_ += ' ';
    } else if (f_.zero && index_ < spaces_ && f_.zero_start <= index_) {
      out_ += '0';
      number_begun_ = true;
    } else {
      if (at(position_) == '.') {
        if (!last_is_point() || f_.fill) out_ += '.';
      } else if (last_ != kNone && position_ > last_ && key != Key::Zero) {
      } else if (space_before_point()) {
        if (!f_.fill) {
          out_ += ' ';
        } else if (last_is_point()) {
          out_ += '0';
        }
      } else if (at(position_) != '\0') {
        out_ += at(position_);
        number_begun_ = true;
      }
      if (at(position_) != '\0') ++position_;
    }
    int end = count_ + (spaces_ ? 1 : 0) + (f_.decimal ? 1 : 0);
    if (last_ != kNone && last_ == position_) end = index_;
    if (index_ + 1 == end) {
      if (sign_written_ && f_.bracket) {
        out_ += sign_ == '+' ? ' ' : '>';
      } else if (f_.sign && f_.sign_place == SignPlace::After) {
        out_ += sign_;
      }
    }
    ++index_;
  }

  NumberFormat& f_;
  std::string number_;
  int spaces_;
  char sign_;
  bool sign_written_ = false;
  bool number_begun_ = false;
  int count_ = 0;
  int index_ = 0;
  size_t position_ = 0;
  size_t last_ = kNone;
  std::string out_;
};

std::string overflow_marks(const NumberFormat& f) {
  std::string marks(static_cast<size_t>(f.pre + f.post + 1), '#');
  marks[static_cast<size_t>(f.pre)] = '.';
  return marks;
}

// `text` is the number printed, perhaps with a '-'.
std::string write_number(NumberFormat& f, std::string text) {
  char sign = '+';
  if (!text.empty() && text[0] == '-') {
    sign = '-';
    text.erase(0, 1);
  }
  size_t point = text.find('.');
  int pre = static_cast<int>(point == std::string::npos ? text.size() : point);
  int spaces = 0;
  if (pre < f.pre) spaces = f.pre - pre;
  if (pre > f.pre) text = overflow_marks(f);
  return NumberWriter(f, std::move(text), spaces, sign).run();
}
std::string write_roman(NumberFormat& f, int64_t value) { return NumberWriter(f, roman_number(value), 0, '+').run(); }

std::string scientific(double value, int digits) {
  char buffer[128];
  std::snprintf(buffer, sizeof buffer, "%+.*e", digits, value);
  if (buffer[0] == '+') buffer[0] = ' ';
  return buffer;
}
std::string scientific_marks(const NumberFormat& f) {
  std::string marks(static_cast<size_t>(f.pre + f.post + 6), '#');
  marks[0] = ' ';
  marks[static_cast<size_t>(f.pre) + 1] = '.';
  return marks;
}

std::string numeric_scientific(const Numeric& value, int digits) {
  if (numeric::is_zero(value)) return scientific(0, digits);
  std::string text = numeric::to_string(value);
  bool negative = text[0] == '-';
  std::string plain;
  int exponent = -1;
  bool point = false;
  bool leading = true;
  for (char c : text) {
    if (c == '-') continue;
    if (c == '.') {
      point = true;
      continue;
    }
    if (leading && c == '0') {
      if (point) --exponent;
      continue;
    }
    leading = false;
    if (!point) ++exponent;
    plain += c;
  }
  Arena arena(256);
  std::string shifted = plain.substr(0, 1) + "." + (plain.size() > 1 ? plain.substr(1) : "0");
  Numeric rounded = numeric::round(numeric::from_string(shifted, arena), digits, arena);
  if (numeric::compare(rounded, Numeric::of(10)) >= 0) {
    rounded = numeric::round(Numeric::of(1), digits, arena);
    ++exponent;
  }
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
  return (negative ? "-" : " ") + numeric::to_string(rounded) + buffer;
}

std::string numeric_to_char(Call& call, const Numeric& given, Text format) {
  NumberFormat f(format);
  Arena& arena = call.arena();
  if (f.roman) return write_roman(f, numeric::to_int64(numeric::round(given, 0, arena), "integer"));
  if (f.exponent) return given.is_finite() ? numeric_scientific(given, f.post) : scientific_marks(f);
  Numeric value = given;
  if (f.multi) {
    value = numeric::multiply(value, numeric::power(Numeric::of(10), Numeric::of(f.multiply), arena), arena);
    f.pre += f.multiply;
  }
  return write_number(f, numeric::to_string(numeric::round(value, f.post, arena)));
}

std::string integer_to_char(Call& call, int64_t value, Text format) {
  NumberFormat f(format);
  if (f.roman) return write_roman(f, value);
  if (f.exponent) return numeric_scientific(Numeric::of(value), f.post);
  Numeric number = Numeric::of(value);
  if (f.multi) {
    number = numeric::multiply(number, numeric::round(numeric::power(Numeric::of(10), Numeric::of(f.multiply), call.arena()), 0, call.arena()), call.arena());
    f.pre += f.multiply;
  }
  std::string text = numeric::to_string(number);
  if (f.post > 0) text += "." + std::string(static_cast<size_t>(f.post), '0');
  return write_number(f, text);
}

template <int precision>
std::string float_to_char(double value, Text format) {
  NumberFormat f(format);
  if (f.roman) return write_roman(f, std::isnan(value) || std::fabs(value) > 1e9 ? 0 : static_cast<int64_t>(std::rint(value)));
  if (f.exponent) return std::isnan(value) || std::isinf(value) ? scientific_marks(f) : scientific(value, f.post);
  if (f.multi) {
    value *= std::pow(10, f.multiply);
    f.pre += f.multiply;
  }
  auto printed = [](double number, int digits) {
    int size = std::snprintf(nullptr, 0, "%.*f", digits, number);
    std::string text(static_cast<size_t>(size) + 1, '\0');
    std::snprintf(text.data(), text.size(), "%.*f", digits, number);
    text.pop_back();
    return text;
  };
  auto named = [](double number, std::string text) {
    if (std::isnan(number)) return std::string("NaN");
    if (std::isinf(number)) return std::string(number > 0 ? "Infinity" : "-Infinity");
    return text;
  };
  int whole = static_cast<int>(named(std::fabs(value), printed(std::fabs(value), 0)).size());
  if (whole >= precision) {
    f.post = 0;
  } else if (whole + f.post > precision) {
    f.post = precision - whole;
  }
  return write_number(f, named(value, printed(value, f.post)));
}

// Reads a number by a format; what does not fit is skipped.
class NumberReader {
 public:
  NumberReader(NumberFormat& format, Text text) : f_(format), text_(text) {}

  // Sign, digits, point; empty of digits when there were none.
  std::string run() {
    for (const Node& node : f_.nodes) {
      if (at_ >= text_.size()) break;
      read(node);
    }
    if (!digits_.empty() && digits_.back() == '.') digits_.pop_back();
    return std::string(1, sign_) + digits_;
  }
  int post() const { return read_post_; }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool end() const { return at_ >= text_.size(); }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  void skip_other(int count) {
    // Only characters that cannot be part of a number.
    for (; count > 0 && !end(); --count) {
      if (is_digit(peek()) || peek() == '.' || peek() == ',' || peek() == '+' || peek() == '-') break;
      at_ += types::utf8_bytes(peek());
    }
  }

  void read(const Node& node) {
    switch (node.key) {
      case Key::Nine:
      case Key::Zero:
      case Key::Point:
      case Key::Decimal:
        number_part(node.key);
        ++at_;
        return;
      case Key::Comma:
        if (f_.fill) return;
        if (peek() == ',') ++at_;
        return;
      case Key::Group:
        if (f_.fill) return;
        if (peek() == ',') {
          ++at_;
        } else {
          skip_other(1);
        }
        return;
      case Key::Currency: skip_other(1); return;
      case Key::Roman:
      case Key::RomanLower: throw SqlError(Sqlstate::FeatureNotSupported, "\"RN\" not supported for input");
      case Key::Ordinal:
      case Key::OrdinalLower:
        if (f_.roman || f_.decimal) return;
        skip_other(2);
        return;
      case Key::Minus:
        if (peek() == '-') {
          sign_ = '-';
          ++at_;
        } else {
          skip_other(1);
        }
        return;
      case Key::Plus:
        if (peek() == '+') {
          sign_ = '+';
          ++at_;
        } else {
          skip_other(1);
        }
        return;
      case Key::SignBoth:
        if (peek() == '-' || peek() == '+') {
          sign_ = peek();
          ++at_;
        } else {
          skip_other(1);
        }
        return;
      case Key::Text: at_ += types::utf8_bytes(peek()); return;
      default: return;
    }
  }

  void number_part(Key key) {
    bool is_read = false;
    if (peek() == ' ') ++at_;
    if (end()) return;
    bool nothing_yet = read_pre_ + read_post_ == 0;
    if (sign_ == ' ' && (key == Key::Zero || key == Key::Nine) && nothing_yet) {
      if (f_.sign && f_.sign_place == SignPlace::Before) {
        if (peek() == '-' || peek() == '+') sign_ = text_[at_++];
      } else if (peek() == '-' || (f_.bracket && peek() == '<')) {
        sign_ = '-';
        ++at_;
      } else if (peek() == '+') {
        sign_ = '+';
        ++at_;
      }
    }
    if (end()) return;
    if (is_digit(peek())) {
      if (read_decimal_ && read_post_ == f_.post) return;
      digits_ += peek();
      ++(read_decimal_ ? read_post_ : read_pre_);
      is_read = true;
    } else if (f_.decimal && !read_decimal_ && peek() == '.') {
      digits_ += '.';
      read_decimal_ = true;
      is_read = true;
    }
    if (sign_ == ' ' && read_pre_ + read_post_ > 0) {
      if (f_.sign && is_read && at_ + 1 < text_.size() && !is_digit(text_[at_ + 1])) {
        char next = text_[at_ + 1];
        if (next == '-' || next == '+') {
          sign_ = next;
          ++at_;
        }
      } else if (!is_read && !f_.sign && (f_.plus || f_.minus) && (peek() == '-' || peek() == '+')) {
        sign_ = peek();
      }
    }
  }

  NumberFormat& f_;
  Text text_;
  size_t at_ = 0;
  std::string digits_;
  char sign_ = ' ';
  bool read_decimal_ = false;
  int read_pre_ = 0;
  int read_post_ = 0;
};

std::optional<Numeric> to_number(Call& call, Text text, Text format) {
  if (format.empty()) return std::nullopt;
  NumberFormat f(format);
  if (f.exponent) throw SqlError(Sqlstate::FeatureNotSupported, "\"EEEE\" not supported for input");
  Arena& arena = call.arena();
  NumberReader reader(f, text);
  Numeric value = numeric::from_string(reader.run(), arena);
  int precision = f.pre + f.multiply + reader.post();
  value = numeric::apply_typmod(value, ((precision << 16) | reader.post()) + 4, arena);
  if (f.multi) {
    value = numeric::multiply(value, numeric::power(Numeric::of(10), Numeric::of(-f.multiply), arena), arena);
  }
  return value;
}

constexpr ScalarBinding kBindings[] = {
    {"int4_to_char", kernel<[](Call& c, int32_t a, Text f) { return integer_to_char(c, a, f); }>},
    {"int8_to_char", kernel<integer_to_char>},
    {"float4_to_char", kernel<[](float a, Text f) { return float_to_char<6>(a, f); }>},
    {"float8_to_char", kernel<float_to_char<15>>},
    {"numeric_to_char", kernel<numeric_to_char>},
    {"numeric_to_number", kernel<to_number>},
};

}  // namespace

std::span<const ScalarBinding> format_number_bindings() { return kBindings; }

}  // namespace aegis::functions
