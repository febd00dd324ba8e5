// UTF-8, the byte order of binary forms, and the number texts every type's input and output share.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "aegis/base/error.h"
#include "aegis/types/value.h"

namespace aegis::types {

// 22P02: invalid input syntax for type X: "text".
[[noreturn]] void throw_invalid_text(std::string_view type_name, std::string_view text);
// 22003: value "text" is out of range for type X.
[[noreturn]] void throw_out_of_range(std::string_view type_name, std::string_view text);

// C's isspace().
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline std::string_view trim_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}
inline std::string_view trim_trailing_blanks(std::string_view text) {
  static constexpr std::string_view kBlanks = "                ";
  while (text.ends_with(kBlanks)) text.remove_suffix(kBlanks.size());
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A string value whose bytes live in `arena` when they do not fit inline.
inline Value string_value(std::string_view text, Arena& arena) {
  return Value::of_string(text.size() <= StringView::kInlineBytes ? text : arena.copy(text));
}

// --- UTF-8 (text is always valid UTF-8) -------------------------------------------------------------------
constexpr size_t utf8_bytes(char lead) {
  unsigned char c = static_cast<unsigned char>(lead);
  return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}
size_t utf8_length(std::string_view text);
// Byte offset of character `count` (the size of the text when it is shorter).
size_t utf8_offset(std::string_view text, size_t count);
char32_t utf8_decode(std::string_view text, size_t& at);  // advances `at`
void utf8_append(char32_t code, std::string& out);
// The longest prefix of at most `bytes` bytes that ends between characters.
std::string_view utf8_clip(std::string_view text, size_t bytes);
// Byte offset of the first invalid sequence, npos if there is none.
size_t utf8_find_invalid(std::string_view text);

// --- Numbers ----------------------------------------------------------------------------------------------
// Decimal integers as int2in, int4in, int8in take them.
int64_t parse_integer(std::string_view text, int64_t least, int64_t greatest, std::string_view type_name);
double parse_double(std::string_view text);
float parse_float(std::string_view text);
void append_integer(int64_t value, std::string& out);
// PostgreSQL's extra_float_digits: above 0 the shortest text that reads back the same.
void append_double(double value, int extra_float_digits, std::string& out);
void append_float(float value, int extra_float_digits, std::string& out);

// --- Binary forms (big endian) ----------------------------------------------------------------------------
inline void append_int16(std::string& out, int16_t value) {
  uint16_t swapped = __builtin_bswap16(static_cast<uint16_t>(value));
  out.append(reinterpret_cast<const char*>(&swapped), 2);
}
inline void append_int32(std::string& out, int32_t value) {
  uint32_t swapped = __builtin_bswap32(static_cast<uint32_t>(value));
  out.append(reinterpret_cast<const char*>(&swapped), 4);
}
inline void append_int64(std::string& out, int64_t value) {
  uint64_t swapped = __builtin_bswap64(static_cast<uint64_t>(value));
  out.append(reinterpret_cast<const char*>(&swapped), 8);
}

// Throws 08P01 when the bytes run out.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : bytes_(bytes) {}
  int8_t int8() { return static_cast<int8_t>(take(1)[0]); }
  int16_t int16() { return static_cast<int16_t>(__builtin_bswap16(load<uint16_t>())); }
  int32_t int32() { return static_cast<int32_t>(__builtin_bswap32(load<uint32_t>())); }
  int64_t int64() { return static_cast<int64_t>(__builtin_bswap64(load<uint64_t>())); }
  std::string_view take(size_t count) {
    if (count > bytes_.size()) throw SqlError(Sqlstate::ProtocolViolation, "insufficient data left in message");
    std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::string_view rest() { return take(bytes_.size()); }
  size_t left() const { return bytes_.size(); }

 private:
  template <typename T>
  T load() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view bytes_;
};

}  // namespace aegis::types
