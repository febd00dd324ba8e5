// Character types: text, varchar, bpchar, name, "char", cstring, unknown and the types kept as opaque text.
#include <algorithm>

#include "aegis/base/hash.h"
#include "aegis/types/encoding.h"
#include "character.h"
#include "families.h"

namespace aegis::types {

namespace {

constexpr int32_t kMaxCharacterLength = 10485760;

int compare_bytes(std::string_view a, std::string_view b) { return a.compare(b); }

Value text_input(const TypeContext&, std::string_view text, Type, Arena& arena) { return string_value(text, arena); }
void text_output(const TypeContext&, const Value& value, Oid, std::string& out) { out += value.text(); }
Value text_receive(const TypeContext& context, std::string_view bytes, Type type, Arena& arena) {
  if (utf8_find_invalid(bytes) != std::string_view::npos || bytes.find('\0') != std::string_view::npos) {
    throw SqlError(Sqlstate::CharacterNotInRepertoire, invalid_utf8_message(bytes));
  }
  return type_info(type.oid).input(context, bytes, type, arena);
}
int text_compare(const Value& a, const Value& b, Oid) { return compare_bytes(a.text(), b.text()); }
uint64_t text_hash(const Value& value, Oid) { return hash_bytes(value.text()); }

int32_t length_typmod(std::span<const std::string_view> arguments, const char* name) {
  int32_t length = single_typmod(arguments);
  if (length < 1) {
    throw SqlError(Sqlstate::InvalidParameterValue, std::string("length for type ") + name + " must be at least 1");
  }
  if (length > kMaxCharacterLength) {
    throw SqlError(Sqlstate::InvalidParameterValue, std::string("length for type ") + name + " cannot exceed 10485760");
  }
  return length + 4;
}
int32_t varchar_typmod(std::span<const std::string_view> arguments) { return length_typmod(arguments, "varchar"); }
int32_t bpchar_typmod(std::span<const std::string_view> arguments) { return length_typmod(arguments, "char"); }
std::string length_typmod_out(int32_t typmod) { return typmod > 4 ? "(" + std::to_string(typmod - 4) + ")" : ""; }

Value varchar_input(const TypeContext&, std::string_view text, Type type, Arena& arena) {
  return string_value(fit_varchar(text, type.typmod, CastKind::Implicit), arena);
}
Value bpchar_input(const TypeContext&, std::string_view text, Type type, Arena& arena) {
  return fit_bpchar(text, type.typmod, CastKind::Implicit, arena);
}
int bpchar_compare(const Value& a, const Value& b, Oid) {
  return compare_bytes(trim_trailing_blanks(a.text()), trim_trailing_blanks(b.text()));
}
uint64_t bpchar_hash(const Value& value, Oid) { return hash_bytes(trim_trailing_blanks(value.text())); }

Value name_input(const TypeContext&, std::string_view text, Type, Arena& arena) {
  return string_value(utf8_clip(text, 63), arena);
}

// A byte; "\ooo" is how bytes outside ASCII are written.
Value char_input(const TypeContext&, std::string_view text, Type, Arena&) {
  auto octal = [](char c) { return c >= '0' && c <= '7'; };
  if (text.size() == 4 && text[0] == '\\' && octal(text[1]) && octal(text[2]) && octal(text[3])) {
    return Value::of_i8(static_cast<int8_t>(((text[1] - '0') << 6) | ((text[2] - '0') << 3) | (text[3] - '0')));
  }
  return Value::of_i8(text.empty() ? 0 : static_cast<int8_t>(text[0]));
}
void char_output(const TypeContext&, const Value& value, Oid, std::string& out) {
  auto byte = static_cast<uint8_t>(value.i8);
  if (byte >= 0x80) {
    out += '\\';
    out += static_cast<char>('0' + (byte >> 6));
    out += static_cast<char>('0' + ((byte >> 3) & 7));
    out += static_cast<char>('0' + (byte & 7));
  } else if (byte != 0) {
    out += static_cast<char>(byte);
  }
}
Value char_receive(const TypeContext&, std::string_view bytes, Type, Arena&) {
  return Value::of_i8(BinaryReader(bytes).int8());
}
void char_send(const TypeContext&, const Value& value, Oid, std::string& out) { out += static_cast<char>(value.i8); }
int char_compare(const Value& a, const Value& b, Oid) {
  return int{static_cast<uint8_t>(a.i8)} - int{static_cast<uint8_t>(b.i8)};
}
uint64_t char_hash(const Value& value, Oid) { return hash_int(static_cast<uint8_t>(value.i8)); }

}  // namespace

std::string invalid_utf8_message(std::string_view bytes) {
  size_t at = std::min(utf8_find_invalid(bytes), bytes.find('\0'));
  std::string message = "invalid byte sequence for encoding \"UTF8\":";
  size_t count = std::min(utf8_bytes(bytes[at]), bytes.size() - at);
  for (size_t i = 0; i < count; ++i) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, " 0x%02x", static_cast<unsigned char>(bytes[at + i]));
    message += buffer;
  }
  return message;
}

std::string_view fit_varchar(std::string_view text, int32_t typmod, CastKind kind) {
  if (typmod < 5) return text;
  size_t length = static_cast<size_t>(typmod - 4);
  if (text.size() <= length) return text;
  size_t end = utf8_offset(text, length);
  if (end < text.size() && kind == CastKind::Implicit && !trim_trailing_blanks(text.substr(end)).empty()) {
    throw SqlError(Sqlstate::StringDataRightTruncation,
                   "value too long for type character varying(" + std::to_string(length) + ")");
  }
  return text.substr(0, end);
}

Value fit_bpchar(std::string_view text, int32_t typmod, CastKind kind, Arena& arena) {
  if (typmod < 5) return string_value(text, arena);
  size_t length = static_cast<size_t>(typmod - 4);
  size_t characters = utf8_length(text);
  if (characters > length) {
    size_t end = utf8_offset(text, length);
    if (kind == CastKind::Implicit && !trim_trailing_blanks(text.substr(end)).empty()) {
      throw SqlError(Sqlstate::StringDataRightTruncation,
                     "value too long for type character(" + std::to_string(length) + ")");
    }
    return string_value(text.substr(0, end), arena);
  }
  std::string padded(text);
  padded.append(length - characters, ' ');
  return string_value(padded, arena);
}

const Family kTextFamily = {text_input, text_output, text_receive, text_output, text_compare, text_hash};
const Family kVarcharFamily = {varchar_input, text_output, text_receive,   text_output,
                               text_compare,  text_hash,   varchar_typmod, length_typmod_out};
const Family kBpcharFamily = {bpchar_input,   text_output, text_receive,  text_output,
                              bpchar_compare, bpchar_hash, bpchar_typmod, length_typmod_out};
const Family kNameFamily = {name_input, text_output, text_receive, text_output, text_compare, text_hash};
const Family kCharFamily = {char_input, char_output, char_receive, char_send, char_compare, char_hash};
const Family kCstringFamily = {text_input, text_output, text_receive, text_output, nullptr, nullptr};
const Family kOpaqueTextFamily = {text_input, text_output, text_receive, text_output, nullptr, nullptr};

}  // namespace aegis::types
