// Bit strings as values: a u32 count of bits and the bits, the last byte filled up with zeros.
#pragma once

#include <string>
#include <string_view>

#include "aegis/types/type.h"

namespace aegis::types {

struct BitString {
  uint32_t count = 0;
  std::string_view bytes;
  bool bit(uint32_t i) const { return ((static_cast<uint8_t>(bytes[i / 8]) >> (7 - i % 8)) & 1) != 0; }
};
BitString read_bits(std::string_view bytes);
// Cuts or fills `bytes` with zeros.
std::string bit_string(uint32_t count, std::string bytes);
int compare_bits(std::string_view a, std::string_view b);
// To bit(n) or bit varying(n).
Value fit_bits(std::string_view bytes, int32_t typmod, bool varying, CastKind kind, Arena& arena);

}  // namespace aegis::types
