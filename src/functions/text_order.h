// The byte order of strings, which is the order of code points.
#pragma once

#include <cstring>

#include "call.h"

namespace aegis::functions {

inline int order_bytes(Text a, Text b) {
  size_t common = a.size() < b.size() ? a.size() : b.size();
  if (int order = std::memcmp(a.data(), b.data(), common); order != 0) return order;
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

// The first four bytes decide most comparisons without following a pointer.
inline int order_strings(const StringView& a, const StringView& b) {
  uint32_t x = __builtin_bswap32(static_cast<uint32_t>(a.head() >> 32));
  uint32_t y = __builtin_bswap32(static_cast<uint32_t>(b.head() >> 32));
  if (x != y) return x < y ? -1 : 1;
  return order_bytes(a.view(), b.view());
}

inline int order_blank_padded(const StringView& a, const StringView& b) {
  if (a.view() == b.view()) return 0;
  return order_bytes(types::trim_trailing_blanks(a.view()), types::trim_trailing_blanks(b.view()));
}

}  // namespace aegis::functions
