#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "numeric/big.h"

namespace aegis::types::numeric {

using Kind = Numeric::Kind;

namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

// "nan", "infinity", "inf" with an optional sign (no sign for NaN).
bool parse_special(std::string_view text, Numeric& result) {
  if (equals_ignoring_case(text, "nan")) return result = special(Kind::NaN), true;
  bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (!equals_ignoring_case(text, "infinity") && !equals_ignoring_case(text, "inf")) return false;
  result = special(negative ? Kind::NegativeInfinity : Kind::PositiveInfinity);
  return true;
}

struct Decimal {
  bool negative = false;
  std::string digits;  // without the point
  int scale = 0;       // digits after the point
  int64_t exponent = 0;
};

bool parse_decimal(std::string_view text, Decimal& out) {
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) out.negative = text[i++] == '-';
  bool any = false;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] >= '0' && text[i] <= '9') {
      out.digits += text[i];
      out.scale += point;
      any = true;
    } else if (text[i] == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (!any) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool negative = false;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
    if (i == text.size()) return false;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
      out.exponent = std::min<int64_t>(out.exponent * 10 + (text[i] - '0'), INT32_MAX);
    }
    if (out.exponent > INT32_MAX / 2) throw_overflow();
    if (negative) out.exponent = -out.exponent;
  }
  return i == text.size();
}

}  // namespace

Numeric from_string(std::string_view original, Arena& arena) {
  std::string_view text = trim_space(original);
  // The common case: up to 18 digits with a point somewhere.
  if (!text.empty() && text.size() <= 19) {
    size_t i = text[0] == '-' ? 1 : 0;
    size_t start = i;
    int64_t coefficient = 0;
    size_t point = std::string_view::npos;
    for (; i < text.size(); ++i) {
      unsigned digit = static_cast<unsigned char>(text[i]) - '0';
      if (digit <= 9) {
        coefficient = coefficient * 10 + digit;
      } else if (text[i] == '.' && point == std::string_view::npos) {
        point = i;
      } else {
        break;
      }
    }
    size_t digits = i - start - (point != std::string_view::npos);
    if (i == text.size() && digits > 0 && digits <= 18) {
      uint16_t scale = point == std::string_view::npos ? 0 : static_cast<uint16_t>(text.size() - point - 1);
      return Numeric::of(start ? -coefficient : coefficient, scale);
    }
  }
  Numeric result;
  if (parse_special(text, result)) return result;
  Decimal decimal;
  if (!parse_decimal(text, decimal)) throw_invalid_text("numeric", original);
  if (decimal.exponent > INT32_MAX / 2 || decimal.exponent < -INT32_MAX / 2) {
    throw_overflow();
  }
  int64_t scale = decimal.scale - decimal.exponent;
  mpz_class coefficient(decimal.digits, 10);
  if (decimal.negative) coefficient = -coefficient;
  if (scale < 0) {
    if (coefficient == 0) return Numeric::of(0);
    if (-scale > 140000) throw_overflow();
    return from_big(coefficient * power_of_10(static_cast<unsigned long>(-scale)), 0, arena);
  }
  if (scale > kMaxScale) throw_overflow();
  return from_big(coefficient, static_cast<int>(scale), arena);
}

void append(const Numeric& value, std::string& out) {
  switch (value.kind) {
    case Kind::NaN: out += "NaN"; return;
    case Kind::PositiveInfinity: out += "Infinity"; return;
    case Kind::NegativeInfinity: out += "-Infinity"; return;
    case Kind::Small: {
      char buffer[24];
      bool negative = value.small < 0;
      uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(value.small) : static_cast<uint64_t>(value.small);
      char* end = std::to_chars(buffer, buffer + sizeof buffer, magnitude).ptr;
      size_t digits = static_cast<size_t>(end - buffer);
      if (negative) out += '-';
      if (value.scale == 0) {
        out.append(buffer, digits);
      } else if (digits > value.scale) {
        out.append(buffer, digits - value.scale);
        out += '.';
        out.append(end - value.scale, value.scale);
      } else {
        out += "0.";
        out.append(value.scale - digits, '0');
        out.append(buffer, digits);
      }
      return;
    }
    case Kind::Big: {
      std::string digits = mpz_class(abs(coefficient_of(value))).get_str();
      if (digits.size() <= value.scale) digits.insert(0, value.scale + 1 - digits.size(), '0');
      if (value.negative) out += '-';
      out.append(digits, 0, digits.size() - value.scale);
      if (value.scale > 0) {
        out += '.';
        out.append(digits, digits.size() - value.scale, value.scale);
      }
      return;
    }
  }
}

std::string to_string(const Numeric& value) {
  std::string out;
  append(value, out);
  return out;
}

namespace {

Numeric from_printed(double value, int digits, Arena& arena) {
  if (std::isnan(value)) return special(Kind::NaN);
  if (std::isinf(value)) return special(value > 0 ? Kind::PositiveInfinity : Kind::NegativeInfinity);
  char buffer[64];
  int length = std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
  return from_string({buffer, static_cast<size_t>(length)}, arena);
}

}  // namespace

Numeric from_double(double value, Arena& arena) { return from_printed(value, 15, arena); }
Numeric from_float(float value, Arena& arena) { return from_printed(value, 6, arena); }

double to_double(const Numeric& value) {
  switch (value.kind) {
    case Kind::NaN: return std::nan("");
    case Kind::PositiveInfinity: return HUGE_VAL;
    case Kind::NegativeInfinity: return -HUGE_VAL;
    case Kind::Small: {
      int64_t c = value.small;
      // Exact operands of one division give the correctly rounded quotient.
      if (c >= -(1LL << 53) && c <= (1LL << 53) && value.scale <= 18) {
        return static_cast<double>(c) / static_cast<double>(kPowersOf10[value.scale]);
      }
      break;
    }
    case Kind::Big: break;
  }
  std::string text = to_string(value);
  double result = std::strtod(text.c_str(), nullptr);
  if (std::isinf(result)) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "\"" + text + "\" is out of range for type double precision");
  }
  return result;
}

float to_float(const Numeric& value) {
  if (!value.is_finite()) return static_cast<float>(to_double(value));
  std::string text = to_string(value);
  float result = std::strtof(text.c_str(), nullptr);
  if (std::isinf(result) || (result == 0 && !is_zero(value))) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, "\"" + text + "\" is out of range for type real");
  }
  return result;
}

int64_t to_int64(const Numeric& value, std::string_view type_name) {
  if (value.kind == Kind::NaN) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot convert NaN to " + std::string(type_name));
  }
  if (!value.is_finite()) {
    throw SqlError(Sqlstate::FeatureNotSupported, "cannot convert infinity to " + std::string(type_name));
  }
  if (value.is_small() && value.scale == 0) return value.small;
  Arena arena(128);
  Numeric rounded = round(value, 0, arena);
  if (!rounded.is_small()) {
    throw SqlError(Sqlstate::NumericValueOutOfRange, std::string(type_name) + " out of range");
  }
  return rounded.small;
}

bool exact_int64(const Numeric& value, int64_t& result) {
  if (!value.is_finite() || min_scale(value) != 0) return false;
  Arena arena(128);
  Numeric whole = round(value, 0, arena);
  if (!whole.is_small()) return false;
  result = whole.small;
  return true;
}

namespace {
constexpr uint16_t kSignPositive = 0x0000;
constexpr uint16_t kSignNegative = 0x4000;
constexpr uint16_t kSignNaN = 0xC000;
constexpr uint16_t kSignPositiveInfinity = 0xD000;
constexpr uint16_t kSignNegativeInfinity = 0xF000;
}  // namespace

void send(const Numeric& value, std::string& out) {
  auto header = [&](int digits, int weight, uint16_t sign, int scale) {
    append_int16(out, static_cast<int16_t>(digits));
    append_int16(out, static_cast<int16_t>(weight));
    append_int16(out, static_cast<int16_t>(sign));
    append_int16(out, static_cast<int16_t>(scale));
  };
  switch (value.kind) {
    case Kind::NaN: return header(0, 0, kSignNaN, 0);
    case Kind::PositiveInfinity: return header(0, 0, kSignPositiveInfinity, 0);
    case Kind::NegativeInfinity: return header(0, 0, kSignNegativeInfinity, 0);
    case Kind::Small:
    case Kind::Big: break;
  }
  if (is_zero(value)) return header(0, 0, kSignPositive, value.scale);
  std::string digits = mpz_class(abs(coefficient_of(value))).get_str();
  // Pad on both sides so that the point falls between groups of four.
  int scale = value.scale;
  int fraction_pad = (4 - scale % 4) % 4;
  digits.append(static_cast<size_t>(fraction_pad), '0');
  scale += fraction_pad;
  if (static_cast<int>(digits.size()) < scale) digits.insert(0, scale - digits.size(), '0');
  digits.insert(0, (4 - digits.size() % 4) % 4, '0');
  size_t groups = digits.size() / 4;
  int weight = static_cast<int>(groups) - scale / 4 - 1;
  auto group = [&](size_t g) { return std::atoi(digits.substr(g * 4, 4).c_str()); };
  size_t first = 0;
  while (first < groups && group(first) == 0) ++first;
  size_t last = groups;
  while (last > first && group(last - 1) == 0) --last;
  header(static_cast<int>(last - first), weight - static_cast<int>(first), sign(value) < 0 ? kSignNegative : kSignPositive,
         value.scale);
  for (size_t g = first; g < last; ++g) append_int16(out, static_cast<int16_t>(group(g)));
}

Numeric receive(std::string_view bytes, Arena& arena) {
  BinaryReader reader(bytes);
  int count = static_cast<uint16_t>(reader.int16());
  int weight = reader.int16();
  uint16_t sign = static_cast<uint16_t>(reader.int16());
  int scale = static_cast<uint16_t>(reader.int16());
  auto invalid = [](const char* what) {
    throw SqlError(Sqlstate::InvalidBinaryRepresentation, std::string("invalid ") + what + " in external \"numeric\" value");
  };
  if (sign == kSignNaN) return special(Kind::NaN);
  if (sign == kSignPositiveInfinity) return special(Kind::PositiveInfinity);
  if (sign == kSignNegativeInfinity) return special(Kind::NegativeInfinity);
  if (sign != kSignPositive && sign != kSignNegative) invalid("sign");
  if (scale > kMaxScale) invalid("scale");
  mpz_class coefficient = 0;
  for (int i = 0; i < count; ++i) {
    int digit = reader.int16();
    if (digit < 0 || digit >= 10000) invalid("digit");
    coefficient = coefficient * 10000 + digit;
  }
  if (sign == kSignNegative) coefficient = -coefficient;
  int from = (count - 1 - weight) * 4;
  if (from > scale) {
    // Digits beyond the display scale are dropped, as PostgreSQL does.
    coefficient /= power_of_10(static_cast<unsigned long>(from - scale));
    return from_big(coefficient, scale, arena);
  }
  return from_big(rescale(coefficient, from, scale), scale, arena);
}

}  // namespace aegis::types::numeric
