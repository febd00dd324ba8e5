// Encodings and the conversions between them, as PostgreSQL numbers and names them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "aegis/base/ids.h"

namespace aegis::functions {

struct Encoding {
  int32_t number;
  std::string_view name;   // "UTF8"
  const char* converter;   // the C library's name; null: no text can be converted
};
inline constexpr int32_t kUtf8Encoding = 6;

// By any of its spellings; null when there is none.
const Encoding* find_encoding(std::string_view name);
const Encoding* find_encoding(int32_t number);

struct Conversion {
  Oid oid;
  std::string_view name;
  int32_t source, target;
  Oid function;
};
std::span<const Conversion> built_in_conversions();
const Conversion* find_conversion(std::string_view name);
// Whether that function (by its OID) converts between these.
bool converts(Oid function, int32_t source, int32_t target);

// Throws 22021 for bytes that are none of the encoding.
void verify_encoding(const Encoding& encoding, std::string_view bytes);
// Throws 22021, 22P05 for what the target does not have, or 42883 where there is no such conversion.
std::string convert_encoding(const Encoding& source, const Encoding& target, std::string_view bytes);

}  // namespace aegis::functions
