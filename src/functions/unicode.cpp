#include "unicode.h"

#include <unicode/uchar.h>

#include "aegis/types/encoding.h"

namespace aegis::functions {

namespace {

template <typename Map>
std::string map_characters(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    char32_t mapped = map(types::utf8_decode(text, at));
    if (mapped < 0x80) {
      out += static_cast<char>(mapped);
    } else {
      types::utf8_append(mapped, out);
    }
  }
  return out;
}

char32_t upper_of(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  return static_cast<char32_t>(u_toupper(static_cast<UChar32>(c)));
}
char32_t lower_of(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
}

}  // namespace

std::string upper(std::string_view text) { return map_characters(text, upper_of); }
std::string lower(std::string_view text) { return map_characters(text, lower_of); }

bool is_alphanumeric(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
  return u_isalnum(static_cast<UChar32>(c));
}

std::string capitalize_words(std::string_view text) {
  bool in_word = false;
  return map_characters(text, [&](char32_t c) {
    char32_t mapped = in_word ? lower_of(c) : upper_of(c);
    in_word = is_alphanumeric(c);
    return mapped;
  });
}

}  // namespace aegis::functions
