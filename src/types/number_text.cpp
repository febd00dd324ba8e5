#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "aegis/types/encoding.h"

namespace aegis::types {

int64_t parse_integer(std::string_view text, int64_t least, int64_t greatest, std::string_view type_name) {
  std::string_view digits = trim_space(text);
  bool negative = false;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
    negative = digits[0] == '-';
    digits.remove_prefix(1);
  }
  if (digits.empty()) throw_invalid_text(type_name, text);
  int64_t value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') throw_invalid_text(type_name, text);
    bool overflow = __builtin_mul_overflow(value, int64_t{10}, &value) ||
                    (negative ? __builtin_sub_overflow(value, int64_t{c - '0'}, &value)
                              : __builtin_add_overflow(value, int64_t{c - '0'}, &value));
    if (overflow || value < least || value > greatest) throw_out_of_range(type_name, text);
  }
  return value;
}

void append_integer(int64_t value, std::string& out) {
  char buffer[24];
  out.append(buffer, static_cast<size_t>(std::to_chars(buffer, buffer + sizeof buffer, value).ptr - buffer));
}

namespace {

template <typename T>
constexpr const char* kFloatName = sizeof(T) == 8 ? "double precision" : "real";

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

template <typename T>
T parse_floating(std::string_view original) {
  std::string_view text = trim_space(original);
  T value = 0;
  if (!text.empty()) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    char last = text.back();
    if (error == std::errc() && end == text.data() + text.size() && last >= '0' && last <= '9') return value;
  }
  // Hexadecimal, signs, names, underflow: as strtod() reads them.
  std::string copy(text);
  if (copy.empty() || starts_with_ignoring_case(text, "nan(")) throw_invalid_text(kFloatName<T>, original);
  char* end = nullptr;
  errno = 0;
  if constexpr (sizeof(T) == 8) {
    value = std::strtod(copy.c_str(), &end);
  } else {
    value = std::strtof(copy.c_str(), &end);
  }
  if (errno == ERANGE && (value == 0 || std::isinf(value))) {
    std::string number = sizeof(T) == 8 ? copy.substr(0, static_cast<size_t>(end - copy.c_str())) : copy;
    throw SqlError(Sqlstate::NumericValueOutOfRange,
                   "\"" + number + "\" is out of range for type " + std::string(kFloatName<T>));
  }
  if (end != copy.c_str() + copy.size()) throw_invalid_text(kFloatName<T>, original);
  return value;
}

// Whether the decimal text is exactly halfway between `value` and a neighbour. PostgreSQL does not use such
// texts, since a reader that rounds differently would miss the value. Only large values have any.
template <typename T>
bool is_midpoint(const std::string& text, T value) {
  long double parsed = std::strtold(text.c_str(), nullptr);
  long double exact = value;
  if (parsed == exact) return false;
  T neighbour = std::nextafter(value, parsed > exact ? std::numeric_limits<T>::infinity()
                                                     : -std::numeric_limits<T>::infinity());
  if (parsed - exact != static_cast<long double>(neighbour) - parsed) return false;
  // strtold() rounds, so compare digits: printing is exact.
  char buffer[96];
  std::snprintf(buffer, sizeof buffer, "%.60Le", parsed);
  auto digits = [](std::string_view number) {
    std::string found;
    for (char c : number.substr(0, number.find('e'))) {
      if (c >= '0' && c <= '9') found += c;
    }
    while (!found.empty() && found.back() == '0') found.pop_back();
    return found;
  };
  return digits(text) == digits(buffer);
}

template <typename T>
std::string shortest_scientific(T value) {
  char buffer[48];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string text(buffer, end);
  T first_inexact = sizeof(T) == 8 ? static_cast<T>(4503599627370496.0) : static_cast<T>(8388608.0);
  if (std::fabs(value) < first_inexact || !is_midpoint(text, value)) return text;
  size_t point = text.find('.');
  int digits = point == std::string::npos ? 1 : static_cast<int>(text.find('e') - point);
  for (; digits < 18; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*e", digits, static_cast<double>(value));
    std::string candidate = buffer;
    T back = sizeof(T) == 8 ? static_cast<T>(std::strtod(buffer, nullptr)) : static_cast<T>(std::strtof(buffer, nullptr));
    if (back == value && !is_midpoint(candidate, value)) return candidate;
  }
  return text;
}

template <typename T>
void append_shortest(T value, int least_fixed_exponent_end, std::string& out) {
  std::string text = shortest_scientific(value);
  size_t e = text.find('e');
  int exponent = std::atoi(text.c_str() + e + 1);
  std::string digits;
  size_t i = 0;
  if (text[0] == '-') {
    out += '-';
    i = 1;
  }
  for (; i < e; ++i) {
    if (text[i] != '.') digits += text[i];
  }
  int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= least_fixed_exponent_end) {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits, 1);
    }
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
    out += buffer;
  } else if (exponent < 0) {
    out += "0.";
    out.append(static_cast<size_t>(-exponent - 1), '0');
    out += digits;
  } else if (count <= exponent + 1) {
    out += digits;
    out.append(static_cast<size_t>(exponent + 1 - count), '0');
  } else {
    out.append(digits, 0, static_cast<size_t>(exponent) + 1);
    out += '.';
    out.append(digits, static_cast<size_t>(exponent) + 1);
  }
}

template <typename T>
void append_floating(T value, int extra_float_digits, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "Infinity" : "-Infinity";
  } else if (value == 0) {
    out += std::signbit(value) ? "-0" : "0";
  } else if (extra_float_digits > 0) {
    append_shortest(value, sizeof(T) == 8 ? 15 : 6, out);
  } else {
    int digits = (sizeof(T) == 8 ? 15 : 6) + extra_float_digits;
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*g", digits < 1 ? 1 : digits, static_cast<double>(value));
    out += buffer;
  }
}

}  // namespace

double parse_double(std::string_view text) { return parse_floating<double>(text); }
float parse_float(std::string_view text) { return parse_floating<float>(text); }
void append_double(double value, int extra_float_digits, std::string& out) {
  append_floating(value, extra_float_digits, out);
}
void append_float(float value, int extra_float_digits, std::string& out) {
  append_floating(value, extra_float_digits, out);
}

}  // namespace aegis::types
