#include "aegis/types/encoding.h"

namespace aegis::types {

void throw_invalid_text(std::string_view type_name, std::string_view text) {
  throw SqlError(Sqlstate::InvalidTextRepresentation,
                 "invalid input syntax for type " + std::string(type_name) + ": \"" + std::string(text) + "\"");
}

void throw_out_of_range(std::string_view type_name, std::string_view text) {
  throw SqlError(Sqlstate::NumericValueOutOfRange,
                 "value \"" + std::string(text) + "\" is out of range for type " + std::string(type_name));
}

size_t utf8_length(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<signed char>(c) >= -64);
  return count;
}

size_t utf8_offset(std::string_view text, size_t count) {
  size_t at = 0;
  while (count > 0 && at < text.size()) {
    at += utf8_bytes(text[at]);
    --count;
  }
  return at < text.size() ? at : text.size();
}

char32_t utf8_decode(std::string_view text, size_t& at) {
  unsigned char lead = static_cast<unsigned char>(text[at]);
  size_t bytes = utf8_bytes(text[at]);
  if (bytes == 1 || at + bytes > text.size()) {
    ++at;
    return lead;
  }
  char32_t code = lead & (0x7f >> bytes);
  for (size_t i = 1; i < bytes; ++i) code = (code << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3f);
  at += bytes;
  return code;
}

void utf8_append(char32_t code, std::string& out) {
  auto trail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    trail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    trail(6);
    trail(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    trail(12);
    trail(6);
    trail(0);
  }
}

std::string_view utf8_clip(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

size_t utf8_find_invalid(std::string_view text) {
  size_t i = 0;
  auto trail = [&](size_t at) { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  while (i < text.size()) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      ++i;
      continue;
    }
    size_t bytes = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (bytes == 0) return i;
    for (size_t k = 1; k < bytes; ++k) {
      if (!trail(i + k)) return i;
    }
    unsigned char second = static_cast<unsigned char>(text[i + 1]);
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
        (c == 0xf4 && second > 0x8f)) {
      return i;
    }
    i += bytes;
  }
  return std::string_view::npos;
}

}  // namespace aegis::types
