// money: cents, written with a dollar sign as the C locale of PostgreSQL does.
#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

[[noreturn]] void throw_range(std::string_view text) {
  throw SqlError(Sqlstate::NumericValueOutOfRange, "value \"" + std::string(text) + "\" is out of range for type money");
}

Value input(const TypeContext&, std::string_view text, Type, Arena&) {
  size_t at = 0;
  auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  auto skip = [&] {
    while (at < text.size() && is_space(text[at])) ++at;
  };
  bool negative = false;
  skip();
  if (peek() == '$') ++at;
  skip();
  if (peek() == '-') {
    negative = true;
    ++at;
  } else if (peek() == '(') {
    negative = true;
    ++at;
  } else if (peek() == '+') {
    ++at;
  }
  skip();
  if (peek() == '$') ++at;
  skip();
  // Counted down, so that the least value fits.
  int64_t value = 0;
  bool seen_point = false, any = false;
  int decimals = 0;
  auto take_digit = [&](int digit) {
    if (__builtin_mul_overflow(value, int64_t{10}, &value) || __builtin_sub_overflow(value, int64_t{digit}, &value)) throw_range(text);
  };
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c >= '0' && c <= '9' && (!seen_point || decimals < 2)) {
      take_digit(c - '0');
      any = true;
      if (seen_point) ++decimals;
    } else if (c == '.' && !seen_point) {
      seen_point = true;
    } else if (c != ',') {
      break;
    }
  }
  bool round_up = seen_point && decimals == 2 && peek() >= '5' && peek() <= '9';
  for (; decimals < 2; ++decimals) take_digit(0);
  if (round_up && __builtin_sub_overflow(value, int64_t{1}, &value)) throw_range(text);
  while (peek() >= '0' && peek() <= '9') ++at;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (is_space(c) || c == ')' || c == '$' || c == '+') continue;
    if (c == '-') {
      negative = true;
      continue;
    }
    throw_invalid_text("money", text);
  }
  if (!any && !seen_point && text.find_first_of("0123456789") == std::string_view::npos && trim_space(text).empty()) throw_invalid_text("money", text);
  if (!negative) {
    if (value == INT64_MIN) throw_range(text);
    value = -value;
  }
  return Value::of_i64(value);
}

void output(const TypeContext&, const Value& value, Oid, std::string& out) {
  bool negative = value.i64 < 0;
  uint64_t cents = negative ? uint64_t{0} - static_cast<uint64_t>(value.i64) : static_cast<uint64_t>(value.i64);
  std::string whole = std::to_string(cents / 100);
  for (int at = static_cast<int>(whole.size()) - 3; at > 0; at -= 3) whole.insert(static_cast<size_t>(at), ",");
  std::string fraction = std::to_string(cents % 100);
  out += negative ? "-$" : "$";
  out += whole + "." + (fraction.size() == 1 ? "0" : "") + fraction;
}
Value receive(const TypeContext&, std::string_view bytes, Type, Arena&) { return Value::of_i64(BinaryReader(bytes).int64()); }
void send(const TypeContext&, const Value& value, Oid, std::string& out) { append_int64(out, value.i64); }
int compare(const Value& a, const Value& b, Oid) { return a.i64 < b.i64 ? -1 : a.i64 > b.i64; }
uint64_t hash(const Value& value, Oid) { return hash_int(static_cast<uint64_t>(value.i64)); }

}  // namespace

const Family kMoneyFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
