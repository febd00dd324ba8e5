// Length, search, pieces and case of strings.
#include <algorithm>
#include <climits>

#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "unicode.h"

namespace aegis::functions {

using types::utf8_length;
using types::utf8_offset;

namespace {

bool is_ascii(Text text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
}

Text substring_from(Text text, int32_t start) {
  if (start <= 1) return text;
  return text.substr(utf8_offset(text, static_cast<size_t>(start) - 1));
}

Text substring(Text text, int32_t start, int32_t length) {
  if (length < 0) throw SqlError(Sqlstate::SubstringError, "negative substring length not allowed");
  int64_t first = std::max<int64_t>(start, 1);
  int64_t end = std::min<int64_t>(int64_t{start} + length, INT_MAX);
  if (end <= first) return {};
  size_t from = utf8_offset(text, static_cast<size_t>(first - 1));
  Text rest = text.substr(from);
  return rest.substr(0, utf8_offset(rest, static_cast<size_t>(end - first)));
}

Text left(Text text, int32_t count) {
  if (count >= 0) return text.substr(0, utf8_offset(text, static_cast<size_t>(count)));
  int64_t keep = static_cast<int64_t>(utf8_length(text)) + count;
  return keep <= 0 ? Text() : text.substr(0, utf8_offset(text, static_cast<size_t>(keep)));
}

Text right(Text text, int32_t count) {
  int64_t skip = count < 0 ? -int64_t{count} : static_cast<int64_t>(utf8_length(text)) - count;
  return skip <= 0 ? text : text.substr(utf8_offset(text, static_cast<size_t>(skip)));
}

int32_t position(Text text, Text wanted) {
  if (wanted.empty()) return 1;
  size_t at = text.find(wanted);
  return at == Text::npos ? 0 : static_cast<int32_t>(utf8_length(text.substr(0, at))) + 1;
}

// Whether one of `set`'s characters begins at `at` of text; its size then.
size_t character_in(Text set, Text text, size_t at) {
  size_t size = std::min(types::utf8_bytes(text[at]), text.size() - at);
  Text character = text.substr(at, size);
  for (size_t i = 0; i < set.size(); i += types::utf8_bytes(set[i])) {
    if (set.substr(i, types::utf8_bytes(set[i])) == character) return size;
  }
  return 0;
}

Text trim_left(Text text, Text set) {
  size_t at = 0;
  while (at < text.size()) {
    size_t size = character_in(set, text, at);
    if (size == 0) break;
    at += size;
  }
  return text.substr(at);
}

Text trim_right(Text text, Text set) {
  size_t end = text.size();
  while (end > 0) {
    size_t start = end - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) --start;
    if (character_in(set, text, start) == 0) break;
    end = start;
  }
  return text.substr(0, end);
}

Text trim_both(Text text, Text set) { return trim_right(trim_left(text, set), set); }

std::string reverse(Text text) {
  std::string out(text.size(), '\0');
  size_t end = text.size();
  for (size_t at = 0; at < text.size();) {
    size_t size = std::min(types::utf8_bytes(text[at]), text.size() - at);
    end -= size;
    text.copy(out.data() + end, size, at);
    at += size;
  }
  return out;
}

std::optional<Text> split_part(Text text, Text delimiter, int32_t field) {
  if (field == 0) throw SqlError(Sqlstate::InvalidParameterValue, "field position must not be zero");
  if (text.empty()) return Text();
  if (delimiter.empty()) return field == 1 || field == -1 ? text : Text();
  if (field < 0) {
    int64_t parts = 1;
    for (size_t at = text.find(delimiter); at != Text::npos; at = text.find(delimiter, at + delimiter.size())) ++parts;
    int64_t from_left = parts + field + 1;
    if (from_left < 1) return Text();
    field = static_cast<int32_t>(from_left);
  }
  size_t start = 0;
  for (int32_t i = 1;; ++i) {
    size_t end = text.find(delimiter, start);
    if (i == field) return text.substr(start, end == Text::npos ? Text::npos : end - start);
    if (end == Text::npos) return Text();
    start = end + delimiter.size();
  }
}

int32_t ascii(Text text) {
  if (text.empty()) return 0;
  size_t at = 0;
  return static_cast<int32_t>(types::utf8_decode(text, at));
}

std::string chr(int32_t code) {
  if (code < 0) throw SqlError(Sqlstate::InvalidParameterValue, "character number must be positive");
  if (code == 0) throw SqlError(Sqlstate::ProgramLimitExceeded, "null character not permitted");
  if (code > 0x10ffff) {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "requested character too large for encoding: " + std::to_string(code));
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    throw SqlError(Sqlstate::ProgramLimitExceeded, "requested character not valid for encoding: " + std::to_string(code));
  }
  std::string out;
  types::utf8_append(static_cast<char32_t>(code), out);
  return out;
}

int32_t length(Text text) { return static_cast<int32_t>(utf8_length(text)); }

// Slot-wise upper and lower for ASCII text, the usual case.
std::string upper_text(Text text) {
  if (!is_ascii(text)) return upper(text);
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}
std::string lower_text(Text text) {
  if (!is_ascii(text)) return lower(text);
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

constexpr ScalarBinding kBindings[] = {
    {"textlen", kernel<length>},
    {"bpcharlen", kernel<[](Text a) { return length(types::trim_trailing_blanks(a)); }>},
    {"textoctetlen", kernel<[](Text a) { return static_cast<int32_t>(a.size()); }>},
    {"bpcharoctetlen", kernel<[](Text a) { return static_cast<int32_t>(a.size()); }>},
    {"bit_length(text)", kernel<[](Text a) { return static_cast<int32_t>(a.size() * 8); }>},
    {"text_substr", kernel<substring>},
    {"text_substr_no_len", kernel<substring_from>},
    {"text_left", kernel<left>},
    {"text_right", kernel<right>},
    {"textpos", kernel<position>},
    {"text_starts_with", kernel<[](Text a, Text b) { return a.starts_with(b); }>},
    {"btrim", kernel<trim_both>},
    {"btrim1", kernel<[](Text a) { return trim_both(a, " "); }>},
    {"ltrim", kernel<trim_left>},
    {"ltrim1", kernel<[](Text a) { return trim_left(a, " "); }>},
    {"rtrim", kernel<trim_right>},
    {"rtrim1", kernel<[](Text a) { return trim_right(a, " "); }>},
    {"text_reverse", kernel<reverse>},
    {"split_part", kernel<split_part>},
    {"ascii", kernel<ascii>},
    {"chr", kernel<chr>},
    {"upper", kernel<upper_text>},
    {"lower", kernel<lower_text>},
    {"initcap", kernel<capitalize_words>},
};

}  // namespace

std::span<const ScalarBinding> string_bindings() { return kBindings; }

}  // namespace aegis::functions
