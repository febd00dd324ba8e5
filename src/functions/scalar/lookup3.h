// The mixing of Bob Jenkins' lookup3, as PostgreSQL's hash functions use it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace aegis::functions {

struct Lookup3 {
  uint32_t a, b, c;

  explicit Lookup3(uint32_t length) { a = b = c = 0x9e3779b9 + length + 3923095; }
  static constexpr uint32_t rotate(uint32_t x, int k) { return (x << k) | (x >> (32 - k)); }
  void mix() {
    a -= c; a ^= rotate(c, 4); c += b;
    b -= a; b ^= rotate(a, 6); a += c;
    c -= b; c ^= rotate(b, 8); b += a;
    a -= c; a ^= rotate(c, 16); c += b;
    b -= a; b ^= rotate(a, 19); a += c;
    c -= b; c ^= rotate(b, 4); b += a;
  }
  // All bytes, before finish().
  void add(std::string_view bytes) {
    const char* data = bytes.data();
    size_t left = bytes.size();
    auto word = [&](size_t at) {
      uint32_t value;
      std::memcpy(&value, data + at, 4);
      return value;
    };
    for (; left >= 12; left -= 12, data += 12) {
      a += word(0);
      b += word(4);
      c += word(8);
      mix();
    }
    for (size_t i = 0; i < left; ++i) {
      uint32_t byte = static_cast<unsigned char>(data[i]);
      if (i < 4) {
        a += byte << (8 * i);
      } else if (i < 8) {
        b += byte << (8 * (i - 4));
      } else {
        c += byte << (8 * (i - 8) + 8);  // its lowest byte is the length's
      }
    }
  }
  void finish() {
    c ^= b; c -= rotate(b, 14);
    a ^= c; a -= rotate(c, 11);
    b ^= a; b -= rotate(a, 25);
    c ^= b; c -= rotate(b, 16);
    a ^= c; a -= rotate(c, 4);
    b ^= a; b -= rotate(a, 14);
    c ^= b; c -= rotate(b, 24);
  }
};

}  // namespace aegis::functions
