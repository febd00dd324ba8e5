#include "aegis/types/bytea.h"

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "families.h"

namespace aegis::types {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int hex_digit_or_throw(std::string_view text, size_t at) {
  int digit = hex_digit(text[at]);
  if (digit >= 0) return digit;
  size_t bytes = std::min(utf8_bytes(text[at]), text.size() - at);
  throw SqlError(Sqlstate::InvalidParameterValue, "invalid hexadecimal digit: \"" + std::string(text.substr(at, bytes)) + "\"");
}

}  // namespace

std::string parse_hex(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
      ++i;
      continue;
    }
    int high = hex_digit_or_throw(text, i);
    if (++i >= text.size()) {
      throw SqlError(Sqlstate::InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
    }
    bytes += static_cast<char>((high << 4) | hex_digit_or_throw(text, i));
    ++i;
  }
  return bytes;
}

std::string parse_bytea(std::string_view text) {
  if (text.size() >= 2 && text[0] == '\\' && text[1] == 'x') return parse_hex(text.substr(2));
  std::string bytes;
  auto octal = [&](size_t at, char greatest) { return at < text.size() && text[at] >= '0' && text[at] <= greatest; };
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      bytes += text[i++];
    } else if (octal(i + 1, '3') && octal(i + 2, '7') && octal(i + 3, '7')) {
      bytes += static_cast<char>(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'));
      i += 4;
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      bytes += '\\';
      i += 2;
    } else {
      throw SqlError(Sqlstate::InvalidTextRepresentation, "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

void append_hex(std::string_view bytes, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (unsigned char c : bytes) {
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
}

void append_bytea_escaped(std::string_view bytes, std::string& out) {
  for (unsigned char c : bytes) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c < 0x20 || c > 0x7e) {
      out += '\\';
      out += static_cast<char>('0' + (c >> 6));
      out += static_cast<char>('0' + ((c >> 3) & 7));
      out += static_cast<char>('0' + (c & 7));
    } else {
      out += static_cast<char>(c);
    }
  }
}

namespace {

Value input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  return string_value(parse_bytea(text), arena);
}
void output(const TypeContext& context, const Value& value, Oid, std::string& out) {
  if (!context.bytea_hex) return append_bytea_escaped(value.text(), out);
  out += "\\x";
  append_hex(value.text(), out);
}
Value receive(const TypeContext&, std::string_view bytes, Type, Arena& arena) { return string_value(bytes, arena); }
void send(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }
int compare(const Value& a, const Value& b, Oid) { return a.text().compare(b.text()); }
uint64_t hash(const Value& value, Oid) { return hash_bytes(value.text()); }

}  // namespace

const Family kByteaFamily = {input, output, receive, send, compare, hash};

}  // namespace aegis::types
