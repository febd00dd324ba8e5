// Building strings: padding, replacing, quoting, joining.
#include <algorithm>
#include <cstdio>

#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "aegis/functions/quoting.h"

namespace aegis::functions {

using types::utf8_length;
using types::utf8_offset;

namespace {

constexpr size_t kMaxBytes = 0x3fffffff;

[[noreturn]] void throw_too_long() { throw SqlError(Sqlstate::ProgramLimitExceeded, "requested length too large"); }

// `fill` repeated to `count` characters.
std::string filling(Text fill, size_t count) {
  std::string out;
  size_t fill_length = utf8_length(fill);
  if (count * (fill.size() / std::max<size_t>(fill_length, 1)) > kMaxBytes) throw_too_long();
  for (size_t i = 0; i < count / fill_length; ++i) out += fill;
  out += fill.substr(0, utf8_offset(fill, count % fill_length));
  return out;
}

template <bool left>
std::string pad(Text text, int32_t length, Text fill) {
  size_t wanted = length < 0 ? 0 : static_cast<size_t>(length);
  size_t have = utf8_length(text);
  if (have >= wanted) return std::string(text.substr(0, utf8_offset(text, wanted)));
  if (fill.empty()) return std::string(text);
  std::string padding = filling(fill, wanted - have);
  return left ? padding + std::string(text) : std::string(text) + padding;
}

std::string repeat(Text text, int32_t count) {
  if (count <= 0) return {};
  if (text.size() * static_cast<size_t>(count) > kMaxBytes) throw_too_long();
  std::string out;
  out.reserve(text.size() * static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string replace(Text text, Text from, Text to) {
  if (from.empty()) return std::string(text);
  std::string out;
  size_t start = 0;
  for (size_t at = text.find(from); at != Text::npos; at = text.find(from, start)) {
    out += text.substr(start, at - start);
    out += to;
    start = at + from.size();
  }
  out += text.substr(start);
  return out;
}

std::string translate(Text text, Text from, Text to) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t size = std::min(types::utf8_bytes(text[at]), text.size() - at);
    Text character = text.substr(at, size);
    at += size;
    size_t index = 0;
    size_t i = 0;
    while (i < from.size() && from.substr(i, types::utf8_bytes(from[i])) != character) {
      i += types::utf8_bytes(from[i]);
      ++index;
    }
    if (i >= from.size()) {
      out += character;
      continue;
    }
    size_t place = utf8_offset(to, index);
    if (place < to.size()) out += to.substr(place, types::utf8_bytes(to[place]));
  }
  return out;
}

std::string overlay(Text text, Text piece, int32_t start, int32_t length) {
  if (start <= 0) throw SqlError(Sqlstate::SubstringError, "negative substring length not allowed");
  int32_t end;
  if (__builtin_add_overflow(start, length, &end)) throw_out_of_range("integer");
  std::string out(text.substr(0, utf8_offset(text, static_cast<size_t>(start - 1))));
  out += piece;
  out += end <= 1 ? text : text.substr(utf8_offset(text, static_cast<size_t>(end - 1)));
  return out;
}

template <typename T>
std::string to_hex(T value) {
  char buffer[24];
  if constexpr (sizeof(T) == 4) {
    std::snprintf(buffer, sizeof buffer, "%x", static_cast<unsigned>(value));
  } else {
    std::snprintf(buffer, sizeof buffer, "%llx", static_cast<unsigned long long>(value));
  }
  return buffer;
}

std::string concatenate(Text a, Text b) {
  std::string out;
  out.reserve(a.size() + b.size());
  out += a;
  out += b;
  return out;
}

// Text of any value, as its output function gives it; boolean as 't'.
void append_value(Call& call, const Value& value, Oid type, std::string& out) {
  types::type_info(type).output(call.types(), value, type, out);
}

std::string text_of(Call& call, const Value& value, Oid type) {
  std::string out;
  append_value(call, value, type, out);
  return out;
}

Value concat(Call& call, std::span<const Value> row) {
  VariadicArguments arguments(call, row);
  if (arguments.is_null_array()) return Value::null();
  std::string out;
  for (size_t i = 0; i < arguments.values().size(); ++i) {
    if (!arguments.values()[i].is_null) append_value(call, arguments.values()[i], arguments.type(i), out);
  }
  return types::string_value(out, call.arena());
}

Value concat_ws(Call& call, std::span<const Value> row) {
  VariadicArguments arguments(call, row);
  if (row[0].is_null || arguments.is_null_array()) return Value::null();
  std::string out;
  bool first = true;
  for (size_t i = 1; i < arguments.values().size(); ++i) {
    if (arguments.values()[i].is_null) continue;
    if (!first) out += row[0].text();
    first = false;
    append_value(call, arguments.values()[i], arguments.type(i), out);
  }
  return types::string_value(out, call.arena());
}

// format()'s specifiers: %[position$][-][width|*|*position$]{s|I|L|%}.
class Formatter {
 public:
  Formatter(Call& call, std::span<const Value> row)
      : call_(call), arguments_(call, row), row_(arguments_.values()), format_(row[0].text()) {}

  Value run() {
    while (at_ < format_.size()) {
      char c = format_[at_++];
      if (c != '%') {
        out_ += c;
        continue;
      }
      if (at_ >= format_.size()) fail_unterminated();
      if (format_[at_] == '%') {
        out_ += '%';
        ++at_;
        continue;
      }
      specifier();
    }
    return types::string_value(out_, call_.arena());
  }

 private:
  [[noreturn]] void fail_unterminated() {
    throw SqlError(Sqlstate::InvalidParameterValue, "unterminated format() type specifier")
        .hint("For a single \"%\" use \"%%\".");
  }
  bool number(int& value) {
    size_t start = at_;
    int64_t sum = 0;
    while (at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9') {
      sum = sum * 10 + (format_[at_++] - '0');
      if (sum > INT32_MAX) throw SqlError(Sqlstate::NumericValueOutOfRange, "number is out of range");
    }
    value = static_cast<int>(sum);
    return at_ > start;
  }
  void check_end() {
    if (at_ >= format_.size()) fail_unterminated();
  }
  size_t next_argument(int position) {
    if (position == 0) {
      throw SqlError(Sqlstate::InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1");
    }
    size_t index = position > 0 ? static_cast<size_t>(position) : last_ + 1;
    last_ = index;
    if (index >= row_.size()) throw SqlError(Sqlstate::InvalidParameterValue, "too few arguments for format()");
    return index;
  }
  int width_argument(int position) {
    size_t index = next_argument(position);
    const Value& value = row_[index];
    if (value.is_null) return 0;
    switch (arguments_.type(index)) {
      case types::oid::kInt4: return value.i32;
      case types::oid::kInt2: return value.i16;
      default:
        return static_cast<int>(
            types::parse_integer(text_of(call_, value, arguments_.type(index)), INT32_MIN, INT32_MAX, "integer"));
    }
  }

  void specifier() {
    int position = -1;
    int width = 0;
    bool left = false;
    int first;
    if (number(first)) {
      check_end();
      if (format_[at_] == '$') {
        ++at_;
        position = first;
        if (position == 0) next_argument(0);
        check_end();
      } else {
        width = first;
      }
    }
    while (at_ < format_.size() && format_[at_] == '-') {
      left = true;
      ++at_;
    }
    check_end();
    if (format_[at_] == '*') {
      ++at_;
      check_end();
      int width_position = -1;
      if (number(first)) {
        check_end();
        if (format_[at_] != '$') {
          throw SqlError(Sqlstate::InvalidParameterValue, "width argument position must be ended by \"$\"");
        }
        ++at_;
        width_position = first;
      }
      check_end();
      width = width_argument(width_position);
    } else if (number(first)) {
      width = first;
    }
    check_end();
    if (width < 0) {
      left = true;
      width = -width;
    }
    char type = format_[at_++];
    if (type != 's' && type != 'I' && type != 'L') {
      throw SqlError(Sqlstate::InvalidParameterValue, std::string("unrecognized format() type specifier \"") + type + "\"")
          .hint("For a single \"%\" use \"%%\".");
    }
    pad(piece(type, next_argument(position)), width, left);
  }

  std::string piece(char type, size_t index) {
    if (row_[index].is_null) {
      if (type == 'I') {
        throw SqlError(Sqlstate::NullValueNotAllowed, "null values cannot be formatted as an SQL identifier");
      }
      return type == 'L' ? "NULL" : "";
    }
    std::string text = text_of(call_, row_[index], arguments_.type(index));
    if (type == 'I') return quote_identifier(text);
    return type == 'L' ? quote_literal(text) : text;
  }

  void pad(const std::string& text, int width, bool left) {
    size_t have = utf8_length(text);
    size_t missing = static_cast<size_t>(width) > have ? static_cast<size_t>(width) - have : 0;
    if (!left) out_.append(missing, ' ');
    out_ += text;
    if (left) out_.append(missing, ' ');
  }

  Call& call_;
  VariadicArguments arguments_;
  std::span<const Value> row_;
  Text format_;
  size_t at_ = 0;
  size_t last_ = 0;
  std::string out_;
};

Value format(Call& call, std::span<const Value> row) {
  if (row[0].is_null) return Value::null();
  return Formatter(call, row).run();
}

// As a cast to text writes it, which differs from the output form of booleans.
std::string cast_text(Call& call, const Value& value, Oid type) {
  if (type == types::oid::kBool) return value.boolean ? "true" : "false";
  return std::string(text_of(call, value, type));
}

Value any_and_text(Call& call, std::span<const Value> row) {
  std::string out;
  for (size_t i = 0; i < 2; ++i) out += cast_text(call, row[i], call.argument_type(i));
  return types::string_value(out, call.arena());
}

constexpr ScalarBinding kBindings[] = {
    {"lpad", kernel<pad<true>>},
    {"rpad", kernel<pad<false>>},
    {"lpad(text,int4)", kernel<[](Text a, int32_t n) { return pad<true>(a, n, " "); }>},
    {"rpad(text,int4)", kernel<[](Text a, int32_t n) { return pad<false>(a, n, " "); }>},
    {"repeat", kernel<repeat>},
    {"replace_text", kernel<replace>},
    {"translate", kernel<translate>},
    {"textoverlay", kernel<overlay>},
    {"textoverlay_no_len", kernel<[](Text a, Text b, int32_t start) {
       return overlay(a, b, start, static_cast<int32_t>(utf8_length(b)));
     }>},
    {"to_hex32", kernel<to_hex<int32_t>>},
    {"to_hex64", kernel<to_hex<int64_t>>},
    {"textcat", kernel<concatenate>},
    {"textanycat(text,anynonarray)", strict_value_kernel<any_and_text>},
    {"anytextcat(anynonarray,text)", strict_value_kernel<any_and_text>},
    {"nameconcatoid", kernel<[](Text name, uint32_t oid) {
       std::string suffix = "_" + std::to_string(oid);
       return std::string(types::utf8_clip(name, 63 - suffix.size())) + suffix;
     }>},
    {"text_concat", value_kernel<concat>},
    {"text_concat_ws", value_kernel<concat_ws>},
    {"text_format", value_kernel<format>},
    {"text_format_nv", value_kernel<format>},
    {"quote_ident", kernel<[](Text a) { return quote_identifier(a); }>},
    {"quote_literal", kernel<[](Text a) { return quote_literal(a); }>},
    {"quote_literal(anyelement)", strict_value_kernel<[](Call& call, std::span<const Value> row) {
       return types::string_value(quote_literal(cast_text(call, row[0], call.argument_type(0))), call.arena());
     }>},
    {"quote_nullable", value_kernel<[](Call& call, std::span<const Value> row) {
       return types::string_value(row[0].is_null ? "NULL" : quote_literal(row[0].text()), call.arena());
     }>},
    {"quote_nullable(anyelement)", value_kernel<[](Call& call, std::span<const Value> row) {
       return types::string_value(row[0].is_null ? "NULL" : quote_literal(cast_text(call, row[0], call.argument_type(0))),
                                  call.arena());
     }>},
};

}  // namespace

std::span<const ScalarBinding> string_edit_bindings() { return kBindings; }

}  // namespace aegis::functions
