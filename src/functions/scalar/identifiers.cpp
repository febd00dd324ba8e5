// parse_ident, Unicode escapes and normal forms, and the functions that give binary forms.
#include <unicode/unorm2.h>

#include "aegis/types/array.h"
#include "aegis/types/encoding.h"
#include "binding.h"
#include "call.h"
#include "unicode.h"

namespace aegis::functions {
namespace {

using types::utf8_append;

// --- parse_ident ---

[[noreturn]] void throw_identifier(Text whole, const char* detail) {
  SqlError error(Sqlstate::InvalidParameterValue, "string is not a valid identifier: \"" + std::string(whole) + "\"");
  if (detail != nullptr) error.detail(detail);
  throw error;
}

bool begins_identifier(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80) != 0; }
bool continues_identifier(char c) { return begins_identifier(c) || (c >= '0' && c <= '9') || c == '$'; }

std::vector<std::string> identifiers(Text text, bool strict) {
  std::vector<std::string> parts;
  size_t at = 0;
  auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r' || text[at] == '\f')) ++at;
  };
  auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  bool after_dot = false;
  skip_blanks();
  while (true) {
    std::string part;
    if (peek() == '"') {
      for (++at;; ++at) {
        if (at >= text.size()) throw_identifier(text, "String has unclosed double quotes.");
        if (text[at] == '"' && (at + 1 >= text.size() || text[at + 1] != '"')) break;
        if (text[at] == '"') ++at;
        part += text[at];
      }
      ++at;
      if (part.empty()) throw_identifier(text, "Quoted identifier must not be empty.");
    } else if (begins_identifier(peek())) {
      size_t start = at;
      while (continues_identifier(peek())) ++at;
      part = std::string(text.substr(start, at - start));
      for (char& c : part) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    } else {
      throw_identifier(text, peek() == '.' ? "No valid identifier before \".\"." : after_dot ? "No valid identifier after \".\"." : nullptr);
    }
    parts.push_back(std::move(part));
    skip_blanks();
    if (peek() == '.') {
      after_dot = true;
      ++at;
      skip_blanks();
    } else if (at >= text.size() || !strict) {
      return parts;
    } else {
      throw_identifier(text, nullptr);
    }
  }
}

Value parse_ident(Call& call, std::span<const Value> row) {
  types::ArrayBuilder list(types::oid::kText);
  auto parts = identifiers(row[0].text(), row[1].boolean);
  for (const auto& part : parts) list.add(types::string_value(part, call.arena()));
  return list.value(call.arena());
}

// --- unistr ---

[[noreturn]] void throw_surrogate() { throw SqlError(Sqlstate::SyntaxError, "invalid Unicode surrogate pair"); }

// The code at `at` behind the backslash; false when there is none.
bool read_code(Text text, size_t& at, char32_t& code) {
  size_t digits = 4;
  size_t from = at;
  if (from < text.size() && (text[from] == '+' || text[from] == 'u' || text[from] == 'U')) {
    digits = text[from] == '+' ? 6 : text[from] == 'U' ? 8 : 4;
    ++from;
  }
  if (from + digits > text.size()) return false;
  code = 0;
  for (size_t i = from; i < from + digits; ++i) {
    char c = text[i];
    int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    if (digit < 0) return false;
    code = code * 16 + static_cast<char32_t>(digit);
  }
  at = from + digits;
  return true;
}

std::string unistr(Text text) {
  std::string out;
  char32_t first = 0;  // of a surrogate pair
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || (at + 1 < text.size() && text[at + 1] == '\\')) {
      if (first != 0) throw_surrogate();
      out += text[at];
      at += text[at] == '\\' ? 2 : 1;
      continue;
    }
    ++at;
    char32_t code = 0;
    if (!read_code(text, at, code)) {
      throw SqlError(Sqlstate::SyntaxError, "invalid Unicode escape").hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
    }
    if (code > 0x10ffff || code == 0) {
      char hex[16];
      std::snprintf(hex, sizeof hex, "%04X", static_cast<unsigned>(code));
      throw SqlError(Sqlstate::InvalidParameterValue, std::string("invalid Unicode code point: ") + hex);
    }
    bool second = code >= 0xdc00 && code < 0xe000;
    if ((first != 0) != second) throw_surrogate();
    if (code >= 0xd800 && code < 0xdc00) {
      first = code;
      continue;
    }
    if (second) code = 0x10000 + ((first - 0xd800) << 10) + (code - 0xdc00);
    first = 0;
    utf8_append(code, out);
  }
  if (first != 0) throw_surrogate();
  return out;
}

// --- Normal forms ---

const UNormalizer2* normalizer(Text form) {
  std::string name = lower(form);
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* found = name == "nfc"    ? unorm2_getNFCInstance(&status)
                              : name == "nfd"  ? unorm2_getNFDInstance(&status)
                              : name == "nfkc" ? unorm2_getNFKCInstance(&status)
                              : name == "nfkd" ? unorm2_getNFKDInstance(&status)
                                               : nullptr;
  if (found == nullptr) throw SqlError(Sqlstate::InvalidParameterValue, "invalid normalization form: " + std::string(form));
  return found;
}

std::u16string to_utf16(Text text) {
  std::u16string out;
  for (size_t at = 0; at < text.size();) {
    char32_t code = types::utf8_decode(text, at);
    if (code >= 0x10000) {
      out += static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10));
      out += static_cast<char16_t>(0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      out += static_cast<char16_t>(code);
    }
  }
  return out;
}

std::u16string normalized(const std::u16string& source, Text form) {
  const UNormalizer2* with = normalizer(form);
  std::u16string out(source.size() * 18 + 16, u'\0');  // no form makes more than 18 units of one
  UErrorCode status = U_ZERO_ERROR;
  int32_t size = unorm2_normalize(with, source.data(), static_cast<int32_t>(source.size()), out.data(), static_cast<int32_t>(out.size()), &status);
  if (U_FAILURE(status)) throw SqlError(Sqlstate::InternalError, "could not normalize the string");
  out.resize(static_cast<size_t>(size));
  return out;
}

std::string normalize(Text text, Text form) {
  std::u16string units = normalized(to_utf16(text), form);
  std::string out;
  for (size_t i = 0; i < units.size(); ++i) {
    char32_t code = units[i];
    if (code >= 0xd800 && code < 0xdc00 && i + 1 < units.size()) {
      code = 0x10000 + ((code - 0xd800) << 10) + (units[i + 1] - 0xdc00);
      ++i;
    }
    utf8_append(code, out);
  }
  return out;
}

bool is_normalized(Text text, Text form) {
  std::u16string source = to_utf16(text);
  return normalized(source, form) == source;
}

// --- Binary forms: float4send and all its kin ---

Value send(Call& call, std::span<const Value> row) {
  const types::Type& type = call.context.site.arguments[0];
  const types::TypeInfo& info = types::type_info(type.oid);
  if (info.send == nullptr) throw_not_supported("the binary form of type " + types::format_type({type.oid}));
  std::string out;
  info.send(call.types(), row[0], type.oid, out);
  return types::string_value(out, call.arena());
}

constexpr ScalarBinding kBindings[] = {
    {"parse_ident", strict_value_kernel<parse_ident>},
    {"unistr", kernel<unistr>},
    {"unicode_normalize_func", kernel<normalize>},
    {"unicode_is_normalized", kernel<is_normalized>},
};

}  // namespace

std::span<const ScalarBinding> identifier_bindings() { return kBindings; }
ScalarKernel binary_form_kernel() { return strict_value_kernel<send>; }

}  // namespace aegis::functions
