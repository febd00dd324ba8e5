// The mixing of Bob Jenkins' lookup3, as PostgreSQL's hash functions use it.
#pragma once

#include <cstdint>

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
