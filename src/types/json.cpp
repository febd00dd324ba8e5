// json: text kept as it was written, once it is known to be JSON.
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

constexpr int kMaxDepth = 6000;

class JsonChecker {
 public:
  explicit JsonChecker(std::string_view text) : text_(text) {}

  bool check() { return value(0) && (skip_space(), at_ == text_.size()); }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  bool digits() {
    size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > start;
  }

  bool value(int depth) {
    if (depth > kMaxDepth) throw SqlError(Sqlstate::StatementTooComplex, "stack depth limit exceeded");
    skip_space();
    switch (peek()) {
      case '{': return members(depth, '}', /*named=*/true);
      case '[': return members(depth, ']', /*named=*/false);
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }
  bool members(int depth, char close, bool named) {
    ++at_;
    skip_space();
    if (take(close)) return true;
    for (;;) {
      skip_space();
      if (named && (!string() || (skip_space(), !take(':')))) return false;
      if (!value(depth + 1)) return false;
      skip_space();
      if (take(close)) return true;
      if (!take(',')) return false;
    }
  }
  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      unsigned char c = static_cast<unsigned char>(text_[at_++]);
      if (c == '"') return true;
      if (c < 0x20) return false;
      if (c != '\\') continue;
      char escape = peek();
      ++at_;
      if (escape == 'u') {
        for (int i = 0; i < 4; ++i, ++at_) {
          if (!isxdigit(static_cast<unsigned char>(peek()))) return false;
        }
      } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos || escape == '\0') {
        return false;
      }
    }
    return false;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  if (!JsonChecker(text).check()) {
    throw SqlError(Sqlstate::InvalidTextRepresentation, "invalid input syntax for type json");
  }
  return string_value(text, arena);
}
void output(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }

Value receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  return input(context, bytes, type, arena);
}
void send(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }

}  // namespace

const Family kJsonFamily = {input, output, receive, send};

}  // namespace aegis::types
